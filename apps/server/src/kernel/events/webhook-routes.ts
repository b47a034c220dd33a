import { contract } from '@yinglian/contract';
import { finding } from '@yinglian/core';
import { sql } from 'kysely';
import type { RequireAccess } from '../access/access.ts';
import type { Database, Queryable } from '../database/database.ts';
import { type Handlers, mountGroup, type MountedGroup } from '../http/routes.ts';
import { afterId, pageOf } from '../pages.ts';
import { found, invalid, notFound } from '../refusal.ts';
import type { Vault } from '../vault.ts';
import type { Write } from '../write.ts';
import type { Outside } from './outside.ts';
import { type DeliveryJob, newSecret } from './webhooks.ts';

export type WebhookRoutesOptions = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly vault: Vault;
  readonly outside: Outside;
  readonly job: DeliveryJob;
  readonly newId: () => string;
};

type Group = Handlers<typeof contract.webhooks>;

export function webhookRoutes(options: WebhookRoutesOptions): MountedGroup {
  return mountGroup('webhooks', contract.webhooks, { ...keeping(options), ...delivering(options) });
}

function keeping(
  options: WebhookRoutesOptions,
): Pick<Group, 'list' | 'create' | 'remove' | 'enable'> {
  const { database, outside, requireAccess, vault, write } = options;
  return {
    async list(_request, context) {
      const { organisationId } = await requireAccess(context, 'organisation.administer');
      return { rows: await listWebhooks(database, organisationId) };
    },
    async create({ body }, context) {
      const { organisationId } = await requireAccess(context, 'organisation.administer');
      await refuseInside(outside, body.url);
      return write(context, async ({ transaction, audit }) => {
        const id = options.newId();
        const { secret, sealed } = newSecret(vault);
        await transaction
          .insertInto('kernel.webhook')
          .values({
            id,
            organisation_id: organisationId,
            url: body.url,
            events: body.events,
            secret: sealed,
          })
          .execute();
        audit({
          action: 'webhook.create',
          subjectKind: 'webhook',
          subjectId: id,
          facts: { url: body.url, events: body.events },
        });
        return { id, secret };
      });
    },
    async remove({ params }, context) {
      const { organisationId } = await requireAccess(context, 'organisation.administer');
      await write(context, async ({ transaction, audit }) => {
        const removed = await transaction
          .deleteFrom('kernel.webhook')
          .where('id', '=', params.id)
          .where('organisation_id', '=', organisationId)
          .returning('id')
          .executeTakeFirst();
        if (removed === undefined) throw notFound({ id: params.id });
        audit({ action: 'webhook.remove', subjectKind: 'webhook', subjectId: params.id });
      });
    },
    async enable({ params }, context) {
      const { organisationId } = await requireAccess(context, 'organisation.administer');
      await write(context, async ({ transaction, audit }) => {
        const enabled = await transaction
          .updateTable('kernel.webhook')
          .set({ disabled_at: null, failing_since: null })
          .where('id', '=', params.id)
          .where('organisation_id', '=', organisationId)
          .returning('id')
          .executeTakeFirst();
        if (enabled === undefined) throw notFound({ id: params.id });
        audit({ action: 'webhook.enable', subjectKind: 'webhook', subjectId: params.id });
      });
    },
  };
}

/** A secret in the address would stand in clear in lists and logs. */
async function refuseInside(outside: Outside, url: string): Promise<void> {
  const { hostname, username, password } = new URL(url);
  const at = { part: 'body', field: 'url' };
  if (username !== '' || password !== '') {
    throw invalid(finding('unexpected_credentials', 'error', { at }));
  }
  // A name that cannot be resolved today may be tomorrow; each attempt looks again.
  if ((await outside.fault(url)) !== 'inside_address') return;
  throw invalid(finding('unreachable_address', 'error', { at, facts: { hostname } }));
}

