import { finding, type Outcome } from '@yinglian/core';
import { nodeCryptography } from '@yinglian/host';
import {
  assess,
  type Assessment,
  bookOfItem,
  capGroups,
  eligibleCostOf,
  excludes,
  makeReceipt,
  objectKey,
  openBook,
  type Receipt,
  remainingCaps,
  type StackClaim,
  stackClaims,
  type StackingInput,
  stackReadings,
  type StackReadings,
} from '@yinglian/policy';
import { sql } from 'kysely';
import type { Queryable, Transaction } from '../kernel/database/database.ts';
import { conflict, found } from '../kernel/refusal.ts';
import { applicantGroup } from './control.ts';
import { instrumentOf, listInstruments } from './instruments/store.ts';
import { lockDepartment } from './money.ts';
import { sharedEvidence } from './shared.ts';
import { sharedBound, sourceFaults } from './registers/source.ts';
import {
  type AwardQuestion,
  type ClaimRow,
  listAwards,
  listGranted,
  listReviewed,
  readDecisions,
} from './repository.ts';

function taken<Value>(outcome: Outcome<Value>): Value {
  if (!outcome.ok) throw conflict(...outcome.findings);
  return outcome.value;
}

/** What an action changes on the claim besides its state. */
export type Prepared = {
  readonly until?: string;
  readonly grantFen?: bigint;
  /** What moves in the ledger, where it is not the whole grant. */
  readonly movedFen?: bigint;
  readonly recommendedFen?: bigint;
  readonly score?: string;
  readonly capGroups?: readonly string[];
  readonly receipts: readonly Receipt[];
  readonly rule: string | null;
};

/** G₀ of a claim and what the engine said of it. */
export type Judged = {
  readonly assessment: Assessment;
  readonly stack: StackClaim;
  readonly caps: ReturnType<typeof capGroups>;
  readonly aliases: ReadonlyMap<string, string>;
  readonly receipt: Receipt;
  readonly readings: StackReadings;
  /** The entry of a register that it rests on. */
  readonly entryId: string | null;
};

/** Stage 1 of one claim; `group` are the applicants that count as one, the first names it. */
export async function judge(
  transaction: Queryable,
  claim: ClaimRow,
  today: string,
  group: readonly string[],
): Promise<Judged> {
  const decisions = await readDecisions(transaction, claim.instrument);
  const instrument = await instrumentOf(transaction, claim.instrument);
  const whole = openBook(instrument, {
    eventDate: claim.event_date,
    knownOn: today,
    decisions,
  });
  const book = bookOfItem(whole, claim.item);
  const { item, applied_on: appliedOn, facts } = claim;
  // Several providers share one award: none is reviewed above its share of the bound.
  const { bound } = assess(book, { item, appliedOn, facts });
  const recommended = claim.recommended_fen ?? 0n;
  const most = bound.state === 'known' ? sharedBound(claim, bound.fen) : recommended;
  const recommendedFen = String(recommended < most ? recommended : most);
  const asked = { item, appliedOn, facts, review: { recommendedFen } };
  const assessment = assess(book, asked);
  const rule = found(book.chosen.get(claim.item)?.rule, { item: claim.item });
  const { label } = claim;
  const object = objectKey(claim.object);
  const costFen = eligibleCostOf(book, asked);
  const capsOf = (applicant: string) => [
    ...capGroups(rule, { applicant, round: String(claim.year), object, label }, book.readings),
    // Whoever gives it: all public money together stays below what the thing costs (A5).
    ...(costFen === null ? [] : [{ group: costGroup(applicant, object), limitFen: costFen }]),
  ];
  const caps = capsOf(group[0] ?? claim.applicant_id);
  // Grants from before firms became affiliates stand under their own names.
  const aliases = new Map(
    group.flatMap((member) =>
      capsOf(member).map((cap, index) => [cap.group, caps[index]!.group] as const),
    ),
  );
  return {
    assessment,
    caps,
    aliases,
    entryId: claim.source_entry_id,
    readings: stackReadings(book),
    receipt: makeReceipt(nodeCryptography, 'bound', {
      instrument,
      decisions,
      eventDate: claim.event_date,
      knownOn: today,
      claim: asked,
    }),
    stack: {
      id: claim.id,
      instrument: claim.instrument,
      jurisdiction: instrument.jurisdiction,
      own: true,
      item: claim.item,
      kinds: rule.sameKind === null ? [] : [rule.sameKind],
      objects: [object],
      costs: [],
      appliedOn: claim.applied_on ?? today,
      amountFen: assessment.grantableFen ?? 0n,
      caps: caps.map(({ group }) => group),
    },
  };
}

/** What a group of all public money for one thing begins with. */
const PUBLIC_MONEY = '["public-money",';

