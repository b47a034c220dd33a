import {
  accepted,
  finding,
  type Finding,
  hasErrors,
  isIsoDate,
  type Outcome,
  refused,
} from '@yinglian/core';
import {
  type BookingAction,
  bookingConflicts,
  datesFor,
  nextBookingState,
  screenShows,
} from '@yinglian/release';
import type { RequireAccess } from '../../kernel/access/access.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database, Transaction } from '../../kernel/database/database.ts';
import { wireFinding } from '../../kernel/http/problems.ts';
import { afterInstant, type Page, pageOf, type PageQuery } from '../../kernel/pages.ts';
import { found, invalid } from '../../kernel/refusal.ts';
import type { Work, Write } from '../../kernel/write.ts';
import type { ChangedBooking } from '../keys/follow.ts';
import { appendEvents, readEvents } from './events.ts';
import { announcedPlan, conflictsOf, readSurroundings, type Surroundings } from './judge.ts';
import {
  type BookingChange,
  type BookingListing,
  type BookingRecord,
  insertOffers,
  listBookings,
  type NewBooking,
  packageStateOf,
  readOfferCinemas,
  type StoredBooking,
  updateBookings,
} from './repository.ts';

export type BookingParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly newId: () => string;
  readonly now: () => Date;
  /** Judges the shows of screens again after what they need has changed. */
  readonly judgeShows: (transaction: Transaction, screenIds: readonly string[]) => Promise<void>;
  /** Keys follow a booking that moves, lasts longer or ends. */
  readonly follow: (
    work: Work,
    bookings: readonly ChangedBooking[],
    reason: 'moved' | 'held_over' | 'cancelled',
  ) => Promise<void>;
};

export type OfferRequest = {
  readonly releaseId: string;
  readonly filmVersionId: string;
  readonly cinemaIds: readonly string[];
  readonly circuitIds: readonly string[];
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly note: string;
};
export type ActRequest = {
  readonly action: BookingAction;
  readonly bookingIds: readonly string[];
  readonly to?: string | undefined;
  readonly screenIds?: readonly string[] | undefined;
  readonly note?: string | undefined;
};
type BookingQuery = PageQuery & Omit<BookingListing, 'organisationId' | 'ids' | 'after' | 'limit'>;
type Refused = { bookingId: string; findings: ReturnType<typeof wireFinding>[] };

export type BookingService = ReturnType<typeof createBookingService>;

/** Bookings go between a distributor and a cinema, one by one or a circuit at a time. */
export function createBookingService(parts: BookingParts) {
  const { database, write, requireAccess, newId, now } = parts;

  return {
    async list(context: Context, query: BookingQuery): Promise<Page<BookingRecord>> {
      const { organisationId } = await requireAccess(context, 'distribution.read');
      const after = afterInstant(query);
      const rows = await listBookings(database, { ...query, organisationId, after });
      return pageOf(
        rows,
        query,
        (each) => [each.sortKey, each.record.id],
        (each) => each.record,
      );
    },

    async history(context: Context, id: string) {
      await requireAccess(context, 'distribution.read', { kind: 'booking', ids: [id] });
      return readEvents(database, id);
    },

    async offer(context: Context, request: OfferRequest) {
      const { organisationId } = await requireAccess(context, 'distribution.release', {
        kind: 'release',
        ids: [request.releaseId],
      });
      const release = await announcedPlan(database, request.releaseId);
      const version = release.plan.versions.find(
        (each) => each.filmVersionId === request.filmVersionId,
      );
      if (version === undefined) {
        throw invalid(
          finding('foreign_version', 'error', {
            facts: { version: request.filmVersionId },
          }),
        );
      }
      const cinemas = await readOfferCinemas(database, request);
      const known = await packageStateOf(database, request.filmVersionId);
      const skipped: { cinemaId: string; findings: ReturnType<typeof wireFinding>[] }[] = [];
      const offers: NewBooking[] = [];
      for (const cinema of cinemas) {
        const allowed = datesFor(release.plan, cinema)!;
        const days = { from: request.from ?? allowed.from, to: request.to ?? allowed.to };
        const facts = { ...known, cinema, days, format: version.format, screens: cinema.screens };
        const conflicts = bookingConflicts(release.plan, facts);
        const wrong = conflicts.filter((each) => each.code === 'foreign_booking_dates');
        if (wrong.length > 0) {
          skipped.push({ cinemaId: cinema.id, findings: wrong.map(wireFinding) });
          continue;
        }
        offers.push({
          id: newId(),
          cinemaId: cinema.id,
          conflicts,
          ...days,
          screenIds: cinema.screens
            .filter((each) => screenShows(each.formats, version.format))
            .map((each) => each.id),
        });
      }
      const fields = {
        releaseId: request.releaseId,
        organisationId,
        filmId: release.filmId,
        filmVersionId: request.filmVersionId,
        format: version.format,
        note: request.note,
      };
      return write(context, async (work) => {
        const put = new Set(await insertOffers(work.transaction, fields, offers));
        await appendEvents(work.transaction, [...put], {
          at: now(),
          actor: context.user?.name ?? '',
          side: 'distributor',
          action: 'offer',
          facts: request.note === '' ? {} : { note: request.note },
        });
        for (const offer of offers.filter((each) => !put.has(each.id))) {
          const twice = wireFinding(finding('doubled_booking', 'note'));
          skipped.push({ cinemaId: offer.cinemaId, findings: [twice] });
        }
        work.audit({
          action: 'distribution.film_offered',
          subjectKind: 'release',
          subjectId: request.releaseId,
          facts: { cinemas: put.size },
        });
        work.changed({ kind: 'booking', id: request.releaseId, filmId: release.filmId });
        return { offered: put.size, skipped };
      });
    },

    decide: (context: Context, request: ActRequest) => act(context, request, 'distributor'),
    answer: (context: Context, request: ActRequest) => act(context, request, 'cinema'),
  };

  async function act(context: Context, request: ActRequest, side: 'distributor' | 'cinema') {
    const permission = side === 'distributor' ? 'distribution.release' : 'exhibition.book';
    const { organisationId } = await requireAccess(context, permission, {
      kind: 'booking',
      ids: request.bookingIds,
    });
    checkFields(request);
    const refusedOnes: Refused[] = [];
    return write(context, async (work) => {
      const stored = await listBookings(work.transaction, {
        organisationId,
        ids: request.bookingIds,
        limit: request.bookingIds.length,
      });
      const changes: BookingChange[] = [];
      const known = await readSurroundings(
        work.transaction,
        stored.map((each) => each.record),
      );
      for (const booking of stored) {
        const next = nextOf(booking, request, side, known);
        if (next.ok) changes.push(next.value);
        else refusedOnes.push(refusedOf(booking.record.id, next.findings));
      }
      const changed = await updateBookings(work.transaction, changes, now());
      for (const { id } of changes.filter((each) => !changed.has(each.id))) {
        refusedOnes.push(refusedOf(id, [finding('mismatched_version', 'error')]));
      }
      const { note, to, screenIds } = request;
      await appendEvents(work.transaction, [...changed], {
        at: now(),
        actor: context.user?.name ?? '',
        side,
        action: request.action,
        facts: Object.fromEntries(
          Object.entries({ note, to, screenIds }).filter(([, value]) => value !== undefined),
        ),
      });
      const touched = stored.filter((each) => changed.has(each.record.id));
      const reason = FOLLOWED[request.action];
      if (reason !== undefined && touched.length > 0) {
        await parts.follow(
          work,
          touched.map(({ record }) => ({
            id: record.id,
            screenIds: record.screens.map((screen) => screen.id),
          })),
          reason,
        );
      }
      await parts.judgeShows(work.transaction, [
        ...touched.flatMap((each) => each.record.screens.map((screen) => screen.id)),
        ...(request.screenIds ?? []),
      ]);
      for (const { record } of touched.slice(0, SIGNALS_MAX)) {
        work.changed({ kind: 'booking', id: record.id, filmId: record.filmId });
      }
      work.audit({
        action: `distribution.booking_${request.action}`,
        subjectKind: 'booking',
        subjectId: request.bookingIds[0]!,
        facts: { bookings: changed.size, side },
      });
      return { changed: changed.size, refused: refusedOnes };
    });
  }
}

