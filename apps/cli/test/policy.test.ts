import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeCryptography } from '@yinglian/host';
import { BUNDLE_SCHEMA, HUNAN_2023_55, sealBundle } from '@yinglian/policy';
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

const folder = mkdtempSync(join(tmpdir(), 'yinglian-policy-'));
const file = (name: string, value: unknown) => {
  const path = join(folder, name);
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
  return path;
};
const run = (...words: string[]) => main(['--language', 'en', 'policy', ...words]);

describe('yinglian policy', () => {
  const facts = file('facts.json', {
    'base.kind': 'base',
    'base.cost': { value: '900000000', source: 'asset list' },
    'base.construction': '300000000',
  });

  it('checks every item and explains one, with a receipt that replays', async () => {
    expect(await run('check', facts, '--on', '2025-06-30')).toBe(EXIT.done);
    expect(out).toMatch(/M8\.5 .*met +1,800,000\.00/);
    expect(out).toMatch(/M4\.4 .*to be set/);
    out = '';
    const receipt = join(folder, 'receipt.json');
    expect(await run('explain', 'M8.5', facts, '--on', '2025-06-30', '--receipt', receipt)).toBe(0);
    expect(out).toContain('lead: 省委人才办');
    expect(out).toContain('✓ base.kind in base, college, consortium');
    expect(await run('replay', receipt)).toBe(EXIT.done);
    const forged = file('forged.json', readFileSync(receipt, 'utf8').replace('180000000', '9'));
    expect(await run('replay', forged)).toBe(EXIT.faulty);
    expect(await run('explain', 'M99')).toBe(EXIT.misused);
  });

  it('answers with what was known on a day', async () => {
    const decision = {
      parameter: 'R4.4',
      value: '1/20',
      from: '2025-01-01',
      recorded: '2026-01-01',
      issuedBy: '省工业和信息化厅',
      reason: '实施细则',
    };
    const decisions = file('decisions.json', [decision]);
    const known = async (day: string) => {
      out = '';
      const words = ['--on', '2025-06-30', '--decisions', decisions, '--known-on', day];
      const exit = await run('check', facts, ...words);
      return exit === EXIT.done ? /M4\.4 .*to be set/.test(out) : exit;
    };
    expect(await known('2025-12-31')).toBe(true);
    expect(await known('2026-01-01')).toBe(false);
    expect(await known('2026')).toBe(EXIT.misused);
  });

  it('reads whole fen without quotes, and says what nothing asks for', async () => {
    const loose = file('loose.json', {
      'base.kind': 'base',
      'base.cost': 900_000_000,
      'base.costs': '1',
    });
    expect(await run('check', loose, '--on', '2025-06-30')).toBe(EXIT.done);
    expect(out).toMatch(/M8\.5 .*met +2,000,000\.00/);
    expect(out).toContain('No rule asks for “base.costs”');
    out = '';
    const broken = file('broken.json', { 'base.kind': 'base', 'base.cost': 'nine' });
    expect(await run('check', broken, '--on', '2025-06-30')).toBe(EXIT.faulty);
    expect(out).toContain('money is fen as digits');
  });

  it('judges an instrument in a file, and runs it', async () => {
    const own = file('instrument.json', HUNAN_2023_55);
    expect(await run('instrument', own)).toBe(EXIT.done);
    const doubled = { ...HUNAN_2023_55, rules: [...HUNAN_2023_55.rules, HUNAN_2023_55.rules[0]] };
    expect(await run('instrument', file('doubled.json', doubled))).toBe(EXIT.faulty);
    const issued = { parameter: 'R4.4', value: '1/20', from: '2025-01-01', recorded: '2025-01-01' };
    const decisions = file('decisions.json', [{ ...issued, issuedBy: 'x', reason: 'y' }]);
    const orders = file('orders.json', {
      'applicant.kind': 'enterprise',
      'applicant.leading': true,
      'orders.this_year': '1000000000',
      'orders.last_year': '800000000',
    });
    out = '';
    const on = ['--on', '2025-06-30', '--instrument', own, '--decisions', decisions];
    expect(await run('check', orders, ...on)).toBe(EXIT.done);
    expect(out).toMatch(/M4\.4 .*met +100,000\.00/);
  });

  it('replays the bundle of a decision years later, with its documents', async () => {
    const receipts = [facts, file('other.json', { 'base.kind': 'college' })].map((given, at) => {
      const receipt = join(folder, `bundle-${at}.json`);
      return [given, receipt] as const;
    });
    for (const [given, receipt] of receipts) {
      await run('explain', 'M8.5', given, '--on', '2025-06-30', '--receipt', receipt);
    }
    const evidence = mkdtempSync(join(tmpdir(), 'yinglian-evidence-'));
    const paper = Buffer.from('%PDF-1.7 agreement');
    // Names change on the way; what is compared is the bytes.
    writeFileSync(join(evidence, 'renamed.pdf'), paper);
    const digest = `sha256:${createHash('sha256').update(paper).digest('hex')}`;
    const bundle = (more: object) =>
      file('bundle.json', {
        schema: 'yinglian.policy.bundle/1',
        evidence: [{ name: 'agreement.pdf', digest }],
        receipts: receipts.map(([, path]) => JSON.parse(readFileSync(path, 'utf8')) as unknown),
        ...more,
      });
    out = '';
    expect(await run('replay', bundle({}), '--evidence', evidence)).toBe(EXIT.done);
    expect(out.match(/valid: the same result/g)).toHaveLength(2);
    expect(out).toMatch(/documents +1 \/ 1/);
    const lost = { evidence: [{ name: 'lost.pdf', digest: `sha256:${'0'.repeat(64)}` }] };
    expect(await run('replay', bundle(lost), '--evidence', evidence)).toBe(EXIT.faulty);
    expect(out).toMatch(/documents +0 \/ 1/);
    const forged = JSON.parse(readFileSync(receipts[0]![1], 'utf8')) as { result: object };
    forged.result = { ...forged.result, status: 'eligible', bound: { state: 'none' } };
    expect(await run('replay', bundle({ receipts: [forged] }))).toBe(EXIT.faulty);
    const receipt = JSON.parse(readFileSync(receipts[0]![1], 'utf8')) as object;
    const draft = { id: 'c1', item: 'M8.5', eventDate: '2025-06-30', state: 'draft' };
    const sealed = (more: object) =>
      sealBundle(nodeCryptography, {
        schema: BUNDLE_SCHEMA,
        claim: { ...draft, grantFen: null, ...more },
        notice: { until: null },
        objections: [],
        divisions: [],
        steps: [],
        receipts: [receipt],
      });
    expect(await run('replay', file('whole.json', sealed({})))).toBe(EXIT.done);
    expect(await run('replay', file('paid.json', sealed({ state: 'paid' })))).toBe(EXIT.faulty);
    expect(await run('replay', file('given.json', sealed({ grantFen: '1' })))).toBe(EXIT.faulty);
    const edited = { ...sealed({}), claim: { ...draft, grantFen: null, object: '别的' } };
    expect(await run('replay', file('edited.json', edited))).toBe(EXIT.faulty);
  });

  it('says what a file is that is no JSON, and goes on with nothing', async () => {
    const heard = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
    for (const words of [
      ['check', file('facts.txt', 'base.kind = base')],
      ['replay', file('receipt.txt', '<receipt/>')],
      ['check', facts, '--decisions', file('decisions.txt', '{')],
    ]) {
      heard.mockClear();
      out = '';
      expect(await run(...words)).toBe(EXIT.faulty);
      const said = out + heard.mock.calls.map(([text]) => String(text)).join('');
      expect(said).toContain('The file is no JSON');
      expect(said).not.toContain('at JSON.parse');
    }
    expect(await run('claims', '--state', 'moon')).toBe(EXIT.misused);
    expect(await run('export', 'x', '--format', 'pdf', '--to', join(folder, 'x'))).toBe(
      EXIT.misused,
    );
  });
});
