import type { Finding, IsoDate } from '@yinglian/core';
import type {
  Bid,
  CatalogueEntry,
  CatalogueState,
  DrawFile,
  DrawInput,
  Expert,
  Measurement,
  Milestone,
  MilestoneState,
  Opener,
  Proposal,
  Rubric,
  RoundState,
  ScoreSheet,
  SealedBid,
} from '@yinglian/opencall';
import type { FlowStep, HistoryRule, Receipt } from '@yinglian/policy';
import { sql } from 'kysely';
import type { Queryable } from '../../kernel/database/database.ts';

/**
 * The rows of open calls as SQL gives them; the truth is `migrations/0020_opencall.sql`. Lists are
 * whole: a bid, an expert or a round that a cut left out would be passed over without a word.
 */
export type CatalogueRow = {
  readonly id: string;
  readonly version: number;
  readonly department_id: string;
  readonly department: string;
  readonly year: number;
  readonly title: string;
  readonly state: CatalogueState;
  readonly notice_days: number;
  readonly notice_from: IsoDate | null;
  readonly notice_until: IsoDate | null;
  readonly entries: readonly CatalogueEntry[];
  readonly edition: number;
  readonly published: readonly CatalogueEntry[] | null;
};
/** What a round was announced with. */
export type RoundTerms = {
  readonly threshold: number;
  readonly rubric: Rubric;
  readonly view: 'mean' | 'trimmed' | 'additive';
  readonly awards: number;
  readonly passPoints: string;
  readonly excludedMax: number;
  readonly seats: DrawInput['panels'][number]['seats'];
  readonly organisationMax: number;
  readonly regionMax: number | null;
  readonly loadMax: number;
  readonly conflictYears: number;
  readonly noticeDays: number;
  readonly acceptance: 'simple' | 'guarded';
  /** The measure that awards are paid under; absent in rounds from before it was asked. */
  readonly instrument?: string;
  readonly item?: string;
  /** Cool-downs and bars of the call. */
  readonly historyRules?: readonly HistoryRule[];
  /** The day of a race; absent in rounds from before there were any. */
  readonly checkpoint?: IsoDate | null;
};
/** Who goes on after the checkpoint. */
export type RaceDecision = {
  readonly projectId: string;
  readonly reason: string;
  readonly by: string;
  readonly on: IsoDate;
};
/** Who stands in the frozen pool, by the code that the draw knows. */
export type PoolMember = {
  readonly expertId: string;
  readonly candidate: DrawInput['candidates'][number];
  readonly profile: Expert;
  readonly signing: string;
};
export type PlacedResult = {
  readonly alias: string;
  readonly rank: number;
  readonly points: string;
};
export type RoundRow = {
  readonly id: string;
  readonly version: number;
  readonly department_id: string;
  readonly department: string;
  readonly catalogue_id: string;
  readonly year: number;
  readonly entry: CatalogueEntry;
  readonly state: RoundState;
  readonly opens_at: Date;
  readonly closes_at: Date;
  readonly reveal_until: Date;
  readonly struck_at: Date | null;
  readonly openers: readonly Opener[];
  readonly terms: RoundTerms;
  readonly seed_sealed: Uint8Array;
  readonly seed_commitment: string;
  readonly pool: readonly PoolMember[] | null;
  readonly pool_digest: string | null;
  readonly draw: DrawFile | null;
  readonly result: { readonly placings: readonly PlacedResult[]; readonly scores: unknown } | null;
  readonly chosen: readonly string[];
  readonly race: RaceDecision | null;
  readonly notice_from: IsoDate | null;
  readonly notice_until: IsoDate | null;
};
export type BidState = 'sealed' | 'withdrawn' | 'opened' | 'refused' | 'unopenable' | 'lapsed';
export type BidRow = {
  readonly id: string;
  readonly round_id: string;
  readonly bidder_id: string;
  readonly bidder: string;
  readonly commitment: string;
  readonly received_at: Date;
  readonly state: BidState;
  readonly sealed: SealedBid | null;
  readonly opened: Bid | null;
  readonly salt: string | null;
  readonly alias: string | null;
  readonly blind: Proposal | null;
  readonly findings: readonly Finding[];
  readonly grant_fen: bigint | null;
  /** How the award was weighed against other support. */
  readonly award_receipt: Receipt | null;
  readonly shares: number;
};
export type ExpertRow = {
  readonly id: string;
  readonly user_id: string;
  readonly profile: Expert;
  readonly state: 'applied' | 'admitted' | 'dismissed' | 'left';
};
export type SeatRow = {
  readonly round_id: string;
  readonly expert_id: string;
  readonly user_id: string;
  readonly candidate: string;
  readonly state: 'seated' | 'recused';
  readonly signing: string;
  readonly profile: Expert;
};
export type SheetRow = {
  readonly expert_id: string;
  readonly alias: string;
  readonly number: number;
  readonly sheet: ScoreSheet;
  readonly signature: string;
};
export type ProjectRow = {
  readonly id: string;
  readonly version: number;
  readonly department_id: string;
  readonly department: string;
  readonly applicant_id: string;
  readonly applicant: string;
  readonly round_id: string;
  readonly bid_id: string;
  readonly year: number;
  readonly entry: CatalogueEntry;
  readonly terms: RoundTerms;
  readonly bid: Bid;
  /** Whether the award was weighed against other support, with a receipt. */
  readonly weighed: boolean;
  readonly race: RaceDecision | null;
  readonly state: 'running' | 'completed' | 'terminated' | 'outrun';
  readonly grant_fen: bigint;
  readonly milestones: readonly (Milestone & { readonly amountFen: string })[];
  readonly termination: {
    readonly kind: string;
    readonly reason: string;
    readonly repayFen: string;
    readonly blame: boolean;
    readonly repaid: boolean;
  } | null;
};

