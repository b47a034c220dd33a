import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { ROLE_NAMES, PERMISSIONS } from './permissions.ts';
import {
  accepted, byId, count, digest, expectedVersion, fileRecord, id, instant, language, name, page,
  pageQuery, versioned,
} from './shapes.ts';
import { findingList } from './problems.ts';

/** The kernel's own face: sessions, organisations, rooms, jobs, files, audit. */

export const ORGANISATION_KINDS = [
  'producer', 'post_house', 'distributor', 'circuit', 'cinema', 'equipment_company', 'fund_office',
  'investor', 'ticketing', 'operator', 'other',
] as const;

export const organisationSchema = versioned.extend({
  name,
  nameEnglish: z.string().max(200).nullable(),
  kind: z.enum(ORGANISATION_KINDS),
  /** 统一社会信用代码 */
  creditCode: z.string().max(18).nullable(),
});
const organisationWrite = organisationSchema.omit({
  id: true, version: true, createdAt: true, updatedAt: true,
});

const role = z.enum(ROLE_NAMES);
export const memberSchema = z.object({
  userId: id, name: z.string(), email: z.string(), roles: z.array(role),
});

export const sessionSchema = z.object({
  user: z.object({ id, name: z.string(), email: z.string(), operator: z.boolean() }).nullable(),
  organisation: z
    .object({ id, name: z.string(), nameEnglish: z.string().nullable(), kind: z.string() })
    .nullable(),
  organisations: z.array(z.object({ id, name: z.string(), kind: z.string() })),
  permissions: z.array(z.enum(PERMISSIONS)),
});

export const JOB_STATES = ['queued', 'running', 'retrying', 'done', 'failed', 'cancelled'] as const;
export const jobSchema = z.object({
  id,
  /** `distribution.build_package` */
  kind: z.string(),
  state: z.enum(JOB_STATES),
  filmId: id.nullable(),
  /** 0 to 1 where the length is known. */
  progress: z.number().min(0).max(1).nullable(),
  /** Code of the step under way, worded at the edge. */
  step: z.string().nullable(),
  steps: z.array(z.object({
    code: z.string(), state: z.enum(['running', 'done', 'failed']),
    startedAt: instant, finishedAt: instant.nullable(),
    facts: z.record(z.string(), z.unknown()).optional(),
  })),
  findings: findingList,
  result: z.unknown().nullable(),
  createdAt: instant,
  startedAt: instant.nullable(),
  finishedAt: instant.nullable(),
});

export const network = {
  state: endpoint({
    method: 'GET', path: '/api/network', permission: 'public',
    summary: { zh: '网络概况', en: 'The network at a glance' },
    result: z.object({
      name: z.string(), version: z.string(),
      /** `new` until somebody owns it. */
      state: z.enum(['new', 'ready']),
      capabilities: z.record(z.string(), z.boolean()),
    }),
  }),
  wordings: endpoint({
    method: 'GET', path: '/api/wordings', permission: 'public',
    summary: { zh: '检查结果的措辞', en: 'What the codes of this server say to people' },
    result: z.record(z.string(), z.object({ zh: z.string(), en: z.string(),
      remedy: z.object({ zh: z.string(), en: z.string() }).optional() })),
  }),
  openDemonstration: endpoint({
    method: 'POST', path: '/api/demonstration', permission: 'public', creates: true,
    summary: { zh: '打开演示网络', en: 'Open the demonstration network' },
    body: z.object({ seconds: z.number().int().min(2).max(120).default(5) }),
    result: accepted, errors: ['not_allowed', 'conflict'],
  }),
  demonstration: endpoint({
    method: 'GET', path: '/api/demonstration', permission: 'public',
    summary: { zh: '演示网络的进度与角色', en: 'Progress and people of the demonstration' },
    result: z.object({
      state: z.enum(['absent', 'running', 'ready', 'failed']),
      job: jobSchema.nullable(),
      filmId: id.nullable(),
      /** Only from this machine or for the owner: persons one may sign in as. */
      people: z.array(z.object({
        userId: id, name: z.string(), organisation: z.string(), kind: z.string(),
        roles: z.array(role),
      })),
    }),
  }),
  enterDemonstration: endpoint({
    method: 'POST', path: '/api/demonstration/enter', permission: 'public',
    summary: { zh: '以演示角色登录', en: 'Sign in as a person of the demonstration' },
    body: z.object({ userId: id }), result: sessionSchema, errors: ['not_allowed', 'not_found'],
  }),
};

