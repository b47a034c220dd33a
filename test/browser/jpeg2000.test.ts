// The picture codec in a real browser, from the same build as in Node: equal bytes, equal pictures.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { chromiumOrReason, launch } from './support/chromium.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const built = join(root, 'packages/jpeg2000/dist/index.js');
const browserPath = chromiumOrReason();
if (!existsSync(built)) process.stderr.write('skipped: packages/jpeg2000 is not built\n');

const SITE = 'http://jpeg2000.test';
/** Finds the packages as Node does; the page asks for nothing else. */
const PAGE = `<!doctype html><title>codec</title><script type="importmap">${JSON.stringify({
  imports: {
    '@yinglian/core': '/packages/core/dist/index.js',
    '@yinglian/jpeg2000': '/packages/jpeg2000/dist/index.js',
  },
})}</script>`;

/** Runs in Node and in the page alike, so it names nothing of either. */
async function work(codec: typeof import('@yinglian/jpeg2000')) {
  const { createBlockCoder, createDecoder, createEncoder, transcodeHeaders } = codec;
  const [width, height] = [400, 216];
  let state = 7;
  const components = [0, 1, 2].map((c) =>
    Uint16Array.from({ length: width * height }, (_, i) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return 1500 + (i % width) * (3 + c) + (state >>> 23);
    }),
  );
  const image = { width, height, bitDepth: 12, components };
  const encoder = await createEncoder();
  const decoder = await createDecoder();
  const coder = await createBlockCoder();
  const cinema = {
    resolution: '2k',
    frameRate: { numerator: 24n, denominator: 1n },
    bitRateMbit: 15,
  } as const;
  const frame = encoder.encodeCinema(image, cinema).codestream;
  const shared = await encoder.encodeCinemaShared(image, cinema, [
    (task) => Promise.resolve(coder.code(task)),
  ]);
  const lossless = encoder.encode(image, { layerBytes: [9000], tileWidth: 150, tileHeight: 100 });
  const transcoded = transcodeHeaders(lossless, { progression: 'RPCL', packHeaders: 'main' });
  if (!transcoded.ok) throw new Error('refused');
  const decoded = decoder.decode(frame).components.map((plane) => Uint16Array.from(plane));
  const back = decoder.decode(transcoded.value).components;
  const isLossless = back.every((plane, c) => plane.every((v, i) => v === components[c]![i]));
  const streams = [frame, shared.codestream, lossless, transcoded.value];
  const hex = (bytes: Uint8Array) =>
    Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const pictures = decoded.map((plane) => new Uint8Array(plane.buffer));
  return { all: [...streams, ...pictures].map(hex), isLossless };
}

const hashes = (all: readonly string[]) =>
  all.map((text) => createHash('sha256').update(text).digest('hex'));

describe.skipIf(browserPath === undefined || !existsSync(built))('the codec in a browser', () => {
  it('codes and decodes to the same bytes as in Node', async () => {
    const here = await work((await import(built)) as typeof import('@yinglian/jpeg2000'));
    const browser = await launch(browserPath!);
    try {
      const page = await browser.newPage();
      await page.route(`${SITE}/**`, async (route) => {
        const path = new URL(route.request().url()).pathname;
        if (path === '/') return route.fulfill({ contentType: 'text/html', body: PAGE });
        if (!/^\/packages\/(core|jpeg2000)\/dist\/[\w/.-]+\.js$/.test(path)) return route.abort();
        const body = readFileSync(join(root, path));
        return route.fulfill({ contentType: 'text/javascript', body });
      });
      await page.goto(`${SITE}/`);
      const there = await page.evaluate(
        `(async () => (${work.toString()})(await import('@yinglian/jpeg2000')))()`,
      );
      const told = there as Awaited<ReturnType<typeof work>>;
      expect(hashes(told.all)).toEqual(hashes(here.all));
      expect([here.isLossless, told.isLossless]).toEqual([true, true]);
      expect(here.all[0]).toBe(here.all[1]);
    } finally {
      await browser.close();
    }
  });
});
