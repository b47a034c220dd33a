import type { overviewSchema, participantSchema, projectSchema } from '@yinglian/contract';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import { type Listed, listedBy, type Listing, newestFirst } from '../../kernel/listing.ts';
import { jsonText } from '../../kernel/write.ts';
import { type ProjectSettings, USUAL_SETTINGS } from './flow.ts';
import { inRoom, shotsTurnedTo } from './scope.ts';

export type ProjectRecord = z.output<typeof projectSchema>;
export type ParticipantRecord = z.output<typeof participantSchema>;
export type Overview = z.output<typeof overviewSchema>;

type ProjectRow = {
  id: string;
  version: number;
  created_at: Date;
  updated_at: Date;
  organisation_id: string;
  owner_name: string;
  film_id: string;
  film_title: string;
  name: string;
  code: string;
  frame_rate: string;
  drop_frame: boolean;
  settings: Partial<ProjectSettings>;
  state: 'open' | 'closed';
  whole: boolean;
  participation: ProjectRecord['participation'];
  participants: (Omit<ParticipantRecord, 'invitedAt' | 'answeredAt'> & {
    invitedAt: string;
    answeredAt: string | null;
  })[];
  sort_key: string;
};

/** Words to look for, as a pattern in which they mean themselves. */
export function likeOf(search: string | undefined): string {
  return `%${(search ?? '').trim().replace(/[\\%_]/g, '\\$&')}%`;
}

/** Projects of rooms, and those that the company takes part in or is asked to. */
export async function listProjects(
  database: Queryable,
  listing: Listing & { readonly search?: string | undefined },
): Promise<Listed<ProjectRecord>[]> {
  const { organisationId, search } = listing;
  const like = likeOf(search);
  const result = await sql<ProjectRow>`
    select project.*, owner.name as owner_name, film.title as film_title,
      ${inRoom(organisationId)} as whole, project.created_at::text as sort_key,
      (select part.state from production.participant as part
        where part.project_id = project.id
          and part.organisation_id = ${organisationId}) as participation,
      coalesce((select json_agg(json_build_object('organisationId', part.organisation_id,
          'organisationName', company.name, 'role', part.role, 'scope', part.scope,
          'state', part.state, 'invitedAt', part.invited_at, 'answeredAt', part.answered_at)
          order by company.name)
        from production.participant as part
        join kernel.organisation as company on company.id = part.organisation_id
        where part.project_id = project.id and (${inRoom(organisationId)}
          or part.organisation_id = ${organisationId})), '[]'::json) as participants
    from production.project
    join film.film on film.id = project.film_id
    join kernel.organisation as owner on owner.id = project.organisation_id
    where (${inRoom(organisationId)} or exists (select 1 from production.participant as part
        where part.project_id = project.id and part.organisation_id = ${organisationId}))
      and ${listedBy('project', listing)}
      and (project.name ilike ${like} or project.code ilike ${like} or film.title ilike ${like})
    ${newestFirst('project', listing.limit)}`.execute(database);
  return result.rows.map((row) => ({ sortKey: row.sort_key, row: projectOf(row) }));
}

function projectOf(row: ProjectRow): ProjectRecord {
  const iso = (text: string) => new Date(text).toISOString();
  return {
    id: row.id,
    version: row.version,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    filmId: row.film_id,
    filmTitle: row.film_title,
    ownerId: row.organisation_id,
    ownerName: row.owner_name,
    name: row.name,
    code: row.code,
    frameRate: row.frame_rate,
    dropFrame: row.drop_frame,
    state: row.state,
    scope: row.whole ? 'whole' : 'turnover',
    participation: row.participation,
    settings: { ...USUAL_SETTINGS, ...row.settings },
    participants: row.participants.map((each) => ({
      ...each,
      invitedAt: iso(each.invitedAt),
      answeredAt: each.answeredAt === null ? null : iso(each.answeredAt),
    })),
  };
}

export type NewProject = Pick<ProjectRecord, 'id' | 'filmId' | 'name' | 'code' | 'frameRate'> & {
  readonly organisationId: string;
  readonly dropFrame: boolean;
  readonly settings: ProjectSettings;
};

/** False where the film has a project of this code. */
export async function insertProject(transaction: Transaction, of: NewProject): Promise<boolean> {
  const result = await sql`
    insert into production.project (id, organisation_id, film_id, name, code, frame_rate,
      drop_frame, settings)
    values (${of.id}, ${of.organisationId}, ${of.filmId}, ${of.name}, ${of.code}, ${of.frameRate},
      ${of.dropFrame}, ${jsonText(of.settings)}::json)
    on conflict (film_id, code) do nothing`.execute(transaction);
  return result.numAffectedRows === 1n;
}

/** False when another write came first. */
export async function updateProject(
  transaction: Transaction,
  id: string,
  version: number,
  of: Pick<NewProject, 'name' | 'code' | 'frameRate' | 'dropFrame' | 'settings'> & {
    readonly state: string;
  },
): Promise<boolean> {
  const result = await sql`
    update production.project set name = ${of.name}, code = ${of.code},
      frame_rate = ${of.frameRate}, drop_frame = ${of.dropFrame}, state = ${of.state},
      settings = ${jsonText(of.settings)}::json, version = version + 1, updated_at = now()
    where id = ${id} and version = ${version}`.execute(transaction);
  return result.numAffectedRows === 1n;
}

