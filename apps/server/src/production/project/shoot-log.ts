import {
  type ByteSource,
  finding,
  type Finding,
  formatRatio,
  parseFrameRate,
} from '@yinglian/core';
import { readManifest1, readWholeManifest } from '@yinglian/mhl';
import {
  type Clip,
  clipsOf,
  detectFormat,
  type JsonObject,
  objectMember,
  readAle,
} from '@yinglian/timeline';
import { parseTimecode } from '@yinglian/core';
import { readSheetFile } from '../../kernel/sheets.ts';
import { invalid } from '../../kernel/refusal.ts';

/** One take as a list tells of it. Empty texts and nulls are what the list does not say. */
export type LogTake = {
  readonly clip: string;
  readonly kind: 'camera' | 'sound';
  readonly scene: string;
  readonly take: string;
  readonly camera: string;
  readonly roll: string;
  readonly soundRoll: string;
  readonly date: string | null;
  readonly dayNumber: number | null;
  readonly frameRate: string | null;
  readonly start: bigint | null;
  readonly frames: number | null;
  readonly dropFrame: boolean;
  readonly circled: boolean;
  readonly comment: string;
  readonly facts: Readonly<Record<string, string>>;
  readonly sizeBytes: number | null;
  readonly digest: string | null;
};

/** A list that was read: takes, and what its manifest says of the whole roll. */
export type ShootLog = {
  readonly format: 'ale' | 'sheet' | 'files' | 'mhl1' | 'mhl2';
  readonly takes: readonly LogTake[];
  readonly manifest:
    | {
        readonly roll: string;
        readonly fileCount: number;
        readonly sizeBytes: number;
        readonly verified: boolean;
      }
    | undefined;
  readonly findings: readonly Finding[];
};

const MEDIA =
  /\.(mov|mp4|mxf|r3d|ari|arx|braw|crm|mts|m4v|avi|dng|mkv|nev|xocn|wav|bwf|aif|aiff|flac|rf64)$/i;
const SOUND = /\.(wav|bwf|aif|aiff|flac|rf64)$/i;

/** The name of a clip without folder and media extension: what lists agree on. */
export function clipName(path: string): string {
  const base = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  return base.replace(MEDIA, '').trim();
}

const EMPTY: Omit<LogTake, 'clip'> = {
  kind: 'camera',
  scene: '',
  take: '',
  camera: '',
  roll: '',
  soundRoll: '',
  date: null,
  dayNumber: null,
  frameRate: null,
  start: null,
  frames: null,
  dropFrame: false,
  circled: false,
  comment: '',
  facts: {},
  sizeBytes: null,
  digest: null,
};

/** Reads a list by what is in it; refuses what is no list of takes. */
export async function readShootLog(
  bytes: Uint8Array,
  name: string,
  told: { readonly rate?: string | undefined },
): Promise<ShootLog> {
  const head = new TextDecoder('utf-8').decode(bytes.subarray(0, 2000));
  if (/<hashlist[\s>]/.test(head)) return readMhl(bytes, name, head);
  if (detectFormat(bytes) === 'ale') return readAleLog(bytes, told.rate);
  const sheet = await readSheetFile(bytes);
  if (!sheet.ok) throw invalid(...sheet.findings);
  return readSheetLog(sheet.value, told.rate, [...sheet.findings]);
}

function sourceOf(bytes: Uint8Array): ByteSource {
  return {
    sizeBytes: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
  };
}

/** `0001_A001R2EC_2026-11-20_101500Z.mhl` and `A001R2EC_2019-…mhl` are named after their roll. */
function rollOfManifest(name: string): string {
  const stem = name.replace(/\.mhl$/i, '').replace(/^\d{4}_/, '');
  return stem.replace(/_\d{4}-\d{2}-\d{2}_\d{6}Z?$/, '');
}

