import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { main } from '@yinglian/cli';
import { ownerKey } from '../browser/support/owner.ts';
import { startServer, type TestServer } from '../browser/support/server.ts';
import { builtEngine } from '../browser/support/clip.ts';
import { facilityList } from '../browser/support/facility.ts';

const FILM_CODE = '001101232026';
const CINEMA_CODE = '31019901';
const run = promisify(execFile);

type Ended = { readonly code: number; readonly out: string; readonly err: string };

/** The main job as a stranger does it in a terminal, against the real server. */
describe('a film from its frames to its statement on the command line', () => {
  let server: TestServer;
  let folder: string;
  let key: string;
  const place = (name: string) => join(folder, name);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'yinglian-journey-'));
    server = await startServer();
    key = await ownerKey(server);
  });
  afterAll(async () => {
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** In this process: to start the program anew for every line would take most of the time. */
  async function yinglian(...words: string[]): Promise<Ended> {
    let [out, err] = ['', ''];
    const heard = [
      vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true)),
      vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true)),
    ];
    const given = words.includes('--key') ? [] : ['--key', key];
    try {
      const all = ['--language', 'en', '--server', server.address, ...given, ...words];
      return { code: await main(all), out, err };
    } finally {
      for (const each of heard) each.mockRestore();
    }
  }

  /** The one JSON document that `--json` answers with; fails with what was said instead. */
  async function answer<Value>(...words: string[]): Promise<Value> {
    const { code, out, err } = await yinglian('--json', ...words);
    if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}: ${err}${out}`);
    return JSON.parse(out) as Value;
  }

  type Made = { readonly id: string; readonly state: string };
  let film: string;
  let asset: string;
  let packageId: string;

  it('registers a film and takes in a folder of frames with sound beside it', async () => {
    film = (await answer<Made>('film', 'create', '长夜微光', '--code', FILM_CODE)).id;
    const engine = await builtEngine();
    const size = { width: 256, height: 144 };
    const rendered = { verb: 'render', size, frameRate: '24', frames: 24, title: 'F' } as const;
    const frames = await mkdtemp(place('frames-'));
    const black = { ...rendered, programme: 'black' } as const;
    const output = join(frames, 'shot.%04d.png');
    await engine.render({ ...black, output, preset: 'png', channels: 0 });
    await engine.render({ ...rendered, output: place('sound.wav'), preset: 'wav', channels: 2 });
    expect(await readdir(frames)).toHaveLength(24);
    const noRate = await yinglian('production', 'ingest', frames, '--film', film);
    expect([noRate.code, noRate.err.includes('--frame-rate')]).toEqual([2, true]);
    const taken = await answer<Made & { watch: string; media: { frameCount: number } }>(
      'production',
      'ingest',
      frames,
      '--film',
      film,
      '--frame-rate',
      '24000/1001',
      '--sound',
      place('sound.wav'),
      '--accept',
    );
    asset = taken.id;
    expect(taken).toMatchObject({
      state: 'accepted',
      watch: `${server.address}/production/assets/${asset}`,
      media: { frameCount: 24, video: { frameRate: '24000/1001' } },
    });
  });

  it('says in words why a file is no film, and ends with the code of a fault', async () => {
    await writeFile(place('noise.mov'), Buffer.alloc(5000, 7));
    const ended = await yinglian('production', 'ingest', place('noise.mov'), '--film', film);
    expect(ended.code).toBe(1);
    expect(ended.err).toMatch(/✗ \S+ \S+ \S+/);
    const nobody = await yinglian('--key', 'yl_wrong', 'film', 'list');
    expect(nobody.code).toBe(3);
    expect((await yinglian('production', 'ingest', place('no.mov'), '--film', film)).code).toBe(2);
  });

  it('builds, checks and fetches a package at a rate that was chosen', async () => {
    const rates = await answer<{ choices: { conform: string; frameRate: string }[] }>(
      'distribution',
      'rates',
      asset,
    );
    expect(rates.choices[0]).toMatchObject({ conform: 'speed', frameRate: '24' });
    const built = await answer<Made & { compositions: object[] }>(
      'distribution',
      'build',
      asset,
      '--film',
      film,
      '--conform',
      'speed',
      '--bit-rate',
      '20',
    );
    packageId = built.id;
    expect(built).toMatchObject({
      state: 'passed',
      compositions: [{ editRate: '24', durationFrames: 24 }],
    });
    expect((await answer<Made>('distribution', 'check', packageId)).state).toBe('passed');
    await answer('distribution', 'download', packageId, '--to', place('package.tar'));
    await run('tar', ['-xf', place('package.tar'), '-C', folder]);
    const [unpacked] = (await readdir(folder)).filter((name) => name.includes('_FTR_'));
    const verified = await yinglian('dcp', 'verify', place(unpacked!));
    expect(verified.code, verified.out + verified.err).toBe(0);
  });

  it('imports a facility list after showing it, and issues keys for its screens', async () => {
    const cinema = { code: CINEMA_CODE, name: '银河影城', circuit: '银河院线' };
    await writeFile(place('FLM.xml'), await facilityList(cinema, [{ serial: '000101' }]));
    expect(await answer('exhibition', 'import', place('FLM.xml'))).toMatchObject({
      cinemas: 1,
      screens: 1,
      devices: 1,
      committed: false,
    });
    expect(await answer<object[]>('exhibition', 'screens')).toEqual([]);
    await answer('exhibition', 'import', place('FLM.xml'), '--commit');
    const keys = await answer<{ keys: object[] }>(
      'distribution',
      'keys',
      packageId,
      '--from',
      '2026-12-01T00:01',
      '--to',
      '2026-12-31T23:59',
      '--zip',
      place('keys.zip'),
    );
    expect(keys.keys).toHaveLength(1);
    const [name] = Object.keys(unzipSync(new Uint8Array(await readFile(place('keys.zip')))));
    expect(name).toMatch(/\.xml$/);
    await answer('exhibition', 'export', '--as', 'flm', '--to', place('flm.zip'));
    const lists = unzipSync(new Uint8Array(await readFile(place('flm.zip'))));
    expect(Object.keys(lists)).toEqual([`FLM_${CINEMA_CODE}.xml`]);
  });

  it('imports box office, settles it and leaves a statement that proves itself', async () => {
    const head =
      '影院名称,影院编码,影片名称,影片编码,设备归属,开始日期,结束日期,总场次,总人次,总票房';
    const row = `银河影城,${CINEMA_CODE},长夜微光,${FILM_CODE},自购,2026-12-01,2026-12-31,62,411,12345.67`;
    await writeFile(place('2026-12.csv'), `${head}\n${row}\n`);
    const report = await answer<Made>('exhibition', 'report', place('2026-12.csv'), '--film', film);
    await answer(
      'settlement',
      'template',
      'domestic_57_43',
      '--film',
      film,
      '--to',
      place('terms.json'),
    );
    const terms = await answer<Made>(
      'settlement',
      'terms',
      place('terms.json'),
      '--film',
      film,
      '--agree',
    );
    expect(terms.state).toBe('agreed');
    const statements = await answer<(Made & { totalFen: string; kind: string })[]>(
      'settlement',
      'run',
      '--film',
      film,
      '--terms',
      terms.id,
      '--report',
      report.id,
      '--from',
      '2026-12-01',
      '--to',
      '2026-12-31',
    );
    // 12345.67 less 5 % fund and 3.36/103 tax leaves 11325.66; 43 % of it are 4870.03.
    const circuit = statements.find((each) => each.kind === 'circuit');
    expect(circuit?.totalFen).toBe('487003');
    for (const [kind, name] of [
      ['xlsx', 's.xlsx'],
      ['print', 's.html'],
      ['proof', 's.json'],
    ]) {
      await answer('settlement', 'download', circuit!.id, '--as', kind!, '--to', place(name!));
    }
    expect((await readFile(place('s.xlsx'))).subarray(0, 2).toString()).toBe('PK');
    expect(await readFile(place('s.html'), 'utf8')).toContain('4,870.03');
    const proved = await yinglian('statement', 'verify', place('s.json'));
    expect(proved.code, proved.out + proved.err).toBe(0);
    const stepped = async (step: string) =>
      (await answer<Made>('settlement', step, circuit!.id)).state;
    expect(await stepped('check')).toBe('checked');
    expect(await stepped('issue')).toBe('issued');
    // Only its party accepts a statement, and nothing is invoiced that was not accepted.
    expect((await yinglian('settlement', 'accept', circuit!.id)).code).not.toBe(0);
    const invoice = ['--number', 'FP-1', '--date', '2027-01-10'];
    const early = await yinglian('settlement', 'invoice', circuit!.id, ...invoice);
    expect([early.code === 0, early.err + early.out]).toEqual([
      false,
      expect.stringContaining('accept'),
    ]);
    const life = await answer<{ stages: { stage: string; state: string }[] }>('film', 'life', film);
    const done = life.stages.filter((each) => each.state === 'done').map((each) => each.stage);
    expect(done).toEqual(expect.arrayContaining(['master', 'package', 'keys', 'report', 'settle']));
  });
});
