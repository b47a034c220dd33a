import { contract } from '@yinglian/contract';
import { storedFileReader } from '../../kernel/files/read.ts';
import { mountGroup, type MountedGroup } from '../../kernel/http/routes.ts';
import type { ObjectStore } from '../../kernel/objects/store.ts';
import type { RemindJob } from '../reminders.ts';
import { createBidService } from './bids.ts';
import { createCatalogueService } from './catalogue.ts';
import { createExpertService } from './experts.ts';
import { exportCatalogue, exportExperts, exportProjects } from './exports.ts';
import { createObjections } from './objections.ts';
import { outcomesOf } from './outcomes.ts';
import type { OpencallParts } from './parts.ts';
import { createProjectService } from './projects.ts';
import { createRaceService } from './race.ts';
import { createRoundService } from './rounds.ts';

/** The routes of open calls. */
export function openOpencalls(
  parts: OpencallParts & { readonly objects: ObjectStore; readonly remind: RemindJob },
): MountedGroup {
  const catalogue = createCatalogueService(parts);
  const rounds = createRoundService(parts);
  const bids = createBidService(parts);
  const experts = createExpertService(parts);
  const projects = createProjectService({ ...parts, readFile: storedFileReader(parts) });
  const objections = createObjections(parts);
  const race = createRaceService(parts);
  return mountGroup('opencall', contract.opencall, {
    catalogues: () => catalogue.list(),
    catalogue: ({ params }) => catalogue.get(params.id),
    createCatalogue: ({ body }, context) => catalogue.create(context, body),
    catalogueDesk: ({ params }, context) => catalogue.desk(context, params.id),
    saveCatalogue: ({ params, body }, context) => catalogue.save(context, params.id, body),
    actCatalogue: ({ params, body }, context) => catalogue.act(context, params.id, body),
    propose: ({ params, body }, context) => catalogue.propose(context, params.id, body.need),
    outcomes: ({ params }) => outcomesOf(parts.database, params.id),
    exportCatalogue: ({ params, query }) => exportCatalogue(parts, params.id, query.format),
    ownDemands: (_, context) => catalogue.ownDemands(context),
    openers: (_, context) => experts.openers(context),
    ownObjections: ({ query }, context) => objections.own(context, query),
    exportExperts: ({ query }, context) => exportExperts(parts, context, query.format),
    leavePool: (_, context) => experts.leave(context),
    exportProjects: ({ query }, context) => exportProjects(parts, context, query.format),
    object: ({ body }, context) => objections.object(context, body),
    objections: ({ query }, context) => objections.list(context, query),
    answerObjection: ({ params, body }, context) =>
      objections.answer(context, params.id, body),
    rounds: (_, context) => rounds.list(context),
    round: ({ params }, context) => rounds.get(context, params.id),
    drawFile: ({ params }) => rounds.drawFile(params.id),
    createRound: ({ body }, context) => rounds.create(context, body),
    roundDesk: ({ params }, context) => rounds.desk(context, params.id),
    actRound: ({ params, body }, context) => rounds.act(context, params.id, body),
    async decideRace({ params, body }, context) {
      await race.decide(context, params.id, body);
      return rounds.desk(context, params.id);
    },
    putOff: ({ params, body }, context) => rounds.putOff(context, params.id, body),
    freezePool: ({ params }, context) => rounds.freezePool(context, params.id),
    awardReceipt: ({ params }, context) => projects.receipt(context, params.id),
    exportBids: ({ params, query }, context) => rounds.exportBids(context, params.id, query.format),
    ownBid: ({ params }, context) => bids.own(context, params.id),
    handIn: ({ params, body }, context) => bids.handIn(context, params.id, body.sealed),
    withdrawBid: ({ params }, context) => bids.withdraw(context, params.id),
    reveal: ({ params, body }, context) => bids.reveal(context, params.id, body.key),
    sealedBids: ({ params }, context) => bids.sealedBids(context, params.id),
    handShare: ({ params, body }, context) => bids.handShare(context, params.id, body),
    ownKey: (_, context) => experts.ownKey(context),
    saveKey: ({ body }, context) => experts.saveKey(context, body),
    ownExpert: (_, context) => experts.own(context),
    saveExpert: ({ body }, context) => experts.save(context, body.profile),
    experts: (_, context) => experts.list(context),
    admitExpert: ({ params, body }, context) => experts.admit(context, params.id, body),
    reviews: (_, context) => experts.reviews(context),
    handSheet: ({ params, body }, context) => experts.handSheet(context, params.id, body),
    standDown: ({ params, body }, context) => experts.standDown(context, params.id, body),
    projects: (_, context) => projects.list(context),
    project: ({ params }, context) => projects.get(context, params.id),
    measure: ({ params, body }, context) => projects.measure(context, params.id, body),
    actMilestone: ({ params, body }, context) => projects.act(context, params.id, body),
    askChange: ({ params, body }, context) => projects.askChange(context, params.id, body),
    decideChange: ({ params, body }, context) => projects.decideChange(context, params.id, body),
    terminate: ({ params, body }, context) => projects.terminate(context, params.id, body),
    repay: ({ params, body }, context) => projects.repay(context, params.id, body),
  });
}
