import { createHmac, randomBytes } from 'node:crypto';
import { contract } from '@yinglian/contract';
import { finding } from '@yinglian/core';
import { sql } from 'kysely';
import { z } from 'zod';
import type { RequireAccess } from '../access/access.ts';
import type { Context } from '../context.ts';
import { systemContext } from '../context.ts';
import type { Database } from '../database/database.ts';
import { mountGroup, type MountedGroup } from '../http/routes.ts';
import { defineJob, type JobDefinition } from '../jobs/definition.ts';
import type { Queue } from '../jobs/kind.ts';
import { invalid, notFound } from '../refusal.ts';
import type { Vault } from '../vault.ts';
import type { ChangeListener, Write } from '../write.ts';

/**
 * Webhooks: a change is stored as a delivery in the transaction that makes it, and sent by a job
 * that is tried again until the receiver answers with a 2xx.
 */

const ATTEMPTS_MAX = 10;
const DELIVER_WITHIN_MS = 15_000;
const SECRET_PURPOSE = 'webhook secret';
/** Addresses of the machine and its neighbourhood: a webhook must not reach inside. */
const INSIDE = new RegExp([
  'localhost$', '.*\\.local$', '.*\\.internal$', '127\\.', '10\\.', '192\\.168\\.', '169\\.254\\.',
  '172\\.(?:1[6-9]|2\\d|3[01])\\.', '0\\.', '\\[(?:::|f[cd]|fe80)',
].map((each) => `^${each}`).join('|'), 'i');

const deliveryInput = z.object({ deliveryId: z.uuid() });
export type DeliveryJob = JobDefinition<z.infer<typeof deliveryInput>>;

export type DeliveryOptions = {
  readonly database: Database;
  readonly vault: Vault;
  readonly now: () => Date;
  readonly fetch?: typeof fetch;
};

