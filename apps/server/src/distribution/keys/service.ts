import { finding } from '@yinglian/core';
import type { RequireAccess } from '../../kernel/access/access.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database, Queryable } from '../../kernel/database/database.ts';
import { wireFinding } from '../../kernel/http/problems.ts';
import { afterInstant, type Page, pageOf, type PageQuery } from '../../kernel/pages.ts';
import { conflict, found, notAllowed, versionConflict } from '../../kernel/refusal.ts';
import type { Work, Write } from '../../kernel/write.ts';
import { judgeShowsOf } from '../board/repository.ts';
import { withdrawKeys } from '../key-repository.ts';
import {
  checkOrder,
  enqueueIssue,
  type KeyOrder,
  ordererOf,
  orderKeys,
  type OrderParts,
} from '../order-keys.ts';
import type { KeyRequest } from './request.ts';
import { neededKeys, neededPage, type NeedScope } from '../release/needed-keys.ts';
import { readPackage } from '../repository.ts';
import { changeRequests, type KeyChange } from './change.ts';
import { ordersOf } from './follow.ts';
import {
  decideOrder,
  listOrders,
  type OrderReason,
  type OrderRecord,
  readRequest,
} from './order-repository.ts';
import { type KeyPolicy, readPolicy, writePolicy } from './policy.ts';
import { readReceipts } from './receipts.ts';

export type KeyServiceParts = OrderParts & {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
};

type Scope = Omit<NeedScope, 'organisationId' | 'bookingIds'>;
export type OrderAnswer = {
  readonly screens: number;
  readonly jobIds: string[];
  readonly proposals: string[];
  readonly findings: ReturnType<typeof wireFinding>[];
};

/** Keys in one order; a national release books some 91,000 screens in several versions. */
export const SCREENS_MAX = 500_000;

export type KeyService = ReturnType<typeof createKeyService>;

