import { type Finding, finding } from '@yinglian/core';
import { writeAleTable } from '@yinglian/timeline';
import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { Transaction } from '../../kernel/database/database.ts';
import { shareFile } from '../../kernel/files/files.ts';
import type { ReadStoredFile } from '../../kernel/files/read.ts';
import { type Download, downloadBytes } from '../../kernel/http/routes.ts';
import { afterKey, type Page, pageOf, type PageQuery } from '../../kernel/pages.ts';
import { conflict, found, invalid, versionConflict } from '../../kernel/refusal.ts';
import { downloadSheet } from '../../kernel/sheets.ts';
import type { Work } from '../../kernel/write.ts';
import { type ProjectParts, readProject } from './service.ts';
import { SHEET_ROWS_MAX, told } from './shot-service.ts';
import { type LogTake, readShootLog, type ShootLog } from './shoot-log.ts';
import { type ReportQuery, shootReport } from './shoot-report.ts';
import {
  type DayRecord,
  type DayWrite,
  insertDay,
  linkTakes,
  listDays,
  listRolls,
  listTakes,
  putRolls,
  putTakes,
  readKnownTakes,
  type RollRecord,
  setManifest,
  type TakeQuery,
  type TakeRecord,
  updateDay,
  updateTake,
} from './shoot-repository.ts';

/** A manifest of a card with a hundred thousand files has some tens of megabytes. */
const LOG_BYTES_MAX = 64 * 1024 * 1024;
/** Takes shown before they are kept. */
const PREVIEW_MAX = 500;
const TAKES_MAX = 50_000;

export type ShootParts = ProjectParts & { readonly readFile: ReadStoredFile };
export type ShootService = ReturnType<typeof createShootService>;

/** What was shot: days, rolls and takes, from the lists that sets make. */
export function createShootService(parts: ShootParts) {
  return { ...createDays(parts), ...createTakes(parts), ...createLogs(parts) };
}

function createDays({ database, write, requireAccess, newId }: ShootParts) {
  return {
    async days(context: Context, projectId: string): Promise<DayRecord[]> {
      const { organisationId } = await requireAccess(context, 'production.read', {
        kind: 'project',
        ids: [projectId],
      });
      const { scope } = await readProject(database, organisationId, projectId);
      return scope === 'whole' ? listDays(database, { projectId }) : [];
    },

    async day(context: Context, id: string): Promise<DayRecord & { rollRows: RollRecord[] }> {
      await requireAccess(context, 'production.read', { kind: 'shoot_day', ids: [id] });
      const day = found((await listDays(database, { id }))[0], { id });
      return { ...day, rollRows: await listRolls(database, id) };
    },

    async addDay(
      context: Context,
      body: DayWrite & { readonly projectId: string },
    ): Promise<DayRecord> {
      const { organisationId } = await requireAccess(context, 'production.write', {
        kind: 'project',
        ids: [body.projectId],
      });
      const { filmId } = await readProject(database, organisationId, body.projectId);
      const id = newId();
      return write(context, async (work) => {
        if (!(await insertDay(work.transaction, { ...body, id }))) throw takenDay(body);
        work.audit({
          action: 'production.day_added',
          subjectKind: 'shoot_day',
          subjectId: id,
          facts: { project: body.projectId, number: body.number, unit: body.unit },
        });
        work.changed({ kind: 'shoot_day', id, filmId });
        return found((await listDays(work.transaction, { id }))[0]);
      });
    },

    async changeDay(
      context: Context,
      id: string,
      body: DayWrite & { readonly version: number },
    ): Promise<DayRecord> {
      await requireAccess(context, 'production.write', { kind: 'shoot_day', ids: [id] });
      const before = found((await listDays(database, { id }))[0], { id });
      return write(context, async (work) => {
        const taken = await sql`select 1 from production.shoot_day where id <> ${id}
          and project_id = ${before.projectId} and unit = ${body.unit}
          and number = ${body.number}`.execute(work.transaction);
        if (taken.rows.length > 0) throw takenDay(body);
        if (!(await updateDay(work.transaction, id, body))) throw versionConflict(before, body);
        work.audit({
          action: 'production.day_changed',
          subjectKind: 'shoot_day',
          subjectId: id,
          facts: { number: body.number },
        });
        work.changed({ kind: 'shoot_day', id });
        return found((await listDays(work.transaction, { id }))[0]);
      });
    },
  };
}

function takenDay(of: { readonly number: number; readonly unit: string }) {
  const facts = { code: `${of.unit} ${of.number}`.trim() };
  return conflict(finding('duplicate_code', 'error', { facts }));
}

