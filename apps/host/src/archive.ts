import { gunzipSync, inflateRawSync } from 'node:zlib';
import { accepted, clipText, type Finding, finding, type Outcome, refused } from '@yinglian/core';
import { pathParts } from './paths.ts';

/** One file of an archive. Names are for people and for telling formats apart: none is written. */
export type ArchiveFile = { readonly path: string; readonly bytes: Uint8Array };

/** Bounds of what an archive may unpack to. */
export type ArchiveLimits = {
  readonly files: number;
  /** Of all files together, unpacked. */
  readonly bytes: number;
  /** Archives within archives. */
  readonly depth: number;
};

/** A maker's bundle of a production year has some thousand certificates of a few kilobytes. */
export const ARCHIVE_LIMITS: ArchiveLimits = Object.freeze({
  files: 50_000,
  bytes: 256 * 1024 * 1024,
  depth: 4,
});

/**
 * All files of a ZIP, TAR, or gzipped TAR, those in archives within it included, their paths joined
 * with `/`. Undefined for bytes that are no archive. What is damaged, encrypted, too large or named
 * to escape is a finding, and the rest is still read.
 */
export function readArchive(
  bytes: Uint8Array,
  limits: Partial<ArchiveLimits> = {},
): Outcome<readonly ArchiveFile[]> | undefined {
  const work: Work = {
    limits: { ...ARCHIVE_LIMITS, ...limits },
    files: [],
    findings: [],
    bytes: 0,
  };
  if (!unpackInto(work, bytes, '', 0)) return undefined;
  return work.files.length === 0
    ? refused(...work.findings, finding('empty_archive', 'error'))
    : accepted(work.files, work.findings);
}

type Work = {
  readonly limits: ArchiveLimits;
  readonly files: ArchiveFile[];
  readonly findings: Finding[];
  bytes: number;
};

/** Whether the bytes were an archive. */
function unpackInto(work: Work, bytes: Uint8Array, base: string, depth: number): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length >= 4 && buffer.readUInt32LE(0) === ZIP_LOCAL) {
    readZip(work, buffer, base, depth);
    return true;
  }
  if (buffer.length >= 22 && buffer.readUInt32LE(0) === ZIP_END) return true;
  if (buffer[0] === 0x1f && buffer[1] === 0x8b) {
    const inner = unpacked(work, base, () => gunzipSync(buffer, { maxOutputLength: room(work) }));
    if (inner !== undefined && !unpackInto(work, inner, base, depth))
      take(work, base, inner, depth);
    return true;
  }
  if (isTar(buffer)) {
    readTar(work, buffer, base, depth);
    return true;
  }
  return false;
}

const room = (work: Work) => Math.max(1, work.limits.bytes - work.bytes);

function unpacked(work: Work, path: string, unpack: () => Buffer): Buffer | undefined {
  try {
    return unpack();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const large = code === 'ERR_BUFFER_TOO_LARGE';
    const facts = large
      ? { limitBytes: work.limits.bytes }
      : { reason: clipText(code ?? 'damaged') };
    const at = { file: path === '' ? '.' : path };
    work.findings.push(
      finding(large ? 'excessive_archive_size' : 'invalid_archive', 'error', { at, facts }),
    );
    return undefined;
  }
}

/** Keeps a file, or unpacks it where it is an archive itself. */
function take(work: Work, path: string, bytes: Uint8Array, depth: number): void {
  if (work.files.length >= work.limits.files || work.bytes + bytes.length > work.limits.bytes) {
    if (!work.findings.some((each) => each.code === 'excessive_archive_size')) {
      const facts = { limitBytes: work.limits.bytes };
      work.findings.push(finding('excessive_archive_size', 'error', { at: { file: path }, facts }));
    }
    return;
  }
  work.bytes += bytes.length;
  if (depth < work.limits.depth && unpackInto(work, bytes, path, depth + 1)) return;
  work.files.push({ path, bytes: new Uint8Array(bytes) });
}

/** The path inside the archive, or undefined for one that could lead elsewhere. */
function safePath(work: Work, base: string, name: string): string | undefined {
  // Some makers' tools write their own separator.
  const path = name.replaceAll('\\', '/').replace(/^(?:\.\/)+/, '');
  if (pathParts(path) !== undefined) return base === '' ? path : `${base}/${path}`;
  const facts = { path: clipText(name) };
  work.findings.push(finding('escaping_archive_path', 'error', { facts }));
  return undefined;
}

const ZIP_LOCAL = 0x04034b50;
const ZIP_CENTRAL = 0x02014b50;
const ZIP_END = 0x06054b50;
const ZIP_END_BYTES = 22;
const ZIP_COMMENT_MAX = 65_535;
const STORED = 0;
const DEFLATED = 8;