export const session = {
  get: endpoint({
    method: 'GET', path: '/api/session', permission: 'public',
    summary: { zh: '当前会话', en: 'This session' }, result: sessionSchema,
  }),
  claimOwnerLink: endpoint({
    method: 'POST', path: '/api/session/owner', permission: 'public',
    summary: { zh: '用一次性链接成为所有者', en: 'Become the owner with the one-time link' },
    body: z.object({ token: z.string().min(20).max(200), name, email: z.email(),
      password: z.string().min(10).max(200).optional() }),
    result: sessionSchema, errors: ['not_allowed'],
  }),
  signIn: endpoint({
    method: 'POST', path: '/api/session', permission: 'public',
    summary: { zh: '登录', en: 'Sign in' },
    body: z.object({ email: z.email(), password: z.string().min(1).max(200) }),
    result: sessionSchema, errors: ['not_allowed', 'too_many'],
  }),
  signOut: endpoint({
    method: 'DELETE', path: '/api/session', permission: 'public',
    summary: { zh: '退出', en: 'Sign out' },
  }),
  chooseOrganisation: endpoint({
    method: 'PUT', path: '/api/session/organisation', permission: 'signed_in',
    summary: { zh: '切换组织', en: 'Choose the organisation to act for' },
    body: z.object({ organisationId: id }), result: sessionSchema, errors: ['not_found'],
  }),
  apiKeys: endpoint({
    method: 'GET', path: '/api/session/keys', permission: 'organisation.administer',
    summary: { zh: '接口密钥列表', en: 'API keys' },
    result: z.object({ rows: z.array(z.object({
      id: z.string(), name: z.string(), start: z.string().nullable(), createdAt: instant,
      expiresAt: instant.nullable(), lastUsedAt: instant.nullable() })) }),
  }),
  createApiKey: endpoint({
    method: 'POST', path: '/api/session/keys', permission: 'organisation.administer', creates: true,
    summary: { zh: '新建接口密钥（只显示一次）', en: 'Create an API key, shown once' },
    body: z.object({ name, expiresInDays: z.number().int().min(1).max(730).default(90) }),
    result: z.object({ id: z.string(), key: z.string() }),
  }),
  revokeApiKey: endpoint({
    method: 'DELETE', path: '/api/session/keys/:id', permission: 'organisation.administer',
    summary: { zh: '吊销接口密钥', en: 'Revoke an API key' },
    params: z.object({ id: z.string().max(100) }), errors: ['not_found'],
  }),
};

export const organisations = {
  list: endpoint({
    method: 'GET', path: '/api/organisations', permission: 'organisation.read',
    summary: { zh: '可合作的组织名录', en: 'Directory of organisations' },
    query: pageQuery.extend({ kind: z.enum(ORGANISATION_KINDS).optional() }),
    result: page(organisationSchema),
  }),
  create: endpoint({
    method: 'POST', path: '/api/organisations', permission: 'signed_in', creates: true,
    summary: { zh: '建立我的组织', en: 'Set up an organisation' },
    body: organisationWrite, result: organisationSchema, errors: ['invalid'],
  }),
  get: endpoint({
    method: 'GET', path: '/api/organisations/:id', permission: 'organisation.read',
    summary: { zh: '组织', en: 'One organisation' },
    params: byId, result: organisationSchema, errors: ['not_found'],
  }),
  update: endpoint({
    method: 'PUT', path: '/api/organisations/:id', permission: 'organisation.administer',
    summary: { zh: '修改组织', en: 'Change an organisation' },
    params: byId, body: organisationWrite.extend(expectedVersion.shape), result: organisationSchema,
    errors: ['not_found', 'conflict'],
  }),
  members: endpoint({
    method: 'GET', path: '/api/organisations/:id/members', permission: 'organisation.read',
    summary: { zh: '成员', en: 'Members' },
    params: byId, result: z.object({ rows: z.array(memberSchema) }), errors: ['not_found'],
  }),
  setRoles: endpoint({
    method: 'PUT', path: '/api/organisations/:id/members/:userId',
    permission: 'organisation.administer',
    summary: { zh: '设定成员角色', en: 'Set the roles of a member' },
    params: z.object({ id, userId: id }), body: z.object({ roles: z.array(role).min(1) }),
    result: memberSchema, errors: ['not_found'],
  }),
  invite: endpoint({
    method: 'POST', path: '/api/organisations/:id/invitations',
    permission: 'organisation.administer', creates: true,
    summary: { zh: '邀请成员', en: 'Invite a member' },
    params: byId, body: z.object({ email: z.email(), roles: z.array(role).min(1) }),
    result: z.object({ id, email: z.string(), link: z.string(), expiresAt: instant }),
  }),
  acceptInvitation: endpoint({
    method: 'POST', path: '/api/invitations/accept', permission: 'public',
    summary: { zh: '接受邀请', en: 'Accept an invitation' },
    body: z.object({ token: z.string().min(20).max(200), name,
      password: z.string().min(10).max(200) }),
    result: sessionSchema, errors: ['not_allowed'],
  }),
};

