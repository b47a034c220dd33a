import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Certificate,
  makeCertificate,
  serialFromRandom,
  writePemChain,
} from '@yinglian/certificates';
import {
  addDays,
  assert,
  lastDayOf,
  addToMonth,
  monthOf,
  firstDayOf,
  daysBetween,
} from '@yinglian/core';
import { generateRsaKey, nodeCryptography, randomBytes } from '@yinglian/host';
import { admitToRoom } from '../kernel/rooms/rooms.ts';
import { Refusal } from '../kernel/refusal.ts';
import { monthFile } from '../exhibition/face.ts';
import { generateMonthRows } from './box-office.ts';
import { type CastCinema, castCinemas } from './cast.ts';
import type { Stage } from './stage.ts';
import { templates } from '../settlement/face.ts';

export const FILM = {
  title: '湘江夜航（演示片）',
  titleEnglish: 'Night on the Xiang',
  filmCode: '001199992026',
} as const;

const FRAMES_A_SECOND = 24;
const SEED = 20_230_055;

/** The producer registers the film and lets the others into its room, each for what it does. */
export async function registerFilm(
  stage: Stage,
  organisations: Record<string, string>,
  now: Date,
): Promise<string> {
  const producer = await stage.as('producer');
  const film = await stage.halls.film.create(producer, {
    title: FILM.title,
    titleEnglish: FILM.titleEnglish,
    year: now.getUTCFullYear(),
    country: '中国',
    synopsis: '由系统实时合成的演示短片：色条、时码、同步音。数据均为生成。',
    versions: [
      {
        format: '2D',
        filmCode: FILM.filmCode,
        audioLanguage: 'zh',
        subtitleLanguages: [],
        runtimeSeconds: null,
      },
    ],
    parties: [
      { organisationId: organisations['producer']!, name: '湘水影业（演示）', role: 'producer' },
      {
        organisationId: organisations['distributor']!,
        name: '洞庭发行（演示）',
        role: 'lead_distributor',
      },
      {
        organisationId: organisations['post_house']!,
        name: '麓山后期（演示）',
        role: 'post_house',
      },
    ],
    rights: [
      {
        holder: '洞庭发行（演示）',
        territories: ['CN'],
        media: 'theatrical',
        from: now.toISOString().slice(0, 10),
        to: null,
        exclusive: true,
      },
    ],
  });
  await stage.kernel.write(producer, async (work) => {
    const admit = (key: string, halls: Parameters<typeof admitToRoom>[3]) =>
      admitToRoom(work.transaction, film.id, organisations[key]!, halls);
    await admit('post_house', ['production', 'distribution']);
    await admit('distributor', ['production', 'distribution', 'exhibition', 'settlement']);
    for (const circuit of ['circuit_1', 'circuit_2', 'cinema']) {
      await admit(circuit, ['exhibition']);
    }
    work.audit({ action: 'demonstration.room', subjectKind: 'film', subjectId: film.id });
  });
  return film.id;
}

/** Two circuits register forty cinemas with their screens. */
export async function registerCinemas(
  stage: Stage,
  organisations: Record<string, string>,
): Promise<number> {
  const { facilities } = stage.halls;
  const cinemas = castCinemas();
  let screens = 0;
  for (const [part, name] of [
    ['circuit_1', '橘洲院线（演示）'],
    ['circuit_2', '星沙院线（演示）'],
  ] as const) {
    const context = await stage.as(part);
    const known = (await facilities.circuits(context, { limit: 500 })).find(
      ({ row }) => row.name === name,
    )?.row;
    const circuit =
      known ??
      (await facilities.createCircuit(context, {
        name,
        code: null,
        organisationId: organisations[part]!,
      }));
    for (const cinema of cinemas.filter((each) => each.circuit === part)) {
      const organisationId = cinema.code === cinemas[0]!.code ? organisations['cinema']! : null;
      screens += await registerCinema(stage, part, cinema, circuit.id, organisationId);
      stage.job.progress(screens / cinemas.reduce((sum, each) => sum + each.screens.length, 0));
    }
  }
  return screens;
}

