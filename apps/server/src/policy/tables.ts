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

export type CallTable = Versioned & {
  department_id: string;
  instrument: string;
  title: string;
  year: number;
  direction: Generated<string>;
  cancelled_on: Maybe<string>;
  items: string[];
  opens_on: string;
  closes_on: string;
  notice_days: number;
  correction_days: number;
  objection_days: Generated<number>;
  guide: string;
  fairness_opinion: string | null;
  defence: Generated<boolean>;
  history_rules: ColumnType<unknown, string | undefined, string>;
  joint_ids: ColumnType<string[], string[] | undefined, string[]>;
  recommender_ids: ColumnType<string[], string[] | undefined, string[]>;
};
export type ClaimTable = Versioned & {
  call_id: string;
  applicant_id: string;
  item: string;
  object: string;
  label: string;
  event_date: string;
  applied_on: Maybe<string>;
  facts: Json;
  others: Json;
  state: string;
  correction_until: Maybe<string>;
  notice_from: Maybe<string>;
  notice_until: Maybe<string>;
  recommended_fen: Maybe<bigint>;
  grant_fen: Maybe<bigint>;
  cap_groups: ColumnType<string[], string[] | undefined, string[]>;
  object_key: string;
  source_entry_id: Maybe<string>;
  source_share: Generated<string>;
  recommender_id: Maybe<string>;
  score: Maybe<string>;
  divided_fen: Maybe<bigint>;
  offered_on: Maybe<string>;
  account: ColumnType<unknown, string | null | undefined, string | null>;
};
export type StepTable = {
  claim_id: string;
  number: number;
  action: string;
  actor_id: string | null;
  actor: string;
  role: string;
  on_date: string;
  reason: string;
  rule: string | null;
  receipts: ColumnType<unknown, string | undefined, never>;
  created_at: Instant;
};
export type EvidenceTable = {
  id: string;
  claim_id: string;
  code: string;
  number: string | null;
  file_id: string;
  file_name: string;
  digest: string;
  invoice: ColumnType<unknown, string | null | undefined, never>;
  created_at: Instant;
};
export type ObjectionTable = {
  id: string;
  claim_id: string;
  user_id: string;
  by_name: string;
  text: string;
  at: Instant;
  about: Generated<string>;
  answer_by: Maybe<string>;
  token_hash: Maybe<string>;
  outcome: Maybe<string>;
  answer: Maybe<string>;
  answered_by: Maybe<string>;
  answered_at: Maybe<Date>;
};
export type EntryTable = {
  department_id: string;
  number: number;
  year: number;
  to_year: number | null;
  move: string;
  fen: bigint;
  claim_id: string | null;
  opencall_bid_id: Maybe<string>;
  by_id: Maybe<string>;
  by_name: string;
  at: Instant;
  note: string;
};

/** The hall's tables as kysely sees them; the truth is `migrations/*.sql`. */
export type PolicyTables = {
  'policy.department': { organisation_id: string; name: string; created_at: Instant };
  'policy.parameter_decision': {
    id: string;
    instrument: string;
    parameter: string;
    value: string;
    valid_from: string;
    recorded: string;
    department_id: string;
    issued_by: string;
    reason: string;
    item: Maybe<string>;
    quote: Maybe<string>;
    created_at: Instant;
  };
  'policy.holiday_year': {
    year: number;
    source: string;
    free: string;
    worked: string;
    department_id: string;
    updated_at: Instant;
  };
  'policy.profile': {
    organisation_id: string;
    version: Generated<number>;
    facts: Json;
    updated_at: Instant;
  };
  'policy.call': CallTable;
  'policy.claim': ClaimTable;
  'policy.step': StepTable;
  'policy.evidence': EvidenceTable;
  'policy.objection': ObjectionTable;
  'policy.mark': {
    id: string;
    organisation_id: string;
    department_id: string;
    kind: string;
    from_year: number;
    to_year: number;
    reason: string;
    created_at: Instant;
  };
  'policy.balance': { department_id: string; account: string; fen: bigint };
  'policy.entry': EntryTable;
};
