import type { cutSchema, sequenceSchema, shotQuery, shotSchema } from '@yinglian/contract';
import type { Finding } from '@yinglian/core';
import { type RawBuilder, sql } from 'kysely';
import type { z } from 'zod';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import { wireFinding } from '../../kernel/http/problems.ts';
import { type Listed, listedBy, newestFirst } from '../../kernel/listing.ts';
import { jsonText } from '../../kernel/write.ts';
import type { KnownShot } from './cut-plan.ts';
import { likeOf } from './repository.ts';
import { shotsTurnedTo } from './scope.ts';

export type ShotRecord = z.output<typeof shotSchema>;
export type SequenceRecord = z.output<typeof sequenceSchema>;
export type CutRecord = z.output<typeof cutSchema>;
export type ShotQuery = z.output<typeof shotQuery>;

type ShotRow = {
  id: string;
  version: number;
  created_at: Date;
  updated_at: Date;
  project_id: string;
  sequence_id: string | null;
  sequence: string | null;
  code: string;
  description: string;
  ordinal: number;
  status: string;
  omitted: boolean;
  cut_id: string | null;
  record_in: number | null;
  frame_count: number | null;
  clip: string;
  reel: string;
  source_in: number | null;
  source_out: number | null;
  speed: string;
  first_frame: number;
  head_handle: number;
  tail_handle: number;
  scanned_in: number | null;
  scanned_out: number | null;
  changes: ShotRecord['changes'];
  thumbnail: string | null;
  tasks: ShotRecord['tasks'] | null;
  latest: ShotRecord['latest'];
  sort_key: string;
};

/** Shots are in the order of their sequences, then of the cut. */
const ORDER = sql`coalesce(sequence.ordinal, 0), coalesce(sequence.code, ''),
  shot.ordinal, shot.id`;

const given = (value: unknown, condition: RawBuilder<unknown>) =>
  value === undefined ? sql`true` : condition;

export type ShotListing = Partial<ShotQuery> & {
  readonly projectId: string;
  readonly reader: string;
  readonly scope: 'whole' | 'turnover';
  readonly ids?: readonly string[] | undefined;
  readonly after?: readonly string[] | undefined;
  readonly limit: number;
};

/** The picture of a shot: of its newest version, else of what was turned over, else of its take. */
function thumbnailOf(reader: string, whole: boolean): RawBuilder<string | null> {
  return sql<string | null>`coalesce((select asset.poster_file_id from production.version
          join production.asset on asset.id = version.asset_id
          where version.subject_kind = 'shot' and version.subject_id = shot.id
            and version.state <> 'withdrawn' and asset.poster_file_id is not null
            and ${whole ? sql`true` : sql`version.organisation_id = ${reader}`}
          order by version.created_at desc, version.id desc limit 1),
        (select asset.poster_file_id from production.turnover_shot as turned
          join production.turnover_asset as medium on medium.turnover_id = turned.turnover_id
          join production.turnover on turnover.id = turned.turnover_id
          join production.asset on asset.id = medium.asset_id
          where turned.shot_id = shot.id and asset.poster_file_id is not null
            and starts_with(lower(asset.title), lower(shot.code))
            and ${
              whole
                ? sql`true`
                : sql`(turnover.organisation_id = ${reader}
              and turnover.state in ('sent', 'received'))`
            }
          order by asset.created_at desc limit 1),
        (select asset.poster_file_id from production.take
          join production.asset on asset.id = take.asset_id
          where take.project_id = shot.project_id and take.clip = shot.clip and shot.clip <> ''
            and ${whole ? sql`true` : sql`false`} limit 1))`;
}

