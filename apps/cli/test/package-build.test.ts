import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandomBytes } from '@yinglian/host';
import { afterAll, describe, expect, it } from 'vitest';
import { essenceOf } from '../src/distribution/dcp-build.ts';
import type { SourceWork } from '../src/distribution/dcp-sources.ts';
import { givenText } from '../src/distribution/dcp-text.ts';

const folder = mkdtempSync(join(tmpdir(), 'yinglian-package-build-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a build that goes on', () => {
  it('keeps track files where only what the composition says is another', () => {
    const options = { territory: 'CN', versionNumber: '1', date: '2026-11-22T10:00:00+00:00' };
    const other = { territory: 'FR', rating: ['a=b'], date: '2026-11-23T10:00:00+00:00' };
    expect(essenceOf(options)).toEqual(essenceOf(other));
    const text = { subtitle: ['a.srt'] };
    expect(essenceOf({ ...options, ...text })).not.toEqual(essenceOf({ ...other, ...text }));
  });
});

describe('text of a whole film', () => {
  it('is read and spoken of once, however many reels it is cut for', async () => {
    const said: string[] = [];
    const path = join(folder, 'film.ttml');
    const cue = (at: number) => `<p region="top" begin="${at}s" end="${at + 1}s">x</p>`;
    const region = '<region xml:id="top" tts:displayAlign="before"/>';
    writeFileSync(
      path,
      '<tt xmlns="http://www.w3.org/ns/ttml" xmlns:tts="http://www.w3.org/ns/ttml#styling" ' +
        `xml:lang="en"><head><layout>${region}</layout></head><body><div>${cue(5)}${cue(15)}</div></body></tt>`,
    );
    const work = {
      terminal: { locale: 'en', say: () => {}, remark: (text: string) => said.push(text) },
      standard: 'smpte',
      random: seededRandomBytes('x'),
      cues: new Map(),
    } as unknown as SourceWork;
    const reel = {
      frames: 240,
      editRate: { numerator: 24, denominator: 1 },
      title: 'T',
      language: 'en',
      issueDate: '2026-11-22T10:00:00+00:00',
      font: undefined,
    };
    expect(await givenText(work, path, { ...reel, number: 1, fromMs: 0 })).toBeDefined();
    const first = said.length;
    expect(first).toBeGreaterThan(0);
    rmSync(path);
    expect(await givenText(work, path, { ...reel, number: 2, fromMs: 10_000 })).toBeDefined();
    expect(said.length).toBe(first);
  });
});
