import { type Expert, expertKeptUntil, forgetExpert } from '@yinglian/opencall';
import { sql } from 'kysely';
import { jsonText, type Work } from '../../kernel/write.ts';
import { type PolicyParts, todayOf } from '../parts.ts';
import { listRounds, type PoolMember, updateRow } from './store.ts';

type Leaver = {
  readonly id: string;
  readonly profile: Expert;
  readonly left_on: string;
  readonly last_seat_on: string | null;
};

/** Experts who left and are still kept by name. */
async function leaversOf({ database }: Pick<PolicyParts, 'database'>): Promise<Leaver[]> {
  const result = await sql<Leaver>`
    select expert.id, expert.profile, expert.left_on::text,
      (select max(coalesce(round.notice_until, round.updated_at::date))::text
        from policy.opencall_seat as seat
        join policy.opencall_round as round on round.id = seat.round_id
        where seat.expert_id = expert.id) as last_seat_on
    from policy.opencall_expert as expert
    where expert.state = 'left' and expert.left_on is not null and expert.forgotten_on is null
    order by expert.id
  `.execute(database);
  return result.rows;
}

/**
 * Forgets who left long enough ago: the statement, its copies in frozen pools, and whose it was.
 * Draws and signed sheets name experts by codes and stay what they were.
 */
export async function forgetExperts(
  parts: Pick<PolicyParts, 'database' | 'now'>,
  job: { write<R>(code: string, change: (work: Work) => Promise<R>): Promise<R> },
): Promise<number> {
  const on = todayOf(parts);
  const due = (await leaversOf(parts)).filter(
    ({ left_on: leftOn, last_seat_on: lastSeatOn }) => on > expertKeptUntil({ leftOn, lastSeatOn }),
  );
  for (const { id, profile } of due) {
    await job.write(`forget ${id}`, async (work) => {
      const { transaction } = work;
      const forgotten = forgetExpert(profile);
      await sql`
        update policy.opencall_expert set profile = ${jsonText(forgotten)}, user_id = id,
          forgotten_on = ${on}, version = version + 1, updated_at = now() where id = ${id}
      `.execute(transaction);
      for (const round of await listRounds(transaction)) {
        if (!round.pool?.some(({ expertId }) => expertId === id)) continue;
        const pool: PoolMember[] = round.pool.map((each) =>
          each.expertId === id ? { ...each, profile: forgotten } : each,
        );
        await updateRow(transaction, 'round', round.id, { pool: jsonText(pool) });
      }
      work.audit({
        action: 'opencall.expert_forgotten',
        subjectKind: 'opencall_expert',
        subjectId: id,
        facts: {},
      });
    });
  }
  return due.length;
}
