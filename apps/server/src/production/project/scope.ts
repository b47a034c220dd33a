import { type RawBuilder, sql } from 'kysely';
import type { AccessRule, AccessRules } from '../../kernel/access/access.ts';
import { reachOf } from '../../kernel/access/access.ts';
import type { Queryable } from '../../kernel/database/database.ts';
import { found } from '../../kernel/refusal.ts';

/** Who sees what of a project: all of it, or what was turned over. Over the alias `project`. */
export function inRoom(organisationId: string): RawBuilder<boolean> {
  return sql<boolean>`exists (select 1 from kernel.room_member as member
    where member.film_id = project.film_id and member.organisation_id = ${organisationId}
      and (member.owner or 'production' = any(member.halls)))`;
}

/** Whether the company takes part, by its own word. */
export function takesPart(organisationId: string): RawBuilder<boolean> {
  return sql<boolean>`exists (select 1 from production.participant as part
    where part.project_id = project.id and part.organisation_id = ${organisationId}
      and part.state = 'joined')`;
}

/** Whether the company was asked, whatever it answered. */
export function wasAsked(organisationId: string): RawBuilder<boolean> {
  return sql<boolean>`exists (select 1 from production.participant as part
    where part.project_id = project.id and part.organisation_id = ${organisationId})`;
}

/** Shots that were turned over to a company that takes part. */
export function shotsTurnedTo(organisationId: string): RawBuilder<string> {
  return sql<string>`(select turned.shot_id from production.turnover_shot as turned
    join production.turnover as given on given.id = turned.turnover_id
      and given.state in ('sent', 'received')
    join production.participant as part on part.project_id = given.project_id
      and part.organisation_id = given.organisation_id and part.state = 'joined'
    where given.organisation_id = ${organisationId})`;
}

/** Whether the company sees the whole of a project; it is refused where it sees nothing of it. */
export async function scopeIn(
  database: Queryable,
  organisationId: string,
  projectId: string,
): Promise<'whole' | 'turnover'> {
  const result = await sql<{ whole: boolean; part: boolean }>`
    select ${inRoom(organisationId)} as whole, ${wasAsked(organisationId)} as part
    from production.project where project.id = ${projectId}`.execute(database);
  const row = found(result.rows[0], { id: projectId });
  if (row.whole) return 'whole';
  found(row.part ? row : undefined, { id: projectId });
  return 'turnover';
}

type Conditions = {
  readonly readable: RawBuilder<boolean>;
  readonly writable: RawBuilder<boolean>;
};

/** A rule over a table with a project, from what may be read and what may be changed. */
function projectRule(
  table: string,
  conditions: (organisationId: string) => Conditions,
): AccessRule {
  return async (database, { organisationId, ids }) => {
    const { readable, writable } = conditions(organisationId);
    const result = await sql<{ id: string; writable: boolean }>`
      select record.id, ${writable} as writable from ${sql.table(table)} as record
      join production.project on project.id = ${
        table === 'production.project' ? sql`record.id` : sql`record.project_id`
      }
      where record.id = any(${[...ids]}::uuid[]) and (${readable} or ${writable})
    `.execute(database);
    return reachOf(result.rows);
  };
}

/** Only those in the film's room see it. */
const roomOnly = (table: string): AccessRule =>
  projectRule(table, (organisationId) => ({
    readable: inRoom(organisationId),
    writable: inRoom(organisationId),
  }));

const own = (organisationId: string) =>
  sql<boolean>`(record.organisation_id = ${organisationId} and ${takesPart(organisationId)})`;

/** The rules of everything that hangs on a project. */
export const projectAccess: AccessRules = {
  project: projectRule('production.project', (organisationId) => ({
    readable: sql<boolean>`(${inRoom(organisationId)} or ${wasAsked(organisationId)})`,
    writable: inRoom(organisationId),
  })),
  /** Work that every company of a project does, within what it sees. */
  project_part: projectRule('production.project', (organisationId) => ({
    readable: sql<boolean>`(${inRoom(organisationId)} or ${takesPart(organisationId)})`,
    writable: sql<boolean>`(${inRoom(organisationId)} or ${takesPart(organisationId)})`,
  })),
  project_invitation: projectRule('production.project', (organisationId) => ({
    readable: wasAsked(organisationId),
    writable: wasAsked(organisationId),
  })),
  sequence: roomOnly('production.sequence'),
  cut: roomOnly('production.cut'),
  shot: projectRule('production.shot', (organisationId) => ({
    readable: sql<boolean>`(${inRoom(organisationId)}
      or record.id in ${shotsTurnedTo(organisationId)})`,
    writable: inRoom(organisationId),
  })),
  task: projectRule('production.task', (organisationId) => ({
    readable: sql<boolean>`(${inRoom(organisationId)} or ${own(organisationId)})`,
    writable: sql<boolean>`(${inRoom(organisationId)} or ${own(organisationId)})`,
  })),
  shoot_day: roomOnly('production.shoot_day'),
  take: roomOnly('production.take'),
  turnover: projectRule('production.turnover', (organisationId) => ({
    readable: sql<boolean>`(${inRoom(organisationId)}
      or (record.state <> 'draft' and ${own(organisationId)}))`,
    writable: sql<boolean>`(${inRoom(organisationId)}
      or (record.state in ('sent', 'received') and ${own(organisationId)}))`,
  })),
  version: projectRule('production.version', (organisationId) => ({
    readable: sql<boolean>`(${inRoom(organisationId)} or ${own(organisationId)})`,
    writable: sql<boolean>`(${inRoom(organisationId)} or ${own(organisationId)})`,
  })),
  deliverable: projectRule('production.deliverable', (organisationId) => ({
    readable: sql<boolean>`(${inRoom(organisationId)} or ${own(organisationId)})`,
    writable: sql<boolean>`(${inRoom(organisationId)} or ${own(organisationId)})`,
  })),
};
