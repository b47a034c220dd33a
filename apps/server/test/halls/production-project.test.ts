import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMediaEngine } from '@yinglian/media';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';
import { bytesOf, jobEnded, problemOf, refusalCodes, upload } from './support.ts';

/** One event of a cut: reel, source and record in whole seconds of 24 frames, and frames more. */
type Use = readonly [reel: string, from: number, frames: number];

const label = (frames: number) => {
  const two = (value: number) => String(value).padStart(2, '0');
  const seconds = Math.floor(frames / 24);
  const parts = [seconds / 3600, (seconds / 60) % 60, seconds % 60, frames % 24];
  return parts.map((each) => two(Math.floor(each))).join(':');
};

/** An EDL of 24 frames as editors export it, without a word on shots. */
function edl(title: string, uses: readonly Use[]): string {
  let record = 86_400;
  const lines = uses.map(([reel, from, frames], index) => {
    const times = [from, from + frames, record, record + frames].map(label).join(' ');
    record += frames;
    const number = String(index + 1).padStart(3, '0');
    return `${number}  ${reel.padEnd(8)} V     C        ${times}\n* FROM CLIP NAME: ${reel}.mov`;
  });
  return `TITLE: ${title}\nFCM: NON-DROP FRAME\n${lines.join('\n')}\n`;
}

const FIRST: readonly Use[] = [
  ['A001C001', 1000, 48],
  ['A001C002', 2000, 48],
  ['A001C003', 3000, 48],
];
/** The first grows beyond its handles, the second leaves, one comes in at the end. */
const SECOND: readonly Use[] = [
  ['A001C001', 980, 68],
  ['A001C003', 3000, 48],
  ['A001C009', 9000, 24],
];

const ALE = ['Heading', 'FIELD_DELIM\tTABS', 'VIDEO_FORMAT\t1080', 'FPS\t24', '', 'Column',
  ['Name', 'Start', 'End', 'Scene', 'Take', 'Camroll', 'Soundroll', 'Circled', 'Shoot Date',
    'Comments', 'LUT'].join('\t'), '', 'Data',
  'A001C001.mov\t01:00:00:00\t01:00:10:00\t12A\t1\tA001\tS01\tyes\t2026-11-20\t好\tK1S1',
  'A001C002.mov\t01:00:10:00\t01:00:14:12\t12A\t2\tA001\tS01\t\t2026-11-20\t\tK1S1',
  'A002C001.mov\t02:00:00:00\t02:00:02:00\t13\t1\tA002\tS02\t\t2026-11-21\t\t', ''].join('\r\n');

