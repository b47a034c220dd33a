import { sql } from 'kysely';
import { systemContext } from '../kernel/context.ts';
import { ORGANISATIONS } from './cast.ts';
import type { Stage } from './stage.ts';
import type { DemonstrationTables } from './tables.ts';

/** Addresses under `.invalid` (RFC 2606) can never receive a mail. */
const MAIL_DOMAIN = 'demonstration.invalid';

/** Organisations and persons. Those of an earlier, broken performance are taken as they are. */
export async function castEverybody(stage: Stage): Promise<Record<string, string>> {
  const { identity, newId, write } = stage.kernel;
  const people = new Map<string, string>();
  for (const { people: persons } of ORGANISATIONS) {
    for (const person of persons) {
      const email = `${person.key}@${MAIL_DOMAIN}`;
      const known = await identity.findPerson(email);
      people.set(person.key, known ?? (await identity.createPerson({ name: person.name, email })));
    }
  }
  return write(systemContext(stage.job.signal), async (work) => {
    const ids: Record<string, string> = {};
    const tables = work.transaction.withTables<DemonstrationTables>();
    for (const organisation of ORGANISATIONS) {
      const first = organisation.people[0]!;
      const known = await tables
        .selectFrom('demonstration.person')
        .select('organisation_id')
        .where('part', '=', first.key)
        .executeTakeFirst();
      const id = known?.organisation_id ?? newId();
      ids[organisation.key] = id;
      if (known !== undefined) continue;
      await work.transaction
        .insertInto('kernel.organisation')
        .values({
          id,
          name: organisation.name,
          name_english: organisation.nameEnglish,
          kind: organisation.kind,
          credit_code: null,
        })
        .execute();
      for (const person of organisation.people) {
        const userId = people.get(person.key)!;
        await work.transaction
          .insertInto('kernel.member')
          .values({ organisation_id: id, user_id: userId, roles: [...person.roles] })
          .execute();
        await tables
          .insertInto('demonstration.person')
          .values({
            user_id: userId,
            organisation_id: id,
            part: person.key,
            name: person.name,
          })
          .onConflict((conflict) => conflict.column('part').doNothing())
          .execute();
      }
      work.audit({
        action: 'demonstration.cast',
        subjectKind: 'organisation',
        subjectId: id,
        facts: { name: organisation.name },
        organisationId: id,
      });
    }
    return ids;
  });
}

/** Notes which film the performance is about, for the page that shows it. */
export async function noteFilm(stage: Stage, filmId: string): Promise<void> {
  await sql`update demonstration.performance set film_id = ${filmId}
    where job_id = ${stage.job.id}`.execute(stage.kernel.database);
}