function createTakes({ database, write, requireAccess }: ShootParts) {
  const listed = async (context: Context, query: TakeQuery) => {
    const { organisationId } = await requireAccess(context, 'production.read', {
      kind: 'project',
      ids: [query.projectId],
    });
    return readProject(database, organisationId, query.projectId);
  };

  return {
    async takes(context: Context, query: TakeQuery & PageQuery): Promise<Page<TakeRecord>> {
      const { scope } = await listed(context, query);
      if (scope !== 'whole') return { rows: [], next: null };
      const rows = await listTakes(database, { ...query, after: afterTake(query) });
      return pageOf(
        rows,
        query,
        (each) => JSON.parse(each.sortKey) as string[],
        (each) => each.row,
      );
    },

    async takeSheet(
      context: Context,
      query: TakeQuery & { readonly format: 'csv' | 'xlsx' | 'ale' },
    ): Promise<Download> {
      const project = await listed(context, query);
      const isWhole = project.scope === 'whole';
      const rows = isWhole ? await listTakes(database, { ...query, limit: SHEET_ROWS_MAX }) : [];
      const takes = rows.map((each) => each.row);
      const name = `${project.code}-takes`;
      if (query.format === 'ale') {
        const bytes = aleOf(takes, project.frameRate);
        return downloadBytes(`${name}.ale`, 'text/plain; charset=utf-8', bytes);
      }
      const cells = takes.map(sheetRow);
      return downloadSheet(name, '条次 Takes', [[...SHEET_HEAD], ...cells], query.format);
    },

    async changeTake(
      context: Context,
      id: string,
      body: Parameters<typeof updateTake>[2],
    ): Promise<TakeRecord> {
      await requireAccess(context, 'production.write', { kind: 'take', ids: [id] });
      return write(context, async (work) => {
        const isDone = await updateTake(work.transaction, id, body);
        const stored = found((await listTakes(work.transaction, { id, limit: 1 }))[0]).row;
        if (!isDone) throw versionConflict(stored, body);
        work.audit({
          action: 'production.take_changed',
          subjectKind: 'take',
          subjectId: id,
          facts: { circled: body.circled },
        });
        work.changed({ kind: 'take', id });
        return stored;
      });
    },

    async report(context: Context, id: string, query: ReportQuery): Promise<Download> {
      const { organisationId } = await requireAccess(context, 'production.read', {
        kind: 'shoot_day',
        ids: [id],
      });
      const day = found((await listDays(database, { id }))[0], { id });
      const project = await readProject(database, organisationId, day.projectId);
      const rolls = await listRolls(database, id);
      const takes = await listTakes(database, { dayId: id, limit: SHEET_ROWS_MAX });
      return shootReport(
        project,
        day,
        rolls,
        takes.map((each) => each.row),
        query,
      );
    },
  };
}

function afterTake(query: PageQuery): readonly string[] | undefined {
  const key = afterKey(query, 3);
  if (key === undefined) return undefined;
  const [day = '', ordinal = '', id = ''] = key;
  const isNumber = (text: string) => /^\d{1,9}$/.test(text);
  if (
    isNumber(day) &&
    isNumber(ordinal) &&
    /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)
  )
    return key;
  throw invalid(finding('invalid_page', 'error', { at: { part: 'query', field: 'after' } }));
}

const SHEET_HEAD = [
  '素材 Clip',
  '场 Scene',
  '条 Take',
  '机位 Camera',
  '卷号 Roll',
  '录音卷 Sound roll',
  '起始时码 Start',
  '结束时码 End',
  '帧数 Frames',
  '帧率 Rate',
  '选用 Circled',
  '备注 Comment',
  '字节 Bytes',
  '校验值 Hash',
] as const;

function sheetRow(take: TakeRecord): string[] {
  return [
    take.clip,
    take.scene,
    take.take,
    take.camera,
    take.roll ?? '',
    take.soundRoll ?? '',
    take.startTimecode ?? '',
    take.endTimecode ?? '',
    take.frameCount === null ? '' : String(take.frameCount),
    take.frameRate,
    take.circled ? '✓' : '',
    take.comment,
    take.sizeBytes === null ? '' : String(take.sizeBytes),
    take.digest ?? '',
  ];
}

