import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { addDays, formatTimecode, FRAME_RATES } from '@yinglian/core';
import { Refusal } from '../kernel/refusal.ts';
import { keepText } from './keep.ts';
import type { Stage } from './stage.ts';

/** One use of a clip in the cut: its first frame of source and its length in frames. */
type Use = readonly [clip: string, sourceIn: number, frames: number];

const RATE = { rate: FRAME_RATES['24'], dropFrame: false };
const HOUR = 3600 * 24;
const CODE = 'XJ';

/** Where the tape of a clip begins: each has an hour's minutes of its own. */
const startOf = (clip: string) => 10 * HOUR + Number(clip.slice(-3)) * 24 * 60;

/** The first assembly of reel one, and what the editor made of it a week later. */
const PIER: readonly Use[] = [
  ['A001C003', 48, 96],
  ['A001C004', 120, 72],
  ['A001C003', 240, 60],
  ['A001C006', 24, 144],
  ['A001C007', 72, 48],
  ['A002C001', 200, 84],
  ['A002C002', 96, 120],
  ['A002C004', 36, 66],
];
const PIER_NEXT: readonly Use[] = [
  ['A001C003', 36, 108],
  ['A001C004', 120, 72],
  ['A001C006', 40, 144],
  ['A001C007', 72, 30],
  ['A002C005', 60, 54],
  ['A002C001', 200, 84],
  ['A002C002', 96, 120],
  ['A002C004', 36, 66],
];
const BOAT: readonly Use[] = [
  ['A003C001', 60, 132],
  ['A003C002', 24, 90],
  ['A003C004', 144, 72],
  ['A003C005', 48, 108],
];

/** What the demonstration's project is known by to the scenes after it. */
export type DemonstrationProject = { readonly projectId: string };

/**
 * The producer begins the project, reads the first cut, asks the post house in whole and the
 * effects house for what is turned over to it, gives tasks, reads the shoot's list, and then the
 * next cut, so that shots are marked.
 */
export async function openProjectRoom(
  stage: Stage,
  filmId: string,
  organisations: Record<string, string>,
  now: Date,
): Promise<DemonstrationProject> {
  const { project } = stage.halls;
  const producer = await stage.as('producer');
  const known = (await project.projects(producer, { filmId, limit: 1 })).rows[0];
  const own =
    known ??
    (await project.createProject(producer, {
      filmId,
      name: '湘江夜航 正片',
      code: CODE,
      frameRate: '24',
      dropFrame: false,
    }));
  const id = own.id;
  const day = now.toISOString().slice(0, 10);
  if ((await project.sequences(producer, id)).length > 0) return { projectId: id };
  for (const [part, organisation, role, scope] of [
    ['post', 'post_house', 'post_house', 'whole'],
    ['effects', 'effects_house', 'visual_effects', 'turnover'],
  ] as const) {
    await project.invite(producer, id, organisations[organisation]!, { role, scope });
    await project.answer(await stage.as(part), id, true);
  }
  const [pier, boat] = [
    await addSequence(stage, id, '010', '码头', 10),
    await addSequence(stage, id, '020', '夜船', 20),
  ];
  await readCut(stage, id, pier, 'R1_v01', PIER);
  await readCut(stage, id, boat, 'R2_v01', BOAT);
  await giveTasks(stage, id, organisations, day);
  await readCut(stage, id, pier, 'R1_v02', PIER_NEXT);
  await readShoot(stage, id, addDays(day, -12));
  await agreeDeliveries(stage, id, organisations, day);
  return { projectId: id };
}

async function addSequence(
  stage: Stage,
  projectId: string,
  code: string,
  name: string,
  ordinal: number,
): Promise<string> {
  const producer = await stage.as('producer');
  const kind = 'sequence' as const;
  const body = { projectId, parentId: null, kind, code, name, ordinal };
  return (await stage.halls.project.addSequence(producer, body)).id;
}

async function readCut(
  stage: Stage,
  projectId: string,
  sequenceId: string,
  name: string,
  uses: readonly Use[],
): Promise<void> {
  const file = await keepText(stage, 'producer', `${name}.edl`, edlOf(name, uses));
  await stage.halls.project.readCut(await stage.as('producer'), {
    projectId,
    fileId: file,
    sequenceId,
    name,
    timeline: 0,
    rate: '24',
    commit: true,
  });
}