export async function listShots(
  database: Queryable,
  listing: ShotListing,
): Promise<Listed<ShotRecord>[]> {
  const { projectId, reader, after } = listing;
  const whole = listing.scope === 'whole';
  const like = likeOf(listing.search);
  const companys = whole ? sql`true` : sql`task.organisation_id = ${reader}`;
  const result = await sql<ShotRow>`
    select shot.*, sequence.code as sequence,
      json_build_array(coalesce(sequence.ordinal, 0)::text, coalesce(sequence.code, ''),
        shot.ordinal::text, shot.id)::text as sort_key,
      (select json_agg(json_build_object('id', task.id, 'name', task.name,
          'status', task.status, 'organisationName', company.name, 'dueOn', task.due_on,
          'flagged', task.flagged) order by task.name)
        from production.task
        left join kernel.organisation as company on company.id = task.organisation_id
        where task.shot_id = shot.id and ${companys}) as tasks,
      (select json_build_object('id', version.id, 'name', version.name,
          'number', version.number, 'state', version.state, 'assetId', version.asset_id)
        from production.version
        where version.subject_kind = 'shot' and version.subject_id = shot.id
          and version.state <> 'withdrawn'
          and ${whole ? sql`true` : sql`version.organisation_id = ${reader}`}
        order by version.created_at desc, version.id desc limit 1) as latest,
      ${thumbnailOf(reader, whole)} as thumbnail
    from production.shot
    left join production.sequence on sequence.id = shot.sequence_id
    where shot.project_id = ${projectId}
      and ${whole ? sql`true` : sql`shot.id in ${shotsTurnedTo(reader)}`}
      and ${given(listing.ids, sql`shot.id = any(${[...(listing.ids ?? [])]}::uuid[])`)}
      and ${given(
        listing.sequenceId,
        sql`(shot.sequence_id = ${listing.sequenceId}
        or sequence.parent_id = ${listing.sequenceId})`,
      )}
      and ${given(listing.status, sql`shot.status = ${listing.status}`)}
      and ${given(
        listing.organisationId,
        sql`exists (select 1 from production.task
        where task.shot_id = shot.id and task.organisation_id = ${listing.organisationId}
          and ${companys})`,
      )}
      and ${given(
        listing.flagged,
        sql`(json_array_length(shot.changes) > 0)
        = ${listing.flagged === true}`,
      )}
      and ${given(listing.omitted, sql`shot.omitted = ${listing.omitted === true}`)}
      and (shot.code ilike ${like} or shot.description ilike ${like} or shot.clip ilike ${like}
        or shot.reel ilike ${like})
      and ${given(
        after,
        sql`(coalesce(sequence.ordinal, 0), coalesce(sequence.code, ''),
        shot.ordinal, shot.id) > (${after?.[0]}::int, ${after?.[1]}, ${after?.[2]}::int,
        ${after?.[3]}::uuid)`,
      )}
    order by ${ORDER} limit ${listing.limit + 1}`.execute(database);
  return result.rows.map((row) => ({ sortKey: row.sort_key, row: shotOf(row) }));
}

function shotOf(row: ShotRow): ShotRecord {
  const used =
    row.source_in === null || row.source_out === null
      ? row.frame_count
      : row.source_out - row.source_in;
  const isScanned = row.scanned_in !== null && row.scanned_out !== null && row.source_in !== null;
  const cutIn = isScanned
    ? row.first_frame + row.source_in! - row.scanned_in!
    : row.first_frame + row.head_handle;
  const cutOut = used === null ? null : cutIn + used - 1;
  return {
    id: row.id,
    version: row.version,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    projectId: row.project_id,
    sequenceId: row.sequence_id,
    sequence: row.sequence,
    code: row.code,
    description: row.description,
    ordinal: row.ordinal,
    status: row.status,
    omitted: row.omitted,
    cutId: row.cut_id,
    recordIn: row.record_in,
    frameCount: row.frame_count,
    clip: row.clip,
    reel: row.reel,
    sourceIn: row.source_in,
    sourceOut: row.source_out,
    speed: row.speed,
    firstFrame: row.first_frame,
    cutIn,
    cutOut,
    lastFrame: isScanned
      ? row.first_frame + row.scanned_out! - row.scanned_in! - 1
      : cutOut === null
        ? null
        : cutOut + row.tail_handle,
    headHandle: row.head_handle,
    tailHandle: row.tail_handle,
    changes: row.changes,
    thumbnailFileId: row.thumbnail,
    tasks: row.tasks ?? [],
    latest: row.latest,
  };
}

export type NewShot = {
  readonly id: string;
  readonly projectId: string;
  readonly sequenceId: string | null;
  readonly code: string;
  readonly description: string;
  readonly status: string;
  readonly ordinal: number;
  readonly frameCount: number | null;
  readonly firstFrame: number;
  readonly headHandle: number;
  readonly tailHandle: number;
  readonly cutId: string | null;
  readonly recordIn: number | null;
  readonly clip: string;
  readonly reel: string;
  readonly sourceIn: number | null;
  readonly sourceOut: number | null;
  readonly scannedIn: number | null;
  readonly scannedOut: number | null;
  readonly speed: string;
};

