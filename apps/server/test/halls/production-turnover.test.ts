import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { unzipSync } from 'fflate';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Environment } from '../../../cli/src/kernel/environment.ts';
import { registerTurnovers } from '../../../cli/src/network/production-turnovers.ts';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';
import { bytesOf, refusalCodes, upload } from './support.ts';

const EDL = `TITLE: R1_v03
FCM: NON-DROP FRAME
001  A001C001 V     C        00:00:41:16 00:00:43:16 01:00:00:00 01:00:02:00
* FROM CLIP NAME: Pier.mov
002  A001C002 V     C        00:01:23:08 00:01:25:08 01:00:02:00 01:00:04:00
* FROM CLIP NAME: Villain.mov
003  A001C003 V     C        00:02:05:00 00:02:07:00 01:00:04:00 01:00:06:00
* FROM CLIP NAME: Boat.mov
`;
const NEXT = EDL.replaceAll('00:00:43:16', '00:00:44:16');
const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

describe('what is turned over with a cut', () => {
  let server: TestServer;
  let studio: TestPerson;
  let vendor: TestPerson;
  let [folder, filmId, projectId, cutId] = ['', '', '', ''];
  let shotIds: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'yinglian-turnover-'));
    server = await createTestServer();
    studio = await server.newOrganisation('producer', '星河影业');
    vendor = await server.newOrganisation('producer', '极光视效');
    filmId = (await studio.client.film.create({ body: { title: '长夜' } })).id;
    const body = { filmId, name: '长夜 正片', code: 'CY', frameRate: '24' };
    projectId = (await studio.client.projects.create({ body })).id;
    cutId = await cut('R1_v03', EDL);
    const { rows } = await studio.client.shots.list({ query: { projectId } });
    shotIds = rows.map((each) => each.id);
    await studio.client.projects.invite({
      params: { id: projectId, organisationId: vendor.organisationId },
      body: { role: 'visual_effects', scope: 'turnover' },
    });
    await vendor.client.projects.answer({ params: { id: projectId }, body: { join: true } });
  });
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function cut(name: string, list: string): Promise<string> {
    const fileId = await upload(studio, `${name}.edl`, list);
    const read = { projectId, fileId, name, commit: true, rate: '24' };
    return (await studio.client.shots.readCut({ body: read })).cut!.id;
  }

  async function asset(name: string, frameCount: number, frameRate = '24'): Promise<string> {
    const fileId = await upload(studio, name, `bytes of ${name}`);
    const video = { codec: 'h264', width: 1920, height: 1080, frameRate, pixelFormat: null,
      colour: {}, timecode: null };
    const media = { container: 'mov', durationSeconds: '6', frameCount, audio: [], video };
    const made = await sql<{ id: string }>`
      insert into production.asset (id, organisation_id, film_id, title, state, original_file_id,
        media) values (gen_random_uuid(), ${studio.organisationId}, ${filmId}, ${name}, 'ready',
        ${fileId}, ${JSON.stringify(media)}::json) returning id`.execute(
      server.network.running.kernel.database,
    );
    return made.rows[0]!.id;
  }

  type Body = Parameters<TestPerson['client']['turnovers']['create']>[0]['body'];
  const turnOver = async (more: Partial<Body>) => {
    const { id, version } = await studio.client.turnovers.create({
      body: { projectId, organisationId: vendor.organisationId, name: '第一批', ...more },
    });
    return studio.client.turnovers.act({ params: { id }, body: { version, act: 'send' } });
  };
  const fetched = (fileId: string) => vendor.send(`/api/files/${fileId}`);

  it('[HPP14] gives the shots of a turnover in their cut, and nothing of the others', async () => {
    const sent = await turnOver({ shotIds: [shotIds[2]!], cut: { cutId, department: 'vfx' } });
    expect(sent).toMatchObject({
      cut: { name: 'R1_v03', department: 'vfx', whole: false }, findings: [],
    });
    const packed = sent.files.find((each) => each.path.endsWith('.zip'))!;
    const files = unzipSync(await bytesOf(await fetched(packed.fileId)));
    expect(Object.keys(files).toSorted()).toEqual(
      sent.files.filter((each) => each !== packed).map((each) => each.path).toSorted());
    expect(text(files['R1_v03.edl'])).toContain('A001C003 V     C        00:02:05:00');
    expect(text(files['R1_v03.edl'])).toContain('01:00:04:00 01:00:06:00');
    for (const [name, bytes] of Object.entries(files)) {
      expect(text(bytes), name).not.toMatch(/Pier|Villain|A001C001|A001C002|CY_0010|CY_0020/);
    }
    const seen = await vendor.client.turnovers.get({ params: { id: sent.id } });
    expect(seen.files).toEqual(sent.files);
    expect(await refusalCodes(turnOver({ assets: [{ assetId: await asset('a.mov', 1) }],
      cut: { cutId, department: 'vfx' } }))).toEqual(['missing_turnover_shots']);
    const { version } = sent;
    const at = { params: { id: sent.id } };
    const back = await studio.client.turnovers.act({ ...at, body: { version, act: 'withdraw' } });
    expect((await fetched(packed.fileId)).status).toBe(404);
    expect((await vendor.client.turnovers.get(at)).files).toEqual([]);
    expect(back.files).toHaveLength(sent.files.length);
  });

  it('[HPP14] proves lists and media together, and knows the reference of its cut', async () => {
    const reference = await asset('R1_v03.mov', 144);
    const plate = await asset('Pier.mov', 48);
    const body = {
      shotIds, cut: { cutId, department: 'sound' as const, whole: true },
      assets: [{ assetId: plate }, { assetId: reference, purpose: 'reference' as const }],
    };
    const wrong = async (frames: number, rate: string) => refusalCodes(turnOver({ ...body, assets: [
      { assetId: await asset('wrong.mov', frames, rate), purpose: 'reference' }] }));
    expect(await wrong(143, '24')).toEqual(['mismatched_reference_length']);
    expect(await wrong(144, '25')).toEqual(['mismatched_reference_rate']);
    const sent = await turnOver(body);
    expect(sent.files.map((each) => each.path)).toEqual(
      expect.arrayContaining(['R1_v03.edl', 'R1_v03.otio', 'R1_v03.xml', 'manifest.json']));
    const to = join(folder, 'received');
    const proven = await run(vendor, 'turnover-fetch', sent.id, to);
    expect(proven).toMatchObject({ answer: { whole: true, department: 'sound' }, code: 0 });
    expect(readFileSync(join(to, 'reference/R1_v03.mov'), 'utf8')).toBe('bytes of R1_v03.mov');
    writeFileSync(join(to, 'media/Pier.mov'), 'other bytes');
    expect(await run(vendor, 'turnover-fetch', sent.id, to)).toMatchObject({
      answer: { whole: false }, code: 1,
    });
    // A part that ends takes back the lists and the manifest with all else.
    await studio.client.projects.dismiss({
      params: { id: projectId, organisationId: vendor.organisationId } });
    for (const id of [sent.manifestFileId!, sent.files[0]!.fileId]) {
      expect((await fetched(id)).status).toBe(404);
    }
  });

  it('[HPP15] gives the changes of a cut as a PDF and as a pair of lists', async () => {
    const next = await cut('R1_v04', NEXT);
    const sheet = (kind: 'changes' | 'counts' | 'pulls', format: 'pdf' | 'edl') =>
      studio.client.shots.cutSheet({ params: { id: next }, query: { kind, format } });
    for (const kind of ['changes', 'counts', 'pulls'] as const) {
      const pdf = await bytesOf(await sheet(kind, 'pdf'));
      expect(text(pdf.subarray(0, 5))).toBe('%PDF-');
    }
    const lists = unzipSync(await bytesOf(await sheet('changes', 'edl')));
    expect(Object.keys(lists).map((each) => each.split('-').at(-1))).toEqual(
      ['old.edl', 'new.edl', 'moves.edl']);
    const [old, now] = Object.values(lists).map(text);
    expect(old).toContain('* CHANGE:');
    expect(now).toContain('A001C001 V     C        00:00:41:16 00:00:44:16');
    expect(await refusalCodes(sheet('pulls', 'edl'))).toEqual(['unfitting_sheet_format']);
  });

  /** Runs one command against this network; gives its answer and its end. */
  async function run(of: TestPerson, ...words: string[]) {
    let [answer, code]: [unknown, number] = [undefined, -1];
    const quiet = () => undefined;
    const environment = {
      server: () => ({ client: of.client, baseUrl: '' }),
      texts: () => Promise.resolve({}),
      exit: (given: number) => void (code = given),
      terminal: () => ({
        answer: (value: unknown) => void (answer = value),
        say: quiet, remark: quiet, table: quiet, locale: 'en',
        words: (_: string, english: string) => english,
        progress: () => ({ update: quiet, done: quiet }),
        signal: new AbortController().signal,
      }),
    } as unknown as Environment;
    const program = new Command().exitOverride();
    registerTurnovers(program, environment);
    await program.parseAsync(words, { from: 'user' });
    return { answer, code };
  }
});
