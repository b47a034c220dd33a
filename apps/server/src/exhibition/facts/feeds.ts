import type { sourceSchema } from '@yinglian/contract';
import { type Cryptography, finding, type Finding, hasErrors } from '@yinglian/core';
import { readSiteList, sitesChangedSince } from '@yinglian/facility';
import { sql } from 'kysely';
import { z } from 'zod';
import type { RequireAccess } from '../../kernel/access/access.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database, Queryable } from '../../kernel/database/database.ts';
import type { Outside } from '../../kernel/events/outside.ts';
import { defineJob, type JobDefinition, type JobRun } from '../../kernel/jobs/definition.ts';
import { type Listed, listedBy, type Listing, newestFirst } from '../../kernel/listing.ts';
import { afterInstant, type Page, pageOfListed, type PageQuery } from '../../kernel/pages.ts';
import { found, invalid, Refusal, versionConflict } from '../../kernel/refusal.ts';
import { jsonText, type Write } from '../../kernel/write.ts';
import type { FacilityService } from '../facilities.ts';
import { importFacilities } from '../import.ts';
import { readFacilityMessages } from '../messages.ts';

export type SourceRecord = z.output<typeof sourceSchema>;

export type FeedParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly outside: Outside;
  readonly cryptography: Cryptography;
  readonly facilities: FacilityService;
  readonly newId: () => string;
  readonly now: () => Date;
};

const pollInput = z.object({
  sourceId: z.uuid(),
  /** The version of the subscription that this round belongs to; null for one by hand. */
  round: z.number().int().nullable(),
});
type PollInput = z.output<typeof pollInput>;

const LIST_BYTES_MAX = 32 * 1024 * 1024;
const FINDINGS_MAX = 200;
/** Lists read in one round; those left over come with the next. */
const SITES_A_ROUND = 2000;
const MS_PER_MINUTE = 60_000;

type SourceRow = {
  id: string;
  version: number;
  created_at: Date;
  updated_at: Date;
  organisation_id: string;
  name: string;
  kind: SourceRecord['kind'];
  precedence: number;
  url: string | null;
  poll_minutes: number | null;
  enabled: boolean;
  etag: string | null;
  last_modified: string | null;
  changed_until: Date | null;
  polled_at: Date | null;
  outcome: string | null;
  findings: unknown;
  facts: bigint;
  sort_key: string;
};

async function listSources(database: Queryable, listing: Listing): Promise<Listed<SourceRecord>[]> {
  const result = await sql<SourceRow>`
    select source.*, source.created_at::text as sort_key,
      (select count(*) from exhibition.assertion where source_id = source.id
        and retracted_at is null) as facts
    from exhibition.source
    where source.organisation_id = ${listing.organisationId} and ${listedBy('source', listing)}
    ${newestFirst('source', listing.limit)}`.execute(database);
  return result.rows.map((row) => ({
    sortKey: row.sort_key,
    row: {
      id: row.id,
      version: row.version,
      createdAt: row.created_at.toISOString(),
      updatedAt: row.updated_at.toISOString(),
      name: row.name,
      kind: row.kind,
      precedence: row.precedence,
      url: row.url,
      pollMinutes: row.poll_minutes,
      enabled: row.enabled,
      polledAt: row.polled_at?.toISOString() ?? null,
      outcome: row.outcome,
      findings: row.findings as SourceRecord['findings'],
      facts: Number(row.facts),
    },
  }));
}

async function readSource(database: Queryable, id: string): Promise<SourceRow | undefined> {
  const result = await sql<SourceRow>`select * from exhibition.source where id = ${id}`.execute(
    database,
  );
  return result.rows[0];
}

export type FeedService = ReturnType<typeof createFeedService>;

