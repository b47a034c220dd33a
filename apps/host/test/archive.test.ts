import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type ArchiveFile, readArchive } from '../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'yinglian-archive-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A ZIP by hand, so that names can be what no honest tool writes. */
function zip(files: Readonly<Record<string, Uint8Array>>, claim?: number): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, bytes] of Object.entries(files)) {
    const packed = deflateRawSync(bytes);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(bytes), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(claim ?? bytes.length, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), packed]);
    const central = Buffer.alloc(46);
    central.write('PK\x01\x02', 0, 'latin1');
    fields.copy(central, 6, 0, 26);
    central.writeUInt32LE(offset, 42);
    directory.push(Buffer.concat([central, Buffer.from(name)]));
    parts.push(local);
    offset += local.length;
  }
  const size = directory.reduce((sum, each) => sum + each.length, 0);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return new Uint8Array(Buffer.concat([...parts, ...directory, end]));
}

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textsOf = (files: readonly ArchiveFile[]) =>
  Object.fromEntries(files.map(({ path, bytes }) => [path, new TextDecoder().decode(bytes)]));
const codes = (outcome: ReturnType<typeof readArchive>) =>
  outcome?.findings.map((each) => each.code) ?? [];

describe('archives', () => {
  it('[HO30] gives the files that tar packed, with long names and gzipped', () => {
    const long = `${'deep/'.repeat(30)}leaf.pem`;
    mkdirSync(join(folder, 'in', long, '..'), { recursive: true });
    writeFileSync(join(folder, 'in', long), 'long');
    writeFileSync(join(folder, 'in', 'a.pem'), 'short');
    for (const format of ['gnu', 'ustar', 'pax']) {
      const file = join(folder, `${format}.tar`);
      const run = spawnSync('tar', [
        '--format',
        format,
        '-cf',
        file,
        '-C',
        join(folder, 'in'),
        '.',
      ]);
      if (run.error !== undefined) {
        console.warn('skipped: tar is not installed');
        return;
      }
      const bytes = new Uint8Array(readFileSync(file));
      for (const given of [bytes, new Uint8Array(gzipSync(bytes))]) {
        const read = readArchive(given);
        expect(read?.ok && textsOf(read.value)).toEqual({ [long]: 'long', 'a.pem': 'short' });
      }
    }
  });

  it('[HO30] gives the files of a ZIP, and of archives in it', () => {
    const inner = zip({ 'b.xml': bytesOf('b') });
    const read = readArchive(zip({ 'a/one.pem': bytesOf('one'), 'more.zip': inner }));
    expect(read?.ok && textsOf(read.value)).toEqual({ 'a/one.pem': 'one', 'more.zip/b.xml': 'b' });
    expect(read?.findings).toEqual([]);
    expect(readArchive(bytesOf('-----BEGIN CERTIFICATE-----'))).toBeUndefined();
  });

  it('[HO31] names that lead outside are left out and told', () => {
    const evil = zip({
      '../up.pem': bytesOf('x'),
      '/etc/x': bytesOf('x'),
      'C:\\x': bytesOf('x'),
      ok: bytesOf('y'),
    });
    const read = readArchive(evil);
    expect(codes(read)).toEqual(Array(3).fill('escaping_archive_path'));
    expect(read?.ok && textsOf(read.value)).toEqual({ ok: 'y' });
  });

  it('[HO31] a bomb stays packed, by its claim and against its claim', () => {
    const zeros = new Uint8Array(4 << 20);
    expect(codes(readArchive(zip({ a: zeros }), { bytes: 1 << 20 }))).toContain(
      'excessive_archive_size',
    );
    expect(codes(readArchive(zip({ a: zeros }, 100)))).toContain('excessive_archive_size');
    const gzipped = new Uint8Array(gzipSync(zeros));
    expect(codes(readArchive(gzipped, { bytes: 1 << 20 }))).toContain('excessive_archive_size');
    let nested = zip({ a: bytesOf('core') });
    for (let i = 0; i < 40; i++) nested = zip({ 'n.zip': nested });
    const read = readArchive(nested);
    expect(read?.ok && read.value.length).toBe(1);
  });

  it('[HO31] a mutated archive is read or refused', () => {
    const base = zip({
      'a/one.pem': bytesOf('one'.repeat(100)),
      'more.zip': zip({ b: bytesOf('b') }),
    });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(base.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        fc.nat(base.length),
        (changes, cut) => {
          const bytes = base.slice(0, cut);
          for (const [at, value] of changes) if (at < cut) bytes[at] = value;
          const read = readArchive(bytes);
          for (const file of read?.ok === true ? read.value : []) {
            expect(file.bytes.length).toBeLessThanOrEqual(1000);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
