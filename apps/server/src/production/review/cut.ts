import { type Finding, finding } from '@yinglian/core';
import {
  chooseTimeline,
  compareCuts,
  countChanges,
  type CutEntry,
  entriesOf,
  rateOf,
  readTimeline,
  type Timeline,
  timelinesOf,
} from '@yinglian/timeline';
import { sql } from 'kysely';
import type { RequireAccess } from '../../kernel/access/access.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database } from '../../kernel/database/database.ts';
import { readFileRecords, shareFile } from '../../kernel/files/files.ts';
import type { ObjectStore } from '../../kernel/objects/store.ts';
import { found, invalid, Refusal, versionConflict } from '../../kernel/refusal.ts';
import type { Write } from '../../kernel/write.ts';
import { readAsset, scopeOf } from './asset.ts';

export type CutParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly objects: ObjectStore;
};

export type CutService = ReturnType<typeof createCutService>;

/** A cut that is shown beside a picture; the longest films have ten thousand events. */
const CUT_BYTES_MAX = 32 * 1024 * 1024;
const EVENTS_MAX = 20_000;

type Stored = {
  readonly version: number;
  readonly fileId: string;
  /** Which sequence of the file, from 0, where somebody said so. */
  readonly timeline: number | null;
};
type Read = { readonly timeline: Timeline; readonly timelines: readonly Timeline[] };
type Scope = ReturnType<typeof scopeOf>;

/** The cut of which an asset is the picture: what stands where, and what changed. */
export function createCutService(parts: CutParts) {
  const { database, write, requireAccess, objects } = parts;

  async function stored(assetId: string): Promise<Stored | undefined> {
    const result = await sql<Stored>`
      select version, file_id as "fileId", timeline from production.asset_cut
      where asset_id = ${assetId}`.execute(database);
    return result.rows[0];
  }

  async function read(
    { fileId, timeline: wanted }: Pick<Stored, 'fileId' | 'timeline'>,
    scope: Scope,
    findings: Finding[],
  ): Promise<Read> {
    const file = found((await readFileRecords(database, [fileId])).get(fileId), { id: fileId });
    if (file.sizeBytes > CUT_BYTES_MAX) {
      const facts = { sizeBytes: file.sizeBytes, limitBytes: CUT_BYTES_MAX };
      throw new Refusal('too_large', {
        findings: [finding('excessive_file_size', 'error', { facts })],
      });
    }
    const source = await objects.open(file.digest);
    try {
      const bytes = await source.read(0, source.sizeBytes);
      const made = readTimeline(bytes, { rate: scope.clock.rate });
      if (!made.ok) throw invalid(...made.findings);
      findings.push(...made.findings.slice(0, 50));
      const timelines = timelinesOf(made.value);
      const said = wanted === null ? undefined : timelines[wanted];
      if (said !== undefined) return { timeline: said, timelines };
      if (wanted !== null) throw invalid(unknownTimeline(wanted, timelines.length));
      const chosen = chooseTimeline(made.value);
      if (!chosen.ok) throw invalid(...chosen.findings);
      findings.push(...chosen.findings);
      return { timeline: chosen.value, timelines };
    } finally {
      await source.close();
    }
  }

  return {
    async cut(context: Context, id: string, against: string | undefined) {
      const ids = against === undefined ? [id] : [id, against];
      const { organisationId } = await requireAccess(context, 'production.read', {
        kind: 'asset',
        ids,
      });
      const scope = scopeOf(await readAsset(database, organisationId, id));
      const own = await stored(id);
      const findings: Finding[] = [];
      if (own === undefined) {
        return {
          version: 0,
          fileId: null,
          fileName: null,
          timelines: [],
          timeline: 0,
          events: [],
          omitted: [],
          counts: {},
          findings,
        };
      }
      const { timeline, timelines } = await read(own, scope, findings);
      const other = against === undefined ? undefined : await stored(against);
      const before = other === undefined ? undefined : await read(other, scope, findings);
      const names = await readFileRecords(database, [own.fileId]);
      return {
        version: own.version,
        fileId: own.fileId,
        fileName: names.get(own.fileId)?.name ?? null,
        timelines: timelines.map((each) => each.name),
        timeline: own.timeline ?? 0,
        ...viewOf(timeline, before?.timeline, scope, findings),
        findings,
      };
    },

    async setCut(
      context: Context,
      id: string,
      body: {
        readonly fileId: string;
        readonly version: number;
        readonly timeline?: number | undefined;
      },
    ) {
      const { organisationId } = await requireAccess(
        context,
        'production.write',
        { kind: 'asset', ids: [id] },
        { kind: 'file', ids: [body.fileId] },
      );
      const asset = await readAsset(database, organisationId, id);
      const findings: Finding[] = [];
      const scope = scopeOf(asset);
      const wanted = body.timeline ?? null;
      const given = { fileId: body.fileId, timeline: wanted };
      const { timeline, timelines } = await read(given, scope, findings);
      const { events } = viewOf(timeline, undefined, scope, findings);
      return write(context, async (work) => {
        const result = await sql<{ version: number }>`
          insert into production.asset_cut (asset_id, file_id, timeline, set_by)
          values (${id}, ${body.fileId}, ${wanted}::int, ${context.user?.name ?? ''})
          on conflict (asset_id) do update set file_id = excluded.file_id,
            timeline = excluded.timeline, set_by = excluded.set_by,
            version = asset_cut.version + 1, updated_at = now()
          where asset_cut.version = ${body.version}
          returning version`.execute(work.transaction);
        const version = result.rows[0]?.version;
        if (version === undefined) throw versionConflict(await stored(id), body);
        await shareFile(work.transaction, body.fileId, asset.filmId, 'production');
        work.audit({
          action: 'production.cut_set',
          subjectKind: 'asset',
          subjectId: id,
          facts: { file: body.fileId, events: events.length },
        });
        work.changed({ kind: 'asset', id, filmId: asset.filmId });
        const names = timelines.map((each) => each.name);
        return { version, events: events.length, timelines: names, findings };
      });
    },
  };
}

