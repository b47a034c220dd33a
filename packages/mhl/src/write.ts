import { assert, type ByteSink, encodeUtf8, formatInstant, type InstantMs } from '@yinglian/core';
import { canonicalElement, escapeAttribute, escapeText, isXmlText } from '@yinglian/xml';
import { HASH_FORMATS } from './formats.ts';
import {
  CHAIN_NAMESPACE,
  type ChainEntry,
  type CreatorInfo,
  type DirectoryHashes,
  type HashEntry,
  type Manifest,
  type ManifestFrame,
  type ManifestRecord,
  type ManifestReference,
  MHL_NAMESPACE,
  type ProcessInfo,
} from './model.ts';

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
/** Text gathered before it goes out. */
const GATHER_CHARACTERS = 1 << 18;

/** Writes one manifest, record after record. */
export type ManifestWriter = {
  readonly recordCount: number;
  record(of: ManifestRecord): Promise<void>;
  /**
   * Ends the document. The root hash, known only now, takes the place that was kept for it (same
   * formats, same lengths); without one the place is left blank.
   */
  end(references: readonly ManifestReference[], rootHash?: DirectoryHashes): Promise<void>;
  /** Leaves nothing behind. */
  abort(): Promise<void>;
};

/** Attribute text of a schema's dateTime: seconds, with the offset. */
export function manifestDate(at: InstantMs): string {
  return formatInstant(at - (((at % 1000) + 1000) % 1000));
}

/** The instant of a hash: always with milliseconds, so that every one is of the same length. */
export function hashDate(at: InstantMs): string {
  const text = formatInstant(at);
  return text.includes('.') ? text : `${text.slice(0, 19)}.000${text.slice(19)}`;
}

/** Opens a manifest; the frame's root hash may hold hashes that `end` replaces. */
export async function openManifestWriter(
  sink: ByteSink,
  frame: Omit<ManifestFrame, 'references'>,
): Promise<ManifestWriter> {
  let gathered = '';
  let recordCount = 0;
  const flush = async () => {
    if (gathered === '') return;
    const bytes = encodeUtf8(gathered);
    gathered = '';
    await sink.write(bytes);
  };
  const [before, root, after] = processParts(frame.process);
  const opening = `<hashlist version="2.0" xmlns="${MHL_NAMESPACE}">\n`;
  const head = `${DECLARATION}${opening}${creatorText(frame.creator)}${before}`;
  const rootAt = encodeUtf8(head).length;
  gathered = `${head}${root}${after}`;
  let opened = false;
  return {
    get recordCount() {
      return recordCount;
    },
    record: async (of) => {
      if (!opened) gathered += '  <hashes>\n';
      opened = true;
      recordCount += 1;
      gathered += recordText(of);
      if (gathered.length > GATHER_CHARACTERS) await flush();
    },
    end: async (references, rootHash) => {
      assert(recordCount > 0 || references.length > 0, 'a manifest is never empty');
      if (opened) gathered += '  </hashes>\n';
      if (frame.metadata !== undefined) {
        gathered += `  ${canonicalElement(frame.metadata, frame.metadata, { exclusive: true })}\n`;
      }
      gathered += `${referencesText(references)}</hashlist>\n`;
      await flush();
      const place = encodeUtf8(root).length;
      // Where it stayed unknown the place is blanked: a made-up hash must never be read as one.
      const blank = `${' '.repeat(Math.max(0, place - 1))}\n`;
      const known = rootHash === undefined ? blank : rootHashText(rootHash);
      if (place > 0 && known !== root) {
        const bytes = encodeUtf8(known);
        assert(bytes.length === place, 'the root hash fits its place');
        await sink.patch(rootAt, bytes);
      }
      await sink.close();
    },
    abort: () => sink.abort(),
  };
}

/** A whole manifest. */
export async function writeManifest(sink: ByteSink, manifest: Manifest): Promise<void> {
  const writer = await openManifestWriter(sink, manifest);
  for (const each of manifest.records) await writer.record(each);
  await writer.end(manifest.references, manifest.process.rootHash);
}

