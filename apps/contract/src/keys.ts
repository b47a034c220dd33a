import { z } from 'zod';
import { localTime } from './distribution.ts';
import { endpoint } from './endpoint.ts';
import { findingList } from './problems.ts';
import { byId, count, id, instant, language, page, pageQuery } from './shapes.ts';

/** Keys after their first issue: what lacks one, who agrees, how they travel, and arrive. */

const KEYS_MAX = 20_000;

export const NEED_REASONS = [
  'missing_package',
  'missing_certificate',
  'missing_key',
  'replaced_device',
  'short_window',
] as const;

/** One screen of a confirmed booking that has no key for its days. */
export const neededKeySchema = z.object({
  releaseId: id,
  bookingId: id,
  packageId: id.nullable(),
  filmTitle: z.string(),
  screenId: id,
  cinemaId: id,
  cinemaName: z.string(),
  screenName: z.string(),
  circuitName: z.string().nullable(),
  opens: localTime,
  closes: localTime,
  reason: z.enum(NEED_REASONS),
  /** The next show that stands on it, and how many there are. */
  nextShow: instant.nullable(),
  shows: count,
});

const scope = {
  releaseId: id.optional(),
  filmId: id.optional(),
  circuitId: id.optional(),
  cinemaId: id.optional(),
};

export const ORDER_REASONS = [
  'chosen',
  'bookings',
  'moved',
  'held_over',
  'replaced_device',
  'extended',
  'shortened',
] as const;

export const keyOrderSchema = z.object({
  id,
  createdAt: instant,
  filmId: id,
  filmTitle: z.string(),
  packageId: id,
  packageTitle: z.string(),
  screens: count,
  /** Some of the cinemas, for whoever decides. */
  cinemas: z.array(z.string()),
  notBefore: localTime,
  notAfter: localTime,
  reason: z.enum(ORDER_REASONS),
  state: z.enum(['proposed', 'ordered', 'declined', 'withdrawn']),
  /** The limits that it crosses. */
  findings: findingList,
  /** Null: the network proposed it after a change of a booking or a device. */
  proposedBy: z.string().nullable(),
  decidedBy: z.string().nullable(),
  decidedAt: instant.nullable(),
  note: z.string(),
  jobId: id.nullable(),
  /** Whether the caller may decide it. */
  mine: z.boolean(),
});

/** What an order came to: each part is a job at once, or waits for a second person. */
export const orderedSchema = z.object({
  screens: count,
  jobIds: z.array(id),
  proposals: z.array(id),
  findings: findingList,
});

const limit = (most: number) => z.number().int().min(0).max(most).nullable();
const policyFields = {
  /** More screens in one day by one person need a second one. */
  screensMax: limit(1_000_000),
  /** Longer windows need one. */
  daysMax: limit(3650),
  /** Windows that open more days before the first day of the run need one. */
  earlyDaysMax: limit(365),
  /** What happens to keys when a booking moves, is held over, or loses a screen. */
  follow: z.enum(['issue', 'propose', 'leave']),
  /** Red shows that begin within so many hours raise an alarm; 0 raises none. */
  alarmHours: z.number().int().min(0).max(336),
  alarmEmails: z.array(z.email()).max(20),
  /** Who to ask; stands in every mail. */
  contact: z.string().max(200),
  language,
};
export const keyPolicySchema = z.object({ version: count, ...policyFields });

export const keyLinkSchema = z.object({
  id,
  createdAt: instant,
  cinemaId: id,
  cinemaName: z.string(),
  keys: count,
  signedIn: z.boolean(),
  expiresAt: instant,
  fetches: count,
  fetchesMax: count,
  lastFetchedAt: instant.nullable(),
  state: z.enum(['open', 'expired', 'used', 'revoked']),
  createdBy: z.string(),
});

export const keyMailSchema = z.object({
  id,
  createdAt: instant,
  cinemaId: id,
  cinemaName: z.string(),
  address: z.string(),
  language,
  keys: count,
  state: z.enum(['waiting', 'accepted', 'refused', 'bounced']),
  attempts: count,
  /** What the mail server said last. */
  answer: z.string(),
  acceptedAt: instant.nullable(),
  jobId: id.nullable(),
});

const receipt = z.object({
  way: z.enum(['site', 'link', 'mail', 'download']),
  state: z.enum(['received', 'accepted', 'waiting', 'failed']),
  at: instant.nullable(),
  detail: z.string(),
});

const chosenKeys = z.array(id).min(1).max(KEYS_MAX);

