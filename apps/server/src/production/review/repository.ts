import type { noteSchema } from '@yinglian/contract';
import { type RawBuilder, sql } from 'kysely';
import type { z } from 'zod';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import type { Listed } from '../../kernel/listing.ts';
import { jsonText } from '../../kernel/write.ts';
import { assetsReachedBy } from '../project/reach.ts';

export type NoteRecord = z.output<typeof noteSchema>;
export type NoteDrawing = NonNullable<NoteRecord['drawing']>;

type NoteRow = {
  id: string;
  version: number;
  created_at: Date;
  updated_at: Date;
  asset_id: string;
  organisation_id: string;
  organisation_name: string;
  author_id: string | null;
  author_name: string;
  frame: number;
  to_frame: number | null;
  text: string;
  state: string;
  done_by: string | null;
  done_at: Date | null;
  parent_id: string | null;
  internal: boolean;
  drawing: NoteDrawing | null;
  drawing_number: number;
  mentioned: { id: string; name: string }[];
  origin: string;
};

/** Who asks: an organisation sees what is not internal to another one. */
export type NoteReader = { readonly organisationId: string };

function seenBy({ organisationId }: NoteReader): RawBuilder<boolean> {
  return sql<boolean>`(not note.internal or note.organisation_id = ${organisationId})`;
}

const NOTE_COLUMNS = sql`
  note.*, organisation.name as organisation_name,
  coalesce((select json_agg(json_build_object('id', person.id, 'name', person.name)
      order by person.name)
    from identity."user" as person where person.id = any(note.mentions)), '[]'::json) as mentioned`;

/** Remarks on an asset in the order of the film, or one of them. */
export async function listNotes(
  database: Queryable,
  reader: NoteReader,
  where: { readonly assetId: string } | { readonly ids: readonly string[] },
): Promise<NoteRecord[]> {
  const chosen =
    'assetId' in where
      ? sql`note.asset_id = ${where.assetId}`
      : sql`note.id = any(${[...where.ids]}::uuid[])`;
  const result = await sql<NoteRow>`
    select ${NOTE_COLUMNS} from production.note
    join kernel.organisation on organisation.id = note.organisation_id
    where ${chosen} and ${seenBy(reader)}
    order by note.frame, note.created_at, note.id`.execute(database);
  return result.rows.map(noteView);
}