describe('the project rooms of production', () => {
  let server: TestServer;
  let studio: TestPerson;
  let second: TestPerson;
  let vendor: TestPerson;
  let other: TestPerson;
  let filmId = '';
  let projectId = '';
  let folder = '';
  const assets = new Map<string, string>();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'yinglian-project-'));
    server = await createTestServer();
    studio = await server.newOrganisation('producer', '星河影业');
    second = await server.newMember(studio, ['production.supervisor']);
    vendor = await server.newOrganisation('producer', '极光视效');
    other = await server.newOrganisation('producer', '别家视效');
    filmId = (await studio.client.film.create({ body: { title: '长夜' } })).id;
    const project = await studio.client.projects.create({
      body: { filmId, name: '长夜 正片', code: 'CY', frameRate: '24' },
    });
    projectId = project.id;
    for (const name of ['A001C001.mov', 'A001C002.mov', 'secret.mov']) {
      assets.set(name, await asset(studio, name));
    }
  });
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const database = () => server.network.running.kernel.database;

  /** Media that are there and ready, without an engine having looked at them. */
  async function asset(of: TestPerson, name: string, held = false): Promise<string> {
    const fileId = await upload(of, name, `bytes of ${name} ${of.organisationId}`);
    const made = await sql<{ id: string }>`
      insert into production.asset (id, organisation_id, film_id, title, state, original_file_id,
        held)
      values (gen_random_uuid(), ${of.organisationId}, ${filmId}, ${name}, 'ready', ${fileId},
        ${held}) returning id`.execute(database());
    return made.rows[0]!.id;
  }
  const shots = async (of: TestPerson = studio, more: object = {}) =>
    (await of.client.shots.list({ query: { projectId, limit: 500, ...more } })).rows;
  const readCut = async (title: string, uses: readonly Use[], commit = true) => {
    const fileId = await upload(studio, `${title}.edl`, edl(title, uses));
    return studio.client.shots.readCut({
      body: { projectId, fileId, sequenceId: null, name: title, commit, rate: '24' },
    });
  };

  it('[HPP1] makes shots of a cut, numbered, and shows them before it keeps them', async () => {
    const preview = await readCut('v1', FIRST, false);
    expect(preview).toMatchObject({ cut: null, added: 3, omitted: 0 });
    expect(await shots()).toEqual([]);
    const { cut } = await readCut('v1', FIRST);
    expect(cut).toMatchObject({ number: 1, format: 'edl', frameRate: '24', frameCount: 144 });
    const made = await shots();
    expect(made.map((each) => each.code)).toEqual(['CY_0010', 'CY_0020', 'CY_0030']);
    expect(made[0]).toMatchObject({
      ordinal: 10, reel: 'A001C001', sourceIn: 1000, sourceOut: 1048, frameCount: 48,
      firstFrame: 1001, cutIn: 1009, cutOut: 1056, lastFrame: 1064, status: 'waiting',
    });
  });

  it('[HPP2] brings shots to the next cut and marks the tasks it touches', async () => {
    const [one, two, three] = await shots();
    const given = await studio.client.tasks.create({
      body: { projectId, names: ['comp', 'roto'], shotIds: [one!.id, two!.id, three!.id] },
    });
    expect(given).toEqual({ added: 6, known: 0 });
    const again = { projectId, names: ['comp'], shotIds: [one!.id] };
    expect(await studio.client.tasks.create({ body: again })).toEqual({ added: 0, known: 1 });
    const read = await readCut('v2', SECOND);
    expect(read).toMatchObject({ added: 1, omitted: 1, flaggedTasks: 4 });
    const after = new Map((await shots()).map((each) => [each.code, each]));
    expect(after.get('CY_0010')!.changes.map((each) => each.kind)).toContain('rescan');
    // The same source frame keeps its number, so the cut begins before 1001.
    expect(after.get('CY_0010')).toMatchObject({ firstFrame: 1001, cutIn: 989, cutOut: 1056 });
    expect(after.get('CY_0020')).toMatchObject({ omitted: true });
    expect(after.get('CY_0030')!.changes.every((each) => each.kind === 'moved')).toBe(true);
    // 0020 left, and its name is given to no other shot.
    expect([...after.keys()]).toEqual(expect.arrayContaining(['CY_0040']));
    const flagged = await studio.client.tasks.list({ query: { projectId, flagged: 'true' } });
    expect(new Set(flagged.rows.map((each) => each.subject))).toEqual(
      new Set(['CY_0010', 'CY_0020']));
    const seen = await studio.client.shots.change({
      body: { projectId, ids: [one!.id], seen: true },
    });
    expect(seen.changed).toBe(1);
    expect((await studio.client.shots.get({ params: { id: one!.id } }))).toMatchObject({
      changes: [], firstFrame: 981, cutIn: 989, cutOut: 1056, lastFrame: 1064,
    });
    const back = await readCut('v3', [...SECOND, ['A001C002', 2000, 48]]);
    expect(back).toMatchObject({ added: 0, omitted: 0 });
    expect((await studio.client.shots.get({ params: { id: two!.id } }))).toMatchObject({
      code: 'CY_0020', omitted: false,
    });
    const html = await studio.client.shots.cutSheet({ params: { id: back.cut!.id },
      query: { kind: 'changes', format: 'html' } });
    expect(new TextDecoder().decode(await bytesOf(html))).toContain('CY_0020');
  });

  it('[HPP3] changes many at once along the flow, and takes a change back as one', async () => {
    const all = await shots();
    const ids = all.map((each) => each.id);
    const wrong = await studio.client.shots.change({
      body: { projectId, ids, status: 'approved' } });
    expect(wrong).toMatchObject({ changed: 0 });
    expect(wrong.findings.map((each) => each.code)).toContain('unreachable_status');
    const done = await studio.client.shots.change({ body: { projectId, ids, status: 'working' } });
    expect(done.changed).toBe(ids.length);
    await studio.client.shots.change({ body: { projectId, ids: [ids[0]!], status: 'hold' } });
    const undone = await studio.client.projects.undo({
      params: { id: projectId }, body: { changeId: done.changeId },
    });
    // What somebody changed since stays as it is.
    expect(undone).toEqual({ undone: ids.length - 1, left: 1 });
    expect((await shots()).map((each) => each.status)).toEqual(
      ['hold', ...Array.from({ length: ids.length - 1 }, () => 'waiting')]);
    expect(await refusalCodes(studio.client.projects.undo({
      params: { id: projectId }, body: { changeId: done.changeId } }))).toEqual(['undone_change']);
    const history = await studio.client.projects.history({ params: { id: projectId } , query: {} });
    expect(history.rows.find((each) => each.id === done.changeId)).toMatchObject({
      field: 'status', count: ids.length, undone: true,
    });
  });

  it('[HPP4] shows a vendor what was turned over to it, and nothing else', async () => {
    const vendorShots = () => shots(vendor);
    expect((await problemOf(vendorShots())).code).toBe('not_found');
    await studio.client.projects.invite({
      params: { id: projectId, organisationId: vendor.organisationId },
      body: { role: 'visual_effects', scope: 'turnover' },
    });
    const asked = await vendor.client.projects.list({ query: {} });
    expect(asked.rows).toMatchObject([
      { id: projectId, scope: 'turnover', participation: 'invited' }]);
    expect(asked.rows[0]!.participants.map((each) => each.organisationId)).toEqual(
      [vendor.organisationId]);
    await vendor.client.projects.answer({ params: { id: projectId }, body: { join: true } });
    expect(await vendorShots()).toEqual([]);
    const [one, two] = await shots();
    const draft = await studio.client.turnovers.create({ body: {
      projectId, organisationId: vendor.organisationId, name: '第一批', shotIds: [one!.id],
      assets: [{ assetId: assets.get('A001C001.mov')! },
        { assetId: assets.get('A001C002.mov')!, purpose: 'reference', original: false }],
    } });
    expect(await vendorShots()).toEqual([]);
    expect((await vendor.client.turnovers.list({ query: {} })).rows).toEqual([]);
    const at = { params: { id: draft.id } };
    const sent = await studio.client.turnovers.act({ ...at,
      body: { version: draft.version, act: 'send' } });
    expect(sent.manifestFileId).not.toBeNull();
    expect((await vendorShots()).map((each) => each.code)).toEqual([one!.code]);
    expect((await problemOf(vendor.client.shots.get({ params: { id: two!.id } }))).code).toBe(
      'not_found');
    const seen = await vendor.client.production.assets({ query: {} });
    expect(seen.rows.map((each) => each.title).toSorted()).toEqual(
      ['A001C001.mov', 'A001C002.mov']);
    const file = (name: string) => seen.rows.find((each) => each.title === name)!.original.id;
    const fetched = async (of: TestPerson, id: string) =>
      (await of.send(`/api/files/${id}`)).status;
    expect(await fetched(vendor, file('A001C001.mov'))).toBe(200);
    // Given to be watched only: the original does not leave.
    expect(await fetched(vendor, file('A001C002.mov'))).toBe(404);
    expect(await fetched(vendor, sent.manifestFileId!)).toBe(200);
    const manifest = await (await vendor.send(`/api/files/${sent.manifestFileId}`)).json() as {
      files: { digest: string }[] };
    expect(manifest.files).toHaveLength(2);
    const received = await vendor.client.turnovers.act({ ...at,
      body: { version: sent.version, act: 'receive' } });
    expect(received.state).toBe('received');
    expect((await problemOf(vendor.client.turnovers.act({ ...at,
      body: { version: received.version, act: 'withdraw' } }))).code).toBe('not_allowed');
    const hidden = await Promise.all([
      vendor.client.film.get({ params: { id: filmId } }),
      vendor.client.production.asset({ params: { id: assets.get('secret.mov')! } }),
      other.client.projects.get({ params: { id: projectId } }),
      other.client.turnovers.get(at),
    ].map(problemOf));
    expect(hidden.map((each) => each.code)).toEqual(hidden.map(() => 'not_found'));
    expect((await vendor.client.shots.cuts({ query: { projectId } })).rows).toEqual([]);
    expect((await vendor.client.shoot.takes({ query: { projectId } })).rows).toEqual([]);
  });

  it('[HPP5] lets a company do its own tasks within its part of the flow', async () => {
    const [one] = await shots();
    const tasks = (await studio.client.tasks.list({ query: { projectId, shotId: one!.id } })).rows;
    const comp = tasks.find((each) => each.name === 'comp')!;
    expect((await problemOf(vendor.client.tasks.change({
      body: { projectId, ids: [comp.id], status: 'working' } }))).code).toBe('not_found');
    await studio.client.tasks.change({ body: { projectId, ids: [comp.id],
      organisationId: vendor.organisationId, dueOn: '2020-01-01' } });
    const own = (await vendor.client.tasks.list({ query: { projectId } })).rows;
    expect(own).toMatchObject([{ id: comp.id, late: true }]);
    const change = (body: object) =>
      vendor.client.tasks.change({ body: { projectId, ids: [comp.id], ...body } });
    expect(await change({ status: 'working' })).toMatchObject({ changed: 1 });
    const approved = await change({ status: 'approved' });
    expect(approved.findings.map((each) => each.code)).toEqual(['reserved_status']);
    expect((await problemOf(change({ dueOn: '2030-01-01' }))).code).toBe('not_allowed');
    const overview = await studio.client.projects.overview({ params: { id: projectId } });
    expect(overview.tasks.byCompany).toContainEqual(expect.objectContaining({
      organisationName: '极光视效', total: 1, late: 1 }));
  });

  it('[HPP6] keeps a vendor’s work to itself until it delivers a version', async () => {
    const [one] = await shots();
    const mine = await asset(vendor, 'CY_0010_comp_v001.mov', true);
    const seenBy = async (of: TestPerson) =>
      (await of.client.production.assets({ query: { limit: 500 } })).rows.map((each) => each.id);
    expect(await seenBy(vendor)).toContain(mine);
    expect(await seenBy(studio)).not.toContain(mine);
    const comp = (await vendor.client.tasks.list({ query: { projectId } })).rows[0]!;
    const body = { projectId, subjectKind: 'shot' as const, subjectId: one!.id, name: 'comp',
      assetId: mine, taskId: comp.id };
    const delivered = await vendor.client.versions.deliver({ body });
    expect(delivered).toMatchObject({ number: 1, state: 'submitted', subject: one!.code });
    expect(await seenBy(studio)).toContain(mine);
    expect(await seenBy(other)).not.toContain(mine);
    const status = async () => (await studio.client.tasks.list({
      query: { projectId, shotId: one!.id, search: 'comp' } })).rows[0]!.status;
    expect(await status()).toBe('review');
    const at = { params: { id: delivered.id } };
    expect((await problemOf(vendor.client.versions.decide({ ...at,
      body: { version: 1, state: 'approved' } }))).code).toBe('not_allowed');
    await studio.client.versions.decide({ ...at, body: { version: 1, state: 'changes' } });
    expect(await status()).toBe('changes');
    const next = await vendor.client.versions.deliver({ body });
    expect(next.number).toBe(2);
    await studio.client.versions.decide({ params: { id: next.id },
      body: { version: 1, state: 'approved' } });
    expect(await status()).toBe('approved');
    expect((await shots())[0]!.latest).toMatchObject({ number: 2, state: 'approved' });
    expect((await vendor.client.versions.list({ query: { subjectId: one!.id } })).rows)
      .toHaveLength(2);
  });

  it('[HPP7] takes back what a turnover that is withdrawn, or a part that ends, gave', async () => {
    const [sent] = (await studio.client.turnovers.list({ query: { projectId } })).rows;
    await studio.client.turnovers.act({ params: { id: sent!.id },
      body: { version: sent!.version, act: 'withdraw' } });
    expect(await shots(vendor)).toEqual([]);
    expect((await vendor.send(`/api/files/${sent!.assets[0]!.fileId}`)).status).toBe(404);
    const named = await vendor.client.turnovers.get({ params: { id: sent!.id } });
    expect(named).toMatchObject({ state: 'withdrawn', shots: [], assets: [] });
    await studio.client.projects.dismiss({
      params: { id: projectId, organisationId: vendor.organisationId } });
    expect((await vendor.client.production.assets({ query: {} })).rows).toEqual([]);
    expect((await problemOf(vendor.client.tasks.change({ body: { projectId,
      ids: [(await studio.client.tasks.list({ query: { projectId } })).rows[0]!.id],
      status: 'working' } }))).code).toBe('not_found');
    expect(await refusalCodes(vendor.client.projects.answer({
      params: { id: projectId }, body: { join: true } }))).toEqual(['ended_invitation']);
  });

  it('[HPP8] reads days, rolls and takes from the lists that sets make', async () => {
    const read = async (name: string, text: string, more: object = {}) =>
      studio.client.shoot.readLog({ body: { projectId, commit: true,
        fileId: await upload(studio, name, text), ...more } });
    expect(await read('day.ale', ALE)).toMatchObject({
      format: 'ale', days: 2, added: 3, changed: 0, unchanged: 0 });
    expect(await read('day.ale', ALE)).toMatchObject({ days: 0, added: 0, unchanged: 3 });
    const sheet = '条次表\n素材,场次,条次,备注\nA001C002.mov,12A,2,机器晃动\n';
    expect(await read('场记.csv', sheet)).toMatchObject({ format: 'sheet', added: 0, changed: 1 });
    const days = (await studio.client.shoot.days({ query: { projectId } })).rows;
    expect(days).toMatchObject([{ number: 1, date: '2026-11-20', takes: 2, circled: 1, rolls: 2,
      seconds: 14.5 }, { number: 2, date: '2026-11-21', takes: 1 }]);
    const takes = (await studio.client.shoot.takes({ query: { projectId } })).rows;
    expect(takes[0]).toMatchObject({ clip: 'A001C001', scene: '12A', take: '1', roll: 'A001',
      soundRoll: 'S01', circled: true, startTimecode: '01:00:00:00', endTimecode: '01:00:10:00',
      frameCount: 240, frameRate: '24', facts: { LUT: 'K1S1' }, comment: '好',
      assetId: assets.get('A001C001.mov') });
    expect(takes[1]!.comment).toBe('机器晃动');
    expect(await refusalCodes(read('x.csv', '素材,条次\nB1.mov,1\n'))).toEqual(['missing_shoot_day']);
    expect(await refusalCodes(read('x.csv', 'a,b\n1,2\n'))).toEqual(['unknown_shoot_log']);
    const report = async (query: object) => bytesOf(await studio.client.shoot.report({
      params: { id: days[0]!.id }, query }));
    const words = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    expect(words(await report({ kind: 'sound', language: 'en' }))).toContain('S01');
    expect(words((await report({ format: 'pdf' })).subarray(0, 5))).toBe('%PDF-');
    const ale = await studio.client.shoot.exportFile({ query: { projectId, format: 'ale' } });
    const again = new TextDecoder().decode(await bytesOf(ale));
    expect(again).toContain('A001C001\tV\t01:00:00:00\t01:00:10:00\tA001\t12A\t1');
  });

  it('[HPP9] takes a roll’s manifest with its verification', async () => {
    const mhl = `<?xml version="1.0" encoding="UTF-8"?>
<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0"><creatorinfo><creationdate>2026-11-20T10:00:00Z
</creationdate><hostname>dit</hostname><tool version="1">t</tool></creatorinfo><processinfo>
<process>transfer</process></processinfo><hashes><hash><path size="7">Clips/A003C001.mov</path>
<xxh64 action="verified" hashdate="2026-11-20T10:00:00Z">0ea03b369a463d9d</xxh64></hash><hash>
<path size="3">Sidecar.txt</path><xxh64 action="verified" hashdate="2026-11-20T10:00:00Z"
>7680e5f98f4a80fd</xxh64></hash></hashes></hashlist>`;
    const fileId = await upload(studio, '0001_A003_2026-11-20_100000Z.mhl', mhl);
    const read = await studio.client.shoot.readLog({ body: { projectId, fileId, commit: true,
      day: { number: 1 } } });
    expect(read).toMatchObject({ format: 'mhl2', added: 1, rolls: 1 });
    const [day] = (await studio.client.shoot.days({ query: { projectId } })).rows;
    const { rollRows } = await studio.client.shoot.day({ params: { id: day!.id } });
    expect(rollRows.find((each) => each.name === 'A003')).toMatchObject({
      kind: 'camera', fileCount: 2, sizeBytes: 10, verified: true, manifestFileId: fileId });
  });

  it('[HPP10] holds a delivery against what was agreed; accepted, it is due', async () => {
    const output = join(folder, 'master.mp4');
    const engine = createMediaEngine({ scratchFolder: folder });
    const made = await engine.render({ verb: 'render', output, preset: 'h264-mp4',
      size: { width: 256, height: 144 }, frameRate: '25', frames: 50, title: 'M', channels: 2,
      programme: 'bars' });
    expect(made.ok).toBe(true);
    const fileId = await upload(studio, 'master.mp4', new Uint8Array(readFileSync(output)));
    const master = await studio.client.production.ingest({ body: { filmId, fileId } });
    await jobEnded(studio, master.jobId!);
    await studio.client.projects.invite({
      params: { id: projectId, organisationId: other.organisationId },
      body: { role: 'post_house', scope: 'turnover' } });
    const agreed = await studio.client.deliverables.create({ body: { projectId, name: '母版',
      kind: 'master', organisationId: other.organisationId, fourEyes: true,
      amountFen: '1200000', category: 'post_production',
      specification: { videoCodecs: ['H.264'], width: 256, height: 144, frameRate: '24',
        framesFrom: 50, framesTo: 50, channels: [2], loudnessLufs: -1, languages: ['zh-CN'] } } });
    const at = { params: { id: agreed.id } };
    const submit = (version: number) => studio.client.deliverables.submit({ ...at,
      body: { version, assetId: master.id, language: 'zh-CN' } });
    const faulty = await submit(agreed.version);
    expect(faulty.findings.map((each) => each.at['field'])).toEqual(['frameRate', 'loudnessLufs']);
    const decide = (of: TestPerson, version: number, more: object = {}) =>
      of.client.deliverables.decide({ ...at, body: { version, decision: 'accepted', ...more } });
    expect(await refusalCodes(decide(studio, faulty.version))).toEqual(['own_submission']);
    expect(await refusalCodes(decide(second, faulty.version))).toEqual(['unexplained_acceptance']);
    const rejected = await second.client.deliverables.decide({ ...at,
      body: { version: faulty.version, decision: 'rejected', note: '帧率不对' } });
    expect(rejected.state).toBe('rejected');
    const changed = await studio.client.deliverables.update({ ...at, body: { ...agreed,
      version: rejected.version,
      specification: { ...agreed.specification, frameRate: '25', loudnessLufs: undefined } } });
    const whole = await submit(changed.version);
    expect(whole).toMatchObject({ findings: [], submission: 2, state: 'submitted' });
    const first = await decide(second, whole.version);
    expect(first.state).toBe('submitted');
    expect(await refusalCodes(decide(second, first.version))).toEqual(['second_word']);
    const third = await server.newMember(studio, ['production.supervisor']);
    const accepted = await decide(third, first.version);
    expect(accepted).toMatchObject({ state: 'accepted', dueKey: `deliverable/${agreed.id}` });
    expect(accepted.decisions.map((each) => each.decision)).toEqual(
      ['submitted', 'rejected', 'submitted', 'accepted', 'accepted']);
    expect((await studio.client.production.asset({ params: { id: master.id } })).state).toBe(
      'accepted');
    const inputs = await studio.client.settlement.inputs({ query: { filmId, kind: 'expense' } });
    expect(inputs.rows).toMatchObject([{ key: `deliverable/${agreed.id}`,
      data: { account: 'post_production', amountFen: '1200000' } }]);
    expect(await refusalCodes(submit(accepted.version))).toEqual(['accepted_deliverable']);
  }, 120_000);

  it('[HPP11] gives a project out as OMC, and takes shots and tasks of OMC in', async () => {
    const file = await studio.client.projects.exportOmc({ params: { id: projectId } });
    const text = new TextDecoder().decode(await bytesOf(file));
    expect(text).toContain('CY_0010');
    const film = await studio.client.film.create({ body: { title: '另一部' } });
    const copy = await studio.client.projects.create({ body: {
      filmId: film.id, name: '副本', code: 'CP', frameRate: '24' } });
    const fileId = await upload(studio, 'project.omc.json', text);
    const take = (commit: boolean) => studio.client.projects.importOmc({
      params: { id: copy.id }, body: { fileId, commit } });
    expect(await take(false)).toMatchObject({ shots: 4, known: 0 });
    expect(await take(true)).toMatchObject({ shots: 4, tasks: 6 });
    expect(await take(true)).toMatchObject({ shots: 0, tasks: 0, known: 4 });
    const rows = (await studio.client.shots.list({ query: { projectId: copy.id } })).rows;
    expect(rows.map((each) => each.code).toSorted()).toEqual(
      ['CY_0010', 'CY_0020', 'CY_0030', 'CY_0040']);
  });

  it('[HPP12] lists two thousand shots page by page, and all of them as a sheet', async () => {
    const uses = Array.from({ length: 2000 }, (_, i): Use => [`B${i}`, i * 100, 24]);
    const film = await studio.client.film.create({ body: { title: '大片' } });
    const big = await studio.client.projects.create({ body: {
      filmId: film.id, name: '大片', code: 'BIG', frameRate: '24' } });
    const fileId = await upload(studio, 'big.edl', edl('big', uses));
    const read = await studio.client.shots.readCut({ body: { projectId: big.id, fileId,
      commit: true, rate: '24' } });
    expect(read.added).toBe(2000);
    const codes: string[] = [];
    let after: string | undefined;
    do {
      const page = await studio.client.shots.list({ query: { projectId: big.id, limit: 500,
        ...(after === undefined ? {} : { after }) } });
      codes.push(...page.rows.map((each) => each.code));
      after = page.next ?? undefined;
    } while (after !== undefined);
    expect(new Set(codes).size).toBe(2000);
    expect(codes).toEqual(codes.toSorted((a, b) => Number(a.slice(4)) - Number(b.slice(4))));
    const sheet = await studio.client.shots.exportFile({
      query: { projectId: big.id, format: 'csv' } });
    expect(new TextDecoder().decode(await bytesOf(sheet)).split('\r\n')).toHaveLength(2002);
    expect((await problemOf(studio.client.shots.list({ query: { projectId: big.id,
      after: 'x' } }))).code).toBe('invalid');
  });
});
