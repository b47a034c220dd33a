import { z } from 'zod';
import { localTime } from './distribution.ts';
import { endpoint } from './endpoint.ts';
import { findingList } from './problems.ts';
import {
  businessDate,
  byId,
  count,
  expectedVersion,
  fen,
  id,
  instant,
  language,
  longText,
  page,
  pageQuery,
  versioned,
} from './shapes.ts';

/** A film's run as its distributor plans it, and the bookings of cinemas under it. */

const positiveFen = fen;
const days = { from: businessDate, to: businessDate };
const minutes = z.number().int().min(0).max(10_080);

export const planSchema = z.object({
  versions: z
    .array(
      z.object({
        filmVersionId: id,
        format: z.string().min(1).max(20),
        filmCode: z.string().max(12).nullable(),
      }),
    )
    .max(40),
  territory: z.string().max(10).default('CN'),
  /** In the order of time; both days of each are included. */
  periods: z
    .array(
      z.object({
        kind: z.enum(['preview', 'run', 'extension']),
        ...days,
        /** 票房结算标准, in fen for each admission. */
        standards: z
          .array(
            z.object({
              format: z.string().max(20),
              cityClass: z.string().max(40),
              fen: positiveFen,
            }),
          )
          .max(400)
          .default([]),
      }),
    )
    .max(40),
  /** The class without cities holds every city that no other names. */
  cityClasses: z
    .array(
      z.object({
        name: z.string().min(1).max(40),
        cities: z.array(z.string().max(60)).max(1000),
      }),
    )
    .max(20)
    .default([]),
  zones: z
    .array(
      z.object({
        name: z.string().min(1).max(60),
        provinces: z.array(z.string().max(40)).max(60).default([]),
        cities: z.array(z.string().max(60)).max(1000).default([]),
        circuitIds: z.array(id).max(500).default([]),
        cinemaIds: z.array(id).max(20_000).default([]),
        ...days,
      }),
    )
    .max(200)
    .default([]),
  minimumScreenings: z
    .array(z.object({
      ...days,
      perDay: z.number(),
      /** Whether each day has to reach it, or a week or all of the days on the average. */
      counted: z.enum(['day', 'week', 'range']).optional(),
    }))
    .max(100)
    .default([]),
  /** How far keys reach beyond the booked days. */
  keyMargins: z
    .object({ beforeMinutes: minutes, afterMinutes: minutes })
    .default({ beforeMinutes: 720, afterMinutes: 360 }),
  /** What packages of the run are judged by, with severities of single rules as the house wants. */
  packageProfile: z
    .object({
      base: z.enum(['auto', 'standard', 'smpte', 'interop', 'bv21']).default('auto'),
      severities: z
        .record(
          z.string().max(60),
          z.enum(['error', 'warning', 'note', 'success', 'ignored']),
        )
        .default({}),
      /** A house profile as its file has it (YAML): limits, and severities below those above. */
      house: z.string().max(20_000).optional(),
    })
    .default({ base: 'auto', severities: {} }),
  termsId: id.nullable().default(null),
  note: longText.default(''),
});

const planChange = z.object({
  path: z.array(z.string()),
  before: z.string().nullable(),
  after: z.string().nullable(),
});

export const releaseSchema = versioned.extend({
  filmId: id,
  filmTitle: z.string(),
  distributor: z.string(),
  /** The last announced revision; 0 before the first. */
  revision: count,
  state: z.enum(['draft', 'announced', 'withdrawn']),
  /** The plan being worked on, for its distributor; others receive the announced one. */
  plan: planSchema,
  findings: findingList,
  /** What the plan changes against the announced one. */
  changes: z.array(planChange),
  bookings: z.object({
    offered: count,
    accepted: count,
    declined: count,
    confirmed: count,
    withdrawn: count,
    cancelled: count,
  }),
});

const revisionSchema = z.object({
  revision: z.number().int().positive(),
  announcedAt: instant,
  announcedBy: z.string(),
  plan: planSchema,
  changes: z.array(planChange),
});

