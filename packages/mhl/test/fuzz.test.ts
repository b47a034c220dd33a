import { memorySink, memorySource } from '@yinglian/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  HASH_FORMATS,
  algorithmOf,
  digestBytes,
  encodeHash,
  type HashAction,
  type HashEntry,
  type Manifest,
  type ManifestRecord,
  readChain,
  readManifest1,
  readWholeManifest,
  writeManifest,
} from '../src/index.ts';

/** Mutated inputs of one run; more of them by hand. */
const RUNS = Number(process.env['YINGLIAN_FUZZ_RUNS'] ?? 150);

const text = fc.stringMatching(/^[A-Za-z0-9影片é&<>"' ._-]{1,16}$/);
const path = fc
  .array(fc.stringMatching(/^[A-Za-z0-9影é&<'" _-]{1,8}$/), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('/'));
const date = fc.constant('2026-01-02T03:04:05+08:00');

function hashes(action: fc.Arbitrary<HashAction | undefined>): fc.Arbitrary<readonly HashEntry[]> {
  const one = fc.constantFrom(...HASH_FORMATS).chain((format) => {
    const length = digestBytes(algorithmOf(format));
    return fc
      .tuple(fc.uint8Array({ minLength: length, maxLength: length }), action)
      .map(([bytes, does]): HashEntry => ({
        format,
        value: encodeHash(format, bytes),
        ...(does === undefined ? {} : { action: does }),
      }));
  });
  // In the order of the schema, in which they are written and read.
  const order = ({ format }: HashEntry) => HASH_FORMATS.indexOf(format);
  return fc
    .uniqueArray(one, { selector: ({ format }) => format, minLength: 1, maxLength: 6 })
    .map((all) => all.toSorted((a, b) => order(a) - order(b)));
}

const actions = fc.constantFrom<HashAction>('original', 'verified', 'failed');
const file: fc.Arbitrary<ManifestRecord> = fc.record(
  {
    kind: fc.constant('file' as const),
    path,
    sizeBytes: fc.nat(),
    modificationDate: date,
    hashes: hashes(actions),
    previousPath: path,
  },
  { requiredKeys: ['kind', 'path', 'hashes'] },
);
const folder: fc.Arbitrary<ManifestRecord> = fc.record({
  kind: fc.constant('directory' as const),
  path,
  content: hashes(fc.constant(undefined)),
  structure: hashes(fc.constant(undefined)),
});
const manifest: fc.Arbitrary<Manifest> = fc.record({
  creator: fc.record({
    creationDate: date,
    hostname: text.map((each) => each.trim()),
    tool: fc.record({ name: fc.constant('yinglian'), version: text }),
    authors: fc.array(fc.record({ name: fc.constant('李'), role: text }), { maxLength: 2 }),
  }),
  process: fc.record({
    process: fc.constantFrom('in-place' as const, 'transfer' as const, 'flatten' as const),
    ignore: fc.array(text, { maxLength: 3 }),
  }),
  records: fc.array(fc.oneof(file, folder), { minLength: 1, maxLength: 6 }),
  references: fc.constant([]),
});

async function written(of: Manifest): Promise<Uint8Array> {
  let bytes: Uint8Array = new Uint8Array(0);
  await writeManifest(
    memorySink((each) => void (bytes = each)),
    of,
  );
  return bytes;
}

describe('any manifest', () => {
  it('[MH41] is read back as it was written', async () => {
    await fc.assert(
      fc.asyncProperty(manifest, async (of) => {
        const read = await readWholeManifest(memorySource(await written(of)));
        expect(read).toEqual({ manifest: of, findings: [] });
      }),
      { numRuns: 60 },
    );
  });

  it('[MH42] mutated in any way ends in a reading or in findings, never in a crash', async () => {
    const [sample] = fc.sample(manifest, { numRuns: 1, seed: 7 });
    const lists = [
      await written(sample!),
      Buffer.from('<hashlist version="1.1"><hash><file>a</file><md5>00</md5></hash></hashlist>'),
      Buffer.from(
        '<ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0"><hashlist/></ascmhldirectory>',
      ),
    ];
    const change = fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom('put', 'cut', 'drop', 'again'));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(2),
        fc.array(change, { minLength: 1, maxLength: 8 }),
        async (which, all) => {
          let bytes = Uint8Array.from(lists[which]!);
          for (const [place, value, how] of all) {
            const at = place % (bytes.length + 1);
            if (how === 'put' && at < bytes.length) bytes[at] = value;
            if (how === 'cut') bytes = bytes.slice(0, Math.max(at, 1));
            if (how === 'drop')
              bytes = Uint8Array.from([...bytes.slice(0, at), ...bytes.slice(at + 3)]);
            if (how === 'again')
              bytes = Uint8Array.from([...bytes.slice(0, at), ...bytes.slice(at >> 1)]);
          }
          const source = memorySource(bytes);
          for (const read of [readWholeManifest, readManifest1, readChain]) {
            expect(Array.isArray((await read(source)).findings)).toBe(true);
          }
        },
      ),
      { numRuns: RUNS },
    );
  });
});
