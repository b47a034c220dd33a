import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';
import { cinemaFields, problemOf, refusalCodes, upload } from './support.ts';

describe('logs of devices that nobody registered', () => {
  let server: TestServer;
  let cinemaSide: TestPerson;
  let stranger: TestPerson;
  let cinemaId = '';
  let screenId = '';

  beforeAll(async () => {
    server = await createTestServer();
    cinemaSide = await server.newOrganisation('cinema', '白石影城');
    stranger = await server.newOrganisation('cinema', '别家影城');
    const { organisationId } = cinemaSide;
    const fields = cinemaFields({ name: '白石影城', code: '43019071', organisationId });
    const { exhibition } = cinemaSide.client;
    cinemaId = (await exhibition.createCinema({ body: fields })).id;
    const hall = { cinemaId, name: '1号厅', number: 1, seats: 100, formats: [] };
    screenId = (await exhibition.createScreen({ body: hall })).id;
  });
  afterAll(() => server.close());

  const table = (day: string, ...devices: string[]) =>
    `device,title,start,end\n${devices
      .map((each) => `${each},长夜,${day} 19:30:00,${day} 21:30:00\n`)
      .join('')}`;
  const take = async (text: string, screen?: string) => {
    const fileId = await upload(cinemaSide, 'plays.csv', text);
    const body = { fileId, cinemaId, ...(screen === undefined ? {} : { screenId: screen }) };
    return cinemaSide.client.evidence.takeLog({ body });
  };
  const screens = async () => {
    const { rows } = await cinemaSide.client.evidence.playbacks({ query: { cinemaId } });
    return rows.map((each) => `${each.device} ${each.screenName ?? '—'}`).toSorted();
  };
  const unknown = ({ findings }: { findings: readonly { code: string; facts: object }[] }) =>
    findings.filter((each) => each.code === 'unknown_log_device').map((each) => each.facts);

  it('[HH24] stand where somebody says, device by device, and for later logs too', async () => {
    const log = await take(table('2026-05-01', 'X-1', 'X-2'));
    expect(unknown(log)).toEqual([{ device: 'X-1' }, { device: 'X-2' }]);
    expect(await screens()).toEqual(['X-1 —', 'X-2 —']);
    const place = { params: { id: log.id }, body: { screenId, device: 'X-2' } };
    const theirs = stranger.client.evidence.placeLog(place);
    expect((await problemOf(theirs)).code).toBe('not_allowed');
    const placed = await cinemaSide.client.evidence.placeLog(place);
    expect(unknown(placed)).toEqual([{ device: 'X-1' }]);
    expect(await screens()).toEqual(['X-1 —', 'X-2 1号厅']);
    expect(unknown(await take(table('2026-05-02', 'X-2')))).toEqual([]);
  });

  it('[HH24] is placed by the same bytes sent again with a screen', async () => {
    const again = await take(table('2026-05-01', 'X-1', 'X-2'), screenId);
    expect([again.repeated, unknown(again)]).toEqual([true, []]);
    expect(await screens()).toEqual(['X-1 1号厅', 'X-2 1号厅', 'X-2 1号厅']);
  });

  it('[HH24] takes no screen of another cinema', async () => {
    const other = cinemaFields({
      name: '青石影城',
      code: '43019072',
      organisationId: cinemaSide.organisationId,
    });
    const { exhibition, evidence } = cinemaSide.client;
    const second = await exhibition.createCinema({ body: other });
    const screen = await exhibition.createScreen({
      body: { cinemaId: second.id, name: '1号厅', number: 1, seats: 10, formats: [] },
    });
    const { id } = (await evidence.logs({ query: {} })).rows[0]!;
    const placing = evidence.placeLog({ params: { id }, body: { screenId: screen.id } });
    expect(await refusalCodes(placing)).toEqual(['foreign_screen']);
  });
});
