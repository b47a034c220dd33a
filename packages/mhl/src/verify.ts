import { clipText, type Finding, finding } from '@yinglian/core';
import type { MhlProgress } from './create.ts';
import { type FolderHash, folderHasher, type FolderHasher } from './directory-hash.ts';
import { algorithmOf, type AnyHashFormat, encodeHash, type HashFormat } from './formats.ts';
import type { Generation } from './history.ts';
import { type IgnoreRules, ignoreRules } from './ignore.ts';
import { type KnownFile, type KnownFiles, type KnownHash } from './known.ts';
import { DEFAULT_IGNORE, type DirectoryHashes } from './model.ts';
import { baseName, composedPath, isInside, relativeTo } from './paths.ts';
import { orderedPipeline } from './pipeline.ts';
import type { AbortSignalLike, FileDigests, Hashing, HashFailure, MediaTree } from './ports.ts';
import { findingList, type FindingList } from './read.ts';
import { findKnown, missingFiles, nearestHistory, type Survey, surveyTree } from './survey.ts';
import { type WalkEvent, walkTree } from './walk.ts';

/** How a tree is verified. */
export type VerifyOptions = {
  /** Formats to use where a file has them; without any, the fastest each file has. */
  readonly formats?: readonly HashFormat[];
  /** Every hash that is known, not one of them. */
  readonly everyFormat?: boolean;
  /** Folder hashes too: they see what no file hash can, such as an empty folder that is gone. */
  readonly folders?: boolean;
  readonly ignore?: readonly string[];
  readonly only?: readonly string[];
  readonly signal?: AbortSignalLike;
  readonly onProgress?: (progress: MhlProgress) => void;
  readonly onFile?: (path: string, result: 'verified' | 'failed' | 'new') => void;
};

/** What a verification found. */
export type VerifyResult = {
  readonly findings: readonly Finding[];
  readonly counts: {
    readonly verified: number;
    readonly failed: number;
    readonly missing: number;
    readonly unexpected: number;
    readonly bytes: number;
  };
};

type Counts = { -readonly [Name in keyof VerifyResult['counts']]: number };
const newCounts = (): Counts => ({ verified: 0, failed: 0, missing: 0, unexpected: 0, bytes: 0 });

const PIPELINE_WINDOW = 256;
/** Fastest first, as measured on one core. */
const SPEED_ORDER: readonly AnyHashFormat[] = [
  'xxh64',
  'xxh3',
  'xxh128',
  'xxh32',
  'sha1',
  'c4',
  'md5',
];

/** Holds a tree against its histories without hashing: what is missing, new or of another size. */
export async function diffTree(tree: MediaTree, options: VerifyOptions): Promise<VerifyResult> {
  const survey = await surveyTree(tree, options);
  const list = findingList();
  survey.findings.forEach(list.add);
  const counts = newCounts();
  if (!survey.trusted) return { findings: list.findings, counts };
  const nested = async (path: string) => survey.nestedRules.get(path);
  for await (const event of walkTree(tree, { rules: survey.rules, nested })) {
    if (event.kind !== 'file' || !isWanted(event.path, options)) continue;
    const known = findKnown(survey.histories, event.path);
    if (known === undefined) {
      counts.unexpected += 1;
      list.add(finding('unexpected_file', 'error', { at: { path: clipText(event.path) } }));
    } else if (known.sizeBytes !== undefined && known.sizeBytes !== event.entry.sizeBytes) {
      counts.failed += 1;
      const facts = { expected: known.sizeBytes, found: event.entry.sizeBytes };
      list.add(finding('mismatched_size', 'error', { facts, at: { path: clipText(event.path) } }));
    } else {
      counts.verified += 1;
    }
  }
  tellMissing(survey, options, list, counts);
  return { findings: list.findings, counts };
}

function isWanted(path: string, { only }: VerifyOptions): boolean {
  if (only === undefined) return true;
  const composed = composedPath(path);
  return only.some((each) => isInside(composed, composedPath(each)));
}