export const keys = {
  needed: endpoint({
    method: 'GET',
    path: '/api/distribution/needed-keys',
    permission: 'distribution.read',
    summary: {
      zh: '缺密钥的影厅与场次（按发行、院线、影院）',
      en: 'Screens and shows that lack a key, by release, circuit or cinema',
    },
    query: z.object({ ...scope, limit: z.coerce.number().int().min(1).max(2000).default(500) }),
    result: z.object({ total: count, rows: z.array(neededKeySchema) }),
  }),
  neededSheet: endpoint({
    method: 'GET',
    path: '/api/distribution/needed-keys/sheet',
    permission: 'distribution.read',
    summary: { zh: '缺密钥清单（CSV、XLSX）', en: 'The same as a sheet' },
    query: z.object({ ...scope, format: z.enum(['csv', 'xlsx']).default('csv') }),
    bytesOut: 'application/octet-stream',
  }),
  issueNeeded: endpoint({
    method: 'POST',
    path: '/api/distribution/needed-keys',
    permission: 'distribution.issue_keys',
    creates: true,
    summary: { zh: '签发缺少的密钥', en: 'Issue what is lacking' },
    body: z.object({ ...scope, screenIds: z.array(id).max(100_000).optional() }),
    result: orderedSchema,
    errors: ['conflict'],
  }),
  /** Extends or shortens: a new key takes the place of each. */
  change: endpoint({
    method: 'POST',
    path: '/api/distribution/keys/changes',
    permission: 'distribution.issue_keys',
    creates: true,
    summary: { zh: '延长或缩短密钥（签发新密钥取代）', en: 'Extend or shorten keys by new ones' },
    body: z.object({
      keyIds: chosenKeys,
      /** On the clock of each cinema. Left out, it stays. */
      notBefore: localTime.optional(),
      notAfter: localTime.optional(),
    }),
    result: orderedSchema,
    errors: ['not_found', 'conflict', 'invalid'],
  }),
  withdraw: endpoint({
    method: 'POST',
    path: '/api/distribution/keys/withdrawals',
    permission: 'distribution.issue_keys',
    summary: {
      zh: '停止交付密钥（已导入设备的无法收回）',
      en: 'Withhold keys; those already loaded cannot be called back',
    },
    body: z.object({ keyIds: chosenKeys, reason: z.string().trim().min(1).max(500) }),
    result: z.object({
      withdrawn: count,
      /** Of these, how many some cinema holds already: they open until their window ends. */
      held: count,
      findings: findingList,
    }),
    errors: ['not_found', 'conflict'],
  }),
  receipts: endpoint({
    method: 'GET',
    path: '/api/distribution/keys/:id/receipts',
    permission: 'distribution.read',
    summary: { zh: '密钥送达凭据', en: 'How a key reached its cinema' },
    params: byId,
    result: z.object({ rows: z.array(receipt) }),
    errors: ['not_found'],
  }),
  sheet: endpoint({
    method: 'GET',
    path: '/api/distribution/keys/sheet',
    permission: 'distribution.read',
    summary: { zh: '密钥清单（CSV、XLSX）', en: 'The list of keys as a sheet' },
    query: z.object({
      packageId: id.optional(),
      filmId: id.optional(),
      cinemaId: id.optional(),
      format: z.enum(['csv', 'xlsx']).default('csv'),
    }),
    bytesOut: 'application/octet-stream',
  }),
  orders: endpoint({
    method: 'GET',
    path: '/api/distribution/key-orders',
    permission: 'distribution.read',
    summary: { zh: '密钥申请与审批', en: 'Orders of keys, proposed and given' },
    query: pageQuery.extend({
      state: z.enum(['proposed', 'ordered', 'declined', 'withdrawn']).optional(),
    }),
    result: page(keyOrderSchema),
  }),
  approve: endpoint({
    method: 'POST',
    path: '/api/distribution/key-orders/:id/approval',
    permission: 'distribution.issue_keys',
    summary: { zh: '同意签发（须另一人）', en: 'Approve, as another person than who proposed' },
    params: byId,
    body: z.object({}),
    result: keyOrderSchema,
    errors: ['not_found', 'conflict'],
  }),
  decline: endpoint({
    method: 'POST',
    path: '/api/distribution/key-orders/:id/refusal',
    permission: 'distribution.issue_keys',
    summary: { zh: '不同意，或撤回自己的申请', en: 'Decline, or take back one’s own' },
    params: byId,
    body: z.object({ note: z.string().max(500).default('') }),
    result: keyOrderSchema,
    errors: ['not_found', 'conflict'],
  }),
  policy: endpoint({
    method: 'GET',
    path: '/api/distribution/key-policy',
    permission: 'distribution.read',
    summary: { zh: '签发规则与警报', en: 'Limits of issuing, and alarms' },
    result: keyPolicySchema,
  }),
  setPolicy: endpoint({
    method: 'PUT',
    path: '/api/distribution/key-policy',
    permission: 'organisation.administer',
    summary: { zh: '修改签发规则与警报', en: 'Change the limits and alarms' },
    body: z.object({ ...policyFields }).extend({ version: count }),
    result: keyPolicySchema,
    errors: ['conflict', 'invalid'],
  }),
  links: endpoint({
    method: 'GET',
    path: '/api/distribution/key-links',
    permission: 'distribution.read',
    summary: { zh: '密钥下载链接', en: 'Links under which cinemas fetch keys' },
    query: pageQuery.extend({ cinemaId: id.optional() }),
    result: page(keyLinkSchema),
  }),
  createLink: endpoint({
    method: 'POST',
    path: '/api/distribution/key-links',
    permission: 'distribution.issue_keys',
    creates: true,
    summary: {
      zh: '为一家影院建立下载链接（只显示一次）',
      en: 'A link for one cinema; it is shown once',
    },
    body: z.object({
      cinemaId: id,
      packageId: id.optional(),
      /** Opens only for a signed-in member of the cinema's organisation or circuit. */
      signedIn: z.boolean().default(false),
      hours: z.number().int().min(1).max(720).default(72),
      fetchesMax: z.number().int().min(1).max(100).default(3),
    }),
    result: z.object({ link: keyLinkSchema, address: z.string() }),
    errors: ['not_found', 'conflict'],
  }),
  revokeLink: endpoint({
    method: 'DELETE',
    path: '/api/distribution/key-links/:id',
    permission: 'distribution.issue_keys',
    summary: { zh: '停用下载链接', en: 'Revoke a link' },
    params: byId,
    errors: ['not_found'],
  }),
  mails: endpoint({
    method: 'GET',
    path: '/api/distribution/key-mails',
    permission: 'distribution.read',
    summary: { zh: '密钥邮件', en: 'Mails that bring keys' },
    query: pageQuery.extend({ cinemaId: id.optional() }),
    result: page(keyMailSchema),
  }),
  send: endpoint({
    method: 'POST',
    path: '/api/distribution/key-mails',
    permission: 'distribution.issue_keys',
    creates: true,
    summary: { zh: '以邮件发送密钥，每家影院一封', en: 'Mail keys, one mail for each cinema' },
    body: z.object({
      packageId: id,
      cinemaIds: z.array(id).max(20_000).default([]),
      /** Only keys of this job. */
      jobId: id.optional(),
      language: language.optional(),
    }),
    result: z.object({ mails: count, withoutAddress: z.array(z.string()) }),
    errors: ['not_found', 'conflict'],
  }),
  /** A returned mail as it came (RFC 3464); the operator's mailbox hands it in. */
  bounce: endpoint({
    method: 'POST',
    path: '/api/distribution/key-mails/bounces',
    permission: 'network.administer',
    summary: { zh: '交入退信', en: 'Hand in a returned mail' },
    bytesIn: true,
    result: z.object({ bounced: count }),
    errors: ['invalid', 'too_large'],
  }),
};