/** What a shot has of a cut before one was read. */
export const UNCUT = {
  cutId: null,
  recordIn: null,
  clip: '',
  reel: '',
  speed: '1',
  sourceIn: null,
  sourceOut: null,
  scannedIn: null,
  scannedOut: null,
} as const;

/** Puts shots in, many at once; a code that is taken is left out. Gives the codes put in. */
export async function insertShots(
  transaction: Transaction,
  shots: readonly NewShot[],
): Promise<string[]> {
  if (shots.length === 0) return [];
  const result = await sql<{ code: string }>`
    insert into production.shot (id, project_id, sequence_id, code, description, status, ordinal,
      frame_count, first_frame, head_handle, tail_handle, cut_id, record_in, clip, reel,
      source_in, source_out, scanned_in, scanned_out, speed)
    select each.* from json_to_recordset(${jsonText(shots)}::json) as each ("id" uuid,
      "projectId" uuid, "sequenceId" uuid, "code" text, "description" text, "status" text,
      "ordinal" int, "frameCount" int, "firstFrame" int, "headHandle" int, "tailHandle" int,
      "cutId" uuid, "recordIn" int, "clip" text, "reel" text, "sourceIn" int, "sourceOut" int,
      "scannedIn" int, "scannedOut" int, "speed" text)
    on conflict (project_id, code) do nothing
    returning code`.execute(transaction);
  return result.rows.map((row) => row.code);
}

export type ShotWrite = {
  readonly version: number;
  readonly sequenceId: string | null;
  readonly code: string;
  readonly description: string;
  readonly frameCount: number | null;
  readonly headHandle?: number | undefined;
  readonly tailHandle?: number | undefined;
  readonly firstFrame?: number | undefined;
};

/** False when another write came first. */
export async function updateShot(
  transaction: Transaction,
  id: string,
  of: ShotWrite,
): Promise<boolean> {
  const result = await sql`
    update production.shot set sequence_id = ${of.sequenceId}, code = ${of.code},
      description = ${of.description}, frame_count = ${of.frameCount},
      head_handle = coalesce(${of.headHandle ?? null}::int, head_handle),
      tail_handle = coalesce(${of.tailHandle ?? null}::int, tail_handle),
      first_frame = coalesce(${of.firstFrame ?? null}::int, first_frame),
      version = version + 1, updated_at = now()
    where id = ${id} and version = ${of.version}`.execute(transaction);
  return result.numAffectedRows === 1n;
}

/** All shots of a project, as the reading of a cut knows them. */
export async function readKnownShots(
  database: Queryable,
  projectId: string,
  sequenceId: string | null,
): Promise<KnownShot[]> {
  const result = await sql<KnownShot>`
    select shot.id, shot.code, shot.clip, shot.reel, shot.source_in as "sourceIn",
      shot.source_out as "sourceOut", shot.scanned_in as "scannedIn",
      shot.scanned_out as "scannedOut", shot.head_handle as "headHandle",
      shot.tail_handle as "tailHandle", shot.omitted,
      coalesce(cut.id is not null
        and cut.sequence_id is not distinct from ${sequenceId}::uuid, false) as "ofLine"
    from production.shot
    left join production.cut on cut.id = shot.cut_id
    where shot.project_id = ${projectId}`.execute(database);
  return result.rows;
}

export type ShotStep = {
  readonly id: string;
  readonly ordinal: number;
  readonly recordIn: number;
  readonly frameCount: number;
  readonly clip: string;
  readonly reel: string;
  readonly sourceIn: number;
  readonly sourceOut: number;
  readonly scannedIn: number;
  readonly scannedOut: number;
  readonly speed: string;
  readonly changes: ShotRecord['changes'];
};

