import type { showSchema } from '@yinglian/contract';
import { judgeShow, type Light, type ShowFacts, type ShowReadiness } from '@yinglian/release';
import { type RawBuilder, sql } from 'kysely';
import type { z } from 'zod';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import { type ChangeListener, jsonText } from '../../kernel/write.ts';

export type ShowRecord = z.output<typeof showSchema>;

export const LIGHTS: readonly Light[] = ['green', 'amber', 'red'];
export const rankOf = (light: Light) => LIGHTS.indexOf(light);

/** Shows judged in one round: each carries its keys, and a round must not fill the memory. */
const SHOWS_A_ROUND = 5000;

/** Judges the shows of some screens again. */
export async function judgeShowsOf(
  transaction: Transaction,
  screenIds: readonly string[],
): Promise<void> {
  if (screenIds.length === 0) return;
  await judgeShows(transaction, sql`show.screen_id = any(${[...screenIds]}::uuid[])`);
}

/**
 * What other records change on the board: a cinema's or a screen's equipment, a film's packages.
 * Keys and bookings judge their own screens.
 */
export const judgeOnChange: ChangeListener = async (transaction, changes) => {
  const of = (kind: string) => changes.filter((each) => each.kind === kind);
  const cinemas = of('cinema').map((each) => each.id);
  const films = of('package').flatMap((each) => each.filmId ?? []);
  await judgeShowsOf(
    transaction,
    of('screen').map((each) => each.id),
  );
  if (cinemas.length > 0) {
    await judgeShows(transaction, sql`show.cinema_id = any(${cinemas}::uuid[])`);
  }
  if (films.length > 0) await judgeShows(transaction, sql`show.film_id = any(${films}::uuid[])`);
};

/** All shows of a national release go through in rounds; yesterday's are left as they were. */
async function judgeShows(transaction: Transaction, scope: RawBuilder<unknown>): Promise<void> {
  let after: string | undefined;
  for (;;) {
    const rows = await readShowFacts(transaction, scope, after);
    if (rows.length === 0) return;
    await writeLights(
      transaction,
      rows.map((row) => ({
        id: row.id,
        readiness: judgeShow(factsOf(row)),
      })),
    );
    after = rows.at(-1)!.id;
    if (rows.length < SHOWS_A_ROUND) return;
  }
}

type FactsRow = {
  id: string;
  film_id: string | null;
  starts_at: Date;
  ends_at: Date;
  package_id: string | null;
  encrypted: boolean | null;
  withdrawn: boolean | null;
  site_state: string | null;
  has_site: boolean | null;
  thumbprint: string | null;
  device_not_after: Date | null;
  keys: { thumbprint: string; from: number; to: number; received: boolean }[] | null;
};

/**
 * The package of a show is the one its cinema's confirmed booking leads to: the film's passed
 * package, newest first, and the newest withdrawn one where no other is left.
 */
async function readShowFacts(
  database: Queryable,
  scope: RawBuilder<unknown>,
  after: string | undefined,
): Promise<FactsRow[]> {
  const result = await sql<FactsRow>`
    select show.id, show.film_id, show.starts_at, show.ends_at, film.id as package_id,
      film.encrypted,
      film.withdrawn_at is not null as withdrawn, device.thumbprint,
      device.not_after as device_not_after, held.state as site_state, held.sites > 0 as has_site,
      (select json_agg(json_build_object('thumbprint', key.device_thumbprint,
          'from', extract(epoch from key.not_before) * 1000,
          'to', extract(epoch from key.not_after) * 1000,
          'received', exists (select 1 from distribution.site_key where key_id = key.id)))
        from distribution.key
        where key.screen_id = show.screen_id and key.package_id = film.id
          and key.withdrawn_at is null and key.superseded_at is null) as keys
    from distribution.show
    left join exhibition.device on device.screen_id = show.screen_id
      and device.removed_at is null and device.kind = 'media_block'
    left join lateral (
      -- The show's day counts from six: late shows belong to the evening before.
      select booking.film_version_id from distribution.booking
      join exhibition.cinema on cinema.id = booking.cinema_id
      where booking.cinema_id = show.cinema_id and booking.film_id = show.film_id
        and booking.state = 'confirmed' and show.screen_id = any(booking.screen_ids)
        and (show.starts_at at time zone cinema.time_zone - interval '6 hours')::date
          between booking.first_day and booking.last_day
      order by booking.updated_at desc limit 1
    ) as booked on true
    left join lateral (
      select package.id, package.encrypted, package.withdrawn_at, package.original_ids
      from distribution.package
      where package.film_id = show.film_id and package.state = 'passed'
      order by (package.film_version_id = booked.film_version_id) is true desc,
        (package.withdrawn_at is null) desc, package.created_at desc limit 1
    ) as film on true
    left join lateral (
      select count(*) as sites,
        (array_agg(held.state order by held.state = 'verified' desc)
          filter (where held.state is not null))[1] as state
      from distribution.site
      left join lateral (
        -- A version file is there when its originals are there too.
        select case when count(*) filter (where state = 'verified')
            > cardinality(film.original_ids) then 'verified'
          when bool_or(state in ('verified', 'arriving')) then 'arriving' end as state
        from distribution.site_package
        where site_id = site.id and (package_id = film.id or package_id = any(film.original_ids))
      ) as held on true
      where site.cinema_id = show.cinema_id and site.revoked_at is null) as held on true
    where ${scope} and show.ends_at > now() - interval '1 day'
      and ${after === undefined ? sql`true` : sql`show.id > ${after}::uuid`}
    order by show.id limit ${SHOWS_A_ROUND}`.execute(database);
  return result.rows;
}

