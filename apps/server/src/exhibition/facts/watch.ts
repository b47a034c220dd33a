import { type Finding } from '@yinglian/core';
import { WATCH_WARN_DAYS, watchCertificate, type WatchList } from '@yinglian/facility';
import { sql } from 'kysely';
import { z } from 'zod';
import type { RequireAccess } from '../../kernel/access/access.ts';
import { type Context, systemContext } from '../../kernel/context.ts';
import type { Database, Queryable } from '../../kernel/database/database.ts';
import { wireFinding } from '../../kernel/http/problems.ts';
import { defineJob } from '../../kernel/jobs/definition.ts';
import { afterName, type Page, pageOf, type PageQuery } from '../../kernel/pages.ts';
import { jsonText, type Write } from '../../kernel/write.ts';
import { trustedNow } from './trusted.ts';

export type WatchParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly now: () => Date;
};

type WatchFilter = {
  readonly cinemaId?: string | undefined;
  readonly circuitId?: string | undefined;
  readonly code?: string | undefined;
};
type Watched = {
  readonly screenId: string;
  readonly screenName: string;
  readonly cinemaId: string;
  readonly cinemaName: string;
  readonly circuitName: string | null;
  readonly keeperId: string;
  readonly maker: string | null;
  readonly thumbprint: string | null;
  readonly notAfter: Date | null;
  readonly notBefore: Date | null;
  readonly roles: readonly string[];
  readonly keysOfFormer: number;
};

/** Screens looked at in one query; most need nothing. */
const SCREENS_A_READ = 2000;
/** Screens looked at for one page at the most: a page answers even where all is well. */
const READS_A_PAGE = 60;
const EXPORT_MAX = 100_000;
/** Live signals of one look; the list has them all. */
const SIGNALS_MAX = 200;

export type WatchService = ReturnType<typeof createWatchService>;

/** Certificates that expired or will, are of another kind or of nobody that the network trusts. */
export function createWatchService(parts: WatchParts) {
  const { database, write, requireAccess, now } = parts;
  const look = () => lookAll(parts);
  const job = defineJob({
    kind: 'exhibition.watch_certificates',
    input: z.object({}),
    run: async () => look(),
  });

  const watched = async (
    filter: WatchFilter,
    after: readonly [string, string] | undefined,
    limit: number,
  ) => {
    const list = await watchList(database, now());
    const rows: { readonly row: Watched; readonly findings: readonly Finding[] }[] = [];
    let from = after;
    let scanned: readonly [string, string] | undefined;
    for (let reads = 0; reads < READS_A_PAGE && rows.length <= limit; reads++) {
      const screens = await readWatched(database, filter, from);
      for (const row of screens) {
        const findings = findingsOf(row, list);
        const wanted =
          filter.code === undefined ? findings.length > 0 : findings.some(isOf(filter.code));
        if (wanted) rows.push({ row, findings });
      }
      const last = screens.at(-1);
      if (screens.length < SCREENS_A_READ || last === undefined) break;
      from = keyOf(last);
      scanned = from;
    }
    return { rows, scanned };
  };

  return {
    job,
    look,

    async watch(context: Context, query: PageQuery & WatchFilter): Promise<Page<WatchRow>> {
      await requireAccess(context, 'exhibition.read');
      const { rows } = await watched(query, afterName(query), query.limit);
      return pageOf(
        rows,
        query,
        (each) => keyOf(each.row),
        (each) => viewOf(each.row, each.findings),
      );
    },

    async all(context: Context, filter: WatchFilter): Promise<WatchRow[]> {
      await requireAccess(context, 'exhibition.read');
      const { rows } = await watched(filter, undefined, EXPORT_MAX);
      return rows.map((each) => viewOf(each.row, each.findings));
    },

    async lookNow(context: Context): Promise<{ jobId: string }> {
      await requireAccess(context, 'exhibition.write');
      return write(context, async (work) => {
        work.audit({
          action: 'exhibition.certificates_watched',
          subjectKind: 'organisation',
          subjectId: context.organisation?.id ?? '',
        });
        return { jobId: await work.enqueue(job, {}) };
      });
    },
  };
}

export type WatchRow = ReturnType<typeof viewOf>;

const isOf = (code: string) => (each: Finding) => each.code === code;
const keyOf = (row: Watched) => [`${row.cinemaName} ${row.screenName}`, row.screenId] as const;

function viewOf(row: Watched, findings: readonly Finding[]) {
  return {
    screenId: row.screenId,
    screenName: row.screenName,
    cinemaId: row.cinemaId,
    cinemaName: row.cinemaName,
    circuitName: row.circuitName,
    maker: row.maker,
    thumbprint: row.thumbprint,
    notAfter: row.notAfter?.toISOString() ?? null,
    findings: findings.map(wireFinding),
  };
}

function findingsOf(row: Watched, list: WatchList): Finding[] {
  const { thumbprint, notAfter, notBefore, roles, maker, keysOfFormer } = row;
  if (thumbprint === null || notAfter === null || notBefore === null) {
    return watchCertificate(undefined, list);
  }
  return watchCertificate(
    {
      thumbprint,
      notBefore: notBefore.getTime(),
      notAfter: notAfter.getTime(),
      roles,
      maker: maker ?? undefined,
      keysOfFormer,
    },
    list,
  );
}

