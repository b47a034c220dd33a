import type { ColumnType, Generated } from 'kysely';

type Instant = ColumnType<Date, Date | string | undefined, Date | string>;
type Json = ColumnType<unknown, string, string>;
type Maybe<Value> = ColumnType<Value | null, Value | null | undefined, Value | null>;

type Versioned = {
  id: string;
  version: Generated<number>;
  created_at: Instant;
  updated_at: Instant;
};

export type TermsTable = Versioned & {
  organisation_id: string;
  film_id: string;
  title: string;
  state: string;
  terms: Json;
  digest: string;
  findings: Json;
};
export type TermsVersionTable = {
  terms_id: string;
  version: number;
  recorded_at: Instant;
  state: string;
  title: string;
  terms: Json;
  digest: string;
};
export type RunTable = Versioned & {
  organisation_id: string;
  film_id: string;
  terms_id: string;
  terms_version: number;
  first_date: string;
  last_date: string;
  report_ids: string[];
  kind: ColumnType<string, string | undefined, string>;
  statement_ids: ColumnType<string[], string[] | undefined, string[]>;
  state: string;
  job_id: Maybe<string>;
  gross_fen: ColumnType<bigint, bigint | undefined, bigint>;
  parties: ColumnType<unknown, string | undefined, string>;
  findings: ColumnType<unknown, string | undefined, string>;
};
export type StatementTable = Versioned & {
  run_id: string;
  organisation_id: string;
  film_id: string;
  number: string;
  kind: string;
  party: string;
  party_organisation_id: Maybe<string>;
  counterparty: string | null;
  first_date: string;
  last_date: string;
  state: string;
  line_count: number;
  gross_fen: bigint;
  fund_fen: bigint;
  tax_fen: bigint;
  net_fen: bigint;
  total_fen: bigint;
  terms_id: string;
  terms_version: number;
  issued_at: Maybe<Date>;
  issued_by: Maybe<string>;
  findings: ColumnType<unknown, string | undefined, string>;
  proof: ColumnType<unknown, string | null | undefined, string | null>;
  terms_kind: string;
  follows: string[];
  supplementary: boolean;
  party_name: ColumnType<unknown, string | null, string | null>;
  account: ColumnType<unknown, string | null, string | null>;
};
export type StatementLineTable = {
  statement_id: string;
  number: number;
  line_id: string;
  line: Json;
  derivation: Json;
};

/** The hall's tables as kysely sees them; the truth is `migrations/*.sql`. */
export type SettlementTables = {
  'settlement.terms': TermsTable;
  'settlement.terms_version': TermsVersionTable;
  'settlement.run': RunTable;
  'settlement.statement': StatementTable;
  'settlement.statement_line': StatementLineTable;
};
