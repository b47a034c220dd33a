import { clipText, type Finding, finding } from '@yinglian/core';
import { hasHistory, type History, newHistory, readHistory } from './history.ts';
import { type IgnoreRules, ignoreRules } from './ignore.ts';
import type { KnownFile } from './known.ts';
import { DEFAULT_IGNORE, HISTORY_FOLDER } from './model.ts';
import { isInside, joinPath, parentPath, relativeTo } from './paths.ts';
import type { AbortSignalLike, MediaTree } from './ports.ts';
import { findingList, type FindingList } from './read.ts';
import { walkTree } from './walk.ts';

/** What a look at a tree without hashing tells. */
export type Survey = {
  /** By folder, the root's among them. */
  readonly histories: ReadonlyMap<string, History>;
  readonly rules: IgnoreRules;
  readonly nestedRules: ReadonlyMap<string, IgnoreRules>;
  readonly fileCount: number;
  readonly byteCount: number;
  /** Files that no history knows, up to the limit; how many there are. */
  readonly newFiles: readonly { readonly path: string; readonly sizeBytes: number }[];
  readonly newFileCount: number;
  /** Links, special files and what cannot be read: known before a byte is hashed. */
  readonly findings: readonly Finding[];
  /** Whether histories can be built upon. */
  readonly trusted: boolean;
};

/** How a survey is made. */
export type SurveyOptions = {
  readonly ignore?: readonly string[];
  /** Whether a tree without history is given one; otherwise that is an error. */
  readonly fresh?: boolean;
  readonly signal?: AbortSignalLike | undefined;
  /** Only what is in these files and folders. */
  readonly only?: readonly string[];
};

/** New files that are kept by name: those that may be renamed ones, and those people read of. */
export const NEW_FILES_MAX = 1_000_000;

/** Reads all histories below a root and finds out what is there, what is gone and what is new. */
export async function surveyTree(tree: MediaTree, options: SurveyOptions): Promise<Survey> {
  const list = findingList();
  const histories = new Map<string, History>();
  const nestedRules = new Map<string, IgnoreRules>();
  let trusted = await addHistory(tree, '', histories, list, options.fresh === true);
  const given = [
    ...DEFAULT_IGNORE,
    ...(histories.get('')?.ignore ?? []),
    ...(options.ignore ?? []),
  ];
  const rules = ignoreRules(given);
  const only = options.only ?? [''];
  const wanted = (path: string) => only.some((each) => isInside(path, each));
  const newFiles: { path: string; sizeBytes: number }[] = [];
  let [fileCount, byteCount, newFileCount] = [0, 0, 0];
  const nested = async (path: string) => {
    if (!(await hasHistory(tree, path))) return undefined;
    trusted = (await addHistory(tree, path, histories, list, false)) && trusted;
    const own = ignoreRules([...DEFAULT_IGNORE, ...(histories.get(path)?.ignore ?? [])]);
    nestedRules.set(path, own);
    return own;
  };
  for await (const event of walkTree(tree, { rules, nested })) {
    if (options.signal?.aborted === true) break;
    if (event.kind === 'problem' && wanted(event.path)) list.add(event.finding);
    if (event.kind !== 'file' || !wanted(event.path)) continue;
    fileCount += 1;
    byteCount += event.entry.sizeBytes;
    if (seeFile(histories, event.path)) continue;
    newFileCount += 1;
    if (newFiles.length >= NEW_FILES_MAX) continue;
    newFiles.push({ path: event.path, sizeBytes: event.entry.sizeBytes });
  }
  trusted = checkReferences(histories, rules, list) && trusted;
  return {
    histories,
    rules,
    nestedRules,
    fileCount,
    byteCount,
    newFiles,
    newFileCount,
    findings: list.findings,
    trusted,
  };
}

async function addHistory(
  tree: MediaTree,
  folder: string,
  histories: Map<string, History>,
  list: FindingList,
  fresh: boolean,
): Promise<boolean> {
  if (fresh && !(await hasHistory(tree, folder))) {
    histories.set(folder, newHistory(folder));
    return true;
  }
  const { history, findings } = await readHistory(tree, folder);
  findings.forEach(list.add);
  if (history === undefined) return false;
  histories.set(folder, history);
  return true;
}

