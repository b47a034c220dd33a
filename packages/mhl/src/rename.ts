import { clipText, finding } from '@yinglian/core';
import { createGeneration, type CreateOptions, type CreateResult } from './create.ts';
import { baseName, isInside, isScopedPath, joinPath, parentPath } from './paths.ts';
import type { Hashing, MediaTree } from './ports.ts';
import { findKnown, surveyTree } from './survey.ts';

/** How a renaming is recorded. */
export type RenameHistoryOptions = Omit<CreateOptions, 'only' | 'renamed' | 'detectRenames'> & {
  readonly from: string;
  readonly to: string;
};

/**
 * Gives a file or a folder another name and records it in a new generation, its bytes verified
 * (ASC MHL 6.5.3). Where the renaming was already made on the disk, it is only recorded. A folder
 * with a history of its own keeps it: only the outer history learns the new name.
 */
export async function renameInHistory(
  tree: MediaTree,
  hashing: Hashing,
  options: RenameHistoryOptions,
): Promise<CreateResult> {
  const { from, to } = options;
  const refuse = (code: string, path: string): CreateResult => ({
    generations: [],
    findings: [finding(code, 'error', { at: { path: clipText(path) } })],
    counts: { original: 0, verified: 0, failed: 0, renamed: 0, missing: 0, bytes: 0 },
  });
  for (const path of [from, to]) if (!isScopedPath(path)) return refuse('unsafe_path', path);
  if (isInside(to, from)) return refuse('unsafe_path', to);
  const survey = await surveyTree(tree, { ignore: options.ignore ?? [] });
  if (!survey.trusted) {
    const nothing = refuse('untrusted_history', tree.name);
    return { ...nothing, findings: [...survey.findings, ...nothing.findings] };
  }
  const isKnown =
    findKnown(survey.histories, from) !== undefined ||
    [...survey.histories.values()].some(
      (history) =>
        isInside(history.folder, from) ||
        [...history.files.all()].some((each) =>
          isInside(joinPath(history.folder, each.path), from),
        ),
    );
  if (!isKnown) return refuse('missing_named_file', from);
  const [before, after] = [await isThere(tree, from), await isThere(tree, to)];
  if (before && after) return refuse('existing_target', to);
  if (!before && !after) return refuse('missing_named_file', to);
  if (before) await tree.rename(from, to);
  return createGeneration(tree, hashing, {
    ...options,
    only: [to],
    renamed: new Map([[to, from]]),
  });
}

async function isThere(tree: MediaTree, path: string): Promise<boolean> {
  const siblings = await tree.entries(parentPath(path));
  return siblings?.some(({ name }) => name === baseName(path)) === true;
}
