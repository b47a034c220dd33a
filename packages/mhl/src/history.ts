import { clipText, type Finding, finding } from '@yinglian/core';
import { encodeC4 } from './formats.ts';
import { KnownFiles } from './known.ts';
import {
  CHAIN_FILE,
  type ChainEntry,
  type DirectoryHashes,
  HISTORY_FOLDER,
  type ManifestFrame,
} from './model.ts';
import { joinPath } from './paths.ts';
import type { MediaTree } from './ports.ts';
import { findingList, readChain, readManifest } from './read.ts';

/** Generations of one history; every full verification adds one. */
export const GENERATIONS_MAX = 100_000;

/** One generation of a history. */
export type Generation = {
  readonly number: number;
  /** The manifest's name inside the history folder. */
  readonly name: string;
  readonly c4: string;
  readonly frame: ManifestFrame;
  readonly recordCount: number;
};

/** A history as it stands on a disk, with all that its generations say. */
export type History = {
  /** The folder whose files it is about, relative to the tree. */
  readonly folder: string;
  readonly generations: readonly Generation[];
  readonly chain: readonly ChainEntry[];
  readonly files: KnownFiles;
  /** Folders and their hashes, as the last generation that names them has it. */
  readonly directories: ReadonlyMap<string, DirectoryHashes>;
  /** Patterns of its last generation (6.3.3: they are carried on). */
  readonly ignore: readonly string[];
};

/** A history that was read, or why it cannot be trusted. */
export type HistoryReading = {
  readonly history: History | undefined;
  readonly findings: readonly Finding[];
};

/** A history that has no generation yet. */
export function newHistory(folder: string): History {
  return {
    folder,
    generations: [],
    chain: [],
    files: new KnownFiles(),
    directories: new Map(),
    ignore: [],
  };
}

/** Whether a folder has a history folder of its own. */
export async function hasHistory(tree: MediaTree, folder: string): Promise<boolean> {
  const entries = await tree.entries(joinPath(folder, HISTORY_FOLDER));
  return entries?.some(({ name }) => name === CHAIN_FILE || name.endsWith('.mhl')) === true;
}

/**
 * Reads a history whole: every manifest must be in the chain with the hash it has there, before a
 * word of it is believed (ASC MHL 7.2).
 */
export async function readHistory(tree: MediaTree, folder: string): Promise<HistoryReading> {
  const place = joinPath(folder, HISTORY_FOLDER);
  const at = { folder: folder === '' ? '.' : folder };
  const entries = await tree.entries(place);
  const manifests = entries?.filter(({ name, kind }) => kind === 'file' && name.endsWith('.mhl'));
  const refuse = (...findings: readonly Finding[]) => ({ history: undefined, findings });
  const hasChain = entries?.some(({ name }) => name === CHAIN_FILE) === true;
  if (manifests === undefined || (manifests.length === 0 && !hasChain)) {
    return refuse(finding('missing_history', 'error', { at, clause: 'ASC MHL 5.1' }));
  }
  const source = hasChain ? await tree.open(joinPath(place, CHAIN_FILE)) : undefined;
  if (source === undefined) {
    return refuse(finding('missing_chain', 'error', { at, clause: 'ASC MHL 7' }));
  }
  const chain = await readChain(source, { file: joinPath(place, CHAIN_FILE) });
  await source.close?.();
  if (!chain.whole || chain.findings.some(({ severity }) => severity === 'error')) {
    return refuse(finding('invalid_chain', 'error', { at }), ...chain.findings);
  }
  const list = findingList();
  for (const { name } of manifests) {
    if (chain.entries.some((each) => each.path === name)) continue;
    const facts = { name: clipText(name) };
    list.add(finding('unchained_manifest', 'warning', { facts, at, clause: 'ASC MHL 7' }));
  }
  const proofs = await checkChain(tree, place, chain.entries);
  if (proofs.length > 0) return refuse(...proofs, ...list.findings);
  return readGenerations(tree, folder, chain.entries.slice(0, GENERATIONS_MAX), list);
}

/** Every manifest of the chain must be there, byte for byte. */
async function checkChain(
  tree: MediaTree,
  place: string,
  entries: readonly ChainEntry[],
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { path, c4 } of entries) {
    const file = joinPath(place, path);
    const hashed = await tree.hash(file, ['sha512'], {});
    const clause = 'ASC MHL 7.2';
    if ('failed' in hashed) {
      findings.push(finding('missing_manifest', 'error', { at: { file }, clause }));
      continue;
    }
    const found = encodeC4(hashed.digests.sha512!);
    if (found !== c4) {
      const facts = { expected: c4, found };
      findings.push(finding('altered_manifest', 'error', { facts, at: { file }, clause }));
    }
  }
  return findings;
}

async function readGenerations(
  tree: MediaTree,
  folder: string,
  entries: readonly ChainEntry[],
  list: ReturnType<typeof findingList>,
): Promise<HistoryReading> {
  const files = new KnownFiles();
  const directories = new Map<string, DirectoryHashes>();
  const generations: Generation[] = [];
  for (const { number, path, c4 } of entries) {
    const file = joinPath(joinPath(folder, HISTORY_FOLDER), path);
    const source = await tree.open(file);
    if (source === undefined) {
      list.add(finding('missing_manifest', 'error', { at: { file } }));
      continue;
    }
    const reading = await readManifest(
      source,
      (record) => {
        if (record.kind === 'directory') {
          if (record.previousPath !== undefined) directories.delete(record.previousPath);
          directories.set(record.path, { content: record.content, structure: record.structure });
          return;
        }
        const conflict = files.add(record, number);
        if (conflict === undefined) return;
        const facts = { path: clipText(record.path) };
        const severity = conflict === 'duplicated_path' ? 'error' : 'warning';
        list.add(finding(conflict, severity, { facts, at: { file } }));
      },
      { file },
    );
    await source.close?.();
    reading.findings.forEach(list.add);
    if (reading.frame === undefined) continue;
    const { frame, recordCount } = reading;
    generations.push({ number, name: path, c4, frame, recordCount });
  }
  const whole = generations.length === entries.length;
  const ignore = generations.at(-1)?.frame.process.ignore ?? [];
  return {
    history: whole
      ? { folder, generations, chain: entries, files, directories, ignore }
      : undefined,
    findings: list.findings,
  };
}
