import { sql } from 'kysely';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import { notify } from '../../kernel/events/hub.ts';
import type { ChangeListener, Work } from '../../kernel/write.ts';
import { judgeShowsOf } from '../board/repository.ts';
import { withdrawKeys } from '../key-repository.ts';
import { type KeyOrder, orderKeys, type OrderParts } from '../order-keys.ts';
import type { KeyRequest } from './request.ts';
import { keyOrders, type NeededKey, neededKeys } from '../release/needed-keys.ts';
import { readPackage } from '../repository.ts';
import { insertOrder, type OrderReason, proposedScreens } from './order-repository.ts';
import { readPolicy } from './policy.ts';

/** Keys follow what they are for: a booking that moves or lasts longer, a device that changes. */

/** A national release of 91,000 screens in several versions is held over in one action. */
const SCREENS_MAX = 500_000;

/** Issuing by itself uses what every device takes. */
const USUAL: Pick<KeyRequest, 'formulation' | 'forensicPicture' | 'forensicSound'> = {
  formulation: 'modified-transitional-1',
  forensicPicture: true,
  forensicSound: true,
};

/** The orders of needed keys, without screens that an open proposal covers. */
export async function ordersOf(
  database: Queryable,
  needed: readonly NeededKey[],
): Promise<KeyRequest[]> {
  const orders: KeyRequest[] = [];
  for (const order of keyOrders(needed)) {
    const waiting = await proposedScreens(database, order.packageId, order);
    const screenIds = order.screenIds.filter((id) => !waiting.has(id));
    if (screenIds.length > 0) orders.push({ ...order, ...USUAL, screenIds });
  }
  return orders;
}

export type ChangedBooking = {
  readonly id: string;
  /** The screens that it had before. */
  readonly screenIds: readonly string[];
};

/**
 * After bookings changed: orders what their screens need now, or proposes it, as the distributor's
 * house wants it, and withholds the keys of screens that they left.
 */
export async function followBookings(
  work: Work,
  parts: OrderParts,
  bookings: readonly ChangedBooking[],
  reason: Extract<OrderReason, 'moved' | 'held_over'> | 'cancelled',
): Promise<void> {
  const { transaction } = work;
  const ids = bookings.map((each) => each.id);
  const houses = await sql<{ id: string; name: string }>`
    select distinct organisation.id, organisation.name from distribution.booking
    join kernel.organisation on organisation.id = booking.organisation_id
    where booking.id = any(${ids}::uuid[])`.execute(transaction);
  for (const organisation of houses.rows) {
    const { follow } = await readPolicy(transaction, organisation.id);
    if (follow === 'leave') continue;
    await withholdLeft(work, parts, { organisation, bookings, reason });
    if (reason === 'cancelled') continue;
    const scope = { organisationId: organisation.id, bookingIds: ids };
    const needed = await neededKeys(transaction, scope, SCREENS_MAX);
    // A sealed custody must not keep a cinema from moving its show.
    const sealed = await parts.custody.current(transaction).then(
      () => false,
      () => true,
    );
    const propose = follow === 'propose' || sealed;
    const orders: KeyOrder[] = [];
    for (const request of await ordersOf(transaction, needed)) {
      const stored = await readPackage(transaction, organisation.id, request.packageId);
      orders.push({ stored, request, reason, propose });
    }
    await orderKeys(work, parts, { organisation, userId: null }, orders);
  }
}

async function withholdLeft(
  work: Work,
  parts: Pick<OrderParts, 'now'>,
  change: {
    readonly organisation: { readonly id: string };
    readonly bookings: readonly ChangedBooking[];
    readonly reason: string;
  },
): Promise<void> {
  const { organisation, bookings, reason } = change;
  const result = await sql<{ id: string }>`
    select key.id from distribution.booking
    join distribution.package on package.film_version_id = booking.film_version_id
    join distribution.key on key.package_id = package.id
    where booking.id = any(${bookings.map((each) => each.id)}::uuid[])
      and booking.organisation_id = ${organisation.id} and key.organisation_id = ${organisation.id}
      and key.screen_id = any(${bookings.flatMap((each) => [...each.screenIds])}::uuid[])
      and key.withdrawn_at is null and key.superseded_at is null and key.not_after > now()
      and not exists (
        select 1 from distribution.booking as other
        where other.film_version_id = booking.film_version_id and other.state = 'confirmed'
          and key.screen_id = any(other.screen_ids)
          and other.last_day >= (now() - interval '1 day')::date)`.execute(work.transaction);
  if (result.rows.length === 0) return;
  const done = await withdrawKeys(
    work.transaction,
    result.rows.map((row) => row.id),
    { reason, now: parts.now() },
  );
  await judgeShowsOf(work.transaction, done.screenIds);
  work.audit({
    action: 'distribution.keys_withdrawn',
    subjectKind: 'organisation',
    subjectId: organisation.id,
    organisationId: organisation.id,
    facts: { keys: done.withdrawn, held: done.held, reason },
  });
}

/** A certificate that is replaced while a film runs: keys for the new one are proposed at once. */
export function proposeOnChange(parts: { readonly newId: () => string }): ChangeListener {
  return async (transaction, changes) => {
    const of = (kind: string) =>
      changes.filter((each) => each.kind === kind).map((each) => each.id);
    const [screens, cinemas] = [of('screen'), of('cinema')];
    if (screens.length + cinemas.length === 0) return;
    for (const { organisationId, screenIds } of await replacedDevices(
      transaction,
      screens,
      cinemas,
    )) {
      const needed = (
        await neededKeys(transaction, { organisationId, screenIds }, SCREENS_MAX)
      ).filter((each) => each.reason === 'replaced_device');
      for (const request of await ordersOf(transaction, needed)) {
        const id = parts.newId();
        const { filmId } = await readPackage(transaction, organisationId, request.packageId);
        await insertOrder(transaction, {
          id,
          organisationId,
          filmId,
          packageId: request.packageId,
          request,
          reason: 'replaced_device',
          state: 'proposed',
          findings: [],
          userId: null,
        });
        await notify(transaction, {
          type: 'changed',
          kind: 'key_order',
          id,
          filmId,
          organisationId,
        });
      }
    }
  };
}

/** Booked screens whose keys are for a former device, by the distributors that issued them. */
async function replacedDevices(
  transaction: Transaction,
  screenIds: readonly string[],
  cinemaIds: readonly string[],
): Promise<{ organisationId: string; screenIds: string[] }[]> {
  const result = await sql<{ organisation_id: string; screen_ids: string[] }>`
    select key.organisation_id, array_agg(distinct key.screen_id) as screen_ids
    from distribution.key
    join exhibition.screen on screen.id = key.screen_id
    join exhibition.device on device.screen_id = screen.id and device.removed_at is null
      and device.kind = 'media_block'
    where (screen.id = any(${[...screenIds]}::uuid[])
        or screen.cinema_id = any(${[...cinemaIds]}::uuid[]))
      and key.withdrawn_at is null and key.superseded_at is null and key.not_after > now()
      and device.thumbprint <> key.device_thumbprint
    group by key.organisation_id`.execute(transaction);
  return result.rows.map((row) => ({
    organisationId: row.organisation_id,
    screenIds: row.screen_ids,
  }));
}
