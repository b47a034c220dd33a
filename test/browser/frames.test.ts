// Every seek shows the frame that was asked for: films whose frames carry their own numbers are
// sought by number in a real browser, and the number is read back from the painted picture.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumOrReason, launch } from './support/chromium.ts';
import { builtEngine } from './support/clip.ts';
import {
  bundlePlayer,
  CELLS,
  type FilmKind,
  hasFfmpeg,
  numberedFilm,
  serveFilms,
} from './support/frames.ts';

const executable = chromiumOrReason();
const canMakeFilms = await hasFfmpeg();
if (!canMakeFilms) process.stderr.write('frame tests are skipped: no FFmpeg to make films with\n');

/** All codecs at all rates with 100 seeks each, where somebody asks for it. */
const WHOLE = process.env['YINGLIAN_FRAMES'] === 'all';
const SEEKS = WHOLE ? 100 : 12;
const FRAMES = WHOLE ? 480 : 144;
const PATIENCE_MS = 180_000;
const RATES = ['24000/1001', '25', '30000/1001', '50', '60000/1001'];
const KINDS: readonly FilmKind[] = ['h264', 'vp9', 'av1', 'prores', 'hls', 'hls-ts'];
const FEW: readonly (readonly [FilmKind, string])[] = [
  ['h264', '24000/1001'],
  ['vp9', '25'],
  ['av1', '30000/1001'],
  ['prores', '50'],
  ['hls', '60000/1001'],
  ['hls-ts', '24000/1001'],
];
const CASES = WHOLE ? KINDS.flatMap((kind) => RATES.map((rate) => [kind, rate] as const)) : FEW;

type Shown = { readonly asked: number; readonly shown: number | null; readonly ms: number };

describe.skipIf(executable === undefined || !canMakeFilms)('frames in the browser', () => {
  let folder: string;
  let browser: Browser;
  let page: Page;
  let films: Awaited<ReturnType<typeof serveFilms>>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'yinglian-frames-'));
    const media = join(import.meta.dirname, '../../apps/web/src/production/media');
    films = await serveFilms(folder, await bundlePlayer(join(media, 'frame-source.ts')));
    browser = await launch(executable ?? '');
    page = await browser.newPage();
    await page.goto(films.address);
    await page.addScriptTag({ type: 'module', content: PAGE_SCRIPT });
    await page.waitForFunction('globalThis.seekAll !== undefined');
  }, PATIENCE_MS);

  afterAll(async () => {
    await browser?.close();
    await films?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function seek(path: string, rate: string, uneven = false, frames = FRAMES) {
    const asked = seekList(frames);
    const [numerator, denominator = 1] = rate.split('/').map(Number) as [number, number?];
    const options = { framesPerSecond: numerator / denominator, uneven };
    const call = JSON.stringify([path, options, asked]);
    const shown = (await page.evaluate(`seekAll(${call})`)) as Shown[];
    expect(shown.map((each) => each.shown)).toEqual(asked);
    const times = shown.map(({ ms }) => ms).toSorted((a, b) => a - b);
    if (WHOLE) {
      const median = times[times.length >> 1]!.toFixed(0);
      process.stderr.write(`${path}: ${shown.length} of ${asked.length}, median ${median} ms\n`);
    }
  }

  it.each(CASES)(
    'shows the asked frame of %s at %s',
    async (kind, rate) => {
      const at = `${kind}-${rate.replace('/', '-')}`;
      await mkdir(join(folder, at));
      const name = await numberedFilm(join(folder, at), { kind, rate, frames: FRAMES });
      await seek(`/${at}/${name}`, rate);
    },
    PATIENCE_MS,
  );

  it(
    'shows the asked frame where frames do not come evenly',
    async () => {
      await mkdir(join(folder, 'uneven'));
      const film = { kind: 'uneven', rate: '30', frames: FRAMES } as const;
      const name = await numberedFilm(join(folder, 'uneven'), film);
      await seek(`/uneven/${name}`, '30', true);
    },
    PATIENCE_MS,
  );

  it.each(WHOLE ? RATES : ['30000/1001'])(
    'keeps every frame of a proxy at %s',
    async (rate) => {
      const at = `proxy-${rate.replace('/', '-')}`;
      await mkdir(join(folder, at));
      const film = { kind: 'h264', rate, frames: FRAMES } as const;
      const name = await numberedFilm(join(folder, at), film);
      const engine = await builtEngine();
      const proxy = await engine.proxy({
        verb: 'proxy',
        input: { kind: 'file', path: join(folder, at, name) },
        output: join(folder, at, 'proxy.mp4'),
      });
      expect(proxy.ok && proxy.value.frames).toBe(FRAMES);
      await seek(`/${at}/proxy.mp4`, rate);
      // The element itself lands on the frame too, as nothing is reordered in a proxy.
      const [numerator, denominator = 1] = rate.split('/').map(Number) as [number, number?];
      const asked = seekList(FRAMES);
      const shown = await page.evaluate(
        `seekElement(${JSON.stringify([`/${at}/proxy.mp4`, numerator / denominator, asked])})`,
      );
      expect(shown).toEqual(asked);
    },
    PATIENCE_MS,
  );

  it.runIf(WHOLE)(
    'tells how long seeks take in a proxy of 1080 lines',
    async () => {
      await mkdir(join(folder, 'large'));
      const film = { kind: 'h264', rate: '24', frames: 240, width: 1920, height: 1080 } as const;
      const name = await numberedFilm(join(folder, 'large'), film);
      const engine = await builtEngine();
      const proxy = await engine.proxy({
        verb: 'proxy',
        input: { kind: 'file', path: join(folder, 'large', name) },
        output: join(folder, 'large', 'proxy.mp4'),
        heightMax: 1080,
      });
      expect(proxy.ok && proxy.value.height).toBe(1080);
      await seek('/large/proxy.mp4', '24', false, 240);
    },
    PATIENCE_MS,
  );
});

