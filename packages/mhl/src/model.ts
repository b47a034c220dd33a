import type { XmlElement } from '@yinglian/xml';
import type { HashFormat } from './formats.ts';

/** Namespace of manifests (ASC MHL v1.0 specification, 6.1). */
export const MHL_NAMESPACE = 'urn:ASC:MHL:v2.0';
/** Namespace of chain and collection files (7). */
export const CHAIN_NAMESPACE = 'urn:ASC:MHL:DIRECTORY:v2.0';
/** The folder that holds a history, at the root of its scope (5.1). */
export const HISTORY_FOLDER = 'ascmhl';
/** The chain file in it (7). */
export const CHAIN_FILE = 'ascmhl_chain.xml';
/** The chain file of a collection of packing lists. */
export const COLLECTION_FILE = 'ascmhl_collection.xml';
/** Patterns that every generation ignores (6.3.3): a history does not list itself. */
export const DEFAULT_IGNORE: readonly string[] = ['.DS_Store', 'ascmhl', 'ascmhl/'];

/** What a hash of a file says: first, again, or not the same (6.5.1). */
export type HashAction = 'original' | 'verified' | 'failed';

/** One hash of a record. */
export type HashEntry = {
  readonly format: HashFormat;
  /** Lower-case hexadecimal, or a C4 identifier. */
  readonly value: string;
  /** Compulsory for files, absent for folders. */
  readonly action?: HashAction;
  /** As written, with its offset. */
  readonly hashDate?: string;
};

/** A file in a manifest. */
export type FileRecord = {
  readonly kind: 'file';
  readonly path: string;
  readonly sizeBytes?: number;
  readonly creationDate?: string;
  readonly modificationDate?: string;
  readonly hashes: readonly HashEntry[];
  readonly previousPath?: string;
  readonly metadata?: XmlElement;
};

/** Both hashes of a folder (6.5.2): of what is in it, and of how that is named and nested. */
export type DirectoryHashes = {
  readonly content: readonly HashEntry[];
  readonly structure: readonly HashEntry[];
};

/** A folder in a manifest. */
export type DirectoryRecord = DirectoryHashes & {
  readonly kind: 'directory';
  readonly path: string;
  readonly creationDate?: string;
  readonly modificationDate?: string;
  readonly previousPath?: string;
  readonly metadata?: XmlElement;
};

/** A record of a manifest. */
export type ManifestRecord = FileRecord | DirectoryRecord;

/** A person of the creator's information (6.2). */
export type Author = {
  readonly name: string;
  readonly email?: string;
  readonly phone?: string;
  readonly role?: string;
};

/** Who made a manifest, when and with what (6.2). */
export type CreatorInfo = {
  readonly creationDate: string;
  readonly hostname: string;
  readonly tool: { readonly name: string; readonly version: string };
  readonly authors: readonly Author[];
  readonly location?: string;
  readonly comment?: string;
};

/** How the files came to be here (6.3.1). */
export type ProcessKind = 'in-place' | 'transfer' | 'flatten';

/** The process of a manifest (6.3). */
export type ProcessInfo = {
  readonly process: ProcessKind;
  readonly rootHash?: DirectoryHashes;
  readonly ignore: readonly string[];
};

/** A manifest of a nested history (6.6). */
export type ManifestReference = { readonly path: string; readonly c4: string };

/** What stands around the records of a manifest. */
export type ManifestFrame = {
  readonly creator: CreatorInfo;
  readonly process: ProcessInfo;
  readonly metadata?: XmlElement;
  readonly references: readonly ManifestReference[];
};

/** A whole manifest: for those that fit into memory. */
export type Manifest = ManifestFrame & { readonly records: readonly ManifestRecord[] };

/** One generation in a chain (7): its number, its manifest's name and that file's C4. */
export type ChainEntry = { readonly number: number; readonly path: string; readonly c4: string };
