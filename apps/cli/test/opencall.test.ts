import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { webcrypto } from 'node:crypto';
import {
  type DrawInput,
  drawExperts,
  poolDigest,
  seedCommitment,
  webSealing,
} from '@yinglian/opencall';
import { registerOf } from '@yinglian/register';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../src/index.ts';
import { EXIT } from '../src/kernel/exit-codes.ts';

let out = '';
beforeEach(() => {
  out = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
});
afterEach(() => vi.restoreAllMocks());

const folder = mkdtempSync(join(tmpdir(), 'yinglian-opencall-'));
const file = (name: string, value: unknown) => {
  const path = join(folder, name);
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
  return path;
};
const run = (...words: string[]) => main(['--language', 'en', 'opencall', ...words]);
const sealing = webSealing(webcrypto.subtle, (length) =>
  webcrypto.getRandomValues(new Uint8Array(length)),
);

describe('yinglian opencall', () => {
  it('replays a draw offline and finds out a seat that was given away', async () => {
    const candidates = Array.from({ length: 6 }, (_, at) => ({
      code: `E${at}`,
      fields: ['video'],
      organisation: `O${at}`,
      region: '湖南',
      load: 1,
    }));
    const seed = 'ab'.repeat(32);
    const input: DrawInput = {
      round: 'r',
      commitment: await seedCommitment(sealing, seed),
      seed,
      poolDigest: await poolDigest(sealing, candidates),
      salts: [],
      candidates,
      panels: [{ code: 'P', seats: [{ field: '*', count: 2 }] }],
      organisationMax: 1,
      regionMax: null,
      conflicts: [],
      recusals: [],
    };
    const drawn = await drawExperts(sealing, input);
    if (!drawn.ok) throw new Error('two of six can sit');
    const { seats } = drawn.value;
    const schema = 'yinglian.opencall.draw/1';
    expect(await run('draw', 'verify', file('draw.json', { schema, input, seats }))).toBe(
      EXIT.done,
    );
    expect(out).toContain(seats[0]!.candidate);
    const outside = candidates.find(({ code }) => seats.every((each) => each.candidate !== code))!;
    const forged = [seats[0], { panel: 'P', candidate: outside.code, field: '*' }];
    const given = file('forged.json', { schema, input, seats: forged });
    expect(await run('draw', 'verify', given)).toBe(EXIT.faulty);
    expect(out).toContain('mismatched_seats');
    expect(await run('draw', 'verify', file('broken.json', '{'))).toBe(EXIT.faulty);
    expect(await run('draw', 'verify', file('other.json', []))).toBe(EXIT.faulty);
  });

  it('says which indicators cannot be tested', async () => {
    const indicator = {
      code: 'I1',
      name: '画质国际领先',
      unit: '',
      operator: 'at_least',
      threshold: '高',
      upper: null,
      method: '',
    };
    const entry = {
      code: 'MLS-01',
      title: '解码器',
      need: '面向制作的实时解码设备，替代进口。',
      field: 'equipment',
      programme: 'key_research',
      indicators: [indicator],
      due: '2028-12-31',
      budgetFen: null,
      rights: '共享',
      proposer: '某企业',
    };
    expect(await run('check', file('catalogue.json', { entries: [entry] }))).toBe(EXIT.faulty);
    for (const code of ['untestable_threshold', 'missing_test_method', 'vague_indicator']) {
      expect(out).toContain(code);
    }
  });

  it('holds an entry of a register against its kind, offline', async () => {
    const check = (kind: string, given: string) =>
      main(['--language', 'en', 'register', 'check', kind, given]);
    const [field] = registerOf('benchmark')!.fields.filter(({ kind }) => kind === 'text');
    const right = file('entry.json', { fields: { [field!.name]: 'A project' } });
    expect(await check('benchmark', right)).toBe(EXIT.done);
    const wrong = file('wrong.json', { fields: { [field!.name]: 7, unknown_thing: 'x' } });
    expect(await check('benchmark', wrong)).toBe(EXIT.faulty);
    expect(await check('nothing_of_ours', right)).toBe(EXIT.misused);
    expect(await check('benchmark', file('torn.json', '{'))).not.toBe(EXIT.done);
  });

  it('makes keys that only their owner reads, and never writes over them', async () => {
    const path = join(folder, 'keys.json');
    expect(await run('keys', path)).toBe(EXIT.done);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const before = readFileSync(path, 'utf8');
    expect(out).not.toContain(
      (JSON.parse(before) as { signing: { privateKey: string } }).signing.privateKey,
    );
    expect(await run('keys', path)).toBe(EXIT.misused);
    expect(readFileSync(path, 'utf8')).toBe(before);
  });
});
