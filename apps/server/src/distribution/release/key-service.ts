import { finding } from '@yinglian/core';
import type { RequireAccess } from '../../kernel/access/access.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database } from '../../kernel/database/database.ts';
import { conflict, found } from '../../kernel/refusal.ts';
import type { Write } from '../../kernel/write.ts';
import { orderKeys, type OrderParts } from '../order-keys.ts';
import { listPackages } from '../repository.ts';
import { keyOrders, missingKeys } from './needed-keys.ts';
import { planOf } from './plan.ts';
import { readRevisions } from './repository.ts';

export type ReleaseKeyParts = OrderParts & {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
};

/** Screens of one release in one order; a national release books some 91,000. */
const SCREENS_MAX = 200_000;

export type ReleaseKeyService = ReturnType<typeof createReleaseKeyService>;

/** Keys from bookings: which screens lack one, and the order that gives it to them. */
export function createReleaseKeyService(parts: ReleaseKeyParts) {
  const { database, write, requireAccess } = parts;

  async function read(id: string, organisationId: string, limit: number) {
    const last = (await readRevisions(database, id)).at(-1);
    if (last === undefined) return [];
    return missingKeys(database, { id, plan: planOf(last.plan), organisationId }, limit);
  }

  return {
    async missing(context: Context, id: string, limit: number) {
      const { organisationId } = await requireAccess(context, 'distribution.read', {
        kind: 'release',
        ids: [id],
      });
      const rows = await read(id, organisationId, SCREENS_MAX);
      return { total: rows.length, rows: rows.slice(0, limit) };
    },

    async issue(context: Context, id: string) {
      const { organisationId } = await requireAccess(context, 'distribution.issue_keys', {
        kind: 'release',
        ids: [id],
      });
      const orders = keyOrders(await read(id, organisationId, SCREENS_MAX));
      if (orders.length === 0) throw conflict(finding('unneeded_keys', 'error'));
      return write(context, async (work) => {
        const jobIds: string[] = [];
        for (const order of orders) {
          const listed = await listPackages(work.transaction, {
            organisationId,
            ids: [order.packageId],
            limit: 1,
          });
          const stored = found(listed[0]?.row, { id: order.packageId });
          jobIds.push(
            await orderKeys(work, parts, context, stored, {
              ...order,
              formulation: 'modified-transitional-1',
              forensicPicture: true,
              forensicSound: true,
            }),
          );
        }
        return { screens: orders.reduce((sum, each) => sum + each.screenIds.length, 0), jobIds };
      });
    },
  };
}
