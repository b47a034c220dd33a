import { contract } from '@yinglian/contract';
import { storedFileReader } from '../../kernel/files/read.ts';
import { mountGroup, type MountedGroup } from '../../kernel/http/routes.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { ChangeListener } from '../../kernel/write.ts';
import { createCutService } from './cut-service.ts';
import { createDeliverableService, type RecordDue } from './deliverable-service.ts';
import { createOmcService } from './omc-service.ts';
import { createProjectService } from './service.ts';
import { createShootService } from './shoot-service.ts';
import { linkTakes } from './shoot-repository.ts';
import { createShotService } from './shot-service.ts';
import { createTaskService } from './task-service.ts';
import { createTurnoverService } from './turnover-service.ts';
import { createVersionService } from './version-service.ts';

export type ProjectServices = ReturnType<typeof createServices>;

/** The project rooms: their services, as routes of the hall. */
export function openProject(kernel: Kernel, recordDue: RecordDue) {
  const service = createServices(kernel, recordDue);
  return { service, routes: projectRoutes(service), onChange: linkOnChange };
}

function createServices(kernel: Kernel, recordDue: RecordDue) {
  const parts = { ...kernel, readFile: storedFileReader(kernel), recordDue };
  const shots = createShotService(parts);
  const tasks = createTaskService(parts);
  const versions = createVersionService(parts);
  return {
    ...createProjectService(parts),
    ...shots,
    ...createCutService(parts),
    ...tasks,
    ...createShootService(parts),
    ...createTurnoverService(parts),
    ...versions,
    ...createDeliverableService(parts),
    ...createOmcService({ ...parts, shots, tasks, versions }),
  };
}

/** Media that came in are found by the takes that lists told of before. */
const linkOnChange: ChangeListener = async (transaction, changes) => {
  const assetIds = changes.filter((each) => each.kind === 'asset').map((each) => each.id);
  if (assetIds.length > 0) await linkTakes(transaction, { assetIds });
};

function projectRoutes(service: ProjectServices): MountedGroup[] {
  return [
    mountGroup('projects', contract.projects, {
      list: ({ query }, context) => service.projects(context, query),
      create: ({ body }, context) => service.createProject(context, body),
      get: ({ params }, context) => service.project(context, params.id),
      update: ({ params, body }, context) => service.updateProject(context, params.id, body),
      overview: ({ params }, context) => service.overview(context, params.id),
      invite: ({ params, body }, context) =>
        service.invite(context, params.id, params.organisationId, body),
      answer: ({ params, body }, context) => service.answer(context, params.id, body.join),
      dismiss: ({ params }, context) => service.dismiss(context, params.id, params.organisationId),
      history: ({ params, query }, context) => service.history(context, params.id, query),
      undo: ({ params, body }, context) => service.undo(context, params.id, body.changeId),
      exportOmc: ({ params }, context) => service.exportOmc(context, params.id),
      importOmc: ({ params, body }, context) => service.importOmc(context, params.id, body),
    }),
    mountGroup('shots', contract.shots, {
      sequences: async ({ query }, context) => ({
        rows: await service.sequences(context, query.projectId),
      }),
      addSequence: ({ body }, context) => service.addSequence(context, body),
      changeSequence: ({ params, body }, context) =>
        service.changeSequence(context, params.id, body),
      list: ({ query }, context) => service.shots(context, query),
      exportFile: ({ query }, context) => service.shotSheet(context, query),
      get: ({ params }, context) => service.shot(context, params.id),
      create: ({ body }, context) => service.createShot(context, body),
      update: ({ params, body }, context) => service.updateShot(context, params.id, body),
      change: ({ body }, context) => service.changeShots(context, body),
      cuts: ({ query }, context) => service.cuts(context, query),
      readCut: ({ body }, context) => service.readCut(context, body),
      cutSheet: ({ params, query }, context) => service.cutSheet(context, params.id, query),
    }),
    mountGroup('tasks', contract.tasks, {
      list: ({ query }, context) => service.tasks(context, query),
      exportFile: ({ query }, context) => service.taskSheet(context, query),
      create: ({ body }, context) => service.createTasks(context, body),
      change: ({ body }, context) => service.changeTasks(context, body),
    }),
    ...deliveryRoutes(service),
  ];
}

function deliveryRoutes(service: ProjectServices): MountedGroup[] {
  return [
    mountGroup('shoot', contract.shoot, {
      days: async ({ query }, context) => ({ rows: await service.days(context, query.projectId) }),
      addDay: ({ body }, context) => service.addDay(context, body),
      changeDay: ({ params, body }, context) => service.changeDay(context, params.id, body),
      day: ({ params }, context) => service.day(context, params.id),
      report: ({ params, query }, context) => service.report(context, params.id, query),
      takes: ({ query }, context) => service.takes(context, query),
      exportFile: ({ query }, context) => service.takeSheet(context, query),
      changeTake: ({ params, body }, context) => service.changeTake(context, params.id, body),
      readLog: ({ body }, context) => service.readLog(context, body),
    }),
    mountGroup('turnovers', contract.turnovers, {
      list: ({ query }, context) => service.turnovers(context, query),
      get: ({ params }, context) => service.turnover(context, params.id),
      create: ({ body }, context) => service.createTurnover(context, body),
      update: ({ params, body }, context) => service.updateTurnover(context, params.id, body),
      act: ({ params, body }, context) => service.actOnTurnover(context, params.id, body),
      exportFile: ({ params, query }, context) =>
        service.turnoverSheet(context, params.id, query.format),
    }),
    mountGroup('versions', contract.versions, {
      list: ({ query }, context) => service.versions(context, query),
      deliver: ({ body }, context) => service.deliver(context, body),
      decide: ({ params, body }, context) => service.decide(context, params.id, body),
    }),
    mountGroup('deliverables', contract.deliverables, {
      list: ({ query }, context) => service.deliverables(context, query),
      presets: async (_, context) => ({ rows: await service.presets(context) }),
      acceptors: async ({ query }, context) => ({
        rows: await service.acceptors(context, query.projectId),
      }),
      exportFile: ({ query }, context) =>
        service.deliverableSheet(context, query.projectId, query.format),
      get: ({ params }, context) => service.deliverable(context, params.id),
      create: ({ body }, context) => service.createDeliverable(context, body),
      update: ({ params, body }, context) => service.updateDeliverable(context, params.id, body),
      submit: ({ params, body }, context) => service.submit(context, params.id, body),
      decide: ({ params, body }, context) => service.decideDeliverable(context, params.id, body),
    }),
  ];
}
