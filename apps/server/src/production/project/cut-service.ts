import type { cutLineSchema } from '@yinglian/contract';
import { type Finding, finding, formatRatio, parseFrameRate } from '@yinglian/core';
import {
  describeChange,
  detectFormat,
  readTimeline,
  timelinesOf,
  writeOtio,
} from '@yinglian/timeline';
import type { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import type { RegisterFile } from '../../kernel/files/files.ts';
import { shareFile } from '../../kernel/files/files.ts';
import type { ReadStoredFile } from '../../kernel/files/read.ts';
import type { ObjectStore } from '../../kernel/objects/store.ts';
import { afterInstant, type Page, pageOf, type PageQuery } from '../../kernel/pages.ts';
import { found, invalid } from '../../kernel/refusal.ts';
import type { Work } from '../../kernel/write.ts';
import {
  asksForWork,
  type CutPlan,
  type CutPlanOptions,
  planCut,
  scanOf,
  type ShotPlan,
} from './cut-plan.ts';
import { type CutSheetQuery, makeCutSheet } from './cut-sheet.ts';
import { recordFields } from './fields.ts';
import { readNamedCut } from './named-cut.ts';
import type { ProjectRecord } from './repository.ts';
import { type ProjectParts, readProject } from './service.ts';
import { told } from './shot-service.ts';
import {
  type CutRecord,
  flagTasks,
  insertCut,
  insertShots,
  listCuts,
  listSequences,
  omitShots,
  readKnownShots,
  type SequenceRecord,
  stepShots,
} from './shot-repository.ts';

/** An AAF of a feature with its effects has some tens of megabytes. */
const CUT_BYTES_MAX = 128 * 1024 * 1024;
/** Lines of the preview; the sheet has all. */
const LINES_MAX = 5000;
/** Between two shots of a cut, so that one added by hand finds its place. */
const ORDINAL_STEP = 10;

export type CutParts = ProjectParts & {
  readonly readFile: ReadStoredFile;
  readonly objects: ObjectStore;
  readonly registerFile: RegisterFile;
};

export type CutRequest = {
  readonly projectId: string;
  readonly fileId: string;
  readonly sequenceId: string | null;
  readonly name: string;
  readonly rate?: string | undefined;
  readonly timeline: number;
  readonly commit: boolean;
};

export type CutService = ReturnType<typeof createCutService>;

/** Cuts as editors hand them over: they make the shots, and the next one brings them forward. */
export function createCutService(parts: CutParts) {
  const { database, write, requireAccess, readFile } = parts;

  return {
    async cuts(
      context: Context,
      query: PageQuery & { readonly projectId: string },
    ): Promise<Page<CutRecord>> {
      const { organisationId } = await requireAccess(context, 'production.read', {
        kind: 'project',
        ids: [query.projectId],
      });
      const { scope } = await readProject(database, organisationId, query.projectId);
      // A vendor has the shots that were turned over to it, not the film they stand in.
      if (scope !== 'whole') return { rows: [], next: null };
      const rows = await listCuts(database, { ...query, after: afterInstant(query) });
      return pageOf(
        rows,
        query,
        (each) => [each.sortKey, each.record.id],
        (each) => each.record,
      );
    },

    async readCut(context: Context, request: CutRequest) {
      const { organisationId } = await requireAccess(context, 'production.write', {
        kind: 'project',
        ids: [request.projectId],
      });
      const project = await readProject(database, organisationId, request.projectId);
      const sequences = await listSequences(database, { projectId: project.id });
      const line = sequences.find((each) => each.id === request.sequenceId);
      if (request.sequenceId !== null) found(line, { id: request.sequenceId });
      const file = await readFile(context, request.fileId, CUT_BYTES_MAX);
      const { timeline, timelines, format, findings } = chooseTimeline(file.bytes, request);
      const before = await namedBefore(parts, project.id, request.sequenceId);
      const known = await readKnownShots(database, project.id, request.sequenceId);
      const planned = planCut(timeline, before, known, optionsOf(project, line));
      if (!planned.ok) throw invalid(...findings, ...planned.findings);
      const plan = planned.value;
      const all = [...findings, ...planned.findings];
      const name = request.name || timeline.name || file.name;
      const shown = {
        counts: countsOf(plan),
        timelines,
        lines: linesOf(plan, new Set(known.map((each) => each.code))),
        added: plan.shots.filter((each) => each.known === undefined).length,
        changed: plan.shots.filter(({ known: one, kinds }) => one !== undefined && kinds.length > 0)
          .length,
        omitted: plan.omitted.length,
        findings: told(all),
      };
      if (!request.commit) return { ...shown, cut: null, flaggedTasks: 0 };
      const stored = await parts.objects.put(onePiece(writeOtio(plan.named)));
      return write(context, async (work) => {
        const named = await parts.registerFile(work.transaction, {
          organisationId,
          filmId: project.filmId,
          hall: 'production',
          name: `${name}.otio`,
          mediaType: 'application/json',
          ...stored,
        });
        await shareFile(work.transaction, request.fileId, project.filmId, 'production');
        const id = parts.newId();
        const number = await insertCut(work.transaction, {
          id,
          projectId: project.id,
          sequenceId: request.sequenceId,
          name,
          format,
          fileId: request.fileId,
          namedFileId: named.id,
          frameRate: formatRatio(plan.rate),
          frameCount: plan.frames,
          by: context.user?.name ?? '',
          counts: shown.counts,
          findings: told(all),
        });
        const cut = { id, label: `${name} (${number})` };
        const flaggedTasks = await applyPlan(work, context, parts, {
          project,
          line,
          sequences,
          plan,
          cut,
        });
        work.audit({
          action: 'production.cut_read',
          subjectKind: 'cut',
          subjectId: id,
          facts: {
            project: project.id,
            file: file.digest,
            number,
            added: shown.added,
            changed: shown.changed,
            omitted: shown.omitted,
          },
        });
        work.changed({ kind: 'cut', id, filmId: project.filmId });
        work.changed({ kind: 'shot', id, filmId: project.filmId });
        const record = found((await listCuts(work.transaction, { id, limit: 1 }))[0]).record;
        return { ...shown, cut: record, flaggedTasks };
      });
    },

    cutSheet: (context: Context, id: string, query: CutSheetQuery) =>
      makeCutSheet(parts, context, id, query),
  };
}

async function* onePiece(bytes: Uint8Array) {
  yield bytes;
}

function chooseTimeline(bytes: Uint8Array, request: CutRequest) {
  const rate = request.rate === undefined ? undefined : parseFrameRate(request.rate);
  const read = readTimeline(bytes, rate === undefined ? {} : { rate });
  if (!read.ok) throw invalid(...read.findings);
  const timelines = timelinesOf(read.value);
  const timeline = timelines[request.timeline];
  if (timeline === undefined) {
    const facts = { count: timelines.length };
    throw invalid(finding('missing_timeline', 'error', { facts, at: { field: 'timeline' } }));
  }
  return {
    timeline,
    timelines: timelines.map((each) => each.name),
    format: detectFormat(bytes) ?? 'otio',
    findings: [...read.findings] as Finding[],
  };
}

function optionsOf(project: ProjectRecord, line: SequenceRecord | undefined): CutPlanOptions {
  const { settings } = project;
  return {
    template: settings.shotTemplate,
    step: settings.shotStep,
    firstFrame: settings.firstFrame,
    headHandle: settings.headHandle,
    tailHandle: settings.tailHandle,
    sequence: line?.code ?? project.code,
  };
}

async function namedBefore(parts: CutParts, projectId: string, sequenceId: string | null) {
  const last = (await listCuts(parts.database, { projectId, sequenceId, limit: 1 }))[0];
  return last === undefined ? undefined : readNamedCut(parts, last);
}

function countsOf(plan: CutPlan): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kinds } of plan.shots) {
    for (const { kind } of kinds.length === 0 ? [{ kind: 'unchanged' }] : kinds) {
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
  }
  if (plan.omitted.length > 0) counts['omitted'] = plan.omitted.length;
  return counts;
}

