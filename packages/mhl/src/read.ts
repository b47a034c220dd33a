import { type ByteSource, clipText, type Finding, finding, type Place } from '@yinglian/core';
import {
  attributeValue,
  childElement,
  childElements,
  rawText,
  textOf,
  type XmlElement,
} from '@yinglian/xml';
import { readDocument } from './document.ts';
import { collectElements } from './elements.ts';
import { decodeC4, isHashFormat, normaliseHash } from './formats.ts';
import {
  type Author,
  CHAIN_NAMESPACE,
  type ChainEntry,
  type CreatorInfo,
  type DirectoryRecord,
  type FileRecord,
  type HashAction,
  type HashEntry,
  type Manifest,
  type ManifestFrame,
  type ManifestRecord,
  type ManifestReference,
  MHL_NAMESPACE,
  type ProcessInfo,
  type ProcessKind,
} from './model.ts';
import { isScopedPath } from './paths.ts';

/** Findings kept of one manifest; the rest is counted. */
const FINDINGS_MAX = 1000;

/** Collects findings up to the limit. */
export type FindingList = {
  readonly findings: Finding[];
  add(each: Finding): void;
};

/** A list of findings that stops growing where nobody reads on. */
export function findingList(limit = FINDINGS_MAX): FindingList {
  const findings: Finding[] = [];
  return {
    findings,
    add: (each) => {
      if (findings.length < limit) findings.push(each);
      else if (findings.length === limit) {
        findings.push(finding('excessive_finding_count', each.severity, { facts: { limit } }));
      }
    },
  };
}

/** What reading a manifest gave, besides the records handed over on the way. */
export type ManifestReading = {
  /** Undefined when it is not a manifest or stops before its end. */
  readonly frame: ManifestFrame | undefined;
  readonly recordCount: number;
  readonly findings: readonly Finding[];
};

const NO_PROCESS: ProcessInfo = { process: 'in-place', ignore: [] };

/**
 * Reads an ASC MHL v2 manifest, handing over its records in order. Records with faults are handed
 * over as far as they can be used: a path that leaves its scope never is.
 */
export async function readManifest(
  source: ByteSource,
  onRecord: (record: ManifestRecord) => void,
  at: Place = {},
): Promise<ManifestReading> {
  const list = findingList();
  let recordCount = 0;
  let isManifest = false;
  let creator: CreatorInfo | undefined;
  let process: ProcessInfo | undefined;
  let metadata: XmlElement | undefined;
  let references: readonly ManifestReference[] = [];
  const collector = collectElements({
    root: (start) => {
      isManifest = start.local === 'hashlist' && start.namespace === MHL_NAMESPACE;
      const version = start.attributes.find((each) => each.local === 'version')?.value;
      if (!isManifest) {
        const facts = { name: clipText(start.local), namespace: clipText(start.namespace) };
        list.add(
          finding('unexpected_manifest_root', 'error', { facts, at, clause: 'ASC MHL 6.1' }),
        );
      } else if (version !== '2.0') {
        const facts = { version: clipText(version ?? '') };
        list.add(finding('unexpected_manifest_version', 'warning', { facts, at }));
      }
    },
    collects: (_, path) =>
      isManifest &&
      (path.length === 2 ? path[1] === 'hashes' : path.length === 1 && _.local !== 'hashes'),
    element: (of, path) => {
      if (path.length === 2) {
        const record = readRecord(of, list, at);
        if (record === undefined) return;
        recordCount += 1;
        onRecord(record);
      } else if (of.local === 'creatorinfo') creator = readCreator(of);
      else if (of.local === 'processinfo') process = readProcess(of, list, at);
      else if (of.local === 'metadata') metadata = of;
      else if (of.local === 'references') references = readReferences(of, list, at);
    },
  });
  const reading = await readDocument(source, collector.events);
  for (const each of reading.findings) {
    list.add(finding(each.code, each.severity, { facts: each.facts, at: { ...at, ...each.at } }));
  }
  if (isManifest && reading.whole && (creator === undefined || process === undefined)) {
    const facts = { name: creator === undefined ? 'creatorinfo' : 'processinfo' };
    list.add(finding('missing_manifest_part', 'warning', { facts, at, clause: 'ASC MHL 6.1' }));
  }
  const frame: ManifestFrame | undefined =
    isManifest && reading.whole
      ? {
          creator: creator ?? UNKNOWN_CREATOR,
          process: process ?? NO_PROCESS,
          ...(metadata === undefined ? {} : { metadata }),
          references,
        }
      : undefined;
  return { frame, recordCount, findings: list.findings };
}

const UNKNOWN_CREATOR: CreatorInfo = {
  creationDate: '',
  hostname: '',
  tool: { name: '', version: '' },
  authors: [],
};

