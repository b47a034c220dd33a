import { sql } from 'kysely';
import { z } from 'zod';
import type { RequireAccess } from '../../kernel/access/access.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database, Transaction } from '../../kernel/database/database.ts';
import { defineJob, type JobDefinition } from '../../kernel/jobs/definition.ts';
import type { Write } from '../../kernel/write.ts';
import { CONTENT_KEY_PURPOSE } from '../content-keys.ts';
import { SIGNER_PURPOSE } from '../signer.ts';
import type { Custody, CustodyState } from './custody.ts';
import type { KeeperName } from './keeper.ts';

export type CustodyParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly custody: Custody;
  readonly resealJob: JobDefinition<Record<string, never>>;
  readonly newId: () => string;
};

/** Rows sealed anew in one transaction: a kill repeats little, and nobody waits for locks. */
const ROWS_A_ROUND = 500;

export type CustodyService = ReturnType<typeof createCustodyService>;

/** Who keeps the key of the content keys is the operator's matter alone. */
export function createCustodyService(parts: CustodyParts) {
  const { write, requireAccess, custody, newId } = parts;
  const audited = (context: Context, action: string, facts: Record<string, string> = {}) =>
    write(context, async (work) => {
      work.audit({
        action,
        subjectKind: 'custody',
        subjectId: facts['custody'] ?? newId(),
        facts,
      });
    });

  return {
    async state(context: Context): Promise<CustodyState> {
      await requireAccess(context, 'network.administer');
      return custody.state();
    },

    /** A new key under the same keeper or another one; everything moves under it in a job. */
    async change(
      context: Context,
      body: { readonly keeper: KeeperName; readonly passphrase?: string | undefined },
    ): Promise<{ readonly jobId: string }> {
      await requireAccess(context, 'network.administer');
      // What is sealed cannot be moved: the former passphrase comes first.
      await custody.current();
      const id = newId();
      const made = await write(context, async (work) => {
        const { keep } = await custody.change(work.transaction, id, body.keeper, body.passphrase);
        work.audit({
          action: 'distribution.custody_changed',
          subjectKind: 'custody',
          subjectId: id,
          facts: { keeper: body.keeper },
        });
        return { keep, jobId: await work.enqueue(parts.resealJob, {}) };
      });
      made.keep();
      return { jobId: made.jobId };
    },

    async unseal(context: Context, passphrase: string): Promise<CustodyState> {
      await requireAccess(context, 'network.administer');
      await custody.unseal(passphrase).catch(async (thrown: unknown) => {
        await audited(context, 'distribution.unsealing_failed');
        throw thrown;
      });
      await audited(context, 'distribution.custody_unsealed');
      return custody.state();
    },

    async seal(context: Context): Promise<CustodyState> {
      await requireAccess(context, 'network.administer');
      await custody.seal();
      await audited(context, 'distribution.custody_sealed');
      return custody.state();
    },
  };
}

type ResealParts = { readonly database: Database; readonly custody: Custody };

/** Moves every secret under the current key, then destroys keys that nothing lies under. */
export function resealJob(parts: ResealParts): JobDefinition<Record<string, never>> {
  return defineJob({
    kind: 'distribution.reseal_keys',
    input: z.object({}),
    run: async (job) => {
      const current = (await parts.custody.current()).custodyId;
      let moved = 0;
      for (const table of ['content_key', 'signer'] as const) {
        for (;;) {
          job.signal.throwIfAborted();
          const rows = await parts.database
            .transaction()
            .execute((transaction) => moveSome(parts.custody, transaction, table, current));
          moved += rows;
          if (rows === 0) break;
        }
      }
      const destroyed = await destroyEmpty(parts.database);
      return { moved, destroyed };
    },
  });
}

type Sealed = { place: string; custody_id: string | null; sealed: Buffer };

async function moveSome(
  custody: Custody,
  transaction: Transaction,
  table: 'content_key' | 'signer',
  current: string | null,
): Promise<number> {
  const column = sql.ref(table === 'content_key' ? 'sealed_key' : 'sealed_private_key');
  const purpose = table === 'content_key' ? CONTENT_KEY_PURPOSE : SIGNER_PURPOSE;
  const name = sql.table(`distribution.${table}`);
  const result = await sql<Sealed>`
    select ctid::text as place, custody_id, ${column} as sealed from ${name}
    where custody_id is distinct from ${current}::uuid limit ${ROWS_A_ROUND} for update
  `.execute(transaction);
  const target = await custody.of(current, transaction);
  for (const row of result.rows) {
    const plain = (await custody.of(row.custody_id, transaction)).open(purpose, row.sealed);
    const sealed = Buffer.from(target.seal(purpose, plain));
    plain.fill(0);
    await sql`update ${name} set ${column} = ${sealed}, custody_id = ${current}::uuid
      where ctid = ${row.place}::tid`.execute(transaction);
  }
  return result.rows.length;
}

/**
 * Seeds of builds decide content keys, so those of ended builds are forgotten with the key that
 * they lie under; while one runs, its key stays.
 */
async function destroyEmpty(database: Database): Promise<number> {
  return database.transaction().execute(async (transaction) => {
    await sql`
      update kernel.job_step as step set output = 'null' from kernel.job as job
      where job.id = step.job_id and job.kind = 'distribution.build_package'
        and job.state = 'done' and step.code in ('plan', 'wrap')`.execute(transaction);
    // One that is tried again begins anew, with another seed.
    await sql`
      delete from kernel.job_step as step using kernel.job as job
      where job.id = step.job_id and job.kind = 'distribution.build_package'
        and job.state in ('failed', 'cancelled')`.execute(transaction);
    const running = await sql`select 1 from kernel.job where kind = 'distribution.build_package'
      and state in ('queued', 'running', 'retrying') limit 1`.execute(transaction);
    if (running.rows.length > 0) return 0;
    // Whoever is putting something under one of them comes to an end first, and is then seen.
    await sql`select id from distribution.custody where not current and wrapped is not null
      for update`.execute(transaction);
    const result = await sql`
      update distribution.custody set wrapped = null where not current and wrapped is not null
        and not exists (select 1 from distribution.content_key where custody_id = custody.id)
        and not exists (select 1 from distribution.signer where custody_id = custody.id)
    `.execute(transaction);
    return Number(result.numAffectedRows ?? 0n);
  });
}