/** The takes as an Avid log; takes of another rate say theirs in their own column. */
function aleOf(takes: readonly TakeRecord[], rate: string): Uint8Array {
  const [above, below = '1'] = rate.split('/');
  const decimal = (Number(above) / Number(below)).toFixed(3).replace(/\.?0+$/, '');
  return writeAleTable({
    heading: [
      ['FIELD_DELIM', 'TABS'],
      ['VIDEO_FORMAT', 'CUSTOM'],
      ['AUDIO_FORMAT', '48khz'],
      ['FPS', decimal],
    ],
    columns: [
      'Name',
      'Tracks',
      'Start',
      'End',
      'Tape',
      'Scene',
      'Take',
      'Camera',
      'Soundroll',
      'Circled',
      'Comments',
      'FPS',
    ],
    rows: takes.map((each) => [
      each.clip,
      'V',
      each.startTimecode ?? '',
      each.endTimecode ?? '',
      each.roll ?? '',
      each.scene,
      each.take,
      each.camera,
      each.soundRoll ?? '',
      each.circled ? 'yes' : '',
      each.comment,
      each.frameRate,
    ]),
  });
}

export type LogRequest = {
  readonly projectId: string;
  readonly fileId: string;
  readonly day?:
    | {
        readonly number: number;
        readonly unit?: string | undefined;
        readonly date?: string | null | undefined;
      }
    | undefined;
  readonly roll?:
    | { readonly kind: 'camera' | 'sound'; readonly name?: string | undefined }
    | undefined;
  readonly rate?: string | undefined;
  readonly commit: boolean;
};

function createLogs({ database, write, requireAccess, newId, readFile }: ShootParts) {
  return {
    /** Shows what a list holds, or keeps it: days and rolls that are not there yet are made. */
    async readLog(context: Context, request: LogRequest) {
      const { organisationId } = await requireAccess(context, 'production.write', {
        kind: 'project',
        ids: [request.projectId],
      });
      const project = await readProject(database, organisationId, request.projectId);
      const file = await readFile(context, request.fileId, LOG_BYTES_MAX);
      const log = await readShootLog(file.bytes, file.name, {
        rate: request.rate ?? project.frameRate,
      });
      if (log.takes.length > TAKES_MAX) {
        const facts = { count: log.takes.length, limit: TAKES_MAX };
        throw invalid(finding('excessive_takes', 'error', { facts }));
      }
      const takes = log.takes.map((each) => withRoll(each, log, request));
      const days = await planDays(database, takes, request);
      const known = await readKnownTakes(
        database,
        project.id,
        takes.map((each) => each.clip),
      );
      const rolls = new Set(takes.flatMap((each) => rollsOf(each).map((roll) => roll.join('/'))));
      const rows = takes.slice(0, PREVIEW_MAX).map((each) => ({
        clip: each.clip,
        scene: each.scene,
        take: each.take,
        roll: each.roll || each.soundRoll,
        start: each.start === null ? null : String(each.start),
        frameCount: each.frames,
        known: known.has(each.clip),
      }));
      const shown = { format: log.format, rows, findings: told(log.findings) };
      if (!request.commit) {
        const already = takes.filter((each) => known.has(each.clip)).length;
        return {
          ...shown,
          days: days.filter((each) => each.id === undefined).length,
          rolls: rolls.size,
          added: takes.length - already,
          changed: 0,
          unchanged: already,
        };
      }
      return write(context, async (work) => {
        const kept = await keepLog(work, { ...request, newId }, log, days);
        await shareFile(work.transaction, request.fileId, project.filmId, 'production');
        await linkTakes(work.transaction, { projectId: project.id });
        work.audit({
          action: 'production.shoot_log_read',
          subjectKind: 'project',
          subjectId: project.id,
          facts: {
            file: file.digest,
            format: log.format,
            added: kept.added,
            changed: kept.changed,
          },
        });
        work.changed({ kind: 'shoot_day', id: project.id, filmId: project.filmId });
        return { ...shown, ...kept, unchanged: takes.length - kept.added - kept.changed };
      });
    },
  };
}

/** The roll that the request names stands for takes whose list says none. */
function withRoll(of: LogTake, log: ShootLog, { roll }: LogRequest): LogTake {
  const named = roll?.name;
  if (named === undefined) return of;
  const isSound = of.kind === 'sound' || roll?.kind === 'sound';
  // A manifest is of one roll, whatever its file is called.
  const replaces = log.manifest !== undefined;
  if (isSound)
    return of.soundRoll !== '' && !replaces ? of : { ...of, kind: 'sound', soundRoll: named };
  return of.roll !== '' && !replaces ? of : { ...of, roll: named };
}

