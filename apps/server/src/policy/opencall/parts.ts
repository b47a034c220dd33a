import { webcrypto } from 'node:crypto';
import type { Permission } from '@yinglian/contract';
import { type Finding, hasErrors, type InstantMs, type Outcome } from '@yinglian/core';
import { type Sealing, steadyNow, webSealing } from '@yinglian/opencall';
import { endOfWorkingDays } from '@yinglian/policy';
import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { Queryable } from '../../kernel/database/database.ts';
import { conflict, invalid, notAllowed } from '../../kernel/refusal.ts';
import type { Vault } from '../../kernel/vault.ts';
import { calendarOf, type PolicyParts } from '../parts.ts';
import { listRounds, type RoundRow } from './store.ts';

/** What the services of open calls take from the kernel. */
export type OpencallParts = PolicyParts & { readonly vault: Vault };

export const sealing: Sealing = webSealing(webcrypto.subtle, (length) =>
  webcrypto.getRandomValues(new Uint8Array(length)),
);

/** The value, or the refusal that its findings are. */
export function taken<Value>(outcome: Outcome<Value>): Value {
  if (!outcome.ok) throw conflict(...outcome.findings);
  return outcome.value;
}

/** The same for what was sent. */
export function valid<Value>(outcome: Outcome<Value>): Value {
  if (!outcome.ok) throw invalid(...outcome.findings);
  return outcome.value;
}

export function refuseErrors(findings: readonly Finding[]): void {
  if (hasErrors(findings)) throw invalid(...findings);
}

/** Whether the caller acts for the organisation with the permission. */
export function acts(context: Context, organisationId: string, permission: Permission): boolean {
  return context.organisation?.id === organisationId && context.permissions.has(permission);
}

const PERMISSION_OF = {
  officer: 'policy.manage',
  approver: 'policy.decide',
  finance: 'policy.pay',
} as const satisfies Record<string, Permission>;

/** Refuses who does not hold the role of a department in an action. */
export function requireRole(
  context: Context,
  departmentId: string,
  role: keyof typeof PERMISSION_OF,
): void {
  if (!acts(context, departmentId, PERMISSION_OF[role])) throw notAllowed({ role });
}

export function personOf(context: Context): { readonly actor: string; readonly actorName: string } {
  return { actor: context.user?.id ?? '', actorName: context.user?.name ?? '' };
}

/** The last day of a notice that begins today. */
export async function noticeEnd(database: Queryable, today: string, days: number): Promise<string> {
  return taken(endOfWorkingDays(today, days, await calendarOf(database)));
}

/** Entries of the log that are looked at for a later time than the clock's. */
const RECORDED_MAX = 500;

/**
 * The time that a round goes by. A clock that was set back is behind what is recorded, and the
 * recorded counts; an hour that was once seen to have struck has struck for ever.
 */
export async function steadyOf(
  parts: Pick<OpencallParts, 'now'>,
  database: Queryable,
  round: Pick<RoundRow, 'id' | 'closes_at' | 'struck_at'>,
): Promise<InstantMs> {
  const result = await sql<{ at: Date | null }>`
    select max(at) as at from
      (select at from kernel.audit order by sequence desc limit ${RECORDED_MAX}) as recent
  `.execute(database);
  const recorded = [result.rows[0]?.at, round.struck_at].flatMap((each) =>
    each === null || each === undefined ? [] : [each.getTime()],
  );
  const now = steadyNow(parts.now().getTime(), recorded);
  if (round.struck_at === null && now >= round.closes_at.getTime()) {
    await sql`
      update policy.opencall_round set struck_at = ${new Date(now)}
      where id = ${round.id} and struck_at is null
    `.execute(database);
  }
  return now;
}

/**
 * Looks at the clock before a change begins: that the hour has struck stays known also when the
 * change is refused and taken back.
 */
export async function seeHour(
  { database, now }: Pick<OpencallParts, 'database' | 'now'>,
  roundId: string,
): Promise<void> {
  const [round] = await listRounds(database, { ids: [roundId] });
  if (round !== undefined) await steadyOf({ now }, database, round);
}
