import type { cases } from '@yinglian/contract';
import { type RowStanding, type Rule, RULES, type Suspicion } from '@yinglian/screening';
import { type RawBuilder, sql } from 'kysely';
import type { z } from 'zod';
import type { AccessRule } from '../../kernel/access/access.ts';
import { reachOf } from '../../kernel/access/access.ts';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import { readFileRecords } from '../../kernel/files/files.ts';
import { type Listed, listedBy, type Listing, newestFirst } from '../../kernel/listing.ts';
import { jsonText } from '../../kernel/write.ts';
import { actsForCinema } from '../acting.ts';
import type { KeptRecord } from './kept.ts';

export type CaseRecord = z.output<typeof cases.list.result>['rows'][number];
export type WholeCase = z.output<typeof cases.get.result>;
export type ExaminationRecord = z.output<typeof cases.examinations.result>['rows'][number];

/** Days a cinema has, in the database's words; the package judges by the same number. */
const ANSWER_DAYS = 7;

/** Who examines sees its cases; the cinema's side those that it was asked about. */
const casesReachedBy = (organisationId: string): RawBuilder<boolean> => sql<boolean>`
  (kase.organisation_id = ${organisationId}
    or (kase.asked_at is not null and ${actsForCinema(organisationId)}))`;

const CASE_JOINS = sql`from exhibition.screening_case as kase
  join exhibition.cinema on cinema.id = kase.cinema_id
  left join exhibition.circuit on circuit.id = cinema.circuit_id
  join exhibition.screen on screen.id = kase.screen_id
  left join film.film on film.id = kase.film_id`;

/** The cinema answers; whoever examines does everything else. */
export const caseRule: AccessRule = async (database, { organisationId, ids, permission }) => {
  const result = await sql<{ id: string; writable: boolean }>`
    select kase.id, case when ${permission} = 'exhibition.report'
        then kase.asked_at is not null and ${actsForCinema(organisationId)}
        else kase.organisation_id = ${organisationId} end as writable
    ${CASE_JOINS}
    where kase.id = any(${[...ids]}::uuid[]) and ${casesReachedBy(organisationId)}`.execute(
    database,
  );
  return reachOf(result.rows);
};

export type CaseListing = Listing & {
  readonly userId: string | null;
  readonly state?: string | undefined;
  readonly rule?: string | undefined;
  readonly cinemaId?: string | undefined;
};
type CaseRow = {
  id: string;
  version: number;
  created_at: Date;
  updated_at: Date;
  organisation_id: string;
  rule: string;
  severity: CaseRecord['severity'];
  edition: string;
  cinema_id: string;
  cinema_name: string;
  screen_name: string;
  film_id: string | null;
  film_title: string | null;
  at: Date;
  local_at: string;
  facts: CaseRecord['facts'];
  evidence: KeptRecord[];
  state: CaseRecord['state'];
  owner_name: string | null;
  asked_at: Date | null;
  answered_at: Date | null;
  verdict: CaseRecord['verdict'];
  amount_fen: bigint;
  proposed_by: string | null;
  sort_key: string;
};
export type StoredCase = {
  readonly row: CaseRecord;
  readonly evidence: readonly KeptRecord[];
  readonly askedAt: Date | null;
  readonly answeredAt: Date | null;
  readonly proposedBy: string | null;
};

