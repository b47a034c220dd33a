import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestServer, type TestServer } from '../support/server.ts';
import { problemOf } from './support.ts';

const INSTRUMENT = 'hunan-2023-55';
const facts = (values: Record<string, string>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));

describe('the calculator of measures', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await createTestServer();
  });
  afterAll(() => server.close());

  it('[HP1] the calculator is open to anybody and never promises', async () => {
    const { policy } = server.stranger.client;
    const listed = await policy.instruments();
    expect(listed.rows.map(({ number }) => number)).toEqual(['湘政办发〔2023〕55号']);
    const whole = await policy.instrument({ params: { instrument: INSTRUMENT }, query: {} });
    expect(whole.items).toHaveLength(37);
    expect(whole.parameters.filter(({ code }) => code.startsWith('A'))).toHaveLength(20);
    const body = {
      facts: facts({
        'base.kind': 'base',
        'base.cost': '900000000',
        'base.construction': '300000000',
      }),
      eventDate: '2026-05-01',
    };
    const params = { instrument: INSTRUMENT };
    const { matches, ask } = await policy.calculate({ params, body });
    expect(matches[0]).toMatchObject({ item: 'M8.5', status: 'eligible', atMostFen: '180000000' });
    expect(ask).toBe('applicant.kind');
    const open = matches.find(({ item }) => item === 'M4.4')!;
    expect([open.status, open.bound, open.atMostFen]).toEqual(['unknown', 'unset', null]);
    const made = await policy.receipt({ params: { ...params, item: 'M8.5' }, body });
    expect(await policy.replay({ body: made })).toEqual({ valid: true, findings: [] });
    const forged = JSON.parse(
      JSON.stringify(made).replace('"fen":"180000000"', '"fen":"990000000"'),
    ) as typeof made;
    const replayed = await policy.replay({ body: forged });
    expect(replayed.findings.map(({ code }) => code)).toEqual(['mismatched_receipt_digest']);
    const unknown = policy.calculate({ params: { instrument: 'none' }, body });
    expect((await problemOf(unknown)).status).toBe(404);
    const wrong = policy.receipt({ params: { ...params, item: 'M99' }, body });
    expect((await problemOf(wrong)).status).toBe(404);
  });
});