export const releases = {
  list: endpoint({
    method: 'GET',
    path: '/api/distribution/releases',
    permission: 'distribution.read',
    summary: { zh: '发行计划', en: 'Releases' },
    query: pageQuery.extend({ filmId: id.optional() }),
    result: page(releaseSchema),
  }),
  get: endpoint({
    method: 'GET',
    path: '/api/distribution/releases/:id',
    permission: 'distribution.read',
    summary: { zh: '发行计划详情', en: 'One release' },
    params: byId,
    result: releaseSchema,
    errors: ['not_found'],
  }),
  create: endpoint({
    method: 'POST',
    path: '/api/distribution/releases',
    permission: 'distribution.release',
    creates: true,
    summary: { zh: '新建发行计划', en: 'Plan a release' },
    body: z.object({ filmId: id, plan: planSchema }),
    result: releaseSchema,
    errors: ['not_found', 'invalid'],
  }),
  update: endpoint({
    method: 'PUT',
    path: '/api/distribution/releases/:id',
    permission: 'distribution.release',
    summary: { zh: '修改发行计划', en: 'Change the plan' },
    params: byId,
    body: z.object({ plan: planSchema }).extend(expectedVersion.shape),
    result: releaseSchema,
    errors: ['not_found', 'conflict', 'invalid'],
  }),
  announce: endpoint({
    method: 'POST',
    path: '/api/distribution/releases/:id/announcement',
    permission: 'distribution.release',
    summary: { zh: '发布发行通知', en: 'Announce the plan as the next revision' },
    params: byId,
    body: expectedVersion,
    result: releaseSchema,
    errors: ['not_found', 'conflict', 'invalid'],
  }),
  withdraw: endpoint({
    method: 'POST',
    path: '/api/distribution/releases/:id/withdrawal',
    permission: 'distribution.release',
    summary: { zh: '撤回发行', en: 'Withdraw the release; open bookings end with it' },
    params: byId,
    body: expectedVersion,
    result: releaseSchema,
    errors: ['not_found', 'conflict'],
  }),
  revisions: endpoint({
    method: 'GET',
    path: '/api/distribution/releases/:id/revisions',
    permission: 'distribution.read',
    summary: { zh: '发行通知各版与差异', en: 'All revisions with what each changed' },
    params: byId,
    result: z.object({ rows: z.array(revisionSchema) }),
    errors: ['not_found'],
  }),
  notice: endpoint({
    method: 'GET',
    path: '/api/distribution/releases/:id/notice',
    permission: 'distribution.read',
    summary: { zh: '发行通知（可打印）', en: 'The distribution notice as a page to print' },
    params: byId,
    query: z.object({
      language: language.default('zh-CN'),
      revision: z.coerce.number().int().positive().optional(),
    }),
    bytesOut: 'text/html',
    errors: ['not_found'],
  }),
  /** Which screens of confirmed bookings lack a key for their days. */
  missingKeys: endpoint({
    method: 'GET',
    path: '/api/distribution/releases/:id/missing-keys',
    permission: 'distribution.read',
    summary: { zh: '缺少密钥的影厅', en: 'Booked screens that lack a key' },
    params: byId,
    query: z.object({ limit: z.coerce.number().int().min(1).max(2000).default(500) }),
    result: z.object({
      total: count,
      rows: z.array(
        z.object({
          bookingId: id,
          packageId: id.nullable(),
          screenId: id,
          cinemaName: z.string(),
          screenName: z.string(),
          opens: localTime,
          closes: localTime,
          reason: z.enum([
            'missing_package',
            'missing_certificate',
            'missing_key',
            'replaced_device',
            'short_window',
          ]),
        }),
      ),
    }),
    errors: ['not_found'],
  }),
  issueKeys: endpoint({
    method: 'POST',
    path: '/api/distribution/releases/:id/keys',
    permission: 'distribution.issue_keys',
    creates: true,
    summary: { zh: '按订片签发缺少的密钥', en: 'Issue the keys that bookings lack' },
    params: byId,
    body: z.object({}),
    /** Proposals wait for a second person. */
    result: z.object({ screens: count, jobIds: z.array(id), proposals: z.array(id) }),
    errors: ['not_found', 'conflict'],
  }),
};

