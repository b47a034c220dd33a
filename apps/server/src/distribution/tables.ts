import type { ColumnType, Generated } from 'kysely';

type Instant = ColumnType<Date, Date | string | undefined, Date | string>;
type Json = ColumnType<unknown, string, string>;
type Maybe<Value> = ColumnType<Value | null, Value | null | undefined, Value | null>;

export type PackageTable = {
  id: string;
  version: Generated<number>;
  created_at: Instant;
  updated_at: Instant;
  organisation_id: string;
  film_id: string;
  film_version_id: Maybe<string>;
  asset_id: Maybe<string>;
  title: string;
  standard: string;
  state: string;
  encrypted: boolean;
  options: Json;
  compositions: ColumnType<unknown, string | undefined, string>;
  size_bytes: ColumnType<bigint, bigint | undefined, bigint>;
  findings: ColumnType<unknown, string | undefined, string>;
  checked: ColumnType<unknown, string | null | undefined, string | null>;
  job_id: Maybe<string>;
  withdrawn_at: Maybe<Date>;
  asset_ids: ColumnType<string[], string[] | undefined, string[]>;
  missing_assets: ColumnType<string[], string[] | undefined, string[]>;
  original_ids: ColumnType<string[], string[] | undefined, string[]>;
  profile: ColumnType<unknown, string | null | undefined, string | null>;
};
export type PackageFileTable = { package_id: string; path: string; file_id: string };
export type ContentKeyTable = {
  package_id: string;
  key_id: string;
  composition_id: string;
  key_type: string;
  sealed_key: Buffer;
  custody_id: Maybe<string>;
};
export type SignerTable = {
  id: string;
  organisation_id: string;
  created_at: Instant;
  certificates: Buffer[];
  sealed_private_key: Buffer;
  custody_id: Maybe<string>;
  retired_at: Maybe<Date>;
};
export type KeyTable = {
  id: string;
  package_id: string;
  composition_id: string;
  organisation_id: string;
  screen_id: string;
  device_id: string;
  device_thumbprint: string;
  not_before: Instant;
  not_after: Instant;
  file_id: string;
  job_id: string;
  issued_at: Instant;
  issued_by: Maybe<string>;
  superseded_by: Maybe<string>;
  superseded_at: Maybe<Date>;
  withdrawn_at: Maybe<Date>;
  withdrawn_reason: Maybe<string>;
};

/** The hall's tables as kysely sees them; the truth is `migrations/*.sql`. */
export type DistributionTables = {
  'distribution.package': PackageTable;
  'distribution.package_file': PackageFileTable;
  'distribution.content_key': ContentKeyTable;
  'distribution.signer': SignerTable;
  'distribution.key': KeyTable;
};
