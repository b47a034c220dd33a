import { finding } from '@yinglian/core';
import { type Drawing, readDrawing } from '@yinglian/review';
import type { RequireAccess } from '../../kernel/access/access.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database, Queryable } from '../../kernel/database/database.ts';
import { afterInstant, type Page, pageOf, type PageQuery } from '../../kernel/pages.ts';
import { conflict, found, invalid, notAllowed, versionConflict } from '../../kernel/refusal.ts';
import type { Work, Write } from '../../kernel/write.ts';
import { stackOf } from '../project/stack.ts';
import { readAsset, scopeOf } from './asset.ts';
import {
  deleteNote,
  insertNote,
  listDrawings,
  listMentions,
  listNotes,
  type NewNote,
  type NoteChange,
  type NoteRecord,
  ownerOf,
  peopleOf,
  updateNote,
} from './repository.ts';
import type { RoomService } from './rooms.ts';

export type ReviewParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly newId: () => string;
  readonly rooms: Pick<RoomService, 'remark'>;
};

export type NoteRequest = {
  readonly frame: number;
  readonly toFrame: number | null;
  readonly text: string;
  readonly parentId?: string | null;
  readonly internal?: boolean;
  readonly drawing?: NoteRecord['drawing'];
  readonly mentions?: readonly string[];
};

export type ReviewService = ReturnType<typeof createReviewService>;

/** What is said of media, frame by frame. */
export function createReviewService(parts: ReviewParts) {
  const { database, write, requireAccess, newId, rooms } = parts;

  async function readOne(queryable: Queryable, organisationId: string, id: string) {
    return found((await listNotes(queryable, { organisationId }, { ids: [id] }))[0], { id });
  }

  return {
    async notes(context: Context, assetId: string): Promise<NoteRecord[]> {
      const { organisationId } = await requireAccess(context, 'production.read', {
        kind: 'asset',
        ids: [assetId],
      });
      return listNotes(database, { organisationId }, { assetId });
    },

    async note(context: Context, id: string): Promise<NoteRecord> {
      const { organisationId } = await requireAccess(context, 'production.read', {
        kind: 'note',
        ids: [id],
      });
      return readOne(database, organisationId, id);
    },

    async people(context: Context, assetId: string) {
      await requireAccess(context, 'production.read', { kind: 'asset', ids: [assetId] });
      return peopleOf(database, assetId);
    },

    /** Versions of what the asset is a version of; one without any is a stack of its own. */
    async stack(context: Context, assetId: string) {
      const { organisationId } = await requireAccess(context, 'production.read', {
        kind: 'asset',
        ids: [assetId],
      });
      const rows = await stackOf(database, organisationId, assetId);
      return rows.map(({ id, assetId: shown, title, name, number, state, createdAt }) => ({
        id,
        assetId: shown,
        title,
        name,
        number,
        state,
        createdAt,
      }));
    },

    async mentions(
      context: Context,
      query: PageQuery,
    ): Promise<Page<NoteRecord & { assetTitle: string }>> {
      const { organisationId, userId } = await requireAccess(context, 'production.read');
      const after = afterInstant(query);
      const listing = { organisationId, after, limit: query.limit };
      const rows = await listMentions(database, userId ?? '', listing);
      return pageOf(
        rows,
        query,
        (each) => [each.sortKey, each.row.id],
        (each) => each.row,
      );
    },

    async drawings(context: Context, id: string) {
      await requireAccess(context, 'production.read', { kind: 'note', ids: [id] });
      return listDrawings(database, id);
    },

    async addNote(context: Context, assetId: string, note: NoteRequest): Promise<NoteRecord> {
      const { organisationId, userId } = await requireAccess(context, 'production.review', {
        kind: 'asset',
        ids: [assetId],
      });
      const asset = await readAsset(database, organisationId, assetId);
      const drawing = checkNote(note, scopeOf(asset).frames - 1);
      const parent = await checkParent(database, organisationId, assetId, note.parentId ?? null);
      const people = new Set((await peopleOf(database, assetId)).map((each) => each.id));
      return write(context, (work) =>
        storeNote(
          work,
          rooms,
          {
            id: newId(),
            assetId,
            organisationId,
            authorId: userId,
            authorName: context.user?.name ?? '',
            frame: note.frame,
            toFrame: note.toFrame,
            text: note.text,
            parentId: note.parentId ?? null,
            // What answers an internal remark stays as close as it.
            internal: note.internal === true || parent?.internal === true,
            drawing,
            mentions: [...new Set(note.mentions)].filter((each) => people.has(each)),
            origin: 'room',
            linkId: null,
          },
          asset.filmId,
        ),
      );
    },

    async changeNote(
      context: Context,
      id: string,
      { version, ...note }: NoteChange & { readonly version: number },
    ): Promise<NoteRecord> {
      const { organisationId } = await requireAccess(context, 'production.review', {
        kind: 'note',
        ids: [id],
      });
      const stored = await readOne(database, organisationId, id);
      if (note.drawing != null) checkDrawing(note.drawing);
      const reworded = note.text !== stored.text || note.drawing !== undefined;
      // Anybody who works on it says how far it is; what was said stays its author's.
      if (reworded && !(await isOwn(database, id, organisationId))) throw notAllowed({ id });
      return write(context, async (work) => {
        const who = context.user?.name ?? '';
        const before = await readOne(work.transaction, organisationId, id);
        const taken = await updateNote(work.transaction, before, version, note, who);
        const changed = await readOne(work.transaction, organisationId, id);
        if (!taken) throw versionConflict(changed, { version, ...note });
        work.audit({
          action: 'production.note_changed',
          subjectKind: 'note',
          subjectId: id,
          facts: { state: note.state, ...(reworded ? { reworded } : {}) },
        });
        work.changed({ kind: 'note', id });
        await rooms.remark(work, changed, context.user?.id ?? '');
        return changed;
      });
    },

    async removeNote(context: Context, id: string): Promise<void> {
      const { organisationId } = await requireAccess(context, 'production.review', {
        kind: 'note',
        ids: [id],
      });
      if (!(await isOwn(database, id, organisationId))) throw notAllowed({ id });
      await write(context, async (work) => {
        const stored = await readOne(work.transaction, organisationId, id);
        if (!(await deleteNote(work.transaction, id))) {
          throw conflict(finding('answered_note', 'error'));
        }
        work.audit({
          action: 'production.note_removed',
          subjectKind: 'note',
          subjectId: id,
          facts: { asset: stored.assetId, frame: stored.frame },
        });
        work.changed({ kind: 'note', id });
        await rooms.remark(
          work,
          { ...stored, version: stored.version + 1 },
          context.user?.id ?? '',
        );
      });
    },
  };
}