export const BOOKING_STATES = [
  'offered',
  'accepted',
  'declined',
  'confirmed',
  'withdrawn',
  'cancelled',
] as const;
const distributorActions = z.enum(['confirm', 'withdraw', 'cancel', 'hold_over', 'move']);
const cinemaActions = z.enum(['accept', 'decline', 'cancel', 'move']);
export const bookingAction = z.enum([
  'accept',
  'decline',
  'confirm',
  'withdraw',
  'cancel',
  'hold_over',
  'move',
]);

export const bookingSchema = versioned.extend({
  releaseId: id,
  filmId: id,
  filmTitle: z.string(),
  filmVersionId: id,
  format: z.string(),
  cinemaId: id,
  cinemaName: z.string(),
  circuitName: z.string().nullable(),
  city: z.string().nullable(),
  screens: z.array(z.object({ id, name: z.string() })),
  ...days,
  state: z.enum(BOOKING_STATES),
  note: z.string(),
  conflicts: findingList,
  /** What the caller may do to it now. */
  actions: z.array(bookingAction),
});

const screeningSpan = z.object({
  ...days,
  promised: count,
  planned: count.nullable(),
  played: count.nullable(),
  state: z.enum(['kept', 'planned', 'short', 'planned_short', 'unknown']),
});

/** How a cinema keeps the screenings that a release's notice asks for. */
export const screeningsSchema = screeningSpan.extend({
  releaseId: id,
  filmId: id,
  filmTitle: z.string(),
  cinemaId: id,
  cinemaName: z.string(),
  circuitName: z.string().nullable(),
  city: z.string().nullable(),
  /** How many are missing by the logs, or by the programme where there are none. */
  missing: count,
  findings: findingList,
  /** Days, or weeks, that are short: the first forty. */
  short: z.array(screeningSpan),
});

const actionFields = {
  bookingIds: z.array(id).min(1).max(20_000),
  /** The new last day, for `hold_over`. */
  to: businessDate.optional(),
  /** The new screens of one booking, for `move`. */
  screenIds: z.array(id).min(1).max(60).optional(),
  note: z.string().max(1000).optional(),
};
const actionResult = z.object({
  changed: count,
  /** Bookings that stayed as they were, each with its reason. */
  refused: z.array(z.object({ bookingId: id, findings: findingList })),
});

export const bookings = {
  list: endpoint({
    method: 'GET',
    path: '/api/distribution/bookings',
    permission: 'distribution.read',
    summary: { zh: '订片', en: 'Bookings' },
    query: pageQuery.extend({
      releaseId: id.optional(),
      cinemaId: id.optional(),
      filmId: id.optional(),
      state: z.enum(BOOKING_STATES).optional(),
      from: businessDate.optional(),
      to: businessDate.optional(),
    }),
    result: page(bookingSchema),
  }),
  /** Confirmed bookings whose notice asks for a number of screenings, cinema by cinema. */
  screenings: endpoint({
    method: 'GET',
    path: '/api/distribution/screenings',
    permission: 'distribution.read',
    summary: { zh: '最低场次的履行', en: 'How minimum screenings are kept' },
    query: pageQuery.extend({
      releaseId: id.optional(),
      cinemaId: id.optional(),
      filmId: id.optional(),
      only: z.enum(['short']).optional(),
    }),
    result: page(screeningsSchema),
  }),
  offer: endpoint({
    method: 'POST',
    path: '/api/distribution/bookings',
    permission: 'distribution.release',
    creates: true,
    summary: { zh: '向影院或院线发出订片', en: 'Offer a film to cinemas or circuits' },
    body: z.object({
      releaseId: id,
      filmVersionId: id,
      cinemaIds: z.array(id).max(20_000).default([]),
      circuitIds: z.array(id).max(500).default([]),
      from: businessDate.optional(),
      to: businessDate.optional(),
      note: z.string().max(1000).default(''),
    }),
    result: z.object({
      offered: count,
      skipped: z.array(
        z.object({
          cinemaId: id,
          findings: findingList,
        }),
      ),
    }),
    errors: ['not_found', 'invalid', 'conflict'],
  }),
  decide: endpoint({
    method: 'POST',
    path: '/api/distribution/bookings/decisions',
    permission: 'distribution.release',
    summary: {
      zh: '确认、撤回、取消、延映、调厅（发行方）',
      en: 'Confirm, withdraw, cancel, hold over or move, as the distributor',
    },
    body: z.object({ action: distributorActions, ...actionFields }),
    result: actionResult,
    errors: ['not_found', 'invalid'],
  }),
  answer: endpoint({
    method: 'POST',
    path: '/api/distribution/bookings/answers',
    permission: 'exhibition.book',
    summary: {
      zh: '接受、谢绝、取消、调厅（影院）',
      en: 'Accept, decline, cancel or move, as the cinema',
    },
    body: z.object({ action: cinemaActions, ...actionFields }),
    result: actionResult,
    errors: ['not_found', 'invalid'],
  }),
  history: endpoint({
    method: 'GET',
    path: '/api/distribution/bookings/:id/history',
    permission: 'distribution.read',
    summary: { zh: '订片经过', en: 'What became of a booking' },
    params: byId,
    result: z.object({
      rows: z.array(
        z.object({
          at: instant,
          actor: z.string(),
          side: z.enum(['distributor', 'cinema']),
          action: z.string(),
          state: z.enum(BOOKING_STATES),
          facts: z.record(z.string(), z.unknown()),
        }),
      ),
    }),
    errors: ['not_found'],
  }),
};

