import { finding } from '@yinglian/core';
import { sql } from 'kysely';
import { z } from 'zod';
import type { Queryable } from '../../kernel/database/database.ts';
import { conflict, invalid } from '../../kernel/refusal.ts';
import { issueInput } from '../issue.ts';
import type { KeyRequest } from './request.ts';

/** New ends on the clocks of the cinemas; what is left out stays. */
export type KeyChange = {
  readonly notBefore?: string | undefined;
  readonly notAfter?: string | undefined;
};
export type ChangeRequest = {
  readonly request: KeyRequest;
  readonly reason: 'extended' | 'shortened';
  /** Keys that a cinema may hold already. */
  readonly held: number;
};

type Row = {
  package_id: string;
  screen_id: string;
  opens: string;
  closes: string;
  in_use: boolean;
  held: boolean;
  job_id: string;
  siblings: string[];
};

const before = issueInput
  .pick({
    formulation: true,
    forensicPicture: true,
    forensicSound: true,
  })
  .catch({ formulation: 'modified-transitional-1', forensicPicture: true, forensicSound: true });

/**
 * The orders that change some keys, one for each package, window and way of issuing. A package of
 * several compositions changes with all of them: half of it would not play.
 */
export async function changeRequests(
  database: Queryable,
  keyIds: readonly string[],
  change: KeyChange,
): Promise<ChangeRequest[]> {
  if (change.notBefore === undefined && change.notAfter === undefined) {
    throw invalid(finding('missing_window_change', 'error', { at: { field: 'notAfter' } }));
  }
  const rows = await readChanged(database, keyIds);
  if (rows.some((row) => !row.in_use)) throw conflict(finding('superseded_key', 'error'));
  const made = await readOptions(database, [...new Set(rows.map((row) => row.job_id))]);
  const groups = new Map<string, ChangeRequest & { held: number; screens: Set<string> }>();
  for (const row of rows) {
    const opens = change.notBefore ?? row.opens;
    const closes = change.notAfter ?? row.closes;
    if (opens === row.opens && closes === row.closes) continue;
    const options = made.get(row.job_id) ?? before.parse({});
    const shortened = opens > row.opens || closes < row.closes;
    const reason = shortened ? ('shortened' as const) : ('extended' as const);
    const name = JSON.stringify([row.package_id, opens, closes, options, reason]);
    const group = groups.get(name) ?? {
      reason,
      held: 0,
      screens: new Set<string>(),
      request: {
        packageId: row.package_id,
        notBefore: opens,
        notAfter: closes,
        ...options,
        screenIds: [] as string[],
        replaces: [] as string[],
      },
    };
    groups.set(name, group);
    group.held += row.held ? 1 : 0;
    if (group.screens.has(row.screen_id)) continue;
    group.screens.add(row.screen_id);
    group.request.screenIds.push(row.screen_id);
    (group.request.replaces as string[]).push(...row.siblings);
  }
  if (groups.size === 0) throw conflict(finding('unchanged_window', 'error'));
  return [...groups.values()].map(({ request, reason, held }) => ({ request, reason, held }));
}

async function readChanged(database: Queryable, keyIds: readonly string[]): Promise<Row[]> {
  const format = sql.lit('YYYY-MM-DD"T"HH24:MI');
  const result = await sql<Row>`
    select key.package_id, key.screen_id, key.job_id,
      to_char(key.not_before at time zone cinema.time_zone, ${format}) as opens,
      to_char(key.not_after at time zone cinema.time_zone, ${format}) as closes,
      key.superseded_at is null and key.withdrawn_at is null as in_use,
      exists (select 1 from distribution.site_key where key_id = key.id)
        or exists (select 1 from distribution.key_mail_key where key_id = key.id)
        or exists (select 1 from distribution.key_link_key where key_id = key.id) as held,
      (select array_agg(sibling.id) from distribution.key as sibling
        where sibling.package_id = key.package_id and sibling.screen_id = key.screen_id
          and sibling.not_before = key.not_before and sibling.not_after = key.not_after
          and sibling.superseded_at is null and sibling.withdrawn_at is null) as siblings
    from distribution.key
    join exhibition.screen on screen.id = key.screen_id
    join exhibition.cinema on cinema.id = screen.cinema_id
    where key.id = any(${[...keyIds]}::uuid[])
    order by key.package_id, key.screen_id, key.id`.execute(database);
  return result.rows;
}

/** How jobs issued. Their input may name a nation's screens: it is read once, in the database. */
async function readOptions(
  database: Queryable,
  jobIds: readonly string[],
): Promise<ReadonlyMap<string, KeptOptions>> {
  const result = await sql<{ id: string; options: unknown }>`
    select id, json_build_object('formulation', input->'formulation',
      'forensicPicture', input->'forensicPicture',
      'forensicSound', input->'forensicSound') as options
    from kernel.job where id = any(${[...jobIds]}::uuid[])`.execute(database);
  return new Map(result.rows.map((row) => [row.id, before.parse(row.options)]));
}

/** For the type of what a job kept. */
export type KeptOptions = z.output<typeof before>;
