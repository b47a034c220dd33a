import { type Finding, finding, type Outcome } from '@yinglian/core';
import {
  assess,
  type Book,
  bookOfItem,
  cancelledCall,
  type CaseAction,
  type CaseRecord,
  CLAIM_FLOW,
  type CaseState,
  endOfWorkingDays,
  historyBars,
  isFair,
  NEW_CASE,
  objectKey,
  openActions,
  repeatedAward,
  takeStep,
} from '@yinglian/policy';
import { sql } from 'kysely';
import type { Context } from '../kernel/context.ts';
import type { Queryable, Transaction } from '../kernel/database/database.ts';
import { conflict, found, invalid, notAllowed, versionConflict } from '../kernel/refusal.ts';
import { grantFiles } from '../kernel/files/grants.ts';
import { jsonText, type Work } from '../kernel/write.ts';
import { answerOpenAppeal, readAppeals } from './appeals.ts';
import { type ClaimRecord, claimView, placeOf, refuseTaken } from './claims.ts';
import { enterLedger } from './money.ts';
import { bookOf, calendarOf, type PolicyParts, storableFen, todayOf } from './parts.ts';
import { type Prepared, proposal } from './proposal.ts';
import { returnRecovered } from './returns.ts';
import {
  type ClaimRow,
  countOpenObjections,
  listMarks,
  listPast,
  readClaim,
  readEvidence,
  readOpinions,
  readSteps,
  tables,
} from './repository.ts';
import type { RemindJob } from './reminders.ts';
import { sharedBound, sourceFaults } from './registers/source.ts';
import { mayTake } from './roles.ts';
import { applicantGroup } from './control.ts';
import { fairnessOfClaim } from './fairness.ts';
import { benefitOf, instrumentOf } from './instruments/store.ts';
import { both } from './views.ts';

export type ActRequest = {
  readonly version: number;
  readonly action: string;
  readonly reason: string;
  readonly recommendedFen?: string;
  readonly factor?: string;
  readonly recoveredFen?: string;
  readonly score?: string;
  readonly account?: NonNullable<ClaimRow['account']> & { readonly agrees: true };
};

/** What a filing is judged by: of a claim, or of what a department could offer. */
export type Filing = Pick<
  ClaimRow,
  | 'id'
  | 'instrument'
  | 'year'
  | 'item'
  | 'object'
  | 'label'
  | 'applicant_id'
  | 'event_date'
  | 'applied_on'
  | 'facts'
  | 'history_rules'
  | 'cancelled_on'
  | 'opens_on'
  | 'closes_on'
  | 'source_entry_id'
  | 'source_share'
>;

