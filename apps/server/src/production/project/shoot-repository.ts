import type { daySchema, rollSchema, takeQuery, takeSchema } from '@yinglian/contract';
import { allowsDropFrame, formatTimecode, parseFrameRate } from '@yinglian/core';
import { type RawBuilder, sql } from 'kysely';
import type { z } from 'zod';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import type { Listed } from '../../kernel/listing.ts';
import { jsonText } from '../../kernel/write.ts';
import { likeOf } from './repository.ts';
import type { LogTake } from './shoot-log.ts';

export type DayRecord = z.output<typeof daySchema>;
export type RollRecord = z.output<typeof rollSchema>;
export type TakeRecord = z.output<typeof takeSchema>;
export type TakeQuery = z.output<typeof takeQuery>;

const given = (value: unknown, condition: RawBuilder<unknown>) =>
  value === undefined ? sql`true` : condition;

/** Seconds of takes, for people to read; frames stay the truth. */
const SECONDS = sql`coalesce(sum(take.frame_count
  * split_part(take.frame_rate || '/1', '/', 2)::numeric
  / split_part(take.frame_rate, '/', 1)::numeric), 0)::float8`;

export async function listDays(
  database: Queryable,
  where: { readonly projectId: string } | { readonly id: string },
): Promise<DayRecord[]> {
  const result = await sql<
    Omit<DayRecord, 'createdAt' | 'updatedAt'> & {
      created: Date;
      updated: Date;
    }
  >`
    select day.id, day.version, day.created_at as created, day.updated_at as updated,
      day.project_id as "projectId", day.number, day.unit, day.date::text, day.place, day.note,
      (select count(*)::int from production.roll where roll.day_id = day.id) as rolls,
      count(take.id)::int as takes, (count(take.id) filter (where take.circled))::int as circled,
      ${SECONDS} as seconds
    from production.shoot_day as day
    left join production.take on take.day_id = day.id
    where ${'id' in where ? sql`day.id = ${where.id}` : sql`day.project_id = ${where.projectId}`}
    group by day.id order by day.number, day.unit, day.id`.execute(database);
  return result.rows.map(({ created, updated, ...row }) => ({
    ...row,
    createdAt: created.toISOString(),
    updatedAt: updated.toISOString(),
  }));
}

export type DayWrite = {
  readonly number: number;
  readonly unit: string;
  readonly date: string | null;
  readonly place: string;
  readonly note: string;
};

/** False where the unit has a day of this number. */
export async function insertDay(
  transaction: Transaction,
  of: DayWrite & { readonly id: string; readonly projectId: string },
): Promise<boolean> {
  const result = await sql`
    insert into production.shoot_day (id, project_id, number, unit, date, place, note)
    values (${of.id}, ${of.projectId}, ${of.number}, ${of.unit}, ${of.date}::date, ${of.place},
      ${of.note})
    on conflict do nothing`.execute(transaction);
  return result.numAffectedRows === 1n;
}

/** False when another write came first. */
export async function updateDay(
  transaction: Transaction,
  id: string,
  of: DayWrite & { readonly version: number },
): Promise<boolean> {
  const result = await sql`
    update production.shoot_day set number = ${of.number}, unit = ${of.unit},
      date = ${of.date}::date, place = ${of.place}, note = ${of.note}, version = version + 1,
      updated_at = now()
    where id = ${id} and version = ${of.version}`.execute(transaction);
  return result.numAffectedRows === 1n;
}