type Which = { readonly ids?: readonly string[]; readonly lock?: boolean };

function among(column: string, ids: readonly string[] | undefined) {
  return ids === undefined ? sql`true` : sql`${sql.ref(column)} = any(${[...ids]}::uuid[])`;
}

export async function listCatalogues(
  database: Queryable,
  { ids, lock = false }: Which = {},
): Promise<CatalogueRow[]> {
  const result = await sql<CatalogueRow>`
    select catalogue.*, catalogue.notice_from::text, catalogue.notice_until::text,
      department.name as department, coalesce(edition.number, 0) as edition,
      edition.entries as published
    from policy.opencall_catalogue as catalogue
    join policy.department as department on department.organisation_id = catalogue.department_id
    left join lateral (select number, entries from policy.opencall_edition
      where catalogue_id = catalogue.id order by number desc limit 1) as edition on true
    where ${among('catalogue.id', ids)}
    order by catalogue.year desc, catalogue.created_at desc, catalogue.id
    ${lock ? sql`for update of catalogue` : sql``}
  `.execute(database);
  return result.rows;
}

export async function listRounds(
  database: Queryable,
  { ids, lock = false }: Which = {},
): Promise<RoundRow[]> {
  const result = await sql<RoundRow>`
    select round.*, round.notice_from::text, round.notice_until::text,
      department.name as department, catalogue.year
    from policy.opencall_round as round
    join policy.department as department on department.organisation_id = round.department_id
    join policy.opencall_catalogue as catalogue on catalogue.id = round.catalogue_id
    where ${among('round.id', ids)}
    order by round.created_at desc, round.id desc
    ${lock ? sql`for update of round` : sql``}
  `.execute(database);
  return result.rows;
}

/** The bids of a round, by when they came in. */
export async function listBids(
  database: Queryable,
  where: {
    readonly roundId?: string;
    readonly ids?: readonly string[];
    readonly bidderId?: string;
  },
): Promise<BidRow[]> {
  const { roundId, ids, bidderId } = where;
  const result = await sql<BidRow>`
    select bid.*, organisation.name as bidder,
      (select count(*)::int from policy.opencall_share where bid_id = bid.id) as shares
    from policy.opencall_bid as bid
    join kernel.organisation as organisation on organisation.id = bid.bidder_id
    where ${among('bid.id', ids)}
      and ${roundId === undefined ? sql`true` : sql`bid.round_id = ${roundId}`}
      and ${bidderId === undefined ? sql`true` : sql`bid.bidder_id = ${bidderId}`}
    order by bid.received_at, bid.id
  `.execute(database);
  return result.rows;
}

export async function listSeats(
  database: Queryable,
  where: { readonly roundId?: string; readonly userId?: string },
): Promise<SeatRow[]> {
  const { roundId, userId } = where;
  const result = await sql<SeatRow>`
    select seat.*, expert.user_id, expert.profile
    from policy.opencall_seat as seat
    join policy.opencall_expert as expert on expert.id = seat.expert_id
    where ${roundId === undefined ? sql`true` : sql`seat.round_id = ${roundId}`}
      and ${userId === undefined ? sql`true` : sql`expert.user_id = ${userId}`}
    order by seat.candidate
  `.execute(database);
  return result.rows;
}

/** The sheet that counts of each expert and proposal: the latest. */
export async function listSheets(database: Queryable, roundId: string): Promise<SheetRow[]> {
  const result = await sql<SheetRow>`
    select distinct on (expert_id, alias) expert_id, alias, number, sheet, signature
    from policy.opencall_sheet where round_id = ${roundId}
    order by expert_id, alias, number desc
  `.execute(database);
  return result.rows;
}

