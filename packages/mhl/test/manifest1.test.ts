import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { memorySink, memorySource } from '@yinglian/core';
import { afterAll, describe, expect, it } from 'vitest';
import {
  algorithmOf,
  type AnyHashFormat,
  ascMhlExitCode,
  decodeC4,
  detectEncoding,
  encodeC4,
  encodeHash,
  type FileRecord1,
  type HashElement1,
  KnownFiles,
  knownFilesOf,
  normaliseHash,
  readHash1,
  readManifest1,
  verifyAgainst,
  writeHash1,
  writeManifest1,
} from '../src/index.ts';
import {
  COLLAB,
  copyOf,
  hasFixtures,
  hashing,
  newFolder,
  put,
  removeFolders,
  treeOf,
} from './fixtures.ts';

const MHL1 = join(COLLAB, 'mhl1');
const lists = hasFixtures
  ? readdirSync(MHL1, { recursive: true, encoding: 'utf8' }).filter((each) => each.endsWith('.mhl'))
  : [];
const sourceOf = (path: string) => memorySource(readFileSync(path));

afterAll(removeFolders);

/**
 * The fixtures keep the listed files side by side, with the form of their name in front; here each
 * goes where the list has it, under the decomposed name that macOS would give it.
 */
function placeFiles(folder: string, listed: readonly string[]): number {
  const stored = readdirSync(join(folder, 'files'));
  const plain = (each: string) => each.replace(/^f_nf[cd]_/, '').normalize('NFC');
  let placed = 0;
  for (const path of listed) {
    const base = path.split('/').at(-1)!.normalize('NFC');
    const found = stored.find((each) => plain(each) === base);
    if (found === undefined) continue;
    const target = join(folder, path).normalize('NFD');
    mkdirSync(dirname(target), { recursive: true });
    cpSync(join(folder, 'files', found), target);
    placed += 1;
  }
  return placed;
}

type Vector = Readonly<Record<string, string>>;

