import type { policySchema } from '@yinglian/contract';
import { CHINA_OFFSET_MINUTES } from '@yinglian/core';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Queryable, Transaction } from '../kernel/database/database.ts';

export type Policy = z.output<typeof policySchema>;

const DEFAULT: Policy = Object.freeze({ version: 0, fourEyes: false, paymentDays: 30 });

/** How an organisation settles; what it never decided stands at the default, version 0. */
export async function readPolicy(database: Queryable, organisationId: string): Promise<Policy> {
  const result = await sql<{ version: number; four_eyes: boolean; payment_days: number }>`
    select version, four_eyes, payment_days from settlement.policy
    where organisation_id = ${organisationId}`.execute(database);
  const row = result.rows[0];
  if (row === undefined) return DEFAULT;
  return { version: row.version, fourEyes: row.four_eyes, paymentDays: row.payment_days };
}

/** False when somebody changed it first. */
export async function writePolicy(
  transaction: Transaction,
  organisationId: string,
  policy: Policy,
): Promise<boolean> {
  const { version, fourEyes, paymentDays } = policy;
  const result =
    version === 0
      ? await sql`insert into settlement.policy (organisation_id, four_eyes, payment_days)
          values (${organisationId}, ${fourEyes}, ${paymentDays})
          on conflict do nothing`.execute(transaction)
      : await sql`update settlement.policy set version = version + 1, four_eyes = ${fourEyes},
            payment_days = ${paymentDays}, updated_at = now()
          where organisation_id = ${organisationId} and version = ${version}`.execute(transaction);
  return result.numAffectedRows === 1n;
}

/** The business day of an instant: books are kept in the time of China. */
export function businessDay(now: Date): string {
  return new Date(now.getTime() + CHINA_OFFSET_MINUTES * 60_000).toISOString().slice(0, 10);
}