/** Brings shots to a new cut; what changed is added to what nobody has seen yet. */
export async function stepShots(
  transaction: Transaction,
  cutId: string,
  steps: readonly ShotStep[],
): Promise<void> {
  if (steps.length === 0) return;
  await sql`
    update production.shot as record set ordinal = each."ordinal", record_in = each."recordIn",
      frame_count = each."frameCount", clip = each."clip", reel = each."reel",
      source_in = each."sourceIn", source_out = each."sourceOut",
      scanned_in = each."scannedIn", scanned_out = each."scannedOut", speed = each."speed",
      cut_id = ${cutId}::uuid, omitted = false,
      changes = (record.changes::jsonb || each."changes"::jsonb)::json,
      version = version + 1, updated_at = now()
    from json_to_recordset(${jsonText(steps)}::json) as each ("id" uuid, "ordinal" int,
      "recordIn" int, "frameCount" int, "clip" text, "reel" text, "sourceIn" int,
      "sourceOut" int, "scannedIn" int, "scannedOut" int, "speed" text, "changes" json)
    where record.id = each."id"`.execute(transaction);
}

/** Takes shots out of the cut; they keep everything else. */
export async function omitShots(
  transaction: Transaction,
  ids: readonly string[],
  change: ShotRecord['changes'][number],
): Promise<void> {
  if (ids.length === 0) return;
  await sql`
    update production.shot set omitted = true, record_in = null,
      changes = (changes::jsonb || ${jsonText([change])}::jsonb)::json,
      version = version + 1, updated_at = now()
    where id = any(${[...ids]}::uuid[])`.execute(transaction);
}

/**
 * Somebody has seen what the cut changed: the marks go, and what is asked for anew is given out.
 * Numbers stay with their frames, so a longer head begins before the first number.
 */
export async function seeShots(
  transaction: Transaction,
  projectId: string,
  ids: readonly string[],
): Promise<string[]> {
  const result = await sql<{ id: string }>`
    update production.shot set changes = '[]',
      first_frame = first_frame - greatest(0, coalesce(scanned_in - (source_in - head_handle), 0))
        * (case when scanned_in > source_in then 1 else 0 end),
      scanned_in = case when scanned_in > source_in then source_in - head_handle
        else scanned_in end,
      scanned_out = case when scanned_out < source_out then source_out + tail_handle
        else scanned_out end,
      version = version + 1, updated_at = now()
    where project_id = ${projectId} and id = any(${[...ids]}::uuid[])
      and json_array_length(changes) > 0
    returning id`.execute(transaction);
  await sql`
    update production.task set flagged = false, version = version + 1, updated_at = now()
    where flagged and shot_id = any(${result.rows.map((row) => row.id)}::uuid[])
  `.execute(transaction);
  return result.rows.map((row) => row.id);
}

/** Marks the tasks of shots that a cut changed. Gives how many. */
export async function flagTasks(
  transaction: Transaction,
  shotIds: readonly string[],
): Promise<number> {
  if (shotIds.length === 0) return 0;
  const result = await sql`
    update production.task set flagged = true, version = version + 1, updated_at = now()
    where shot_id = any(${[...shotIds]}::uuid[]) and not flagged`.execute(transaction);
  return Number(result.numAffectedRows ?? 0n);
}

export async function listSequences(
  database: Queryable,
  where: { readonly projectId: string } | { readonly id: string },
  visibleTo?: string,
): Promise<SequenceRecord[]> {
  const result = await sql<
    Omit<SequenceRecord, 'createdAt' | 'updatedAt'> & {
      created: Date;
      updated: Date;
    }
  >`
    select sequence.id, sequence.version, sequence.created_at as created,
      sequence.updated_at as updated, sequence.project_id as "projectId",
      sequence.parent_id as "parentId", sequence.kind, sequence.code, sequence.name,
      sequence.ordinal, (select count(*)::int from production.shot
        where shot.sequence_id = sequence.id and ${
          visibleTo === undefined ? sql`true` : sql`shot.id in ${shotsTurnedTo(visibleTo)}`
        }) as shots
    from production.sequence
    where ${
      'id' in where ? sql`sequence.id = ${where.id}` : sql`sequence.project_id = ${where.projectId}`
    }
      and ${
        visibleTo === undefined
          ? sql`true`
          : sql`exists (select 1 from production.shot where shot.sequence_id = sequence.id
          and shot.id in ${shotsTurnedTo(visibleTo)})`
      }
    order by sequence.ordinal, sequence.code, sequence.id`.execute(database);
  return result.rows.map(({ created, updated, ...row }) => ({
    ...row,
    createdAt: created.toISOString(),
    updatedAt: updated.toISOString(),
  }));
}

export type SequenceWrite = {
  readonly parentId: string | null;
  readonly kind: 'episode' | 'sequence';
  readonly code: string;
  readonly name: string;
  readonly ordinal: number;
};

