import type {
  policyCallSchema,
  policyClaimSchema,
  policyNoticeSchema,
  policyObjectionSchema,
} from '@yinglian/contract';
import { CHINA_OFFSET_MINUTES, formatInstant } from '@yinglian/core';
import {
  CHINA_HOLIDAYS,
  type CaseRole,
  type GivenFacts,
  type HistoryRule,
  type HolidayYear,
  type Mark,
  objectKey,
  type ParameterDecision,
  type PastAward,
} from '@yinglian/policy';
import { type Selectable, sql } from 'kysely';
import type { z } from 'zod';
import type { Queryable } from '../kernel/database/database.ts';
import { type KeptObjection, objectionView } from './objection-view.ts';
import { claimsReachedBy } from './access.ts';
import type {
  CallTable,
  ClaimTable,
  EvidenceTable,
  ObjectionTable,
  PolicyTables,
} from './tables.ts';
import { benefitOf, listInstruments } from './instruments/store.ts';

export type CallRecord = z.output<typeof policyCallSchema>;
export type NoticeRecord = Omit<z.output<typeof policyNoticeSchema>, 'title'> & {
  readonly instrument: string;
};
export type ObjectionRecord = z.output<typeof policyObjectionSchema>;
/** Support from elsewhere, as the applicant declares it. */
export type OtherBenefit = {
  readonly instrument: string;
  readonly jurisdiction: 'nation' | 'province' | 'city';
  readonly amountFen: string;
  readonly paidFen: string;
};
export type ClaimRow = Omit<Selectable<ClaimTable>, 'facts' | 'others' | 'account'> & {
  readonly account: NonNullable<z.output<typeof policyClaimSchema>['account']> | null;
  readonly facts: GivenFacts;
  readonly others: readonly OtherBenefit[];
  readonly applicant: string;
  readonly call_title: string;
  readonly department_id: string;
  readonly instrument: string;
  readonly year: number;
  readonly direction: string;
  readonly cancelled_on: string | null;
  readonly notice_days: number;
  readonly objection_days: number;
  readonly correction_days: number;
  readonly fairness_opinion: string | null;
  readonly defence: boolean;
  readonly history_rules: readonly HistoryRule[];
  readonly source_number: string | null;
  readonly call_items: string[];
  readonly joint_ids: string[];
  readonly recommender_ids: string[];
  readonly recommender: string | null;
  readonly opens_on: string;
  readonly closes_on: string;
};
export type StepRow = {
  readonly action: string;
  readonly actor_id: string | null;
  readonly actor: string;
  readonly role: CaseRole;
  readonly on_date: string;
  readonly reason: string;
  readonly rule: string | null;
  readonly receipts: readonly unknown[];
  readonly created_at: Date;
};

/**
 * The end of a list: one row more than asked shows that there is a next page. Without a limit the
 * list is whole, as files and sums are: what is cut without a word is taken for all there is.
 */
export function upTo(limit: number | undefined) {
  return limit === undefined ? sql`` : sql`limit ${limit + 1}`;
}

export const tables = (database: Queryable) => database.withTables<PolicyTables>();

/** States in which a claim holds money or had it: they count against ceilings. */
export const GRANTED_STATES = [
  'proposed',
  'on_notice',
  'decided',
  'funds_ordered',
  'paid',
  'evaluated',
  'closed',
] as const;

export async function readDepartment(
  database: Queryable,
  organisationId: string,
): Promise<string | undefined> {
  const row = await tables(database)
    .selectFrom('policy.department')
    .select('name')
    .where('organisation_id', '=', organisationId)
    .executeTakeFirst();
  return row?.name;
}

export async function readDecisions(
  database: Queryable,
  instrument: string,
): Promise<ParameterDecision[]> {
  const rows = await tables(database)
    .selectFrom('policy.parameter_decision')
    .selectAll()
    .where('instrument', '=', instrument)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    parameter: row.parameter,
    value: row.value,
    from: row.valid_from,
    recorded: row.recorded,
    issuedBy: row.issued_by,
    reason: row.reason,
    ...(row.item === null ? {} : { item: row.item }),
    ...(row.quote === null ? {} : { quote: row.quote }),
  }));
}

