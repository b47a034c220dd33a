import { assert, type Finding, finding, type InstantMs } from '@yinglian/core';
import { encodeC4, type HashFormat } from './formats.ts';
import { fileSafeName, stamp } from './generation.ts';
import type { KnownFile } from './known.ts';
import {
  COLLECTION_FILE,
  type ChainEntry,
  type CreatorInfo,
  type FileRecord,
  type HashEntry,
} from './model.ts';
import { compareNames, joinPath } from './paths.ts';
import type { AbortSignalLike, MediaTree } from './ports.ts';
import { findingList, readChain } from './read.ts';
import { surveyTree } from './survey.ts';
import { manifestDate, openManifestWriter, writeChain } from './write.ts';

/** How a packing list is made. */
export type FlattenOptions = {
  readonly creator: CreatorInfo;
  readonly startedAt: InstantMs;
  readonly ignore?: readonly string[];
  readonly signal?: AbortSignalLike;
  /** The folder of the collection inside the target; `collection_YYYY-MM-DD` unless told. */
  readonly collection?: string;
};

/** A packing list that was written. */
export type FlattenResult = {
  readonly path: string | undefined;
  readonly recordCount: number;
  readonly findings: readonly Finding[];
};

/**
 * One packing list of all that the histories of a tree know (ASC MHL 8): for each file the earliest
 * hash of every format, failed ones left out, at the path it has now, with the path it had before.
 * Nested histories are part of it, and so are files that are not there: what was packed is known
 * from the histories, not from the disk. It becomes the next entry of the collection in `target`.
 */
export async function flattenHistory(
  tree: MediaTree,
  target: MediaTree,
  options: FlattenOptions,
): Promise<FlattenResult> {
  const survey = await surveyTree(tree, options);
  const list = findingList();
  survey.findings.forEach(list.add);
  const nothing = { path: undefined, recordCount: 0, findings: list.findings };
  if (!survey.trusted) return nothing;
  const records = flatRecords(survey.histories);
  if (records.length === 0) {
    list.add(finding('empty_scope', 'error', { at: { folder: tree.name } }));
    return nothing;
  }
  const day = manifestDate(options.startedAt).slice(0, 10);
  const folder = options.collection ?? `collection_${day}`;
  const name = `packinglist_${fileSafeName(tree.name)}_${stamp(options.startedAt)}.mhl`;
  const chainPath = joinPath(folder, COLLECTION_FILE);
  const existing = await target.open(chainPath);
  const chain = existing === undefined ? undefined : await readChain(existing);
  await existing?.close?.();
  if (chain !== undefined && (!chain.whole || chain.findings.length > 0)) {
    list.add(finding('invalid_chain', 'error', { at: { file: chainPath } }));
    chain.findings.forEach(list.add);
    return nothing;
  }
  const path = joinPath(folder, name);
  const writer = await openManifestWriter(await target.create(path), {
    creator: options.creator,
    process: { process: 'flatten', ignore: survey.rules.patterns },
  });
  for (const each of records) await writer.record(each);
  await writer.end([]);
  const hashed = await target.hash(path, ['sha512'], {});
  assert(!('failed' in hashed), 'a packing list just written can be read');
  const c4 = encodeC4('failed' in hashed ? new Uint8Array(64) : hashed.digests.sha512!);
  const entries: readonly ChainEntry[] = chain?.entries ?? [];
  const number = (entries.at(-1)?.number ?? 0) + 1;
  await writeChain(await target.replace(chainPath), [...entries, { number, path: name, c4 }]);
  return { path, recordCount: records.length, findings: list.findings };
}

/** All files that histories know, by the path below the root, in code point order. */
function flatRecords(
  histories: ReadonlyMap<
    string,
    { readonly folder: string; readonly files: { all(): Iterable<KnownFile> } }
  >,
): readonly FileRecord[] {
  const records = new Map<string, FileRecord>();
  // The nearest history speaks last, as it knows its files best.
  const outerFirst = [...histories.values()].sort((a, b) => a.folder.length - b.folder.length);
  for (const { folder, files } of outerFirst) {
    for (const known of files.all()) {
      const record = flatRecord(folder, known, records.get(joinPath(folder, known.path)));
      if (record !== undefined) records.set(record.path, record);
    }
  }
  return [...records.values()].sort((a, b) => compareNames(a.path, b.path));
}

function flatRecord(
  folder: string,
  known: KnownFile,
  outer: FileRecord | undefined,
): FileRecord | undefined {
  const own: HashEntry[] = known.hashes.map(({ format, value, action, hashDate }) => ({
    format: format as HashFormat,
    value,
    action,
    ...(hashDate === undefined ? {} : { hashDate }),
  }));
  const more = (outer?.hashes ?? []).filter((each) =>
    own.every(({ format }) => format !== each.format),
  );
  if (own.length + more.length === 0) return undefined;
  const { sizeBytes, modificationDate, creationDate, previousPath } = known;
  return {
    kind: 'file',
    path: joinPath(folder, known.path),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(creationDate === undefined ? {} : { creationDate }),
    ...(modificationDate === undefined ? {} : { modificationDate }),
    hashes: [...own, ...more],
    ...(previousPath === undefined ? {} : { previousPath: joinPath(folder, previousPath) }),
  };
}