/** Takes one step of a claim: who may, what must hold, what it does to the money. */
export function createActing(parts: PolicyParts & { readonly remind: RemindJob }) {
  const { write, requireAccess, remind } = parts;
  return async (context: Context, id: string, request: ActRequest): Promise<ClaimRecord> => {
    await requireAccess(context, 'policy.read', { kind: 'policy_claim', ids: [id] });
    return write(context, async (work) => {
      const { transaction } = work;
      const claim = found(await readClaim(transaction, id, true), { id });
      if (claim.version !== request.version) {
        throw versionConflict(await claimView(parts, transaction, context, id), request);
      }
      const action = actionOf(context, claim, request);
      const record = await recordOf(transaction, claim);
      const today = todayOf(parts);
      const prepared = await prepare(parts, transaction, { claim, action, request, today });
      const taken = takeStep(CLAIM_FLOW, record, {
        action: action.action,
        actor: context.user?.id ?? '',
        role: action.role,
        on: today,
        reason: request.reason,
        ...(prepared.until === undefined ? {} : { until: prepared.until }),
        ...(prepared.grantFen === undefined ? {} : { grantFen: prepared.grantFen }),
        accountConfirmed: request.account !== undefined,
      });
      if (!taken.ok) throw conflict(...taken.findings);
      await moveMoney(parts, transaction, { claim, action, context, prepared });
      await keep(transaction, { claim, record: taken.value.record, prepared, today });
      if (action.action === 'confirm') await keepAccount(transaction, id, request);
      if (action.action === 'uphold_appeal') {
        const answered = { claimId: id, upheld: true, answer: request.reason };
        await answerOpenAppeal(transaction, { ...answered, by: context.user, on: today });
      }
      const number = record.steps.length + 1;
      const { reason } = request;
      const step = { claimId: id, number, action, reason, on: today, ...prepared };
      await addStep(transaction, context, step);
      work.audit({
        action: `policy.${action.action}`,
        subjectKind: 'policy_claim',
        subjectId: id,
        facts: { state: action.to, rule: prepared.rule, grantFen: prepared.grantFen?.toString() },
      });
      work.changed({ kind: 'policy_claim', id });
      await tellOther(work, context, claim);
      return claimView(parts, transaction, context, id);
    });
  };

  /** The other side hears of a step at once: the department of a filing, the applicant of all. */
  async function tellOther(work: Work, context: Context, claim: ClaimRow): Promise<void> {
    const applicantId = claim.applicant_id;
    const own = context.organisation?.id === applicantId;
    const organisationId = own ? claim.department_id : applicantId;
    work.changed({ kind: 'policy_claim', id: claim.id, organisationId });
    if (!own) await work.enqueue(remind, { organisationId: applicantId, daily: false });
  }

  function actionOf(context: Context, claim: ClaimRow, { action: name }: ActRequest): CaseAction {
    const open = openActions(CLAIM_FLOW, claim.state as CaseState);
    const action = open.find((each) => each.action === name);
    if (action === undefined) {
      const record = { ...NEW_CASE, state: claim.state as CaseState };
      const step = { action: name, actor: '', role: 'applicant', on: '', reason: '' } as const;
      throw conflict(...takeStep(CLAIM_FLOW, record, step).findings);
    }
    if (!mayTake(context, action.role, claim)) throw notAllowed({ role: action.role });
    return action;
  }

  async function recordOf(transaction: Transaction, claim: ClaimRow): Promise<CaseRecord> {
    const steps = await readSteps(transaction, claim.id);
    return {
      state: claim.state as CaseState,
      steps: steps.map((step) => ({
        action: step.action,
        actor: step.actor_id ?? '',
        role: step.role,
        on: step.on_date,
        reason: step.reason,
      })),
      correctionUntil: claim.correction_until,
      noticeUntil: claim.notice_until,
      openObjections: await countOpenObjections(transaction, claim.id),
      grantFen: claim.grant_fen,
      fairnessRecorded: isFair(await fairnessOfClaim(transaction, claim)),
      defenceWanted: claim.defence,
      appealOpen: (await readAppeals(transaction, claim.id)).some(({ upheld }) => upheld === null),
    };
  }
}

type Preparing = {
  readonly claim: ClaimRow;
  readonly action: CaseAction;
  readonly request: ActRequest;
  readonly today: string;
};

async function prepare(
  parts: PolicyParts,
  transaction: Transaction,
  given: Preparing,
): Promise<Prepared> {
  const { claim, action, request, today } = given;
  const nothing = { receipts: [], rule: null };
  switch (action.action) {
    case 'submit':
    case 'confirm':
    case 'correct': {
      const filing = { today, late: action.action === 'correct' };
      const rule = await refuseUnready(transaction, claim, filing);
      await openEvidence(transaction, claim);
      return { ...nothing, rule };
    }
    case 'ask_correction':
      return { ...nothing, until: await endOf(transaction, today, claim.correction_days) };
    case 'publish':
      return { ...nothing, until: await endOf(transaction, today, claim.notice_days) };
    case 'defend':
      // The panel may keep what it said after reading, or say something else after asking.
      return { ...nothing, ...(await judged(transaction, given)) };
    case 'review': {
      const said = await judged(transaction, given);
      if (said.recommendedFen === undefined) {
        throw invalid(finding('missing_recommendation', 'error'));
      }
      return { ...nothing, ...said };
    }
    case 'pass_joint':
      await refuseUnheard(transaction, claim);
      return nothing;
    case 'propose':
      if (claim.cancelled_on !== null) throw conflict(cancelledCall(claim.cancelled_on));
      await refuseMarked(transaction, claim);
      await refuseRepeated(transaction, claim, today);
      return proposal(transaction, claim, today);
    case 'decide':
    case 'order_funds':
    case 'pay':
      await refuseMarked(transaction, claim);
      return nothing;
    case 'recover_part':
      return { ...nothing, ...recovered(claim, request) };
    case 'reopen':
    case 'uphold_appeal':
      // Meanwhile the same thing may have been claimed again.
      await refuseTaken(transaction, placeOf(claim), claim, claim.id);
      return nothing;
    default:
      return nothing;
  }
}