/** Which screens lack a key, who agrees to one, and how it is replaced or withheld. */
export function createKeyService(parts: KeyServiceParts) {
  const { database, write, requireAccess, now } = parts;

  async function order(
    work: Work,
    context: Context,
    requests: readonly KeyRequest[],
    reasonOf: (request: KeyRequest) => OrderReason,
  ): Promise<OrderAnswer> {
    const who = ordererOf(context);
    const orders: KeyOrder[] = [];
    for (const request of requests) {
      const stored = await readPackage(work.transaction, who.organisation.id, request.packageId);
      orders.push({ stored, request, reason: reasonOf(request) });
    }
    const made = await orderKeys(work, parts, who, orders);
    const jobIds = new Set(made.flatMap((each) => each.jobId ?? []));
    return {
      screens: requests.reduce((sum, each) => sum + each.screenIds.length, 0),
      jobIds: [...jobIds],
      proposals: made.flatMap((each) => (each.jobId === null ? [each.id] : [])),
      findings: made.flatMap((each) => each.findings).map(wireFinding),
    };
  }

  const one = async (queryable: Queryable, context: Context, id: string) => {
    const { organisation, userId } = ordererOf(context);
    const rows = await listOrders(queryable, {
      organisationId: organisation.id,
      userId,
      ids: [id],
      limit: 1,
    });
    return found(rows[0]?.row, { id });
  };

  return {
    async needed(context: Context, scope: Scope, limit: number) {
      const { organisationId } = await requireAccess(context, 'distribution.read');
      return neededPage(database, { ...scope, organisationId }, limit);
    },

    async issueNeeded(context: Context, scope: Scope): Promise<OrderAnswer> {
      const { organisationId } = await requireAccess(context, 'distribution.issue_keys');
      const needed = await neededKeys(database, { ...scope, organisationId }, SCREENS_MAX);
      const requests = await ordersOf(database, needed);
      if (requests.length === 0) throw conflict(finding('unneeded_keys', 'error'));
      return write(context, (work) => order(work, context, requests, () => 'bookings'));
    },

    async change(
      context: Context,
      keyIds: readonly string[],
      change: KeyChange,
    ): Promise<OrderAnswer> {
      await requireAccess(context, 'distribution.issue_keys', { kind: 'key', ids: keyIds });
      const changed = await changeRequests(database, keyIds, change);
      const reasons = new Map(changed.map((each) => [each.request, each.reason]));
      return write(context, async (work) => {
        const answer = await order(
          work,
          context,
          changed.map((each) => each.request),
          (each) => reasons.get(each)!,
        );
        const held = changed
          .filter((each) => each.reason === 'shortened')
          .reduce((sum, each) => sum + each.held, 0);
        if (held === 0) return answer;
        const warning = finding('irrevocable_keys', 'warning', { facts: { keys: held } });
        return { ...answer, findings: [...answer.findings, wireFinding(warning)] };
      });
    },

    async withdraw(context: Context, keyIds: readonly string[], reason: string) {
      const { organisationId } = await requireAccess(context, 'distribution.issue_keys', {
        kind: 'key',
        ids: keyIds,
      });
      return write(context, async (work) => {
        const done = await withdrawKeys(work.transaction, keyIds, { reason, now: now() });
        if (done.withdrawn === 0) throw conflict(finding('withdrawn_key', 'error'));
        await judgeShowsOf(work.transaction, done.screenIds);
        work.audit({
          action: 'distribution.keys_withdrawn',
          subjectKind: 'key',
          subjectId: keyIds[0]!,
          facts: { keys: done.withdrawn, held: done.held, reason },
        });
        work.changed({ kind: 'key', id: keyIds[0]!, organisationId });
        const findings =
          done.held === 0
            ? []
            : [
                finding('irrevocable_keys', 'warning', {
                  facts: { keys: done.held, until: done.until },
                }),
              ];
        return { withdrawn: done.withdrawn, held: done.held, findings: findings.map(wireFinding) };
      });
    },

    async receipts(context: Context, id: string) {
      await requireAccess(context, 'distribution.read', { kind: 'key', ids: [id] });
      return readReceipts(database, id);
    },

    async orders(
      context: Context,
      query: PageQuery & { readonly state?: OrderRecord['state'] | undefined },
    ): Promise<Page<OrderRecord>> {
      const { organisationId, userId } = await requireAccess(context, 'distribution.read');
      const after = afterInstant(query);
      const rows = await listOrders(database, { ...query, organisationId, userId, after });
      return pageOf(
        rows,
        query,
        (each) => [each.sortKey, each.row.record.id],
        (each) => each.row.record,
      );
    },

    async approve(context: Context, id: string): Promise<OrderRecord> {
      const { userId } = await requireAccess(context, 'distribution.issue_keys', {
        kind: 'key_order',
        ids: [id],
      });
      const stored = await one(database, context, id);
      if (stored.record.state !== 'proposed') throw decided(stored.record);
      if (stored.proposedBy === userId) {
        throw conflict(finding('own_proposal', 'error'));
      }
      return write(context, async (work) => {
        const { organisation } = ordererOf(context);
        const request = await readRequest(work.transaction, id);
        const film = await readPackage(work.transaction, organisation.id, request.packageId);
        checkOrder(film, request);
        await parts.custody.current(work.transaction);
        // Whoever proposed it issues; the second person's name stands in the order.
        const who = { organisation, userId: stored.proposedBy ?? userId };
        const jobId = await enqueueIssue(work, parts, who, [{ stored: film, request }]);
        const decision = { state: 'ordered' as const, userId: userId!, now: now(), jobId };
        if (!(await decideOrder(work.transaction, id, decision))) throw decided(stored.record);
        work.audit({
          action: 'distribution.keys_approved',
          subjectKind: 'key_order',
          subjectId: id,
          facts: { job: jobId, screens: request.screenIds.length },
        });
        work.changed({ kind: 'key_order', id, filmId: film.filmId });
        return (await one(work.transaction, context, id)).record;
      });
    },

    async decline(context: Context, id: string, note: string): Promise<OrderRecord> {
      const { userId } = await requireAccess(context, 'distribution.issue_keys', {
        kind: 'key_order',
        ids: [id],
      });
      const stored = await one(database, context, id);
      return write(context, async (work) => {
        const state = stored.proposedBy === userId ? 'withdrawn' : 'declined';
        const decision = { state, userId: userId!, now: now(), note } as const;
        if (!(await decideOrder(work.transaction, id, decision))) throw decided(stored.record);
        work.audit({
          action: `distribution.keys_${state}`,
          subjectKind: 'key_order',
          subjectId: id,
          facts: { note },
        });
        work.changed({ kind: 'key_order', id, filmId: stored.record.filmId });
        return (await one(work.transaction, context, id)).record;
      });
    },

    async policy(context: Context): Promise<KeyPolicy> {
      const { organisationId } = await requireAccess(context, 'distribution.read');
      return readPolicy(database, organisationId);
    },

    async setPolicy(context: Context, policy: KeyPolicy): Promise<KeyPolicy> {
      const { organisationId } = await requireAccess(context, 'organisation.administer');
      if (organisationId === '') throw notAllowed({ permission: 'organisation.administer' });
      return write(context, async (work) => {
        if (!(await writePolicy(work.transaction, organisationId, policy))) {
          throw versionConflict(await readPolicy(work.transaction, organisationId), policy);
        }
        const { alarmEmails, contact: _contact, ...facts } = policy;
        work.audit({
          action: 'distribution.key_policy_changed',
          subjectKind: 'organisation',
          subjectId: organisationId,
          facts: { ...facts, alarmEmails: alarmEmails.length },
        });
        work.changed({ kind: 'key_policy', id: organisationId });
        return readPolicy(work.transaction, organisationId);
      });
    },
  };
}

function decided(record: OrderRecord) {
  return conflict(finding('decided_order', 'error', { facts: { state: record.state } }));
}
