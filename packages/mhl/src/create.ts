import { clipText, type Finding, finding, type InstantMs } from '@yinglian/core';
import { folderHasher, type FolderHash, type FolderHasher } from './directory-hash.ts';
import { algorithmOf, encodeHash, type HashAlgorithm, type HashFormat } from './formats.ts';
import {
  type GenerationBuilder,
  openGeneration,
  type Session,
  type WrittenGeneration,
} from './generation.ts';
import type { History } from './history.ts';
import type { KnownFile } from './known.ts';
import type {
  CreatorInfo,
  DirectoryHashes,
  DirectoryRecord,
  HashEntry,
  ProcessKind,
} from './model.ts';
import { baseName, isInside, parentPath, relativeTo } from './paths.ts';
import { orderedPipeline } from './pipeline.ts';
import type { AbortSignalLike, FileDigests, Hashing, HashFailure, MediaTree } from './ports.ts';
import { findingList, type FindingList } from './read.ts';
import { createRenames, type Renames } from './renames.ts';
import {
  findKnown,
  historiesAbove,
  missingFiles,
  nearestHistory,
  type Survey,
  surveyTree,
} from './survey.ts';
import { type WalkEvent, walkTree } from './walk.ts';
import { hashDate, manifestDate } from './write.ts';

/** How far an operation is. */
export type MhlProgress = {
  readonly files: number;
  readonly fileCount: number;
  readonly bytes: number;
  readonly byteCount: number;
  readonly path: string;
};

/** How a generation is made. */
export type CreateOptions = {
  readonly formats: readonly HashFormat[];
  readonly creator: CreatorInfo;
  readonly startedAt: InstantMs;
  /** The instant of each hash. */
  readonly now: () => InstantMs;
  readonly process?: ProcessKind;
  readonly ignore?: readonly string[];
  /** Folder hashes are left out; the folders are still listed, as the reference tool does. */
  readonly withoutFolderHashes?: boolean;
  /** New files with the hash of a missing one are recorded as renamed (6.5.3). */
  readonly detectRenames?: boolean;
  /** What the reference tool writes: action `original` for renamed files. */
  readonly renamedAsOriginal?: boolean;
  /** Only these files and folders: a partial generation, without folder hashes. */
  readonly only?: readonly string[];
  /** Old paths of files and folders that were renamed, by their new path. */
  readonly renamed?: ReadonlyMap<string, string>;
  readonly signal?: AbortSignalLike;
  readonly onProgress?: (progress: MhlProgress) => void;
  /** Told of every file as its record is decided. */
  readonly onFile?: (path: string, action: 'original' | 'verified' | 'failed') => void;
};

/** What became of it. */
export type CreateResult = {
  /** In the order of their writing, inner ones first; empty when nothing was written. */
  readonly generations: readonly WrittenGeneration[];
  readonly findings: readonly Finding[];
  readonly counts: {
    readonly original: number;
    readonly verified: number;
    readonly failed: number;
    readonly renamed: number;
    readonly missing: number;
    readonly bytes: number;
  };
};

const PIPELINE_WINDOW = 256;

/**
 * Makes a new generation of every history at and below the root: each file is hashed, held against
 * what is known of it and recorded in the nearest history; folders get their hashes; outer
 * manifests refer to inner ones. Nothing is written when a history cannot be trusted, when nothing
 * is in scope, or when the work is interrupted.
 */
export async function createGeneration(
  tree: MediaTree,
  hashing: Hashing,
  options: CreateOptions,
): Promise<CreateResult> {
  const survey = await surveyTree(tree, { ...options, fresh: true });
  const list = findingList();
  survey.findings.forEach(list.add);
  const nothing: CreateResult = {
    generations: [],
    findings: list.findings,
    counts: { original: 0, verified: 0, failed: 0, renamed: 0, missing: 0, bytes: 0 },
  };
  if (!survey.trusted) return nothing;
  for (const path of options.only ?? []) {
    if (await isThere(tree, path)) continue;
    list.add(finding('missing_named_file', 'error', { at: { path: clipText(path) } }));
  }
  if (survey.fileCount === 0) {
    list.add(finding('empty_scope', 'error', { at: { folder: tree.name }, clause: 'ASC MHL 6.4' }));
    return nothing;
  }
  if (list.findings.some(({ code }) => code === 'missing_named_file')) return nothing;
  return new Creation(tree, hashing, options, survey, list).run();
}

async function isThere(tree: MediaTree, path: string): Promise<boolean> {
  const siblings = await tree.entries(parentPath(path));
  return siblings?.some(({ name }) => name === baseName(path)) === true;
}