/** What came back of a grant; the rest stays granted. */
function recovered({ grant_fen: grant }: ClaimRow, { recoveredFen }: ActRequest) {
  const fen = storableFen(recoveredFen ?? '0');
  if (typeof fen !== 'bigint') throw invalid(fen);
  const most = grant ?? 0n;
  if (fen > 0n && fen < most) return { movedFen: fen, grantFen: most - fen };
  const facts = { minimum: '1', maximum: String(most - 1n) };
  throw invalid(finding('invalid_value', 'error', { facts, at: { field: 'recoveredFen' } }));
}

/** What reviewers recommend: an amount that can be stored, or a part of the bound, and a score. */
async function judged(
  transaction: Transaction,
  { claim, request, today }: Preparing,
): Promise<Pick<Prepared, 'recommendedFen' | 'score'>> {
  const { recommendedFen, factor, score } = request;
  const scored = score === undefined ? {} : { score };
  if (recommendedFen !== undefined) {
    const fen = storableFen(recommendedFen);
    if (typeof fen !== 'bigint') throw invalid(fen);
    return { recommendedFen: fen, ...scored };
  }
  // A defence may leave what was said after reading.
  if (factor === undefined) return {};
  const at = { eventDate: claim.event_date, knownOn: today };
  const book = await bookOf(transaction, claim.instrument, at);
  const { item, facts, applied_on: appliedOn } = claim;
  const asked = { item, appliedOn, facts, review: { factor } };
  const { recommendedFen: part, findings } = assess(book, asked);
  if (part !== null) return { recommendedFen: sharedBound(claim, part), ...scored };
  throw invalid(...findings.filter(({ severity }) => severity === 'error'));
}

async function endOf(transaction: Transaction, today: string, days: number): Promise<string> {
  return taken(endOfWorkingDays(today, days, await calendarOf(transaction)));
}

function taken<Value>(outcome: Outcome<Value>): Value {
  if (!outcome.ok) throw conflict(...outcome.findings);
  return outcome.value;
}

/** The joint check is passed when every department that checks agrees, by its last opinion. */
async function refuseUnheard(transaction: Transaction, claim: ClaimRow): Promise<void> {
  const last = new Map(
    (await readOpinions(transaction, claim.id)).map((each) => [each.department_id, each.agrees]),
  );
  const open = claim.joint_ids.filter((id) => last.get(id) !== true);
  if (open.length === 0) return;
  const facts = { missing: open.filter((id) => !last.has(id)).length, count: open.length };
  throw conflict(finding('missing_joint_opinion', 'error', { facts }));
}

/** Whoever decides reads the evidence; until it is filed nobody else does. */
async function openEvidence(transaction: Transaction, claim: ClaimRow): Promise<void> {
  const evidence = await readEvidence(transaction, [claim.id]);
  await grantFiles(
    transaction,
    evidence.flatMap(({ file_id: fileId }) =>
      readersOf(claim).map((organisationId) => ({ fileId, organisationId })),
    ),
  );
}