/** Keeps a remark, with everything that has to know of it. */
export async function storeNote(
  work: Work,
  rooms: Pick<RoomService, 'remark'>,
  note: NewNote,
  filmId: string,
): Promise<NoteRecord> {
  await insertNote(work.transaction, note);
  work.audit({
    action: 'production.note_added',
    subjectKind: 'note',
    subjectId: note.id,
    organisationId: note.organisationId,
    facts: { asset: note.assetId, frame: note.frame, origin: note.origin },
  });
  work.changed({ kind: 'note', id: note.id, filmId });
  const { organisationId } = note;
  const kept = found(
    (await listNotes(work.transaction, { organisationId }, { ids: [note.id] }))[0],
  );
  await rooms.remark(work, kept, note.authorId ?? note.authorName);
  return kept;
}

/** Refuses places outside the film; gives the drawing on its grid. */
export function checkNote(note: NoteRequest, last: number): Drawing | null {
  if (note.frame > last || (note.toFrame ?? 0) > last) {
    throw invalid(finding('excessive_frame', 'error', { facts: { last }, at: { field: 'frame' } }));
  }
  if (note.toFrame !== null && note.toFrame < note.frame) {
    throw invalid(finding('reversed_frames', 'error', { at: { field: 'toFrame' } }));
  }
  return note.drawing == null ? null : checkDrawing(note.drawing);
}

function checkDrawing(drawing: unknown): Drawing {
  const read = readDrawing(drawing);
  if (!read.ok) throw invalid(...read.findings);
  return read.value;
}

async function checkParent(
  database: Database,
  organisationId: string,
  assetId: string,
  parentId: string | null,
): Promise<NoteRecord | undefined> {
  if (parentId === null) return undefined;
  const [parent] = await listNotes(database, { organisationId }, { ids: [parentId] });
  if (parent?.assetId !== assetId || parent.parentId !== null) {
    throw invalid(finding('foreign_parent', 'error', { at: { field: 'parentId' } }));
  }
  return parent;
}

async function isOwn(database: Database, id: string, organisationId: string): Promise<boolean> {
  return (await ownerOf(database, id)) === organisationId;
}