/** The years that come with the program and those that departments entered since. */
export async function readHolidays(database: Queryable): Promise<HolidayYear[]> {
  const rows = await tables(database).selectFrom('policy.holiday_year').selectAll().execute();
  return [...CHINA_HOLIDAYS, ...rows];
}

export async function listCalls(
  database: Queryable,
  listing: {
    readonly ids?: readonly string[];
    readonly openOn?: string;
    readonly year?: number | undefined;
    readonly direction?: string | undefined;
    readonly after?: readonly [string, string] | undefined;
    readonly limit?: number;
  },
): Promise<{ row: CallRecord; sortKey: string }[]> {
  let query = tables(database)
    .selectFrom('policy.call as call')
    .innerJoin(
      'policy.department as department',
      'department.organisation_id',
      'call.department_id',
    )
    .selectAll('call')
    .select('department.name as department')
    .select(sql<string>`call.created_at::text`.as('sort_key'))
    .select(
      sql<CallRecord['fairness']>`(
        select coalesce(json_agg(json_build_object('item', item, 'conclusion', conclusion,
          'quote', quote, 'reason', reason, 'by', by_name, 'on', on_date) order by number), '[]')
        from policy.fairness where call_id = call.id
      )`.as('fairness'),
    )
    .select(
      sql<CallRecord['changes']>`(
        select coalesce(json_agg(json_build_object('version', version, 'kind', kind,
          'terms', terms, 'reason', reason, 'on', on_date) order by version), '[]')
        from policy.call_change where call_id = call.id
      )`.as('changes'),
    )
    .orderBy('call.created_at', 'desc')
    .orderBy('call.id', 'desc');
  if (listing.limit !== undefined) query = query.limit(listing.limit + 1);
  const { ids, openOn, year, direction, after } = listing;
  if (ids !== undefined) query = query.where('call.id', 'in', ids);
  if (openOn !== undefined) {
    query = query
      .where('call.opens_on', '<=', openOn)
      .where('call.closes_on', '>=', openOn)
      .where('call.cancelled_on', 'is', null);
  }
  if (year !== undefined) query = query.where('call.year', '=', year);
  if (direction !== undefined) query = query.where('call.direction', '=', direction);
  if (after !== undefined) {
    query = query.where(
      sql<boolean>`(call.created_at, call.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`,
    );
  }
  const rows = await query.execute();
  return rows.map((row) => ({ row: callRecord(row), sortKey: row.sort_key }));
}

function callRecord(
  row: Selectable<CallTable> &
    Pick<CallRecord, 'department' | 'fairness' | 'changes'>,
): CallRecord {
  const { fairness_opinion: first, created_at: made } = row;
  const on = formatInstant(made.getTime(), CHINA_OFFSET_MINUTES).slice(0, 10);
  const whole = { item: null, conclusion: 'passes' as const, quote: '', by: row.department, on };
  return {
    id: row.id,
    version: row.version,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    departmentId: row.department_id,
    department: row.department,
    instrument: row.instrument,
    title: row.title,
    year: row.year,
    direction: row.direction,
    cancelledOn: row.cancelled_on,
    changes: row.changes,
    items: row.items,
    opensOn: row.opens_on,
    closesOn: row.closes_on,
    noticeDays: row.notice_days,
    correctionDays: row.correction_days,
    objectionDays: row.objection_days,
    guide: row.guide,
    fairnessOpinion: first,
    // What a call was published with is the first opinion on all of its items.
    fairness: [
      ...((first ?? '').trim() === '' ? [] : [{ ...whole, reason: first! }]),
      ...row.fairness,
    ],
    defence: row.defence,
    historyRules: row.history_rules as CallRecord['historyRules'],
    jointIds: row.joint_ids,
    recommenderIds: row.recommender_ids,
  };
}

