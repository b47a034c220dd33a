import {
  assert,
  type ByteSink,
  type ByteSource,
  clipText,
  encodeUtf8,
  type Finding,
  finding,
  formatInstant,
  fromHex,
  type InstantMs,
  type Place,
  toHex,
} from '@yinglian/core';
import {
  childElements,
  escapeText,
  isXmlText,
  rawText,
  textOf,
  type XmlElement,
} from '@yinglian/xml';
import { readDocument } from './document.ts';
import { collectElements } from './elements.ts';
import { type AnyHashFormat, normaliseHash } from './formats.ts';
import { KnownFiles } from './known.ts';
import type { FileRecord, HashEntry } from './model.ts';
import { isScopedPath } from './paths.ts';
import { type FindingList, findingList } from './read.ts';
import { VERSION_1 } from './verify.ts';

/** Spellings of hashes in MHL v1. */
export const HASH_ELEMENTS_1 = [
  'md5',
  'sha1',
  'xxhash',
  'xxhash64',
  'xxhash64be',
  'xxhash128',
  'xxhash3_64',
  'c4',
  'null',
] as const;
/** The name of a hash element of MHL v1. */
export type HashElement1 = (typeof HASH_ELEMENTS_1)[number];

/** A hash of MHL v1 brought to the one spelling in which hashes are compared. */
export type HashEntry1 = { readonly format: AnyHashFormat; readonly value: string };

/** A file of an MHL v1 manifest. */
export type FileRecord1 = {
  /** As the manifest has it, with `/` between its parts. */
  readonly path: string;
  readonly sizeBytes?: number;
  readonly modificationDate?: string;
  readonly hashDate?: string;
  /** Empty for `null`: the file is known to exist, no more. */
  readonly hashes: readonly HashEntry1[];
};

/** Who made an MHL v1 manifest. */
export type CreatorInfo1 = {
  readonly name?: string;
  readonly username?: string;
  readonly hostname?: string;
  readonly tool?: string;
  readonly startDate?: string;
  readonly finishDate?: string;
  readonly log?: string;
};

/** A manifest of MHL v1. */
export type Manifest1 = {
  readonly version: string;
  readonly encoding: string;
  readonly creator: CreatorInfo1;
  readonly records: readonly FileRecord1[];
};

/** What reading one gave. */
export type Manifest1Reading = {
  readonly manifest: Manifest1 | undefined;
  readonly findings: readonly Finding[];
};

const CREATOR_FIELDS: Readonly<Record<string, keyof CreatorInfo1>> = {
  name: 'name',
  username: 'username',
  hostname: 'hostname',
  tool: 'tool',
  startdate: 'startDate',
  finishdate: 'finishDate',
  log: 'log',
};

/** Reads an MHL v1 manifest in whatever encoding it has; the first bytes decide, see [MH30]. */
export async function readManifest1(source: ByteSource, at: Place = {}): Promise<Manifest1Reading> {
  const list = findingList();
  const records: FileRecord1[] = [];
  let creator: CreatorInfo1 = {};
  let version: string | undefined;
  const collector = collectElements({
    root: (start) => {
      const isList = start.local === 'hashlist' && start.namespace === '';
      if (isList) version = start.attributes.find((each) => each.local === 'version')?.value ?? '';
      const facts = { name: clipText(start.local), namespace: clipText(start.namespace) };
      if (!isList) list.add(finding('unexpected_manifest_root', 'error', { facts, at }));
      else if (version !== '1.0' && version !== '1.1') {
        const known = { version: clipText(version ?? '') };
        list.add(finding('unexpected_manifest_version', 'warning', { facts: known, at }));
      }
    },
    collects: (_, path) => version !== undefined && path.length === 1,
    element: (of) => {
      if (of.local === 'creatorinfo') creator = readCreator(of);
      if (of.local !== 'hash') return;
      const record = readRecord(of, list, at);
      if (record !== undefined) records.push(record);
    },
  });
  const reading = await readDocument(source, collector.events);
  for (const each of reading.findings) {
    list.add(finding(each.code, each.severity, { facts: each.facts, at: { ...at, ...each.at } }));
  }
  if (version === undefined || !reading.whole)
    return { manifest: undefined, findings: list.findings };
  if (records.length === 0) list.add(finding('empty_manifest', 'error', { at }));
  return {
    manifest: { version, encoding: reading.encoding, creator, records },
    findings: list.findings,
  };
}