/** Where facts come from, and the feeds of facility lists that are read again and again. */
export function createFeedService(parts: FeedParts) {
  const { database, write, requireAccess, outside, newId } = parts;
  const job = pollJob(parts);
  const one = async (queryable: Queryable, organisationId: string, id: string) =>
    found((await listSources(queryable, { organisationId, ids: [id], limit: 1 }))[0]?.row, { id });

  const requireOutside = async (url: string): Promise<void> => {
    const fault = await outside.fault(url);
    if (fault === undefined) return;
    const at = { field: 'url' };
    throw invalid(finding('unreachable_address', 'error', { facts: { reason: fault }, at }));
  };

  return {
    job,

    async sources(context: Context, query: PageQuery): Promise<Page<SourceRecord>> {
      const { organisationId } = await requireAccess(context, 'exhibition.read');
      const after = afterInstant(query);
      const rows = await listSources(database, { organisationId, after, limit: query.limit });
      return pageOfListed(rows, query);
    },

    async create(
      context: Context,
      feed: {
        readonly name: string;
        readonly url: string;
        readonly pollMinutes: number;
        readonly enabled: boolean;
        readonly precedence: number;
      },
    ): Promise<SourceRecord> {
      const { organisationId } = await requireAccess(context, 'exhibition.write');
      await requireOutside(feed.url);
      const id = newId();
      return write(context, async (work) => {
        await sql`insert into exhibition.source (id, organisation_id, name, kind, precedence, url,
            poll_minutes, enabled)
          values (${id}, ${organisationId}, ${feed.name}, 'feed', ${feed.precedence}, ${feed.url},
            ${feed.pollMinutes}, ${feed.enabled})`.execute(work.transaction);
        if (feed.enabled) await work.enqueue(job, { sourceId: id, round: 1 });
        const facts = { name: feed.name, url: new URL(feed.url).origin };
        work.audit({
          action: 'exhibition.feed_subscribed',
          subjectKind: 'source',
          subjectId: id,
          facts,
        });
        work.changed({ kind: 'source', id });
        return one(work.transaction, organisationId, id);
      });
    },

    async update(
      context: Context,
      id: string,
      change: {
        readonly version: number;
        readonly precedence: number;
        readonly enabled: boolean;
        readonly url: string | null;
        readonly pollMinutes: number | null;
      },
    ): Promise<SourceRecord> {
      const records = { kind: 'source', ids: [id] };
      const { organisationId } = await requireAccess(context, 'exhibition.write', records);
      const before = found(await readSource(database, id), { id });
      const isFeed = before.kind === 'feed';
      const url = isFeed ? (change.url ?? before.url) : null;
      if (url !== null && url !== before.url) await requireOutside(url);
      return write(context, async (work) => {
        const done = await sql`update exhibition.source
          set precedence = ${change.precedence}, enabled = ${change.enabled}, url = ${url},
            poll_minutes = ${isFeed ? (change.pollMinutes ?? before.poll_minutes) : null},
            etag = case when url = ${url} then etag end,
            last_modified = case when url = ${url} then last_modified end,
            version = version + 1, updated_at = now()
          where id = ${id} and version = ${change.version}`.execute(work.transaction);
        if (done.numAffectedRows !== 1n) {
          throw versionConflict(await one(work.transaction, organisationId, id), change);
        }
        const round = change.version + 1;
        if (isFeed && change.enabled) await work.enqueue(job, { sourceId: id, round });
        work.audit({
          action: 'exhibition.source_changed',
          subjectKind: 'source',
          subjectId: id,
          facts: { precedence: change.precedence, enabled: change.enabled },
        });
        work.changed({ kind: 'source', id });
        return one(work.transaction, organisationId, id);
      });
    },

    async poll(context: Context, id: string): Promise<{ jobId: string }> {
      await requireAccess(context, 'exhibition.write', { kind: 'source', ids: [id] });
      const source = found(await readSource(database, id), { id });
      if (source.url === null) throw invalid(finding('missing_feed_address', 'error'));
      return write(context, async (work) => {
        work.audit({ action: 'exhibition.feed_polled', subjectKind: 'source', subjectId: id });
        return { jobId: await work.enqueue(job, { sourceId: id, round: null }) };
      });
    },
  };
}

/** Reads a feed; a round of a subscription orders the next one first, whatever comes of it. */
function pollJob(parts: FeedParts): JobDefinition<PollInput> {
  const self: JobDefinition<PollInput> = defineJob({
    kind: 'exhibition.poll_feed',
    input: pollInput,
    retries: 1,
    async run(job) {
      const source = await readSource(parts.database, job.input.sourceId);
      if (source === undefined || source.url === null) return { outcome: 'gone' };
      const { round } = job.input;
      if (round !== null) {
        if (!source.enabled || source.version !== round) return { outcome: 'ended' };
        const minutes = source.poll_minutes ?? 1440;
        await job.write('order_next', async (work) => {
          const startAfter = new Date(parts.now().getTime() + minutes * MS_PER_MINUTE);
          return work.enqueue(self, job.input, { startAfter });
        });
      }
      return readFeed(parts, job, source, source.url);
    },
  });
  return self;
}

async function readFeed(
  parts: FeedParts,
  job: JobRun<PollInput>,
  source: SourceRow,
  url: string,
): Promise<{ outcome: string; cinemas: number }> {
  const { outside, now } = parts;
  const answer = await outside.get({
    url,
    headers: {
      'user-agent': 'yinglian',
      ...(source.etag === null ? {} : { 'if-none-match': source.etag }),
      ...(source.last_modified === null ? {} : { 'if-modified-since': source.last_modified }),
    },
    limitBytes: LIST_BYTES_MAX,
    signal: job.signal,
  });
  if ('fault' in answer || (answer.status !== 200 && answer.status !== 304)) {
    const outcome = 'fault' in answer ? answer.fault : String(answer.status);
    const findings = [finding('unreadable_feed', 'error', { facts: { reason: outcome } })];
    await keepOutcome(parts, job, source, { outcome, findings });
    await job.report(...findings);
    return { outcome, cinemas: 0 };
  }
  if (answer.status === 304) {
    await keepOutcome(parts, job, source, { outcome: 'unchanged', findings: [] });
    return { outcome: 'unchanged', cinemas: 0 };
  }
  const gathered = await gather(parts, job, source, answer.bytes);
  const read = readFacilityMessages(gathered.messages, now().getTime(), parts.cryptography);
  // One cinema's bad list must not keep the others': each is taken by itself.
  const findings: Finding[] = [...gathered.findings, ...read.findings];
  let taken = 0;
  for (const cinema of read.cinemas) {
    job.signal.throwIfAborted();
    const own = { cinemas: [cinema], findings: [] };
    const words = { kind: 'feed', name: source.name } as const;
    const counts = await taking(() =>
      importFacilities(parts.facilities, job.context, own, true, words),
    );
    findings.push(...counts.findings);
    if (!hasErrors(counts.findings)) taken += 1;
  }
  await keepOutcome(parts, job, source, {
    outcome: 'read',
    findings,
    etag: gathered.whole ? (answer.headers['etag'] ?? null) : null,
    lastModified: gathered.whole ? (answer.headers['last-modified'] ?? null) : null,
    changedUntil: gathered.changedUntil,
  });
  if (findings.length > 0) await job.report(...findings.slice(0, FINDINGS_MAX));
  return { outcome: 'read', cinemas: taken };
}