async function readMhl(bytes: Uint8Array, name: string, head: string): Promise<ShootLog> {
  const roll = rollOfManifest(name);
  if (/urn:ASC:MHL:v2/.test(head)) {
    const read = await readWholeManifest(sourceOf(bytes));
    const { manifest } = read;
    if (manifest === undefined) throw invalid(...read.findings);
    const files = manifest.records.filter((each) => each.kind === 'file');
    const hashes = files.flatMap((each) => each.hashes);
    return {
      format: 'mhl2',
      findings: read.findings,
      manifest: {
        roll,
        fileCount: files.length,
        sizeBytes: sum(files.map((each) => each.sizeBytes ?? 0)),
        verified:
          hashes.some((each) => each.action === 'verified') &&
          hashes.every((each) => each.action !== 'failed'),
      },
      takes: takesOf(
        files.map((each) => ({
          path: each.path,
          sizeBytes: each.sizeBytes ?? null,
          hash: each.hashes[0],
        })),
        roll,
      ),
    };
  }
  const read = await readManifest1(sourceOf(bytes));
  const { manifest } = read;
  if (manifest === undefined) throw invalid(...read.findings);
  const files = manifest.records;
  return {
    format: 'mhl1',
    findings: read.findings,
    manifest: {
      roll,
      fileCount: files.length,
      sizeBytes: sum(files.map((each) => Number(each.sizeBytes ?? 0))),
      verified: false,
    },
    takes: takesOf(
      files.map((each) => ({
        path: each.path,
        sizeBytes: each.sizeBytes === undefined ? null : Number(each.sizeBytes),
        hash: each.hashes[0],
      })),
      roll,
    ),
  };
}

const sum = (values: readonly number[]) => values.reduce((total, each) => total + each, 0);

type ListedFile = {
  readonly path: string;
  readonly sizeBytes: number | null;
  readonly hash: { readonly format: string; readonly value: string } | undefined;
};

/** The media among files; everything else on a card belongs to them. */
function takesOf(files: readonly ListedFile[], roll: string): LogTake[] {
  const takes = new Map<string, LogTake>();
  for (const { path, sizeBytes, hash } of files) {
    if (!MEDIA.test(path)) continue;
    const clip = clipName(path);
    const before = takes.get(clip);
    const kind = SOUND.test(path) ? ('sound' as const) : ('camera' as const);
    takes.set(clip, {
      ...EMPTY,
      clip,
      kind,
      ...(kind === 'sound' ? { soundRoll: roll } : { roll }),
      // A clip in several files is as large as all of them; their hashes are in the manifest.
      sizeBytes: (before?.sizeBytes ?? 0) + (sizeBytes ?? 0),
      digest: before === undefined && hash !== undefined ? `${hash.format}:${hash.value}` : null,
      facts: { path: before?.facts['path'] ?? path },
    });
  }
  return [...takes.values()];
}

function readAleLog(bytes: Uint8Array, rate: string | undefined): ShootLog {
  const given = rate === undefined ? undefined : parseFrameRate(rate);
  const read = readAle(bytes, given === undefined ? {} : { rate: given });
  if (!read.ok) throw invalid(...read.findings);
  const takes = clipsOf(read.value).map(takeOfClip);
  return { format: 'ale', takes, manifest: undefined, findings: [...read.findings] };
}

function takeOfClip(of: Clip): LogTake {
  const columns: Record<string, string> = {};
  const own: JsonObject = objectMember(of.metadata, 'ALE') ?? {};
  for (const [column, value] of Object.entries(own)) {
    if (typeof value === 'string') columns[column] = value;
  }
  const cells = namedCells(columns);
  const span = of.sourceRange;
  return {
    ...takeOfCells(cells, columns),
    clip: clipName(of.name || cells.get('clip') || ''),
    ...(span === undefined
      ? {}
      : {
          frameRate: formatRatio(span.start.rate),
          start: BigInt(span.start.value),
          frames: Number(span.duration.value),
          dropFrame: /[;,.]\d+$/.test(cells.get('start') ?? ''),
        }),
  };
}