export const ROOM_HALLS = ['production', 'distribution', 'exhibition', 'settlement'] as const;
export const roomMemberSchema = z.object({
  organisationId: id, organisationName: z.string(), kind: z.string(),
  /** What the organisation sees of this film, beyond the film itself. */
  halls: z.array(z.enum(ROOM_HALLS)),
});

/** A room: the organisations that work around one film. */
export const rooms = {
  get: endpoint({
    method: 'GET', path: '/api/films/:id/room', permission: 'film.read',
    summary: { zh: '影片协作室', en: 'The room around a film' },
    params: byId, result: z.object({ filmId: id, members: z.array(roomMemberSchema) }),
    errors: ['not_found'],
  }),
  admit: endpoint({
    method: 'PUT', path: '/api/films/:id/room/:organisationId', permission: 'film.write',
    summary: { zh: '邀请组织进入协作室', en: 'Admit an organisation to the room' },
    params: z.object({ id, organisationId: id }),
    body: z.object({ halls: z.array(z.enum(ROOM_HALLS)).min(1) }),
    result: roomMemberSchema, errors: ['not_found'],
  }),
  dismiss: endpoint({
    method: 'DELETE', path: '/api/films/:id/room/:organisationId', permission: 'film.write',
    summary: { zh: '请组织离开协作室', en: 'Dismiss an organisation from the room' },
    params: z.object({ id, organisationId: id }), errors: ['not_found'],
  }),
};

export const jobs = {
  list: endpoint({
    method: 'GET', path: '/api/jobs', permission: 'organisation.read',
    summary: { zh: '任务', en: 'Jobs' },
    query: pageQuery.extend({ filmId: id.optional(), state: z.enum(JOB_STATES).optional() }),
    result: page(jobSchema),
  }),
  get: endpoint({
    method: 'GET', path: '/api/jobs/:id', permission: 'organisation.read',
    summary: { zh: '任务详情', en: 'One job' }, params: byId, result: jobSchema,
    errors: ['not_found'],
  }),
  cancel: endpoint({
    method: 'POST', path: '/api/jobs/:id/cancel', permission: 'organisation.read',
    summary: { zh: '取消任务', en: 'Cancel a job' }, params: byId, result: jobSchema,
    errors: ['not_found', 'conflict'],
  }),
  retry: endpoint({
    method: 'POST', path: '/api/jobs/:id/retry', permission: 'organisation.read',
    summary: { zh: '重试任务', en: 'Retry a failed job' }, params: byId, result: jobSchema,
    errors: ['not_found', 'conflict'],
  }),
  events: endpoint({
    method: 'GET', path: '/api/events', permission: 'organisation.read',
    summary: { zh: '实时进展', en: 'Live progress of jobs and changes' },
    events: z.discriminatedUnion('type', [
      z.object({ type: z.literal('job'), job: jobSchema }),
      z.object({ type: z.literal('changed'), kind: z.string(), id, filmId: id.nullable() }),
    ]),
  }),
};

export const uploadSchema = z.object({
  id, name: z.string(), sizeBytes: z.number().int().nonnegative(),
  /** Bytes the server holds safely; send from here. */
  offsetBytes: z.number().int().nonnegative(),
  state: z.enum(['open', 'complete']),
  fileId: id.nullable(),
  /** When it is forgotten, unless it goes on. */
  expiresAt: instant,
});