/** A chain or collection file. */
export async function writeChain(sink: ByteSink, entries: readonly ChainEntry[]): Promise<void> {
  const lists = entries.map(
    ({ number, path, c4 }) =>
      `  <hashlist sequencenr="${number}">\n    <path>${textOf(path)}</path>\n` +
      `    <c4>${c4}</c4>\n  </hashlist>\n`,
  );
  const root = 'ascmhldirectory';
  const text = `${DECLARATION}<${root} xmlns="${CHAIN_NAMESPACE}">\n${lists.join('')}</${root}>\n`;
  await sink.write(encodeUtf8(text));
  await sink.close();
}

function textOf(text: string): string {
  assert(isXmlText(text), 'text holds only characters XML allows');
  return escapeText(text);
}

function attribute(name: string, value: string | number | undefined): string {
  if (value === undefined) return '';
  assert(isXmlText(String(value)), 'an attribute holds only characters XML allows');
  return ` ${name}="${escapeAttribute(String(value))}"`;
}

function creatorText(of: CreatorInfo): string {
  const line = (name: string, text: string | undefined) =>
    text === undefined ? '' : `    <${name}>${textOf(text)}</${name}>\n`;
  const authors = of.authors.map(({ name, email, phone, role }) => {
    const attributes =
      attribute('email', email) + attribute('phone', phone) + attribute('role', role);
    return `    <author${attributes}>${textOf(name)}</author>\n`;
  });
  return [
    '  <creatorinfo>\n',
    line('creationdate', of.creationDate),
    line('hostname', of.hostname),
    `    <tool${attribute('version', of.tool.version)}>${textOf(of.tool.name)}</tool>\n`,
    ...authors,
    line('location', of.location),
    line('comment', of.comment),
    '  </creatorinfo>\n',
  ].join('');
}

function processParts(of: ProcessInfo): readonly [before: string, root: string, after: string] {
  const patterns = of.ignore.map((each) => `      <pattern>${textOf(each)}</pattern>\n`);
  const ignore = patterns.length === 0 ? '' : `    <ignore>\n${patterns.join('')}    </ignore>\n`;
  return [
    `  <processinfo>\n    <process>${of.process}</process>\n`,
    of.rootHash === undefined ? '' : rootHashText(of.rootHash),
    `${ignore}  </processinfo>\n`,
  ];
}

function rootHashText(of: DirectoryHashes): string {
  return `    <roothash>\n${directoryText(of, '      ')}    </roothash>\n`;
}

function directoryText(of: DirectoryHashes, indent: string): string {
  const part = (name: string, hashes: readonly HashEntry[]) =>
    hashes.length === 0
      ? `${indent}<${name}/>\n`
      : `${indent}<${name}>\n${hashesText(hashes, `${indent}  `)}${indent}</${name}>\n`;
  return part('content', of.content) + part('structure', of.structure);
}

/** In the order of the schema, whatever order they come in. */
function hashesText(hashes: readonly HashEntry[], indent: string): string {
  let text = '';
  for (const format of HASH_FORMATS) {
    const each = hashes.find((hash) => hash.format === format);
    if (each === undefined) continue;
    const attributes = attribute('action', each.action) + attribute('hashdate', each.hashDate);
    text += `${indent}<${format}${attributes}>${each.value}</${format}>\n`;
  }
  return text;
}

function recordText(of: ManifestRecord): string {
  const name = of.kind === 'file' ? 'hash' : 'directoryhash';
  const size = of.kind === 'file' ? attribute('size', of.sizeBytes) : '';
  const dates =
    attribute('creationdate', of.creationDate) +
    attribute('lastmodificationdate', of.modificationDate);
  const hashes = of.kind === 'file' ? hashesText(of.hashes, '      ') : directoryText(of, '      ');
  const previous =
    of.previousPath === undefined
      ? ''
      : `      <previousPath>${textOf(of.previousPath)}</previousPath>\n`;
  const metadata =
    of.metadata === undefined
      ? ''
      : `      ${canonicalElement(of.metadata, of.metadata, { exclusive: true })}\n`;
  return (
    `    <${name}>\n      <path${size}${dates}>${textOf(of.path)}</path>\n` +
    `${hashes}${previous}${metadata}    </${name}>\n`
  );
}

function referencesText(references: readonly ManifestReference[]): string {
  if (references.length === 0) return '';
  const lists = references.map(
    ({ path, c4 }) =>
      `    <hashlistreference>\n      <path>${textOf(path)}</path>\n` +
      `      <c4>${c4}</c4>\n    </hashlistreference>\n`,
  );
  return `  <references>\n${lists.join('')}  </references>\n`;
}