/** The cut as an editor exports it (CMX 3600). */
function edlOf(title: string, uses: readonly Use[]): string {
  let record = HOUR;
  const lines = uses.map(([clip, sourceIn, frames], index) => {
    const from = startOf(clip) + sourceIn;
    const times = [from, from + frames, record, (record += frames)];
    const [a, b, c, d] = times.map((each) => formatTimecode(BigInt(each), RATE));
    const number = String(index + 1).padStart(3, '0');
    return `${number}  ${clip} V     C        ${a} ${b} ${c} ${d}\n* FROM CLIP NAME: ${clip}`;
  });
  return [`TITLE: ${title}`, 'FCM: NON-DROP FRAME', '', ...lines, ''].join('\n');
}

async function giveTasks(
  stage: Stage,
  projectId: string,
  organisations: Record<string, string>,
  day: string,
): Promise<void> {
  const { project } = stage.halls;
  const producer = await stage.as('producer');
  const { rows } = await project.shots(producer, { projectId, limit: 500 });
  const given = { projectId, sequenceIds: [], assignee: '', description: '', priority: 2 };
  const ids = (count: number, from = 0) => rows.slice(from, from + count).map((each) => each.id);
  const effects = organisations['effects_house']!;
  const post = organisations['post_house']!;
  await project.createTasks(producer, {
    ...given,
    names: ['合成'],
    shotIds: ids(5),
    organisationId: effects,
    dueOn: addDays(day, 9),
  });
  await project.createTasks(producer, {
    ...given,
    names: ['擦威亚'],
    shotIds: ids(1, 6),
    organisationId: effects,
    dueOn: addDays(day, -1),
  });
  await project.createTasks(producer, {
    ...given,
    names: ['调色'],
    shotIds: ids(rows.length),
    organisationId: post,
    dueOn: addDays(day, 20),
  });
}

/** The camera's own list of the day (Avid Log Exchange), as the assistant hands it over. */
async function readShoot(stage: Stage, projectId: string, date: string): Promise<void> {
  const clips = [...new Set([...PIER, ...PIER_NEXT, ...BOAT].map(([clip]) => clip))].sort();
  const columns = ['Name', 'Tape', 'Start', 'End', 'Scene', 'Take', 'Circled', 'Comments'];
  const rows = clips.map((clip, index) => {
    const from = startOf(clip);
    const ends = [from, from + 24 * 20].map((each) => formatTimecode(BigInt(each), RATE));
    const scene = clip.startsWith('A003') ? '20' : '10';
    const circled = index % 3 === 0 ? 'Yes' : '';
    const comment = index % 4 === 1 ? '背景有车声' : '';
    return [clip, clip.slice(0, 4), ...ends, scene, String(index + 1), circled, comment];
  });
  const head = ['Heading', 'FIELD_DELIM\tTABS', 'VIDEO_FORMAT\t1080', 'FPS\t24', '', 'Column'];
  const text = [...head, columns.join('\t'), '', 'Data', ...rows.map((row) => row.join('\t')), ''];
  const file = await keepText(stage, 'producer', 'A_DAY12.ale', text.join('\n'));
  await stage.halls.project.readLog(await stage.as('producer'), {
    projectId,
    fileId: file,
    day: { number: 12, date },
    rate: '24',
    commit: true,
  });
}

async function agreeDeliveries(
  stage: Stage,
  projectId: string,
  organisations: Record<string, string>,
  day: string,
): Promise<void> {
  const { project } = stage.halls;
  const producer = await stage.as('producer');
  const usual = {
    projectId,
    organisationId: organisations['post_house']!,
    acceptorId: null,
    fourEyes: false,
  };
  await project.createDeliverable(producer, {
    ...usual,
    name: '影院母版 24 帧 5.1',
    kind: 'master',
    specification: {
      videoCodecs: ['prores'],
      width: 1998,
      height: 1080,
      frameRate: '24',
      channels: [6],
      sampleRateHz: 48_000,
    },
    dueOn: addDays(day, 3),
    amountFen: '36000000',
    category: 'post_production',
  });
  await project.createDeliverable(producer, {
    ...usual,
    name: '预告片 60 秒',
    kind: 'trailer',
    specification: { width: 1920, height: 1080, frameRate: '24', framesFrom: 1440, framesTo: 1440 },
    dueOn: addDays(day, -2),
    amountFen: null,
    category: '',
  });
}

/** Frames of the effects house's clip: two seconds, small, so that they cost little. */
const COMP_FRAMES = 48;

