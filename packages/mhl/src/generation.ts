import { assert, type InstantMs } from '@yinglian/core';
import { onlyXmlText } from '@yinglian/xml';
import { encodeC4, encodeHash, type HashFormat, digestBytes, algorithmOf } from './formats.ts';
import type { History } from './history.ts';
import {
  CHAIN_FILE,
  type CreatorInfo,
  type DirectoryHashes,
  HISTORY_FOLDER,
  type ManifestRecord,
  type ManifestReference,
  type ProcessKind,
} from './model.ts';
import { baseName, joinPath } from './paths.ts';
import type { MediaTree } from './ports.ts';
import { type ManifestWriter, openManifestWriter, writeChain } from './write.ts';

/** A generation that was written. */
export type WrittenGeneration = {
  /** The folder of its history, relative to the tree. */
  readonly folder: string;
  readonly number: number;
  readonly path: string;
  readonly c4: string;
  readonly recordCount: number;
};

/** What all manifests of one operation share. */
export type Session = {
  readonly tree: MediaTree;
  readonly creator: CreatorInfo;
  readonly startedAt: InstantMs;
  readonly process: ProcessKind;
  readonly ignore: readonly string[];
  /** Formats of folder hashes; empty for none. */
  readonly folderFormats: readonly HashFormat[];
};

/** A new generation of one history, being written. */
export type GenerationBuilder = {
  readonly history: History;
  readonly recordCount: number;
  record(of: ManifestRecord): Promise<void>;
  /** Ends the manifest and makes it part of the chain. */
  commit(
    references: readonly ManifestReference[],
    rootHash: DirectoryHashes | undefined,
  ): Promise<WrittenGeneration>;
  abort(): Promise<void>;
};

/** `NNNN_FOLDER_YYYY-MM-DD_HHMMSSZ.mhl` (ASC MHL 5.2): the time is that of the whole operation. */
export function manifestName(number: number, folder: string, at: InstantMs): string {
  return `${String(number).padStart(4, '0')}_${fileSafeName(folder)}_${stamp(at)}.mhl`;
}

/** `YYYY-MM-DD_HHMMSSZ`. */
export function stamp(at: InstantMs): string {
  const text = new Date(at).toISOString();
  return `${text.slice(0, 10)}_${text.slice(11, 19).replaceAll(':', '')}Z`;
}

/** Kept of a folder's name: a file name has 255 bytes, a character up to three of them. */
const NAME_CHARACTERS_MAX = 64;

/** A folder's name without what some system refuses in a file name. */
export function fileSafeName(name: string): string {
  const safe = onlyXmlText(name).replace(/[\\/:*?"<>|\u0000-\u001f]/g, '_');
  return safe === '' || safe === '.' || safe === '..' ? 'root' : safe.slice(0, NAME_CHARACTERS_MAX);
}

/** Opens the next generation of a history; its manifest appears only with `commit`. */
export async function openGeneration(
  session: Session,
  history: History,
  withRootHash: boolean,
): Promise<GenerationBuilder> {
  const { tree, startedAt } = session;
  const number = (history.chain.at(-1)?.number ?? 0) + 1;
  const folder = history.folder === '' ? tree.name : baseName(history.folder);
  const name = manifestName(number, folder, startedAt);
  const place = joinPath(history.folder, HISTORY_FOLDER);
  const path = joinPath(place, name);
  const rootHash = withRootHash ? placeholder(session) : undefined;
  const writer: ManifestWriter = await openManifestWriter(await tree.create(path), {
    creator: session.creator,
    process: {
      process: session.process,
      ...(rootHash === undefined ? {} : { rootHash }),
      ignore: session.ignore,
    },
  });
  return {
    history,
    get recordCount() {
      return writer.recordCount;
    },
    record: (of) => writer.record(of),
    commit: async (references, known) => {
      await writer.end(references, known);
      const hashed = await tree.hash(path, ['sha512'], {});
      assert(!('failed' in hashed), 'a manifest just written can be read');
      const c4 = encodeC4('failed' in hashed ? new Uint8Array(64) : hashed.digests.sha512!);
      const chain = [...history.chain, { number, path: name, c4 }];
      await writeChain(await tree.replace(joinPath(place, CHAIN_FILE)), chain);
      return { folder: history.folder, number, path, c4, recordCount: writer.recordCount };
    },
    abort: () => writer.abort(),
  };
}

/** Hashes of the right length, to be replaced when the tree has been walked. */
function placeholder({ folderFormats, startedAt }: Session): DirectoryHashes {
  const hashDate = new Date(startedAt).toISOString().replace('Z', '+00:00');
  const hashes = folderFormats.map((format) => ({
    format,
    value: encodeHash(format, new Uint8Array(digestBytes(algorithmOf(format)))),
    hashDate,
  }));
  return { content: hashes, structure: hashes };
}