/** Asks a company, or changes what it was asked; whoever left is asked anew. */
export async function putParticipant(
  transaction: Transaction,
  of: {
    readonly projectId: string;
    readonly organisationId: string;
    readonly role: string;
    readonly scope: 'whole' | 'turnover';
    readonly userId: string | null;
  },
): Promise<void> {
  // A wider scope than was agreed is agreed to again.
  await sql`
    insert into production.participant (project_id, organisation_id, role, scope, invited_by)
    values (${of.projectId}, ${of.organisationId}, ${of.role}, ${of.scope}, ${of.userId})
    on conflict (project_id, organisation_id) do update set role = excluded.role,
      scope = excluded.scope,
      state = case when participant.state = 'joined' and participant.scope = excluded.scope
        then 'joined' else 'invited' end,
      invited_at = now(), invited_by = excluded.invited_by`.execute(transaction);
}

export type StoredParticipant = {
  readonly scope: 'whole' | 'turnover';
  readonly state: 'invited' | 'joined' | 'left';
};

export async function readParticipant(
  transaction: Transaction,
  projectId: string,
  organisationId: string,
): Promise<StoredParticipant | undefined> {
  const result = await sql<StoredParticipant>`
    select scope, state from production.participant
    where project_id = ${projectId} and organisation_id = ${organisationId}
    for update`.execute(transaction);
  return result.rows[0];
}

export async function setParticipant(
  transaction: Transaction,
  of: {
    readonly projectId: string;
    readonly organisationId: string;
    readonly state: 'joined' | 'left';
    readonly userId: string | null;
  },
): Promise<void> {
  await sql`
    update production.participant
    set state = ${of.state}, answered_at = now(), answered_by = ${of.userId}
    where project_id = ${of.projectId} and organisation_id = ${of.organisationId}
  `.execute(transaction);
}

/** The halls of a film's room that an organisation is in; undefined where it is not in it. */
export async function readHalls(
  transaction: Transaction,
  filmId: string,
  organisationId: string,
): Promise<{ halls: string[]; owner: boolean } | undefined> {
  const result = await sql<{ halls: string[]; owner: boolean }>`
    select halls, owner from kernel.room_member
    where film_id = ${filmId} and organisation_id = ${organisationId}`.execute(transaction);
  return result.rows[0];
}

/** Takes the hall of production from a company; whoever has no other leaves the room. */
export async function leaveRoom(
  transaction: Transaction,
  filmId: string,
  organisationId: string,
): Promise<void> {
  await sql`
    update kernel.room_member set halls = array_remove(halls, 'production')
    where film_id = ${filmId} and organisation_id = ${organisationId} and not owner
  `.execute(transaction);
  await sql`
    delete from kernel.room_member where film_id = ${filmId}
      and organisation_id = ${organisationId} and not owner and halls = '{}'
  `.execute(transaction);
}

/** Media of a project that were turned over to a company. */
export async function turnedAssets(
  transaction: Transaction,
  projectId: string,
  organisationId: string,
): Promise<string[]> {
  const result = await sql<{ asset_id: string }>`
    select distinct turned.asset_id from production.turnover_asset as turned
    join production.turnover on turnover.id = turned.turnover_id
    where turnover.project_id = ${projectId} and turnover.organisation_id = ${organisationId}
  `.execute(transaction);
  return result.rows.map((row) => row.asset_id);
}

type Counted = Record<string, number>;

/** How a project stands, of what the company sees of it. */
export async function readOverview(
  database: Queryable,
  organisationId: string,
  project: Pick<ProjectRecord, 'id' | 'scope' | 'settings'>,
  today: string,
): Promise<Overview> {
  const whole = project.scope === 'whole';
  const { id } = project;
  const done = codesOf(project.settings, 'done');
  const review = codesOf(project.settings, 'review');
  const shotScope = whole
    ? sql<boolean>`true`
    : sql<boolean>`shot.id in ${shotsTurnedTo(organisationId)}`;
  const shots = await sql<{ status: string; omitted: boolean; flagged: number; count: number }>`
    select status, omitted, count(*)::int as count,
      (count(*) filter (where json_array_length(changes) > 0))::int as flagged
    from production.shot where project_id = ${id} and ${shotScope}
    group by status, omitted`.execute(database);
  const tasks = await sql<{
    status: string;
    organisationId: string | null;
    name: string | null;
    count: number;
    late: number;
    flagged: number;
  }>`
    select task.status, task.organisation_id as "organisationId", company.name,
      count(*)::int as count, (count(*) filter (where task.flagged))::int as flagged,
      (count(*) filter (where task.due_on < ${today}::date
        and not task.status = any(${done}::text[])))::int as late
    from production.task
    left join kernel.organisation as company on company.id = task.organisation_id
    where task.project_id = ${id} and ${
      whole ? sql`true` : sql`task.organisation_id = ${organisationId}`
    }
    group by task.status, task.organisation_id, company.name`.execute(database);
  const row = await readRest(database, organisationId, project, today);
  return {
    shots: shotCounts(shots.rows),
    tasks: taskCounts(tasks.rows, new Set(done), new Set(review)),
    shoot: row.shoot,
    cuts: row.cuts,
    turnovers: { draft: 0, sent: 0, received: 0, withdrawn: 0, ...row.turnovers },
    versions: {
      waiting: row.versions?.['submitted'] ?? 0,
      approved: row.versions?.['approved'] ?? 0,
      total: sumOf(Object.values(row.versions ?? {})),
    },
    deliverables: {
      open: 0,
      submitted: 0,
      accepted: 0,
      rejected: 0,
      ...row.deliverables,
      late: row.late,
    },
  };
}