/** A manifest whole, for those that fit into memory. */
export async function readWholeManifest(
  source: ByteSource,
): Promise<{ readonly manifest: Manifest | undefined; readonly findings: readonly Finding[] }> {
  const records: ManifestRecord[] = [];
  const { frame, findings } = await readManifest(source, (each) => void records.push(each));
  return { manifest: frame === undefined ? undefined : { ...frame, records }, findings };
}

function readCreator(of: XmlElement): CreatorInfo {
  const text = (name: string) => {
    const child = childElement(of, name);
    return child === undefined ? undefined : textOf(child);
  };
  const tool = childElement(of, 'tool');
  const [location, comment] = [text('location'), text('comment')];
  return {
    creationDate: text('creationdate') ?? '',
    hostname: text('hostname') ?? '',
    tool: {
      name: tool === undefined ? '' : textOf(tool),
      version: (tool && attributeValue(tool, 'version')) ?? '',
    },
    authors: childElements(of, 'author').map(readAuthor),
    ...(location === undefined ? {} : { location }),
    ...(comment === undefined ? {} : { comment }),
  };
}

function readAuthor(of: XmlElement): Author {
  const [email, phone, role] = ['email', 'phone', 'role'].map((each) => attributeValue(of, each));
  return {
    name: textOf(of),
    ...(email === undefined ? {} : { email }),
    ...(phone === undefined ? {} : { phone }),
    ...(role === undefined ? {} : { role }),
  };
}

function readProcess(of: XmlElement, list: FindingList, at: Place): ProcessInfo {
  const kind = childElement(of, 'process');
  const process = kind === undefined ? '' : textOf(kind);
  if (process !== 'in-place' && process !== 'transfer' && process !== 'flatten') {
    const facts = { process: clipText(process) };
    list.add(finding('unknown_process', 'warning', { facts, at, clause: 'ASC MHL 6.3.1' }));
  }
  const root = childElement(of, 'roothash');
  const ignore = childElement(of, 'ignore');
  return {
    process: process as ProcessKind,
    ...(root === undefined ? {} : { rootHash: readDirectoryHashes(root, list, at) }),
    ignore: ignore === undefined ? [] : childElements(ignore, 'pattern').map(rawText),
  };
}

function readReferences(
  of: XmlElement,
  list: FindingList,
  at: Place,
): readonly ManifestReference[] {
  return childElements(of, 'hashlistreference').flatMap((each) => {
    const path = rawText(childElement(each, 'path') ?? each);
    const c4 = textOf(childElement(each, 'c4') ?? each);
    if (isScopedPath(path) && decodeC4(c4) !== undefined) return [{ path, c4 }];
    list.add(finding('invalid_reference', 'error', { facts: { path: clipText(path) }, at }));
    return [];
  });
}

function readRecord(of: XmlElement, list: FindingList, at: Place): ManifestRecord | undefined {
  if (of.local !== 'hash' && of.local !== 'directoryhash') {
    const facts = { name: clipText(of.local) };
    list.add(finding('unexpected_record', 'warning', { facts, at: { ...at, line: of.line } }));
    return undefined;
  }
  const place = childElement(of, 'path');
  // Some tools end the path of a folder with a slash; the schema's own sample does.
  const path = (place === undefined ? '' : rawText(place)).replace(/(?<=.)\/$/, '');
  const where = { ...at, line: of.line, path: clipText(path) };
  if (place === undefined || !isScopedPath(path)) {
    const facts = { path: clipText(path) };
    list.add(finding('unsafe_path', 'error', { facts, at: where, clause: 'ASC MHL 6.5.1' }));
    return undefined;
  }
  const previous = childElement(of, 'previousPath');
  const previousPath = previous === undefined ? undefined : rawText(previous).replace(/\/$/, '');
  if (previousPath !== undefined && !isScopedPath(previousPath)) {
    const facts = { path: clipText(previousPath) };
    list.add(finding('unsafe_path', 'error', { facts, at: where }));
    return undefined;
  }
  const created = attributeValue(place, 'creationdate');
  const modified = attributeValue(place, 'lastmodificationdate');
  const metadata = childElement(of, 'metadata');
  const common = {
    path,
    ...(created === undefined ? {} : { creationDate: created }),
    ...(modified === undefined ? {} : { modificationDate: modified }),
    ...(previousPath === undefined ? {} : { previousPath }),
    ...(metadata === undefined ? {} : { metadata }),
  };
  return of.local === 'hash'
    ? readFile(of, place, common, list, where)
    : { kind: 'directory', ...common, ...readDirectoryHashes(of, list, where) };
}

type Common = Pick<DirectoryRecord, 'path' | 'creationDate' | 'modificationDate' | 'previousPath'>;

