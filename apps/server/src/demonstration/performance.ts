import { assert } from '@yinglian/core';
import { z } from 'zod';
import { defineJob, type JobDefinition, type JobRun } from '../kernel/jobs/definition.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { castEverybody, noteFilm } from './casting.ts';
import {
  announceRelease,
  bookCinemas,
  orderKeys,
  sendProgrammes,
  troubleBefore,
} from './release-scenes.ts';
import { bringEffects, openProjectRoom, turnOver } from './project-scenes.ts';
import {
  equipScreens,
  lastMonth,
  registerCinemas,
  registerFilm,
  renderFilm,
  reportBoxOffice,
  reviewAndAccept,
  settleMonth,
} from './scenes.ts';
import { type Halls, openStage, type PerformanceInput, type Stage } from './stage.ts';

export const performanceInput = z.object({ seconds: z.number().int().min(2).max(120) });

/** The picture's bit rate in the package: a short film need not fill a disk. */
const BIT_RATE_MBIT = 120;

/**
 * The demonstration: the real pipeline from a rendered film to issued statements, each scene
 * played by the person whose work it is. One that was cut off goes on at its next scene.
 */
export function performanceJob(kernel: Kernel, halls: Halls): JobDefinition<PerformanceInput> {
  return defineJob({
    kind: 'network.demonstration',
    lane: 'light',
    input: performanceInput,
    run: (job) => perform(openStage(kernel, halls, job), job),
  });
}

async function perform(stage: Stage, job: JobRun<PerformanceInput>) {
  const { production, distribution } = stage.halls;
  const started = await job.step('begin', async () => ({ at: stage.kernel.now().toISOString() }));
  const now = new Date(started.at);
  const organisations = await job.step('cast', () => castEverybody(stage));
  const filmId = await job.step('film', () => registerFilm(stage, organisations, now));
  await noteFilm(stage, filmId);
  const filmVersionId = await job.step('version', () => versionOf(stage, filmId));
  const project = await job.step('project', () =>
    openProjectRoom(stage, filmId, organisations, now),
  );
  const comp = await job.step('effects', () => bringEffects(stage, filmId));
  const screens = await job.step('cinemas', () => registerCinemas(stage, organisations));
  await job.step('certificates', () => equipScreens(stage, now), { screens });
  const { fileId } = await job.step('render', () => renderFilm(stage), job.input);
  const asset = await job.step('ingest_order', async () => {
    const { id, jobId } = await production.ingest(await stage.as('post'), { filmId, fileId });
    return { id, jobId: jobId! };
  });
  await job.step('ingest', () => stage.awaitJob(asset.jobId));
  await job.step('review', () => reviewAndAccept(stage, asset.id));
  await job.step('effects_ingest', () => stage.awaitJob(comp.jobId));
  await job.step('turnover', () =>
    turnOver(stage, project, organisations, { master: asset.id, comp: comp.assetId }),
  );
  const made = await job.step('package_order', async () => {
    const { id, jobId } = await distribution.build(await stage.as('post'), {
      filmId,
      assetId: asset.id,
      filmVersionId,
      container: 'flat',
      resolution: '2k',
      encrypt: true,
      standard: 'smpte',
      bitRateMbit: BIT_RATE_MBIT,
      audioLanguage: 'zh',
      territory: 'CN',
    });
    return { id, jobId: jobId! };
  });
  await job.step('package', () => stage.awaitJob(made.jobId));
  const releaseId = await job.step('release', () =>
    announceRelease(stage, { filmId, filmVersionId }, now),
  );
  await job.step('bookings', () => bookCinemas(stage, { id: releaseId, filmId, filmVersionId }));
  const keyJobs = await job.step('keys_order', () => orderKeys(stage, releaseId));
  await job.step('keys', async () => {
    for (const each of keyJobs) await stage.awaitJob(each);
  });
  await job.step('programmes', () => sendProgrammes(stage, now));
  await job.step('trouble', () => troubleBefore(stage, now));
  const month = lastMonth(now);
  const reported = await job.step('report', () => reportBoxOffice(stage, filmId, month));
  const settled = await job.step('settle', () =>
    settleMonth(stage, filmId, month, reported.reportIds),
  );
  return { filmId, projectId: project.projectId, packageId: made.id, ...settled };
}

async function versionOf(stage: Stage, filmId: string): Promise<string> {
  const film = await stage.halls.film.get(await stage.as('producer'), filmId);
  const [version] = film.versions;
  assert(version !== undefined, 'the demonstration film has a version');
  return version.id;
}
