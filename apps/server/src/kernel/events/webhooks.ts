import { createHmac, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { z } from 'zod';
import { appendAudit } from '../audit/audit.ts';
import { systemContext } from '../context.ts';
import type { Database, Transaction } from '../database/database.ts';
import { defineJob, type JobDefinition } from '../jobs/definition.ts';
import type { Queue } from '../jobs/kind.ts';
import type { Vault } from '../vault.ts';
import type { ChangeListener } from '../write.ts';
import type { Outside, OutsideAnswer } from './outside.ts';

/**
 * Webhooks: a change is stored as a delivery in the transaction that makes it, and sent by a job
 * that is tried again until the receiver answers with a 2xx.
 */

export type WebhookTimes = {
  /** Seconds before each further attempt; there are as many, and the first one. */
  readonly delaysSeconds: readonly number[];
  /** For the whole of one attempt. */
  readonly withinMs: number;
  /** After so long of nothing but failures a webhook is switched off. */
  readonly disableAfterMs: number;
};

/** Soon at first, as most failures are short, then over fifteen hours, so that a night passes. */
const USUAL_TIMES: WebhookTimes = {
  delaysSeconds: [5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800],
  withinMs: 15_000,
  disableAfterMs: 3 * 24 * 3600 * 1000,
};
const SECRET_PURPOSE = 'webhook secret';

export function webhookTimes(others: Partial<WebhookTimes> = {}): WebhookTimes {
  return { ...USUAL_TIMES, ...others };
}

const deliveryInput = z.object({ deliveryId: z.uuid() });
export type DeliveryJob = JobDefinition<z.infer<typeof deliveryInput>>;

export type DeliveryOptions = {
  readonly database: Database;
  readonly vault: Vault;
  readonly outside: Outside;
  readonly times: WebhookTimes;
  readonly now: () => Date;
};

/** `t=<seconds>,v1=<hex>`: HMAC-SHA-256 over the time, a dot and the body. */
export function signatureOf(secret: string, seconds: number, body: string): string {
  const mac = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${mac}`;
}

/** A fresh secret, and the form in which it is kept. */
export function newSecret(vault: Vault): { readonly secret: string; readonly sealed: string } {
  const secret = `whsec_${randomBytes(24).toString('base64url')}`;
  const sealed = vault.seal(SECRET_PURPOSE, Buffer.from(secret, 'utf8'));
  return { secret, sealed: Buffer.from(sealed).toString('base64') };
}

export function deliveryJob(options: DeliveryOptions): DeliveryJob {
  const { database, outside, times, vault } = options;
  const { delaysSeconds } = times;
  return defineJob({
    kind: 'kernel.deliver_webhook',
    input: deliveryInput,
    retries: delaysSeconds.length,
    delaySeconds: (failures) => delaysSeconds[failures] ?? delaysSeconds.at(-1) ?? 0,
    async run({ input, signal }) {
      const delivery = await readDelivery(database, input.deliveryId);
      // The webhook was removed meanwhile, or an attempt before a kill had succeeded.
      if (delivery === undefined || delivery.delivered_at !== null) return;
      // Somebody who asks by hand wants to know whether the receiver is back.
      if (delivery.disabled_at !== null && delivery.repeats === null) {
        await giveUp(database, delivery.id, options.now());
        return;
      }
      const sealed = Buffer.from(delivery.secret, 'base64');
      const secret = Buffer.from(vault.open(SECRET_PURPOSE, sealed)).toString('utf8');
      const begun = performance.now();
      const seconds = Math.floor(options.now().getTime() / 1000);
      const answer = await outside.post({
        url: delivery.url,
        body: delivery.payload,
        signal,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'yinglian',
          'yinglian-event': delivery.event,
          'yinglian-delivery': delivery.id,
          'yinglian-signature': signatureOf(secret, seconds, delivery.payload),
        },
      });
      const milliseconds = Math.round(performance.now() - begun);
      const taken = await keepAttempt(options, delivery, answer, milliseconds);
      const said = 'status' in answer ? answer.status : answer.fault;
      if (!taken) throw new Error(`the receiver answered ${said}`);
    },
  });
}

async function readDelivery(database: Database, id: string) {
  return database
    .selectFrom('kernel.webhook_delivery as delivery')
    .innerJoin('kernel.webhook as webhook', 'webhook.id', 'delivery.webhook_id')
    .select([
      'webhook.url',
      'webhook.secret',
      'webhook.organisation_id',
      'webhook.failing_since',
      'webhook.disabled_at',
      'delivery.id',
      'delivery.webhook_id',
      'delivery.event',
      'delivery.payload',
      'delivery.attempts',
      'delivery.delivered_at',
      'delivery.repeats',
    ])
    .where('delivery.id', '=', id)
    .executeTakeFirst();
}
type Delivery = NonNullable<Awaited<ReturnType<typeof readDelivery>>>;

/** Writes the attempt down, and what it means for the webhook. Gives whether it was taken. */
async function keepAttempt(
  { database, now, times }: DeliveryOptions,
  delivery: Delivery,
  answer: OutsideAnswer,
  milliseconds: number,
): Promise<boolean> {
  const at = now();
  const status = 'status' in answer ? answer.status : null;
  const fault = 'fault' in answer ? answer.fault : null;
  const taken = status !== null && status >= 200 && status < 300;
  const isLast = delivery.attempts >= times.delaysSeconds.length;
  const since = delivery.failing_since ?? at;
  const tooLong = !taken && at.getTime() - since.getTime() >= times.disableAfterMs;
  await database.transaction().execute(async (transaction) => {
    await transaction
      .insertInto('kernel.webhook_attempt')
      .values({
        delivery_id: delivery.id,
        ordinal: delivery.attempts + 1,
        at,
        status,
        fault,
        milliseconds,
      })
      .execute();
    await transaction
      .updateTable('kernel.webhook_delivery')
      .set({
        attempts: sql<number>`attempts + 1`,
        status,
        at,
        delivered_at: taken ? at : null,
        given_up_at: !taken && (isLast || tooLong) ? at : null,
      })
      .where('id', '=', delivery.id)
      .execute();
    await transaction
      .updateTable('kernel.webhook')
      .set({ failing_since: taken ? null : since })
      .where('id', '=', delivery.webhook_id)
      .execute();
    if (!tooLong) return;
    const disabled = await transaction
      .updateTable('kernel.webhook')
      .set({ disabled_at: at })
      .where('id', '=', delivery.webhook_id)
      .where('disabled_at', 'is', null)
      .returning('id')
      .executeTakeFirst();
    if (disabled !== undefined) await auditDisabled(transaction, delivery, at);
  });
  return taken || tooLong;
}

async function auditDisabled(
  transaction: Transaction,
  delivery: Delivery,
  at: Date,
): Promise<void> {
  const entry = {
    action: 'webhook.disable',
    subjectKind: 'webhook',
    subjectId: delivery.webhook_id,
    facts: { url: delivery.url, failingSince: delivery.failing_since?.toISOString() ?? null },
    actor: null,
    organisation: delivery.organisation_id,
  };
  await appendAudit(transaction, [entry], at);
}

async function giveUp(database: Database, id: string, at: Date): Promise<void> {
  await database
    .updateTable('kernel.webhook_delivery')
    .set({ given_up_at: at })
    .where('id', '=', id)
    .execute();
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
        where webhook.disabled_at is null
          and (webhook.organisation_id = ${change.organisationId}::uuid or exists (
            select 1 from kernel.room_member as member
            where member.film_id = ${change.filmId}::uuid
              and member.organisation_id = webhook.organisation_id))
          and webhook.events && ${[change.kind, '*']}::text[]
      `.execute(transaction);
      for (const hook of hooks.rows) {
        const id = options.newId();
        const payload = JSON.stringify({
          id,
          event: change.kind,
          at: options.now().toISOString(),
          record: { id: change.id, filmId: change.filmId },
        });
        await transaction
          .insertInto('kernel.webhook_delivery')
          .values({ id, webhook_id: hook.id, event: change.kind, payload })
          .execute();
        const input = { deliveryId: id };
        await options.queue.enqueue(transaction, systemContext(), options.job, input, {});
      }
    }
  };
}