export async function listCases(
  database: Queryable,
  listing: CaseListing,
): Promise<(Listed<CaseRecord> & StoredCase)[]> {
  const { organisationId, userId, ids, filmId, after, limit, state, rule, cinemaId } = listing;
  const result = await sql<CaseRow>`
    select kase.*, cinema.name as cinema_name, screen.name as screen_name,
      film.title as film_title, kase.created_at::text as sort_key,
      to_char(kase.at at time zone cinema.time_zone, 'YYYY-MM-DD"T"HH24:MI') as local_at
    ${CASE_JOINS}
    where ${casesReachedBy(organisationId)} and ${listedBy('kase', { ids, filmId, after })}
      and ${state === undefined ? sql`true` : sql`kase.state = ${state}`}
      and ${rule === undefined ? sql`true` : sql`kase.rule = ${rule}`}
      and ${cinemaId === undefined ? sql`true` : sql`kase.cinema_id = ${cinemaId}`}
    ${newestFirst('kase', limit)}`.execute(database);
  return result.rows.map((row) => ({
    sortKey: row.sort_key,
    evidence: row.evidence,
    askedAt: row.asked_at,
    answeredAt: row.answered_at,
    proposedBy: row.proposed_by,
    row: caseRecord(row, organisationId, userId),
  }));
}

function caseRecord(row: CaseRow, organisationId: string, userId: string | null): CaseRecord {
  const isExaminer = row.organisation_id === organisationId;
  // What is proposed inside is the cinema's to know once it is decided.
  const hidden = !isExaminer && row.state === 'proposed';
  return {
    id: row.id,
    version: row.version,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    rule: row.rule,
    severity: row.severity,
    edition: row.edition,
    cinemaId: row.cinema_id,
    cinemaName: row.cinema_name,
    screenName: row.screen_name,
    filmId: row.film_id,
    filmTitle: row.film_title,
    at: row.at.toISOString(),
    localAt: row.local_at,
    facts: row.facts,
    state: hidden ? (row.answered_at === null ? 'asked' : 'answered') : row.state,
    owner: row.owner_name,
    verdict: hidden ? null : row.verdict,
    amountFen: hidden ? '0' : String(row.amount_fen),
    answerBy:
      row.asked_at === null
        ? null
        : new Date(row.asked_at.getTime() + ANSWER_DAYS * 86_400_000).toISOString(),
    side: isExaminer ? 'examiner' : 'cinema',
    proposedByMe: isExaminer && row.proposed_by !== null && row.proposed_by === userId,
  };
}

export type CaseEvent = {
  readonly side: 'examiner' | 'cinema' | 'network';
  readonly organisationId: string | null;
  readonly organisation: string;
  readonly person: string;
  readonly action: string;
  readonly text: string;
  readonly fileIds?: readonly string[];
  readonly at: Date;
};

export async function appendEvent(
  transaction: Transaction,
  caseId: string,
  event: CaseEvent,
): Promise<void> {
  await sql`insert into exhibition.case_event (case_id, number, at, side, organisation_id,
      organisation_name, user_name, action, text, file_ids)
    select ${caseId}::uuid, coalesce(max(number), 0) + 1, ${event.at}::timestamptz, ${event.side},
      ${event.organisationId}::uuid, ${event.organisation}, ${event.person}, ${event.action},
      ${event.text}, ${[...(event.fileIds ?? [])]}::uuid[]
    from exhibition.case_event where case_id = ${caseId}::uuid`.execute(transaction);
}

