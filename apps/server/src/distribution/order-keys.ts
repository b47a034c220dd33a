import { finding, type Finding, isIsoDate } from '@yinglian/core';
import type { Context } from '../kernel/context.ts';
import type { JobDefinition } from '../kernel/jobs/definition.ts';
import { conflict, invalid } from '../kernel/refusal.ts';
import type { Work } from '../kernel/write.ts';
import type { IssueInput } from './issue.ts';
import { insertOrder, type OrderReason, orderedToday, runBegins } from './keys/order-repository.ts';
import type { KeyRequest } from './keys/request.ts';
import { crossedLimits, type KeyPolicy, readPolicy } from './keys/policy.ts';
import type { PackageRecord } from './repository.ts';
import { makeSigner, readSigner } from './signer.ts';

export type OrderParts = Omit<Parameters<typeof makeSigner>[1], 'id' | 'now'> & {
  readonly newId: () => string;
  readonly now: () => Date;
  readonly issueJob: JobDefinition<IssueInput>;
};

/** Who orders: a person of the distributor, or the network itself after a change. */
export type Orderer = {
  readonly organisation: { readonly id: string; readonly name: string };
  readonly userId: string | null;
};

/** What became of an order: a job at once, or a proposal for a second person. */
export type Ordered = {
  readonly id: string;
  readonly jobId: string | null;
  readonly findings: readonly Finding[];
};

/** The person of a request as who orders. */
export function ordererOf(context: Context): Orderer {
  const { id = '', name = '' } = context.organisation ?? {};
  return { organisation: { id, name }, userId: context.user?.id ?? null };
}

/** Keys of a package that did not pass, or needs none, are not ordered. */
export function checkOrder(stored: PackageRecord, request: KeyRequest): void {
  if (stored.state !== 'passed') {
    throw conflict(finding('unchecked_package', 'error', { facts: { state: stored.state } }));
  }
  if (!stored.encrypted) throw conflict(finding('unencrypted_package', 'error'));
  for (const field of ['notBefore', 'notAfter'] as const) {
    if (isIsoDate(request[field].slice(0, 10))) continue;
    throw invalid(
      finding('invalid_local_time', 'error', { facts: { text: request[field] }, at: { field } }),
    );
  }
}

/**
 * Orders keys inside a change. Limits count everything that one person ordered alone in a day, so
 * that a large order in small parts is one still.
 */
export async function orderKeys(
  work: Work,
  parts: OrderParts,
  who: Orderer,
  order: {
    readonly stored: PackageRecord;
    readonly request: KeyRequest;
    readonly reason: OrderReason;
    /** Proposed whatever its size. */
    readonly propose?: boolean;
  },
): Promise<Ordered> {
  const { stored, request, reason } = order;
  checkOrder(stored, request);
  // Refused here already, so that nobody waits for a job that cannot open its keys. A proposal
  // opens none, so it goes through while they are sealed.
  if (order.propose !== true) await parts.custody.current(work.transaction);
  const policy = await readPolicy(work.transaction, who.organisation.id);
  const findings = await limitsOf(work, policy, who, order);
  const proposed = order.propose === true || findings.length > 0;
  const id = parts.newId();
  const jobId = proposed ? null : await enqueueIssue(work, parts, who, { stored, request });
  await insertOrder(work.transaction, {
    id,
    organisationId: who.organisation.id,
    filmId: stored.filmId,
    packageId: stored.id,
    request,
    reason,
    state: proposed ? 'proposed' : 'ordered',
    findings,
    userId: who.userId,
    jobId,
  });
  work.audit({
    action: proposed ? 'distribution.keys_proposed' : 'distribution.keys_ordered',
    subjectKind: 'package',
    subjectId: stored.id,
    organisationId: who.organisation.id,
    facts: {
      order: id,
      job: jobId,
      reason,
      screens: request.screenIds.length,
      from: request.notBefore,
      to: request.notAfter,
    },
  });
  work.changed({
    kind: 'key_order',
    id,
    filmId: stored.filmId,
    organisationId: who.organisation.id,
  });
  return { id, jobId, findings };
}

async function limitsOf(
  work: Work,
  policy: KeyPolicy,
  who: Orderer,
  { stored, request }: { readonly stored: PackageRecord; readonly request: KeyRequest },
): Promise<Finding[]> {
  const before = await orderedToday(work.transaction, who.organisation.id, who.userId);
  return crossedLimits(policy, {
    screens: new Set(request.screenIds).size,
    before,
    notBefore: request.notBefore,
    notAfter: request.notAfter,
    opens: await runBegins(work.transaction, who.organisation.id, stored.filmId),
  });
}

/** The job that issues; the network's signer is made once. */
export async function enqueueIssue(
  work: Work,
  parts: OrderParts,
  who: Orderer,
  { stored, request }: { readonly stored: PackageRecord; readonly request: KeyRequest },
): Promise<string> {
  const { id } = who.organisation;
  if ((await readSigner(work.transaction, parts.custody, id)) === undefined) {
    await makeSigner(work, { ...parts, id: parts.newId(), now: parts.now() }, who.organisation);
  }
  const input = {
    ...request,
    organisationId: id,
    issuedBy: who.userId,
    replaces: [...(request.replaces ?? [])],
  };
  return work.enqueue(parts.issueJob, input, { filmId: stored.filmId, organisationId: id });
}