/** The ends, the seams of groups of pictures, and numbers from everywhere; always the same. */
function seekList(frames: number): number[] {
  const list = [frames - 1, 0, 1, 47, 48, 49];
  for (let i = 0, state = 12_345; list.length < SEEKS; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345 + i) >>> 0;
    list.push((state >>> 8) % frames);
  }
  return list;
}

/** Runs in the page: the product's own picture and painter, and a reader of the cells. */
const PAGE_SCRIPT = `
import { createPainter, openPicture } from '/player.js';
const canvas = document.createElement('canvas');
document.body.append(canvas);
function numberOn(source, width, height) {
  const copy = document.createElement('canvas');
  [copy.width, copy.height] = [width, height];
  const surface = copy.getContext('2d', { willReadFrequently: true });
  surface.drawImage(source, 0, 0, width, height);
  let number = 0;
  for (let cell = 0; cell < ${CELLS.columns * CELLS.rows}; cell++) {
    const x = ((cell % ${CELLS.columns}) + 0.5) * width / ${CELLS.columns};
    const y = (Math.floor(cell / ${CELLS.columns}) + 0.5) * height / ${CELLS.rows};
    if (surface.getImageData(Math.floor(x), Math.floor(y), 1, 1).data[1] > 128) number |= 1 << cell;
  }
  return number;
}
globalThis.seekAll = async ([url, options, asked]) => {
  const picture = await openPicture(url, options);
  if (picture === undefined) throw new Error('this browser cannot decode ' + url);
  const painter = createPainter(canvas, picture);
  const shown = [];
  for (const frame of asked) {
    const began = performance.now();
    await painter.show(frame);
    const ms = performance.now() - began;
    const found = painter.painted === frame ? numberOn(canvas, canvas.width, canvas.height) : null;
    shown.push({ asked: frame, shown: found, ms });
  }
  painter.close();
  return shown;
};
globalThis.seekElement = async ([url, framesPerSecond, asked]) => {
  const video = document.createElement('video');
  video.muted = true;
  video.src = url;
  await new Promise((resolve) => video.addEventListener('loadeddata', resolve, { once: true }));
  const shown = [];
  for (const frame of asked) {
    const there = new Promise((resolve) => video.requestVideoFrameCallback(resolve));
    const before = video.currentTime;
    video.currentTime = (frame + 0.5) / framesPerSecond;
    await new Promise((resolve) => video.addEventListener('seeked', resolve, { once: true }));
    const late = new Promise((resolve) => setTimeout(resolve, 500));
    if (before !== video.currentTime) await Promise.race([there, late]);
    shown.push(numberOn(video, video.videoWidth, video.videoHeight));
  }
  return shown;
};
`;