const token = z.string().min(20).max(200);

/** What whoever holds a link may see: one cinema's keys, for a while, a few times. */
export const keyLink = {
  open: endpoint({
    method: 'POST',
    path: '/api/key-link',
    permission: 'public',
    summary: { zh: '打开密钥链接', en: 'What a link holds' },
    body: z.object({ token }),
    result: z.object({
      cinemaName: z.string(),
      /** Windows are meant, and shown, on the cinema's clock, wherever the reader is. */
      timeZone: z.string(),
      expiresAt: instant,
      fetchesLeft: count,
      keys: z.array(
        z.object({
          filmTitle: z.string(),
          screenName: z.string(),
          fileName: z.string(),
          notBefore: instant,
          notAfter: instant,
        }),
      ),
    }),
    errors: ['not_found', 'not_signed_in', 'not_allowed'],
  }),
  fetch: endpoint({
    method: 'POST',
    path: '/api/key-link/archive',
    permission: 'public',
    summary: { zh: '取密钥（ZIP）', en: 'Fetch the keys as ZIP' },
    body: z.object({ token }),
    bytesOut: 'application/zip',
    errors: ['not_found', 'not_signed_in', 'not_allowed'],
  }),
};

export const helpSchema = z.object({
  id,
  createdAt: instant,
  showId: id,
  cinemaId: id,
  cinemaName: z.string(),
  screenName: z.string(),
  filmTitle: z.string(),
  startsAt: instant,
  localStart: localTime,
  findings: findingList,
  askedBy: z.string(),
  note: z.string(),
  answeredBy: z.string().nullable(),
  answeredAt: instant.nullable(),
  answer: z.string().nullable(),
  /** Whether the caller's desk answers it. */
  mine: z.boolean(),
});

/** The desk that answers cinemas. */
export const help = {
  list: endpoint({
    method: 'GET',
    path: '/api/distribution/help',
    permission: 'distribution.read',
    summary: { zh: '求助与答复', en: 'Calls for help and their answers' },
    query: pageQuery.extend({ open: z.stringbool().optional() }),
    result: page(helpSchema),
  }),
  answer: endpoint({
    method: 'POST',
    path: '/api/distribution/help/:id/answer',
    permission: 'distribution.issue_keys',
    summary: { zh: '答复求助', en: 'Answer a call for help' },
    params: byId,
    body: z.object({ answer: z.string().trim().min(1).max(1000) }),
    result: helpSchema,
    errors: ['not_found', 'conflict'],
  }),
};