function readersOf(claim: ClaimRow): string[] {
  const { department_id: department, recommender_id: recommender, joint_ids: joint } = claim;
  return [...new Set([department, ...joint, ...(recommender === null ? [] : [recommender])])];
}

/** A mark that was set after the filing stops the money as well; the approval can be revoked. */
async function refuseMarked(transaction: Transaction, claim: ClaimRow): Promise<void> {
  const marks = claim.history_rules.filter(({ bar }) => bar === 'mark');
  const barred = await barsOf(transaction, claim, marks);
  if (barred.length > 0) throw conflict(...barred);
}

/** What its item pays once was not paid in another call meanwhile. */
async function refuseRepeated(
  transaction: Transaction,
  claim: ClaimRow,
  today: string,
): Promise<void> {
  const at = { eventDate: claim.event_date, knownOn: today };
  const book = await bookOf(transaction, claim.instrument, at);
  const repeated = await repeatsOf(transaction, claim, book);
  if (repeated.length > 0) throw conflict(...repeated);
}

/** Grants of the same item to the same object, as often as its rule supports it. */
async function repeatsOf(
  transaction: Queryable,
  claim: Filing,
  book: Book,
): Promise<readonly Finding[]> {
  const rule = book.chosen.get(claim.item)?.rule;
  if (rule === undefined) return [];
  const group = await applicantGroup(transaction, claim.applicant_id);
  return repeatedAward(rule, bookOfItem(book, claim.item).readings, {
    year: claim.year,
    instrument: claim.instrument,
    item: claim.item,
    object: objectKey(claim.object),
    label: claim.label,
    past: await listPast(transaction, claim, group),
  });
}

async function barsOf(
  transaction: Queryable,
  claim: Filing,
  rules: ClaimRow['history_rules'],
): Promise<readonly Finding[]> {
  if (rules.length === 0) return [];
  const group = await applicantGroup(transaction, claim.applicant_id);
  const instrument = await instrumentOf(transaction, claim.instrument);
  return historyBars(rules, {
    year: claim.year,
    item: claim.item,
    object: objectKey(claim.object),
    benefit: benefitOf(instrument, claim.item),
    projectType: claim.item,
    past: await listPast(transaction, claim, group),
    marks: await listMarks(transaction, group),
  });
}

/** A claim is filed when its call is open, its facts are complete and its documents are there. */
async function refuseUnready(
  transaction: Transaction,
  claim: ClaimRow,
  { today, late }: { readonly today: string; readonly late: boolean },
): Promise<string | null> {
  const brought = new Set((await readEvidence(transaction, [claim.id])).map(({ code }) => code));
  const { findings, rule } = await filingFaults(transaction, claim, { today, late, brought });
  if (findings.length > 0) throw invalid(...findings);
  return rule;
}

/** What keeps a claim from being filed with the documents that are there. */
export async function filingFaults(
  transaction: Queryable,
  claim: Filing,
  given: {
    readonly today: string;
    /** A correction may come when the call is over. */
    readonly late: boolean;
    readonly brought: ReadonlySet<string>;
  },
): Promise<{ readonly findings: readonly Finding[]; readonly rule: string | null }> {
  const { today, late, brought } = given;
  const findings: Finding[] = [];
  if (claim.cancelled_on !== null) findings.push(cancelledCall(claim.cancelled_on));
  if (!late && (today < claim.opens_on || today > claim.closes_on)) {
    const facts = { from: claim.opens_on, to: claim.closes_on };
    findings.push(finding('closed_call', 'error', { facts }));
  }
  const book = await bookOf(transaction, claim.instrument, {
    eventDate: claim.event_date,
    knownOn: today,
  });
  const { status, missing, rule } = assess(book, {
    item: claim.item,
    appliedOn: claim.applied_on ?? today,
    facts: claim.facts,
  });
  if (missing.length > 0) {
    const labels = missing.map((name) => book.definitions.get(name)?.label);
    const facts = {
      names: missing,
      labels: labels.map((label, at) => (label === undefined ? missing[at]! : both(label))),
    };
    findings.push(finding('missing_claim_facts', 'error', { facts }));
  } else if (status === 'not_eligible' || status === 'no_claim') {
    findings.push(finding('ineligible_claim', 'error', { facts: { item: claim.item, status } }));
  }
  findings.push(...(await barsOf(transaction, claim, claim.history_rules)));
  findings.push(...(await repeatsOf(transaction, claim, book)));
  findings.push(...(await sourceFaults(transaction, claim, today)));
  const { evidence } = book.chosen.get(claim.item)?.rule ?? { evidence: [] };
  for (const { code, label, required } of evidence) {
    if (!required || brought.has(code)) continue;
    findings.push(finding('missing_evidence', 'error', { facts: { code, label: both(label) } }));
  }
  return { findings, rule };
}

