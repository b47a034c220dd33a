import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { finding } from '@yinglian/core';
import type { MediaEngine } from '@yinglian/media';
import {
  jpegSize,
  labelOf,
  MARKER_FILE_BYTES_MAX,
  MARKER_FORMATS,
  type MarkerFormat,
  matchMarkers,
  readMarkers,
  type ReviewMarker,
  type SheetNote,
  threadsOf,
  writeMarkers,
  writeNoteSheet,
} from '@yinglian/review';
import type { RequireAccess } from '../../kernel/access/access.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database } from '../../kernel/database/database.ts';
import { readFileRecords } from '../../kernel/files/files.ts';
import { storedFileReader } from '../../kernel/files/read.ts';
import { type Download, downloadBytes } from '../../kernel/http/routes.ts';
import type { ObjectStore } from '../../kernel/objects/store.ts';
import { invalid } from '../../kernel/refusal.ts';
import type { Write } from '../../kernel/write.ts';
import type { AssetRecord } from '../media/repository.ts';
import { readAsset, scopeOf } from './asset.ts';
import { listNotes, type NoteRecord } from './repository.ts';
import type { RoomService } from './rooms.ts';
import { storeNote } from './service.ts';

export type MarkerParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly objects: ObjectStore;
  readonly engine: MediaEngine;
  readonly newId: () => string;
  readonly rooms: Pick<RoomService, 'remark'>;
};

export type MarkerService = ReturnType<typeof createMarkerService>;

/** Frames of one sheet that are fetched out of the film; further remarks stand without one. */
const SHEET_PICTURES_MAX = 100;
const SHEET_WIDTH = 640;

/** Remarks leave for editing systems and for paper, and what editors add comes back. */
export function createMarkerService(parts: MarkerParts) {
  const { database, write, requireAccess, newId } = parts;
  const readStored = storedFileReader(parts);

  async function remarks(organisationId: string, assetId: string) {
    const asset = await readAsset(database, organisationId, assetId);
    if (asset.media === null) {
      throw invalid(finding('unready_asset', 'error', { facts: { state: asset.state } }));
    }
    return { asset, notes: await listNotes(database, { organisationId }, { assetId }) };
  }

  return {
    async exportNotes(
      context: Context,
      assetId: string,
      query: { readonly format: MarkerFormat; readonly state?: string | undefined },
    ): Promise<Download> {
      const { organisationId } = await requireAccess(context, 'production.read', {
        kind: 'asset',
        ids: [assetId],
      });
      const { asset, notes } = await remarks(organisationId, assetId);
      const chosen =
        query.state === undefined
          ? notes
          : notes.filter((each) => each.state === query.state || each.parentId !== null);
      const made = writeMarkers(markersOf(chosen, query.state), scopeOf(asset), query.format);
      if (!made.ok) throw invalid(...made.findings);
      const { extension, mediaType } = MARKER_FORMATS[query.format];
      return downloadBytes(`${stemOf(asset)}.${extension}`, mediaType, made.value);
    },

    async importNotes(
      context: Context,
      assetId: string,
      body: { readonly fileId: string; readonly trial: boolean },
    ) {
      const { organisationId } = await requireAccess(
        context,
        'production.review',
        { kind: 'asset', ids: [assetId] },
        { kind: 'file', ids: [body.fileId] },
      );
      const { asset, notes } = await remarks(organisationId, assetId);
      const file = await readStored(context, body.fileId, MARKER_FILE_BYTES_MAX);
      const read = readMarkers(file.bytes, scopeOf(asset));
      if (!read.ok) throw invalid(...read.findings);
      const { known, added } = matchMarkers(markersOf(notes), read.value);
      const rows = added.map((each) => ({
        frame: each.frame,
        toFrame: each.length > 1 ? each.frame + each.length - 1 : null,
        author: each.author === '' ? (context.user?.name ?? '') : each.author,
        text: each.text,
      }));
      if (!body.trial && rows.length > 0) {
        await write(context, async (work) => {
          for (const row of rows) {
            await storeNote(
              work,
              parts.rooms,
              {
                id: newId(),
                assetId,
                organisationId,
                authorId: null,
                authorName: row.author,
                frame: row.frame,
                toFrame: row.toFrame,
                text: row.text,
                parentId: null,
                internal: false,
                drawing: null,
                mentions: [],
                origin: 'markers',
                linkId: null,
              },
              asset.filmId,
            );
          }
        });
      }
      return { added: added.length, known: known.length, rows, findings: [...read.findings] };
    },

    async noteSheet(context: Context, assetId: string): Promise<Download> {
      const { organisationId } = await requireAccess(context, 'production.read', {
        kind: 'asset',
        ids: [assetId],
      });
      const { asset, notes } = await remarks(organisationId, assetId);
      const scope = scopeOf(asset);
      const frames = [
        ...new Set(notes.filter((each) => each.parentId === null).map((each) => each.frame)),
      ].slice(0, SHEET_PICTURES_MAX);
      const pictures = await picturesOf(parts, asset, frames, context.signal);
      const rows = threadsOf(notes).map(({ note, replies }): SheetNote => {
        const jpeg = pictures.get(note.frame);
        const size = jpeg === undefined ? undefined : jpegSize(jpeg);
        const until = note.toFrame === null ? '' : ` – ${labelOf(note.toFrame, scope)}`;
        return {
          heading: `${labelOf(note.frame, scope)}${until}  ${note.author} · ${note.organisation}`,
          lines: [
            note.text,
            ...replies.map((each) => `${each.author}: ${each.text}`),
            `[${note.state}${note.doneBy === null ? '' : ` ${note.doneBy}`}]`,
          ],
          picture: jpeg === undefined || size === undefined ? null : { jpeg, ...size },
          shapes: note.drawing?.shapes ?? [],
        };
      });
      const subtitle = `${rows.length} · ${asset.original.digest}`;
      const pdf = writeNoteSheet({ title: asset.title, subtitle, notes: rows });
      return downloadBytes(`${stemOf(asset)}.pdf`, 'application/pdf', pdf);
    },
  };
}