function costGroup(applicant: string, object: string): string {
  return JSON.stringify(['public-money', applicant, object]);
}

/** Support that is no duplicate, of a city for example, still counts against the cost itself. */
function deductOutside(
  remaining: Record<string, bigint>,
  { stack, readings }: Judged,
  claim: ClaimRow,
  applicant: string,
): void {
  const group = costGroup(applicant, objectKey(claim.object));
  const room = remaining[group];
  if (room === undefined) return;
  let given = 0n;
  for (const [index, other] of otherStacks(stack, claim).entries()) {
    if (excludes(stack, other, readings)) continue;
    const { amountFen, paidFen } = claim.others[index]!;
    const [amount, paid] = [BigInt(amountFen), BigInt(paidFen)];
    const most = amount > paid ? amount : paid;
    if (most > 0n) given += most;
  }
  remaining[group] = room > given ? room - given : 0n;
}

/** What the applicant declared of others, as the stacking sees it. */
function otherStacks({ kinds, objects }: StackClaim, claim: ClaimRow) {
  return claim.others.map((other, index) => ({
    instrument: `other:${other.instrument}`,
    jurisdiction: other.jurisdiction,
    item: `other:${index}`,
    kinds,
    objects,
  }));
}

/** What may be granted: bound, ceilings with earlier grants, and not both with other support. */
export async function proposal(
  transaction: Transaction,
  claim: ClaimRow,
  today: string,
): Promise<Prepared> {
  // Two claims under one ceiling are proposed one after the other, not both from what is left.
  await lockDepartment(transaction, claim.department_id);
  const group = await applicantGroup(transaction, claim.applicant_id);
  await lockCeilings(transaction, claim, group);
  await refuseUnsound(transaction, claim, today);
  const own = await judge(transaction, claim, today, group);
  const { assessment } = own;
  if (assessment.status !== 'eligible' || assessment.grantableFen === null) {
    const facts = { item: claim.item, status: assessment.status };
    throw conflict(finding('ineligible_claim', 'error', { facts }), ...assessment.findings);
  }
  const { stackedFen, excluded, input } = await weigh(transaction, claim, { own, group, today });
  if (stackedFen === 0n) {
    const facts = { reason: excluded!.reason, against: excluded!.against };
    throw conflict(finding('excluded_claim', 'error', { facts }));
  }
  return {
    grantFen: withinDivision(claim, stackedFen),
    capGroups: own.stack.caps,
    rule: assessment.rule,
    receipts: [own.receipt, makeReceipt(nodeCryptography, 'stacking', input)],
  };
}

/** Stage 2 of one claim, beside those that wait with it and after what its firms were given. */
export async function weigh(
  transaction: Transaction,
  claim: ClaimRow,
  given: {
    readonly own: Judged;
    readonly group: readonly string[];
    readonly today: string;
    /** What was judged before in this transaction, by claim; more is added here. */
    readonly judged?: Map<string, Judged>;
  },
) {
  const { own, group, today, judged = new Map<string, Judged>() } = given;
  const beside: Judged[] = [];
  for (const row of await listReviewed(transaction, claim, group)) {
    const other = judged.get(row.id) ?? (await judge(transaction, row, today, group));
    judged.set(row.id, other);
    if (other.assessment.grantableFen !== null) beside.push(other);
  }
  const remaining = await remainingOf(transaction, [own, ...beside], group, claim.id);
  deductOutside(remaining, own, claim, group[0] ?? claim.applicant_id);
  const awards = await awardsOf(transaction, claim, group);
  const input = stackingInput(own, beside, { claim, awards, remaining });
  const result = taken(
    stackClaims(
      input.claims.map((each) => ({ ...each, amountFen: BigInt(each.amountFen) })),
      {
        paid: input.paid.map((each) => ({ ...each, paidFen: BigInt(each.paidFen) })),
        remaining,
        readings: input.readings,
      },
    ),
  );
  const stackedFen = result.chosen.find((each) => each.id === claim.id)?.fen ?? 0n;
  return { stackedFen, excluded: result.excluded.find((each) => each.id === claim.id), input };
}

/** A grant of the hall itself under another instrument or item, as an earlier payment. */
export type Award = {
  readonly payment: StackingInput['paid'][number];
  /** What an applicant may call its instrument by. */
  readonly names: readonly string[];
};

/** What the applicants were granted elsewhere in the hall: nobody has to declare it. */
export async function awardsOf(
  transaction: Queryable,
  claim: AwardQuestion,
  group: readonly string[],
): Promise<readonly Award[]> {
  const awards = await listAwards(transaction, claim, group);
  if (awards.length === 0) return [];
  const known = new Map((await listInstruments(transaction)).map((each) => [each.code, each]));
  return awards.map(({ id, instrument: code, item, objects, fen }) => {
    const { jurisdiction, rules, title, number } = known.get(code)!;
    const kind = rules.findLast((rule) => rule.item === item)?.sameKind ?? null;
    const payment = {
      instrument: code,
      jurisdiction,
      item,
      kinds: kind === null ? [] : [kind],
      objects: [...objects],
      paidFen: String(fen),
      claim: id,
    };
    return { payment, names: [code, number, title.zh, title.en] };
  });
}