/** Adds a step to the history of a claim; steps are never edited. */
export async function addStep(
  transaction: Transaction,
  { user }: Context,
  step: Pick<Prepared, 'rule' | 'receipts'> & {
    readonly claimId: string;
    readonly number: number;
    readonly action: Pick<CaseAction, 'action' | 'role'>;
    readonly on: string;
    readonly reason: string;
  },
): Promise<void> {
  await tables(transaction)
    .insertInto('policy.step')
    .values({
      claim_id: step.claimId,
      number: step.number,
      action: step.action.action,
      actor_id: user?.id ?? null,
      actor: user?.name ?? '',
      role: step.action.role,
      on_date: step.on,
      reason: step.reason,
      rule: step.rule,
      receipts: jsonText(step.receipts),
    })
    .execute();
}

/** The account that an offer is confirmed with. */
async function keepAccount(transaction: Transaction, id: string, { account }: ActRequest) {
  const { holder = '', bank = '', number = '' } = account ?? {};
  await tables(transaction)
    .updateTable('policy.claim')
    .set({ account: jsonText({ holder, bank, number }) })
    .where('id', '=', id)
    .execute();
}

async function moveMoney(
  parts: PolicyParts,
  transaction: Transaction,
  given: {
    readonly claim: ClaimRow;
    readonly action: CaseAction;
    readonly context: Context;
    readonly prepared: Prepared;
  },
): Promise<void> {
  const { claim, action, context, prepared } = given;
  const fen = prepared.movedFen ?? prepared.grantFen ?? claim.grant_fen;
  if (action.money === undefined || fen === null) return;
  const entry = { move: action.money, year: claim.year, fen, claim: claim.id };
  const note = { by: context.user, at: parts.now(), note: action.label.zh };
  await enterLedger(transaction, claim.department_id, entry, note);
  if (action.money !== 'recover') return;
  const way = { instrument: claim.instrument, on: todayOf(parts), note };
  await returnRecovered(transaction, claim.department_id, entry, way);
}

async function keep(
  transaction: Transaction,
  given: {
    readonly claim: ClaimRow;
    readonly record: CaseRecord;
    readonly prepared: Prepared;
    readonly today: string;
  },
): Promise<void> {
  const { claim, record, prepared, today } = given;
  const published = record.noticeUntil !== null && record.noticeUntil !== claim.notice_until;
  await tables(transaction)
    .updateTable('policy.claim')
    .set({
      state: record.state,
      version: claim.version + 1,
      updated_at: sql<Date>`now()`,
      correction_until: record.correctionUntil,
      notice_until: record.noticeUntil,
      grant_fen: record.grantFen,
      ...(published ? { notice_from: today } : {}),
      ...(claim.applied_on === null && record.state === 'submitted' ? { applied_on: today } : {}),
      ...(prepared.recommendedFen === undefined
        ? {}
        : { recommended_fen: prepared.recommendedFen }),
      ...(prepared.score === undefined ? {} : { score: prepared.score }),
      ...(prepared.capGroups === undefined ? {} : { cap_groups: [...prepared.capGroups] }),
    })
    .where('id', '=', claim.id)
    .execute();
}
