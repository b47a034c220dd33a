import { sql } from 'kysely';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import { jsonText } from '../../kernel/write.ts';

export type BookingEvent = {
  readonly at: Date;
  readonly actor: string;
  readonly side: 'distributor' | 'cinema';
  readonly action: string;
  readonly facts: Readonly<Record<string, unknown>>;
};

/** Adds one event to each booking, with the state that the booking has now. Never changed later. */
export async function appendEvents(
  transaction: Transaction,
  bookingIds: readonly string[],
  event: BookingEvent,
): Promise<void> {
  if (bookingIds.length === 0) return;
  await sql`
    insert into distribution.booking_event
      (booking_id, ordinal, at, actor, side, action, state, facts)
    select booking.id,
      coalesce((select max(ordinal) from distribution.booking_event as earlier
        where earlier.booking_id = booking.id), 0) + 1,
      ${event.at}, ${event.actor}, ${event.side}, ${event.action}, booking.state,
      ${jsonText(event.facts)}::json
    from distribution.booking where booking.id = any(${[...bookingIds]}::uuid[])
  `.execute(transaction);
}

export type EventRecord = {
  readonly at: string;
  readonly actor: string;
  readonly side: 'distributor' | 'cinema';
  readonly action: string;
  readonly state: string;
  readonly facts: Record<string, unknown>;
};

/** What became of a booking, the first event first. */
export async function readEvents(database: Queryable, bookingId: string): Promise<EventRecord[]> {
  const result = await sql<Omit<EventRecord, 'at'> & { at: Date }>`
    select at, actor, side, action, state, facts from distribution.booking_event
    where booking_id = ${bookingId} order by ordinal`.execute(database);
  return result.rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}
