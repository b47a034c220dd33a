import {
  accepted,
  canonicalJson,
  type Cryptography,
  digestJson,
  type Finding,
  finding,
  type IsoDate,
  type Outcome,
  refused,
} from '@yinglian/core';
import { CLAIM_FLOW } from './claim-flow.ts';
import type { CaseState } from './flow.ts';
import { type Receipt, replayReceipt } from './receipt.ts';
import { isAnotherPerson } from './walk.ts';

/** The schema of the whole record of one claim, with its digest. */
export const BUNDLE_SCHEMA = 'yinglian.policy.bundle/2';

/** A step of a claim as its record keeps it, with the digests of the receipts it rests on. */
export type BundleStep = {
  readonly number: number;
  readonly action: string;
  readonly actorId: string | null;
  readonly actor: string;
  readonly role: string;
  readonly on: IsoDate;
  readonly at: string;
  readonly reason: string;
  readonly rule: string | null;
  readonly receipts: readonly string[];
};

/** What a division of the budget left for the claim; the receipt where the reader may have it. */
export type BundleDivision = {
  readonly at: string;
  readonly digest: string;
  readonly fen: string;
  readonly receipt?: unknown;
};

/** What of a record a replay computes; whatever else is in it, its digest covers too. */
export type BundleContent = {
  readonly schema: typeof BUNDLE_SCHEMA;
  readonly claim: {
    readonly id: string;
    readonly item: string;
    readonly eventDate: IsoDate;
    readonly state: string;
    readonly grantFen: string | null;
  };
  readonly notice: { readonly until: IsoDate | null };
  readonly objections: readonly { readonly at: string; readonly answeredAt: string | null }[];
  readonly divisions: readonly BundleDivision[];
  readonly steps: readonly BundleStep[];
  readonly receipts: readonly unknown[];
};

/** Seals a record with the digest of everything in it. */
export function sealBundle<Content extends BundleContent>(
  cryptography: Cryptography,
  content: Content,
): Content & { readonly digest: string } {
  const plain = JSON.parse(canonicalJson(content)) as Content;
  return { ...plain, digest: digestJson(cryptography, plain) };
}

/** What was computed again: the receipts of the steps, then those of divisions. */
export type BundleReplay = { readonly receipts: readonly Receipt[] };

/**
 * Computes a whole record again: its digest, every receipt, that the steps lead one after the
 * other to the state, and that the grant is what the receipts and the division left.
 */
export function replayBundle(cryptography: Cryptography, document: unknown): Outcome<BundleReplay> {
  try {
    const { digest, ...content } = document as BundleContent & { readonly digest: string };
    if (digestJson(cryptography, content) !== digest) {
      const facts = { digest: String(digest).slice(0, 100) };
      return refused(finding('mismatched_bundle_digest', 'error', { facts }));
    }
    return replayed(cryptography, content);
  } catch {
    // What is not shaped like a record breaks off wherever it is read.
    return refused(finding('invalid_document', 'error', { facts: { wanted: BUNDLE_SCHEMA } }));
  }
}

function replayed(cryptography: Cryptography, content: BundleContent): Outcome<BundleReplay> {
  const findings: Finding[] = [];
  const receipts = new Map<string, Receipt>();
  const divided = content.divisions.flatMap(({ receipt }) => receipt ?? []);
  for (const each of [...content.receipts, ...divided]) {
    const again = replayReceipt(cryptography, JSON.stringify(each));
    if (again.ok) receipts.set(again.value.receipt.digest, again.value.receipt);
    else findings.push(...again.findings);
  }
  findings.push(...stepFaults(content), ...divisionFaults(content, receipts));
  findings.push(...grantFaults(content, receipts));
  if (findings.length > 0) return refused(...findings);
  return accepted({ receipts: [...receipts.values()] });
}

/** Steps by which a claim begins its way anew, without notice and grant. */
const BEGINS_ANEW: ReadonlySet<string> = new Set(['reopen', 'uphold_appeal']);