export const files = {
  createUpload: endpoint({
    method: 'POST', path: '/api/uploads', permission: 'signed_in', creates: true,
    summary: { zh: '开始上传（可续传）', en: 'Begin a resumable upload' },
    body: z.object({
      name: z.string().min(1).max(255), sizeBytes: z.number().int().nonnegative(),
      mediaType: z.string().max(100).optional(),
      /** Where the sender knows it, the whole is compared on arrival. */
      digest: digest.optional(),
    }),
    result: uploadSchema, errors: ['too_large'],
  }),
  upload: endpoint({
    method: 'GET', path: '/api/uploads/:id', permission: 'signed_in',
    summary: { zh: '上传到哪里了', en: 'How far an upload is' }, params: byId, result: uploadSchema,
    errors: ['not_found'],
  }),
  append: endpoint({
    method: 'PATCH', path: '/api/uploads/:id', permission: 'signed_in',
    summary: { zh: '续传一段', en: 'Append bytes at an offset' },
    params: byId, query: z.object({
      offset: z.coerce.number().int().nonnegative(),
      /** Of these bytes, in hexadecimal: they count only where the server has the same. */
      sha256: z.string().regex(/^[0-9a-f]{64}$/).optional(),
    }),
    bytesIn: true, result: uploadSchema, errors: ['not_found', 'conflict', 'too_large', 'invalid'],
  }),
  endUpload: endpoint({
    method: 'DELETE', path: '/api/uploads/:id', permission: 'signed_in',
    summary: { zh: '放弃上传', en: 'End an upload and forget what came' }, params: byId,
    errors: ['not_found', 'conflict'],
  }),
  record: endpoint({
    method: 'GET', path: '/api/files/:id/record', permission: 'signed_in',
    summary: { zh: '文件记录', en: 'The record of a file' }, params: byId, result: fileRecord,
    errors: ['not_found'],
  }),
  download: endpoint({
    method: 'GET', path: '/api/files/:id', permission: 'signed_in',
    summary: { zh: '下载文件（支持断点）', en: 'Download a file; ranges are honoured' },
    params: byId, query: z.object({ inline: z.enum(['1']).optional() }), bytesOut: '*/*',
    errors: ['not_found'],
  }),
};

export const audit = {
  list: endpoint({
    method: 'GET', path: '/api/audit', permission: 'organisation.administer',
    summary: { zh: '审计日志', en: 'Audit log' },
    query: pageQuery.extend({ subject: id.optional() }),
    result: page(z.object({
      sequence: z.number().int(), at: instant, actor: z.string().nullable(), action: z.string(),
      subjectKind: z.string(), subjectId: z.string(), facts: z.record(z.string(), z.unknown()),
      hash: z.string(),
    })),
  }),
  verify: endpoint({
    method: 'POST', path: '/api/audit/verify', permission: 'network.administer',
    summary: { zh: '校验审计链', en: 'Verify the audit chain' },
    result: z.object({ entries: count, intact: z.boolean(), findings: findingList }),
  }),
};

export const DELIVERY_STATES = ['waiting', 'delivered', 'given_up'] as const;
export const deliverySchema = z.object({
  id,
  /** The change that is told, and the record that changed. */
  event: z.string(), payload: z.unknown(),
  state: z.enum(DELIVERY_STATES), repeats: id.nullable(), createdAt: instant,
  attempts: z.array(z.object({
    at: instant, status: z.number().int().nullable(),
    /** `inside_address`, `unresolved_name`, `silent_receiver`, `broken_connection` */
    fault: z.string().nullable(),
    milliseconds: count,
  })),
});

/**
 * Each change is posted as JSON with `yinglian-signature: t=<seconds>,v1=<hex>`: the HMAC-SHA-256
 * under the webhook's secret of `<seconds>.<body>`. Receivers compare it, refuse times that are
 * more than five minutes away, and know repeats by the `id` in the body. Any 2xx takes a delivery;
 * everything else, redirects too, is tried again up to ten times over fifteen hours.
 */
