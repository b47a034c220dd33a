import { clipText, type Finding, finding } from '@yinglian/core';
import { isXmlText } from '@yinglian/xml';
import type { IgnoreRules } from './ignore.ts';
import { HISTORY_FOLDER } from './model.ts';
import { compareNames, isInside, joinPath, relativeTo } from './paths.ts';
import type { MediaTree, TreeEntry } from './ports.ts';

/** Folders inside one another; a path of 4096 characters holds no more than 2048. */
const DEPTH_MAX = 512;

/** What is met on the way through a tree: folders before files, each group in code point order. */
export type WalkEvent =
  | { readonly kind: 'enter'; readonly path: string; readonly entry: TreeEntry | undefined }
  | { readonly kind: 'file'; readonly path: string; readonly entry: TreeEntry }
  | { readonly kind: 'leave'; readonly path: string; readonly entry: TreeEntry | undefined }
  | { readonly kind: 'problem'; readonly path: string; readonly finding: Finding };

/** How a walk is steered. */
export type WalkOptions = {
  /** Rules of the whole walk, relative to its root. */
  readonly rules: IgnoreRules;
  /** Rules that hold from a folder on: those of a nested history. Told when it is entered. */
  nested?(path: string): Promise<IgnoreRules | undefined>;
};

type Scope = { readonly folder: string; readonly rules: IgnoreRules };
type Frame = {
  readonly path: string;
  readonly entry: TreeEntry | undefined;
  readonly folders: TreeEntry[];
  readonly files: TreeEntry[];
  readonly scopes: readonly Scope[];
};

/**
 * A tree depth first. Each folder is entered, its folders are walked, its files told, and then it
 * is left: the order in which folder hashes can be computed as it goes. Memory holds one list of
 * names per level.
 */
export async function* walkTree(
  tree: MediaTree,
  options: WalkOptions,
): AsyncGenerator<WalkEvent, void, void> {
  const stack: Frame[] = [];
  const enter = async (path: string, entry: TreeEntry | undefined, outer: readonly Scope[]) => {
    const problems: WalkEvent[] = [];
    const children = await tree.entries(path);
    if (children === undefined) {
      problems.push({
        kind: 'problem',
        path,
        finding: finding('unreadable_folder', 'error', { at: { path: clipText(path) } }),
      });
    }
    const nested =
      path !== '' &&
      children?.some(({ name, kind }) => name === HISTORY_FOLDER && kind === 'folder')
        ? await options.nested?.(path)
        : undefined;
    const scopes = nested === undefined ? outer : [...outer, { folder: path, rules: nested }];
    const kept = sortOut(path, children ?? [], scopes, problems);
    stack.push({ path, entry, ...kept, scopes });
    return problems;
  };
  yield { kind: 'enter', path: '', entry: undefined };
  yield* await enter('', undefined, [{ folder: '', rules: options.rules }]);
  while (stack.length > 0) {
    const frame = stack.at(-1)!;
    const folder = frame.folders.pop();
    if (folder !== undefined) {
      const path = joinPath(frame.path, folder.name);
      if (stack.length > DEPTH_MAX) {
        const facts = { limit: DEPTH_MAX };
        const each = finding('excessive_folder_depth', 'error', {
          facts,
          at: { path: clipText(path) },
        });
        yield { kind: 'problem', path, finding: each };
        continue;
      }
      yield { kind: 'enter', path, entry: folder };
      yield* await enter(path, folder, frame.scopes);
      continue;
    }
    for (const entry of frame.files) {
      yield { kind: 'file', path: joinPath(frame.path, entry.name), entry };
    }
    stack.pop();
    yield { kind: 'leave', path: frame.path, entry: frame.entry };
  }
}

/** Folders come last first, so that they can be taken from the end. */
function sortOut(
  path: string,
  children: readonly TreeEntry[],
  scopes: readonly Scope[],
  problems: WalkEvent[],
): { readonly folders: TreeEntry[]; readonly files: TreeEntry[] } {
  const folders: TreeEntry[] = [];
  const files: TreeEntry[] = [];
  for (const entry of children) {
    const child = joinPath(path, entry.name);
    const isFolder = entry.kind === 'folder';
    const ignored = scopes.some(({ folder, rules }) =>
      isInside(child, folder) ? rules.ignores(relativeTo(child, folder), isFolder) : false,
    );
    if (ignored) continue;
    const at = { path: clipText(child) };
    if (!isXmlText(entry.name) || entry.name.includes('\ufffd')) {
      const each = finding('unrecordable_name', 'error', { at, clause: 'XML 1.0 2.2' });
      problems.push({ kind: 'problem', path: child, finding: each });
    } else if (isFolder) {
      folders.push(entry);
    } else if (entry.kind === 'file') {
      files.push(entry);
    } else {
      const facts = { kind: entry.kind };
      const each = finding('unexpected_special_file', 'warning', { facts, at });
      problems.push({ kind: 'problem', path: child, finding: each });
    }
  }
  folders.sort((a, b) => compareNames(b.name, a.name));
  files.sort((a, b) => compareNames(a.name, b.name));
  return { folders, files };
}
