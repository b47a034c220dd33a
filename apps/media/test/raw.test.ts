import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { DAYLIGHT, NEUTRAL, rawFrame } from './dng.ts';
import { codes, good, implementations, requireFreshBuild, scratch } from './media.ts';

requireFreshBuild();
const place = scratch();
afterAll(place.remove);

const [WIDTH, HEIGHT] = [320, 180];

describe('raw pictures', () => {
  it.each(implementations())('[ME47] $name shows neutral light grey, as screens spread it', async ({
    engine, name,
  }) => {
    for (let frame = 0; frame < 3; frame++) {
      writeFileSync(join(place.path, `${name}_${frame}.dng`), rawFrame(WIDTH, HEIGHT, frame));
    }
    const pattern = join(place.path, `${name}_%d.dng`);
    const numbers = { firstNumber: 0, count: 3, frameRate: '24' } as const;
    const sequence = { kind: 'sequence', pattern, ...numbers } as const;
    const output = join(place.path, `${name}.mp4`);
    const developed = async (neutral: readonly number[]) => {
      const raw = { ...sequence, neutral, daylight: DAYLIGHT };
      const made = await engine.proxy({ verb: 'proxy', input: raw, output });
      expect(good(made).frames).toBe(3);
      expect(codes(made.findings)).toContain('simplified_development');
      const light: number[][] = [];
      const input = { kind: 'file', path: output } as const;
      good(await engine.frames({ verb: 'frames', input, pixelFormat: 'rgb24', count: 1 }, {
        consumer: ({ bytes }) => {
          for (const share of [0.25, 0.5, 0.75]) {
            const at = (Math.floor(HEIGHT / 2) * WIDTH + WIDTH * share) * 3;
            light.push([...bytes.subarray(at, at + 3)]);
          }
        },
      }));
      return light;
    };
    const grey = await developed(NEUTRAL);
    for (const [index, share] of [0.25, 0.5, 0.75].entries()) {
      const expected = 255 * share ** (1 / 2.4);
      for (const each of grey[index]!) expect(Math.abs(each - expected)).toBeLessThan(12);
    }
    // In the light of a lamp the same picture is blue.
    const lamp = NEUTRAL.map((each, index) => each * [2, 1, 0.5][index]!);
    const [red, , blue] = (await developed(lamp))[1]!;
    expect(blue! - red!).toBeGreaterThan(30);
  }, 60_000);
});
