import type { ColumnType, Generated } from 'kysely';

type Instant = ColumnType<Date, Date | string | undefined, Date | string>;
type Json = ColumnType<unknown, string, string>;

type Versioned = {
  id: string;
  version: Generated<number>;
  created_at: Instant;
  updated_at: Instant;
};

export type CircuitTable = Versioned & {
  keeper_id: string;
  name: string;
  code: string | null;
  organisation_id: string | null;
};
export type CinemaTable = Versioned & {
  keeper_id: string;
  name: string;
  name_english: string | null;
  code: string | null;
  circuit_id: string | null;
  organisation_id: string | null;
  province: string | null;
  city: string | null;
  address: string | null;
  time_zone: string;
  email: string | null;
  equipment: string | null;
  taxpayer: string | null;
  zone: string | null;
  city_class: string | null;
  latitude: number | null;
  longitude: number | null;
  findings: Json;
};
export type ScreenTable = Versioned & {
  cinema_id: string;
  name: string;
  number: number | null;
  seats: number | null;
  formats: string[];
};
export type DeviceTable = {
  id: string;
  screen_id: string;
  kind: string;
  maker: string | null;
  model: string | null;
  serial: string | null;
  thumbprint: string | null;
  certificates: Buffer[];
  subject: string | null;
  issuer: string | null;
  not_before: ColumnType<Date | null, Date | string | null, Date | string | null>;
  not_after: ColumnType<Date | null, Date | string | null, Date | string | null>;
  roles: string[];
  findings: Json;
  installed_at: Instant;
  removed_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
};
export type ReportTable = Versioned & {
  organisation_id: string;
  film_id: string | null;
  sender: string;
  level: string;
  file_id: string;
  state: string;
  row_count: number;
  quarantined: number;
  first_date: string | null;
  last_date: string | null;
  screenings: bigint;
  admissions: bigint;
  gross_fen: bigint;
  supersedes: string | null;
  findings: Json;
  mapping: Json;
};
export type ReportRowTable = {
  report_id: string;
  line: number;
  cinema_id: string | null;
  cinema_code: string | null;
  cinema_name: string | null;
  film_id: string | null;
  film_code: string | null;
  film_name: string | null;
  hall: string | null;
  first_date: string;
  last_date: string;
  equipment: string | null;
  screenings: number;
  admissions: number;
  gross_fen: bigint;
  service_fee_fen: ColumnType<bigint, bigint | undefined, bigint>;
  ticket_type: string | null;
  price_fen: bigint | null;
  start_time: string | null;
  stated: Json;
  raw: Json;
  quarantined: Generated<boolean>;
  findings: ColumnType<unknown, string | undefined, string>;
};

/** The hall's tables as kysely sees them; the truth is `migrations/*.sql`. */
export type ExhibitionTables = {
  'exhibition.circuit': CircuitTable;
  'exhibition.cinema': CinemaTable;
  'exhibition.screen': ScreenTable;
  'exhibition.device': DeviceTable;
  'exhibition.report': ReportTable;
  'exhibition.report_row': ReportRowTable;
};
