import { nodeCryptography } from '@yinglian/host';
import { BUNDLE_SCHEMA, sealBundle } from '@yinglian/policy';
import { sql } from 'kysely';
import type { Context } from '../kernel/context.ts';
import type { Queryable } from '../kernel/database/database.ts';
import { found } from '../kernel/refusal.ts';
import { listAppeals } from './appeals.ts';
import { fairnessOfClaim } from './fairness.ts';
import type { PolicyParts } from './parts.ts';
import {
  type ClaimRow,
  readClaim,
  readEvidence,
  readObjections,
  readOpinions,
  readSteps,
} from './repository.ts';

/** One appeal for each refusal, and a claim is not refused without end. */
const APPEALS_MAX = 1_000;

/** The whole record of one claim, sealed, for whoever audits it years later. */
export function createBundle({ database, requireAccess }: PolicyParts) {
  return async (context: Context, id: string) => {
    await requireAccess(context, 'policy.read', { kind: 'policy_claim', ids: [id] });
    const claim = found(await readClaim(database, id), { id });
    // What others asked for and who objected is for the department that decides.
    const whole = context.organisation?.id === claim.department_id;
    const steps = await stepsOf(database, id);
    const appeals = await listAppeals(database, { claimId: id, limit: APPEALS_MAX });
    return sealBundle(nodeCryptography, {
      schema: BUNDLE_SCHEMA,
      claim: claimOf(claim),
      notice: { from: claim.notice_from, until: claim.notice_until, days: claim.notice_days },
      fairnessOpinion: claim.fairness_opinion,
      fairness: await fairnessOfClaim(database, claim),
      evidence: (await readEvidence(database, [id])).map((each) => ({
        code: each.code,
        number: each.number,
        name: each.file_name,
        digest: each.digest,
      })),
      opinions: (await readOpinions(database, id)).map((each) => ({
        department: each.department,
        agrees: each.agrees,
        reason: each.reason,
        by: each.by_name,
        on: each.on_date,
      })),
      appeals: appeals.toReversed().map((each) => ({
        step: each.step,
        by: each.by_name,
        text: each.text,
        madeOn: each.made_on,
        upheld: each.upheld,
        answer: each.answer,
        answeredBy: each.answered_name,
        answeredOn: each.answered_on,
      })),
      objections: await objectionsOf(database, id, whole),
      divisions: await divisionsOf(database, claim, whole),
      steps: steps.map(({ receipts, ...step }) => ({
        ...step,
        receipts: receipts.map(({ digest }) => digest),
      })),
      receipts: steps.flatMap(({ receipts }) => receipts),
    });
  };
}

function claimOf(claim: ClaimRow) {
  return {
    id: claim.id,
    call: claim.call_title,
    applicant: claim.applicant,
    item: claim.item,
    object: claim.object,
    eventDate: claim.event_date,
    state: claim.state,
    grantFen: claim.grant_fen?.toString() ?? null,
  };
}

async function stepsOf(database: Queryable, id: string) {
  const rows = await readSteps(database, id);
  return rows.map((row, index) => ({
    number: index + 1,
    action: row.action,
    actorId: row.actor_id,
    actor: row.actor,
    role: row.role,
    on: row.on_date,
    at: row.created_at.toISOString(),
    reason: row.reason,
    rule: row.rule,
    receipts: row.receipts as readonly { readonly digest: string }[],
  }));
}

async function objectionsOf(database: Queryable, id: string, whole: boolean) {
  const rows = await readObjections(database, id);
  return rows.map(({ at, outcome, answeredAt, ...rest }) => {
    const { by, text, answer } = rest;
    return { at, outcome, answeredAt, ...(whole ? { by, text, answer } : {}) };
  });
}

type Divided = {
  readonly digest: string;
  readonly result: { readonly value: { readonly grants: readonly { id: string; fen: string }[] } };
};

/** Divisions in which the claim stood, in their order. */
async function divisionsOf(database: Queryable, claim: ClaimRow, whole: boolean) {
  const result = await sql<{ created_at: Date; receipt: Divided }>`
    select created_at, receipt from policy.division where call_id = ${claim.call_id}
    order by created_at, id
  `.execute(database);
  return result.rows.flatMap(({ created_at: at, receipt }) => {
    const own = receipt.result.value.grants.find(({ id }) => id === claim.id);
    if (own === undefined) return [];
    const { digest } = receipt;
    const kept = { at: at.toISOString(), digest, fen: own.fen };
    return [whole ? { ...kept, receipt: receipt as unknown } : kept];
  });
}