type CutLine = z.output<typeof cutLineSchema>;

function linesOf(plan: CutPlan, known: ReadonlySet<string>): CutLine[] {
  const planned = new Map(plan.shots.map((each) => [each.code, each]));
  return plan.list.changes
    .filter((each) => each.department === 'picture')
    .slice(0, LINES_MAX)
    .map((each) => ({
      shot: each.shot,
      clip: each.name,
      kinds:
        each.new === undefined
          ? ['omitted']
          : (planned.get(each.shot)?.kinds.map(({ kind }) => kind) ?? [...each.kinds]),
      words: { zh: describeChange(each, 'zh'), en: describeChange(each, 'en') },
      known: known.has(each.shot),
      recordIn: each.new?.recordIn ?? null,
      recordOut: each.new?.recordOut ?? null,
      sourceIn: each.new?.sourceIn ?? null,
      sourceOut: each.new?.sourceOut ?? null,
      headFrames: each.headFrames,
      tailFrames: each.tailFrames,
      shiftFrames: each.shiftFrames,
    }));
}

type Applying = {
  readonly project: ProjectRecord;
  readonly line: SequenceRecord | undefined;
  readonly sequences: readonly SequenceRecord[];
  readonly plan: CutPlan;
  readonly cut: { readonly id: string; readonly label: string };
};