/** The remarks that name a person, the newest first. */
export async function listMentions(
  database: Queryable,
  userId: string,
  listing: NoteReader & {
    readonly after?: readonly [string, string] | undefined;
    readonly limit: number;
  },
): Promise<Listed<NoteRecord & { assetTitle: string }>[]> {
  const { after, limit, organisationId } = listing;
  const result = await sql<NoteRow & { title: string; sort_key: string }>`
    select ${NOTE_COLUMNS}, asset.title, note.created_at::text as sort_key from production.note
    join kernel.organisation on organisation.id = note.organisation_id
    join production.asset on asset.id = note.asset_id
    where note.mentions @> array[${userId}::uuid] and ${seenBy(listing)}
      and note.asset_id in ${assetsReachedBy(organisationId)}
      and ${
        after === undefined
          ? sql`true`
          : sql`(note.created_at, note.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`
      }
    order by note.created_at desc, note.id desc limit ${limit + 1}`.execute(database);
  return result.rows.map((row) => ({
    sortKey: row.sort_key,
    row: { ...noteView(row), assetTitle: row.title },
  }));
}

function noteView(row: NoteRow): NoteRecord {
  return {
    id: row.id,
    version: row.version,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    assetId: row.asset_id,
    author: row.author_name,
    authorId: row.author_id,
    organisation: row.organisation_name,
    frame: row.frame,
    toFrame: row.to_frame,
    text: row.text,
    state: row.state as NoteRecord['state'],
    doneBy: row.done_by,
    doneAt: row.done_at?.toISOString() ?? null,
    parentId: row.parent_id,
    internal: row.internal,
    drawing: row.drawing,
    drawingNumber: row.drawing_number,
    mentions: row.mentioned,
    origin: row.origin as NoteRecord['origin'],
  };
}

export type NewNote = {
  readonly id: string;
  readonly assetId: string;
  readonly organisationId: string;
  readonly authorId: string | null;
  readonly authorName: string;
  readonly frame: number;
  readonly toFrame: number | null;
  readonly text: string;
  readonly parentId: string | null;
  readonly internal: boolean;
  readonly drawing: NoteDrawing | null;
  readonly mentions: readonly string[];
  readonly origin: NoteRecord['origin'];
  readonly linkId: string | null;
};

export async function insertNote(transaction: Transaction, note: NewNote): Promise<void> {
  const drawing = note.drawing === null ? null : jsonText(note.drawing);
  await sql`
    insert into production.note (id, asset_id, organisation_id, author_id, author_name, frame,
      to_frame, text, parent_id, internal, drawing, drawing_number, mentions, origin, link_id)
    values (${note.id}, ${note.assetId}, ${note.organisationId},
      ${note.authorId}, ${note.authorName}, ${note.frame}, ${note.toFrame},
      ${note.text}, ${note.parentId}, ${note.internal}, ${drawing},
      ${drawing === null ? 0 : 1}, ${[...note.mentions]}::uuid[], ${note.origin},
      ${note.linkId})`.execute(transaction);
  if (note.drawing !== null) {
    await insertDrawing(transaction, note.id, 1, note.drawing, note.authorName);
  }
}

async function insertDrawing(
  transaction: Transaction,
  noteId: string,
  number: number,
  drawing: NoteDrawing,
  drawnBy: string,
): Promise<void> {
  await sql`insert into production.note_drawing (note_id, number, drawing, drawn_by)
    values (${noteId}, ${number}, ${jsonText(drawing)}, ${drawnBy})`.execute(transaction);
}

export type NoteChange = {
  readonly text: string;
  readonly state: NoteRecord['state'];
  readonly drawing?: NoteDrawing | null | undefined;
};

/** False when another write came first. A new drawing leaves the older ones where they are. */
export async function updateNote(
  transaction: Transaction,
  stored: NoteRecord,
  version: number,
  note: NoteChange,
  who: string,
): Promise<boolean> {
  const turned = note.state !== stored.state;
  const ended = note.state === 'done' || note.state === 'declined';
  const drawn = note.drawing !== undefined;
  const drawing =
    note.drawing === undefined || note.drawing === null ? null : jsonText(note.drawing);
  const number = stored.drawingNumber + (note.drawing == null ? 0 : 1);
  const result = await sql`
    update production.note set text = ${note.text}, state = ${note.state},
      done_by = ${turned ? (ended ? who : null) : stored.doneBy},
      done_at = ${turned ? (ended ? sql`now()` : null) : stored.doneAt}::timestamptz,
      drawing = case when ${drawn} then ${drawing}::json else drawing end,
      drawing_number = ${number}, version = version + 1, updated_at = now()
    where id = ${stored.id} and version = ${version}`.execute(transaction);
  if (result.numAffectedRows !== 1n) return false;
  if (note.drawing != null) {
    await insertDrawing(transaction, stored.id, number, note.drawing, who);
  }
  return true;
}

/** The company whose remark it is. */
export async function ownerOf(database: Queryable, id: string): Promise<string | undefined> {
  const result = await sql<{ organisation_id: string }>`
    select organisation_id from production.note where id = ${id}`.execute(database);
  return result.rows[0]?.organisation_id;
}

/** Removes a remark with its drawings; false where it has answers. */
export async function deleteNote(transaction: Transaction, id: string): Promise<boolean> {
  const result = await sql`delete from production.note as gone where gone.id = ${id}
    and not exists (select 1 from production.note as answer where answer.parent_id = gone.id)
  `.execute(transaction);
  return result.numAffectedRows === 1n;
}

export async function listDrawings(database: Queryable, noteId: string) {
  const result = await sql<{
    number: number;
    drawing: NoteDrawing;
    drawn_by: string;
    drawn_at: Date;
  }>`select number, drawing, drawn_by, drawn_at from production.note_drawing
    where note_id = ${noteId} order by number desc`.execute(database);
  return result.rows.map((row) => ({
    number: row.number,
    drawing: row.drawing,
    drawnBy: row.drawn_by,
    drawnAt: row.drawn_at.toISOString(),
  }));
}

export type AssetPerson = {
  readonly id: string;
  readonly name: string;
  readonly organisation: string;
  readonly organisationId: string;
};

/** People of all companies that reach an asset. */
export async function peopleOf(database: Queryable, assetId: string): Promise<AssetPerson[]> {
  const result = await sql<AssetPerson>`
    select distinct person.id, person.name, organisation.name as organisation,
      organisation.id as "organisationId"
    from production.asset_reach as reach
    join kernel.organisation on organisation.id = reach.organisation_id
    join kernel.member on member.organisation_id = organisation.id
    join identity."user" as person on person.id = member.user_id
    where reach.asset_id = ${assetId}
    order by organisation.name, person.name, person.id
    limit ${PEOPLE_MAX}`.execute(database);
  return result.rows;
}

/** Somebody is chosen by hand from them. */
const PEOPLE_MAX = 2000;