/** Departments with calls on one item share its ceilings: one proposes after the other. */
async function lockCeilings(
  transaction: Transaction,
  { source_entry_id: entryId }: ClaimRow,
  group: readonly string[],
): Promise<void> {
  const names = entryId === null ? group : [...group, entryId];
  for (const name of names.toSorted()) {
    const key = `policy.ceiling/${name}`;
    await sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`.execute(transaction);
  }
}

/** What rests on an entry that ended, or on somebody else's invoice, is not proposed. */
async function refuseUnsound(
  transaction: Transaction,
  claim: ClaimRow,
  today: string,
): Promise<void> {
  const ended = await sourceFaults(transaction, claim, today);
  if (ended.length > 0) throw conflict(...ended);
  const shared = await sharedEvidence(transaction, claim);
  const doubled = shared.filter(({ severity }) => severity === 'error');
  if (doubled.length > 0) throw conflict(...doubled);
}

/** What is left of the ceilings after earlier grants to any of the group. */
export async function remainingOf(
  transaction: Queryable,
  judged: readonly Judged[],
  applicants: readonly string[],
  exceptId: string,
): Promise<Record<string, bigint>> {
  const aliases = new Map(judged.flatMap((each) => [...each.aliases]));
  const entries = judged.flatMap(({ entryId }) => entryId ?? []);
  const granted = await listGranted(transaction, { applicants, entries }, exceptId);
  const own = new Set(judged.map(({ stack }) => stack.instrument));
  return remainingCaps(
    judged.flatMap(({ caps }) => caps),
    granted.map(({ instrument, groups, fen }) => ({
      fen,
      groups: groups
        .map(plainGroup)
        // Codes of ceilings are their instrument's own; all public money counts for the cost.
        .filter((group) => own.has(instrument) || group.startsWith(PUBLIC_MONEY))
        .map((group) => aliases.get(group) ?? group),
    })),
  );
}

/** The key of a cap group with the name of its object in one spelling, however it was kept. */
function plainGroup(group: string): string {
  const [code, ...parts] = JSON.parse(group) as [string, ...(readonly [string, string] | string)[]];
  if (group.startsWith(PUBLIC_MONEY)) {
    const [applicant, object] = parts as readonly string[];
    return costGroup(applicant!, objectKey(object!));
  }
  const places = parts as readonly (readonly [string, string])[];
  const plain = places.map(([per, name]) => [per, per === 'object' ? objectKey(name) : name]);
  return JSON.stringify([code, ...plain]);
}

/** Where a budget was divided, nobody gets more than the division left for it. */
function withinDivision({ divided_fen: dividedFen }: ClaimRow, fen: bigint): bigint {
  if (dividedFen === null || fen <= dividedFen) return fen;
  if (dividedFen === 0n) throw conflict(finding('undivided_claim', 'error'));
  return dividedFen;
}

function named(awards: readonly Award[], declared: string): boolean {
  return awards.some(({ names }) => names.some((name) => declared.includes(name)));
}

function stackingInput(
  own: Judged,
  beside: readonly Judged[],
  given: {
    readonly claim: ClaimRow;
    readonly awards: readonly Award[];
    readonly remaining: Readonly<Record<string, bigint>>;
  },
): StackingInput {
  const { claim, awards, remaining } = given;
  const others = otherStacks(own.stack, claim);
  const declared = others.map((other, index) => ({
    ...other,
    id: `other:${index}`,
    own: false,
    costs: [],
    appliedOn: own.stack.appliedOn,
    amountFen: claim.others[index]!.amountFen.replace(/^-.*/, '0'),
    caps: [],
  }));
  const paid = others.map((other, index) => ({
    ...other,
    paidFen: claim.others[index]!.paidFen.replace(/^-.*/, '0'),
    claim: `other:${index}`,
  }));
  return {
    claims: [
      ...[own, ...beside].map(({ stack }) => ({ ...stack, amountFen: String(stack.amountFen) })),
      ...declared,
    ],
    paid: [
      // What was declared of an award that the hall made is not deducted twice.
      ...paid.filter(({ paidFen, instrument }) => paidFen !== '0' && !named(awards, instrument)),
      ...awards.map(({ payment }) => payment),
    ],
    remaining: Object.fromEntries(
      Object.entries(remaining).map(([group, fen]) => [group, String(fen)]),
    ),
    readings: own.readings,
  };
}