export async function listRolls(database: Queryable, dayId: string): Promise<RollRecord[]> {
  const result = await sql<
    Omit<RollRecord, 'createdAt' | 'updatedAt' | 'sizeBytes'> & {
      created: Date;
      updated: Date;
      sizeBytes: bigint | null;
    }
  >`
    select roll.id, roll.version, roll.created_at as created, roll.updated_at as updated,
      roll.day_id as "dayId", roll.kind, roll.name, roll.device, roll.note,
      roll.manifest_file_id as "manifestFileId", roll.file_count as "fileCount",
      roll.size_bytes as "sizeBytes", roll.verified,
      (select count(*)::int from production.take
        where take.roll_id = roll.id or take.sound_roll_id = roll.id) as takes
    from production.roll where roll.day_id = ${dayId}
    order by roll.kind, roll.name`.execute(database);
  return result.rows.map(({ created, updated, sizeBytes, ...row }) => ({
    ...row,
    sizeBytes: sizeBytes === null ? null : Number(sizeBytes),
    createdAt: created.toISOString(),
    updatedAt: updated.toISOString(),
  }));
}

type TakeRow = Omit<
  TakeRecord,
  'createdAt' | 'updatedAt' | 'sizeBytes' | 'startTimecode' | 'endTimecode'
> & {
  created: Date;
  updated: Date;
  sizeBytes: bigint | null;
  start: bigint | null;
  dropFrame: boolean;
  day_number: number;
  ordinal: number;
};

/** Takes in the order of the days, then of their lists. */
export async function listTakes(
  database: Queryable,
  listing: Partial<TakeQuery> & {
    readonly id?: string | undefined;
    readonly after?: readonly string[] | undefined;
    readonly limit: number;
  },
): Promise<Listed<TakeRecord>[]> {
  const { after } = listing;
  const like = likeOf(listing.search);
  const result = await sql<TakeRow>`
    select take.id, take.version, take.created_at as created, take.updated_at as updated,
      take.project_id as "projectId", take.day_id as "dayId", take.roll_id as "rollId",
      roll.name as roll, sound.name as "soundRoll", take.scene, take.take, take.camera, take.clip,
      take.frame_rate as "frameRate", take.start_frame as start, take.frame_count as "frameCount",
      take.drop_frame as "dropFrame", take.circled, take.comment, take.facts,
      take.size_bytes as "sizeBytes", take.digest, take.asset_id as "assetId",
      day.number as day_number, take.ordinal
    from production.take
    join production.shoot_day as day on day.id = take.day_id
    left join production.roll on roll.id = take.roll_id
    left join production.roll as sound on sound.id = take.sound_roll_id
    where ${given(listing.projectId, sql`take.project_id = ${listing.projectId}`)}
      and ${given(listing.id, sql`take.id = ${listing.id}`)}
      and ${given(listing.dayId, sql`take.day_id = ${listing.dayId}`)}
      and ${given(
        listing.rollId,
        sql`(take.roll_id = ${listing.rollId}
        or take.sound_roll_id = ${listing.rollId})`,
      )}
      and ${given(listing.scene, sql`take.scene = ${listing.scene}`)}
      and ${given(listing.circled, sql`take.circled = ${listing.circled === true}`)}
      and (take.clip ilike ${like} or take.scene ilike ${like} or take.comment ilike ${like}
        or roll.name ilike ${like})
      and ${given(
        after,
        sql`(day.number, take.ordinal, take.id)
        > (${after?.[0]}::int, ${after?.[1]}::int, ${after?.[2]}::uuid)`,
      )}
    order by day.number, take.ordinal, take.id limit ${listing.limit + 1}`.execute(database);
  return result.rows.map((row) => ({
    sortKey: JSON.stringify([String(row.day_number), String(row.ordinal), row.id]),
    row: takeOf(row),
  }));
}

function takeOf(taken: TakeRow): TakeRecord {
  const {
    created,
    updated,
    sizeBytes,
    start,
    dropFrame,
    day_number: _,
    ordinal: __,
    ...row
  } = taken;
  const rate = parseFrameRate(row.frameRate);
  const label = (frames: bigint | null) =>
    frames === null || rate === undefined
      ? null
      : formatTimecode(frames, { rate, dropFrame: dropFrame && allowsDropFrame(rate) });
  const end = start === null || row.frameCount === null ? null : start + BigInt(row.frameCount);
  return {
    ...row,
    startTimecode: label(start),
    endTimecode: label(end),
    sizeBytes: sizeBytes === null ? null : Number(sizeBytes),
    createdAt: created.toISOString(),
    updatedAt: updated.toISOString(),
  };
}