type Rest = {
  shoot: Overview['shoot'];
  cuts: number;
  turnovers: Counted | null;
  versions: Counted | null;
  deliverables: Counted | null;
  late: number;
};

/** Everything but shots and tasks. */
async function readRest(
  database: Queryable,
  organisationId: string,
  { id, scope }: Pick<ProjectRecord, 'id' | 'scope'>,
  today: string,
): Promise<Rest> {
  const whole = scope === 'whole';
  const own = whole ? sql<boolean>`true` : sql<boolean>`organisation_id = ${organisationId}`;
  const seen = whole ? sql<boolean>`true` : sql<boolean>`false`;
  const result = await sql<Rest>`
    select json_build_object(
        'days', (select count(*) from production.shoot_day where project_id = ${id} and ${seen}),
        'takes', (select count(*) from production.take where project_id = ${id} and ${seen}),
        'circled', (select count(*) from production.take
          where project_id = ${id} and circled and ${seen}),
        'minutes', coalesce((select sum(frame_count
            * split_part(frame_rate || '/1', '/', 2)::numeric
            / split_part(frame_rate, '/', 1)::numeric) / 60
          from production.take where project_id = ${id} and ${seen}), 0)) as shoot,
      (select count(*)::int from production.cut where project_id = ${id} and ${seen}) as cuts,
      (select json_object_agg(state, count) from (select state, count(*) from production.turnover
        where project_id = ${id} and ${
          whole ? sql`true` : sql`organisation_id = ${organisationId} and state <> 'draft'`
        }
        group by state) as each) as turnovers,
      (select json_object_agg(state, count) from (select state, count(*) from production.version
        where project_id = ${id} and ${own} group by state) as each) as versions,
      (select json_object_agg(state, count) from (select state, count(*)
        from production.deliverable where project_id = ${id} and ${own}
        group by state) as each) as deliverables,
      (select count(*)::int from production.deliverable where project_id = ${id} and ${own}
        and due_on < ${today}::date and state in ('open', 'rejected')) as late`.execute(database);
  return result.rows[0]!;
}

const sumOf = (counts: readonly number[]) => counts.reduce((sum, each) => sum + each, 0);

/** The statuses of tasks that count as a kind. */
export function codesOf(settings: ProjectSettings, kind: string): string[] {
  return settings.taskFlow.filter((each) => each.kind === kind).map((each) => each.code);
}

function shotCounts(
  rows: readonly { status: string; omitted: boolean; flagged: number; count: number }[],
): Overview['shots'] {
  const kept = rows.filter((row) => !row.omitted);
  return {
    total: sumOf(kept.map((row) => row.count)),
    omitted: sumOf(rows.filter((row) => row.omitted).map((row) => row.count)),
    flagged: sumOf(rows.map((row) => row.flagged)),
    byStatus: kept.map(({ status, count }) => ({ status, count })),
  };
}

type TaskRow = {
  readonly status: string;
  readonly organisationId: string | null;
  readonly name: string | null;
  readonly count: number;
  readonly late: number;
  readonly flagged: number;
};

function taskCounts(
  rows: readonly TaskRow[],
  done: ReadonlySet<string>,
  review: ReadonlySet<string>,
): Overview['tasks'] {
  const byStatus = new Map<string, number>();
  const byCompany = new Map<string, Overview['tasks']['byCompany'][number]>();
  for (const row of rows) {
    byStatus.set(row.status, (byStatus.get(row.status) ?? 0) + row.count);
    const key = row.organisationId ?? '';
    const company = byCompany.get(key) ?? {
      organisationId: row.organisationId,
      organisationName: row.name ?? '',
      total: 0,
      done: 0,
      review: 0,
      late: 0,
    };
    company.total += row.count;
    company.late += row.late;
    if (done.has(row.status)) company.done += row.count;
    if (review.has(row.status)) company.review += row.count;
    byCompany.set(key, company);
  }
  return {
    total: sumOf(rows.map((row) => row.count)),
    late: sumOf(rows.map((row) => row.late)),
    flagged: sumOf(rows.map((row) => row.flagged)),
    byStatus: [...byStatus].map(([status, count]) => ({ status, count })),
    byCompany: [...byCompany.values()].sort((a, b) => b.total - a.total),
  };
}
