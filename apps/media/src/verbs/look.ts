import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { accepted, finding, type Outcome, refused } from '@yinglian/core';
import type { DetectJob, FilmstripJob, PictureSize } from '../jobs.ts';
import { fileUrl, type Plan, type PlanOutput, tapUrl } from '../plan.ts';
import { approximate, mainPicture, type Probe } from '../probe.ts';
import {
  escapePattern,
  type Film,
  planInput,
  probeFilm,
  probeInput,
  rateValue,
  requireOutput,
  type VerbContext,
} from './context.ts';
import { stillChain, stillOptions } from './frames.ts';
import { LineReader } from './metadata-lines.ts';
import { displaySize, pictureChain, sizeWithin } from './picture-chain.ts';
import { programmeSound } from './sound-chain.ts';

export type FilmstripTile = {
  readonly frame: number;
  readonly sheet: number;
  readonly x: number;
  readonly y: number;
};

export type FilmstripResult = {
  readonly frameRate: string;
  readonly frames: number;
  readonly everyFrames: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly columns: number;
  readonly rows: number;
  /** Names inside the folder. */
  readonly sheets: readonly string[];
  readonly tiles: readonly FilmstripTile[];
};

const TILE_WIDTH = 160;
const TILES_WISHED = 100;
const COLUMNS = 10;
const ROWS = 10;
/** JPEG and WebP end at 65,535 and 16,383 pixels a side. */
const SHEET_SIDE_MAX = 16_383;

type Grid = {
  readonly columns: number;
  readonly rows: number;
  readonly every: number;
  readonly tile: PictureSize;
};

/** Small pictures at an even distance on sheets, with an index that says which is where. */
export async function filmstrip(
  context: VerbContext,
  job: FilmstripJob,
): Promise<Outcome<FilmstripResult>> {
  const film = await probeFilm(context, job.input, true);
  if (!film.ok) return film;
  const { picture, rate, probe } = film.value;
  const length = picture.frames ?? Math.round(approximate(probe.duration ?? '0') * rateValue(rate));
  const columns = job.columns ?? COLUMNS;
  const rows = job.rows ?? ROWS;
  const every = job.everyFrames ?? Math.max(1, Math.ceil(length / TILES_WISHED));
  const tile = sizeWithin(displaySize(picture), job.tileWidth ?? TILE_WIDTH, 4096);
  if (tile.width * columns > SHEET_SIDE_MAX || tile.height * rows > SHEET_SIDE_MAX) {
    return refused(finding('invalid_job', 'error', { facts: { reason: 'sheet size' } }));
  }
  if (length > 0) context.expect({ pictures: Math.ceil(length / every / (columns * rows)) });
  const grid: Grid = { columns, rows, every, tile };
  const plan = stripPlan(film.value, job, grid);
  const done = requireOutput(plan, await context.session.execute(plan));
  if (!done.ok) return done;
  const sheets = await sheetNames(job, done.value.pictures);
  const result: FilmstripResult = {
    frameRate: rate,
    frames: length,
    everyFrames: every,
    tileWidth: tile.width,
    tileHeight: tile.height,
    columns,
    rows,
    sheets,
    tiles: stripTiles(grid, Math.min(Math.ceil(length / every), sheets.length * columns * rows)),
  };
  await writeFile(join(job.outputFolder, 'index.json'), JSON.stringify(result));
  return accepted(result, done.findings);
}

const STRIP_FORMATS = {
  jpeg: { pixelFormat: 'yuvj420p', codec: 'mjpeg', extension: 'jpg' },
  webp: { pixelFormat: 'yuv420p', codec: 'libwebp', extension: 'webp' },
} as const;