type Frame = {
  readonly path: string;
  readonly hashers: ReadonlyMap<HashFormat, FolderHasher>;
  /** Old folders that its files came from, and how many of its files did not come along. */
  readonly cameFrom: Set<string>;
  stayed: number;
};

type Step =
  | { readonly event: Exclude<WalkEvent, { kind: 'file' }> }
  | {
      readonly event: Extract<WalkEvent, { kind: 'file' }>;
      readonly known: KnownFile | undefined;
      readonly formats: readonly HashFormat[];
      readonly result: FileDigests | HashFailure;
    };

class Creation {
  readonly #tree: MediaTree;
  readonly #hashing: Hashing;
  readonly #options: CreateOptions;
  readonly #survey: Survey;
  readonly #list: FindingList;
  readonly #session: Session;
  readonly #renames: Renames;
  readonly #builders = new Map<string, GenerationBuilder>();
  readonly #rootHashes = new Map<string, DirectoryHashes>();
  readonly #frames: Frame[] = [];
  readonly #counts = { original: 0, verified: 0, failed: 0, renamed: 0, missing: 0, bytes: 0 };
  readonly #partial: boolean;
  #files = 0;
  #bytes = 0;

  constructor(
    tree: MediaTree,
    hashing: Hashing,
    options: CreateOptions,
    survey: Survey,
    list: FindingList,
  ) {
    this.#tree = tree;
    this.#hashing = hashing;
    this.#options = options;
    this.#survey = survey;
    this.#list = list;
    this.#partial = options.only !== undefined;
    this.#renames = createRenames(survey, options);
    this.#session = {
      tree,
      creator: options.creator,
      startedAt: options.startedAt,
      process: options.process ?? 'in-place',
      ignore: survey.rules.patterns,
      folderFormats: options.withoutFolderHashes === true || this.#partial ? [] : options.formats,
    };
  }

  async run(): Promise<CreateResult> {
    try {
      await this.#walk();
      if (this.#options.signal?.aborted === true) {
        this.#list.add(finding('interrupted_work', 'error'));
        return await this.#give([]);
      }
      const generations = await this.#commit();
      return await this.#give(generations);
    } finally {
      for (const builder of this.#builders.values()) await builder.abort();
    }
  }

  async #give(generations: readonly WrittenGeneration[]): Promise<CreateResult> {
    return { generations, findings: this.#list.findings, counts: this.#counts };
  }

  async #walk(): Promise<void> {
    const { signal } = this.#options;
    const pipeline = orderedPipeline<Step>(PIPELINE_WINDOW, (step) => this.#take(step));
    const nested = async (path: string) => this.#survey.nestedRules.get(path);
    for await (const event of walkTree(this.#tree, { rules: this.#survey.rules, nested })) {
      if (signal?.aborted === true) break;
      if (event.kind !== 'file') {
        await pipeline.push(async () => ({ event }));
      } else if (this.#isWanted(event.path)) {
        await pipeline.push(() => this.#hash(event));
      }
    }
    await pipeline.drain();
  }

  #isWanted(path: string): boolean {
    return this.#options.only?.some((each) => isInside(path, each)) !== false;
  }

  /** Formats asked for, and one that is known where none of those is (6.5.1). */
  async #hash(event: Extract<WalkEvent, { kind: 'file' }>): Promise<Step> {
    const known =
      this.#renames.knownAs(event.path) ?? findKnown(this.#survey.histories, event.path);
    const formats = formatsFor(this.#options.formats, known);
    const extra =
      known === undefined ? this.#renames.formatsOfCandidates(event.entry.sizeBytes) : [];
    const all = [...new Set([...formats, ...extra])];
    const algorithms = [...new Set(all.map(algorithmOf))] as readonly HashAlgorithm[];
    const result = await this.#tree.hash(event.path, algorithms, {
      signal: this.#options.signal,
      onBytes: (bytes) => {
        this.#bytes += bytes;
        this.#tell(event.path);
      },
    });
    return { event, known, formats, result };
  }

  #tell(path: string): void {
    this.#options.onProgress?.({
      files: this.#files,
      fileCount: this.#survey.fileCount,
      bytes: this.#bytes,
      byteCount: this.#survey.byteCount,
      path,
    });
  }

  async #take(step: Step): Promise<void> {
    const { event } = step;
    if (event.kind === 'enter') {
      const hashers = this.#session.folderFormats.map(
        (format) => [format, folderHasher(this.#hashing, format)] as const,
      );
      const hashed = new Map(hashers);
      this.#frames.push({ path: event.path, hashers: hashed, cameFrom: new Set(), stayed: 0 });
    } else if (event.kind === 'leave') {
      await this.#leave(event);
    } else if (event.kind === 'file') {
      await this.#file(step as Extract<Step, { known: unknown }>);
    } else {
      for (const hasher of this.#frames.at(-1)?.hashers.values() ?? []) hasher.spoil();
    }
  }

  async #file(step: Extract<Step, { known: unknown }>): Promise<void> {
    const { event, result } = step;
    const frame = this.#frames.at(-1)!;
    this.#files += 1;
    if ('failed' in result) {
      if (this.#options.signal?.aborted === true) return;
      const code = result.failed === 'changed' ? 'changed_file' : 'unreadable_file';
      const facts = { reason: clipText(result.reason) };
      this.#list.add(finding(code, 'error', { facts, at: { path: clipText(event.path) } }));
      this.#counts.failed += 1;
      for (const hasher of frame.hashers.values()) hasher.spoil();
      return;
    }
    this.#counts.bytes += result.sizeBytes;
    const value = (format: HashFormat) => encodeHash(format, result.digests[algorithmOf(format)]!);
    for (const [format, hasher] of frame.hashers) hasher.file(baseName(event.path), value(format));
    const renamed =
      step.known === undefined
        ? this.#renames.claim(event.path, result.sizeBytes, result.digests)
        : undefined;
    const known = step.known ?? renamed?.known;
    const previousPath = renamed?.path ?? this.#renames.previousPath(event.path);
    this.#noteOrigin(frame, previousPath);
    const hashes = this.#judge(event.path, known, step.formats, value, previousPath !== undefined);
    const history = nearestHistory(this.#survey.histories, event.path)!;
    const relativePrevious = this.#previousIn(history, previousPath);
    const builder = await this.#builder(history);
    await builder.record({
      kind: 'file',
      path: relativeTo(event.path, history.folder),
      sizeBytes: result.sizeBytes,
      modificationDate: manifestDate(result.modifiedMs),
      hashes,
      ...(relativePrevious === undefined ? {} : { previousPath: relativePrevious }),
    });
    this.#tell(event.path);
  }

  #noteOrigin(frame: Frame, previousPath: string | undefined): void {
    if (previousPath === undefined) frame.stayed += 1;
    else frame.cameFrom.add(parentPath(previousPath));
    if (previousPath !== undefined) this.#counts.renamed += 1;
  }

  /** A path outside the history cannot be written into it: across histories it is a new file. */
  #previousIn(history: History, path: string | undefined): string | undefined {
    if (path === undefined || !isInside(path, history.folder)) return undefined;
    return relativeTo(path, history.folder);
  }

  /** Which action each hash gets, as ASC MHL 6.5.1 has it. */
  #judge(
    path: string,
    known: KnownFile | undefined,
    formats: readonly HashFormat[],
    value: (format: HashFormat) => string,
    renamed: boolean,
  ): readonly HashEntry[] {
    const dated = hashDate(this.#options.now());
    const failed: HashEntry[] = [];
    const good: HashEntry[] = [];
    const asOriginal = renamed && this.#options.renamedAsOriginal === true;
    for (const format of formats) {
      const computed = value(format);
      const held = known?.hashes.find((each) => each.format === format);
      if (held !== undefined && held.value !== computed) {
        failed.push({ format, value: computed, action: 'failed', hashDate: dated });
        const facts = { format, expected: held.value, found: computed };
        const at = { path: clipText(path) };
        this.#list.add(finding('mismatched_hash', 'error', { facts, at, clause: 'ASC MHL 6.5.1' }));
      } else {
        const first = known === undefined || known.hashes.length === 0 || asOriginal;
        const action = first ? 'original' : 'verified';
        good.push({ format, value: computed, action, hashDate: dated });
      }
    }
    if (failed.length > 0) {
      // A hash in a new format would vouch for bytes that are known to be wrong.
      this.#counts.failed += 1;
      this.#options.onFile?.(path, 'failed');
      return [
        ...failed,
        ...good.filter(({ format }) => known?.hashes.some((each) => each.format === format)),
      ];
    }
    const action = good[0]!.action === 'original' ? 'original' : 'verified';
    this.#counts[action] += 1;
    this.#options.onFile?.(path, action);
    return good;
  }

  async #leave(event: Extract<WalkEvent, { kind: 'leave' }>): Promise<void> {
    const frame = this.#frames.pop()!;
    if (this.#partial || this.#options.signal?.aborted === true) return;
    const hashes = new Map<HashFormat, FolderHash>();
    for (const [format, hasher] of frame.hashers) {
      const hash = hasher.finish();
      if (hash !== undefined) hashes.set(format, hash);
    }
    const dated = hashDate(this.#options.now());
    const entries = (part: keyof FolderHash): readonly HashEntry[] =>
      [...hashes].map(([format, hash]) => ({ format, value: hash[part], hashDate: dated }));
    const both = { content: entries('content'), structure: entries('structure') };
    if (this.#survey.histories.has(event.path)) this.#rootHashes.set(event.path, both);
    if (event.path === '') return;
    const parent = this.#frames.at(-1)!;
    const name = baseName(event.path);
    for (const [format, hasher] of parent.hashers) {
      const hash = hashes.get(format);
      if (hash === undefined) hasher.spoil();
      else hasher.folder(name, hash);
    }
    await this.#recordFolder(event, frame, both);
  }

  async #recordFolder(
    event: Extract<WalkEvent, { kind: 'leave' }>,
    frame: Frame,
    hashes: DirectoryHashes,
  ): Promise<void> {
    const history = nearestHistory(this.#survey.histories, event.path)!;
    const path = relativeTo(event.path, history.folder);
    const previous = this.#previousIn(history, await this.#oldFolder(event.path, frame));
    const record: DirectoryRecord = {
      kind: 'directory',
      path,
      ...(event.entry === undefined
        ? {}
        : { modificationDate: manifestDate(event.entry.modifiedMs) }),
      ...hashes,
      ...(previous === undefined ? {} : { previousPath: previous }),
    };
    await (await this.#builder(history)).record(record);
  }

  /** A folder was renamed when all its files came from one folder that is no longer there. */
  async #oldFolder(path: string, frame: Frame): Promise<string | undefined> {
    const told = this.#renames.previousPath(path);
    if (told !== undefined) return told;
    const [old, ...others] = frame.cameFrom;
    if (old === undefined || others.length > 0 || frame.stayed > 0 || old === path)
      return undefined;
    return (await this.#tree.entries(old)) === undefined ? old : undefined;
  }

  async #builder(history: History): Promise<GenerationBuilder> {
    const open = this.#builders.get(history.folder);
    if (open !== undefined) return open;
    const withRootHash = this.#session.folderFormats.length > 0;
    const nestedIgnore = this.#survey.nestedRules.get(history.folder)?.patterns;
    const session =
      nestedIgnore === undefined ? this.#session : { ...this.#session, ignore: nestedIgnore };
    const builder = await openGeneration(session, history, withRootHash);
    this.#builders.set(history.folder, builder);
    return builder;
  }

  /** Inner histories first, so that outer ones can refer to what was written. */
  async #commit(): Promise<readonly WrittenGeneration[]> {
    for (const { path } of this.#renames.stillMissing(
      missingFiles(this.#survey, this.#options.only),
    )) {
      this.#counts.missing += 1;
      this.#list.add(finding('missing_file', 'error', { at: { path: clipText(path) } }));
    }
    const written: WrittenGeneration[] = [];
    const folders = [...this.#builders.keys()].sort((a, b) => depth(b) - depth(a));
    for (const folder of folders) {
      const builder = this.#builders.get(folder)!;
      const references = written
        .filter((each) => this.#isDirectlyBelow(each.folder, folder))
        .map((each) => ({ path: relativeTo(each.path, folder), c4: each.c4 }))
        .sort((a, b) => (a.path < b.path ? -1 : 1));
      written.push(await builder.commit(references, this.#rootHashOf(folder)));
      this.#builders.delete(folder);
    }
    return written;
  }

  #isDirectlyBelow(inner: string, outer: string): boolean {
    if (inner === outer || !isInside(inner, outer)) return false;
    const [above] = historiesAbove(this.#survey.histories, inner);
    return above?.folder === outer;
  }

  /** With a file that could not be read no folder hash holds: then the place is left empty. */
  #rootHashOf(folder: string): DirectoryHashes | undefined {
    const hashes = this.#rootHashes.get(folder);
    if (hashes?.content.length === this.#session.folderFormats.length) return hashes;
    return undefined;
  }
}

function depth(folder: string): number {
  return folder === '' ? 0 : folder.split('/').length;
}

/** The formats that a file is hashed in (6.5.1): those asked for, and an old one to hold it to. */
export function formatsFor(
  asked: readonly HashFormat[],
  known: KnownFile | undefined,
): readonly HashFormat[] {
  const old = (known?.hashes ?? []).map(({ format }) => format as HashFormat);
  if (old.length === 0 || asked.some((each) => old.includes(each))) return asked;
  return [old[0]!, ...asked];
}
