import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import pg from 'pg';
import type { Queryable } from '../database/database.ts';
import type { Connection } from '../database/supervisor.ts';

/** What goes through the database's NOTIFY to every server and from there to live listeners. */
export type Signal =
  | { readonly type: 'job'; readonly id: string; readonly organisationId: string | null }
  | { readonly type: 'cancel'; readonly id: string }
  | { readonly type: 'wake'; readonly lane: string }
  | {
      readonly type: 'changed';
      readonly kind: string;
      readonly id: string;
      readonly filmId: string | null;
      readonly organisationId: string | null;
    }
  /** What a hall tells its own listeners, such as a live room; at most some kilobytes. */
  | {
      readonly type: 'topic';
      readonly topic: string;
      readonly id: string;
      readonly facts: Readonly<Record<string, unknown>>;
    };

export type Hub = {
  listen(listener: (signal: Signal) => void): () => void;
  /** This server's number: its session lock shows others that it lives. */
  readonly instance: number;
  close(): Promise<void>;
};

const CHANNEL = 'yinglian';
/** First half of the two-part advisory lock that an instance holds on its number. */
export const INSTANCE_LOCK = 735_210_078;
const RECONNECT_MS = 1000;

/**
 * Sends with the transaction: it is heard when the transaction commits, and only then. Outside of
 * one it is heard at once.
 */
export async function notify(transaction: Queryable, signal: Signal): Promise<void> {
  await sql`select pg_notify(${CHANNEL}, ${JSON.stringify(signal)})`.execute(transaction);
}

/** Opens the one connection that listens and holds the instance's lock; it reconnects. */
export async function openHub(target: Connection | string): Promise<Hub> {
  const listeners = new Set<(signal: Signal) => void>();
  let closed = false;
  let instance = 0;
  let client = await connect();

  async function connect(): Promise<pg.Client> {
    const fresh = new pg.Client(
      typeof target === 'string' ? { connectionString: target } : { ...target },
    );
    fresh.on('notification', (message) => receive(message.payload ?? ''));
    fresh.on('error', () => {});
    await fresh.connect();
    if (instance === 0) {
      const result = await fresh.query<{ number: number }>(
        `select nextval('kernel.instance_number')::integer as number`,
      );
      instance = result.rows[0]?.number ?? 0;
    }
    await fresh.query('select pg_advisory_lock($1, $2)', [INSTANCE_LOCK, instance]);
    await fresh.query(`listen ${CHANNEL}`);
    fresh.on('end', () => void reconnect());
    return fresh;
  }

  async function reconnect(): Promise<void> {
    while (!closed) {
      try {
        client = await connect();
        return;
      } catch {
        await pause(RECONNECT_MS);
      }
    }
  }

  function receive(payload: string): void {
    let signal: Signal;
    try {
      signal = JSON.parse(payload) as Signal;
    } catch {
      return;
    }
    for (const listener of listeners) listener(signal);
  }

  return {
    get instance() {
      return instance;
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async close() {
      closed = true;
      await client.end().catch(() => {});
    },
  };
}
