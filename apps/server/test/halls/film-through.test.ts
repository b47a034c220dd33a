import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { unzipSync } from 'fflate';
import { extract, pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeCryptography } from '@yinglian/host';
import { openKdm } from '@yinglian/kdm';
import { createMediaEngine, type MediaEngine, type RenderJob } from '@yinglian/media';
import { CONTENT_KEY_PURPOSE } from '../../src/distribution/content-keys.ts';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';
import {
  bytesOf,
  cinemaFields,
  endpointsAnswering,
  jobEnded,
  makeMaker,
  problemOf,
  refusalCodes,
  upload,
} from './support.ts';

/** 24 frames are the shortest reel that ST 429-7 allows; the picture is as small as the test is. */
const FRAMES = 24;

/** One film goes through production and distribution; the tests look at it from all sides. */
describe('a film through production and distribution', () => {
  let server: TestServer;
  let post: TestPerson;
  let folder: string;
  let engine: MediaEngine;
  let original: Uint8Array;
  let filmId: string;
  let assetId: string;
  let packageId: string;

  beforeAll(async () => {
    server = await createTestServer();
    folder = mkdtempSync(join(tmpdir(), 'yinglian-render-'));
    engine = createMediaEngine({ scratchFolder: folder });
    original = await render('film.mov', { preset: 'h264-mp4', channels: 2 });
    post = await server.newOrganisation('post_house', '后期');
    const film = await post.client.film.create({
      body: {
        title: '短片',
        titleEnglish: 'Short',
        versions: [
          {
            format: '2D',
            filmCode: '001100012026',
            audioLanguage: 'zh',
            subtitleLanguages: [],
            runtimeSeconds: null,
          },
        ],
      },
    });
    filmId = film.id;
  }, 240_000);
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function render(name: string, job: Partial<RenderJob>): Promise<Uint8Array> {
    const output = join(folder, name);
    const made = await engine.render({
      verb: 'render',
      output,
      preset: 'h264-mp4',
      size: { width: 256, height: 144 },
      frameRate: '24',
      frames: FRAMES,
      title: 'SHORT',
      programme: 'film',
      ...job,
    });
    if (!made.ok) throw new Error(made.findings.map((each) => each.code).join(', '));
    return name.includes('%') ? new Uint8Array() : new Uint8Array(readFileSync(output));
  }

  async function ingest(name: string, bytes: Uint8Array, more: object = {}) {
    const fileId = await upload(post, name, bytes);
    const asset = await post.client.production.ingest({ body: { filmId, fileId, ...more } });
    await jobEnded(post, asset.jobId!);
    return post.client.production.asset({ params: { id: asset.id } });
  }

  it('[HC1] takes a file in and makes everything that a reviewer needs', async () => {
    const asset = await ingest('正片.mp4', original);
    assetId = asset.id;
    expect(asset).toMatchObject({
      state: 'ready',
      title: '正片.mp4',
      media: { frameCount: FRAMES, video: { width: 256, height: 144 } },
    });
    for (const id of [
      asset.proxyFileId,
      asset.posterFileId,
      asset.filmstripFileId,
      asset.waveformFileId,
    ]) {
      const file = await bytesOf(
        await post.client.files.download({ params: { id: id! }, query: {} }),
      );
      expect(file.length).toBeGreaterThan(100);
    }
    expect(asset.loudness!.integratedLufs).toBeLessThan(0);
    const film = await post.client.film.get({ params: { id: filmId } });
    expect(film.posterFileId).toBe(asset.posterFileId);
    const stored = await bytesOf(
      await post.client.files.download({
        params: { id: asset.original.id },
        query: {},
      }),
    );
    expect(Buffer.from(stored).equals(Buffer.from(original))).toBe(true);
  });

  it('[HC2] keeps notes on frames, refuses missing frames and late changes', async () => {
    const { production } = post.client;
    const params = { id: assetId };
    const add = (frame: number, toFrame: number | null) =>
      production.addNote({ params, body: { frame, toFrame, text: '看这里' } });
    const note = await add(3, 7);
    expect(await refusalCodes(add(FRAMES, null))).toEqual(['excessive_frame']);
    expect(await refusalCodes(add(5, 4))).toEqual(['reversed_frames']);
    const change = (version: number) =>
      production.changeNote({
        params: { id: note.id },
        body: { version, text: '已改', state: 'done' },
      });
    expect((await change(1)).state).toBe('done');
    expect(await problemOf(change(1))).toMatchObject({ status: 409, stored: { version: 2 } });
    expect((await production.notes({ params })).rows).toHaveLength(1);
  });

  it('[HC3] turns hostile, empty and cut files into failed assets, and lives', async () => {
    const empty = await upload(post, 'empty.mov', new Uint8Array());
    expect(
      await refusalCodes(post.client.production.ingest({ body: { filmId, fileId: empty } })),
    ).toEqual(['empty_file']);
    const noise = new Uint8Array(9000).map((_, index) => (index * 73 + (index >> 3)) & 0xff);
    const hostile: readonly (readonly [string, Uint8Array, object?])[] = [
      ['noise.mov', noise],
      ['cut.mp4', original.subarray(0, 700)],
      ['page.mxf', new TextEncoder().encode('<html><script>alert(1)</script>')],
      [
        'cut.tar',
        (await tarOf([['a.0001.png', noise]])).subarray(0, 1500),
        { sequenceFrameRate: '24' },
      ],
      ['nothing.tar', await tarOf([['readme.txt', noise]]), { sequenceFrameRate: '24' }],
    ];
    for (const [name, bytes, more] of hostile) {
      const asset = await ingest(name, bytes, more);
      expect([name, asset.state]).toEqual([name, 'failed']);
      expect(
        asset.findings.some((each) => each.severity === 'error'),
        name,
      ).toBe(true);
      const early = post.client.production.accept({
        params: { id: asset.id },
        body: { version: asset.version },
      });
      expect(await refusalCodes(early)).toEqual(['unready_asset']);
    }
    expect((await server.app.request('/health')).status).toBe(200);
  });

  it('[HC4] takes a TAR of pictures by their numbers, whatever their paths say', async () => {
    await render('frame.%04d.png', { preset: 'png', frames: 3, channels: 0 });
    const picture = (index: number) =>
      new Uint8Array(readFileSync(join(folder, `frame.000${index}.png`)));
    const tar = await tarOf([
      ['../../outside.0012.png', picture(2)],
      ['./a/shot.0002.png', picture(0)],
      ['a/.hidden.0001.png', picture(1)],
      ['/etc/shot.0010.png', picture(1)],
    ]);
    expect((await ingest('no-rate.tar', tar)).findings.map((each) => each.code)).toEqual([
      'missing_sequence_rate',
    ]);
    const asset = await ingest('shot.tar', tar, { sequenceFrameRate: '24' });
    expect(asset).toMatchObject({ state: 'ready', media: { frameCount: 3, audio: [] } });
    expect(asset.findings.map((each) => each.code)).toContain('missing_sound');
  });

  it('[HC5] accepts a master once, by who may', async () => {
    const { production } = post.client;
    const editor = await server.newMember(post, ['production.editor']);
    const asset = await production.asset({ params: { id: assetId } });
    const accept = (person: TestPerson) =>
      person.client.production.accept({
        params: { id: assetId },
        body: { version: asset.version },
      });
    expect((await problemOf(accept(editor))).code).toBe('not_allowed');
    expect(await accept(post)).toMatchObject({ state: 'accepted', version: asset.version + 1 });
    expect(await problemOf(accept(post))).toMatchObject({
      status: 409,
      stored: { state: 'accepted' },
    });
  });

  it('[HD1] builds a package from the master and judges it without an error', async () => {
    const { distribution } = post.client;
    const made = await distribution.build({
      body: {
        filmId,
        assetId,
        bitRateMbit: 20,
        title: 'Short_FTR_F_ZH-XX_CN_51_2K_YLN_20261122_YLN_SMPTE_OV',
      },
    });
    const early = distribution.download({ params: { id: made.id } });
    expect(await refusalCodes(early)).toEqual(['unfinished_package']);
    const job = await jobEnded(post, made.jobId!);
    expect([job.state, job.findings]).toEqual(['done', []]);
    const built = await distribution.package({ params: { id: made.id } });
    packageId = built.id;
    expect(built.findings.filter((each) => each.severity === 'error')).toEqual([]);
    expect(built).toMatchObject({ state: 'passed', encrypted: true, checked: { error: 0 } });
    expect(built.compositions).toMatchObject([
      { durationFrames: FRAMES, editRate: '24', reels: 1 },
    ]);
    expect(built.files.length).toBeGreaterThanOrEqual(6);
  }, 240_000);

  it('[HD2] sends the whole package as a TAR, byte for byte', async () => {
    const { distribution } = post.client;
    const built = await distribution.package({ params: { id: packageId } });
    const answer = await distribution.download({ params: { id: packageId } });
    const entries = await untar(await bytesOf(answer));
    expect([...entries.keys()].toSorted()).toEqual(
      built.files.map((each) => `${built.title}/${each.path}`).toSorted(),
    );
    for (const { path, file } of built.files) {
      const bytes = entries.get(`${built.title}/${path}`)!;
      expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(file.digest);
      expect(bytes.length).toBe(file.sizeBytes);
    }
  });

  it('[HD14] outlives receivers that break off a package or a file', async () => {
    const unheard: unknown[] = [];
    const hear = (thrown: unknown): void => void unheard.push(thrown);
    process.on('uncaughtException', hear);
    const { files } = await post.client.distribution.package({ params: { id: packageId } });
    const picture = files.find((each) => each.path.endsWith('.mxf'))!.file.id;
    for (let times = 0; times < 3; times++) {
      const answers = [
        await post.client.distribution.download({ params: { id: packageId } }),
        await post.client.files.download({ params: { id: picture }, query: {} }),
      ];
      for (const answer of answers) {
        const reader = answer.body!.getReader();
        if (times > 0) await reader.read();
        await reader.cancel(times === 2 ? new Error('gone') : undefined);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
    process.off('uncaughtException', hear);
    expect(unheard).toEqual([]);
    const entries = await untar(
      await bytesOf(await post.client.distribution.download({ params: { id: packageId } })),
    );
    expect(entries.size).toBe(files.length);
  });

  describe('keys', () => {
    let circuit: TestPerson;
    let cinema: TestPerson;
    let stranger: TestPerson;
    let screens: readonly { id: string; privateKey: Uint8Array }[];
    let jobId: string;

    beforeAll(async () => {
      circuit = await server.newOrganisation('circuit', '院线');
      cinema = await server.newOrganisation('cinema', '影院');
      stranger = await server.newOrganisation('cinema', '别家影院');
      const maker = await makeMaker();
      const { exhibition } = circuit.client;
      const own = await exhibition.createCircuit({
        body: { name: '院线', code: null, organisationId: circuit.organisationId },
      });
      const made: { id: string; privateKey: Uint8Array }[] = [];
      for (const [name, timeZone, organisationId] of [
        ['长沙影院', 'Asia/Shanghai', cinema.organisationId],
        ['乌鲁木齐影院', 'Asia/Urumqi', null],
        ['无证书影院', 'Asia/Shanghai', null],
      ] as const) {
        const place = await exhibition.createCinema({
          body: cinemaFields({ name, timeZone, organisationId, circuitId: own.id }),
        });
        const screen = await exhibition.createScreen({
          body: { cinemaId: place.id, name: '1号厅', number: 1, seats: 100, formats: ['2D'] },
        });
        const device = await maker.device(`00000${made.length}`);
        made.push({ id: screen.id, privateKey: device.privateKey });
        if (name === '无证书影院') continue;
        await exhibition.installDevice({
          params: { id: screen.id },
          body: { kind: 'media_block', certificatePem: device.pem },
        });
      }
      screens = made;
    }, 120_000);

    const day = (offset: number) =>
      new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

    it('[HD3] issues one key for each screen, in the clock of its cinema', async () => {
      const { distribution } = post.client;
      const order = await distribution.issueKeys({
        body: {
          packageId,
          screenIds: screens.map((each) => each.id),
          notBefore: `${day(1)}T00:01`,
          notAfter: `${day(20)}T23:59`,
        },
      });
      jobId = order.jobId!;
      const job = await jobEnded(post, jobId);
      expect(job).toMatchObject({ state: 'done', result: { keys: 2 } });
      expect(job.findings.map((each) => each.code)).toContain('missing_device_certificate');
      const { rows } = await distribution.keys({ query: { packageId } });
      const windows = new Map(rows.map((each) => [each.cinemaName, each.notBefore]));
      const shift = Date.parse(windows.get('乌鲁木齐影院')!) - Date.parse(windows.get('长沙影院')!);
      expect(shift).toBe(2 * 3_600_000);
      expect(windows.get('长沙影院')).toBe(`${day(0)}T16:01:00.000Z`);
    });

    it('[HD4] gives each device the content keys of the package and nobody else', async () => {
      const { rows } = await post.client.distribution.keys({ query: { packageId } });
      const planted = await contentKeys();
      for (const key of rows) {
        const bytes = await bytesOf(
          await post.client.files.download({
            params: { id: key.file.id },
            query: {},
          }),
        );
        const open = (privateKey: Uint8Array) =>
          openKdm(bytes, privateKey as never, {}, nodeCryptography);
        const own = screens.find((each) => each.id === key.screenId)!;
        const opened = open(own.privateKey);
        expect(opened.ok).toBe(true);
        if (opened.ok) {
          const keys = opened.value.keys.map((each) => Buffer.from(each.key).toString('hex'));
          expect(keys.toSorted()).toEqual(planted.map((each) => each.toString('hex')).toSorted());
        }
        const other = screens.find((each) => each.id !== key.screenId)!;
        expect(open(other.privateKey).ok).toBe(false);
      }
    });

    it('[HD5] issues no key twice when its job begins anew', async () => {
      const before = (await post.client.distribution.keys({ query: { packageId } })).rows;
      const { kernel } = server.network.running;
      await kernel.database
        .updateTable('kernel.job')
        .set({ state: 'failed' })
        .where('id', '=', jobId)
        .execute();
      // One key of two is lost, as if the kill had come between them.
      await raw(`delete from distribution.key where id = '${before[0]!.id}'`);
      await post.client.jobs.retry({ params: { id: jobId } });
      expect(await jobEnded(post, jobId)).toMatchObject({ result: { keys: 2 } });
      const after = (await post.client.distribution.keys({ query: { packageId } })).rows;
      expect(after.map((each) => each.screenId).toSorted()).toEqual(
        before.map((each) => each.screenId).toSorted(),
      );
      expect(after.map((each) => each.id)).toContain(before[1]!.id);
    });

    it('[HD6] shows a key to its issuer, cinema and circuit, to nobody else', async () => {
      const seen = async (person: TestPerson) =>
        (await person.client.distribution.keys({ query: { packageId } })).rows;
      expect(await seen(circuit)).toHaveLength(2);
      const [own] = await seen(cinema);
      expect(await seen(cinema)).toHaveLength(1);
      expect(own!.cinemaName).toBe('长沙影院');
      const file = await bytesOf(
        await cinema.client.files.download({
          params: { id: own!.file.id },
          query: {},
        }),
      );
      expect(new TextDecoder().decode(file)).toContain('DCinemaSecurityMessage');
      const foreign = (await seen(circuit)).find((each) => each.cinemaName === '乌鲁木齐影院')!;
      for (const person of [cinema, stranger]) {
        const taken = person.client.files.download({ params: { id: foreign.file.id }, query: {} });
        expect((await problemOf(taken)).code).toBe('not_found');
      }
      await circuit.client.files.download({ params: { id: foreign.file.id }, query: {} });
      expect(await seen(stranger)).toHaveLength(0);
      const archive = stranger.client.distribution.keyArchive({ query: { packageId } });
      expect((await problemOf(archive)).code).toBe('not_found');
    });

    it('[HD7] packs keys in a ZIP with a folder for each cinema', async () => {
      const zip = await bytesOf(
        await post.client.distribution.keyArchive({ query: { packageId } }),
      );
      const names = Object.keys(unzipSync(zip));
      expect(names).toHaveLength(2);
      expect(names.map((name) => name.split('/')[0]).toSorted()).toEqual([
        '乌鲁木齐影院',
        '长沙影院',
      ]);
    });

    it('[HD8] tells which screens are ready on a day', async () => {
      const on = async (date: string) =>
        Object.fromEntries(
          (await post.client.distribution.readiness({ query: { packageId, date } })).rows.map(
            (each) => [each.cinemaName, `${each.certificate} ${each.key}`],
          ),
        );
      expect(await on(day(5))).toEqual({
        长沙影院: 'valid valid',
        乌鲁木齐影院: 'valid valid',
        无证书影院: 'missing missing',
      });
      expect((await on(day(20)))['长沙影院']).toBe('valid valid');
      expect((await on(day(40)))['长沙影院']).toBe('valid late');
    });

    it('[HD9] hides packages, assets and their files from everybody outside the room', async () => {
      const built = await post.client.distribution.package({ params: { id: packageId } });
      const asset = await post.client.production.asset({ params: { id: assetId } });
      const { client } = stranger;
      const fileIds = [asset.original.id, asset.proxyFileId!, built.files[0]!.file.id];
      const tried = await Promise.all(
        [
          client.distribution.package({ params: { id: packageId } }),
          client.distribution.download({ params: { id: packageId } }),
          client.distribution.check({ params: { id: packageId } }),
          client.distribution.readiness({ query: { packageId, date: day(1) } }),
          client.production.asset({ params: { id: assetId } }),
          client.production.notes({ params: { id: assetId } }),
          client.production.retry({ params: { id: assetId } }),
          ...fileIds.map((id) => client.files.download({ params: { id }, query: {} })),
          ...fileIds.map((id) => client.files.record({ params: { id } })),
          client.jobs.get({ params: { id: jobId } }),
        ].map(problemOf),
      );
      for (const problem of tried) expect(problem.code).toMatch(/not_found|not_allowed/);
      for (const list of [
        client.distribution.packages({ query: {} }),
        client.production.assets({ query: {} }),
      ]) {
        expect((await list).rows).toEqual([]);
      }
      const lesser = await server.newMember(post, ['viewer']);
      const order = lesser.client.distribution.issueKeys({
        body: {
          packageId,
          screenIds: [screens[0]!.id],
          notBefore: `${day(1)}T00:01`,
          notAfter: `${day(2)}T00:01`,
        },
      });
      expect((await problemOf(order)).code).toBe('not_allowed');
    });

    it('[HD13] answers a stranger on no endpoint with the id of any of these records', async () => {
      const { rows: keys } = await post.client.distribution.keys({ query: { packageId } });
      const { rows: notes } = await post.client.production.notes({ params: { id: assetId } });
      const built = await post.client.distribution.package({ params: { id: packageId } });
      const ids = [
        filmId,
        assetId,
        packageId,
        jobId,
        notes[0]!.id,
        keys[0]!.id,
        keys[0]!.file.id,
        built.files[0]!.file.id,
      ];
      expect(await endpointsAnswering(stranger, ids)).toEqual([]);
      expect(await endpointsAnswering(post, [packageId])).not.toEqual([]);
    });

    it('[HD10] says no content key in a log, an answer or the database', async () => {
      const planted = await contentKeys();
      expect(planted).toHaveLength(2);
      const { rows } = await post.client.distribution.keys({ query: { packageId } });
      const said = [
        ...server.logLines,
        JSON.stringify(await post.client.distribution.package({ params: { id: packageId } })),
        JSON.stringify(rows),
        JSON.stringify(await post.client.jobs.list({ query: {} })),
        JSON.stringify(await post.client.audit.list({ query: {} })),
        ...(await raw('select row_to_json(t)::text as text from kernel.job_step as t')).map((row) =>
          String(row['text']),
        ),
        ...(await raw('select row_to_json(t)::text as text from kernel.job as t')).map((row) =>
          String(row['text']),
        ),
        ...(
          await raw('select row_to_json(t)::text as text from distribution.content_key as t')
        ).map((row) => String(row['text'])),
      ]
        .join('\n')
        .toLowerCase();
      for (const secret of planted) {
        expect(said).not.toContain(secret.toString('hex'));
        expect(said).not.toContain(secret.toString('base64').toLowerCase().replace(/=+$/, ''));
      }
    });
  });

  it('[HD11] checks a stored package again, and finds a byte that changed', async () => {
    const { distribution } = post.client;
    const check = async () => {
      const { jobId } = await distribution.check({ params: { id: packageId } });
      await jobEnded(post, jobId);
      return distribution.package({ params: { id: packageId } });
    };
    expect(await check()).toMatchObject({ state: 'passed', checked: { error: 0 } });
    const built = await distribution.package({ params: { id: packageId } });
    const picture = built.files.find((each) => each.path.endsWith('.mxf'))!;
    const { objects } = server.network.running.kernel;
    const bytes = new Uint8Array(
      await (await import('node:fs/promises')).readFile(await objects.pathOf(picture.file.digest)),
    );
    bytes[Math.floor(bytes.length / 2)]! ^= 1;
    const damaged = await objects.put(
      (async function* pieces() {
        yield bytes;
      })(),
    );
    await raw(
      `update kernel.file set digest = '${damaged.digest}' where id = '${picture.file.id}'`,
    );
    const failed = await check();
    expect(failed.state).toBe('failed');
    expect(failed.findings[0]!.severity).toBe('error');
  }, 120_000);

  it('[HD12] says that a cancelled build failed', async () => {
    const { distribution } = post.client;
    const made = await distribution.build({
      body: { filmId, assetId, bitRateMbit: 20, encrypt: false },
    });
    await post.client.jobs.cancel({ params: { id: made.jobId! } });
    expect(await jobEnded(post, made.jobId!)).toMatchObject({ state: 'cancelled' });
    expect((await distribution.package({ params: { id: made.id } })).state).toBe('failed');
  }, 120_000);

  async function raw(text: string): Promise<Record<string, unknown>[]> {
    const result = await server.network.running.kernel.database.executeQuery({
      sql: text,
      parameters: [],
      query: { kind: 'RawNode' as const, sqlFragments: [text], parameters: [] },
      queryId: { queryId: 'test' },
    });
    return result.rows as Record<string, unknown>[];
  }

  async function contentKeys(): Promise<Buffer[]> {
    const rows = await raw(
      `select sealed_key from distribution.content_key where package_id = '${packageId}'`,
    );
    const { vault } = server.network.running.kernel;
    return rows.map((row) =>
      Buffer.from(vault.open(CONTENT_KEY_PURPOSE, row['sealed_key'] as Buffer)),
    );
  }
});

async function tarOf(files: readonly (readonly [string, Uint8Array])[]): Promise<Uint8Array> {
  const archive = pack();
  for (const [name, bytes] of files) archive.entry({ name }, Buffer.from(bytes));
  archive.finalize();
  const pieces: Uint8Array[] = [];
  for await (const piece of archive) pieces.push(piece as Uint8Array);
  return new Uint8Array(Buffer.concat(pieces));
}

async function untar(bytes: Uint8Array): Promise<Map<string, Uint8Array>> {
  const entries = new Map<string, Uint8Array>();
  const archive = extract();
  Readable.from([Buffer.from(bytes)]).pipe(archive);
  for await (const entry of archive) {
    const pieces: Uint8Array[] = [];
    for await (const piece of entry) pieces.push(piece as Uint8Array);
    entries.set(entry.header.name, new Uint8Array(Buffer.concat(pieces)));
  }
  return entries;
}
