import fc from 'fast-check';
import { type ByteSource, memoryFolder, memorySource } from '@yinglian/core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  openTrackFile,
  parseTriplet,
  readAssetMap,
  readComposition,
  readFrame,
  readPackingList,
  readTimedText,
  TrackFileScanner,
  verifyPackage,
} from '../src/index.ts';
import { build, type Target, textDocument } from './faults.ts';
import { cryptography, HAS_FIXTURES } from './fixtures.ts';

/** A longer run is asked for by the environment; this one is bounded for every commit. */
const RUNS = Number(process.env['YINGLIAN_FUZZ_RUNS'] ?? 400);

type Mutation = { readonly at: number; readonly kind: number; readonly value: number };
const mutations = fc.array(
  fc.record({
    at: fc.nat(0x7fff_ffff),
    kind: fc.nat(4),
    value: fc.nat(255),
  }),
  { minLength: 1, maxLength: 6 },
);

function mutate(bytes: Uint8Array, changes: readonly Mutation[]): Uint8Array {
  let out = bytes.slice();
  for (const { at, kind, value } of changes) {
    if (out.length === 0) break;
    const place = at % out.length;
    if (kind === 0) out[place] = value;
    else if (kind === 1) out[place]! ^= 1 << (value % 8);
    else if (kind === 2) out = out.slice(0, place);
    else if (kind === 3)
      out = new Uint8Array([
        ...out.subarray(0, place),
        ...new Uint8Array(value),
        ...out.subarray(place),
      ]);
    else out.fill(value, place, place + 8);
  }
  return out;
}

describe.skipIf(!HAS_FIXTURES)('hostile input', () => {
  let target: Target;
  beforeAll(async () => {
    target = await build(
      { encrypted: true },
      { frames: 3, frame: (frame) => frame.slice(0, 400) },
      true,
    );
  });

  it('[DCP67] mutated track files neither crash nor hang the reader and the scanner', async () => {
    const picture = target.files.get(target.path('picture_'))!;
    // Header, the bytes around the partitions, the index: filler alone would only waste runs.
    const dense = new Uint8Array([...picture.subarray(0, 6000), ...picture.subarray(16_300)]);
    await fc.assert(
      fc.asyncProperty(fc.boolean(), mutations, async (whole, changes) => {
        const bytes = mutate(whole ? picture : dense, changes);
        const outcome = await openTrackFile(memorySource(bytes));
        if (outcome.ok)
          await readFrame(outcome.value, 0, { cryptography, key: new Uint8Array(16) });
        const scanner = new TrackFileScanner(() => undefined);
        for (let at = 0; at < bytes.length; at += 5000) scanner.push(bytes.subarray(at, at + 5000));
        scanner.finish();
      }),
      { numRuns: RUNS },
    );
  });

  it('[DCP80] sizes and offsets beyond any file are no place to read', async () => {
    const picture = target.files.get(target.path('picture_'))!;
    // FooterPartition, HeaderByteCount, IndexByteCount and BodyOffset of both partition packs.
    const body = 16_384;
    for (const pack of [0, body]) {
      for (const field of [24, 32, 40, 52]) {
        for (const value of [0x20, 0x7f, 0xff]) {
          const bytes = picture.slice();
          bytes.fill(value, pack + 20 + field, pack + 20 + field + 8);
          const strict: ByteSource = {
            sizeBytes: bytes.length,
            read: async (offset, length) => {
              expect(Number.isSafeInteger(offset) && offset >= 0 && length >= 0).toBe(true);
              return bytes.slice(offset, offset + length);
            },
          };
          const outcome = await openTrackFile(strict);
          if (outcome.ok) await readFrame(outcome.value, 1);
        }
      }
    }
  });

  it('[DCP68] mutated documents are refused or read, never thrown', () => {
    const documents = [...target.files]
      .filter(([path]) => !path.endsWith('.mxf'))
      .map(([, bytes]) => bytes);
    documents.push(textDocument());
    fc.assert(
      fc.property(fc.nat(documents.length - 1), mutations, (which, changes) => {
        const bytes = mutate(documents[which]!, changes);
        readAssetMap(bytes, 'x');
        readPackingList(bytes, 'x');
        readComposition(bytes, 'x');
        readTimedText(bytes, 'x');
      }),
      { numRuns: RUNS },
    );
  });

  it('[DCP69] mutated triplets are triplets or nothing', async () => {
    const file = await openTrackFile(memorySource(target.files.get(target.path('sound_'))!));
    if (!file.ok) throw new Error('not opened');
    const at = file.value.partitions[1]!.essenceOffset + 20;
    const value = target.files.get(target.path('sound_'))!.slice(at, at + 4000);
    fc.assert(
      fc.property(mutations, (changes) => {
        const triplet = parseTriplet(mutate(value, changes));
        if (triplet !== undefined)
          expect(triplet.esv.length % 16).toBe(triplet.plaintextOffset % 16);
      }),
      { numRuns: RUNS },
    );
  });

  it('[DCP70] a whole package with any file mutated gets a report', async () => {
    const paths = [...target.files.keys()];
    await fc.assert(
      fc.asyncProperty(fc.nat(paths.length - 1), mutations, async (which, changes) => {
        const files = new Map(target.files);
        files.set(paths[which]!, mutate(files.get(paths[which]!)!, changes));
        const report = await verifyPackage(memoryFolder(files), { cryptography });
        expect(report.findings.length).toBeGreaterThan(0);
      }),
      { numRuns: Math.ceil(RUNS / 8) },
    );
  });
});
