import type { ColumnType, Generated } from 'kysely';
import type { Queryable } from '../../kernel/database/database.ts';

type Instant = ColumnType<Date, Date | string | undefined, Date | string>;
type Maybe<Value> = ColumnType<Value | null, Value | null | undefined, Value | null>;
type Json = ColumnType<unknown, string, string>;

export type EntryTable = {
  id: string;
  version: Generated<number>;
  created_at: Instant;
  updated_at: Instant;
  register_id: string;
  round_id: Maybe<string>;
  holder_id: string;
  number: Maybe<string>;
  identity: Maybe<string>;
  state: string;
  fields: Json;
  selected: Generated<boolean>;
  filed_on: Maybe<string>;
  correction_until: Maybe<string>;
  notice_from: Maybe<string>;
  notice_until: Maybe<string>;
  remedy_until: Maybe<string>;
  registered_on: Maybe<string>;
  valid_until: Maybe<string>;
  ended_on: Maybe<string>;
  level_asked: Maybe<string>;
};
export type RoundTable = {
  id: string;
  created_at: Instant;
  register_id: string;
  year: number;
  title: string;
  opens_on: string;
  closes_on: string;
  places: Json;
  decided_on: Maybe<string>;
  decision: ColumnType<unknown, string | undefined, string>;
};
export type DocumentTable = {
  id: string;
  entry_id: string;
  code: string;
  file_id: string;
  file_name: string;
  digest: string;
  size_bytes: bigint;
  media_type: string;
  created_at: Instant;
};
export type RegisterObjectionTable = {
  id: string;
  entry_id: string;
  user_id: string;
  by_name: string;
  text: string;
  at: Instant;
  about: string;
  answer_by: Maybe<string>;
  token_hash: Maybe<string>;
  outcome: Maybe<string>;
  answer: Maybe<string>;
  answered_by: Maybe<string>;
  answered_at: Maybe<Date>;
};

/** The tables of the registers as kysely sees them; the truth is `0010_registers.sql`. */
export type RegisterTables = {
  'policy.register': {
    id: string;
    created_at: Instant;
    department_id: string;
    kind: string;
    notice_days: number;
    numbers: ColumnType<unknown, string | undefined, string>;
  };
  'policy.register_round': RoundTable;
  'policy.register_entry': EntryTable;
  'policy.register_step': {
    entry_id: string;
    number: number;
    action: string;
    actor_id: string | null;
    actor: string;
    role: string;
    on_date: string;
    reason: string;
  };
  'policy.register_document': DocumentTable;
  'policy.register_score': {
    entry_id: string;
    reviewer_id: string;
    reviewer: string;
    points: Json;
    remark: string;
  };
  'policy.register_assessment': {
    entry_id: string;
    number: number;
    on_date: string;
    grade: string;
    passes: boolean;
    score: string;
    points: Json;
    by_id: string;
    by_name: string;
    remark: string;
  };
  'policy.register_objection': RegisterObjectionTable;
};

export const registerTables = (database: Queryable) => database.withTables<RegisterTables>();