/** A cinema that may not be changed by whoever subscribed is told, and the rest goes on. */
async function taking(
  action: () => Promise<{ readonly findings: readonly Finding[] }>,
): Promise<{ readonly findings: readonly Finding[] }> {
  try {
    return await action();
  } catch (thrown) {
    if (thrown instanceof Refusal) return { findings: thrown.findings };
    throw thrown;
  }
}

type Gathered = {
  readonly messages: ReadonlyMap<string, Uint8Array>;
  readonly findings: readonly Finding[];
  readonly changedUntil: number | undefined;
  /** Whether everything that the list names was read. */
  readonly whole: boolean;
};

/** One list, or those that a site list names and that were changed since the round before. */
async function gather(
  parts: FeedParts,
  job: JobRun<PollInput>,
  source: SourceRow,
  bytes: Uint8Array,
): Promise<Gathered> {
  const list = readSiteList(bytes);
  if (!list.ok) {
    const messages = new Map([['', bytes]]);
    return { messages, findings: [], changedUntil: undefined, whole: true };
  }
  const since = source.changed_until?.getTime() ?? 0;
  const sites = sitesChangedSince(list.value, since)
    .toSorted((a, b) => (a.modified ?? 0) - (b.modified ?? 0))
    .slice(0, SITES_A_ROUND);
  const findings: Finding[] = [...list.findings];
  const messages = new Map<string, Uint8Array>();
  let changedUntil = source.changed_until?.getTime();
  let whole = sitesChangedSince(list.value, since).length === sites.length;
  // What is left for the next round is newer than all that is read in this.
  let unbroken = true;
  for (const site of sites) {
    job.signal.throwIfAborted();
    const url = URL.canParse(site.url, source.url!) ? new URL(site.url, source.url!).href : '';
    const answer = /^https?:/.test(url)
      ? await parts.outside.get({
          url,
          headers: { 'user-agent': 'yinglian' },
          limitBytes: LIST_BYTES_MAX,
          signal: job.signal,
        })
      : ({ fault: 'unresolved_name' } as const);
    if ('fault' in answer || answer.status !== 200) {
      const reason = 'fault' in answer ? answer.fault : String(answer.status);
      const facts = { reason, site: site.id };
      findings.push(finding('unreadable_feed', 'warning', { facts }));
      whole = false;
      // One without a date is asked in every round; one with a date must not be passed over.
      unbroken &&= site.modified === undefined;
      continue;
    }
    messages.set(site.id, answer.bytes);
    if (unbroken && site.modified !== undefined) {
      changedUntil = Math.max(changedUntil ?? 0, site.modified);
    }
  }
  return { messages, findings, changedUntil, whole };
}

async function keepOutcome(
  parts: FeedParts,
  job: JobRun<PollInput>,
  source: SourceRow,
  kept: {
    readonly outcome: string;
    readonly findings: readonly Finding[];
    readonly etag?: string | null;
    readonly lastModified?: string | null;
    readonly changedUntil?: number | undefined;
  },
): Promise<void> {
  const { etag, lastModified, changedUntil } = kept;
  const until = changedUntil === undefined ? null : new Date(changedUntil);
  await job.write('keep_outcome', async (work) => {
    await sql`update exhibition.source set polled_at = ${parts.now()}, outcome = ${kept.outcome},
        findings = ${jsonText(kept.findings.slice(0, FINDINGS_MAX))}::json,
        etag = ${etag === undefined ? sql`etag` : etag},
        last_modified = ${lastModified === undefined ? sql`last_modified` : lastModified},
        changed_until = coalesce(${until}::timestamptz, changed_until)
      where id = ${source.id}`.execute(work.transaction);
    work.audit({
      action: 'exhibition.feed_read',
      subjectKind: 'source',
      subjectId: source.id,
      facts: { outcome: kept.outcome },
    });
    work.changed({ kind: 'source', id: source.id });
  });
}
