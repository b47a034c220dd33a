import { randomBytes, randomUUID } from 'node:crypto';
import { addDays } from '@yinglian/core';
import { nodeCryptography } from '@yinglian/host';
import { openKdm } from '@yinglian/kdm';
import { sql } from 'kysely';
import { CONTENT_KEY_PURPOSE } from '../../src/distribution/content-keys.ts';
import { plantSecrets } from '../../../../test/discipline/planted.ts';
import type { TestPerson, TestServer } from '../support/server.ts';
import { bytesOf, cinemaFields, jobEnded, makeMaker, type TestMaker } from './support.ts';

export const today = new Date().toISOString().slice(0, 10);
export const run = { from: today, to: addDays(today, 20) };
export const FILM_CODE = '001100012026';

export type TestScreen = {
  readonly id: string;
  readonly cinemaId: string;
  readonly privateKey: Uint8Array;
};

/**
 * A distributor with an announced film, a circuit with two cinemas of two screens each, and a
 * package whose content keys the test knows. Confirmed bookings of both first screens.
 */
export type KeyScene = {
  readonly server: TestServer;
  readonly distributor: TestPerson;
  /** A second person of the distributor, who may issue too. */
  readonly colleague: TestPerson;
  readonly circuit: TestPerson;
  readonly filmId: string;
  readonly releaseId: string;
  readonly packageId: string;
  readonly circuitId: string;
  readonly cinemas: readonly { readonly id: string; readonly screens: readonly TestScreen[] }[];
  readonly bookings: readonly string[];
  readonly contentKeys: readonly Buffer[];
  readonly maker: TestMaker;
};

export async function setKeyScene(
  server: TestServer,
  names: readonly string[] = ['星光影城', '海淀影院'],
): Promise<KeyScene> {
  const distributor = await server.newOrganisation('distributor', '远山发行');
  const colleague = await server.newMember(distributor, ['distribution.manager']);
  const circuit = await server.newOrganisation('circuit', '白云院线');
  const version = {
    format: '2D' as const,
    filmCode: FILM_CODE,
    audioLanguage: null,
    subtitleLanguages: [],
    runtimeSeconds: null,
  };
  const film = await distributor.client.film.create({
    body: { title: '长夜', versions: [version] },
  });
  const versionId = film.versions[0]!.id;
  const { exhibition } = circuit.client;
  const made = await exhibition.createCircuit({
    body: { name: '白云院线', code: null, organisationId: circuit.organisationId },
  });
  const maker = await makeMaker();
  const cinemas: { id: string; screens: TestScreen[] }[] = [];
  for (const [index, name] of names.entries()) {
    const cinema = await exhibition.createCinema({
      body: cinemaFields({
        name,
        code: `1104680${index + 1}`,
        circuitId: made.id,
        city: '北京',
        email: `keys${index + 1}@cinema.test`,
      }),
    });
    const screens: TestScreen[] = [];
    for (const number of [1, 2]) {
      const screen = await exhibition.createScreen({
        body: { cinemaId: cinema.id, name: `${number}`, number, seats: 90, formats: [] },
      });
      const device = await install(circuit, maker, screen.id, `${index}-${number}`);
      screens.push({ id: screen.id, cinemaId: cinema.id, privateKey: device.privateKey });
    }
    cinemas.push({ id: cinema.id, screens });
  }
  const { packageId, contentKeys } = await plantPackage(server, distributor, {
    filmId: film.id,
    versionId,
  });
  const { releaseId, bookings } = await book(distributor, circuit, {
    filmId: film.id,
    versionId,
    circuitId: made.id,
    cinemas,
  });
  return {
    server,
    distributor,
    colleague,
    circuit,
    filmId: film.id,
    releaseId,
    packageId,
    circuitId: made.id,
    cinemas,
    bookings,
    contentKeys,
    maker,
  };
}

export async function install(
  circuit: TestPerson,
  maker: TestMaker,
  screenId: string,
  serial: string,
) {
  const device = await maker.device(serial);
  await circuit.client.exhibition.installDevice({
    params: { id: screenId },
    body: { kind: 'media_block', maker: null, model: null, serial, certificatePem: device.pem },
  });
  return device;
}