function readCreator(of: XmlElement): CreatorInfo1 {
  const creator: { -readonly [Name in keyof CreatorInfo1]: CreatorInfo1[Name] } = {};
  for (const each of childElements(of)) {
    const field = CREATOR_FIELDS[each.local];
    if (field !== undefined) creator[field] = textOf(each);
  }
  return creator;
}

function readRecord(of: XmlElement, list: FindingList, at: Place): FileRecord1 | undefined {
  const where = { ...at, line: of.line };
  let path = '';
  let sizeBytes: number | undefined;
  let modificationDate: string | undefined;
  let dated: string | undefined;
  const hashes: HashEntry1[] = [];
  for (const each of childElements(of)) {
    const text = textOf(each);
    if (each.local === 'file') path = scopedPath(rawText(each), list, where);
    else if (each.local === 'size') sizeBytes = readSize(text, list, where);
    else if (each.local === 'lastmodificationdate') modificationDate = text;
    else if (each.local === 'hashdate') dated = text;
    else if ((HASH_ELEMENTS_1 as readonly string[]).includes(each.local)) {
      const hash = readHash1(each.local as HashElement1, text);
      if (hash === 'invalid') {
        const facts = { format: each.local, text: clipText(text) };
        list.add(finding('invalid_hash', 'error', { facts, at: where }));
      } else if (hash !== undefined) {
        if (hash.padded) {
          list.add(
            finding('shortened_hash', 'warning', { facts: { format: each.local }, at: where }),
          );
        }
        hashes.push({ format: hash.format, value: hash.value });
      }
    }
  }
  if (!isScopedPath(path)) {
    const facts = { path: clipText(path) };
    list.add(finding('unsafe_path', 'error', { facts, at: where }));
    return undefined;
  }
  return {
    path,
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(modificationDate === undefined ? {} : { modificationDate }),
    ...(dated === undefined ? {} : { hashDate: dated }),
    hashes,
  };
}

/** Lists made on Windows have backslashes; a leading `./` says nothing. */
function scopedPath(text: string, list: FindingList, at: Place): string {
  let path = text;
  if (path.includes('\\') && !path.includes('/')) {
    path = path.replaceAll('\\', '/');
    list.add(finding('unexpected_backslash', 'note', { facts: { path: clipText(text) }, at }));
  }
  return path.replace(/^(?:\.\/)+/, '');
}

function readSize(text: string, list: FindingList, at: Place): number | undefined {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  list.add(finding('invalid_size', 'warning', { facts: { text: clipText(text) }, at }));
  return undefined;
}

const HEX_FORMATS: Readonly<Partial<Record<HashElement1, AnyHashFormat>>> = {
  md5: 'md5',
  sha1: 'sha1',
  xxhash64be: 'xxh64',
  xxhash128: 'xxh128',
  xxhash3_64: 'xxh3',
  c4: 'c4',
};
const XXH32_MAX = 0xffff_ffff;

/** One hash in MHL v1's spelling; undefined for `null`, which claims nothing. */
export function readHash1(
  element: HashElement1,
  text: string,
): (HashEntry1 & { readonly padded: boolean }) | 'invalid' | undefined {
  if (element === 'null') return undefined;
  if (element === 'xxhash') {
    // XXH32 as a decimal number.
    const number = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
    if (!(number <= XXH32_MAX)) return 'invalid';
    return { format: 'xxh32', value: number.toString(16).padStart(8, '0'), padded: false };
  }
  if (element === 'xxhash64') {
    // XXH64 as little-endian hexadecimal: the same bytes in reverse.
    const read = normaliseHash('xxh64', text);
    if (read === undefined) return 'invalid';
    return { format: 'xxh64', value: reversed(read.value), padded: read.padded };
  }
  const format = HEX_FORMATS[element]!;
  const read = normaliseHash(format, text);
  return read === undefined ? 'invalid' : { format, ...read };
}

