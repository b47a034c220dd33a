import type { ColumnType, Generated } from 'kysely';

type Instant = ColumnType<Date, Date | string | undefined, Date | string>;
type MaybeJson = ColumnType<unknown, string | null | undefined, string | null>;
type Maybe<Value> = ColumnType<Value | null, Value | null | undefined, Value | null>;

export type AssetTable = {
  id: string;
  version: Generated<number>;
  created_at: Instant;
  updated_at: Instant;
  organisation_id: string;
  film_id: string;
  title: string;
  state: string;
  original_file_id: string;
  sound_file_id: Maybe<string>;
  sequence_frame_rate: Maybe<string>;
  media: MaybeJson;
  proxy_file_id: Maybe<string>;
  filmstrip_file_id: Maybe<string>;
  filmstrip: MaybeJson;
  waveform_file_id: Maybe<string>;
  poster_file_id: Maybe<string>;
  loudness: MaybeJson;
  findings: ColumnType<unknown, string | undefined, string>;
  job_id: Maybe<string>;
  accepted_at: Maybe<Date>;
  accepted_by: Maybe<string>;
  held: Generated<boolean>;
};

export type NoteTable = {
  id: string;
  version: Generated<number>;
  created_at: Instant;
  updated_at: Instant;
  asset_id: string;
  organisation_id: string;
  author_id: string;
  author_name: string;
  frame: number;
  to_frame: number | null;
  text: string;
  state: Generated<string>;
};

/** The hall's tables as kysely sees them; the truth is `migrations/*.sql`. */
export type ProductionTables = {
  'production.asset': AssetTable;
  'production.note': NoteTable;
};