/** Writes what a plan says: new shots, what changed in those there are, and those that left. */
async function applyPlan(
  work: Work,
  context: Context,
  parts: CutParts,
  { project, line, sequences, plan, cut }: Applying,
): Promise<number> {
  const options = optionsOf(project, line);
  const ordinals = new Map(plan.shots.map((each, i) => [each, (i + 1) * ORDINAL_STEP]));
  const common = (each: ShotPlan) => ({
    ordinal: ordinals.get(each)!,
    recordIn: each.recordIn,
    frameCount: each.frameCount,
    clip: each.entry.name,
    reel: each.entry.reel,
    sourceIn: each.sourceIn,
    sourceOut: each.sourceOut,
    ...scanOf(each, options),
    speed: String(each.entry.speed),
  });
  const fresh = plan.shots.filter((each) => each.known === undefined);
  await insertShots(
    work.transaction,
    fresh.map((each) => ({
      ...common(each),
      id: parts.newId(),
      projectId: project.id,
      sequenceId: line?.id ?? sequenceIn(each.code, sequences),
      code: each.code,
      description: '',
      status: project.settings.shotFlow[0]!.code,
      firstFrame: options.firstFrame,
      headHandle: options.headHandle,
      tailHandle: options.tailHandle,
      cutId: cut.id,
    })),
  );
  const kept = plan.shots.filter((each) => each.known !== undefined);
  const change = (kind: string, frames: number | null) => ({
    kind,
    frames,
    cutId: cut.id,
    cut: cut.label,
  });
  await stepShots(
    work.transaction,
    cut.id,
    kept.map((each) => ({
      ...common(each),
      id: each.known!.id,
      changes: each.kinds.map(({ kind, frames }) => change(kind, frames)),
    })),
  );
  const gone = plan.omitted.map((each) => each.id);
  await omitShots(work.transaction, gone, change('omitted', null));
  const back = kept.filter((each) => each.known!.omitted).map((each) => each.known!.id);
  await recordFields(work.transaction, context, { id: cut.id, projectId: project.id }, [
    ...gone.map((id) => flip(id, 'false', 'true')),
    ...back.map((id) => flip(id, 'true', 'false')),
  ]);
  const touched = kept.filter((each) => asksForWork(each.kinds)).map((each) => each.known!.id);
  return flagTasks(work.transaction, [...touched, ...gone]);
}

const flip = (id: string, before: string, after: string) =>
  ({ kind: 'shot', id, field: 'omitted', before, after }) as const;

/** The sequence whose code is a part of the shot's name, such as `GUD` in `117_GUD_0030`. */
function sequenceIn(code: string, sequences: readonly SequenceRecord[]): string | null {
  const pieces = new Set(code.toLowerCase().split(/[_.-]/));
  const found_ = sequences.filter(
    (each) =>
      each.kind === 'sequence' &&
      (pieces.has(each.code.toLowerCase()) ||
        code.toLowerCase().startsWith(`${each.code.toLowerCase()}_`)),
  );
  return found_.length === 1 ? found_[0]!.id : null;
}