const CLAIM_COLUMNS = sql`
  claim.*, applicant.name as applicant, call.title as call_title, call.department_id,
  call.instrument, call.year, call.direction, call.cancelled_on,
  call.notice_days, call.correction_days, call.objection_days,
  call.fairness_opinion, call.defence,
  call.history_rules,
  call.items as call_items, call.opens_on, call.closes_on,
  source.number as source_number, call.joint_ids, call.recommender_ids,
  recommender.name as recommender
`;
const CLAIM_TABLES = sql`
  policy.claim as claim
  join policy.call as call on call.id = claim.call_id
  join kernel.organisation as applicant on applicant.id = claim.applicant_id
  left join policy.register_entry as source on source.id = claim.source_entry_id
  left join policy.department as recommender on recommender.organisation_id = claim.recommender_id
`;

/** Which claims of those that an organisation reaches. */
export type ClaimListing = {
  readonly organisationId: string;
  readonly state?: string | undefined;
  readonly callId?: string | undefined;
  readonly direction?: string | undefined;
  readonly after?: readonly [string, string] | undefined;
  readonly limit?: number;
};

export async function listClaims(
  database: Queryable,
  listing: ClaimListing,
): Promise<(ClaimRow & { readonly sort_key: string })[]> {
  const { organisationId, state, callId, direction, after, limit } = listing;
  const result = await sql<ClaimRow & { sort_key: string }>`
    select ${CLAIM_COLUMNS}, claim.created_at::text as sort_key from ${CLAIM_TABLES}
    where ${claimsReachedBy(organisationId)}
      and (${state ?? null}::text is null or claim.state = ${state ?? null})
      and (${callId ?? null}::uuid is null or claim.call_id = ${callId ?? null}::uuid)
      and (${direction ?? null}::text is null or call.direction = ${direction ?? null})
      and (${after?.[0] ?? null}::text is null or (claim.created_at, claim.id)
        < (${after?.[0] ?? null}::timestamptz, ${after?.[1] ?? null}::uuid))
    order by claim.created_at desc, claim.id desc ${upTo(limit)}
  `.execute(database);
  return result.rows;
}

/** One claim; with `locked` nobody else changes it until the transaction ends. */
export async function readClaim(
  database: Queryable,
  id: string,
  locked = false,
): Promise<ClaimRow | undefined> {
  const result = await sql<ClaimRow>`
    select ${CLAIM_COLUMNS} from ${CLAIM_TABLES} where claim.id = ${id}
    ${locked ? sql`for update of claim` : sql``}
  `.execute(database);
  return result.rows[0];
}

/** Claims under an instrument that nothing is decided on yet. */
export async function readOpenClaims(database: Queryable, instrument: string): Promise<ClaimRow[]> {
  const result = await sql<ClaimRow>`
    select ${CLAIM_COLUMNS} from ${CLAIM_TABLES}
    where call.instrument = ${instrument} and claim.applied_on is not null
      and claim.state in ('submitted', 'correction', 'checked', 'recommended', 'joint_checked',
        'reviewed', 'defending', 'defended')
    order by claim.id
  `.execute(database);
  return result.rows;
}

/** Every claim of a call that experts have reviewed and nobody has proposed. */
export async function readReviewedOf(database: Queryable, callId: string): Promise<ClaimRow[]> {
  const result = await sql<ClaimRow>`
    select ${CLAIM_COLUMNS} from ${CLAIM_TABLES}
    where claim.call_id = ${callId} and claim.state in ('reviewed', 'defended')
    order by claim.id
  `.execute(database);
  return result.rows;
}

/** Claims of one applicant, or its affiliates, under one instrument that wait to be proposed. */
export async function listReviewed(
  database: Queryable,
  claim: Pick<ClaimRow, 'id' | 'instrument' | 'department_id'>,
  applicants: readonly string[],
): Promise<ClaimRow[]> {
  const result = await sql<ClaimRow>`
    select ${CLAIM_COLUMNS} from ${CLAIM_TABLES}
    where claim.applicant_id = any(${[...applicants]}::uuid[]) and claim.id <> ${claim.id}
      and call.instrument = ${claim.instrument} and claim.state in ('reviewed', 'defended')
      and call.department_id = ${claim.department_id}
    order by claim.id
  `.execute(database);
  return result.rows;
}