/** What columns are called by the tools and people that write such lists. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  clip: [
    'name',
    'clip',
    'clip name',
    'file name',
    'filename',
    'file',
    '素材',
    '素材名',
    '文件名',
    '片段',
  ],
  scene: ['scene', 'sc', '场', '场次', '场号', '场景'],
  shot: ['shot', 'setup', 'slate', '镜', '镜号', '镜头'],
  take: ['take', 'tk', '条', '条次', '条号', '次'],
  camera: ['camera', 'cam', 'camera #', 'camera id', '机位', '机号'],
  roll: [
    'camroll',
    'camera roll',
    'cam roll',
    'roll',
    'roll/card',
    'card',
    'reel',
    'reel name',
    'reel_name',
    'tape',
    'tapeid',
    'reel/tape',
    '卷',
    '卷号',
    '摄影卷',
    '摄影卷号',
    '存储卡',
  ],
  soundRoll: ['soundroll', 'sound roll', 'snd roll', '录音卷', '录音卷号'],
  date: ['shoot date', 'shootdate', 'date', 'date recorded', 'shooting date', '日期', '拍摄日期'],
  day: ['shoot day', 'shootday', 'shooting day', 'day', '拍摄日', '天'],
  start: [
    'start',
    'start tc',
    'tc start',
    'start timecode',
    'timecode in',
    'in',
    '起始时码',
    '入点',
    '时码入',
  ],
  end: [
    'end',
    'end tc',
    'tc end',
    'end timecode',
    'timecode out',
    'out',
    '结束时码',
    '出点',
    '时码出',
  ],
  frames: ['frames', 'duration frames', 'frame count', '帧数'],
  duration: ['duration', 'duration tc', 'length', '时长'],
  rate: ['fps', 'frame rate', 'framerate', 'shot frame rate', 'project fps', '帧率'],
  circled: [
    'circled',
    'circle',
    'circle take',
    'circled take',
    'good take',
    'good',
    'print',
    '选用',
    '选',
    '好条',
    '过',
  ],
  comment: [
    'comments',
    'comment',
    'note',
    'notes',
    'descript',
    'description',
    'remarks',
    '备注',
    '说明',
    '场记',
  ],
  size: ['size', 'bytes', 'file size', 'size bytes', '大小', '字节'],
  digest: ['hash', 'checksum', 'md5', 'xxhash', 'xxh64', 'xxh128', '校验值'],
};
const FIELD_OF = new Map(
  Object.entries(NAMES).flatMap(([field, names]) => names.map((each) => [each, field] as const)),
);

/** Which field a column is; undefined for those that are kept as facts. */
function fieldOf(column: string): string | undefined {
  return FIELD_OF.get(column.trim().toLowerCase().replace(/\s+/g, ' '));
}

/** Cells by field. Where two columns mean the same, the first that says something counts. */
function namedCells(columns: Readonly<Record<string, string>>): Map<string, string> {
  const cells = new Map<string, string>();
  const order = (each: string) => {
    const field = fieldOf(each);
    return field === undefined ? 0 : NAMES[field]!.indexOf(each.trim().toLowerCase());
  };
  for (const column of Object.keys(columns).sort((a, b) => order(a) - order(b))) {
    const field = fieldOf(column);
    const value = columns[column]!.trim();
    if (field !== undefined && value !== '' && !cells.has(field)) cells.set(field, value);
  }
  return cells;
}

const CIRCLED = /^(?:1|y|yes|true|x|o|✓|✔|√|\*|circled?|good|print|ok|是|选|选用|好|过)$/i;
const FACTS_MAX = 200;
const FACT_LENGTH_MAX = 2000;

function takeOfCells(
  cells: ReadonlyMap<string, string>,
  columns: Readonly<Record<string, string>>,
): Omit<LogTake, 'clip'> {
  const cell = (field: string) => cells.get(field) ?? '';
  const scene = cell('scene');
  const shot = cell('shot');
  const facts: Record<string, string> = {};
  for (const [column, value] of Object.entries(columns).slice(0, FACTS_MAX)) {
    const isKnown = fieldOf(column) !== undefined;
    if (!isKnown && value.trim() !== '') facts[column] = value.slice(0, FACT_LENGTH_MAX);
  }
  const size = Number(cell('size').replaceAll(',', ''));
  const digest = cell('digest');
  return {
    ...EMPTY,
    kind:
      SOUND.test(cell('clip')) || (cell('soundRoll') !== '' && cell('roll') === '')
        ? 'sound'
        : 'camera',
    // Editors write the slate as one: scene 12, shot A is `12A`.
    scene:
      scene === '' ? shot : shot === '' ? scene : `${scene}${/^\d/.test(shot) ? '-' : ''}${shot}`,
    take: cell('take'),
    camera: cell('camera'),
    roll: cell('roll'),
    soundRoll: cell('soundRoll'),
    date: dateOf(cell('date')),
    dayNumber: numberOf(cell('day')),
    circled: CIRCLED.test(cell('circled')),
    comment: cell('comment'),
    facts,
    sizeBytes: Number.isSafeInteger(size) && size > 0 ? size : null,
    digest: digest === '' ? null : digest,
  };
}

function numberOf(text: string): number | null {
  const match = /(\d{1,4})/.exec(text);
  return match === null ? null : Number(match[1]);
}

