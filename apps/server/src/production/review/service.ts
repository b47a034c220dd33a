import { finding } from '@yinglian/core';
import type { RequireAccess } from '../../kernel/access/access.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database } from '../../kernel/database/database.ts';
import { found, invalid, versionConflict } from '../../kernel/refusal.ts';
import type { Write } from '../../kernel/write.ts';
import { listAssets } from '../media/repository.ts';
import { insertNote, listNotes, type NoteRecord, updateNote } from './repository.ts';

export type ReviewParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly newId: () => string;
};

export type ReviewService = ReturnType<typeof createReviewService>;

/** What is said of media, frame by frame. */
export function createReviewService(parts: ReviewParts) {
  const { database, write, requireAccess, newId } = parts;

  return {
    async notes(context: Context, assetId: string): Promise<NoteRecord[]> {
      await requireAccess(context, 'production.read', { kind: 'asset', ids: [assetId] });
      return listNotes(database, { assetId });
    },

    async addNote(
      context: Context,
      assetId: string,
      note: { readonly frame: number; readonly toFrame: number | null; readonly text: string },
    ): Promise<NoteRecord> {
      const { organisationId, userId } = await requireAccess(context, 'production.review', {
        kind: 'asset',
        ids: [assetId],
      });
      const asset = found(
        (await listAssets(database, { organisationId, ids: [assetId], limit: 1 }))[0]?.row,
        { id: assetId },
      );
      const last = (asset.media?.frameCount ?? Number.MAX_SAFE_INTEGER) - 1;
      if (note.frame > last || (note.toFrame ?? 0) > last) {
        throw invalid(
          finding('excessive_frame', 'error', { facts: { last }, at: { field: 'frame' } }),
        );
      }
      if (note.toFrame !== null && note.toFrame < note.frame) {
        throw invalid(finding('reversed_frames', 'error', { at: { field: 'toFrame' } }));
      }
      const id = newId();
      return write(context, async (work) => {
        await insertNote(work.transaction, {
          id,
          assetId,
          organisationId,
          ...note,
          authorId: userId ?? '',
          authorName: context.user?.name ?? '',
        });
        work.audit({
          action: 'production.note_added',
          subjectKind: 'note',
          subjectId: id,
          facts: { asset: assetId, frame: note.frame },
        });
        work.changed({ kind: 'note', id, filmId: asset.filmId });
        return found((await listNotes(work.transaction, { id }))[0]);
      });
    },

    async changeNote(
      context: Context,
      id: string,
      {
        version,
        ...note
      }: { readonly version: number; readonly text: string; readonly state: 'open' | 'done' },
    ): Promise<NoteRecord> {
      await requireAccess(context, 'production.review', { kind: 'note', ids: [id] });
      return write(context, async (work) => {
        const taken = await updateNote(work.transaction, id, version, note);
        const stored = found((await listNotes(work.transaction, { id }))[0]);
        if (!taken) throw versionConflict(stored, { version, ...note });
        work.audit({
          action: 'production.note_changed',
          subjectKind: 'note',
          subjectId: id,
          facts: { state: note.state },
        });
        work.changed({ kind: 'note', id });
        return stored;
      });
    },
  };
}