/** Whether the steps follow each other by the flow and end where the claim stands. */
function stepFaults({ claim, notice, steps, objections }: BundleContent): Finding[] {
  const findings: Finding[] = [];
  let state: CaseState = CLAIM_FLOW.start;
  // The notice that is told of is the last one, unless the claim began anew after it.
  const lastNotice = steps.findLastIndex(
    ({ action }) => action === 'publish' || BEGINS_ANEW.has(action),
  );
  for (const [index, step] of steps.entries()) {
    const path = `$.steps[${index}]`;
    const wrong = (code: string, facts = {}) =>
      findings.push(finding(code, 'error', { facts, at: { path } }));
    const action = CLAIM_FLOW.actions.find(
      (each) =>
        each.action === step.action && each.from.includes(state) && each.role === step.role,
    );
    const before = steps.slice(0, index);
    if (action === undefined || step.number !== index + 1) {
      wrong('unexpected_case_action', { action: step.action, state });
      return findings;
    }
    const last = before.at(-1)?.on ?? step.on;
    if (step.on < last) wrong('backward_case_step', { on: step.on, last });
    const done = before.map((each) => ({ action: each.action, actor: each.actorId ?? '' }));
    const facts = { action: step.action, until: notice.until ?? '' };
    if (action.guards.includes('four_eyes') && !isAnotherPerson(action, done, step.actorId ?? '')) {
      wrong('missing_second_person', facts);
    }
    if (action.guards.includes('reason_given') && step.reason.trim() === '') {
      wrong('missing_case_reason', facts);
    }
    const early = notice.until === null || step.on <= notice.until;
    if (action.guards.includes('notice_over') && index > lastNotice && early) {
      wrong('unfinished_notice', facts);
    }
    // What was answered after the step was open when it was taken.
    const open = objections.some(
      ({ at, answeredAt }) => at < step.at && (answeredAt === null || answeredAt > step.at),
    );
    if (action.guards.includes('no_open_objection') && open) wrong('open_objection', facts);
    state = action.to;
  }
  if (state === claim.state) return findings;
  const facts = { state: claim.state, reached: state };
  return [...findings, finding('mismatched_bundle_state', 'error', { facts })];
}

/** Whether what the divisions left for the claim is what their receipts say. */
function divisionFaults(
  { claim, divisions }: BundleContent,
  receipts: ReadonlyMap<string, Receipt>,
): Finding[] {
  return divisions.flatMap(({ receipt, digest, fen }, index) => {
    if (receipt === undefined) return [];
    const { grants = [] } = valueOf(receipts.get(digest));
    const left = grants.find(({ id }) => id === claim.id)?.fen ?? '';
    if (left === fen) return [];
    const at = { path: `$.divisions[${index}]` };
    return [finding('mismatched_bundle_division', 'error', { facts: { fen, left }, at })];
  });
}

/** Whether the grant follows from the last proposal, and the proposal from its receipts. */
function grantFaults(
  { claim, steps, divisions }: BundleContent,
  receipts: ReadonlyMap<string, Receipt>,
): Finding[] {
  const begun = steps.findLastIndex(({ action }) => BEGINS_ANEW.has(action));
  const at = steps.findLastIndex(({ action }, index) => action === 'propose' && index > begun);
  const proposed = steps[at];
  const wrong = (granted: string) => {
    const facts = { granted: claim.grantFen ?? '', computed: granted };
    return [finding('mismatched_bundle_grant', 'error', { facts })];
  };
  if (proposed === undefined) return claim.grantFen === null ? [] : wrong('');
  const rests = proposed.receipts.map((digest) => receipts.get(digest));
  const bound = rests.find((each) => each?.stage === 'bound');
  const stacking = rests.find((each) => each?.stage === 'stacking');
  const asked = bound?.input as { eventDate: string; claim: { item: string } } | undefined;
  const most = (bound?.result as { grantableFen?: string | null } | undefined)?.grantableFen;
  const stacked = (stacking?.input as { claims: { id: string; amountFen: string }[] } | undefined)
    ?.claims.find(({ id }) => id === claim.id);
  const own =
    asked?.claim.item === claim.item &&
    asked.eventDate === claim.eventDate &&
    stacked !== undefined &&
    stacked.amountFen === most;
  const chosen = valueOf(stacking).chosen?.find(({ id }) => id === claim.id)?.fen;
  if (!own || chosen === undefined || claim.grantFen === null) return wrong(chosen ?? '');
  const division = divisions.findLast((each) => each.at <= proposed.at);
  const computed = least(BigInt(chosen), division === undefined ? null : BigInt(division.fen));
  const granted = BigInt(claim.grantFen);
  const inPart = steps.slice(at).some(({ action }) => action === 'recover_part');
  const fits = inPart ? granted > 0n && granted < computed : granted === computed;
  return fits ? [] : wrong(String(computed));
}

type Chosen = { readonly id: string; readonly fen: string };

function valueOf(receipt: Receipt | undefined): {
  readonly chosen?: readonly Chosen[];
  readonly grants?: readonly Chosen[];
} {
  return (receipt?.result as { value?: ReturnType<typeof valueOf> } | undefined)?.value ?? {};
}

function least(fen: bigint, other: bigint | null): bigint {
  return other === null || fen <= other ? fen : other;
}