function stripPlan(film: Film, job: FilmstripJob, { columns, rows, every, tile }: Grid): Plan {
  const { pixelFormat, codec, extension } = STRIP_FORMATS[job.format ?? 'jpeg'];
  const still = stillChain(film.picture, { size: tile, pixelFormat, frameRate: film.rate });
  // Choosing before scaling: pictures that are not shown are not scaled.
  const [pace, ...rest] = splitAfterRate(still);
  const chosen = `select=not(mod(n\\,${every}))`;
  const chain = [pace, chosen, ...rest, `tile=${columns}x${rows}`].join(',');
  const pattern = join(escapePattern(job.outputFolder), `sheet-%04d.${extension}`);
  const options = stillOptions(codec);
  return {
    inputs: [planInput(job.input)],
    graph: `[0:${film.picture.index}]${chain}[picture]`,
    outputs: [
      {
        url: fileUrl(pattern),
        format: 'image2',
        options: {},
        metadata: {},
        streams: [{ label: 'picture', kind: 'video', codec, options }],
      },
    ],
  };
}

async function sheetNames(job: FilmstripJob, count: number): Promise<readonly string[]> {
  const { extension } = STRIP_FORMATS[job.format ?? 'jpeg'];
  const pattern = new RegExp(`^sheet-\\d{4,}\\.${extension}$`);
  const names = await readdir(job.outputFolder);
  return names
    .filter((each) => pattern.test(each))
    .sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
    .slice(0, count);
}

function stripTiles({ columns, rows, every, tile }: Grid, shown: number): FilmstripTile[] {
  const perSheet = columns * rows;
  return Array.from({ length: shown }, (_, at) => ({
    frame: at * every,
    sheet: Math.floor(at / perSheet),
    x: (at % columns) * tile.width,
    y: Math.floor((at % perSheet) / columns) * tile.height,
  }));
}

/** The chain up to and with its `fps` filter, then the rest. */
function splitAfterRate(chain: string): string[] {
  const match = /^(.*?fps=[^,]*),(.*)$/.exec(chain);
  return match === null ? [chain] : [match[1]!, match[2]!];
}

export type Passage = { readonly startSeconds: number; readonly endSeconds: number };
export type Cut = { readonly seconds: number; readonly frame: number; readonly score: number };

export type DetectResult = {
  readonly frameRate: string | null;
  readonly seconds: number;
  readonly scenes: readonly Cut[];
  readonly black: readonly Passage[];
  readonly freeze: readonly Passage[];
  readonly silence: readonly Passage[];
};

const DETECT_WIDTH_MAX = 640;
const SCENE_THRESHOLD = 10;
const SILENCE_DECIBELS = -60;
const LEAST_SECONDS = 0.5;
const FREEZE_NOISE = 0.001;

/** Collects starts and ends of one kind; what never ended, ended with the film. */
class Passages {
  readonly found: Passage[] = [];
  private open: number | undefined;

  start(at: number): void {
    this.open ??= at;
  }

  end(at: number): void {
    if (this.open !== undefined) this.found.push({ startSeconds: this.open, endSeconds: at });
    this.open = undefined;
  }
}