/** A case with its evidence, rows and all that was said; the cinema reads what concerns it. */
export async function wholeCase(database: Queryable, stored: StoredCase): Promise<WholeCase> {
  const { id, side } = stored.row;
  const events = await sql<{
    at: Date;
    side: CaseEvent['side'];
    organisation_name: string;
    user_name: string;
    action: string;
    text: string;
    file_ids: string[];
  }>`select * from exhibition.case_event where case_id = ${id}
      and ${side === 'examiner' ? sql`true` : sql`action not in ('propose', 'send_back')`}
    order by number`.execute(database);
  const files = await readFileRecords(
    database,
    events.rows.flatMap((each) => each.file_ids),
  );
  const hidden = side === 'cinema' && stored.row.verdict === null;
  const rows = await sql<{
    report_id: string;
    line: number;
    standing: RowStanding;
    admissions: number;
    gross_fen: bigint;
    stated_admissions: number;
    stated_gross: bigint;
  }>`select kept.report_id, kept.line, kept.standing,
      ${hidden ? sql`row.admissions` : sql`coalesce(kept.admissions, row.admissions)`}
        as admissions,
      ${hidden ? sql`row.gross_fen` : sql`coalesce(kept.gross_fen, row.gross_fen)`} as gross_fen,
      row.admissions as stated_admissions, row.gross_fen as stated_gross
    from exhibition.row_standing as kept
    join exhibition.report_row as row using (report_id, line)
    where kept.case_id = ${id} order by kept.report_id, kept.line`.execute(database);
  return {
    ...stored.row,
    evidence: stored.evidence.map((each) => ({ ...each, lines: [...each.lines] })),
    rows: rows.rows.map((row) => ({
      reportId: row.report_id,
      line: row.line,
      standing: row.standing,
      admissions: row.admissions,
      grossFen: String(row.gross_fen),
      statedAdmissions: row.stated_admissions,
      statedGrossFen: String(row.stated_gross),
    })),
    events: events.rows.map((row) => ({
      at: row.at.toISOString(),
      side: row.side,
      organisation: row.organisation_name,
      person: row.user_name,
      action: row.action,
      text: row.text,
      files: row.file_ids.flatMap((each) => files.get(each) ?? []),
    })),
  };
}

export type FoundCase = {
  readonly id: string;
  readonly mark: string;
  readonly suspicion: Suspicion;
  readonly cinemaId: string;
  readonly records: readonly KeptRecord[];
};

/** Opens a case for each suspicion that has none. One that was cleared is opened again. */
export async function openCases(
  transaction: Transaction,
  examination: { readonly id: string; readonly organisationId: string; readonly edition: string },
  cases: readonly FoundCase[],
): Promise<{ readonly opened: string[]; readonly standing: number }> {
  const rows = cases.map(({ id, mark, suspicion, cinemaId, records }) => ({
    id,
    mark,
    cinemaId,
    rule: suspicion.code,
    severity: suspicion.severity,
    screenId: suspicion.screenId,
    filmId: suspicion.filmId,
    at: suspicion.at,
    facts: suspicion.facts,
    evidence: records,
  }));
  const { id, organisationId, edition } = examination;
  const result = await sql<{ id: string; fresh: boolean }>`
    insert into exhibition.screening_case as kase (id, organisation_id, examination_id, mark, rule,
      severity, edition, cinema_id, screen_id, film_id, at, facts, evidence)
    select (each->>'id')::uuid, ${organisationId}::uuid, ${id}::uuid, each->>'mark', each->>'rule',
      each->>'severity', ${edition}, (each->>'cinemaId')::uuid, (each->>'screenId')::uuid,
      (each->>'filmId')::uuid, to_timestamp((each->>'at')::double precision / 1000),
      each->'facts', each->'evidence'
    from json_array_elements(${jsonText(rows)}::json) as each
    on conflict (organisation_id, mark) do update
      set facts = excluded.facts, evidence = excluded.evidence,
        examination_id = excluded.examination_id, state = 'open', version = kase.version + 1,
        updated_at = now()
      where kase.state in ('open', 'cleared')
    returning id, (xmax = 0) as fresh`.execute(transaction);
  const opened = result.rows.filter((row) => row.fresh).map((row) => row.id);
  return { opened, standing: cases.length - opened.length };
}

/** Cases of these days whose suspicion is gone, as more came to light; not the decided ones. */
export async function clearCases(
  transaction: Transaction,
  scope: {
    readonly organisationId: string;
    readonly cinemaId: string;
    readonly filmId: string | null;
    readonly from: Date;
    readonly until: Date;
    readonly rules: readonly string[];
    readonly marks: readonly string[];
  },
): Promise<string[]> {
  const { organisationId, cinemaId, filmId, from, until, rules, marks } = scope;
  const result = await sql<{ id: string }>`
    update exhibition.screening_case set state = 'cleared', version = version + 1,
      updated_at = now()
    where organisation_id = ${organisationId} and cinema_id = ${cinemaId}
      and state in ('open', 'asked', 'answered') and at >= ${from} and at < ${until}
      and ${filmId === null ? sql`true` : sql`film_id = ${filmId}`}
      and rule = any(${[...rules]}::text[]) and not mark = any(${[...marks]}::text[])
    returning id`.execute(transaction);
  const ids = result.rows.map((row) => row.id);
  await sql`update exhibition.row_standing set standing = 'confirmed', admissions = null,
      gross_fen = null where case_id = any(${ids}::uuid[])`.execute(transaction);
  return ids;
}

