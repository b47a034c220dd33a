import type { SequenceState } from './tables.ts';

/**
 * A network in one TAR, whatever version of PostgreSQL it came from and goes to:
 *
 *     network.json                   what it is, and by which migrations its tables were made
 *     tables/kernel.audit/000001.gz  rows as PostgreSQL writes them, one JSON text each line
 *     secrets/master.key             what opens the sealed values; absent when it lies elsewhere
 *     uploads/<id>.part              bytes of uploads under way
 *     objects/ab/cdef…               objects under their hash
 *     end.json                       the hash of every entry before it
 */
export type BundleHead = {
  readonly format: typeof BUNDLE_FORMAT;
  readonly release: string;
  readonly databaseVersion: string;
  readonly takenAt: string;
  readonly migrations: readonly BundleMigration[];
  readonly tables: readonly BundleTable[];
  readonly sequences: readonly SequenceState[];
  /** Objects that stay in their bucket. */
  readonly objectsElsewhere: readonly string[];
};
export type BundleMigration = { readonly name: string; readonly hash: string };
export type BundleTable = {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: number;
};
export type BundleEnd = {
  readonly entries: readonly {
    readonly path: string;
    readonly sizeBytes: number;
    readonly sha256: string;
  }[];
};

export const BUNDLE_FORMAT = 'yinglian-network-1';
export const HEAD_ENTRY = 'network.json';
export const END_ENTRY = 'end.json';
export const KEY_ENTRY = 'secrets/master.key';
/** Rows of one entry before they are compressed; a row is at most as large as a document in it. */
export const CHUNK_BYTES = 8 * 1024 * 1024;
/** An entry of rows unpacks to no more: a row of PostgreSQL holds at most 1 GB, ours far less. */
export const CHUNK_BYTES_MAX = 256 * 1024 * 1024;
export const JSON_BYTES_MAX = 64 * 1024 * 1024;

export const TABLE_ENTRY = /^tables\/([a-z_]+\.(?:[a-z0-9_]+|"[A-Za-z0-9_]+"))\/\d{6}\.gz$/;
export const OBJECT_ENTRY = /^objects\/([0-9a-f]{2})\/([0-9a-f]{62})$/;
export const UPLOAD_ENTRY = /^uploads\/([0-9a-f-]{36}\.part)$/;