function tellMissing(
  survey: Survey,
  options: VerifyOptions,
  list: FindingList,
  counts: Counts,
): void {
  for (const { path } of missingFiles(survey, options.only)) {
    counts.missing += 1;
    list.add(finding('missing_file', 'error', { at: { path: clipText(path) } }));
  }
}

type Step = {
  readonly event: WalkEvent;
  readonly known?: KnownFile | undefined;
  readonly held?: readonly KnownHash[];
  readonly result?: FileDigests | HashFailure;
  readonly unwanted?: boolean;
};

/** Holds every file of a tree against its histories. Writes nothing. */
export async function verifyTree(
  tree: MediaTree,
  hashing: Hashing,
  options: VerifyOptions,
): Promise<VerifyResult> {
  const survey = await surveyTree(tree, options);
  const list = findingList();
  survey.findings.forEach(list.add);
  const counts = newCounts();
  if (!survey.trusted) return { findings: list.findings, counts };
  const folders = options.folders === true ? folderChecks(survey, hashing, list) : undefined;
  const judge = fileJudge(tree, options, list, counts, survey);
  const pipeline = orderedPipeline<Step>(PIPELINE_WINDOW, async (step) => {
    if (step.event.kind === 'file' && step.unwanted !== true) judge.take(step);
    folders?.take(step);
  });
  const nested = async (path: string) => survey.nestedRules.get(path);
  for await (const event of walkTree(tree, { rules: survey.rules, nested })) {
    if (options.signal?.aborted === true) break;
    if (event.kind !== 'file') await pipeline.push(async () => ({ event }));
    else if (isWanted(event.path, options)) {
      const known = findKnown(survey.histories, event.path);
      const extra = folders?.formats ?? [];
      await pipeline.push(() => judge.hash(event, known, extra));
    } else if (folders !== undefined) {
      // Folders above a file that is left out cannot be held against their hashes.
      await pipeline.push(async () => ({ event, unwanted: true }));
    }
  }
  await pipeline.drain();
  if (options.signal?.aborted === true) list.add(finding('interrupted_work', 'error'));
  else tellMissing(survey, options, list, counts);
  return { findings: list.findings, counts };
}

/** The hashes a file is held against: those asked for, or the fastest. */
function heldHashes(known: KnownFile | undefined, options: VerifyOptions): readonly KnownHash[] {
  const all = known?.hashes ?? [];
  if (options.everyFormat === true) return all;
  const asked = all.filter(({ format }) => options.formats?.includes(format as HashFormat));
  if (asked.length > 0) return asked;
  for (const format of SPEED_ORDER) {
    const found = all.find((each) => each.format === format);
    if (found !== undefined) return [found];
  }
  return [];
}

type FileEvent = Extract<WalkEvent, { kind: 'file' }>;