/** A hash in MHL v1's spelling, with the name of its element. */
export function writeHash1(
  hash: HashEntry1,
  littleEndian = false,
): { readonly element: HashElement1; readonly text: string } {
  const { format, value } = hash;
  if (format === 'xxh32') return { element: 'xxhash', text: String(Number.parseInt(value, 16)) };
  if (format === 'xxh64') {
    return littleEndian
      ? { element: 'xxhash64', text: reversed(value) }
      : { element: 'xxhash64be', text: value };
  }
  if (format === 'xxh128') return { element: 'xxhash128', text: value };
  if (format === 'xxh3') return { element: 'xxhash3_64', text: value };
  return { element: format, text: value };
}

function reversed(hex: string): string {
  return toHex(fromHex(hex).toReversed());
}

/** The files of an MHL v1 manifest as something a tree can be held against. */
export function knownFilesOf(manifest: Manifest1): {
  readonly files: KnownFiles;
  readonly findings: readonly Finding[];
} {
  const files = new KnownFiles();
  const list = findingList();
  for (const each of manifest.records) {
    const record: FileRecord = {
      kind: 'file',
      path: each.path,
      ...(each.sizeBytes === undefined ? {} : { sizeBytes: each.sizeBytes }),
      hashes: each.hashes as readonly HashEntry[],
    };
    // The same file twice is common in lists of two cards in one; the hashes must agree.
    const conflict = files.add(record, VERSION_1);
    if (conflict === undefined) continue;
    const at = { path: clipText(each.path) };
    list.add(finding(conflict, 'warning', { at }));
  }
  return { files, findings: list.findings };
}

/** What is written of an MHL v1 manifest. */
export type WriteManifest1Options = {
  readonly creator: CreatorInfo1;
  /** Spells XXH64 `xxhash64`, little-endian, for readers that know no other. */
  readonly littleEndian?: boolean;
};

/** Writes MHL v1.1, UTF-8 with LF; `hashDate` of a record is written as it is. */
export async function writeManifest1(
  sink: ByteSink,
  records: Iterable<FileRecord1>,
  options: WriteManifest1Options,
): Promise<void> {
  const line = (name: string, text: string | undefined, indent = '    ') => {
    if (text === undefined) return '';
    assert(isXmlText(text), 'text holds only characters XML allows');
    return `${indent}<${name}>${escapeText(text)}</${name}>\n`;
  };
  const { name, username, hostname, tool, startDate, finishDate, log } = options.creator;
  const creator = [
    line('name', name),
    line('username', username),
    line('hostname', hostname),
    line('tool', tool),
    line('startdate', startDate),
    line('finishdate', finishDate),
    line('log', log),
  ].join('');
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n<hashlist version="1.1">\n\n';
  let text = `${head}  <creatorinfo>\n${creator}  </creatorinfo>\n\n`;
  let count = 0;
  for (const each of records) {
    count += 1;
    const spelled = each.hashes.map((hash) => writeHash1(hash, options.littleEndian));
    const hashes = spelled.map((hash) => line(hash.element, hash.text)).join('');
    text +=
      `  <hash>\n${line('file', each.path)}${line('size', String(each.sizeBytes ?? 0))}` +
      `${line('lastmodificationdate', each.modificationDate)}` +
      `${hashes === '' ? '    <null></null>\n' : hashes}${line('hashdate', each.hashDate)}` +
      '  </hash>\n\n';
    if (text.length < 1 << 18) continue;
    await sink.write(encodeUtf8(text));
    text = '';
  }
  assert(count > 0, 'a manifest is never empty');
  await sink.write(encodeUtf8(`${text}</hashlist>\n`));
  await sink.close();
}

/** An instant as MHL v1 writes it: UTC with `Z`, whole seconds. */
export function dateOf1(at: InstantMs): string {
  return formatInstant(at - (((at % 1000) + 1000) % 1000)).replace('+00:00', 'Z');
}
