import { addDays } from '@yinglian/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';
import {
  allDone,
  install,
  type KeyScene,
  keysInside,
  FILM_CODE,
  run,
  setKeyScene,
  today,
} from './keys-support.ts';
import { bytesOf, problemOf, refusalCodes } from './support.ts';

describe('keys that follow bookings', () => {
  let server: TestServer;
  let scene: KeyScene;
  let distributor: TestPerson;
  let circuit: TestPerson;
  beforeAll(async () => {
    server = await createTestServer();
    scene = await setKeyScene(server);
    ({ distributor, circuit } = scene);
  });
  afterAll(() => server.close());

  const needed = async (query: object = {}) =>
    (await distributor.client.keys.needed({ query })).rows;
  const keysOf = async (screenId: string, person = distributor) =>
    (await person.client.distribution.keys({ query: { screenId } })).rows;
  const orders = async (state?: 'proposed') =>
    (await distributor.client.keys.orders({ query: state === undefined ? {} : { state } })).rows;
  const first = (cinema: number) => scene.cinemas[cinema]!.screens[0]!;
  const second = (cinema: number) => scene.cinemas[cinema]!.screens[1]!;

  it('[HT1] lists what lacks a key by circuit and cinema, the soonest show first', async () => {
    const start = `${addDays(today, 1)}T19:30`;
    await circuit.client.shows.programme({
      params: { id: scene.cinemas[1]!.id },
      body: {
        from: today,
        to: addDays(today, 2),
        shows: [{ screen: '1', filmCode: FILM_CODE, start, minutes: 120 }],
      },
    });
    const rows = await needed();
    expect(rows.map((each) => [each.cinemaName, each.reason, each.shows])).toEqual([
      ['海淀影院', 'missing_key', 1],
      ['星光影城', 'missing_key', 0],
    ]);
    expect(rows[0]!.nextShow).toBe(new Date(`${start}:00+08:00`).toISOString());
    expect(await needed({ circuitId: scene.circuitId })).toHaveLength(2);
    expect(await needed({ cinemaId: scene.cinemas[0]!.id })).toHaveLength(1);
    expect(await needed({ filmId: scene.cinemas[0]!.id })).toHaveLength(0);
    const sheet = new TextDecoder().decode(
      await bytesOf(await distributor.client.keys.neededSheet({ query: { format: 'csv' } })),
    );
    expect(sheet.split('\r\n')).toHaveLength(4);
    expect((await circuit.client.keys.needed({ query: {} })).rows).toEqual([]);
    const made = await distributor.client.keys.issueNeeded({ body: {} });
    expect([made.screens, made.jobIds.length, made.proposals]).toEqual([2, 1, []]);
    await allDone(distributor, made.jobIds);
    expect(await needed()).toEqual([]);
    const again = distributor.client.keys.issueNeeded({ body: {} });
    expect(await refusalCodes(again)).toEqual(['unneeded_keys']);
    const [key] = await keysOf(first(0).id);
    expect(await keysInside(distributor, key!.file.id, first(0).privateKey)).toEqual(
      scene.contentKeys.map((each) => each.toString('hex')).toSorted(),
    );
  });

  it('[HT2] extends a key by a new one, and withholds the one before from its cinema', async () => {
    const [before] = await keysOf(first(0).id);
    const end = `${addDays(run.to, 9)}T06:00`;
    const changed = await distributor.client.keys.change({
      body: { keyIds: [before!.id], notAfter: end },
    });
    await allDone(distributor, changed.jobIds);
    const [fresh, old] = await keysOf(first(0).id);
    expect(fresh).toMatchObject({
      state: 'valid',
      notBefore: before!.notBefore,
      notAfter: new Date(`${end}:00+08:00`).toISOString(),
    });
    expect(old).toMatchObject({ id: before!.id, state: 'superseded', supersededBy: fresh!.id });
    const taken = (id: string) => circuit.client.files.download({ params: { id }, query: {} });
    expect((await problemOf(taken(old!.file.id))).code).toBe('not_found');
    await (await taken(fresh!.file.id)).body?.cancel();
    const stale = distributor.client.keys.change({
      body: { keyIds: [before!.id], notAfter: end },
    });
    expect(await refusalCodes(stale)).toEqual(['superseded_key']);
    const same = distributor.client.keys.change({
      body: { keyIds: [fresh!.id], notAfter: end },
    });
    expect(await refusalCodes(same)).toEqual(['unchanged_window']);
  });

  it('[HT3] shortens and withholds, and says which keys cannot be called back', async () => {
    const [key] = await keysOf(first(0).id);
    const { address } = await distributor.client.keys.createLink({
      body: { cinemaId: scene.cinemas[0]!.id },
    });
    const token = address.split('#')[1]!;
    await bytesOf(await server.stranger.client.keyLink.fetch({ body: { token } }));
    expect((await keysOf(first(0).id))[0]).toMatchObject({ receipt: 'received' });
    const end = `${addDays(run.from, 6)}T23:00`;
    const changed = await distributor.client.keys.change({
      body: { keyIds: [key!.id], notAfter: end },
    });
    expect(changed.findings.map((each) => [each.code, each.facts['keys']])).toEqual([
      ['irrevocable_keys', 1],
    ]);
    await allDone(distributor, changed.jobIds);
    const [shorter] = await keysOf(first(0).id);
    expect(shorter!.notAfter < key!.notAfter).toBe(true);
    const withdrawn = await distributor.client.keys.withdraw({
      body: { keyIds: [shorter!.id, key!.id], reason: '影院违约' },
    });
    expect([withdrawn.withdrawn, withdrawn.held]).toEqual([2, 1]);
    expect(withdrawn.findings.map((each) => each.code)).toEqual(['irrevocable_keys']);
    expect((await needed()).map((each) => each.reason)).toEqual(['missing_key']);
    const made = await distributor.client.keys.issueNeeded({ body: {} });
    await allDone(distributor, made.jobIds);
    const { rows } = await distributor.client.keys.receipts({ params: { id: key!.id } });
    expect(rows.map((each) => [each.way, each.state])).toEqual([['link', 'received']]);
  });

  it('[HT4] gives a booking that moves its keys on the new screen at once', async () => {
    const all = (await circuit.client.bookings.list({ query: {} })).rows;
    const moving = all.find((each) => each.cinemaId === scene.cinemas[1]!.id)!;
    const moved = await circuit.client.bookings.answer({
      body: { action: 'move', bookingIds: [moving.id], screenIds: [second(1).id] },
    });
    expect(moved.changed).toBe(1);
    const [order] = await orders();
    expect(order).toMatchObject({ reason: 'moved', state: 'ordered', proposedBy: null });
    await allDone(distributor, [order!.jobId!]);
    const [key] = await keysOf(second(1).id);
    expect(key).toMatchObject({ state: 'valid', issuedBy: '' });
    expect(await keysInside(circuit, key!.file.id, second(1).privateKey)).toHaveLength(2);
    expect((await keysOf(first(1).id))[0]).toMatchObject({
      state: 'withdrawn',
      withdrawnReason: 'moved',
    });
    expect(await needed()).toEqual([]);
  });

  it('[HT5] proposes keys as soon as a certificate is replaced while the film runs', async () => {
    const device = await install(circuit, scene.maker, second(1).id, 'spare');
    const [proposal] = await orders('proposed');
    expect(proposal).toMatchObject({
      reason: 'replaced_device',
      screens: 1,
      proposedBy: null,
      mine: true,
      cinemas: ['海淀影院'],
    });
    expect((await needed()).map((each) => each.reason)).toEqual(['replaced_device']);
    // The same change again, or an order of everything, does not propose it twice.
    const twice = distributor.client.keys.issueNeeded({ body: {} });
    expect(await refusalCodes(twice)).toEqual(['unneeded_keys']);
    const approved = await distributor.client.keys.approve({
      params: { id: proposal!.id },
      body: {},
    });
    await allDone(distributor, [approved.jobId!]);
    const [key, old] = await keysOf(second(1).id);
    expect(await keysInside(circuit, key!.file.id, device.privateKey)).toHaveLength(2);
    expect(old!.state).toBe('superseded');
    expect(await needed()).toEqual([]);
  });

  it('[HT6] lets a second person decide what crosses a limit, and never the same one', async () => {
    const { colleague } = scene;
    const policy = await distributor.client.keys.policy();
    const lesser = colleague.client.keys.setPolicy({ body: policy });
    expect((await problemOf(lesser)).code).toBe('not_allowed');
    const set = await distributor.client.keys.setPolicy({
      body: { ...policy, screensMax: 3, daysMax: 10, earlyDaysMax: 2 },
    });
    expect(set.version).toBe(1);
    const stale = distributor.client.keys.setPolicy({ body: policy });
    expect((await problemOf(stale)).code).toBe('conflict');
    const issue = (screenIds: string[], from: string, to: string) =>
      colleague.client.distribution.issueKeys({
        body: {
          packageId: scene.packageId,
          screenIds,
          notBefore: `${from}T00:00`,
          notAfter: `${to}T23:00`,
        },
      });
    const ids = scene.cinemas.flatMap((each) => each.screens.map((screen) => screen.id));
    const near = addDays(today, 1);
    const small = await issue(ids.slice(0, 2), today, near);
    await allDone(distributor, [small.jobId!]);
    // In small parts it is one large order still.
    const parts = await issue(ids.slice(2), today, near);
    const long = await issue([ids[0]!], today, addDays(today, 30));
    const early = await issue([ids[0]!], addDays(today, -5), near);
    expect([parts.jobId, long.jobId, early.jobId]).toEqual([null, null, null]);
    const open = await orders('proposed');
    const codes = new Map(open.map((each) => [each.id, each.findings.map((one) => one.code)]));
    expect(codes.get(parts.orderId)).toEqual(['excessive_order_screens']);
    expect(codes.get(long.orderId)).toContain('excessive_order_days');
    expect(codes.get(early.orderId)).toContain('early_order_window');
    const params = { id: parts.orderId };
    expect(await refusalCodes(colleague.client.keys.approve({ params, body: {} }))).toEqual([
      'own_proposal',
    ]);
    const outside = circuit.client.keys.approve({ params, body: {} });
    expect((await problemOf(outside)).code).toBe('not_found');
    const approved = await distributor.client.keys.approve({ params, body: {} });
    expect(approved.state).toBe('ordered');
    await allDone(distributor, [approved.jobId!]);
    expect(await refusalCodes(distributor.client.keys.approve({ params, body: {} }))).toEqual([
      'decided_order',
    ]);
    const declined = await distributor.client.keys.decline({
      params: { id: long.orderId },
      body: { note: '太长' },
    });
    expect(declined).toMatchObject({ state: 'declined', note: '太长', jobId: null });
    const own = await colleague.client.keys.decline({
      params: { id: early.orderId },
      body: {},
    });
    expect(own.state).toBe('withdrawn');
  });

  it('[HT8] opens a link to one cinema’s keys, for a while and a few times', async () => {
    const { keys } = distributor.client;
    const visitor = server.stranger.client.keyLink;
    const body = { cinemaId: scene.cinemas[0]!.id, fetchesMax: 1 };
    const made = await keys.createLink({ body });
    const token = made.address.split('#')[1]!;
    const held = await visitor.open({ body: { token } });
    expect(held).toMatchObject({ cinemaName: '星光影城', fetchesLeft: 1 });
    expect(held.keys.length).toBeGreaterThan(0);
    await bytesOf(await visitor.fetch({ body: { token } }));
    expect((await problemOf(visitor.fetch({ body: { token } }))).code).toBe('not_found');
    const revoked = await keys.createLink({ body });
    await keys.revokeLink({ params: { id: revoked.link.id } });
    const gone = visitor.open({ body: { token: revoked.address.split('#')[1]! } });
    expect((await problemOf(gone)).code).toBe('not_found');
    const late = await keys.createLink({ body: { ...body, hours: 1 } });
    const { database } = server.network.running.kernel;
    await database
      .withTables<{ 'distribution.key_link': { id: string; expires_at: Date } }>()
      .updateTable('distribution.key_link')
      .set({ expires_at: new Date() })
      .where('id', '=', late.link.id)
      .execute();
    const over = visitor.open({ body: { token: late.address.split('#')[1]! } });
    expect((await problemOf(over)).code).toBe('not_found');
    const closed = await keys.createLink({ body: { ...body, signedIn: true } });
    const call = { body: { token: closed.address.split('#')[1]! } };
    expect((await problemOf(visitor.open(call))).code).toBe('not_signed_in');
    const stranger = await server.newOrganisation('circuit', '他家院线');
    expect((await problemOf(stranger.client.keyLink.open(call))).code).toBe('not_allowed');
    expect((await circuit.client.keyLink.open(call)).cinemaName).toBe('星光影城');
    const states = (await keys.links({ query: {} })).rows.map((each) => each.state);
    expect(states).toEqual(['open', 'expired', 'revoked', 'used', 'open']);
    expect((await stranger.client.keys.links({ query: {} })).rows).toEqual([]);
    expect(server.logLines.join('\n')).not.toContain(token);
  });
});
