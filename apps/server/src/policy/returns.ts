import type { RECOVERY_WAYS } from '@yinglian/contract';
import { finding, type IsoDate } from '@yinglian/core';
import { type LedgerEntry, returnEntries } from '@yinglian/policy';
import { sql } from 'kysely';
import type { Context } from '../kernel/context.ts';
import type { Queryable, Transaction } from '../kernel/database/database.ts';
import { conflict, found } from '../kernel/refusal.ts';
import { instrumentOf } from './instruments/store.ts';
import { enterLedger, type EntryNote, lockDepartment } from './money.ts';
import { departmentOf, type PolicyParts, todayOf } from './parts.ts';

type Way = (typeof RECOVERY_WAYS)[number];

/** Money of a claim or of a bid that came back and that nobody has returned to a budget. */
type Recovered = {
  readonly subject: string;
  readonly title: string;
  readonly instrument: string;
  readonly year: number;
  readonly fen: bigint;
  readonly opencall: boolean;
};

/** Returns recovered money where its instrument says how; where it says nothing, a person does. */
export async function returnRecovered(
  transaction: Transaction,
  departmentId: string,
  entry: Pick<LedgerEntry, 'year' | 'fen'> & { readonly claim: string },
  given: { readonly instrument: string; readonly on: IsoDate; readonly note: EntryNote },
): Promise<void> {
  const { recoveries } = await instrumentOf(transaction, given.instrument);
  if (recoveries === undefined) return;
  for (const each of returnEntries(recoveries.to, entry, given.on)) {
    await enterLedger(transaction, departmentId, each, { ...given.note, note: recoveries.quote });
  }
}

export type ReturnService = ReturnType<typeof createReturnService>;

/** What came back and waits for a budget, and the way it takes by a second person's hand. */
export function createReturnService(parts: PolicyParts) {
  const { database, write, requireAccess, now } = parts;
  const listed = async (departmentId: string) => ({
    rows: (await listRecovered(database, departmentId)).map((row) => ({
      subject: row.subject,
      title: row.title,
      instrument: row.instrument,
      year: row.year,
      fen: String(row.fen),
    })),
  });

  return {
    async recoveries(context: Context) {
      const { organisationId } = await requireAccess(context, 'policy.read');
      await departmentOf(database, context);
      return listed(organisationId);
    },

    async giveBack(
      context: Context,
      { subject, to, note }: { readonly subject: string; readonly to: Way; readonly note: string },
    ) {
      const { organisationId, userId } = await requireAccess(context, 'policy.pay');
      await departmentOf(database, context);
      await write(context, async (work) => {
        const { transaction } = work;
        await lockDepartment(transaction, organisationId);
        const rows = await listRecovered(transaction, organisationId);
        const row = found(
          rows.find((each) => each.subject === subject),
          { id: subject },
        );
        await refuseSame(transaction, organisationId, { subject, userId });
        const entry = { year: row.year, fen: row.fen, claim: subject };
        for (const each of returnEntries(to, entry, todayOf(parts))) {
          const told = { by: context.user, at: now(), note, opencall: row.opencall };
          await enterLedger(transaction, organisationId, each, told);
        }
        work.audit({
          action: 'policy.recovery_returned',
          subjectKind: row.opencall ? 'opencall_bid' : 'policy_claim',
          subjectId: subject,
          facts: { to, fen: String(row.fen), year: row.year },
        });
      });
      return listed(organisationId);
    },
  };
}

/** What lies recovered in a department's ledger, the latest year first. */
async function listRecovered(
  database: Queryable,
  departmentId: string,
): Promise<readonly Recovered[]> {
  const result = await sql<Recovered>`
    with held as (
      select split_part(account, '/', 1)::int as year, split_part(account, '/', 3)::uuid as subject,
        fen
      from policy.balance
      where department_id = ${departmentId} and account like '%/recovered/%' and fen > 0
    )
    select held.*, bid.id is not null as opencall,
      coalesce(claim.object, round.entry ->> 'title', '') as title,
      coalesce(call.instrument, round.terms ->> 'instrument', '') as instrument
    from held
    left join policy.claim as claim on claim.id = held.subject
    left join policy.call as call on call.id = claim.call_id
    left join policy.opencall_bid as bid on bid.id = held.subject
    left join policy.opencall_round as round on round.id = bid.round_id
    order by held.year desc, title, held.subject
  `.execute(database);
  return result.rows;
}

/** Whoever recorded that money came back does not say where it goes. */
async function refuseSame(
  transaction: Transaction,
  departmentId: string,
  { subject, userId }: { readonly subject: string; readonly userId: string | null },
): Promise<void> {
  const result = await sql<{ by_id: string | null }>`
    select by_id from policy.entry
    where department_id = ${departmentId} and move = 'recover'
      and (claim_id = ${subject} or opencall_bid_id = ${subject})
    order by number desc limit 1
  `.execute(transaction);
  if (result.rows[0]?.by_id !== userId) return;
  const facts = { action: 'return', guard: 'four_eyes', until: '' };
  throw conflict(finding('missing_second_person', 'error', { facts }));
}
