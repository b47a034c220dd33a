import type { MediaEngine } from '@yinglian/media';
import type { MountedGroup } from '../../kernel/http/routes.ts';
import type { AnyJob } from '../../kernel/jobs/definition.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Routine } from '../../kernel/module.ts';
import { createApprovalService, type SignForOrganisation } from './approvals.ts';
import { createCutService } from './cut.ts';
import { createGuestService } from './guests.ts';
import { createShareLinkService } from './links.ts';
import { createMarkerService } from './markers.ts';
import { clearEvents, clearPresence, tellRoom } from './room-repository.ts';
import { createRoomService } from './rooms.ts';
import { reviewRoutes } from './routes.ts';
import { createReviewService, type ReviewService } from './service.ts';
import { watermarkJob } from './watermark.ts';

export type Review = {
  readonly service: ReviewService;
  readonly routes: readonly MountedGroup[];
  readonly jobs: readonly AnyJob[];
  readonly routines: readonly Routine[];
};

const PRESENCE_MS = 20_000;
const HOUSEKEEPING_MS = 3_600_000;
/** Strokes and moves of a room, after it was closed. */
const EVENT_DAYS = 90;

/** The review room of the hall: remarks, approvals, live rooms, links and markers. */
export function openReview(kernel: Kernel, engine: MediaEngine, sign: SignForOrganisation): Review {
  const { database } = kernel;
  const rooms = createRoomService(kernel);
  const notes = createReviewService({ ...kernel, rooms });
  const job = watermarkJob({ ...kernel, engine });
  const links = createShareLinkService({ ...kernel, watermarkJob: job });
  const services = {
    notes,
    rooms,
    links,
    approvals: createApprovalService({ ...kernel, sign }),
    cuts: createCutService(kernel),
    guests: createGuestService({ ...kernel, links, rooms }),
    markers: createMarkerService({ ...kernel, engine, rooms }),
  };
  return {
    service: notes,
    routes: reviewRoutes(services),
    jobs: [job],
    routines: [
      {
        name: 'review_presence',
        everyMs: PRESENCE_MS,
        run: async () => {
          for (const room of await clearPresence(database)) {
            await tellRoom(database, room, { people: true });
          }
        },
      },
      {
        name: 'review_events',
        everyMs: HOUSEKEEPING_MS,
        run: () => clearEvents(database, EVENT_DAYS),
      },
    ],
  };
}
