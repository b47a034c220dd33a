import { contract } from '@yinglian/contract';
import { mountGroup, type MountedGroup } from '../../kernel/http/routes.ts';
import type { ApprovalService } from './approvals.ts';
import type { CutService } from './cut.ts';
import type { GuestService } from './guests.ts';
import type { ShareLinkService } from './links.ts';
import type { MarkerService } from './markers.ts';
import type { RoomService } from './rooms.ts';
import type { ReviewService } from './service.ts';

export type ReviewServices = {
  readonly notes: ReviewService;
  readonly approvals: ApprovalService;
  readonly cuts: CutService;
  readonly links: ShareLinkService;
  readonly guests: GuestService;
  readonly markers: MarkerService;
  readonly rooms: RoomService;
};

export function reviewRoutes(services: ReviewServices): MountedGroup[] {
  const { notes, approvals, cuts, links, guests, markers, rooms } = services;
  return [
    mountGroup('review', contract.review, {
      people: async ({ params }, context) => ({ rows: await notes.people(context, params.id) }),
      stack: async ({ params }, context) => ({ rows: await notes.stack(context, params.id) }),
      mentions: ({ query }, context) => notes.mentions(context, query),
      note: ({ params }, context) => notes.note(context, params.id),
      removeNote: ({ params }, context) => notes.removeNote(context, params.id),
      drawings: async ({ params }, context) => ({
        rows: await notes.drawings(context, params.id),
      }),
      exportNotes: ({ params, query }, context) => markers.exportNotes(context, params.id, query),
      noteSheet: ({ params }, context) => markers.noteSheet(context, params.id),
      importNotes: ({ params, body }, context) => markers.importNotes(context, params.id, body),
      approvals: ({ params }, context) => approvals.approvals(context, params.id),
      askApproval: ({ params, body }, context) => approvals.askApproval(context, params.id, body),
      approve: ({ params, body }, context) => approvals.approve(context, params.id, body),
      approvalRecord: ({ params }, context) => approvals.approvalRecord(context, params.id),
      rooms: ({ query }, context) => rooms.rooms(context, query),
      openRoom: ({ body }, context) => rooms.openRoom(context, body),
      room: ({ params }, context) => rooms.room(context, params.id),
      act: ({ params, body }, context) => rooms.act(context, params.id, body.acts),
      ink: ({ params, body }, context) => rooms.ink(context, params.id, body),
      roomEvents: ({ params }, context) => rooms.roomEvents(context, params.id),
      links: ({ query }, context) => links.links(context, query),
      createLink: ({ body }, context) => links.createLink(context, body),
      revokeLink: ({ params }, context) => links.revokeLink(context, params.id),
      linkViewers: async ({ params }, context) => ({
        rows: await links.linkViewers(context, params.id),
      }),
      cut: ({ params, query }, context) => cuts.cut(context, params.id, query.against),
      setCut: ({ params, body }, context) => cuts.setCut(context, params.id, body),
    }),
    mountGroup('reviewLink', contract.reviewLink, {
      open: ({ body }) => links.open(body.token),
      enter: ({ body }) => links.enter(body),
      view: ({ body }) => guests.view(body.pass),
      addNote: ({ body: { pass, ...note } }, context) => guests.addNote(context, pass, note),
      picture: ({ params }) => guests.picture(params.ticket),
      original: ({ body }) => guests.original(body.pass),
    }),
  ];
}
