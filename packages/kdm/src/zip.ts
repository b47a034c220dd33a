import { assert, concatBytes, dateFromDayNumber, encodeUtf8 } from '@yinglian/core';
import type { KdmTime } from './model.ts';

/** One file of a ZIP. */
export type ZipEntry = { readonly name: string; readonly bytes: Uint8Array };

/** Without ZIP64: what one theatre gets is far below these (APPNOTE 4.4.1.4). */
const ENTRIES_MAX = 65_535;
const BYTES_MAX = 0xffff_ffff;
const SIGNATURES = Object.freeze({ local: 0x04034b50, central: 0x02014b50, end: 0x06054b50 });
/** Version 2.0: folders and plain storage. */
const VERSION = 20;
/** Bit 11: names are UTF-8. */
const UTF8_FLAG = 0x0800;
/** Plain file, readable by all, written by its owner, as Unix keeps it. */
const FILE_MODE = 0o100644;
const UNIX = 3;

/**
 * A ZIP of plain, uncompressed files: ciphers and base64 do not shrink, and the same messages give
 * the same bytes. All entries have the same time, by the clocks of `at`.
 */
export function writeZip(entries: readonly ZipEntry[], at: KdmTime): Uint8Array {
  assert(entries.length <= ENTRIES_MAX, 'a ZIP without ZIP64 has at most 65,535 entries');
  const names = new Set(entries.map((entry) => entry.name));
  assert(names.size === entries.length, 'every file of a ZIP has its own name');
  const time = dosTime(at);
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const { name, bytes } of entries) {
    assert(/^[^/\\\0][^\\\0]*$/.test(name), 'a name in a ZIP is relative');
    const shared = sharedFields(encodeUtf8(name), bytes, time);
    const local = concatBytes(words32(SIGNATURES.local), shared.header, words16(0), shared.name);
    directory.push(
      concatBytes(
        words32(SIGNATURES.central),
        words16((UNIX << 8) | VERSION),
        shared.header,
        words16(0, 0, 0, 0),
        words32(FILE_MODE * 0x10000, offset),
        shared.name,
      ),
    );
    parts.push(local, bytes);
    offset += local.length + bytes.length;
    assert(offset <= BYTES_MAX, 'a ZIP without ZIP64 has at most 4 GiB');
  }
  const central = concatBytes(...directory);
  const count = entries.length;
  const end = concatBytes(
    words32(SIGNATURES.end),
    words16(0, 0, count, count),
    words32(central.length, offset),
    words16(0),
  );
  return concatBytes(...parts, central, end);
}

/** What the local header and the central directory say alike, up to the length of the name. */
function sharedFields(
  name: Uint8Array,
  bytes: Uint8Array,
  time: readonly [time: number, date: number],
): { readonly header: Uint8Array; readonly name: Uint8Array } {
  const header = concatBytes(
    words16(VERSION, UTF8_FLAG, 0, ...time),
    words32(crc32(bytes), bytes.length, bytes.length),
    words16(name.length),
  );
  return { header, name };
}

/** MS-DOS time: two seconds the finest, 1980 the first year. */
function dosTime({ instant, offsetMinutes }: KdmTime): [time: number, date: number] {
  const local = Math.floor(instant / 1000) + offsetMinutes * 60;
  const days = Math.floor(local / 86_400);
  const seconds = local - days * 86_400;
  const [year, month, day] = civil(days);
  assert(year >= 1980 && year <= 2107, 'a ZIP tells years from 1980 to 2107');
  const time = (Math.floor(seconds / 3600) << 11) | ((Math.floor(seconds / 60) % 60) << 5);
  return [time | ((seconds % 60) >> 1), ((year - 1980) << 9) | (month << 5) | day];
}

function civil(days: number): [year: number, month: number, day: number] {
  const [year, month, day] = dateFromDayNumber(days).split('-').map(Number);
  return [year!, month!, day!];
}

function words16(...words: readonly number[]): Uint8Array {
  return Uint8Array.from(words.flatMap((word) => [word & 0xff, (word >> 8) & 0xff]));
}

function words32(...words: readonly number[]): Uint8Array {
  return Uint8Array.from(
    words.flatMap((word) =>
      [word, word >>> 8, word >>> 16, word >>> 24].map((byte) => byte & 0xff),
    ),
  );
}

/** ISO 3309, as ZIP and PNG have it. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc32(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = CRC_TABLE[(value ^ byte) & 0xff]! ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}