/** Cuts, black, frozen pictures and silence. */
export async function detect(context: VerbContext, job: DetectJob): Promise<Outcome<DetectResult>> {
  const kinds = new Set(job.kinds);
  const looks = kinds.has('scene') || kinds.has('black') || kinds.has('freeze');
  const film = looks ? await probeFilm(context, job.input) : undefined;
  if (film !== undefined && !film.ok) return film;
  const probed = film === undefined ? await probeInput(context, job.input, false) : undefined;
  if (probed !== undefined && !probed.ok) return probed;
  const probe = (film?.value.probe ?? probed?.value) as Probe;
  const rate = film?.value.rate ?? null;
  const programme = kinds.has('silence') ? programmeSound(probe) : undefined;
  if (!looks && programme === undefined) {
    return refused(finding('missing_stream', 'error', { facts: { kind: 'sound' } }));
  }
  const seconds = approximate(probe.duration ?? '0');
  context.expect({ seconds });
  const graph: string[] = [];
  const outputs: PlanOutput[] = [];
  if (film !== undefined) {
    graph.push(lookGraph(film.value, job, kinds));
    outputs.push(nowhere('picture', 'video', 'wrapped_avframe'));
  }
  if (programme !== undefined) {
    graph.push(programme.graph, listenGraph(job, outputs.length));
    outputs.push(nowhere('sound', 'audio', 'pcm_s16le'));
  }
  const scenes: Cut[] = [];
  const black = new Passages();
  const freeze = new Passages();
  const silence = new Passages();
  let score = 0;
  const reader = () =>
    new LineReader((key, value) => {
      const found = Number(value);
      if (key === 'lavfi.scd.score') score = found;
      else if (key === 'lavfi.scd.time') {
        const frame = rate === null ? 0 : Math.round(found * rateValue(rate));
        scenes.push({ seconds: found, frame, score });
      } else if (key === 'lavfi.black_start') black.start(found);
      else if (key === 'lavfi.black_end') black.end(found);
      else if (key === 'lavfi.freezedetect.freeze_start') freeze.start(found);
      else if (key === 'lavfi.freezedetect.freeze_end') freeze.end(found);
      else if (key === 'lavfi.silence_start') silence.start(Math.max(0, found));
      else if (key === 'lavfi.silence_end') silence.end(found);
    });
  const readers = outputs.map(reader);
  const taps = readers.map((each) => (chunk: Uint8Array) => each.take(chunk));
  const plan: Plan = { inputs: [planInput(job.input)], graph: graph.join(';'), outputs };
  const done = requireOutput(plan, await context.session.execute(plan, { taps }));
  if (!done.ok) return done;
  for (const each of readers) each.finish();
  for (const each of [black, freeze, silence]) each.end(seconds);
  return accepted(
    {
      frameRate: rate,
      seconds,
      scenes,
      black: black.found,
      freeze: freeze.found,
      silence: silence.found,
    },
    done.findings,
  );
}

function lookGraph(
  film: { readonly picture: NonNullable<ReturnType<typeof mainPicture>>; readonly rate: string },
  job: DetectJob,
  kinds: ReadonlySet<string>,
): string {
  const least = job.leastSeconds ?? LEAST_SECONDS;
  const size = sizeWithin(displaySize(film.picture), DETECT_WIDTH_MAX, DETECT_WIDTH_MAX);
  const chain = [
    pictureChain(film.picture, { frameRate: film.rate, size, pixelFormat: 'yuv420p' }),
    ...(kinds.has('scene') ? [`scdet=threshold=${job.sceneThreshold ?? SCENE_THRESHOLD}`] : []),
    ...(kinds.has('black') ? [`blackdetect=d=${least}:pic_th=0.98:pix_th=0.08`] : []),
    ...(kinds.has('freeze') ? [`freezedetect=n=${FREEZE_NOISE}:d=${least}`] : []),
    printTo('metadata', 0),
  ];
  return `[0:${film.picture.index}]${chain.join(',')}[picture]`;
}

function listenGraph(job: DetectJob, tap: number): string {
  const noise = `${job.silenceDecibels ?? SILENCE_DECIBELS}dB`;
  const least = job.leastSeconds ?? LEAST_SECONDS;
  return (
    `[programme]aresample=48000:first_pts=0,aformat=sample_fmts=s16,silencedetect=n=${noise}:d=${least},` +
    `${printTo('ametadata', tap)}[sound]`
  );
}

/** The colon is escaped for the filter's own options; the quotes keep the escape for it. */
export function printTo(filter: 'metadata' | 'ametadata', tap: number): string {
  return `${filter}=mode=print:file='${tapUrl(tap).replace(':', '\\:')}'`;
}

function nowhere(label: string, kind: 'video' | 'audio', codec: string): PlanOutput {
  const streams = [{ label, kind, codec, options: {} }];
  return { url: '-', format: 'null', options: {}, metadata: {}, streams };
}
