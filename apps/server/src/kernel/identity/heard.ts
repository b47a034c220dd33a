import { AsyncLocalStorage } from 'node:async_hooks';
import { Kysely, PostgresDialect } from 'kysely';
import type pg from 'pg';
import { refusalOf } from '../http/faults.ts';

type Box = { fault: unknown };

/**
 * A database for a library that swallows what goes wrong or words it as its own error: whoever is
 * unknown because the database was away would be told to sign in again. What the database said is
 * kept beside the call and decides.
 */
export function heardDatabase(pool: pg.Pool) {
  const boxes = new AsyncLocalStorage<Box>();
  const keep = (fault: unknown): void => {
    const box = boxes.getStore();
    if (box !== undefined) box.fault ??= fault;
  };
  const database = new Kysely<unknown>({
    dialect: new PostgresDialect({
      pool: {
        connect: () =>
          pool.connect().catch((thrown: unknown) => {
            keep(thrown);
            throw thrown;
          }),
        end: () => pool.end(),
      },
    }),
    log: (event) => {
      if (event.level === 'error') keep(event.error);
    },
  });
  return {
    database,
    /** Runs a call of the library; throws what the database said where that was "not now". */
    async ask<Answer>(call: () => Promise<Answer>): Promise<Answer> {
      const box: Box = { fault: undefined };
      try {
        const answer = await boxes.run(box, call);
        if (refusalOf(box.fault) === undefined) return answer;
      } catch (thrown) {
        if (refusalOf(box.fault) === undefined) throw thrown;
      }
      throw box.fault;
    },
  };
}
export type HeardDatabase = ReturnType<typeof heardDatabase>;
