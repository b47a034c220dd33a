import type { ColumnType, Generated } from 'kysely';

type Instant = ColumnType<Date, Date | string | undefined, Date | string>;

export type FilmTable = {
  id: string;
  version: Generated<number>;
  created_at: Instant;
  updated_at: Instant;
  owner_id: string;
  title: string;
  title_english: string | null;
  year: number | null;
  country: string | null;
  synopsis: string | null;
  eidr: string | null;
  isan: string | null;
  licence_number: string | null;
  poster_file_id: ColumnType<string | null, string | null | undefined, string | null>;
  findings: ColumnType<unknown, string, string>;
};

export type VersionTable = {
  id: string;
  film_id: string;
  ordinal: number;
  format: string;
  film_code: string | null;
  audio_language: string | null;
  subtitle_languages: string[];
  runtime_seconds: number | null;
};

export type PartyTable = {
  film_id: string;
  ordinal: number;
  organisation_id: string | null;
  name: string;
  role: string;
};

export type RightsWindowTable = {
  film_id: string;
  ordinal: number;
  holder: string;
  territories: string[];
  media: string;
  valid_from: string;
  valid_to: string | null;
  exclusive: boolean;
};

/** The spine's tables as kysely sees them; the truth is `migrations/*.sql`. */
export type FilmTables = {
  'film.film': FilmTable;
  'film.version': VersionTable;
  'film.party': PartyTable;
  'film.rights_window': RightsWindowTable;
};