function fileJudge(
  tree: MediaTree,
  options: VerifyOptions,
  list: FindingList,
  counts: Counts,
  totals: { readonly fileCount: number; readonly byteCount: number },
) {
  let files = 0;
  let bytes = 0;
  const tell = (path: string) =>
    options.onProgress?.({
      files,
      fileCount: totals.fileCount,
      bytes,
      byteCount: totals.byteCount,
      path,
    });
  return {
    hash: async (
      event: FileEvent,
      known: KnownFile | undefined,
      extra: readonly HashFormat[],
    ): Promise<Step> => {
      const held = heldHashes(known, options);
      const formats = [...held.map(({ format }) => format), ...extra];
      if (formats.length === 0) return { event, known, held };
      const algorithms = [...new Set(formats.map(algorithmOf))];
      const result = await tree.hash(event.path, algorithms, {
        signal: options.signal,
        onBytes: (read) => {
          bytes += read;
          tell(event.path);
        },
      });
      return { event, known, held, result };
    },
    take: ({ event, known, held = [], result }: Step): void => {
      files += 1;
      tell(event.path);
      const at = { path: clipText(event.path) };
      if (known === undefined) {
        counts.unexpected += 1;
        list.add(finding('unexpected_file', 'error', { at }));
        options.onFile?.(event.path, 'new');
        return;
      }
      const fail = (code: string, facts: Finding['facts']) => {
        list.add(finding(code, 'error', { facts, at }));
        counts.failed += 1;
        options.onFile?.(event.path, 'failed');
      };
      if (result === undefined) {
        // MHL v1 may list a file without any hash: then its presence and size are all there is.
        const size = event.kind === 'file' ? event.entry.sizeBytes : 0;
        if (known.sizeBytes !== undefined && known.sizeBytes !== size) {
          return fail('mismatched_size', { expected: known.sizeBytes, found: size });
        }
        list.add(finding('missing_hash', 'note', { at }));
        counts.verified += 1;
        return;
      }
      if ('failed' in result) {
        if (options.signal?.aborted === true) return;
        const code = result.failed === 'changed' ? 'changed_file' : 'unreadable_file';
        return fail(code, { reason: clipText(result.reason) });
      }
      counts.bytes += result.sizeBytes;
      const wrong = held.find((each) => !matches(each, result, list, at));
      if (wrong !== undefined) {
        const found = encodeHash(wrong.format, result.digests[algorithmOf(wrong.format)]!);
        return fail('mismatched_hash', { format: wrong.format, expected: wrong.value, found });
      }
      counts.verified += 1;
      options.onFile?.(event.path, 'verified');
    },
  };
}

/**
 * The same hash, or for MHL v1's little-endian `xxhash64` the same bytes in the other order: some
 * tools write it so, and eight bytes do not agree by chance.
 */
function matches(
  held: KnownHash,
  { digests }: FileDigests,
  list: FindingList,
  at: { readonly path: string },
): boolean {
  const found = encodeHash(held.format, digests[algorithmOf(held.format)]!);
  if (found === held.value) return true;
  if (held.format !== 'xxh64' || held.generation !== VERSION_1) return false;
  const reversed = found.match(/../g)!.reverse().join('');
  if (reversed !== held.value) return false;
  list.add(finding('reversed_hash', 'warning', { facts: { format: held.format }, at }));
  return true;
}

/** The generation number of hashes from an MHL v1 manifest, which has no generations. */
export const VERSION_1 = 0;

/** How a tree is held against one list. */
export type VerifyAgainstOptions = VerifyOptions & {
  /** Files that the list does not name are none of its business, as MHL v1 has it. */
  readonly listedOnly?: boolean;
};

/** Holds a tree against one list of files: a packing list, or a manifest of MHL v1. */
export async function verifyAgainst(
  tree: MediaTree,
  files: KnownFiles,
  options: VerifyAgainstOptions,
): Promise<VerifyResult> {
  const list = findingList();
  const counts = newCounts();
  const rules = rulesBeside(files, options.ignore ?? []);
  const totals = { fileCount: files.size, byteCount: 0 };
  for (const { sizeBytes } of files.all()) totals.byteCount += sizeBytes ?? 0;
  files.unsee();
  const judge = fileJudge(tree, options, list, counts, totals);
  const pipeline = orderedPipeline<Step>(PIPELINE_WINDOW, async (step) => judge.take(step));
  for await (const event of walkTree(tree, { rules })) {
    if (options.signal?.aborted === true) break;
    if (event.kind === 'problem') list.add(event.finding);
    if (event.kind !== 'file' || !isWanted(event.path, options)) continue;
    if (!files.see(event.path) && options.listedOnly === true) continue;
    await pipeline.push(() => judge.hash(event, files.find(event.path), []));
  }
  await pipeline.drain();
  if (options.signal?.aborted === true) {
    list.add(finding('interrupted_work', 'error'));
    return { findings: list.findings, counts };
  }
  for (const { path } of files.unseen()) {
    if (rules.ignoresDeep(path, false) || !isWanted(path, options)) continue;
    counts.missing += 1;
    list.add(finding('missing_file', 'error', { at: { path: clipText(path) } }));
  }
  return { findings: list.findings, counts };
}

/**
 * What is left out beside a list: what histories leave out by default, but nothing that the list
 * names, and what the patterns given say.
 */