/** Puts rolls in that are not there yet, and gives all of a day by kind and name. */
export async function putRolls(
  transaction: Transaction,
  of: {
    readonly projectId: string;
    readonly dayId: string;
    readonly rolls: readonly {
      readonly id: string;
      readonly kind: string;
      readonly name: string;
    }[];
  },
): Promise<{ readonly ids: ReadonlyMap<string, string>; readonly added: number }> {
  const added = await sql<{ id: string }>`
    insert into production.roll (id, project_id, day_id, kind, name)
    select each.id, ${of.projectId}::uuid, ${of.dayId}::uuid, each.kind, each.name
    from json_to_recordset(${jsonText(of.rolls)}::json) as each (id uuid, kind text, name text)
    on conflict do nothing returning id`.execute(transaction);
  const all = await sql<{ id: string; kind: string; name: string }>`
    select id, kind, name from production.roll where day_id = ${of.dayId}`.execute(transaction);
  return {
    ids: new Map(all.rows.map((row) => [`${row.kind}/${row.name}`, row.id])),
    added: added.rows.length,
  };
}

export async function setManifest(
  transaction: Transaction,
  rollId: string,
  of: {
    readonly fileId: string;
    readonly fileCount: number;
    readonly sizeBytes: number;
    readonly verified: boolean;
  },
): Promise<void> {
  await sql`
    update production.roll set manifest_file_id = ${of.fileId}, file_count = ${of.fileCount},
      size_bytes = ${BigInt(of.sizeBytes)}, verified = ${of.verified}, version = version + 1,
      updated_at = now()
    where id = ${rollId}`.execute(transaction);
}

/** Takes that a day has already, by clip. */
export async function readKnownTakes(
  database: Queryable,
  projectId: string,
  clips: readonly string[],
): Promise<ReadonlyMap<string, { readonly id: string; readonly dayId: string }>> {
  const result = await sql<{ id: string; dayId: string; clip: string }>`
    select id, day_id as "dayId", clip from production.take
    where project_id = ${projectId} and clip = any(${[...clips]}::text[])`.execute(database);
  return new Map(result.rows.map((row) => [row.clip, row]));
}

export type TakeWrite = LogTake & {
  readonly id: string;
  readonly dayId: string;
  readonly rollId: string | null;
  readonly soundRollId: string | null;
};

/**
 * Puts takes in, or adds to those there are: what a list does not say stays as it was, so that a
 * camera's list, the script supervisor's and the manifest complete each other.
 */