async function watchList(database: Queryable, now: Date): Promise<WatchList> {
  const trusted = await trustedNow(database);
  const makers = new Set(trusted?.flatMap((each) => each.maker?.toLowerCase() ?? []));
  return {
    now: now.getTime(),
    trusted: trusted === undefined ? undefined : new Set(trusted.map((each) => each.thumbprint)),
    makers: makers.size === 0 ? undefined : makers,
    warnDays: WATCH_WARN_DAYS,
  };
}

async function readWatched(
  database: Queryable,
  { cinemaId, circuitId }: WatchFilter,
  after: readonly [string, string] | undefined,
): Promise<Watched[]> {
  const result = await sql<Watched & { keys: bigint }>`
    select screen.id as "screenId", screen.name as "screenName", cinema.id as "cinemaId",
      cinema.name as "cinemaName", circuit.name as "circuitName", cinema.keeper_id as "keeperId",
      device.maker, device.thumbprint, device.not_after as "notAfter",
      device.not_before as "notBefore", coalesce(device.roles, '{}') as roles,
      (select count(*) from distribution.key as former
        where former.screen_id = screen.id and former.not_after > now()
          and former.device_thumbprint <> device.thumbprint
          and not exists (select 1 from distribution.key as fresh
            where fresh.screen_id = screen.id and fresh.package_id = former.package_id
              and fresh.composition_id = former.composition_id
              and fresh.device_thumbprint = device.thumbprint
              and fresh.not_after > now())) as keys
    from exhibition.screen
    join exhibition.cinema on cinema.id = screen.cinema_id
    left join exhibition.circuit on circuit.id = cinema.circuit_id
    left join exhibition.device on device.screen_id = screen.id and device.removed_at is null
      and device.kind = 'media_block'
    where ${cinemaId === undefined ? sql`true` : sql`cinema.id = ${cinemaId}`}
      and ${circuitId === undefined ? sql`true` : sql`cinema.circuit_id = ${circuitId}`}
      and ${
        after === undefined
          ? sql`true`
          : sql`(cinema.name || ' ' || screen.name, screen.id) > (${after[0]}, ${after[1]}::uuid)`
      }
    order by cinema.name || ' ' || screen.name, screen.id limit ${SCREENS_A_READ}`.execute(
    database,
  );
  return result.rows.map((row) => ({ ...row, keysOfFormer: Number(row.keys) }));
}

/** A screen without a device is no alarm: it may show nothing that needs a key. */
const NO_ALARM: ReadonlySet<string> = new Set(['missing_watched_certificate']);

/** Raises what is new and clears what is over, screen by screen through the whole register. */
async function lookAll(parts: WatchParts): Promise<{ raised: number; cleared: number }> {
  const { database, write, now } = parts;
  const list = await watchList(database, now());
  let after: readonly [string, string] | undefined;
  let [raised, cleared] = [0, 0];
  for (;;) {
    const screens = await readWatched(database, {}, after);
    if (screens.length === 0) break;
    const wrong = screens.flatMap((row) =>
      findingsOf(row, list)
        .filter((each) => !NO_ALARM.has(each.code))
        .map((each) => ({
          screenId: row.screenId,
          thumbprint: row.thumbprint ?? '',
          code: each.code,
        })),
    );
    const keepers = new Map(screens.map((row) => [row.screenId, row.keeperId]));
    const counts = await write(systemContext(), async (work) => {
      const at = now();
      const fresh = await sql<{ screen_id: string; code: string }>`
        insert into exhibition.certificate_alarm (screen_id, thumbprint, code, raised_at)
        select (each->>'screenId')::uuid, each->>'thumbprint', each->>'code', ${at}
        from json_array_elements(${jsonText(wrong)}::json) as each
        on conflict (screen_id, thumbprint, code) where cleared_at is null do nothing
        returning screen_id, code`.execute(work.transaction);
      const over = await sql`
        update exhibition.certificate_alarm as alarm set cleared_at = ${at}
        where alarm.cleared_at is null
          and alarm.screen_id = any(${screens.map((row) => row.screenId)}::uuid[])
          and not exists (select 1 from json_array_elements(${jsonText(wrong)}::json) as each
            where (each->>'screenId')::uuid = alarm.screen_id
              and each->>'thumbprint' = alarm.thumbprint and each->>'code' = alarm.code)
      `.execute(work.transaction);
      for (const { screen_id: id, code } of fresh.rows.slice(0, SIGNALS_MAX)) {
        const organisationId = keepers.get(id) ?? null;
        work.changed({ kind: 'certificate_alarm', id, organisationId });
        work.audit({
          action: 'exhibition.certificate_alarm',
          subjectKind: 'screen',
          subjectId: id,
          ...(organisationId === null ? {} : { organisationId }),
          facts: { code },
        });
      }
      return { raised: fresh.rows.length, cleared: Number(over.numAffectedRows ?? 0n) };
    });
    raised += counts.raised;
    cleared += counts.cleared;
    after = keyOf(screens.at(-1)!);
    if (screens.length < SCREENS_A_READ) break;
  }
  return { raised, cleared };
}
