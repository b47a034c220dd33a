import { contract } from '@yinglian/contract';
import { mountGroup, type MountedGroup } from '../../kernel/http/routes.ts';
import type { BoardService } from '../board/service.ts';
import type { ScreeningsService } from '../booking/screenings.ts';
import type { BookingService } from '../booking/service.ts';
import type { ReleaseKeyService } from './key-service.ts';
import type { ReleaseService } from './service.ts';

export type ProgrammingServices = {
  readonly releases: ReleaseService;
  readonly releaseKeys: ReleaseKeyService;
  readonly bookings: BookingService;
  readonly screenings: ScreeningsService;
  readonly board: BoardService;
};

/** Releases, bookings and the board of shows. */
export function programmingRoutes(services: ProgrammingServices): MountedGroup[] {
  const { releases, releaseKeys, bookings, screenings, board } = services;
  return [
    mountGroup('releases', contract.releases, {
      list: ({ query }, context) => releases.list(context, query),
      get: ({ params }, context) => releases.get(context, params.id),
      create: ({ body }, context) => releases.create(context, body),
      update: ({ params, body }, context) => releases.update(context, params.id, body),
      announce: ({ params, body }, context) => releases.announce(context, params.id, body.version),
      withdraw: ({ params, body }, context) => releases.withdraw(context, params.id, body.version),
      revisions: async ({ params }, context) => ({
        rows: await releases.revisions(context, params.id),
      }),
      notice: ({ params, query }, context) => releases.notice(context, params.id, query),
      missingKeys: ({ params, query }, context) =>
        releaseKeys.missing(context, params.id, query.limit),
      issueKeys: ({ params }, context) => releaseKeys.issue(context, params.id),
    }),
    mountGroup('bookings', contract.bookings, {
      list: ({ query }, context) => bookings.list(context, query),
      screenings: ({ query }, context) => screenings.screenings(context, query),
      offer: ({ body }, context) => bookings.offer(context, body),
      decide: ({ body }, context) => bookings.decide(context, body),
      answer: ({ body }, context) => bookings.answer(context, body),
      history: async ({ params }, context) => ({
        rows: (await bookings.history(context, params.id)) as never,
      }),
    }),
    mountGroup('shows', contract.shows, {
      board: ({ query }, context) => board.board(context, query),
      programme: ({ params, body }, context) => board.takeProgramme(context, params.id, body),
      help: ({ params, body }, context) => board.askHelp(context, params.id, body.note),
    }),
  ];
}
