import {
  accepted,
  type ByteSource,
  type Cryptography,
  type Finding,
  finding,
  type FolderReader,
  isFolderPath,
  type Outcome,
  refused,
  toHex,
} from '@yinglian/core';
import { readJson } from '../json/read.ts';
import { isJsonObject, type JsonValue, member, numberMember, textMember } from '../json/value.ts';
import { decodeList } from '../text.ts';
import { TURNOVER_MANIFEST } from './turnover.ts';

/** A file of a package as its manifest names it. */
export type TurnoverFile = {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
};

/** A package that arrived: what it says it is, and which of its files are what they were. */
export type ReceivedTurnover = {
  readonly department: string;
  readonly title: string;
  readonly version: string;
  readonly files: readonly (TurnoverFile & { readonly sound: boolean })[];
  /** True when every file is there and has its digest. */
  readonly whole: boolean;
};

/** What is told of long work, and how it is stopped. */
export type ReceivingWatch = {
  readonly onProgress?: (done: { readonly bytes: number; readonly byteCount: number }) => void;
  readonly signal?: { readonly aborted: boolean };
};

const MANIFEST_BYTES_MAX = 64 * 1024 * 1024;
const PIECE_BYTES = 4 * 1024 * 1024;

/**
 * Proves a package that somebody handed over: every file of the manifest is read and its size and
 * SHA-256 compared. Files that the manifest does not name are told, for they are not proven.
 */
export async function receiveTurnover(
  folder: FolderReader,
  cryptography: Cryptography,
  watch: ReceivingWatch = {},
): Promise<Outcome<ReceivedTurnover>> {
  const source = await folder.open(TURNOVER_MANIFEST);
  if (source === undefined) return refuse('missing_turnover_manifest');
  const manifest = await readManifest(source);
  if (!manifest.ok) return manifest;
  const findings: Finding[] = [...manifest.findings];
  const listed = manifest.value.files;
  const byteCount = listed.reduce((sum, each) => sum + each.sizeBytes, 0);
  const files: ReceivedTurnover['files'][number][] = [];
  let bytes = 0;
  for (const each of listed) {
    if (watch.signal?.aborted === true) return refuse('interrupted_turnover');
    const found = await examine(folder, each, cryptography, watch, (more) => {
      bytes += more;
      watch.onProgress?.({ bytes, byteCount });
    });
    if (found !== undefined) findings.push(found);
    files.push({ ...each, sound: found === undefined });
  }
  const known = new Set([TURNOVER_MANIFEST, ...listed.map(({ path }) => path.normalize('NFC'))]);
  for (const { path } of await folder.list()) {
    if (known.has(path.normalize('NFC'))) continue;
    findings.push(finding('unlisted_turnover_file', 'warning', { at: { path } }));
  }
  const whole = files.every(({ sound }) => sound);
  return accepted({ ...manifest.value, files, whole }, findings);
}

async function examine(
  folder: FolderReader,
  of: TurnoverFile,
  cryptography: Cryptography,
  watch: ReceivingWatch,
  onBytes: (count: number) => void,
): Promise<Finding | undefined> {
  const wrong = (code: string, facts: Record<string, string | number> = {}) =>
    finding(code, 'error', { facts, at: { path: of.path } });
  const source = await folder.open(of.path);
  if (source === undefined) return wrong('missing_turnover_file');
  try {
    if (source.sizeBytes !== of.sizeBytes) {
      const facts = { expected: of.sizeBytes, found: source.sizeBytes };
      return wrong('mismatched_turnover_size', facts);
    }
    const hash = cryptography.hash('sha256');
    for (let at = 0; at < source.sizeBytes; at += PIECE_BYTES) {
      if (watch.signal?.aborted === true) return wrong('interrupted_turnover');
      const length = Math.min(PIECE_BYTES, source.sizeBytes - at);
      const piece = await source.read(at, length);
      hash.update(piece);
      onBytes(piece.length);
    }
    const found = toHex(hash.digest());
    return found === of.sha256
      ? undefined
      : wrong('mismatched_turnover_hash', { expected: of.sha256, found });
  } finally {
    await source.close?.();
  }
}

type Manifest = Omit<ReceivedTurnover, 'files' | 'whole'> & { readonly files: TurnoverFile[] };

async function readManifest(source: ByteSource): Promise<Outcome<Manifest>> {
  try {
    if (source.sizeBytes > MANIFEST_BYTES_MAX) return refuse('invalid_turnover_manifest');
    const bytes = await source.read(0, source.sizeBytes);
    const read = readJson(decodeList(bytes).text);
    if (!read.ok) return read;
    const of = read.value;
    const listed = isJsonObject(of) ? member(of, 'files') : undefined;
    if (!isJsonObject(of) || !Array.isArray(listed)) return refuse('invalid_turnover_manifest');
    const files: TurnoverFile[] = [];
    for (const each of listed as readonly JsonValue[]) {
      const file = fileOf(each);
      if (file === undefined) return refuse('invalid_turnover_manifest');
      files.push(file);
    }
    const said = (name: string) => textMember(of, name) ?? '';
    return accepted(
      { department: said('department'), title: said('title'), version: said('version'), files },
      read.findings,
    );
  } finally {
    await source.close?.();
  }
}

/** Undefined for what is no file inside the package: nothing outside of it is ever opened. */
function fileOf(of: JsonValue): TurnoverFile | undefined {
  if (!isJsonObject(of)) return undefined;
  const path = textMember(of, 'path');
  const sizeBytes = numberMember(of, 'sizeBytes');
  const sha256 = textMember(of, 'sha256')?.toLowerCase();
  if (path === undefined || !isFolderPath(path)) return undefined;
  if (sizeBytes === undefined || !Number.isSafeInteger(sizeBytes) || sizeBytes < 0)
    return undefined;
  if (sha256 === undefined || !/^[0-9a-f]{64}$/.test(sha256)) return undefined;
  return { path, sizeBytes, sha256 };
}

function refuse<T>(code: string): Outcome<T> {
  return refused(finding(code, 'error', { at: { file: TURNOVER_MANIFEST } }));
}
