import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { diskTree, openHashPool } from '@yinglian/transfer';
import { main } from '../src/index.ts';
import { EXIT } from '../src/kernel/exit-codes.ts';
import { createVersion1 } from '../src/production/mhl-v1.ts';

const folder = mkdtempSync(join(tmpdir(), 'yinglian-cli-mhl-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let out = '';
beforeEach(() => {
  out = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => vi.restoreAllMocks());

function card(name: string): string {
  const place = join(folder, name, 'A001R1AB');
  mkdirSync(join(place, 'Clips'), { recursive: true });
  writeFileSync(join(place, 'Clips', 'A001C001_260101_R1AB.mov'), 'no picture in it');
  writeFileSync(join(place, 'Sidecar.txt'), 'about');
  return place;
}

const mhl = (...words: readonly string[]) => main(['--language', 'en', 'mhl', ...words]);

describe('yinglian mhl', () => {
  it('makes, verifies, renames, flattens; exit codes are those of the trade', async () => {
    const place = card('whole');
    expect(await mhl('verify', place)).toBe(30);
    expect(
      await mhl('create', place, '-f', 'xxh128,c4', '--author', 'Li Wei', '--role', 'DIT'),
    ).toBe(0);
    expect(out).toContain('2 original');
    expect(await mhl('verify', place, '--every-format', '--folders')).toBe(0);
    expect(await mhl('info', place)).toBe(0);
    expect(out).toContain('Li Wei');
    expect(await mhl('rename', place, 'Sidecar.txt', 'Side.txt')).toBe(0);
    expect(await mhl('flatten', place, '--to', join(folder, 'flat'), '--collection', 'set')).toBe(
      0,
    );
    const list = readdirSync(join(folder, 'flat', 'set')).find((each) => each.endsWith('.mhl'))!;
    expect(await mhl('verify', place, '--packing-list', join(folder, 'flat', 'set', list))).toBe(0);
    writeFileSync(join(place, 'new.txt'), 'x');
    expect(await mhl('diff', place)).toBe(21);
    writeFileSync(join(place, 'Side.txt'), 'other');
    expect(await mhl('verify', place)).toBe(11);
    rmSync(join(place, 'Side.txt'));
    rmSync(join(place, 'new.txt'));
    expect(await mhl('verify', place)).toBe(10);
    expect(await mhl('info', place, 'nothing')).toBe(20);
    expect(await mhl('report', place)).toBe(0);
    expect(out).toContain('Clips/A001C001_260101_R1AB.mov,,16,');
  });

  it('writes and verifies MHL v1, and goes on with a journal', async () => {
    const place = card('older');
    const list = join(place, 'A001.mhl');
    const journal = join(folder, 'journal');
    expect(await mhl('create', place, '--v1', list, '-f', 'md5', '--resume', journal)).toBe(0);
    expect(readFileSync(list, 'utf8')).toContain('<hashlist version="1.1">');
    expect(existsSync(join(place, 'ascmhl')) || existsSync(journal)).toBe(false);
    expect(await mhl('verify', list)).toBe(0);
    writeFileSync(join(place, 'Sidecar.txt'), 'other');
    expect(await mhl('verify', list)).toBe(11);
  });

  it('verifies by a manifest of a history, and by a packing list with its patterns', async () => {
    const place = card('listed');
    writeFileSync(join(place, 'notes.tmp'), 'x');
    expect(await mhl('create', place, '--ignore', '*.tmp')).toBe(0);
    const [manifest] = readdirSync(join(place, 'ascmhl')).filter((each) => each.endsWith('.mhl'));
    expect(await mhl('verify', join(place, 'ascmhl', manifest!))).toBe(0);
    expect(await mhl('flatten', place, '--to', join(folder, 'packed'), '--collection', 'c')).toBe(
      0,
    );
    const packed = join(folder, 'packed', 'c');
    const list = readdirSync(packed).find((each) => each.endsWith('.mhl'))!;
    expect(await mhl('verify', place, '--packing-list', join(packed, list))).toBe(0);
  });

  it('writes MHL v1 in what it has, and nothing when it is interrupted', async () => {
    const place = card('older-formats');
    const list = join(place, 'A001.mhl');
    expect(await mhl('create', place, '--v1', list, '-f', 'md5,c4')).toBe(EXIT.misused);
    const words = ['create', place, '--v1', list, '-f', 'xxh64,xxh32', '--little-endian'];
    expect(await mhl(...words)).toBe(0);
    const text = readFileSync(list, 'utf8');
    expect(text).toMatch(/<xxhash64>[0-9a-f]{16}<\/xxhash64>\s*<xxhash>\d+<\/xxhash>/);
    expect(await mhl('verify', list)).toBe(0);
    const tree = {
      ...diskTree(place, openHashPool(1)),
      hash: async () => {
        stop.abort();
        return { failed: 'unreadable', reason: 'cancelled' } as const;
      },
    };
    const stop = new AbortController();
    const made = await createVersion1(tree, list, {
      formats: ['md5'],
      littleEndian: false,
      ignore: [],
      author: undefined,
      signal: stop.signal,
      onProgress: () => undefined,
    });
    expect(made.findings.map(({ code }) => code)).toEqual(['interrupted_work']);
    expect(readFileSync(list, 'utf8')).toBe(text);
  });

  it('names what is wrong with the command', async () => {
    const place = card('wrong');
    expect(await mhl('create', place, '-f', 'crc32')).toBe(EXIT.misused);
    expect(await mhl('create', place, '--email', 'nobody')).toBe(EXIT.misused);
    expect(await mhl('create', place, '--process', 'magic')).toBe(EXIT.misused);
    expect(existsSync(join(place, 'ascmhl'))).toBe(false);
  });
});

describe('yinglian offload', () => {
  it('says whether the card is safe, in words and in its exit code', async () => {
    const place = card('offload');
    const targets = ['T1', 'T2'].map((name) => join(folder, 'offload', name));
    const words = ['--language', 'en', 'offload', place, '--no-thumbnails'];
    const both = [...words, ...targets.flatMap((each) => ['--to', each])];
    expect(await main(both)).toBe(EXIT.done);
    expect(out).toContain('SAFE to format the card.');
    expect(out).not.toContain('NOT safe');
    const reports = readdirSync(join(targets[0]!, 'A001R1AB_reports'));
    // Nobody looked into the clips, so there is no timecode that a log could hold.
    expect(reports.map((each) => each.split('.').pop()).sort()).toEqual(['csv', 'html']);
    out = '';
    expect(await main([...words, '--to', join(folder, 'offload', 'T3')])).toBe(EXIT.faulty);
    expect(out).toContain('NOT safe to format the card!');
    out = '';
    writeFileSync(join(targets[0]!, 'A001R1AB', 'Sidecar.txt'), 'something else');
    expect(await main(['--json', ...both])).toBe(EXIT.faulty);
    const answer = JSON.parse(out) as { safe: boolean; reasons: readonly { code: string }[] };
    expect([answer.safe, answer.reasons.map(({ code }) => code)]).toEqual([
      false,
      expect.arrayContaining(['existing_different_file']),
    ]);
    expect(await main([...both, '--as', '../x'])).toBe(EXIT.misused);
    const full = join(folder, 'offload', 'T4');
    mkdirSync(join(full, 'A001R1AB'), { recursive: true });
    writeFileSync(join(full, 'A001R1AB', 'foreign.txt'), 'x');
    expect(await main([...words, '--to', full])).toBe(EXIT.faulty);
    const told = readdirSync(join(full, 'A001R1AB_reports'));
    expect(told.map((each) => each.split('.').pop()).sort()).toEqual(['csv', 'html']);
    cpSync(place, join(folder, 'offload', 'again'), { recursive: true });
  });
});