/** `t=<seconds>,v1=<hex>`: HMAC-SHA-256 over the time, a dot and the body. */
export function signatureOf(secret: string, seconds: number, body: string): string {
  const mac = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${mac}`;
}

export function deliveryJob(options: DeliveryOptions): DeliveryJob {
  const send = options.fetch ?? fetch;
  return defineJob({
    kind: 'kernel.deliver_webhook',
    input: deliveryInput,
    retries: ATTEMPTS_MAX - 1,
    async run({ input, signal }) {
      const row = await options.database.selectFrom('kernel.webhook_delivery as delivery')
        .innerJoin('kernel.webhook as webhook', 'webhook.id', 'delivery.webhook_id')
        .select(['webhook.url', 'webhook.secret', 'delivery.id', 'delivery.event',
          'delivery.payload', 'delivery.delivered_at'])
        .where('delivery.id', '=', input.deliveryId).executeTakeFirst();
      // The webhook was removed meanwhile, or an attempt before a kill had succeeded.
      if (row === undefined || row.delivered_at !== null) return;
      const secret = Buffer.from(
        options.vault.open(SECRET_PURPOSE, Buffer.from(row.secret, 'base64')),
      ).toString('utf8');
      const seconds = Math.floor(options.now().getTime() / 1000);
      const status = await post(send, row, signatureOf(secret, seconds, row.payload), signal);
      const delivered = status !== null && status >= 200 && status < 300;
      await options.database.updateTable('kernel.webhook_delivery').set({
        attempts: sql<number>`attempts + 1`, status, at: options.now(),
        delivered_at: delivered ? options.now() : null,
      }).where('id', '=', row.id).execute();
      if (!delivered) throw new Error(`the receiver answered ${status ?? 'nothing'}`);
    },
  });
}

type Delivery = {
  readonly id: string;
  readonly url: string;
  readonly event: string;
  readonly payload: string;
};

async function post(
  send: typeof fetch,
  delivery: Delivery,
  signature: string,
  signal: AbortSignal,
): Promise<number | null> {
  try {
    const response = await send(delivery.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'yinglian',
        'yinglian-event': delivery.event,
        'yinglian-delivery': delivery.id,
        'yinglian-signature': signature,
      },
      body: delivery.payload,
      // A redirect could lead inside.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(DELIVER_WITHIN_MS)]),
    });
    await response.body?.cancel();
    return response.status;
  } catch {
    signal.throwIfAborted();
    return null;
  }
}

export type WebhookListenerOptions = {
  readonly queue: Queue;
  readonly job: DeliveryJob;
  readonly newId: () => string;
  readonly now: () => Date;
};

/** Stores a delivery for every webhook whose organisation sees the change. */
export function webhookListener(options: WebhookListenerOptions): ChangeListener {
  return async (transaction, changes) => {
    for (const change of changes) {
      const hooks = await sql<{ id: string }>`
        select webhook.id from kernel.webhook as webhook
        where (webhook.organisation_id = ${change.organisationId}::uuid or exists (
            select 1 from kernel.room_member as member
            where member.film_id = ${change.filmId}::uuid
              and member.organisation_id = webhook.organisation_id))
          and webhook.events && ${[change.kind, '*']}::text[]
      `.execute(transaction);
      for (const hook of hooks.rows) {
        const id = options.newId();
        const payload = JSON.stringify({
          id, event: change.kind, at: options.now().toISOString(),
          record: { id: change.id, filmId: change.filmId },
        });
        await transaction.insertInto('kernel.webhook_delivery')
          .values({ id, webhook_id: hook.id, event: change.kind, payload }).execute();
        const input = { deliveryId: id };
        await options.queue.enqueue(transaction, systemContext(), options.job, input, {});
      }
    }
  };
}

export type WebhookRoutesOptions = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly vault: Vault;
  readonly newId: () => string;
  /** Tests and closed networks deliver to their own machine. */
  readonly allowInside: boolean;
};

export function webhookRoutes(options: WebhookRoutesOptions): MountedGroup {
  const { database, requireAccess, vault, write } = options;
  return mountGroup('webhooks', contract.webhooks, {
    async list(_request, context) {
      const { organisationId } = await requireAccess(context, 'organisation.administer');
      return { rows: await listWebhooks(database, organisationId) };
    },
    async create({ body }, context: Context) {
      const { organisationId } = await requireAccess(context, 'organisation.administer');
      const { hostname } = new URL(body.url);
      if (!options.allowInside && INSIDE.test(hostname)) {
        const at = { part: 'body', field: 'url' };
        throw invalid(finding('unreachable_address', 'error', { at, facts: { hostname } }));
      }
      return write(context, async ({ transaction, audit }) => {
        const id = options.newId();
        const secret = `whsec_${randomBytes(24).toString('base64url')}`;
        const sealed = vault.seal(SECRET_PURPOSE, Buffer.from(secret, 'utf8'));
        await transaction.insertInto('kernel.webhook').values({
          id, organisation_id: organisationId, url: body.url, events: body.events,
          secret: Buffer.from(sealed).toString('base64'),
        }).execute();
        audit({
          action: 'webhook.create', subjectKind: 'webhook', subjectId: id,
          facts: { url: body.url, events: body.events },
        });
        return { id, secret };
      });
    },
    async remove({ params }, context) {
      const { organisationId } = await requireAccess(context, 'organisation.administer');
      await write(context, async ({ transaction, audit }) => {
        const removed = await transaction.deleteFrom('kernel.webhook')
          .where('id', '=', params.id).where('organisation_id', '=', organisationId)
          .returning('id').executeTakeFirst();
        if (removed === undefined) throw notFound({ id: params.id });
        audit({ action: 'webhook.remove', subjectKind: 'webhook', subjectId: params.id });
      });
    },
  });
}

async function listWebhooks(database: Database, organisationId: string) {
  const result = await sql<{
    id: string; url: string; events: string[]; created_at: Date;
    at: Date | null; status: number | null; attempts: number | null;
  }>`
    select webhook.id, webhook.url, webhook.events, webhook.created_at,
      last.at, last.status, last.attempts
    from kernel.webhook as webhook
    left join lateral (
      select at, status, attempts from kernel.webhook_delivery
      where webhook_id = webhook.id and attempts > 0 order by at desc limit 1
    ) as last on true
    where webhook.organisation_id = ${organisationId} order by webhook.id
  `.execute(database);
  return result.rows.map((row) => ({
    id: row.id,
    url: row.url,
    events: row.events,
    createdAt: row.created_at.toISOString(),
    lastDelivery: row.at === null
      ? null
      : { at: row.at.toISOString(), status: row.status, attempts: row.attempts ?? 0 },
  }));
}