const COLOURS = { open: 'red', doing: 'yellow', done: 'green', declined: 'blue' } as const;

/** Remarks as markers: each with its answers in its words. */
function markersOf(notes: readonly NoteRecord[], state?: string): ReviewMarker[] {
  return threadsOf(notes).flatMap(({ note, replies }) => {
    if (state !== undefined && note.state !== state) return [];
    const answers = replies.map((each) => `\n${each.author}: ${each.text}`).join('');
    return [
      {
        frame: note.frame,
        length: note.toFrame === null ? 1 : note.toFrame - note.frame + 1,
        author: note.author,
        text: `${note.text}${answers}`,
        colour: COLOURS[note.state],
        id: note.id,
      },
    ];
  });
}

/** A name that every machine takes. */
function stemOf({ title }: Pick<AssetRecord, 'title'>): string {
  return (
    title
      .replace(/\.[A-Za-z0-9]{1,5}$/, '')
      .replace(/[\\/:*?"<>|\p{Cc}]+/gu, '-')
      .slice(0, 100) || 'notes'
  );
}

/** The pictures of frames, out of what people watch. A frame that cannot be had is left out. */
async function picturesOf(
  { database, objects, engine }: MarkerParts,
  asset: AssetRecord,
  frames: readonly number[],
  signal: AbortSignal,
): Promise<ReadonlyMap<number, Uint8Array>> {
  const made = new Map<number, Uint8Array>();
  const fileId = asset.proxyFileId ?? asset.original.id;
  const file = (await readFileRecords(database, [fileId])).get(fileId);
  if (file === undefined || frames.length === 0) return made;
  const folder = await mkdtemp(join(objects.workFolder, 'sheet-'));
  try {
    const input = { kind: 'file' as const, path: await objects.pathOf(file.digest) };
    for (const frame of frames) {
      const output = join(folder, `${frame}.jpg`);
      const job = { verb: 'thumbnail' as const, input, output, frame, widthMax: SHEET_WIDTH };
      const done = await engine.thumbnail(job, { signal });
      if (done.ok) made.set(frame, new Uint8Array(await readFile(output)));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return made;
}
