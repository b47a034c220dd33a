import { finding } from '@yinglian/core';
import { type Context, systemContext } from '../../kernel/context.ts';
import type { Database } from '../../kernel/database/database.ts';
import { downloadFile, readFileRecords } from '../../kernel/files/files.ts';
import type { Download } from '../../kernel/http/routes.ts';
import type { ObjectStore } from '../../kernel/objects/store.ts';
import { found, invalid, notAllowed, notFound } from '../../kernel/refusal.ts';
import type { Vault } from '../../kernel/vault.ts';
import type { Write } from '../../kernel/write.ts';
import { readAsset, scopeOf } from './asset.ts';
import { countView, findLink, findViewer } from './link-repository.ts';
import type { Entered, ShareLinkService } from './links.ts';
import { listNotes, type NoteRecord } from './repository.ts';
import type { RoomService } from './rooms.ts';
import { checkNote, type NoteRequest, storeNote } from './service.ts';

export type GuestParts = {
  readonly database: Database;
  readonly write: Write;
  readonly objects: ObjectStore;
  readonly newId: () => string;
  readonly now: () => Date;
  readonly vault: Vault;
  readonly links: Pick<ShareLinkService, 'entered'>;
  readonly rooms: Pick<RoomService, 'remark'>;
};

export type GuestService = ReturnType<typeof createGuestService>;

/** A ticket opens the picture for as long as somebody may sit before it. */
const TICKET_HOURS = 12;
const TICKET = 'production.review_ticket';
/** Remarks of one link; more is no review. */
const GUEST_NOTES_MAX = 2000;

/** What people outside see by a link: a picture with their name in it, and what is said of it. */
export function createGuestService(parts: GuestParts) {
  const { database, write, objects, vault, now } = parts;

  /** Sealed by this network: no page makes one up, and it outlives a start of the server. */
  function ticketOf(viewerId: string): string {
    const until = Math.floor(now().getTime() / 1000) + TICKET_HOURS * 3600;
    const plain = new TextEncoder().encode(`${viewerId} ${until}`);
    return Buffer.from(vault.seal(TICKET, plain)).toString('base64url');
  }
  function viewerOf(ticket: string): string {
    const [id = '', until = ''] = unsealed(ticket).split(' ');
    if (!(Number(until) * 1000 > now().getTime())) throw notFound();
    return id;
  }
  function unsealed(ticket: string): string {
    try {
      return new TextDecoder().decode(vault.open(TICKET, Buffer.from(ticket, 'base64url')));
    } catch {
      throw notFound();
    }
  }

  async function assetOf({ link }: Entered) {
    return readAsset(database, link.organisation_id, link.asset_id);
  }

  /** Guests see what was not meant for one company alone. */
  async function notesFor({ link }: Entered) {
    const reader = { organisationId: link.organisation_id };
    const all = await listNotes(database, reader, { assetId: link.asset_id });
    return link.comment ? all.filter((each) => !each.internal).map(guestView) : [];
  }

  return {
    async view(pass: string) {
      const guest = await parts.links.entered(pass);
      const { link, viewer } = guest;
      const asset = await assetOf(guest);
      const scope = scopeOf(asset);
      const job =
        viewer.job_id === null
          ? undefined
          : await database
              .selectFrom('kernel.job')
              .select(['state', 'progress'])
              .where('id', '=', viewer.job_id)
              .executeTakeFirst();
      const ready = !link.watermark || viewer.file_id !== null;
      const { rate } = scope.clock;
      return {
        title: link.title,
        viewer: viewer.name,
        code: viewer.code,
        expiresAt: link.expires_at.toISOString(),
        download: link.download,
        comment: link.comment,
        watermark: link.watermark,
        frames: scope.frames,
        frameRate: `${rate.numerator}/${rate.denominator}`,
        startTimecode: asset.media?.video?.timecode ?? null,
        ticket: ready ? ticketOf(viewer.id) : null,
        progress: job?.progress ?? null,
        failed: !ready && (job?.state === 'failed' || job?.state === 'cancelled'),
        notes: await notesFor(guest),
        original: link.download ? asset.original.digest : null,
      };
    },

    async picture(ticket: string): Promise<Download> {
      const viewer = await findViewer(database, { id: viewerOf(ticket) });
      if (viewer === undefined) throw notFound();
      // Asked for with every range: a link that is revoked stops in the middle of the film.
      const link = await findLink(database, { id: viewer.link_id });
      const open = link !== undefined && link.revoked_at === null && link.expires_at > now();
      if (!open) throw notFound();
      const asset = await readAsset(database, link.organisation_id, link.asset_id);
      const fileId = link.watermark ? viewer.file_id : asset.proxyFileId;
      if (fileId === null) throw notFound();
      const file = found((await readFileRecords(database, [fileId])).get(fileId));
      await countView(database, viewer.id, now());
      return downloadFile(objects, file, { inline: true });
    },

    async original(pass: string): Promise<Download> {
      const guest = await parts.links.entered(pass);
      const { link, viewer } = guest;
      if (!link.download) throw notAllowed({ reason: 'download' });
      const asset = await assetOf(guest);
      // With a watermark nothing leaves that does not carry it.
      const fileId = link.watermark ? viewer.file_id : asset.original.id;
      if (fileId === null) throw notFound();
      const file = found((await readFileRecords(database, [fileId])).get(fileId));
      await write(systemContext(), async (work) => {
        work.audit({
          action: 'production.link_downloaded',
          subjectKind: 'share_link',
          subjectId: link.id,
          organisationId: link.organisation_id,
          facts: { viewer: viewer.id, file: file.digest },
        });
      });
      return downloadFile(objects, file);
    },

    async addNote(context: Context, pass: string, note: NoteRequest) {
      const guest = await parts.links.entered(pass);
      const { link, viewer } = guest;
      if (!link.comment) throw notAllowed({ reason: 'comment' });
      const asset = await assetOf(guest);
      const drawing = checkNote(note, scopeOf(asset).frames - 1);
      if ((await notesFor(guest)).length >= GUEST_NOTES_MAX) {
        throw invalid(finding('excessive_notes', 'error', { facts: { limit: GUEST_NOTES_MAX } }));
      }
      const { idempotency } = context;
      const kept = await write({ ...systemContext(), idempotency }, (work) =>
        storeNote(
          work,
          parts.rooms,
          {
            id: parts.newId(),
            assetId: link.asset_id,
            organisationId: link.organisation_id,
            authorId: null,
            authorName: viewer.name,
            frame: note.frame,
            toFrame: note.toFrame,
            text: note.text,
            parentId: null,
            internal: false,
            drawing,
            mentions: [],
            origin: 'link',
            linkId: link.id,
          },
          link.film_id,
        ),
      );
      return guestView(kept);
    },
  };
}

function guestView(note: NoteRecord) {
  const { id, author, frame, toFrame, text, state, createdAt, parentId, drawing } = note;
  return { id, author, frame, toFrame, text, state, createdAt, parentId, drawing };
}
