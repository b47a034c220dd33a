import { appendAudit, type AuditEntry, type Recorded } from './audit/audit.ts';
import type { Context, Idempotency } from './context.ts';
import type { Database, Queryable, Transaction } from './database/database.ts';
import { notify, type Signal } from './events/hub.ts';
import type { EnqueueOptions, JobKind, Queue } from './jobs/kind.ts';
import type { Vault } from './vault.ts';

/** One change and all that belongs to it: committed together or not at all. */
export type Work = {
  readonly transaction: Transaction;
  /** An entry of the audit log; every change has one. */
  audit(entry: AuditEntry): void;
  /** Queues a job that begins only if this change is committed. Gives the job's id. */
  enqueue<Input>(job: JobKind<Input>, input: Input, options?: EnqueueOptions): Promise<string>;
  /** Tells live listeners and webhooks: `film`, the film's id, and the film it hangs on. */
  changed(change: Change): void;
  /** Runs after the commit, for what must not happen when it fails. */
  after(action: () => void): void;
};

export type Change = {
  readonly kind: string;
  readonly id: string;
  readonly filmId?: string | null;
  readonly organisationId?: string | null;
};

/**
 * Runs a change in one transaction. With an idempotency key its result is kept in the same
 * transaction, so that a repeat after any kill answers as the first did.
 */
export type Write = <Result>(
  context: Context,
  change: (work: Work) => Promise<Result>,
) => Promise<Result>;

/** The key was used by a request that was committed meanwhile: its answer is to be repeated. */
export class AlreadyDone extends Error {
  override readonly name = 'AlreadyDone';
}

/** Receives what changed, still inside the transaction: webhooks store their deliveries here. */
export type ChangeListener = (
  transaction: Transaction,
  changes: readonly Required<Change>[],
) => Promise<void>;

export type WriteOptions = {
  readonly database: Database;
  readonly queue: Queue;
  readonly vault: Vault;
  readonly now: () => Date;
  readonly listeners: readonly ChangeListener[];
};

export function writeOver(options: WriteOptions): Write {
  // The first change of a request carries its key; a further one must not wait for itself.
  const carried = new WeakSet<Idempotency>();
  return async (given, change) => {
    const used = given.idempotency !== undefined && carried.has(given.idempotency);
    const context = used ? { ...given, idempotency: undefined } : given;
    const after: (() => void)[] = [];
    const result = await options.database.transaction().execute(async (transaction) => {
      const entries: Recorded[] = [];
      const changes: Required<Change>[] = [];
      await claimKey(transaction, context);
      const made = await change({
        transaction,
        audit: (entry) =>
          void entries.push({
            ...entry,
            actor: context.user?.id ?? null,
            organisation: entry.organisationId ?? context.organisation?.id ?? null,
          }),
        enqueue: (job, input, enqueueOptions = {}) =>
          options.queue.enqueue(transaction, context, job, input, enqueueOptions),
        changed: (each) =>
          void changes.push({
            kind: each.kind,
            id: each.id,
            filmId: each.filmId ?? null,
            organisationId: each.organisationId ?? context.organisation?.id ?? null,
          }),
        after: (action) => void after.push(action),
      });
      await keepAnswer(transaction, options.vault, context.idempotency, made);
      for (const listener of options.listeners) await listener(transaction, changes);
      for (const each of changes) {
        const signal: Signal = { type: 'changed', ...each };
        await notify(transaction, signal);
      }
      // Last: it locks the chain until the commit.
      await appendAudit(transaction, entries, options.now());
      return made;
    });
    if (context.idempotency !== undefined) carried.add(context.idempotency);
    for (const action of after) action();
    return result;
  };
}

/** Waits for a concurrent holder of the same key; then either the key is ours or it is done. */
async function claimKey(transaction: Transaction, context: Context): Promise<void> {
  if (context.idempotency === undefined) return;
  const { scope, key, requestHash } = context.idempotency;
  const claimed = await transaction
    .insertInto('kernel.idempotency')
    .values({ scope, key, request_hash: requestHash })
    .onConflict((conflict) => conflict.columns(['scope', 'key']).doNothing())
    .returning('key')
    .executeTakeFirst();
  if (claimed === undefined) throw new AlreadyDone();
}

const ANSWER_PURPOSE = 'kept answer';

/** Keeps the answer sealed: an answer may hold a key that is shown once and stored nowhere. */
export async function keepAnswer(
  database: Queryable,
  vault: Vault,
  idempotency: Idempotency | undefined,
  answer: unknown,
): Promise<void> {
  if (idempotency === undefined) return;
  const sealed = vault.seal(ANSWER_PURPOSE, Buffer.from(jsonText(answer ?? null), 'utf8'));
  await database
    .updateTable('kernel.idempotency')
    .set({ answer: jsonText(Buffer.from(sealed).toString('base64')) })
    .where('scope', '=', idempotency.scope)
    .where('key', '=', idempotency.key)
    .execute();
}

/** Opens a kept answer. */
export function openAnswer(vault: Vault, kept: unknown): unknown {
  if (typeof kept !== 'string') return null;
  const text = Buffer.from(vault.open(ANSWER_PURPOSE, Buffer.from(kept, 'base64')));
  return JSON.parse(text.toString('utf8')) as unknown;
}

/** JSON text in which a bigint is its decimal text, as everywhere on the wire. */
export function jsonText(value: unknown): string {
  return (
    JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? String(each) : each)) ??
    'null'
  );
}
