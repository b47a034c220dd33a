import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  clipText,
  concatBytes,
  decodeText,
  decodeUtf8,
  encodeUtf8,
  equalBytes,
  fromBase64,
  fromHex,
  isFolderPath,
  memoryFolder,
  memorySink,
  memorySource,
  READ_BYTES_MAX,
  readWhole,
  toBase64,
  toHex,
} from '../src/index.ts';

const any = () => fc.uint8Array({ maxLength: 300 });

describe('hexadecimal and base64', () => {
  it('[CO33] are inverse to their reading and agree with the platform', () => {
    fc.assert(
      fc.property(any(), (value) => {
        const bytes = new Uint8Array(value);
        expect(toHex(bytes)).toBe(Buffer.from(bytes).toString('hex'));
        expect(fromHex(toHex(bytes))).toEqual(bytes);
        expect(fromHex(toHex(bytes).toUpperCase())).toEqual(bytes);
        expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
        expect(fromBase64(toBase64(bytes))).toEqual(bytes);
        expect(fromBase64(toBase64(bytes).replace(/=+$/, ''))).toEqual(bytes);
        expect(fromBase64(toBase64(bytes).replace(/(.{5})/g, '$1\r\n\t '))).toEqual(bytes);
      }),
    );
  });

  it.each([
    'A',
    'AAAAA',
    'AB==',
    'AAB=',
    'A===',
    '=',
    'AA=',
    'AA=A',
    'A-A_',
    'ＡＡＡＡ',
    'AA==AA==',
  ])('[CO33] %s is not base64', (text) => {
    expect(() => fromBase64(text)).toThrow(TypeError);
  });

  it.each(['0', '0g', '０0', 'zz', '0x12', '1 2 '])('[CO33] %s is not hexadecimal', (text) => {
    expect(() => fromHex(text)).toThrow(TypeError);
  });

  it('[CO33] megabytes are read without exhausting the stack', () => {
    const size = 12_000_000;
    expect(fromBase64('A'.repeat((size * 4) / 3)).length).toBe(size);
    expect(fromHex('0'.repeat(size)).length).toBe(size / 2);
  });

  it('[CO33] equal and joined', () => {
    fc.assert(
      fc.property(any(), any(), (a, b) => {
        expect(equalBytes(a, b)).toBe(Buffer.compare(a, b) === 0);
        expect(concatBytes(a, b)).toEqual(new Uint8Array([...a, ...b]));
      }),
    );
  });
});

describe('text', () => {
  it('[CO34] UTF-8 is inverse to its reading', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(decodeUtf8(encodeUtf8(text))).toBe(text);
      }),
    );
    expect(decodeUtf8(encodeUtf8('\ufeff影'))).toBe('\ufeff影');
    expect(decodeText(new Uint8Array([0x71, 0x5f]), 'utf-16le')).toBe('影');
  });

  it.each(['ff', 'c0af', 'eda080', 'f4908080', 'e5bd'])('[CO34] %s is not UTF-8', (hex) => {
    expect(decodeUtf8(fromHex(hex))).toBeUndefined();
  });

  it('[CO34] what a finding repeats is clipped, never in the middle of a character', () => {
    expect(clipText('abc', 3)).toBe('abc');
    expect(clipText('abcd', 3)).toBe('abc…');
    expect(clipText('ab🎬d', 3)).toBe('ab…');
    expect(clipText('x'.repeat(1_000_000)).length).toBeLessThan(200);
  });
});

describe('sources, sinks, folders', () => {
  it('[CO35] written, patched and read bytes are the same', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(any(), { maxLength: 8 }),
        fc.nat(),
        any(),
        async (parts, at, patch) => {
          const folder = memoryFolder();
          const sink = await folder.create('a/b.bin');
          for (const part of parts) await sink.write(part);
          const expected = Buffer.concat(parts);
          const offset = at % (expected.length + 1);
          if (offset + patch.length > expected.length) {
            await expect(sink.patch(offset, patch)).rejects.toThrow(RangeError);
          } else {
            await sink.patch(offset, patch);
            expected.set(patch, offset);
          }
          expect(await folder.open('a/b.bin')).toBeUndefined();
          await sink.close();
          expect(await folder.list()).toEqual([{ path: 'a/b.bin', sizeBytes: expected.length }]);
          const source = await folder.open('a/b.bin');
          expect(Buffer.compare(await readWhole(source!, 10_000), expected)).toBe(0);
          const piece = await source!.read(offset, 5);
          expect(Buffer.compare(piece, expected.subarray(offset, offset + 5))).toBe(0);
        },
      ),
    );
  });

  it('[CO35] limits and lying sources are refused', async () => {
    await expect(readWhole(memorySource(new Uint8Array(11)), 10)).rejects.toThrow('limit of 10');
    const liar = { sizeBytes: 20, read: async () => new Uint8Array(3) };
    await expect(readWhole(liar, 100)).rejects.toThrow('ended after 3 of 20');
    await expect(memorySource(new Uint8Array(3)).read(-1, 2)).rejects.toThrow(RangeError);
    expect(await memorySource(new Uint8Array(3)).read(9, 2)).toEqual(new Uint8Array(0));
  });

  it('[CO35] a large source is read in pieces of the common limit', async () => {
    const lengths: number[] = [];
    const source = {
      sizeBytes: READ_BYTES_MAX + 5,
      read: async (_: number, length: number) => {
        lengths.push(length);
        return new Uint8Array(length).fill(lengths.length);
      },
    };
    const whole = await readWhole(source, 2 * READ_BYTES_MAX);
    expect(lengths).toEqual([READ_BYTES_MAX, 5]);
    expect([whole[0], whole.at(-1), whole.length]).toEqual([1, 2, READ_BYTES_MAX + 5]);
  });

  it('[CO35] an aborted sink leaves nothing and may be written again', async () => {
    let handed: Uint8Array | undefined;
    const sink = memorySink((bytes) => (handed = bytes));
    await sink.write(new Uint8Array(9));
    await sink.abort();
    await sink.write(new Uint8Array([1]));
    await sink.close();
    expect(handed).toEqual(new Uint8Array([1]));
  });

  it.each(['a', 'a/b.xml', '影片 (1)/卷.mxf', '..a', 'a..b/c'])('[CO36] %s is inside', (path) => {
    expect(isFolderPath(path)).toBe(true);
  });

  it.each(['', '/a', 'a/', '../a', 'a/../b', './a', 'a//b', 'a\\b', 'C:/a', 'a:b', 'a\0', 'a\n'])(
    '[CO36] %j is refused',
    async (path) => {
      expect(isFolderPath(path)).toBe(false);
      await expect(memoryFolder().create(path)).rejects.toThrow(RangeError);
    },
  );
});