/** False where the code is taken. */
export async function insertSequence(
  transaction: Transaction,
  of: SequenceWrite & { readonly id: string; readonly projectId: string },
): Promise<boolean> {
  const result = await sql`
    insert into production.sequence (id, project_id, parent_id, kind, code, name, ordinal)
    values (${of.id}, ${of.projectId}, ${of.parentId}, ${of.kind}, ${of.code}, ${of.name},
      ${of.ordinal})
    on conflict do nothing`.execute(transaction);
  return result.numAffectedRows === 1n;
}

/** False when another write came first. */
export async function updateSequence(
  transaction: Transaction,
  id: string,
  of: SequenceWrite & { readonly version: number },
): Promise<boolean> {
  const result = await sql`
    update production.sequence set parent_id = ${of.parentId}, kind = ${of.kind},
      code = ${of.code}, name = ${of.name}, ordinal = ${of.ordinal}, version = version + 1,
      updated_at = now()
    where id = ${id} and version = ${of.version}`.execute(transaction);
  return result.numAffectedRows === 1n;
}

type CutRow = Omit<CutRecord, 'createdAt' | 'updatedAt' | 'findings'> & {
  created: Date;
  updated: Date;
  findings: Finding[];
  namedFileId: string;
  sort_key: string;
};
export type StoredCut = { readonly record: CutRecord; readonly namedFileId: string };

/** Cuts of a project or of one line, the newest first. */
export async function listCuts(
  database: Queryable,
  where: {
    readonly projectId?: string;
    readonly id?: string;
    /** One line of cuts; null is that of the whole film. */
    readonly sequenceId?: string | null;
    readonly before?: number;
    readonly after?: readonly [string, string] | undefined;
    readonly limit: number;
  },
): Promise<(StoredCut & { readonly sortKey: string })[]> {
  const result = await sql<CutRow>`
    select cut.id, cut.version, cut.created_at as created, cut.updated_at as updated,
      cut.project_id as "projectId", cut.sequence_id as "sequenceId", cut.number, cut.name,
      cut.format, cut.file_id as "fileId", cut.named_file_id as "namedFileId",
      cut.frame_rate as "frameRate", cut.frame_count as "frameCount", cut.by_name as by,
      cut.counts, cut.findings, cut.created_at::text as sort_key
    from production.cut
    where ${listedBy('cut', { after: where.after })}
      and ${given(where.projectId, sql`cut.project_id = ${where.projectId}`)}
      and ${given(where.id, sql`cut.id = ${where.id}`)}
      and ${given(
        where.sequenceId,
        sql`cut.sequence_id is not distinct from ${where.sequenceId ?? null}::uuid`,
      )}
      and ${given(where.before, sql`cut.number < ${where.before}`)}
    ${newestFirst('cut', where.limit)}`.execute(database);
  return result.rows.map(({ created, updated, namedFileId, sort_key: sortKey, ...row }) => ({
    sortKey,
    namedFileId,
    record: {
      ...row,
      findings: row.findings.map(wireFinding),
      createdAt: created.toISOString(),
      updatedAt: updated.toISOString(),
    },
  }));
}

export async function insertCut(
  transaction: Transaction,
  of: Pick<
    CutRecord,
    'id' | 'projectId' | 'sequenceId' | 'name' | 'format' | 'fileId' | 'frameRate' | 'frameCount'
  > & {
    readonly namedFileId: string;
    readonly by: string;
    readonly counts: Readonly<Record<string, number>>;
    readonly findings: readonly Finding[];
  },
): Promise<number> {
  const result = await sql<{ number: number }>`
    insert into production.cut (id, project_id, sequence_id, number, name, format, file_id,
      named_file_id, frame_rate, frame_count, by_name, counts, findings)
    select ${of.id}::uuid, ${of.projectId}::uuid, ${of.sequenceId}::uuid,
      coalesce(max(cut.number), 0) + 1,
      ${of.name}, ${of.format}, ${of.fileId}::uuid, ${of.namedFileId}::uuid, ${of.frameRate},
      ${of.frameCount}, ${of.by}, ${jsonText(of.counts)}::json, ${jsonText(of.findings)}::json
    from production.cut where cut.project_id = ${of.projectId}
      and cut.sequence_id is not distinct from ${of.sequenceId}::uuid
    returning number`.execute(transaction);
  return result.rows[0]!.number;
}