function delivering(options: WebhookRoutesOptions): Pick<Group, 'deliveries' | 'redeliver'> {
  const { database, requireAccess, write } = options;
  const requireOwn = async (organisationId: string, id: string): Promise<void> => {
    found(
      await database
        .selectFrom('kernel.webhook')
        .select('id')
        .where('id', '=', id)
        .where('organisation_id', '=', organisationId)
        .executeTakeFirst(),
      { kind: 'webhook', id },
    );
  };
  return {
    async deliveries({ params, query }, context) {
      const { organisationId } = await requireAccess(context, 'organisation.administer');
      await requireOwn(organisationId, params.id);
      let rows = database
        .selectFrom('kernel.webhook_delivery')
        .select('id')
        .where('webhook_id', '=', params.id)
        .orderBy('id', 'desc')
        .limit(query.limit + 1);
      const after = afterId(query);
      if (after !== undefined) rows = rows.where('id', '<', after);
      if (query.search !== undefined) rows = rows.where('event', 'like', `%${query.search}%`);
      const ids = (await rows.execute()).map((row) => row.id);
      const views = await readDeliveries(database, ids);
      return pageOf(
        ids,
        query,
        (id) => [id],
        (id) => found(views.get(id)),
      );
    },
    async redeliver({ params }, context) {
      const { organisationId } = await requireAccess(context, 'organisation.administer');
      await requireOwn(organisationId, params.id);
      return write(context, async ({ transaction, audit, enqueue }) => {
        const before = found(
          await transaction
            .selectFrom('kernel.webhook_delivery')
            .selectAll()
            .where('id', '=', params.deliveryId)
            .where('webhook_id', '=', params.id)
            .executeTakeFirst(),
          { kind: 'delivery', id: params.deliveryId },
        );
        const id = options.newId();
        await transaction
          .insertInto('kernel.webhook_delivery')
          .values({
            id,
            webhook_id: params.id,
            event: before.event,
            payload: before.payload,
            repeats: before.id,
          })
          .execute();
        await enqueue(options.job, { deliveryId: id });
        audit({
          action: 'webhook.redeliver',
          subjectKind: 'webhook',
          subjectId: params.id,
          facts: { delivery: before.id },
        });
        return found((await readDeliveries(transaction, [id])).get(id));
      });
    },
  };
}

type DeliveryView = Awaited<ReturnType<Group['redeliver']>>;

async function readDeliveries(
  database: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, DeliveryView>> {
  if (ids.length === 0) return new Map();
  const rows = await database
    .selectFrom('kernel.webhook_delivery')
    .selectAll()
    .where('id', 'in', [...ids])
    .execute();
  const attempts = await database
    .selectFrom('kernel.webhook_attempt')
    .selectAll()
    .where('delivery_id', 'in', [...ids])
    .orderBy('ordinal')
    .execute();
  return new Map(
    rows.map((row): [string, DeliveryView] => [
      row.id,
      {
        id: row.id,
        event: row.event,
        payload: JSON.parse(row.payload) as unknown,
        state:
          row.delivered_at !== null
            ? 'delivered'
            : row.given_up_at !== null
              ? 'given_up'
              : 'waiting',
        repeats: row.repeats,
        createdAt: row.created_at.toISOString(),
        attempts: attempts
          .filter((each) => each.delivery_id === row.id)
          .map((each) => ({
            at: each.at.toISOString(),
            status: each.status,
            fault: each.fault,
            milliseconds: each.milliseconds,
          })),
      },
    ]),
  );
}

async function listWebhooks(database: Database, organisationId: string) {
  const result = await sql<{
    id: string;
    url: string;
    events: string[];
    created_at: Date;
    failing_since: Date | null;
    disabled_at: Date | null;
    at: Date | null;
    status: number | null;
    attempts: number | null;
  }>`
    select webhook.id, webhook.url, webhook.events, webhook.created_at, webhook.failing_since,
      webhook.disabled_at, last.at, last.status, last.attempts
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
    failingSince: row.failing_since?.toISOString() ?? null,
    disabledAt: row.disabled_at?.toISOString() ?? null,
    lastDelivery:
      row.at === null
        ? null
        : { at: row.at.toISOString(), status: row.status, attempts: row.attempts ?? 0 },
  }));
}