async function registerCinema(
  stage: Stage,
  part: string,
  cinema: CastCinema,
  circuitId: string,
  organisationId: string | null,
): Promise<number> {
  const { facilities } = stage.halls;
  const context = await stage.as(part);
  const known = (await facilities.cinemas(context, { search: cinema.code, limit: 1 })).find(
    ({ row }) => row.code === cinema.code,
  )?.row;
  const stored =
    known ??
    (await facilities.createCinema(context, {
      name: cinema.name,
      nameEnglish: cinema.nameEnglish,
      code: cinema.code,
      circuitId,
      organisationId,
      province: '湖南',
      city: cinema.city,
      address: null,
      timeZone: 'Asia/Shanghai',
      email: null,
      equipment: cinema.equipment,
    }));
  const names = new Set(
    (await facilities.screens(context, { cinemaId: stored.id, limit: 100 })).map(
      ({ row }) => row.name,
    ),
  );
  for (const screen of cinema.screens.filter((each) => !names.has(each.name))) {
    await facilities.createScreen(context, {
      cinemaId: stored.id,
      name: screen.name,
      number: screen.number,
      seats: screen.seats,
      formats: [...screen.formats],
    });
  }
  return cinema.screens.length;
}

const DAY_MS = 86_400_000;
const RSA_KEY_BITS = 2048;
const VALID_DAYS = 3650;
const DEVICES_AT_ONCE = 4;

/**
 * A maker of media blocks gives each screen's device its own key and certificate, as real ones
 * have. The devices' private keys are forgotten: nothing here ever needs to open a key message.
 */
export async function equipScreens(stage: Stage, now: Date): Promise<number> {
  const { facilities } = stage.halls;
  const maker = await makeMaker(now);
  let equipped = 0;
  for (const part of ['circuit_1', 'circuit_2']) {
    const context = await stage.as(part);
    const all = await facilities.screens(context, { limit: 1000 });
    const cinemas = new Map(castCinemas().map((each) => [each.name, each]));
    const own = all
      .map(({ row }) => row)
      .filter((row) => cinemas.get(row.cinemaName)?.circuit === part);
    const bare = own.filter((each) => each.device === null);
    for (let at = 0; at < bare.length; at += DEVICES_AT_ONCE) {
      stage.job.signal.throwIfAborted();
      // Making RSA keys is what takes time, and it has a thread for each.
      await Promise.all(
        bare.slice(at, at + DEVICES_AT_ONCE).map(async (screen) => {
          const { code } = cinemas.get(screen.cinemaName)!;
          const serial = `${code}${String(screen.number).padStart(2, '0')}`;
          await facilities.installDevice(context, screen.id, {
            kind: 'media_block',
            maker: null,
            model: null,
            serial: null,
            certificatePem: writePemChain(await makeDevice(maker, serial, now)),
          });
          equipped += 1;
          stage.job.progress(equipped / all.length);
        }),
      );
    }
  }
  return equipped;
}

/** A media block that takes another one's place, by another maker. */
export async function newDevice(now: Date) {
  const serial = now.getTime().toString(36).toUpperCase();
  const chain = await makeDevice(await makeMaker(now), serial, now);
  return {
    kind: 'media_block' as const,
    maker: null,
    model: null,
    serial: null,
    certificatePem: writePemChain(chain),
  };
}

type Maker = { readonly chain: readonly Certificate[]; readonly privateKey: Uint8Array };

async function makeMaker(now: Date): Promise<Maker> {
  const [rootKey, issuingKey] = await Promise.all([
    generateRsaKey(RSA_KEY_BITS),
    generateRsaKey(RSA_KEY_BITS),
  ]);
  const shared = { ...validity(now), organizationUnit: 'demonstration.devices' };
  const root = taken(
    await makeCertificate(
      {
        ...shared,
        kind: 'authority',
        organization: 'demonstration.invalid',
        entity: 'devices.ROOT',
        publicKey: rootKey.publicKey,
        serial: freshSerial(),
        pathLength: 2,
      },
      { privateKey: rootKey.privateKey },
      nodeCryptography,
    ),
  );
  const issuing = taken(
    await makeCertificate(
      {
        ...shared,
        kind: 'authority',
        entity: 'devices.ISSUING',
        publicKey: issuingKey.publicKey,
        serial: freshSerial(),
      },
      { privateKey: rootKey.privateKey, certificate: root },
      nodeCryptography,
    ),
  );
  return { chain: [issuing, root], privateKey: issuingKey.privateKey };
}