export async function putTakes(
  transaction: Transaction,
  projectId: string,
  takes: readonly TakeWrite[],
): Promise<{ readonly added: number; readonly changed: number }> {
  if (takes.length === 0) return { added: 0, changed: 0 };
  const result = await sql<{ added: boolean }>`
    insert into production.take as known (id, project_id, day_id, roll_id, sound_roll_id, ordinal,
      scene, take, camera, clip, frame_rate, start_frame, frame_count, drop_frame, circled,
      comment, facts, size_bytes, digest)
    select each.id, ${projectId}::uuid, each."dayId", each."rollId", each."soundRollId",
      coalesce((select max(ordinal) from production.take
        where take.day_id = each."dayId"), 0) + (each.number)::int,
      each.scene, each.take, each.camera, each.clip, coalesce(each."frameRate", '24'),
      each.start, each.frames, each."dropFrame", each.circled, each.comment, each.facts,
      each."sizeBytes", each.digest
    from rows from (json_to_recordset(${jsonText(takes)}::json) as (id uuid, "dayId" uuid,
      "rollId" uuid, "soundRollId" uuid, scene text, take text, camera text, clip text,
      "frameRate" text, start bigint, frames int, "dropFrame" boolean, circled boolean,
      comment text, facts json, "sizeBytes" bigint, digest text)) with ordinality
      as each (id, "dayId", "rollId", "soundRollId", scene, take, camera, clip, "frameRate",
        start, frames, "dropFrame", circled, comment, facts, "sizeBytes", digest, number)
    on conflict (day_id, clip) do update set
      roll_id = coalesce(excluded.roll_id, known.roll_id),
      sound_roll_id = coalesce(excluded.sound_roll_id, known.sound_roll_id),
      scene = coalesce(nullif(excluded.scene, ''), known.scene),
      take = coalesce(nullif(excluded.take, ''), known.take),
      camera = coalesce(nullif(excluded.camera, ''), known.camera),
      frame_rate = case when excluded.start_frame is null then known.frame_rate
        else excluded.frame_rate end,
      start_frame = coalesce(excluded.start_frame, known.start_frame),
      frame_count = coalesce(excluded.frame_count, known.frame_count),
      drop_frame = case when excluded.start_frame is null then known.drop_frame
        else excluded.drop_frame end,
      circled = excluded.circled or known.circled,
      comment = coalesce(nullif(excluded.comment, ''), known.comment),
      facts = (known.facts::jsonb || excluded.facts::jsonb)::json,
      size_bytes = coalesce(excluded.size_bytes, known.size_bytes),
      digest = coalesce(excluded.digest, known.digest),
      version = known.version + 1, updated_at = now()
    where (coalesce(excluded.roll_id, known.roll_id),
        coalesce(excluded.sound_roll_id, known.sound_roll_id),
        coalesce(nullif(excluded.scene, ''), known.scene),
        coalesce(nullif(excluded.take, ''), known.take),
        coalesce(nullif(excluded.camera, ''), known.camera),
        coalesce(excluded.start_frame, known.start_frame),
        coalesce(excluded.frame_count, known.frame_count),
        excluded.circled or known.circled,
        coalesce(nullif(excluded.comment, ''), known.comment),
        known.facts::jsonb || excluded.facts::jsonb,
        coalesce(excluded.size_bytes, known.size_bytes),
        coalesce(excluded.digest, known.digest))
      is distinct from (known.roll_id, known.sound_roll_id, known.scene, known.take,
        known.camera, known.start_frame, known.frame_count, known.circled, known.comment,
        known.facts::jsonb, known.size_bytes, known.digest)
    returning (xmax = 0) as added`.execute(transaction);
  const added = result.rows.filter((row) => row.added).length;
  return { added, changed: result.rows.length - added };
}

/** False when another write came first. */
export async function updateTake(
  transaction: Transaction,
  id: string,
  of: {
    readonly version: number;
    readonly scene: string;
    readonly take: string;
    readonly circled: boolean;
    readonly comment: string;
  },
): Promise<boolean> {
  const result = await sql`
    update production.take set scene = ${of.scene}, take = ${of.take}, circled = ${of.circled},
      comment = ${of.comment}, version = version + 1, updated_at = now()
    where id = ${id} and version = ${of.version}`.execute(transaction);
  return result.numAffectedRows === 1n;
}

/** Finds the media of takes by their names: of a project, or of assets that just came in. */
export async function linkTakes(
  transaction: Transaction,
  of: { readonly projectId: string } | { readonly assetIds: readonly string[] },
): Promise<void> {
  await sql`
    update production.take set asset_id = asset.id
    from production.project, production.asset
    join kernel.file on file.id = asset.original_file_id
    where take.asset_id is null and project.id = take.project_id
      and asset.film_id = project.film_id and not asset.held
      and regexp_replace(file.name, '\\.[A-Za-z0-9]{2,5}$', '') = take.clip
      and ${
        'projectId' in of
          ? sql`project.id = ${of.projectId}`
          : sql`asset.id = any(${[...of.assetIds]}::uuid[])`
      }`.execute(transaction);
}