/** APPNOTE 4.3: by the central directory, which is what people and tools see. */
function readZip(work: Work, buffer: Buffer, base: string, depth: number): void {
  const end = zipEnd(buffer);
  if (end === undefined) {
    work.findings.push(finding('invalid_archive', 'error', { facts: { reason: 'directory' } }));
    return;
  }
  let at = buffer.readUInt32LE(end + 16);
  const count = Math.min(buffer.readUInt16LE(end + 10), work.limits.files);
  for (let entry = 0; entry < count; entry++) {
    if (at + 46 > buffer.length || buffer.readUInt32LE(at) !== ZIP_CENTRAL) {
      work.findings.push(finding('invalid_archive', 'error', { facts: { reason: 'entry' } }));
      return;
    }
    const nameLength = buffer.readUInt16LE(at + 28);
    const name = buffer.toString('utf8', at + 46, at + 46 + nameLength);
    if (!name.endsWith('/')) readZipEntry(work, buffer, at, { name, base, depth });
    at += 46 + nameLength + buffer.readUInt16LE(at + 30) + buffer.readUInt16LE(at + 32);
  }
}

function zipEnd(buffer: Buffer): number | undefined {
  const first = Math.max(0, buffer.length - ZIP_END_BYTES - ZIP_COMMENT_MAX);
  for (let at = buffer.length - ZIP_END_BYTES; at >= first; at--) {
    if (buffer.readUInt32LE(at) === ZIP_END) return at;
  }
  return undefined;
}

function readZipEntry(
  work: Work,
  buffer: Buffer,
  at: number,
  entry: { readonly name: string; readonly base: string; readonly depth: number },
): void {
  const path = safePath(work, entry.base, entry.name);
  if (path === undefined) return;
  const fault = (reason: string) =>
    void work.findings.push(
      finding('invalid_archive', 'error', { at: { file: path }, facts: { reason } }),
    );
  if ((buffer.readUInt16LE(at + 8) & 1) !== 0) return fault('encrypted');
  const method = buffer.readUInt16LE(at + 10);
  const packedBytes = buffer.readUInt32LE(at + 20);
  const bytes = buffer.readUInt32LE(at + 24);
  const local = buffer.readUInt32LE(at + 42);
  if (local + 30 > buffer.length || buffer.readUInt32LE(local) !== ZIP_LOCAL) return fault('entry');
  const from = local + 30 + buffer.readUInt16LE(local + 26) + buffer.readUInt16LE(local + 28);
  if (from + packedBytes > buffer.length) return fault('truncated');
  const packed = buffer.subarray(from, from + packedBytes);
  if (method === STORED) return take(work, path, packed, entry.depth);
  if (method !== DEFLATED) return fault(`method ${method}`);
  if (bytes > room(work)) {
    const facts = { limitBytes: work.limits.bytes };
    work.findings.push(finding('excessive_archive_size', 'error', { at: { file: path }, facts }));
    return;
  }
  // One byte more than it promises is a lie, and no more than that is unpacked.
  const plain = unpacked(work, path, () => inflateRawSync(packed, { maxOutputLength: bytes + 1 }));
  if (plain === undefined) return;
  if (plain.length !== bytes) return fault('length');
  take(work, path, plain, entry.depth);
}

const TAR_BLOCK = 512;

/** POSIX ustar and GNU: a header of 512 bytes whose sum of bytes stands in it. */
function isTar(buffer: Buffer): boolean {
  return buffer.length >= TAR_BLOCK && tarSum(buffer, 0) === tarNumber(buffer, 148, 8);
}

function tarSum(buffer: Buffer, at: number): number {
  let sum = 0;
  for (let i = 0; i < TAR_BLOCK; i++) sum += i >= 148 && i < 156 ? 0x20 : buffer[at + i]!;
  return sum;
}

function tarNumber(buffer: Buffer, at: number, length: number): number {
  const text = buffer
    .toString('latin1', at, at + length)
    .replace(/[\0 ]+$/, '')
    .trim();
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : -1;
}

const tarText = (buffer: Buffer, at: number, length: number) =>
  buffer.toString('utf8', at, at + length).replace(/\0.*$/s, '');

function readTar(work: Work, buffer: Buffer, base: string, depth: number): void {
  let longName: string | undefined;
  for (let at = 0; at + TAR_BLOCK <= buffer.length;) {
    if (buffer[at] === 0) break;
    const size = tarNumber(buffer, at + 124, 12);
    const from = at + TAR_BLOCK;
    if (tarSum(buffer, at) !== tarNumber(buffer, at + 148, 8) || size < 0) {
      work.findings.push(finding('invalid_archive', 'error', { facts: { reason: 'header' } }));
      return;
    }
    if (from + size > buffer.length) {
      work.findings.push(finding('invalid_archive', 'error', { facts: { reason: 'truncated' } }));
      return;
    }
    const kind = String.fromCharCode(buffer[at + 156]!);
    const content = buffer.subarray(from, from + size);
    if (kind === 'L') longName = tarText(content, 0, size);
    else if (kind === 'x') longName = paxPath(content) ?? longName;
    else if (kind === '0' || kind === '\0') {
      const prefix = tarText(buffer, at + 345, 155);
      const short = tarText(buffer, at, 100);
      const name = longName ?? (prefix === '' ? short : `${prefix}/${short}`);
      longName = undefined;
      const path = safePath(work, base, name);
      if (path !== undefined) take(work, path, content, depth);
    } else longName = undefined;
    at = from + Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
  }
}

/** `25 path=a/b/c.pem\n` (POSIX pax). */
function paxPath(content: Buffer): string | undefined {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(content.toString('utf8'))?.[1];
}
