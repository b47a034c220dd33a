import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findLetters } from '../src/render/letters.ts';
import { spellLines } from '../src/verbs/stamp-chain.ts';
import { codes, good, implementations, make, requireFreshBuild, scratch, SMALL } from './media.ts';

requireFreshBuild();
const place = scratch();
afterAll(place.remove);

describe('a stamp', () => {
  it('[ME46] is spelled by the bitmap font where it can be, else by letters of the machine', () => {
    const [latin, chinese, none] = ['JOSÉ K1 2026-11-23', '王小明', '😀'];
    const font = { font: '/font.ttc', canDraw: true };
    expect(spellLines([latin], font)).toEqual({
      lines: ['JOSE K1 2026-11-23'], font: undefined, lost: [],
    });
    expect(spellLines([chinese, latin, none], font)).toEqual({
      lines: [chinese, latin], font: '/font.ttc', lost: [none],
    });
    for (const lacking of [{ font: undefined, canDraw: true }, { ...font, canDraw: false }]) {
      expect(spellLines([chinese, latin], lacking)).toEqual({
        lines: ['JOSE K1 2026-11-23'], font: undefined, lost: [chinese],
      });
    }
    expect(findLetters(['/nowhere.ttc', import.meta.filename])).toBe(import.meta.filename);
    expect(findLetters(['/nowhere.ttc'])).toBeUndefined();
  });

  it.skipIf(findLetters() === undefined).each(implementations())(
    '[ME46] $name writes Chinese names all over the picture, and nothing it cannot',
    async ({ engine, name }) => {
      const film = join(place.path, `${name}.mp4`);
      await make(engine, film, { frames: 10 });
      /** The light of all pictures, quarter by quarter. */
      const lightOf = async (file: string) => {
        const sums: number[] = [];
        const seen = await engine.frames(
          { verb: 'frames', input: { kind: 'file', path: file }, pixelFormat: 'yuv420p' },
          { consumer: (each) => void sums.push(...quarters(each.bytes)) },
        );
        good(seen);
        return sums;
      };
      const stamped = join(place.path, `${name}-stamped.mp4`);
      const input = { kind: 'file', path: film } as const;
      const stamp = ["王小明: '50%' \\{x}", 'K1 2026-11-23', '😀'];
      const made = await engine.proxy({ verb: 'proxy', input, output: stamped, stamp });
      expect(good(made).frames).toBe(10);
      expect(codes(made.findings)).toEqual(['unspelled_stamp']);
      const plain = join(place.path, `${name}-plain.mp4`);
      good(await engine.proxy({ verb: 'proxy', input, output: plain }));
      const [before, after] = [await lightOf(plain), await lightOf(stamped)];
      expect(after).toHaveLength(before.length);
      // Letters are in every quarter of every picture.
      for (const [index, light] of after.entries()) {
        expect(Math.abs(light - before[index]!), String(index)).toBeGreaterThan(0.2);
      }
    },
    120_000,
  );
});

/** The mean light of each quarter of a picture, from above; its light lies first in the bytes. */
function quarters(bytes: Uint8Array): number[] {
  const part = (SMALL.width * SMALL.height) / 4;
  return [0, 1, 2, 3].map((index) => {
    const rows = bytes.subarray(index * part, (index + 1) * part);
    return rows.reduce((sum, each) => sum + each, 0) / part;
  });
}