describe.skipIf(!hasFixtures)('MHL v1', () => {
  it.each(lists)('[MH30] %s is read and its files verify', async (name) => {
    const folder = copyOf('mhl1', name.split('/')[0]!);
    const path = join(folder, name.split('/').slice(1).join('/'));
    const { manifest, findings } = await readManifest1(sourceOf(path));
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    const { files } = knownFilesOf(manifest!);
    const listed = [...files.all()].map((each) => each.path);
    expect(listed.length).toBeGreaterThan(0);
    const placed = existsSync(join(folder, 'files')) ? placeFiles(folder, listed) : listed.length;
    const result = await verifyAgainst(treeOf(folder), files, {
      everyFormat: true,
      listedOnly: true,
    });
    const faults = result.findings.filter(({ code }) => code !== 'missing_file');
    expect(faults.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(result.counts.verified).toBe(placed);
    expect(placed).toBeGreaterThan(0);
  });

  it('[MH31] a changed byte is found in every spelling', async () => {
    for (const name of ['mhl_verify_md5', 'mhl_verify_xxhash', 'mhl_verify_generic']) {
      const folder = copyOf('mhl1', name);
      const list = readdirSync(folder).find((each) => each.endsWith('.mhl'))!;
      const { manifest } = await readManifest1(sourceOf(join(folder, list)));
      const { files } = knownFilesOf(manifest!);
      const listed = [...files.all()].map((each) => each.path);
      for (const path of listed) {
        const bytes = readFileSync(join(folder, path));
        bytes[7]! ^= 1;
        writeFileSync(join(folder, path), bytes);
      }
      const { counts, findings } = await verifyAgainst(treeOf(folder), files, { listedOnly: true });
      expect([name, counts.failed, ascMhlExitCode(findings)]).toEqual([name, listed.length, 11]);
      rmSync(join(folder, listed[0]!));
      const less = await verifyAgainst(treeOf(folder), files, { listedOnly: true });
      expect(less.counts.missing).toBe(1);
    }
  });

  it('[MH32] the vectors of all formats and both odd spellings', () => {
    const text = readFileSync(join(COLLAB, 'own', 'hash-vectors.json'), 'utf8');
    const { vectors } = JSON.parse(text) as { vectors: readonly Vector[] };
    expect(vectors.length).toBe(35);
    const formats: readonly AnyHashFormat[] = [
      'md5',
      'sha1',
      'xxh32',
      'xxh64',
      'xxh3',
      'xxh128',
      'c4',
    ];
    for (const vector of vectors) {
      const size = Number(vector['size']);
      const bytes = Uint8Array.from({ length: size }, (_, i) => (31 * i + 7) & 255);
      for (const format of formats) {
        const digest = hashing.digest(algorithmOf(format), [bytes]);
        expect([size, format, encodeHash(format, digest)]).toEqual([size, format, vector[format]]);
      }
      const [short, little] = [vector['mhl1_xxhash_decimal']!, vector['mhl1_xxhash64_le']!];
      expect(readHash1('xxhash', short)).toMatchObject({ value: vector['xxh32'] });
      expect(readHash1('xxhash64', little)).toMatchObject({ value: vector['xxh64'] });
    }
  });
});

describe('hash spellings', () => {
  const hex = (bytes: number) =>
    fc
      .uint8Array({ minLength: bytes, maxLength: bytes })
      .map((each) => Buffer.from(each).toString('hex'));

  it('[MH33] every spelling of MHL v1 reads back as the same hash', () => {
    fc.assert(
      fc.property(hex(4), hex(8), hex(16), (short, middle, long) => {
        const hashes = [
          { format: 'xxh32', value: short },
          { format: 'xxh64', value: middle },
          { format: 'xxh3', value: middle },
          { format: 'xxh128', value: long },
          { format: 'md5', value: long },
        ] as const;
        for (const hash of hashes) {
          for (const little of [false, true]) {
            const { element, text } = writeHash1(hash, little);
            expect(readHash1(element, text)).toEqual({ ...hash, padded: false });
          }
        }
      }),
      { numRuns: 50 },
    );
    expect(readHash1('xxhash64', 'a36d9f887d82c726')).toMatchObject({ value: '26c7827d889f6da3' });
    expect(readHash1('xxhash64be', '26c7827d889f6da3')).toMatchObject({
      value: '26c7827d889f6da3',
    });
  });

  it('[MH34] zeros lost at the front are put back and told; other lengths are refused', () => {
    expect(readHash1('xxhash64be', '6c7827d889f6da3')).toEqual({
      format: 'xxh64',
      value: '06c7827d889f6da3',
      padded: true,
    });
    for (const text of ['', 'xyz', '26c7827d889f6da3ff', '26c7827d', '-1']) {
      expect(readHash1('xxhash64be', text)).toBe('invalid');
    }
    for (const text of ['', '4294967296', '-1', '1e3', '0x10', '99999999999']) {
      expect(readHash1('xxhash', text)).toBe('invalid');
    }
    expect(readHash1('null', 'whatever')).toBeUndefined();
    expect(normaliseHash('md5', 'A'.repeat(32))).toEqual({ value: 'a'.repeat(32), padded: false });
  });

  it('[MH35] C4 is base 58 of SHA-512, both ways, padded with 1', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), (digest) => {
        const text = encodeC4(digest);
        expect(text).toMatch(/^c4[1-9A-HJ-NP-Za-km-z]{88}$/);
        expect(decodeC4(text)).toEqual(digest);
      }),
      { numRuns: 100 },
    );
    expect(encodeC4(new Uint8Array(64))).toBe(`c4${'1'.repeat(88)}`);
    expect(decodeC4(`c4${'z'.repeat(88)}`)).toBeUndefined();
    expect(decodeC4(`c4${'0'.repeat(88)}`)).toBeUndefined();
  });
});

const LIST = (encoding: string, name = 'ä.mov') =>
  `<?xml version="1.0" encoding="${encoding}"?>\n<hashlist version="1.1">` +
  `<hash><file>${name}</file>` +
  '<size>1</size><xxhash64be>26c7827d889f6da3</xxhash64be></hash></hashlist>';

function utf32(text: string, littleEndian: boolean): Uint8Array {
  const points = [...text].map((each) => each.codePointAt(0)!);
  const view = new DataView(new ArrayBuffer(points.length * 4));
  points.forEach((each, i) => view.setUint32(i * 4, each, littleEndian));
  return new Uint8Array(view.buffer);
}

