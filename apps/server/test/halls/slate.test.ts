import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasSlateReader, readSlate, slateText } from '../../src/production/media/slate.ts';

const isThere = (program: string, flag: string) => spawnSync(program, [flag]).error === undefined;
const reason = !isThere('tesseract', '--version')
  ? 'no tesseract on this machine'
  : isThere('ffmpeg', '-version')
    ? undefined
    : 'no FFmpeg to draw a slate with';
if (reason !== undefined) console.warn(`the picture of a slate is skipped: ${reason}`);

describe('slates', () => {
  it.each([
    ['ROLL AOO1\n\nSCENE 12A\nTAKE 3\n', 'ROLL A001\nSCENE 12A\nTAKE 3'],
    ['ROLL B01lCOO2', 'ROLL B011C002'],
    ['POOL 12', 'POOL 12'],
    ['第3场 次2', '第3场 次2'],
    ['00.000)\n=.', undefined],
    ['', undefined],
    ['a b c', undefined],
  ])('[HMA6] %j says %j', (found, text) => {
    expect(slateText(found)).toBe(text);
  });

  it.skipIf(reason !== undefined)('[HMA6] a board in a picture is read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'yinglian-slate-'));
    try {
      const picture = join(folder, 'slate.png');
      const words = ['ROLL A001', 'SCENE 12A', 'TAKE 3'];
      const drawn = words.map((word, line) => {
        const place = `x=200:y=${100 + line * 100}:fontsize=56:fontcolor=white`;
        return `drawtext=text='${word}':${place}`;
      });
      const board = ['drawbox=x=160:y=70:w=640:h=400:color=black:t=fill', ...drawn].join(',');
      const input = 'color=c=gray:s=960x540,noise=alls=20';
      const drawing = ['-v', 'error', '-f', 'lavfi', '-i', input, '-vf', board];
      const made = spawnSync('ffmpeg', [...drawing, '-frames:v', '1', picture]);
      expect(made.stderr.toString()).toBe('');
      expect(await hasSlateReader()).toBe(true);
      const text = await readSlate(picture, new AbortController().signal);
      expect(text?.split('\n')).toEqual(words);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