/** What the effects house hands in first: rendered here and now, and taken in as its own. */
export async function bringEffects(
  stage: Stage,
  filmId: string,
): Promise<{ readonly assetId: string; readonly jobId: string }> {
  const { objects, registerFile, write } = stage.kernel;
  const folder = join(objects.workFolder, `job-${stage.job.id}-comp`);
  await mkdir(folder, { recursive: true });
  const name = `${CODE}_010_0010_comp_v001.mov`;
  const output = join(folder, name);
  const rendered = await stage.halls.engine.render(
    {
      verb: 'render',
      output,
      preset: 'prores-mov',
      size: { width: 960, height: 540 },
      frameRate: '24',
      frames: COMP_FRAMES,
      title: '010_0010 COMP',
      subtitle: 'V001',
      channels: 2,
      programme: 'film',
    },
    { signal: stage.job.signal },
  );
  if (!rendered.ok) throw new Refusal('invalid', { findings: rendered.findings });
  const stored = await objects.putFile(output, { move: true });
  await rm(folder, { recursive: true, force: true });
  const effects = await stage.as('effects');
  const fileId = await write(effects, async (work) => {
    const file = await registerFile(work.transaction, {
      ...stored,
      organisationId: effects.organisation!.id,
      name,
      mediaType: 'video/quicktime',
    });
    work.audit({
      action: 'demonstration.comp_rendered',
      subjectKind: 'file',
      subjectId: file.id,
      facts: { digest: stored.digest },
    });
    return file.id;
  });
  const { id, jobId } = await stage.halls.production.ingest(effects, { filmId, fileId });
  return { assetId: id, jobId: jobId! };
}

/**
 * Shots and the film as reference are turned over; the effects house takes receipt and delivers its
 * first version, on which the producer asks for a change; the master is handed in and accepted.
 */
export async function turnOver(
  stage: Stage,
  { projectId }: DemonstrationProject,
  organisations: Record<string, string>,
  assets: { readonly master: string; readonly comp: string },
): Promise<void> {
  const { project, production } = stage.halls;
  const [producer, effects, post] = await Promise.all(
    ['producer', 'effects', 'post'].map((part) => stage.as(part)),
  );
  const { rows } = await project.shots(producer!, { projectId, limit: 500 });
  const { rows: tasks } = await project.tasks(effects!, { projectId, limit: 500 });
  const cuts = await project.cuts(producer!, { projectId, limit: 50 });
  const cut = cuts.rows.find((each) => each.name === 'R1_v02')!;
  const turned = new Set(tasks.map((each) => each.shotId));
  const draft = await project.createTurnover(producer!, {
    projectId,
    organisationId: organisations['effects_house']!,
    name: '第一批合成镜头',
    note: '参考影片不可下载原片；画面以 R1_v02 为准。',
    shotIds: rows.filter((each) => turned.has(each.id)).map((each) => each.id),
    assets: [{ assetId: assets.master, purpose: 'reference', original: false }],
    cut: { cutId: cut.id, department: 'vfx', whole: false, language: 'zh-CN' },
  });
  const sent = await project.actOnTurnover(producer!, draft.id, {
    version: draft.version,
    act: 'send',
  });
  await project.actOnTurnover(effects!, sent.id, { version: sent.version, act: 'receive' });
  const [task] = tasks.toSorted((a, b) => (a.subject < b.subject ? -1 : 1));
  await project.changeTasks(effects!, { projectId, ids: [task!.id], status: 'working' });
  await project.deliver(effects!, {
    projectId,
    subjectKind: 'shot',
    subjectId: task!.shotId!,
    name: 'comp',
    assetId: assets.comp,
    taskId: task!.id,
    note: '第一版合成，水面反光待确认。',
  });
  await production.addNote(producer!, assets.comp, {
    frame: 24,
    toFrame: 36,
    text: '水面反光再暗一档，别抢人物。',
  });
  const [master] = (await project.deliverables(post!, { projectId, limit: 100 })).rows.filter(
    (each) => each.kind === 'master',
  );
  const submitted = await project.submit(post!, master!.id, {
    version: master!.version,
    assetId: assets.master,
    language: 'zh',
    note: '',
  });
  await project.decideDeliverable(producer!, submitted.id, {
    version: submitted.version,
    decision: 'accepted',
    note: '画面、声音与时码已核对。',
    despite: submitted.findings.length > 0,
  });
}