/** What the rows of a case are worth from now on. */
export async function setStandings(
  transaction: Transaction,
  caseId: string,
  rows: readonly {
    readonly reportId: string;
    readonly line: number;
    readonly standing: RowStanding;
    readonly admissions: number | null;
    readonly grossFen: string | null;
  }[],
): Promise<void> {
  await sql`
    insert into exhibition.row_standing (report_id, line, case_id, standing, admissions, gross_fen)
    select (each->>'reportId')::uuid, (each->>'line')::integer, ${caseId}::uuid, each->>'standing',
      (each->>'admissions')::integer, (each->>'grossFen')::bigint
    from json_array_elements(${jsonText(rows)}::json) as each
    on conflict (report_id, line, case_id) do update set standing = excluded.standing,
      admissions = excluded.admissions, gross_fen = excluded.gross_fen`.execute(transaction);
}

export type RuleSet = {
  readonly version: number;
  readonly reason: string;
  readonly rules: readonly Rule[] | undefined;
};

/** The rules that an organisation has set; version 0 where it left them as they are. */
export async function readRules(database: Queryable, organisationId: string): Promise<RuleSet> {
  const result = await sql<{ version: number; reason: string; rules: Rule[] }>`
    select version, reason, rules from exhibition.rule_set
    where organisation_id = ${organisationId} order by version desc limit 1`.execute(database);
  const row = result.rows[0];
  if (row === undefined) return { version: 0, reason: '', rules: undefined };
  // A rule that came after the set was made runs as its edition has it.
  const known = new Set(row.rules.map((each) => each.code));
  return { ...row, rules: [...row.rules, ...RULES.filter((each) => !known.has(each.code))] };
}

export type ExaminationRow = {
  readonly id: string;
  readonly organisation_id: string;
  readonly created_at: Date;
  readonly first_date: string;
  readonly last_date: string;
  readonly circuit_id: string | null;
  readonly cinema_id: string | null;
  readonly film_id: string | null;
  readonly edition: string;
  readonly rules_version: number;
  readonly state: ExaminationRecord['state'];
  readonly cinemas: number;
  readonly sessions: bigint;
  readonly opened: number;
  readonly standing: number;
  readonly cleared: number;
  readonly job_id: string | null;
  readonly sort_key: string;
};

export async function listExaminations(
  database: Queryable,
  listing: Listing,
): Promise<Listed<ExaminationRecord>[]> {
  const result = await sql<ExaminationRow>`
    select examination.*, examination.created_at::text as sort_key from exhibition.examination
    where examination.organisation_id = ${listing.organisationId}
      and ${listedBy('examination', listing)}
    ${newestFirst('examination', listing.limit)}`.execute(database);
  return result.rows.map((row) => ({
    sortKey: row.sort_key,
    row: {
      id: row.id,
      createdAt: row.created_at.toISOString(),
      from: row.first_date,
      to: row.last_date,
      circuitId: row.circuit_id,
      cinemaId: row.cinema_id,
      filmId: row.film_id,
      edition: row.edition,
      rulesVersion: row.rules_version,
      state: row.state,
      cinemas: row.cinemas,
      sessions: Number(row.sessions),
      opened: row.opened,
      standing: row.standing,
      cleared: row.cleared,
      jobId: row.job_id,
    },
  }));
}
