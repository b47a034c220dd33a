import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely';

/** Records by their creation, the newest first, as every hall lists its own. */
export type Listing = {
  readonly organisationId: string;
  readonly filmId?: string | undefined;
  readonly ids?: readonly string[] | undefined;
  /** The last row of the page before: its moment as PostgreSQL writes it, and its id. */
  readonly after?: readonly [createdAt: string, id: string] | undefined;
  readonly limit: number;
};

/** A row with the moment that the next page goes on after. */
export type Listed<Row> = { readonly row: Row; readonly sortKey: string };

/** Of the table (or its alias): what was asked for, from the page asked for on. */
export function listedBy(
  table: string,
  { filmId, ids, after }: Omit<Listing, 'organisationId' | 'limit'>,
): RawBuilder<boolean> {
  const column = (name: string): RawBuilder<unknown> => sql.ref(`${table}.${name}`);
  const conditions = [
    ...(filmId === undefined ? [] : [sql`${column('film_id')} = ${filmId}`]),
    ...(ids === undefined ? [] : [sql`${column('id')} = any(${[...ids]}::uuid[])`]),
    ...(after === undefined
      ? []
      : [
          sql`(${column('created_at')}, ${column('id')})
          < (${after[0]}::timestamptz, ${after[1]}::uuid)`,
        ]),
  ];
  return conditions.length === 0
    ? sql<boolean>`true`
    : sql<boolean>`(${sql.join(conditions, sql` and `)})`;
}

/** The end of the query: one row more than asked shows that there is a next page. */
export function newestFirst(table: string, limit: number): RawBuilder<unknown> {
  const column = (name: string): RawBuilder<unknown> => sql.ref(`${table}.${name}`);
  return sql`order by ${column('created_at')} desc, ${column('id')} desc limit ${limit + 1}`;
}

/** Both upon a query of kysely, with the sort key among its columns. */
export function listed<Tables, Table extends keyof Tables, Row>(
  query: SelectQueryBuilder<Tables, Table, Row>,
  table: string,
  asked: Omit<Listing, 'organisationId'>,
): SelectQueryBuilder<Tables, Table, Row & { sort_key: string }> {
  const created = sql.ref(`${table}.created_at`);
  return query
    .select(sql<string>`${created}::text`.as('sort_key'))
    .where(listedBy(table, asked))
    .orderBy(created, 'desc')
    .orderBy(sql.ref(`${table}.id`), 'desc')
    .limit(asked.limit + 1) as SelectQueryBuilder<Tables, Table, Row & { sort_key: string }>;
}