const light = z.enum(['green', 'amber', 'red']);
export const showSchema = z.object({
  id,
  cinemaId: id,
  cinemaName: z.string(),
  screenId: id,
  screenName: z.string(),
  filmId: id.nullable(),
  filmTitle: z.string(),
  startsAt: instant,
  endsAt: instant,
  /** The cinema's own clock, `YYYY-MM-DDTHH:MM`. */
  localStart: localTime,
  package: light,
  key: light,
  window: light,
  worst: light,
  findings: findingList,
  helpAskedAt: instant.nullable(),
  /** Of a cinema that the asker acts for, who may call for help; others are its distributor's. */
  mine: z.boolean(),
  /** What the distributor's desk said to the last call. */
  helpAnswer: z.string().nullable(),
});

export const shows = {
  /** The Thursday-night board: red first, then what starts sooner. */
  board: endpoint({
    method: 'GET',
    path: '/api/distribution/board',
    permission: 'distribution.read',
    summary: { zh: '开映看板：未来七十二小时', en: 'The board of the next 72 hours' },
    query: z.object({
      hours: z.coerce.number().int().min(1).max(336).default(72),
      cinemaId: id.optional(),
      filmId: id.optional(),
      worst: light.optional(),
      /** A sheet holds more than a page does: red ones come first. */
      limit: z.coerce.number().int().min(1).max(10_000).default(100),
    }),
    result: z.object({
      from: instant,
      until: instant,
      red: count,
      amber: count,
      green: count,
      rows: z.array(showSchema),
    }),
  }),
  /** Takes a cinema's programme: what is sent replaces its shows from the first day to the last. */
  programme: endpoint({
    method: 'PUT',
    path: '/api/distribution/programmes/:id',
    permission: 'exhibition.report',
    summary: { zh: '上报排片', en: 'Send the programme of a cinema' },
    params: byId,
    body: z.object({
      ...days,
      shows: z
        .array(
          z.object({
            screen: z.string().min(1).max(60),
            filmCode: z.string().max(12).optional(),
            title: z.string().max(200).default(''),
            start: localTime,
            minutes: z.number().int().min(1).max(1440),
          }),
        )
        .max(20_000),
    }),
    result: z.object({ taken: count, findings: findingList }),
    errors: ['not_found', 'invalid'],
  }),
  help: endpoint({
    method: 'POST',
    path: '/api/distribution/shows/:id/help',
    permission: 'exhibition.report',
    summary: { zh: '一键求助', en: 'Ask the distributor for help with a show' },
    params: byId,
    body: z.object({ note: z.string().trim().max(500).optional() }),
    errors: ['not_found'],
  }),
};