/**
 * What was granted to any of the applicants, or to others by an entry that these claims rest on:
 * names of things are their applicant's own, numbers of entries are everybody's.
 */
export async function listGranted(
  database: Queryable,
  asked: { readonly applicants: readonly string[]; readonly entries: readonly string[] },
  exceptId: string,
): Promise<{ instrument: string; groups: string[]; fen: bigint }[]> {
  const result = await sql<{ instrument: string; groups: string[]; fen: bigint }>`
    select call.instrument, claim.cap_groups as groups, claim.grant_fen as fen
    from policy.claim as claim join policy.call as call on call.id = claim.call_id
    where (claim.applicant_id = any(${[...asked.applicants]}::uuid[])
        or claim.source_entry_id = any(${[...asked.entries]}::uuid[]))
      and claim.state = any(${[...GRANTED_STATES]}::text[])
      and claim.id <> ${exceptId} and claim.grant_fen is not null
  `.execute(database);
  return result.rows;
}

/** Whose awards are asked for, and what for: a claim, or a bid of an open call. */
export type AwardQuestion = Pick<ClaimRow, 'id' | 'instrument' | 'item'> & {
  readonly opencall?: boolean;
};

/**
 * What applicants were granted otherwise, in claims and in open calls. Claims of one item share
 * its ceilings, and rounds of open calls are tasks of their own; between the two ways everything
 * counts.
 */
export async function listAwards(
  database: Queryable,
  { id, instrument, item, opencall = false }: AwardQuestion,
  applicants: readonly string[],
): Promise<
  { id: string; instrument: string; item: string; objects: readonly string[]; fen: bigint }[]
> {
  const result = await sql<Awaited<ReturnType<typeof listAwards>>[number]>`
    select claim.id, call.instrument, claim.item, array[claim.object] as objects,
      claim.grant_fen as fen
    from policy.claim as claim join policy.call as call on call.id = claim.call_id
    where claim.applicant_id = any(${[...applicants]}::uuid[]) and claim.id <> ${id}
      and claim.state = any(${[...GRANTED_STATES]}::text[]) and claim.grant_fen > 0
      and (${opencall} or not (call.instrument = ${instrument} and claim.item = ${item}))
    union all
    select id, instrument, item, objects, fen from policy.opencall_award
    where applicant_id = any(${[...applicants]}::uuid[]) and id <> ${id}
      and not (${opencall} and instrument = ${instrument} and item = ${item})
    order by id
  `.execute(database);
  return result.rows.map((row) => ({ ...row, objects: row.objects.map(objectKey) }));
}

/** What applicants were granted or applied for under any instrument, this claim left out. */
export async function listPast(
  database: Queryable,
  claim: Pick<ClaimRow, 'id'>,
  applicants: readonly string[],
): Promise<PastAward[]> {
  const result = await sql<{
    year: number;
    instrument: string;
    item: string;
    object: string;
    label: string;
    granted: boolean;
  }>`
    select call.year, call.instrument, claim.item, claim.object, claim.label,
      claim.state = any(${[...GRANTED_STATES]}::text[]) as granted
    from ${CLAIM_TABLES}
    where claim.applicant_id = any(${[...applicants]}::uuid[]) and claim.id <> ${claim.id}
      and claim.state not in ('draft', 'offered', 'withdrawn', 'rejected')
    union all
    select year, instrument, item, unnest(objects), '', true from policy.opencall_award
    where applicant_id = any(${[...applicants]}::uuid[]) and id <> ${claim.id}
  `.execute(database);
  const instruments = new Map((await listInstruments(database)).map((each) => [each.code, each]));
  return result.rows.map((past) => ({
    ...past,
    object: objectKey(past.object),
    benefit: benefitOf(instruments.get(past.instrument)!, past.item),
    projectType: past.item,
  }));
}