/** What a change of a booking means to its keys. */
const FOLLOWED: Partial<Record<BookingAction, 'moved' | 'held_over' | 'cancelled'>> = {
  move: 'moved',
  hold_over: 'held_over',
  cancel: 'cancelled',
};

const refusedOf = (bookingId: string, findings: readonly Finding[]): Refused => ({
  bookingId,
  findings: findings.map(wireFinding),
});

/** Live signals for a bulk action; a list that changed in a thousand places is read anew anyway. */
const SIGNALS_MAX = 50;

function checkFields(request: ActRequest): void {
  const needsDay = request.action === 'hold_over';
  if (needsDay && (request.to === undefined || !isIsoDate(request.to))) {
    throw invalid(finding('missing_last_day', 'error', { at: { field: 'to' } }));
  }
  if (request.action !== 'move') return;
  if (request.screenIds === undefined || request.bookingIds.length !== 1) {
    throw invalid(finding('missing_move_target', 'error', { at: { field: 'screenIds' } }));
  }
}

/** The change of one booking, or why there is none. */
function nextOf(
  { record }: StoredBooking,
  request: ActRequest,
  side: 'distributor' | 'cinema',
  known: Surroundings,
): Outcome<BookingChange> {
  const next = nextBookingState(record.state, request.action, side);
  if (!next.ok) return next;
  const cinema = found(known.cinemas.get(record.cinemaId), { id: record.cinemaId });
  const wanted = request.screenIds ?? record.screens.map((each) => each.id);
  const foreign = wanted.find((id) => !cinema.screens.some((each) => each.id === id));
  if (foreign !== undefined) {
    return refused(finding('foreign_screen', 'error', { facts: { screen: foreign } }));
  }
  const to = request.action === 'hold_over' ? (request.to ?? record.to) : record.to;
  if (to < record.from) {
    return refused(finding('reversed_dates', 'error', { facts: { from: record.from, to } }));
  }
  const conflicts = conflictsOf(known, { ...record, to, screenIds: wanted });
  const binding = ['confirm', 'hold_over', 'move'].includes(request.action);
  if (binding && hasErrors(conflicts)) {
    return refused(...conflicts.filter((each) => each.severity === 'error'));
  }
  return accepted({
    id: record.id,
    version: record.version,
    state: next.value,
    conflicts,
    to: request.action === 'hold_over' ? to : undefined,
    screenIds: request.action === 'move' ? wanted : undefined,
  });
}