function unknownTimeline(wanted: number, count: number): Finding {
  const facts = { kind: 'timeline', name: String(wanted + 1), count };
  return finding('unknown_sequence', 'error', { facts, at: { field: 'timeline' } });
}

function viewOf(
  timeline: Timeline,
  before: Timeline | undefined,
  scope: Scope,
  findings: Finding[],
) {
  const rate = rateOf(timeline) ?? scope.clock.rate;
  const first = timeline.globalStart?.value ?? 0;
  const frames = (record: number) => Math.max(0, Math.round(record - first));
  const view = (entry: CutEntry, changes: readonly string[]) => ({
    track: entry.trackName,
    department: entry.department,
    name: entry.name,
    shot: entry.shot,
    from: frames(entry.recordIn),
    to: Math.max(0, frames(entry.recordOut) - 1),
    source: entry.reel === '' ? entry.url : entry.reel,
    sourceIn: Math.round(entry.sourceIn),
    speed: entry.speed,
    changes: [...changes],
  });
  if (before === undefined) {
    const entries = entriesOf(timeline, rate, findings).slice(0, EVENTS_MAX);
    return { events: entries.map((each) => view(each, [])), omitted: [], counts: {} };
  }
  const compared = compareCuts(before, timeline);
  findings.push(...compared.findings);
  if (!compared.ok) throw invalid(...compared.findings);
  const { changes } = compared.value;
  const oldFirst = before.globalStart?.value ?? 0;
  return {
    events: changes
      .slice(0, EVENTS_MAX)
      .flatMap((each) => (each.new === undefined ? [] : [view(each.new, each.kinds)])),
    omitted: changes.slice(0, EVENTS_MAX).flatMap((each) =>
      each.new !== undefined || each.old === undefined
        ? []
        : [
            {
              shot: each.shot === '' ? each.name : each.shot,
              from: Math.max(0, Math.round(each.old.recordIn - oldFirst)),
              to: Math.max(0, Math.round(each.old.recordOut - oldFirst) - 1),
            },
          ],
    ),
    counts: countChanges(compared.value),
  };
}