/** `2026-11-20`, `20261120`, `2026/11/20`, `2026年11月20日` and what Excel's cells give. */
function dateOf(text: string): string | null {
  const match = /^(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})/.exec(text.trim());
  if (match === null) return null;
  const date = `${match[1]}-${match[2]!.padStart(2, '0')}-${match[3]!.padStart(2, '0')}`;
  const at = Date.parse(`${date}T00:00:00Z`);
  return Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== date ? null : date;
}

/** Rows looked through for the heading: sheets begin with titles and dates. */
const HEADING_ROWS_MAX = 20;
const ROWS_MAX = 100_000;

function readSheetLog(
  rows: readonly (readonly unknown[])[],
  rate: string | undefined,
  findings: Finding[],
): ShootLog {
  const texts = rows.slice(0, ROWS_MAX).map((row) => row.map(textOf));
  const heading = texts.slice(0, HEADING_ROWS_MAX).findIndex((row) => {
    const fields = new Set(row.map(fieldOf).filter((each) => each !== undefined));
    return fields.size >= 2 && (fields.has('clip') || fields.has('take') || fields.has('roll'));
  });
  if (heading < 0) {
    const files = offloadFiles(texts);
    if (files !== undefined) {
      return { format: 'files', takes: takesOf(files, ''), manifest: undefined, findings };
    }
    throw invalid(finding('unknown_shoot_log', 'error'));
  }
  const head = texts[heading]!;
  const takes: LogTake[] = [];
  for (const [index, row] of texts.slice(heading + 1).entries()) {
    const columns: Record<string, string> = {};
    for (const [i, column] of head.entries()) {
      if (column !== '' && (row[i] ?? '') !== '') columns[column] = row[i]!;
    }
    const cells = namedCells(columns);
    const base = takeOfCells(cells, columns);
    const made = [base.scene, base.take, base.camera].filter((each) => each !== '').join('-');
    const clip = clipName(cells.get('clip') ?? '') || made;
    if (clip === '') continue;
    const at = { row: heading + index + 2 };
    takes.push({ ...base, clip, ...spanOf(cells, rate, at, findings) });
  }
  return { format: 'sheet', takes, manifest: undefined, findings };
}

function textOf(cell: unknown): string {
  if (cell instanceof Date) return cell.toISOString().slice(0, 10);
  return cell === null || cell === undefined ? '' : String(cell).trim();
}

/** The file list of an offload: `path,bytes,modified,format,hash`, one line for each hash. */
function offloadFiles(rows: readonly (readonly string[])[]): ListedFile[] | undefined {
  const [head, ...lines] = rows;
  if (head === undefined || head[0] !== 'path' || head[4] !== 'hash') return undefined;
  const files = new Map<string, ListedFile>();
  for (const [path = '', bytes = '', , format = '', value = ''] of lines) {
    if (files.has(path)) continue;
    files.set(path, { path, sizeBytes: Number(bytes) || null, hash: { format, value } });
  }
  return [...files.values()];
}

const DROP_MARK = /[;,.]\d+$/;

/** Times of a row in whole frames; what cannot be read is told and left out. */
function spanOf(
  cells: ReadonlyMap<string, string>,
  listRate: string | undefined,
  at: { readonly row: number },
  findings: Finding[],
): Partial<LogTake> {
  const rateText = cells.get('rate') ?? listRate;
  const rate =
    rateText === undefined ? undefined : parseFrameRate(rateText.replace(/\s*fps$/i, ''));
  const counted = Number(cells.get('frames') ?? Number.NaN);
  const frames = Number.isSafeInteger(counted) && counted >= 0 ? counted : null;
  if (rate === undefined) return { frames };
  const start = cells.get('start') ?? '';
  const dropFrame = DROP_MARK.test(start);
  const read = (text: string | undefined) => {
    if (text === undefined || text === '') return undefined;
    const parsed = parseTimecode(text, { rate, dropFrame });
    if (parsed.ok) return parsed.value;
    findings.push(
      finding('invalid_log_time', 'warning', { facts: { text: text.slice(0, 40) }, at }),
    );
    return undefined;
  };
  const first = read(start);
  const end = read(cells.get('end'));
  const length = read(cells.get('duration'));
  const spanned =
    first !== undefined && end !== undefined && end >= first ? Number(end - first) : undefined;
  return {
    frameRate: formatRatio(rate),
    dropFrame,
    start: first ?? null,
    frames: frames ?? spanned ?? (length === undefined ? null : Number(length)),
  };
}