export async function listExperts(
  database: Queryable,
  where: { readonly userId?: string; readonly ids?: readonly string[] },
): Promise<ExpertRow[]> {
  const result = await sql<ExpertRow>`
    select id, user_id, profile, state from policy.opencall_expert
    where ${among('opencall_expert.id', where.ids)}
      and ${where.userId === undefined ? sql`true` : sql`user_id = ${where.userId}`}
    order by created_at, id
  `.execute(database);
  return result.rows;
}

export async function listProjects(
  database: Queryable,
  where: {
    readonly organisationId?: string;
    readonly roundId?: string;
    readonly ids?: readonly string[];
    readonly lock?: boolean;
  },
): Promise<ProjectRow[]> {
  const { organisationId, roundId, ids, lock = false } = where;
  const result = await sql<ProjectRow>`
    select project.*, department.name as department, organisation.name as applicant,
      round.entry, round.terms, round.race, bid.opened as bid,
      bid.award_receipt is not null as weighed
    from policy.opencall_project as project
    join policy.department as department on department.organisation_id = project.department_id
    join kernel.organisation as organisation on organisation.id = project.applicant_id
    join policy.opencall_round as round on round.id = project.round_id
    join policy.opencall_bid as bid on bid.id = project.bid_id
    where ${among('project.id', ids)}
      and ${roundId === undefined ? sql`true` : sql`project.round_id = ${roundId}`} and ${
        organisationId === undefined
          ? sql`true`
          : sql`${organisationId} in (project.department_id, project.applicant_id)`
      }
    order by project.created_at desc, project.id
    ${lock ? sql`for update of project` : sql``}
  `.execute(database);
  return result.rows;
}

/** A step of a contract as it stands, with what was measured for it. */
export type MilestoneRow = {
  readonly project_id: string;
  readonly code: string;
  readonly state: MilestoneState;
  readonly measurements: readonly Measurement[];
};

/** The steps of some contracts. */
export async function listMilestones(
  database: Queryable,
  projectIds: readonly string[],
): Promise<MilestoneRow[]> {
  const result = await sql<MilestoneRow>`
    select project_id, code, state, measurements from policy.opencall_milestone
    where project_id = any(${[...projectIds]}::uuid[])
  `.execute(database);
  return result.rows;
}

export type StepRow<Role extends string> = FlowStep<Role> & { readonly actorName: string };

export async function readSteps<Role extends string>(
  database: Queryable,
  subjectId: string,
  part = '',
): Promise<StepRow<Role>[]> {
  const result = await sql<StepRow<Role>>`
    select action, coalesce(actor_id::text, '') as actor, actor as "actorName", role,
      on_date::text as "on", reason
    from policy.opencall_step where subject_id = ${subjectId} and part = ${part} order by number
  `.execute(database);
  return result.rows;
}

export async function addStep(
  database: Queryable,
  subject: { readonly id: string; readonly part?: string },
  step: FlowStep<string> & { readonly actorName: string },
): Promise<void> {
  const part = subject.part ?? '';
  await sql`
    insert into policy.opencall_step
      (subject_id, part, number, action, actor_id, actor, role, on_date, reason)
    select ${subject.id}, ${part}, coalesce(max(number), 0) + 1, ${step.action},
      ${step.actor === '' ? null : step.actor}::uuid, ${step.actorName}, ${step.role},
      ${step.on}::date, ${step.reason}
    from policy.opencall_step where subject_id = ${subject.id} and part = ${part}
  `.execute(database);
}

/** Steps as they are shown: names, not ids. */
export function stepViews(steps: readonly StepRow<string>[]) {
  return steps.map(({ action, actorName, role, on, reason }) => ({
    action,
    actor: actorName,
    role,
    on,
    reason,
  }));
}

export async function countObjections(database: Queryable, subjectId: string): Promise<number> {
  const result = await sql<{ count: number }>`
    select count(*)::int as count from policy.opencall_objection
    where subject_id = ${subjectId} and answered_at is null
  `.execute(database);
  return result.rows[0]?.count ?? 0;
}

/** Changes columns of a versioned row; JSON is given as text. */
export async function updateRow(
  database: Queryable,
  table: 'catalogue' | 'round' | 'bid' | 'project',
  id: string,
  columns: Readonly<Record<string, unknown>>,
): Promise<void> {
  const sets = Object.entries(columns).map(([name, value]) => sql`${sql.ref(name)} = ${value}`);
  await sql`
    update ${sql.table(`policy.opencall_${table}`)}
    set ${sql.join([...sets, sql`version = version + 1`, sql`updated_at = now()`])}
    where id = ${id}
  `.execute(database);
}