const rollsOf = (of: LogTake): [kind: 'camera' | 'sound', name: string][] => [
  ...(of.roll === '' ? [] : [['camera', of.roll] as ['camera', string]]),
  ...(of.soundRoll === '' ? [] : [['sound', of.soundRoll] as ['sound', string]]),
];

type PlannedDay = {
  readonly id: string | undefined;
  readonly number: number;
  readonly unit: string;
  readonly date: string | null;
  readonly takes: LogTake[];
};

/**
 * Which day each take belongs to: the one the list says, else the one it is known under, else the
 * one that was asked for.
 */
async function planDays(
  database: ShootParts['database'],
  takes: readonly LogTake[],
  request: LogRequest,
): Promise<PlannedDay[]> {
  const stored = await listDays(database, { projectId: request.projectId });
  const known = await readKnownTakes(
    database,
    request.projectId,
    takes.map((each) => each.clip),
  );
  const unit = request.day?.unit ?? '';
  const plans = new Map<string, PlannedDay>();
  let next = Math.max(0, ...stored.map((each) => each.number)) + 1;
  const missing: Finding[] = [];
  const planOf = (take: LogTake): { key: string; day: Omit<PlannedDay, 'takes'> } | undefined => {
    const byId = stored.find((each) => each.id === known.get(take.clip)?.dayId);
    if (byId !== undefined) return { key: byId.id, day: byId };
    const number = take.dayNumber ?? (take.date === null ? request.day?.number : undefined);
    const fits = (each: DayRecord) =>
      each.unit === unit &&
      (number === undefined ? each.date === take.date : each.number === number);
    const day = stored.find(fits);
    if (day !== undefined) return { key: day.id, day };
    const date = take.date ?? request.day?.date ?? null;
    const key = number === undefined ? `date ${take.date}` : `number ${number}`;
    if (number !== undefined) return { key, day: { id: undefined, number, unit, date } };
    if (take.date === null) return undefined;
    const planned = plans.get(key);
    if (planned !== undefined) return { key, day: planned };
    const asked = request.day?.date === take.date ? request.day?.number : undefined;
    return { key, day: { id: undefined, number: asked ?? next++, unit, date } };
  };
  for (const take of takes) {
    const planned = planOf(take);
    if (planned === undefined) {
      missing.push(finding('missing_shoot_day', 'error', { facts: { clip: take.clip } }));
      continue;
    }
    const { key, day } = planned;
    const plan = plans.get(key) ?? {
      id: day.id,
      number: day.number,
      unit: day.unit,
      date: day.date,
      takes: [],
    };
    plan.takes.push(take);
    plans.set(key, plan);
  }
  if (missing.length > 0) throw invalid(...told(missing));
  return [...plans.values()];
}

async function keepLog(
  work: Work,
  request: LogRequest & { readonly newId: () => string },
  log: ShootLog,
  days: readonly PlannedDay[],
) {
  const { transaction } = work;
  const { projectId, newId } = request;
  const kept = { days: 0, rolls: 0, added: 0, changed: 0 };
  for (const day of days) {
    const dayId = day.id ?? (await newDay(transaction, { ...day, id: newId(), projectId }));
    if (day.id === undefined) kept.days += 1;
    const names = new Map(
      day.takes.flatMap((each) => rollsOf(each).map((roll) => [roll.join('/'), roll] as const)),
    );
    const rolls = [...names.values()].map(([kind, name]) => ({ id: newId(), kind, name }));
    const { ids, added } = await putRolls(transaction, { projectId, dayId, rolls });
    kept.rolls += added;
    // The same clip twice in one list is one take: the last line says what it is.
    const takes = new Map(day.takes.map((each) => [each.clip, each]));
    const counted = await putTakes(
      transaction,
      projectId,
      [...takes.values()].map((each) => ({
        ...each,
        id: newId(),
        dayId,
        rollId: ids.get(`camera/${each.roll}`) ?? null,
        soundRollId: ids.get(`sound/${each.soundRoll}`) ?? null,
      })),
    );
    kept.added += counted.added;
    kept.changed += counted.changed;
    if (log.manifest !== undefined) {
      for (const { kind, name } of rolls) {
        await setManifest(transaction, ids.get(`${kind}/${name}`)!, {
          ...log.manifest,
          fileId: request.fileId,
        });
      }
    }
  }
  return kept;
}

async function newDay(
  transaction: Transaction,
  of: PlannedDay & { readonly id: string; readonly projectId: string },
): Promise<string> {
  if (!(await insertDay(transaction, { ...of, place: '', note: '' }))) throw takenDay(of);
  return of.id;
}
