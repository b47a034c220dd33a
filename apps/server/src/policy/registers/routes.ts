import { contract } from '@yinglian/contract';
import { mountGroup, type MountedGroup } from '../../kernel/http/routes.ts';
import type { createEntryActing } from './act.ts';
import type { RegisterDesk } from './desk.ts';
import type { EntriesService } from './entries.ts';
import type { FillService } from './fill.ts';
import type { RegisterPublic } from './public.ts';

export function registerRoutes(services: {
  readonly open: RegisterPublic;
  readonly entries: EntriesService;
  readonly desk: RegisterDesk;
  readonly act: ReturnType<typeof createEntryActing>;
  readonly fill: FillService;
}): MountedGroup {
  const { open, entries, desk, act, fill } = services;
  return mountGroup('registers', contract.registers, {
    kinds: () => open.kinds(),
    list: () => open.list(),
    published: ({ params, query }) => open.published(params.id, query),
    exportPublished: ({ params, query }) => open.exportPublished(params.id, query.format),
    notices: () => open.notices(),
    rounds: ({ params }) => open.rounds(params.id),
    open: ({ body }, context) => desk.open(context, body),
    openRound: ({ params, body }, context) => desk.openRound(context, params.id, body),
    ranking: ({ params }, context) => desk.ranking(context, params.id),
    decideRound: ({ params, body }, context) => desk.decideRound(context, params.id, body.reason),
    score: ({ params, body }, context) => desk.score(context, params.id, body),
    entries: ({ query }, context) => entries.entries(context, query),
    entry: ({ params }, context) => entries.entry(context, params.id),
    createEntry: ({ params, body }, context) => entries.create(context, params.id, body),
    updateEntry: ({ params, body }, context) => entries.update(context, params.id, body),
    addDocument: ({ params, body }, context) => entries.addDocument(context, params.id, body),
    act: ({ params, body }, context) => act(context, params.id, body),
    assess: ({ params, body }, context) => desk.assess(context, params.id, body),
    due: (_, context) => desk.due(context),
    object: ({ params, body }, context) => desk.object(context, params.id, body.text),
    objections: ({ params }, context) => desk.objections(context, params.id),
    answerObjection: ({ params, body }, context) =>
      desk.answerObjection(context, params.id, body),
    sources: ({ params }, context) => fill.sources(context, params.id),
    fill: ({ params, body }, context) => fill.fill(context, params.id, body),
  });
}