/** Without an agent nobody but the cinema knows whether a disk has come. */
function packageStateOf(row: FactsRow): ShowFacts['package'] {
  if (row.film_id === null) return 'foreign';
  if (row.package_id === null) return 'missing';
  if (row.withdrawn === true) return 'withdrawn';
  if (row.has_site !== true) return 'unknown';
  if (row.site_state === 'verified') return 'verified';
  return row.site_state === 'arriving' ? 'arriving' : 'missing';
}

function factsOf(row: FactsRow): ShowFacts {
  return {
    startsAt: row.starts_at.getTime(),
    endsAt: row.ends_at.getTime(),
    package: packageStateOf(row),
    encrypted: row.encrypted ?? true,
    device:
      row.thumbprint === null || row.device_not_after === null
        ? null
        : { thumbprint: row.thumbprint, certificateUntil: row.device_not_after.getTime() },
    keys: (row.keys ?? []).map((key) => ({
      thumbprint: key.thumbprint,
      notBefore: Number(key.from),
      notAfter: Number(key.to),
      received: key.received,
    })),
  };
}

async function writeLights(
  transaction: Transaction,
  judged: readonly { readonly id: string; readonly readiness: ShowReadiness }[],
): Promise<void> {
  const rows = judged.map(({ id, readiness }) => ({
    id,
    package: rankOf(readiness.package),
    key: rankOf(readiness.key),
    window: rankOf(readiness.window),
    worst: rankOf(readiness.worst),
    findings: readiness.findings,
  }));
  await sql`
    update distribution.show set package_light = (each->>'package')::smallint,
      key_light = (each->>'key')::smallint, window_light = (each->>'window')::smallint,
      worst = (each->>'worst')::smallint, findings = each->'findings'
    from json_array_elements(${jsonText(rows)}::json) as each
    where show.id = (each->>'id')::uuid`.execute(transaction);
}

export type NewShow = {
  readonly id: string;
  readonly screenId: string;
  readonly filmId: string | null;
  readonly title: string;
  readonly startsAt: string;
  readonly endsAt: string;
};

/** Puts a cinema's shows in the place of those that begin in a span of time. */
export async function replaceShows(
  transaction: Transaction,
  cinemaId: string,
  span: { readonly from: string; readonly until: string },
  shows: readonly NewShow[],
): Promise<void> {
  await sql`
    delete from distribution.show where cinema_id = ${cinemaId}
      and starts_at >= ${span.from}::timestamptz and starts_at < ${span.until}::timestamptz
  `.execute(transaction);
  await sql`
    insert into distribution.show (id, cinema_id, screen_id, film_id, title, starts_at, ends_at)
    select (each->>'id')::uuid, ${cinemaId}::uuid, (each->>'screenId')::uuid,
      (each->>'filmId')::uuid, each->>'title', (each->>'startsAt')::timestamptz,
      (each->>'endsAt')::timestamptz
    from json_array_elements(${jsonText(shows)}::json) as each`.execute(transaction);
}

/** Films of a programme: by the code of one of their versions, upper case. */
export async function filmsByCode(
  database: Queryable,
  codes: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const result = await sql<{ code: string; film_id: string }>`
    select upper(film_code) as code, film_id from film.version
    where upper(film_code) = any(${codes.map((each) => each.toUpperCase())}::text[])
  `.execute(database);
  return new Map(result.rows.map((row) => [row.code, row.film_id]));
}

/** Marks a show and gives what a signal about it needs. */
export async function markHelp(
  transaction: Transaction,
  id: string,
  now: Date,
): Promise<{ readonly filmId: string | null } | undefined> {
  const result = await sql<{ film_id: string | null }>`
    update distribution.show set help_asked_at = ${now} where id = ${id} returning film_id
  `.execute(transaction);
  const row = result.rows[0];
  return row === undefined ? undefined : { filmId: row.film_id };
}