async function makeDevice(maker: Maker, serial: string, now: Date): Promise<Certificate[]> {
  const key = await generateRsaKey(RSA_KEY_BITS);
  const leaf = taken(
    await makeCertificate(
      {
        ...validity(now),
        kind: 'leaf',
        organizationUnit: 'demonstration.devices',
        roles: ['SM', 'SPB', 'MDI', 'MDA', 'FMI', 'FMA'],
        entity: `Demo.IMB1.${serial}`,
        publicKey: key.publicKey,
        serial: freshSerial(),
      },
      { privateKey: maker.privateKey, certificate: maker.chain[0]! },
      nodeCryptography,
    ),
  );
  return [leaf, ...maker.chain];
}

const freshSerial = () => serialFromRandom(randomBytes(8));

function validity(now: Date) {
  const from = Math.floor(now.getTime() / DAY_MS) * DAY_MS - DAY_MS;
  return { notBefore: from, notAfter: from + VALID_DAYS * DAY_MS };
}

/** The film itself: rendered here and now, with burnt-in timecode and tone. */
export async function renderFilm(stage: Stage): Promise<{ readonly fileId: string }> {
  const { objects, registerFile, write } = stage.kernel;
  const folder = join(objects.workFolder, `job-${stage.job.id}`);
  await mkdir(folder, { recursive: true });
  const output = join(folder, 'night-on-the-xiang.mov');
  const rendered = await stage.halls.engine.render(
    {
      verb: 'render',
      output,
      preset: 'prores-mov',
      size: { width: 1998, height: 1080 },
      frameRate: String(FRAMES_A_SECOND),
      frames: stage.job.input.seconds * FRAMES_A_SECOND,
      title: 'NIGHT ON THE XIANG',
      subtitle: 'A DEMONSTRATION',
      channels: 6,
      programme: 'film',
    },
    {
      signal: stage.job.signal,
      onProgress: ({ share }) => stage.job.progress(share),
    },
  );
  if (!rendered.ok) throw new Refusal('invalid', { findings: rendered.findings });
  const stored = await objects.putFile(output, { move: true });
  await rm(folder, { recursive: true, force: true });
  const post = await stage.as('post');
  return write(post, async (work) => {
    const file = await registerFile(work.transaction, {
      ...stored,
      organisationId: post.organisation!.id,
      name: 'night-on-the-xiang.mov',
      mediaType: 'video/quicktime',
    });
    work.audit({
      action: 'demonstration.film_rendered',
      subjectKind: 'file',
      subjectId: file.id,
      facts: { digest: stored.digest },
    });
    return { fileId: file.id };
  });
}

/** Notes from two companies, one of them answered; then the producer accepts the master. */
export async function reviewAndAccept(stage: Stage, assetId: string): Promise<void> {
  const { production } = stage.halls;
  const [producer, distributor, post] = await Promise.all(
    ['producer', 'distributor', 'post'].map((part) => stage.as(part)),
  );
  const first = await production.addNote(post!, assetId, {
    frame: 0,
    toFrame: null,
    text: '片头字卡与色条已核对，时码自 01:00:00:00 起。',
  });
  const second = await production.addNote(producer!, assetId, {
    frame: FRAMES_A_SECOND,
    toFrame: FRAMES_A_SECOND * 2 - 1,
    text: '这一秒的同步闪光与提示音对得上，通过。',
  });
  await production
    .addNote(distributor!, assetId, {
      frame: FRAMES_A_SECOND + 12,
      toFrame: null,
      text: '发行方已看，可以制作发行包。',
    })
    .then((note) =>
      production.changeNote(distributor!, note.id, {
        version: note.version,
        text: note.text,
        state: 'done',
      }),
    );
  await production.changeNote(post!, first.id, {
    version: first.version,
    text: first.text,
    state: 'done',
  });
  await production.changeNote(producer!, second.id, {
    version: second.version,
    text: second.text,
    state: 'done',
  });
  const asset = await production.asset(producer!, assetId);
  if (asset.acceptedAt === null) await production.accept(producer!, assetId, asset.version);
}