/**
 * Kinds of records whose changes are told: by events to pages, and by webhooks to other systems.
 * `*` stands for all of them. The same words are the `yinglian-event` header of a delivery.
 */
export const CHANGE_EVENTS = [
  '*',
  'film',
  'room',
  'asset',
  'note',
  'arrival',
  'project',
  'shot',
  'cut',
  'task',
  'shoot_day',
  'take',
  'turnover',
  'version',
  'deliverable',
  'approval',
  'review_room',
  'share_link',
  'package',
  'key',
  'key_order',
  'key_policy',
  'key_mail',
  'alarm',
  'release',
  'booking',
  'programme',
  'site',
  'delivery',
  'proposal',
  'policy_call',
  'policy_claim',
  'policy_instrument',
  'policy_register',
  'policy_register_entry',
  'policy_reminder',
  'opencall_catalogue',
  'opencall_round',
  'opencall_project',
  'circuit',
  'cinema',
  'screen',
  'source',
  'trusted_list',
  'certificate_alarm',
  'report',
  'correction',
  'log',
  'examination',
  'rules',
  'case',
  'terms',
  'run',
  'statement',
  'settlement_input',
  'night_check',
  'difference',
  'dispute',
  'bank',
  'help',
  'organisation',
] as const;
/** One of them. */
export type ChangeEvent = (typeof CHANGE_EVENTS)[number];

export const webhooks = {
  list: endpoint({
    method: 'GET', path: '/api/webhooks', permission: 'organisation.administer',
    summary: { zh: '回调地址', en: 'Webhooks' },
    result: z.object({ rows: z.array(z.object({
      id, url: z.string(), events: z.array(z.string()), createdAt: instant,
      /** Set while every delivery fails. */
      failingSince: instant.nullable(),
      /** After three days of nothing but failures no further delivery is begun. */
      disabledAt: instant.nullable(),
      lastDelivery: z.object({ at: instant, status: z.number().nullable(), attempts: count })
        .nullable(),
    })) }),
  }),
  create: endpoint({
    method: 'POST', path: '/api/webhooks', permission: 'organisation.administer', creates: true,
    summary: { zh: '登记回调地址', en: 'Register a webhook; its secret is shown once' },
    body: z.object({ url: z.url({ protocol: /^https?$/ }), events: z.array(z.string()).min(1) }),
    result: z.object({ id, secret: z.string() }),
  }),
  remove: endpoint({
    method: 'DELETE', path: '/api/webhooks/:id', permission: 'organisation.administer',
    summary: { zh: '删除回调地址', en: 'Remove a webhook' }, params: byId, errors: ['not_found'],
  }),
  enable: endpoint({
    method: 'POST', path: '/api/webhooks/:id/enable', permission: 'organisation.administer',
    summary: { zh: '重新启用回调地址', en: 'Switch a webhook on again' }, params: byId,
    errors: ['not_found'],
  }),
  deliveries: endpoint({
    method: 'GET', path: '/api/webhooks/:id/deliveries', permission: 'organisation.administer',
    summary: { zh: '投递记录', en: 'The log of deliveries, newest first' },
    params: byId, query: pageQuery, result: page(deliverySchema), errors: ['not_found'],
  }),
  redeliver: endpoint({
    method: 'POST', path: '/api/webhooks/:id/deliveries/:deliveryId',
    permission: 'organisation.administer', creates: true,
    summary: { zh: '再次投递', en: 'Deliver once more; the payload and its id stay the same' },
    params: z.object({ id, deliveryId: id }), result: deliverySchema, errors: ['not_found'],
  }),
};

export const settings = {
  get: endpoint({
    method: 'GET', path: '/api/settings', permission: 'signed_in',
    summary: { zh: '我的设置', en: 'My settings' },
    result: z.object({ language, theme: z.enum(['light', 'dark', 'system']),
      /** Whether the person ever chose them; until then a browser's own wishes count. */
      saved: z.boolean() }),
  }),
  put: endpoint({
    method: 'PUT', path: '/api/settings', permission: 'signed_in',
    summary: { zh: '修改设置', en: 'Change my settings' },
    body: z.object({ language, theme: z.enum(['light', 'dark', 'system']) }),
    result: z.object({ language, theme: z.enum(['light', 'dark', 'system']) }),
  }),
};