/** Marks that stand against an applicant, whichever department made them. */
export async function listMarks(
  database: Queryable,
  applicants: readonly string[],
): Promise<Mark[]> {
  const rows = await tables(database)
    .selectFrom('policy.mark as mark')
    .select(['kind', 'from_year', 'to_year'])
    .where('organisation_id', 'in', applicants)
    .where(sql<boolean>`not exists (select 1 from policy.mark_end where mark_id = mark.id)`)
    .orderBy('id')
    .execute();
  return rows.map((row) => ({ kind: row.kind, fromYear: row.from_year, toYear: row.to_year }));
}

export async function readSteps(database: Queryable, claimId: string): Promise<StepRow[]> {
  const rows = await tables(database)
    .selectFrom('policy.step')
    .selectAll()
    .where('claim_id', '=', claimId)
    .orderBy('number')
    .execute();
  return rows as unknown as StepRow[];
}

/** Opinions of the joint check, in their order; the last one of a department counts. */
export async function readOpinions(
  database: Queryable,
  claimId: string,
): Promise<
  {
    readonly department_id: string;
    readonly department: string;
    readonly agrees: boolean;
    readonly reason: string;
    readonly by_name: string;
    readonly on_date: string;
  }[]
> {
  const result = await sql<Awaited<ReturnType<typeof readOpinions>>[number]>`
    select opinion.*, department.name as department from policy.opinion as opinion
    join policy.department as department
      on department.organisation_id = opinion.department_id
    where opinion.claim_id = ${claimId} order by opinion.number
  `.execute(database);
  return result.rows;
}

export async function readEvidence(
  database: Queryable,
  claimIds: readonly string[],
): Promise<Selectable<EvidenceTable>[]> {
  if (claimIds.length === 0) return [];
  return tables(database)
    .selectFrom('policy.evidence')
    .selectAll()
    .where('claim_id', 'in', claimIds)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

export async function countOpenObjections(database: Queryable, claimId: string): Promise<number> {
  const row = await tables(database)
    .selectFrom('policy.objection')
    .select(({ fn }) => fn.countAll<bigint>().as('open'))
    .where('claim_id', '=', claimId)
    .where('answered_at', 'is', null)
    .executeTakeFirst();
  return Number(row?.open ?? 0n);
}

/** The end of a notice as a moment, by which pages of notices go on. */
const ENDS_AT = sql`(claim.notice_until::timestamp at time zone 'UTC')`;
type NoticeListing = Pick<ClaimListing, 'after' | 'limit'>;

/** Exactly the fields that a public notice may show, and the instrument to name the item by. */
export async function listNotices(
  database: Queryable,
  { after, limit }: NoticeListing = {},
): Promise<(NoticeRecord & { readonly sort_key: string })[]> {
  const result = await sql<NoticeRecord & { sort_key: string }>`
    select claim.id as "claimId", call.title as "callTitle", applicant.name as applicant,
      claim.item, call.instrument, claim.grant_fen::text as "grantFen",
      claim.notice_from as "from", claim.notice_until as until, ${ENDS_AT}::text as sort_key
    from ${CLAIM_TABLES}
    where claim.state = 'on_notice' and (${after?.[0] ?? null}::text is null
      or (${ENDS_AT}, claim.id) > (${after?.[0] ?? null}::timestamptz, ${after?.[1] ?? null}::uuid))
    order by claim.notice_until, claim.id ${upTo(limit)}
  `.execute(database);
  return result.rows;
}

/** Objections to a proposal in the order in which they were made. */
export async function readObjections(
  database: Queryable,
  claimId: string,
): Promise<ObjectionRecord[]> {
  const rows = await tables(database)
    .selectFrom('policy.objection')
    .selectAll()
    .where('claim_id', '=', claimId)
    .orderBy('at')
    .orderBy('id')
    .execute();
  return rows.map(objectionRecord);
}

export function objectionRecord(
  row: KeptObjection & Pick<Selectable<ObjectionTable>, 'claim_id'>,
): ObjectionRecord {
  return { ...objectionView(row), claimId: row.claim_id };
}