/** The history that a path belongs to: the nearest above it (ASC MHL 6.6). */
export function nearestHistory(
  histories: ReadonlyMap<string, History>,
  path: string,
): History | undefined {
  for (let folder = parentPath(path); ; folder = parentPath(folder)) {
    const found = histories.get(folder);
    if (found !== undefined || folder === '') return found;
  }
}

/** The histories above a path, the nearest first. */
export function* historiesAbove(
  histories: ReadonlyMap<string, History>,
  path: string,
): Generator<History> {
  for (let folder = parentPath(path); ; folder = parentPath(folder)) {
    const found = histories.get(folder);
    if (found !== undefined) yield found;
    if (folder === '') return;
  }
}

/** What is known of a file, by the nearest history that knows it. */
export function findKnown(
  histories: ReadonlyMap<string, History>,
  path: string,
): KnownFile | undefined {
  for (const history of historiesAbove(histories, path)) {
    const known = history.files.find(relativeTo(path, history.folder));
    if (known !== undefined) return known;
  }
  return undefined;
}

function seeFile(histories: ReadonlyMap<string, History>, path: string): boolean {
  let known = false;
  for (const history of historiesAbove(histories, path)) {
    known = history.files.see(relativeTo(path, history.folder)) || known;
  }
  return known;
}

/** A file that should be there. */
export type MissingFile = { readonly path: string; readonly known: KnownFile };

/** Files that histories know and nobody has seen, in the order of the histories. */
export function* missingFiles(
  survey: Survey,
  only: readonly string[] = [''],
): Generator<MissingFile> {
  const told = new Set<string>();
  for (const history of survey.histories.values()) {
    for (const known of history.files.unseen()) {
      const path = joinPath(history.folder, known.path);
      if (told.has(path) || !only.some((each) => isInside(path, each))) continue;
      if (
        survey.rules.ignoresDeep(path, false) ||
        isRenamedBelow(survey.histories, history, path)
      ) {
        continue;
      }
      const nested = survey.nestedRules.get(history.folder);
      if (nested?.ignoresDeep(known.path, false) === true) continue;
      told.add(path);
      yield { path, known };
    }
  }
}

/** An outer history does not learn of a renaming that only a nested one recorded. */
function isRenamedBelow(
  histories: ReadonlyMap<string, History>,
  owner: History,
  path: string,
): boolean {
  for (const history of historiesAbove(histories, path)) {
    if (history === owner) return false;
    if (history.files.wasRenamed(relativeTo(path, history.folder))) return true;
  }
  return false;
}

/** The manifests of nested histories that outer ones vouch for must still be there, unchanged. */
function checkReferences(
  histories: ReadonlyMap<string, History>,
  rules: IgnoreRules,
  list: FindingList,
): boolean {
  let held = true;
  const byHash = new Map<string, History>();
  for (const history of histories.values()) {
    for (const { c4 } of history.generations) byHash.set(c4, history);
  }
  for (const outer of histories.values()) {
    for (const { path, c4 } of outer.generations.flatMap(({ frame }) => frame.references)) {
      const file = joinPath(outer.folder, path);
      const folder = parentPath(parentPath(file));
      if (rules.ignoresDeep(folder, true)) continue;
      const inner = histories.get(folder);
      const name = file.slice(file.lastIndexOf('/') + 1);
      const there = inner?.generations.find((each) => each.name === name);
      if (there?.c4 === c4) continue;
      const moved = byHash.get(c4);
      const at = { file };
      if (there === undefined && moved !== undefined) {
        const facts = { to: clipText(`${joinPath(moved.folder, HISTORY_FOLDER)}/`) };
        list.add(finding('moved_history', 'warning', { facts, at, clause: 'ASC MHL 6.6' }));
        continue;
      }
      held = false;
      const code = there === undefined ? 'missing_manifest' : 'altered_manifest';
      const facts = there === undefined ? {} : { expected: c4, found: there.c4 };
      list.add(finding(code, 'error', { facts, at, clause: 'ASC MHL 6.6' }));
    }
  }
  return held;
}
