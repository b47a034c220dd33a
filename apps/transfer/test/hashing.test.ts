import { createHash } from 'node:crypto';
import {
  appendFileSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex } from '@yinglian/core';
import { afterAll, describe, expect, it } from 'vitest';
import {
  diskTree,
  hashFile,
  loadHashing,
  openHash,
  openHashJournal,
  openHashPool,
} from '../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'yinglian-hashing-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, bytes: Uint8Array | string) => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};
const quiet = { cancelled: () => false };

describe('hashing files', () => {
  it('[TF32] past the cache and through it every size gives the same bytes', async () => {
    const block = 256 * 1024;
    const large = 4 * 1024 * 1024;
    const sizes = [
      0,
      1,
      511,
      512,
      513,
      block - 1,
      block,
      block + 1,
      large - 1,
      large,
      large + 513,
      2 * large + 1,
    ];
    for (const size of sizes) {
      const bytes = Buffer.alloc(size, `${size}`);
      const path = file('sized', bytes);
      const expected = createHash('md5').update(bytes).digest('hex');
      for (const direct of [false, true]) {
        const hashed = await hashFile(path, ['md5'], { ...quiet, direct });
        if ('failed' in hashed) throw new Error(`${size}: ${hashed.reason}`);
        expect([size, direct, toHex(hashed.digests.md5!), hashed.sizeBytes]).toEqual([
          size,
          direct,
          expected,
          size,
        ]);
      }
    }
  });

  it('[TF30] links, folders and what is missing or changes are told', async () => {
    const path = file('plain', 'x'.repeat(100));
    symlinkSync(path, join(folder, 'link'));
    expect(await hashFile(join(folder, 'link'), ['md5'], quiet)).toMatchObject({
      failed: 'unreadable',
    });
    expect(await hashFile(folder, ['md5'], quiet)).toMatchObject({ failed: 'unreadable' });
    expect(await hashFile(join(folder, 'none'), ['md5'], quiet)).toMatchObject({
      failed: 'missing',
    });
    const growing = { ...quiet, onBytes: () => appendFileSync(path, 'more') };
    expect(await hashFile(path, ['md5'], growing)).toMatchObject({ failed: 'changed' });
  });

  it('[TF30] a pool answers for many files at once, and after a cancellation again', async () => {
    const pool = openHashPool(2);
    try {
      const paths = Array.from({ length: 100 }, (_, i) => file(`many${i}`, `content ${i}`));
      const all = await Promise.all(paths.map((path) => pool.hash(path, ['sha1', 'xxh128'])));
      all.forEach((each, i) => {
        if ('failed' in each) throw new Error(each.reason);
        expect(toHex(each.digests.sha1!)).toBe(
          createHash('sha1').update(`content ${i}`).digest('hex'),
        );
      });
      const control = new AbortController();
      control.abort();
      expect(await pool.hash(paths[0]!, ['md5'], { signal: control.signal })).toMatchObject({
        failed: 'unreadable',
      });
      expect(await pool.hash(paths[0]!, ['md5'])).toMatchObject({ sizeBytes: 9 });
    } finally {
      await pool.close();
    }
    expect(await pool.hash(join(folder, 'many1'), ['md5'])).toMatchObject({ failed: 'unreadable' });
  });

  it('[TF30] in pieces or at once, every algorithm gives the same hash', async () => {
    const hashing = await loadHashing();
    const bytes = Uint8Array.from({ length: 5000 }, (_, i) => i & 255);
    for (const each of ['md5', 'sha1', 'sha512', 'xxh32', 'xxh64', 'xxh3', 'xxh128'] as const) {
      const [one, two] = [await openHash(each), await openHash(each)];
      one.update(bytes.subarray(0, 1000));
      two.update(bytes);
      one.update(bytes.subarray(1000));
      const expected = toHex(hashing.digest(each, [bytes.subarray(0, 77), bytes.subarray(77)]));
      expect([each, toHex(one.digest()), toHex(two.digest())]).toEqual([each, expected, expected]);
    }
  });

  it('[TF31] a journal saves what was read, not what has changed since', async () => {
    const [one, two] = [file('one', '1'), file('two', '2')];
    const journal = join(folder, 'journal');
    let reads = 0;
    const pool = {
      parallel: 1,
      hash: (path: string, algorithms: Parameters<typeof hashFile>[1]) => (
        (reads += 1),
        hashFile(path, algorithms, quiet)
      ),
      close: async () => undefined,
    };
    const first = await openHashJournal(pool, journal);
    await first.hash(one, ['md5']);
    await first.hash(two, ['md5']);
    await first.close(false);
    appendFileSync(journal, '{"path":"cut off');
    writeFileSync(two, '3');
    utimesSync(two, 1, 1);
    const second = await openHashJournal(pool, journal);
    const again = await second.hash(one, ['md5']);
    expect('failed' in again ? '' : toHex(again.digests.md5!)).toBe(
      createHash('md5').update('1').digest('hex'),
    );
    const changed = await second.hash(two, ['md5']);
    expect('failed' in changed ? '' : toHex(changed.digests.md5!)).toBe(
      createHash('md5').update('3').digest('hex'),
    );
    await second.hash(one, ['sha1']);
    expect([reads, second.reusedCount]).toEqual([4, 1]);
    await second.close(true);
    const third = await openHashJournal(pool, journal);
    await third.hash(one, ['md5']);
    expect(reads).toBe(5);
    await third.close(true);
  });

  it('[TF30] a tree keeps to its folder and never overwrites', async () => {
    const tree = diskTree(folder, {
      parallel: 1,
      hash: (path, algorithms) => hashFile(path, algorithms, quiet),
    });
    expect(() => tree.open('../x')).toThrow();
    file('there', 'x');
    await expect(tree.create('there')).rejects.toThrow();
    await expect(tree.rename('there', 'plain')).rejects.toThrow();
    expect(await tree.open('nowhere/x')).toBeUndefined();
    expect(await tree.entries('link')).toBeUndefined();
  });
});