export type Month = { readonly from: string; readonly to: string };

/** The whole month before the current one. */
export function lastMonth(now: Date): Month {
  const month = addToMonth(monthOf(now.toISOString().slice(0, 10)), -1);
  return { from: firstDayOf(month), to: lastDayOf(month) };
}

/** Each circuit sends its month sheet: one as a workbook, one as CSV, as they do. */
export async function reportBoxOffice(
  stage: Stage,
  filmId: string,
  month: Month,
): Promise<{ readonly reportIds: string[] }> {
  const { objects, registerFile, write } = stage.kernel;
  const run = {
    filmName: FILM.title,
    filmCode: FILM.filmCode,
    seed: SEED,
    from: month.from,
    days: daysBetween(month.from, month.to) + 1,
  };
  assert(addDays(run.from, run.days - 1) === month.to, 'the sheet covers the month');
  const reportIds: string[] = [];
  for (const [part, circuit] of [
    ['circuit_1', '橘洲院线（演示）'],
    ['circuit_2', '星沙院线（演示）'],
  ] as const) {
    const context = await stage.as(part);
    const rows = generateMonthRows(
      castCinemas().filter((each) => each.circuit === part),
      run,
    );
    // One circuit sends a workbook, the other text: both are met every day.
    const format = part === 'circuit_1' ? 'xlsx' : 'csv';
    const { bytes, mediaType } = await monthFile(circuit, rows, format);
    const stored = await objects.put(onePiece(bytes));
    const file = await write(context, async (work) => {
      const made = await registerFile(work.transaction, {
        ...stored,
        organisationId: context.organisation!.id,
        name: `${circuit}-${month.from.slice(0, 7)}-生成数据.${format}`,
        mediaType,
      });
      work.audit({
        action: 'demonstration.box_office_generated',
        subjectKind: 'file',
        subjectId: made.id,
        facts: { digest: stored.digest, rows: rows.length },
      });
      return made;
    });
    const report = await stage.halls.reports.import(context, {
      fileId: file.id,
      filmId,
      sender: circuit,
      faults: 'refuse',
    });
    reportIds.push(report.id);
  }
  return { reportIds };
}

/** The distributor's accountant settles the month and issues each circuit its sheet. */
export async function settleMonth(
  stage: Stage,
  filmId: string,
  month: Month,
  reportIds: readonly string[],
): Promise<{ readonly runId: string }> {
  const { settlement, film } = stage.halls;
  const accountant = await stage.as('accountant');
  const record = await film.get(accountant, filmId);
  const [template] = templates(record);
  const drawn = await settlement.createTerms(accountant, {
    filmId,
    title: template!.title.zh,
    terms: template!.terms,
  });
  const agreed = await settlement.updateTerms(accountant, drawn.id, {
    version: drawn.version,
    title: drawn.title,
    terms: template!.terms,
    state: 'agreed',
  });
  const run = await settlement.settle(accountant, {
    filmId,
    termsId: agreed.id,
    ...month,
    reportIds,
  });
  await stage.awaitJob(run.jobId!);
  const page = await settlement.statements(accountant, { runId: run.id, limit: 100 });
  for (const statement of page.rows.filter((each) => each.kind === 'circuit')) {
    await settlement.issue(accountant, statement.id, statement.version);
  }
  return { runId: run.id };
}

async function* onePiece(bytes: Uint8Array) {
  yield bytes;
}

function taken<Value>(
  outcome:
    | { readonly ok: true; readonly value: Value }
    | { readonly ok: false; readonly findings: readonly unknown[] },
): Value {
  assert(outcome.ok, 'the demonstration asks for certificates that can be made');
  return outcome.value;
}