describe('encodings', () => {
  const spellings: readonly (readonly [string, Uint8Array])[] = [
    ['utf-8', Buffer.from(LIST('UTF-8'))],
    ['utf-8', Buffer.from(`\ufeff${LIST('UTF-8')}`)],
    ['utf-16le', Buffer.from(LIST('UTF-8'), 'utf16le')],
    ['utf-16le', Buffer.from(`\ufeff${LIST('UTF-16')}`, 'utf16le')],
    ['utf-16be', Buffer.from(LIST('UTF-8'), 'utf16le').swap16()],
    ['utf-16be', Buffer.from(`\ufeff${LIST('UTF-16')}`, 'utf16le').swap16()],
    ['utf-32le', utf32(LIST('UTF-8'), true)],
    ['utf-32be', utf32(`\ufeff${LIST('UTF-32')}`, false)],
    ['iso-8859-15', Buffer.from(LIST('ISO-8859-15'), 'latin1')],
    ['utf-8', Buffer.from(LIST('UTF-16'))],
  ];
  it.each(spellings)('[MH36] %s is recognised from its first bytes', async (encoding, bytes) => {
    expect(detectEncoding(bytes).encoding).toBe(encoding);
    const { manifest } = await readManifest1(memorySource(bytes));
    expect(manifest?.records.map(({ path }) => path)).toEqual(['ä.mov']);
  });

  it('[MH37] unknown encodings and bytes that do not fit are findings', async () => {
    const unknown = await readManifest1(memorySource(Buffer.from(LIST('klingon'))));
    expect(unknown.findings.map(({ code }) => code)).toEqual(['unknown_text_encoding']);
    const broken = Buffer.concat([Buffer.from(LIST('UTF-8')), Buffer.from([0xff, 0xfe])]);
    const read = await readManifest1(memorySource(broken));
    expect(read.findings.map(({ code }) => code)).toEqual(['invalid_text_encoding']);
  });

  it('[MH38] entities and documents types are refused, nothing is fetched', async () => {
    const bomb =
      '<?xml version="1.0"?><!DOCTYPE h [<!ENTITY a "aaaa">]>' +
      '<hashlist version="1.0">&a;</hashlist>';
    const read = await readManifest1(memorySource(Buffer.from(bomb)));
    expect(read.findings.map(({ code }) => code)).toEqual(['unexpected_document_type']);
  });

  it('[MH39] paths that leave the folder are never handed on; backslashes are read', async () => {
    for (const name of ['../x', '/etc/passwd', 'a/../../b', 'C:\\x', '']) {
      const { manifest, findings } = await readManifest1(
        memorySource(Buffer.from(LIST('UTF-8', name))),
      );
      expect(manifest?.records).toEqual([]);
      expect(findings.map(({ code }) => code)).toContain('unsafe_path');
    }
    const { manifest } = await readManifest1(memorySource(Buffer.from(LIST('UTF-8', 'a\\b.mov'))));
    expect(manifest?.records[0]?.path).toBe('a/b.mov');
  });

  it('[MH40] what is written is read back the same', async () => {
    const elements: readonly HashElement1[] = ['xxhash', 'md5'];
    expect(elements.length).toBe(2);
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            path: fc.stringMatching(/^[a-z影 &<é]{1,12}(?:\/[A-Z0-9.]{1,8}[A-Z])?$/),
            sizeBytes: fc.nat(),
            value: hexOf(8),
          }),
          { minLength: 1, maxLength: 8 },
        ),
        async (files) => {
          const records: FileRecord1[] = files.map(({ path, sizeBytes, value }) => ({
            path,
            sizeBytes,
            modificationDate: '2026-01-01T00:00:00Z',
            hashDate: '2026-01-01T00:00:00Z',
            hashes: [{ format: 'xxh64', value }],
          }));
          let bytes: Uint8Array = new Uint8Array(0);
          const sink = memorySink((each) => void (bytes = each));
          await writeManifest1(sink, records, { creator: { tool: 'a & b' }, littleEndian: true });
          const { manifest, findings } = await readManifest1(memorySource(bytes));
          expect(findings).toEqual([]);
          expect(manifest?.records).toEqual(records);
          expect(manifest?.creator).toEqual({ tool: 'a & b' });
        },
      ),
      { numRuns: 30 },
    );
  });
});

function hexOf(bytes: number) {
  return fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((each) => Buffer.from(each).toString('hex'));
}

describe('a list beside the defaults', () => {
  it('[MH43] names files that histories leave out, and they are verified', async () => {
    const folder = newFolder();
    const paths = ['.DS_Store', 'ascmhl/0001.mhl', 'a.mov'];
    put(folder, Object.fromEntries(paths.map((path) => [path, 'x'])));
    put(folder, { 'ascmhl/other': 'y', 'b.mov': 'z' });
    const record = (path: string) => ({ kind: 'file', path, sizeBytes: 1, hashes: [] }) as const;
    const files = new KnownFiles();
    for (const path of paths) files.add(record(path), 0);
    const held = async (ignore: readonly string[] = []) => {
      const { counts, findings } = await verifyAgainst(treeOf(folder), files, { ignore });
      const errors = findings.filter(({ severity }) => severity === 'error');
      return [counts.verified, errors.map(({ code, at }) => `${code} ${at['path']}`)];
    };
    expect(await held(['b.mov'])).toEqual([3, []]);
    expect(await held()).toEqual([3, ['unexpected_file b.mov']]);
    rmSync(join(folder, '.DS_Store'));
    expect(await held(['b.mov'])).toEqual([2, ['missing_file .DS_Store']]);
  });
});