function readFile(
  of: XmlElement,
  place: XmlElement,
  common: Common,
  list: FindingList,
  at: Place,
): FileRecord {
  const hashes = readHashes(of, list, at);
  for (const each of hashes) {
    if (each.action !== undefined) continue;
    list.add(finding('missing_action', 'warning', { at, clause: 'ASC MHL 6.5.1' }));
  }
  if (hashes.length === 0) list.add(finding('missing_hash', 'warning', { at }));
  const size = attributeValue(place, 'size');
  const sizeBytes = size !== undefined && /^\d{1,15}$/.test(size) ? Number(size) : undefined;
  if (size !== undefined && sizeBytes === undefined) {
    list.add(finding('invalid_size', 'warning', { facts: { text: clipText(size) }, at }));
  }
  return { kind: 'file', ...common, ...(sizeBytes === undefined ? {} : { sizeBytes }), hashes };
}

function readDirectoryHashes(of: XmlElement, list: FindingList, at: Place) {
  const [content, structure] = ['content', 'structure'].map((each) => {
    const part = childElement(of, each);
    return part === undefined ? [] : readHashes(part, list, at);
  });
  return { content: content!, structure: structure! };
}

const ACTIONS: readonly string[] = ['original', 'verified', 'failed'];

function readHashes(of: XmlElement, list: FindingList, at: Place): readonly HashEntry[] {
  const hashes: HashEntry[] = [];
  for (const each of childElements(of)) {
    if (!isHashFormat(each.local)) continue;
    const read = normaliseHash(each.local, textOf(each));
    if (read === undefined) {
      const facts = { format: each.local, text: clipText(textOf(each)) };
      list.add(finding('invalid_hash', 'error', { facts, at, clause: 'ASC MHL 6.5.1' }));
      continue;
    }
    if (read.padded) {
      list.add(finding('shortened_hash', 'warning', { facts: { format: each.local }, at }));
    }
    const action = attributeValue(each, 'action');
    if (action !== undefined && !ACTIONS.includes(action)) {
      list.add(finding('unknown_action', 'warning', { facts: { action: clipText(action) }, at }));
    }
    const hashDate = attributeValue(each, 'hashdate');
    hashes.push({
      format: each.local,
      value: read.value,
      ...(ACTIONS.includes(action ?? '') ? { action: action as HashAction } : {}),
      ...(hashDate === undefined ? {} : { hashDate }),
    });
  }
  return hashes;
}

/** What a chain or collection file says. */
export type ChainReading = {
  readonly entries: readonly ChainEntry[];
  readonly findings: readonly Finding[];
  readonly whole: boolean;
};

/** Reads `ascmhl_chain.xml` or `ascmhl_collection.xml`. */
export async function readChain(source: ByteSource, at: Place = {}): Promise<ChainReading> {
  const list = findingList();
  const entries: ChainEntry[] = [];
  let isChain = false;
  const collector = collectElements({
    root: (start) => {
      isChain = start.local === 'ascmhldirectory' && start.namespace === CHAIN_NAMESPACE;
      if (isChain) return;
      const facts = { name: clipText(start.local), namespace: clipText(start.namespace) };
      list.add(finding('unexpected_chain_root', 'error', { facts, at, clause: 'ASC MHL 7' }));
    },
    collects: (_, path) => isChain && path.length === 1,
    element: (of) => {
      const entry = readChainEntry(of);
      if (entry !== undefined) entries.push(entry);
      else list.add(finding('invalid_chain_entry', 'error', { at: { ...at, line: of.line } }));
    },
  });
  const reading = await readDocument(source, collector.events);
  for (const each of reading.findings) {
    list.add(finding(each.code, each.severity, { facts: each.facts, at: { ...at, ...each.at } }));
  }
  entries.forEach((each, index) => {
    if (index === 0 || each.number > entries[index - 1]!.number) return;
    const facts = { number: each.number };
    list.add(finding('unordered_generation', 'error', { facts, at, clause: 'ASC MHL 7' }));
  });
  return { entries, findings: list.findings, whole: reading.whole && isChain };
}

function readChainEntry(of: XmlElement): ChainEntry | undefined {
  const number = attributeValue(of, 'sequencenr') ?? '';
  const path = childElement(of, 'path');
  const c4 = childElement(of, 'c4');
  if (path === undefined || c4 === undefined || !/^\d{1,9}$/.test(number)) return undefined;
  const name = rawText(path);
  const value = textOf(c4);
  // Manifests stand beside their chain: a path through other folders could lead anywhere.
  if (!isScopedPath(name) || name.includes('/') || decodeC4(value) === undefined) return undefined;
  return { number: Number(number), path: name, c4: value };
}
