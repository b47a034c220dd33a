import type pg from 'pg';
import { MODULES } from '../database/migrations.ts';

/** Every schema with records. The queue is no record: its messages are made anew from the jobs. */
export const RECORD_SCHEMAS: readonly string[] = [...MODULES, 'identity'];

/** A table of records as the database describes it. Names are quoted where they need it. */
export type RecordTable = {
  /** `kernel.audit` */
  readonly name: string;
  readonly columns: readonly string[];
  /** What its rows are sorted by: with ids that grow, a row stands behind the one it names. */
  readonly key: readonly string[];
};

type TableRow = { name: string; columns: string[]; key: string[] | null };

/** The tables, each behind those that its foreign keys lead to. */
export async function recordTables(client: pg.ClientBase): Promise<RecordTable[]> {
  const { rows } = await client.query<TableRow>(
    `
    select c.oid::regclass::text as name,
      (select array_agg(quote_ident(a.attname) order by a.attnum) from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '')
        as columns,
      (select array_agg(quote_ident(a.attname) order by k.ordinal)
        from pg_index i, unnest(i.indkey) with ordinality as k (attnum, ordinal)
        join pg_attribute a on a.attnum = k.attnum and a.attrelid = c.oid
        where i.indrelid = c.oid and i.indisprimary) as key
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname = any($1)
    order by 1`,
    [[...RECORD_SCHEMAS]],
  );
  const links = await client.query<{ from: string; to: string }>(`
    select conrelid::regclass::text as from, confrelid::regclass::text as to
    from pg_constraint where contype = 'f' and conrelid <> confrelid`);
  const tables = new Map(
    rows.map((row): [string, RecordTable] => [
      row.name,
      { name: row.name, columns: row.columns, key: row.key ?? [] },
    ]),
  );
  const ordered: RecordTable[] = [];
  const visited = new Set<string>();
  const visit = (name: string): void => {
    const table = tables.get(name);
    if (table === undefined || visited.has(name)) return;
    visited.add(name);
    for (const link of links.rows) if (link.from === name) visit(link.to);
    ordered.push(table);
  };
  for (const name of tables.keys()) visit(name);
  return ordered;
}

export type SequenceState = {
  readonly name: string;
  readonly value: string;
  readonly called: boolean;
};

export async function recordSequences(client: pg.ClientBase): Promise<SequenceState[]> {
  const { rows } = await client.query<{ name: string }>(
    `
    select c.oid::regclass::text as name from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'S' and n.nspname = any($1) order by 1`,
    [[...RECORD_SCHEMAS]],
  );
  const states: SequenceState[] = [];
  for (const { name } of rows) {
    const state = await client.query<{ value: string; called: boolean }>(
      `select last_value::text as value, is_called as called from ${name}`,
    );
    const { value = '1', called = false } = state.rows[0] ?? {};
    states.push({ name, value, called });
  }
  return states;
}
