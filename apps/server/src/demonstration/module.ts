import { contract } from '@yinglian/contract';
import { finding } from '@yinglian/core';
import { ORGANISATIONS } from './cast.ts';
import type { Context } from '../kernel/context.ts';
import { systemContext } from '../kernel/context.ts';
import type { Database } from '../kernel/database/database.ts';
import { type Http, mountGroup } from '../kernel/http/routes.ts';
import { readJob } from '../kernel/jobs/routes.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { HallModule } from '../kernel/module.ts';
import { conflict, found, notAllowed } from '../kernel/refusal.ts';
import { performanceJob } from './performance.ts';
import type { Halls } from './stage.ts';
import type { DemonstrationTables } from './tables.ts';

/** Opens the demonstration, shows how far it is, and lets one enter as a person of its cast. */
export function openDemonstration(kernel: Kernel, halls: Halls): HallModule {
  const { database, write, sessions } = kernel;
  const job = performanceJob(kernel, halls);
  const tables = database.withTables<DemonstrationTables>();
  const latest = () =>
    tables
      .selectFrom('demonstration.performance')
      .selectAll()
      .orderBy('created_at', 'desc')
      .limit(1)
      .executeTakeFirst();
  const { openDemonstration: opening, demonstration, enterDemonstration } = contract.network;

  const routes = mountGroup(
    'network',
    { openDemonstration: opening, demonstration, enterDemonstration },
    {
      async openDemonstration({ body }, context, http) {
        requireStageDoor(context, http);
        const known = await latest();
        if (known !== undefined) {
          const { state } = await readJob(database, known.job_id);
          if (state === 'done') throw conflict(finding('existing_demonstration', 'error'));
          if (state !== 'failed' && state !== 'cancelled') return { jobId: known.job_id };
        }
        return write(
          { ...systemContext(context.signal), idempotency: context.idempotency },
          async (work) => {
            const jobId = await work.enqueue(job, { seconds: body.seconds });
            await work.transaction
              .withTables<DemonstrationTables>()
              .insertInto('demonstration.performance')
              .values({ job_id: jobId })
              .execute();
            work.audit({
              action: 'demonstration.opened',
              subjectKind: 'job',
              subjectId: jobId,
              facts: { seconds: body.seconds },
            });
            return { jobId };
          },
        );
      },
      async demonstration(_, context, http) {
        const known = await latest();
        if (known === undefined) {
          return { state: 'absent' as const, job: null, filmId: null, people: [] };
        }
        const view = await readJob(database, known.job_id);
        const ended = view.state === 'failed' || view.state === 'cancelled';
        const state =
          view.state === 'done'
            ? ('ready' as const)
            : ended
              ? ('failed' as const)
              : ('running' as const);
        const people = isAtStageDoor(context, http) ? await cast(database) : [];
        return { state, job: view, filmId: known.film_id, people };
      },
      async enterDemonstration({ body }, context, http) {
        requireStageDoor(context, http);
        const person = found(
          await tables
            .selectFrom('demonstration.person')
            .selectAll()
            .where('user_id', '=', body.userId)
            .executeTakeFirst(),
          { id: body.userId },
        );
        return sessions.open(http, person.user_id, person.organisation_id);
      },
    },
  );
  return { name: 'demonstration', routes: [routes], jobs: [job] };
}

async function cast(database: Database) {
  const rows = await database
    .withTables<DemonstrationTables>()
    .selectFrom('demonstration.person')
    .innerJoin('kernel.organisation', 'kernel.organisation.id', 'organisation_id')
    .select([
      'user_id',
      'part',
      'demonstration.person.name as person',
      'kind',
      'kernel.organisation.name as organisation',
    ])
    .execute();
  const order = ORGANISATIONS.flatMap((each) => each.people);
  return order.flatMap((person) => {
    const row = rows.find((each) => each.part === person.key);
    return row === undefined
      ? []
      : [
          {
            userId: row.user_id,
            name: row.person,
            organisation: row.organisation,
            kind: row.kind,
            roles: [...person.roles],
          },
        ];
  });
}

const LOOPBACK = /^(?:127\.|::1$|::ffff:127\.)/;
/** Headers by which a proxy says that the caller sits elsewhere. */
const FORWARDED = ['x-forwarded-for', 'forwarded', 'x-real-ip'];

/** At this machine itself, or an operator from anywhere. */
function isAtStageDoor(context: Context, http: Http): boolean {
  if (context.user?.operator === true) return true;
  if (FORWARDED.some((name) => http.headers.has(name))) return false;
  return LOOPBACK.test(http.remoteAddress);
}

function requireStageDoor(context: Context, http: Http): void {
  if (!isAtStageDoor(context, http)) throw notAllowed({ reason: 'not_from_this_machine' });
}