/** A package that passed, with content keys of the test's own, sealed as a build seals them. */
export async function plantPackage(
  server: TestServer,
  distributor: TestPerson,
  film: { readonly filmId: string; readonly versionId: string },
) {
  const { database, vault } = server.network.running.kernel;
  const packageId = randomUUID();
  const compositionId = randomUUID();
  const contentKeys = [randomBytes(16), randomBytes(16)];
  plantSecrets(contentKeys);
  const compositions = JSON.stringify([
    {
      id: compositionId,
      title: 'ChangYe_FTR_S_ZH-XX_CN_51_2K_YLN_20261120_YLN_SMPTE_OV',
      editRate: '24',
      durationFrames: 2880,
      reels: 1,
    },
  ]);
  await sql`
    insert into distribution.package (id, organisation_id, film_id, film_version_id, title,
      standard, state, encrypted, options, compositions)
    values (${packageId}, ${distributor.organisationId}, ${film.filmId}, ${film.versionId},
      'ChangYe_FTR_S_ZH-XX_CN_51_2K_YLN_20261120_YLN_SMPTE_OV', 'smpte', 'passed', true, '{}',
      ${compositions})`.execute(database);
  for (const [index, key] of contentKeys.entries()) {
    await sql`
      insert into distribution.content_key (package_id, key_id, composition_id, key_type,
        sealed_key)
      values (${packageId}, ${randomUUID()}, ${compositionId}, ${['MDIK', 'MDAK'][index]!},
        ${Buffer.from(vault.seal(CONTENT_KEY_PURPOSE, key))})`.execute(database);
  }
  return { packageId, contentKeys };
}

async function book(
  distributor: TestPerson,
  circuit: TestPerson,
  of: {
    filmId: string;
    versionId: string;
    circuitId: string;
    cinemas: readonly { id: string; screens: readonly TestScreen[] }[];
  },
) {
  const { releases, bookings } = distributor.client;
  const plan = {
    versions: [{ filmVersionId: of.versionId, format: '2D', filmCode: FILM_CODE }],
    periods: [
      {
        kind: 'run' as const,
        from: run.from,
        to: run.to,
        standards: [{ format: '2D', cityClass: 'A', fen: '3500' }],
      },
    ],
    cityClasses: [{ name: 'A', cities: [] }],
  };
  const draft = await releases.create({ body: { filmId: of.filmId, plan } });
  const params = { id: draft.id };
  await releases.announce({ params, body: { version: draft.version } });
  await bookings.offer({
    body: {
      releaseId: draft.id,
      filmVersionId: of.versionId,
      circuitIds: [of.circuitId],
      to: addDays(run.from, 6),
    },
  });
  const query = { releaseId: draft.id };
  const offered = (await bookings.list({ query })).rows;
  const ids = offered.map((each) => each.id);
  await circuit.client.bookings.answer({ body: { action: 'accept', bookingIds: ids } });
  for (const booking of offered) {
    const { screens } = of.cinemas.find((each) => each.id === booking.cinemaId)!;
    await circuit.client.bookings.answer({
      body: { action: 'move', bookingIds: [booking.id], screenIds: [screens[0]!.id] },
    });
  }
  await bookings.decide({ body: { action: 'confirm', bookingIds: ids } });
  return { releaseId: draft.id, bookings: ids };
}

/** Ends when all of these jobs did, well. */
export async function allDone(person: TestPerson, jobIds: readonly string[]): Promise<void> {
  for (const id of jobIds) {
    const job = await jobEnded(person, id);
    if (job.state !== 'done') throw new Error(`${job.kind}: ${JSON.stringify(job.findings)}`);
  }
}

/** The content keys that a device gets out of a key's file, as hexadecimal digits. */
export async function keysInside(
  person: TestPerson,
  fileId: string,
  privateKey: Uint8Array,
): Promise<string[]> {
  const answer = await person.client.files.download({ params: { id: fileId }, query: {} });
  const opened = openKdm(await bytesOf(answer), privateKey as never, {}, nodeCryptography);
  if (!opened.ok) throw new Error(opened.findings.map((each) => each.code).join());
  return opened.value.keys.map((each) => Buffer.from(each.key).toString('hex')).toSorted();
}
