import { accepted, finding, type Finding, type Outcome, refused } from '@yinglian/core';
import { datesFor } from './dates.ts';
import type { DateRange, PlanCinema, ReleasePlan } from './model.ts';

/** Where a booking stands between a distributor and a cinema. */
export const BOOKING_STATES = [
  'offered',
  'accepted',
  'declined',
  'confirmed',
  'withdrawn',
  'cancelled',
] as const;
/** One of {@link BOOKING_STATES}. */
export type BookingState = (typeof BOOKING_STATES)[number];

/** Who acts: whoever releases the film, or whoever runs the cinema (itself or its circuit). */
export type BookingSide = 'distributor' | 'cinema';

/** What can be done to a booking that stands. */
export const BOOKING_ACTIONS = [
  'accept',
  'decline',
  'confirm',
  'withdraw',
  'cancel',
  'hold_over',
  'move',
] as const;
/** One of {@link BOOKING_ACTIONS}. */
export type BookingAction = (typeof BOOKING_ACTIONS)[number];

type Transition = {
  readonly from: readonly BookingState[];
  readonly by: readonly BookingSide[];
  /** The state that follows; undefined where it stays. */
  readonly to?: BookingState;
};

/** The whole of what may happen, as data: a page can show it and a test can walk it. */
export const BOOKING_TRANSITIONS: Readonly<Record<BookingAction, Transition>> = {
  accept: { from: ['offered'], by: ['cinema'], to: 'accepted' },
  decline: { from: ['offered'], by: ['cinema'], to: 'declined' },
  confirm: { from: ['accepted'], by: ['distributor'], to: 'confirmed' },
  withdraw: { from: ['offered', 'accepted'], by: ['distributor'], to: 'withdrawn' },
  cancel: { from: ['confirmed'], by: ['distributor', 'cinema'], to: 'cancelled' },
  // Later days bind both: the cinema accepted the run, and the distributor decides its length.
  hold_over: { from: ['confirmed'], by: ['distributor'] },
  // The cinema knows which of its screens is free an hour before the show.
  move: { from: ['accepted', 'confirmed'], by: ['cinema', 'distributor'] },
};

/** The state after an action; refused where the state or the side does not allow it. */
export function nextBookingState(
  state: BookingState,
  action: BookingAction,
  side: BookingSide,
): Outcome<BookingState> {
  const { from, by, to } = BOOKING_TRANSITIONS[action];
  const facts = { state, action, side };
  if (!from.includes(state)) return refused(finding('unexpected_action', 'error', { facts }));
  if (!by.includes(side)) return refused(finding('foreign_action', 'error', { facts }));
  return accepted(to ?? state);
}

/** The actions that a side has in a state, in the order of the table. */
export function bookingActions(state: BookingState, side: BookingSide): BookingAction[] {
  return BOOKING_ACTIONS.filter((action) => nextBookingState(state, action, side).ok);
}

/** What a booking meets in a cinema's screens. */
export type BookingFacts = {
  readonly cinema: PlanCinema;
  readonly days: DateRange;
  /** The format of the booked version. */
  readonly format: string;
  readonly screens: readonly BookingScreen[];
  /** Whether a package of this version is there that passed. */
  readonly package: 'ready' | 'unchecked' | 'missing';
  readonly encrypted: boolean;
};

/** A booked screen as the register knows it. */
export type BookingScreen = {
  readonly name: string;
  readonly formats: readonly string[];
  /** The last day of the media block's certificate on the cinema's calendar; null: none. */
  readonly certificateUntil: string | null;
};

/** Every screen shows flat pictures. */
const EVERY_SCREEN = '2D';

/** Whether a screen can show a format; one that lists no format is not known to lack any. */
export function screenShows(formats: readonly string[], format: string): boolean {
  return format === EVERY_SCREEN || formats.length === 0 || formats.includes(format);
}

/** What stands in the way of a booking; errors prevent its confirmation. */
export function bookingConflicts(plan: ReleasePlan, facts: BookingFacts): Finding[] {
  const { days, format, screens } = facts;
  const findings: Finding[] = [];
  const allowed = datesFor(plan, facts.cinema);
  const previews = plan.periods.filter((each) => each.kind === 'preview');
  const open = allowed === undefined ? previews : [allowed, ...previews];
  if (!open.some((each) => each.from <= days.from && days.to <= each.to)) {
    findings.push(
      finding('foreign_booking_dates', 'error', {
        facts: {
          from: days.from,
          to: days.to,
          opens: allowed?.from ?? null,
          closes: allowed?.to ?? null,
        },
      }),
    );
  }
  if (screens.length === 0) findings.push(finding('missing_booked_screen', 'error'));
  for (const screen of screens) {
    const at = { screen: screen.name };
    if (!screenShows(screen.formats, format))
      findings.push(finding('missing_screen_format', 'error', { facts: { format }, at }));
    if (!facts.encrypted) continue;
    if (screen.certificateUntil === null) {
      findings.push(finding('missing_screen_certificate', 'error', { at }));
    } else if (screen.certificateUntil < days.to) {
      const expiry = { until: screen.certificateUntil };
      findings.push(finding('expired_screen_certificate', 'error', { facts: expiry, at }));
    }
  }
  if (facts.package !== 'ready') {
    const code = facts.package === 'missing' ? 'missing_release_package' : 'unchecked_package';
    // A booking may stand before its package: weeks lie between them.
    findings.push(finding(code, 'warning', { facts: { format } }));
  }
  return findings;
}
