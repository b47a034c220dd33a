import { assert, finding, type Finding, isIsoDate } from '@yinglian/core';
import type { Context } from '../kernel/context.ts';
import type { JobDefinition } from '../kernel/jobs/definition.ts';
import { conflict, invalid } from '../kernel/refusal.ts';
import type { Work } from '../kernel/write.ts';
import type { IssueInput } from './issue.ts';
import {
  insertOrder,
  type OrderReason,
  orderedToday,
  runBegins,
  setOrderJobs,
} from './keys/order-repository.ts';
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

/** Keys that are asked for, with why. */
export type KeyOrder = {
  readonly stored: PackageRecord;
  readonly request: KeyRequest;
  readonly reason: OrderReason;
  /** Proposed whatever its size. */
  readonly propose?: boolean;
};

/**
 * Orders keys inside a change. Limits count everything that one person ordered alone in a day, so
 * that a large order in small parts is one still. What needs no second person is one job, however
 * many packages it is of.
 */
export async function orderKeys(
  work: Work,
  parts: OrderParts,
  who: Orderer,
  orders: readonly KeyOrder[],
): Promise<Ordered[]> {
  const made: { order: KeyOrder; id: string; findings: Finding[]; proposed: boolean }[] = [];
  for (const order of orders) {
    checkOrder(order.stored, order.request);
    // Refused here already, so that nobody waits for a job that cannot open its keys. A proposal
    // opens none, so it goes through while they are sealed.
    if (order.propose !== true) await parts.custody.current(work.transaction);
    const policy = await readPolicy(work.transaction, who.organisation.id);
    const findings = await limitsOf(work, policy, who, order);
    const proposed = order.propose === true || findings.length > 0;
    const id = parts.newId();
    await insertOrder(work.transaction, {
      id,
      organisationId: who.organisation.id,
      filmId: order.stored.filmId,
      packageId: order.stored.id,
      request: order.request,
      reason: order.reason,
      state: proposed ? 'proposed' : 'ordered',
      findings,
      userId: who.userId,
    });
    made.push({ order, id, findings, proposed });
  }
  const jobs = new Map<KeyOrder, string>();
  for (const group of jobGroups(made.flatMap((each) => (each.proposed ? [] : [each.order])))) {
    const jobId = await enqueueIssue(work, parts, who, group);
    for (const order of group) jobs.set(order, jobId);
  }
  const ordered = made.map(({ order, id, findings }) => ({
    id,
    jobId: jobs.get(order) ?? null,
    findings,
    order,
  }));
  await setOrderJobs(work.transaction, ordered);
  for (const each of ordered) tellOrder(work, who, each);
  return ordered.map(({ id, jobId, findings }) => ({ id, jobId, findings }));
}

/**
 * Orders that one job issues: of one film and made alike. A job issues one key of a composition to
 * a screen, so that the same screen with other days goes to another job.
 */
function jobGroups(orders: readonly KeyOrder[]): KeyOrder[][] {
  const groups: { name: string; orders: KeyOrder[]; screens: Map<string, Set<string>> }[] = [];
  for (const order of orders) {
    const { packageId, formulation, forensicPicture, forensicSound, screenIds } = order.request;
    const name = [order.stored.filmId, formulation, forensicPicture, forensicSound].join(' ');
    let group = groups.find((each) => {
      const there = each.screens.get(packageId);
      return each.name === name && !screenIds.some((id) => there?.has(id) === true);
    });
    if (group === undefined) groups.push((group = { name, orders: [], screens: new Map() }));
    group.orders.push(order);
    const there = group.screens.get(packageId) ?? new Set();
    for (const id of screenIds) there.add(id);
    group.screens.set(packageId, there);
  }
  return groups.map((each) => each.orders);
}

function tellOrder(
  work: Work,
  who: Orderer,
  made: { readonly id: string; readonly jobId: string | null; readonly order: KeyOrder },
): void {
  const { request, stored, reason } = made.order;
  work.audit({
    action: made.jobId === null ? 'distribution.keys_proposed' : 'distribution.keys_ordered',
    subjectKind: 'package',
    subjectId: stored.id,
    organisationId: who.organisation.id,
    facts: {
      order: made.id,
      job: made.jobId,
      reason,
      screens: request.screenIds.length,
      from: request.notBefore,
      to: request.notAfter,
    },
  });
  work.changed({
    kind: 'key_order',
    id: made.id,
    filmId: stored.filmId,
    organisationId: who.organisation.id,
  });
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
  orders: readonly Pick<KeyOrder, 'stored' | 'request'>[],
): Promise<string> {
  const { id } = who.organisation;
  const [first, ...more] = orders.map(({ request }) => ({
    ...request,
    replaces: [...(request.replaces ?? [])],
  }));
  assert(first !== undefined, 'a job issues something');
  if ((await readSigner(work.transaction, parts.custody, id)) === undefined) {
    await makeSigner(work, { ...parts, id: parts.newId(), now: parts.now() }, who.organisation);
  }
  const input = { ...first, organisationId: id, issuedBy: who.userId, more };
  const { filmId } = orders[0]!.stored;
  return work.enqueue(parts.issueJob, input, { filmId, organisationId: id });
}