function rulesBeside(files: KnownFiles, patterns: readonly string[]): IgnoreRules {
  const rules = ignoreRules([...DEFAULT_IGNORE, ...patterns]);
  const defaults = ignoreRules(DEFAULT_IGNORE);
  const named = new Set<string>();
  for (const { path } of files.all()) {
    if (!defaults.ignoresDeep(path, false)) continue;
    const whole = composedPath(path);
    for (let at = whole.length; at > 0; at = whole.lastIndexOf('/', at - 1)) {
      named.add(whole.slice(0, at));
    }
  }
  if (named.size === 0) return rules;
  const given = ignoreRules(patterns);
  const ignores = (path: string, isFolder: boolean) =>
    (named.has(composedPath(path)) ? given : rules).ignoresDeep(path, isFolder);
  return { patterns: rules.patterns, ignores, ignoresDeep: ignores };
}

type FolderHashers = ReadonlyMap<HashFormat, FolderHasher>;
type FolderFrame = { readonly path: string; readonly hashers: FolderHashers };

/** Compares folder hashes with those of the last generation that has them, in all its formats. */
function folderChecks(survey: Survey, hashing: Hashing, list: FindingList) {
  const used = new Set<HashFormat>();
  for (const { generations } of survey.histories.values()) {
    const format = lastRootHash(generations)?.content[0]?.format;
    if (format !== undefined) used.add(format);
  }
  const formats = [...used];
  const newHashers = (): FolderHashers =>
    new Map(formats.map((format) => [format, folderHasher(hashing, format)]));
  const frames: FolderFrame[] = [];
  return {
    formats,
    take: ({ event, result }: Step): void => {
      const frame = frames.at(-1);
      if (event.kind === 'enter') frames.push({ path: event.path, hashers: newHashers() });
      else if (event.kind === 'problem') frame?.hashers.forEach((each) => each.spoil());
      else if (event.kind === 'file') takeFile(frame?.hashers, event.path, result);
      else leaveFolder(survey, frames, list);
    },
  };
}

function takeFile(
  hashers: FolderHashers | undefined,
  path: string,
  result: FileDigests | HashFailure | undefined,
): void {
  const digests = result === undefined || 'failed' in result ? undefined : result.digests;
  for (const [format, hasher] of hashers ?? []) {
    const digest = digests?.[algorithmOf(format)];
    if (digest === undefined) hasher.spoil();
    else hasher.file(baseName(path), encodeHash(format, digest));
  }
}

function leaveFolder(survey: Survey, frames: FolderFrame[], list: FindingList): void {
  const { path, hashers } = frames.pop()!;
  const above = frames.at(-1)?.hashers;
  for (const [format, hasher] of hashers) {
    const hash = hasher.finish();
    const parent = above?.get(format);
    if (hash === undefined) parent?.spoil();
    else parent?.folder(baseName(path), hash);
    if (hash !== undefined) compareFolder(survey, path, format, hash, list);
  }
}

function lastRootHash(generations: readonly Generation[]): DirectoryHashes | undefined {
  const withRoot = generations.findLast(
    ({ frame }) => (frame.process.rootHash?.content.length ?? 0) > 0,
  );
  return withRoot?.frame.process.rootHash;
}

function compareFolder(
  survey: Survey,
  path: string,
  format: HashFormat,
  found: FolderHash,
  list: FindingList,
): void {
  const own = survey.histories.get(path);
  const outer = nearestHistory(survey.histories, path);
  const held =
    own === undefined
      ? outer?.directories.get(relativeTo(path, outer.folder))
      : lastRootHash(own.generations);
  for (const part of ['content', 'structure'] as const) {
    const expected = held?.[part].find((each) => each.format === format)?.value;
    if (expected === undefined || expected === found[part]) continue;
    const facts = { part, format, expected, found: found[part] };
    const at = { path: path === '' ? '.' : clipText(path) };
    list.add(finding('mismatched_folder_hash', 'error', { facts, at, clause: 'ASC MHL 6.5.2' }));
  }
}
