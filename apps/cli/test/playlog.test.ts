import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeChain } from '@yinglian/certificates';
import { uuidFromRandom } from '@yinglian/core';
import { generateRsaKey, nodeCryptography, randomBytes, writeWorkbook } from '@yinglian/host';
import { writeLogReport } from '@yinglian/playlog';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../src/index.ts';
import { EXIT } from '../src/kernel/exit-codes.ts';

const folder = mkdtempSync(join(tmpdir(), 'yinglian-playlog-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

let out = '';
beforeEach(() => {
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
});
afterEach(() => vi.restoreAllMocks());

/** Runs a command and gives its code and its JSON answer. */
async function run(...argv: string[]): Promise<{ code: number; json: Record<string, unknown> }> {
  out = '';
  const code = await main(['--json', '--language', 'en', ...argv]);
  return { code, json: JSON.parse(out) as Record<string, unknown> };
}
const codesOf = (json: Record<string, unknown>) =>
  (json['findings'] as { readonly code: string }[]).map(({ code }) => code);

describe('several reports of one log', () => {
  it('are joined: what came before is asked of the first report, holes are told', async () => {
    const key = await generateRsaKey();
    const [now, day] = [Date.UTC(2026, 11, 1), 86_400_000];
    const made = await makeChain(
      {
        organization: 'm.example',
        organizationUnit: 'm.example',
        name: 'm.IMB.1',
        roles: ['SM'],
        notBefore: now - day,
        notAfter: now + 9000 * day,
        serials: { root: 1n, intermediate: 2n, leaf: 3n },
      },
      { root: key, intermediate: key, leaf: key },
      nodeCryptography,
    );
    if (!made.ok) throw new Error('no chain');
    const signer = { chain: made.value, privateKey: key.privateKey };
    const write = async (name: string, first: number, before?: string) => {
      const events = [0, 1].map((n) => ({
        eventId: uuidFromRandom(randomBytes(16)),
        time: now + (first + n) * 60_000,
        type: 'Operations' as const,
        subtype: 'SPBStartup',
      }));
      const device = { type: 'SM', serial: '1' };
      const hash = before === undefined ? {} : { previousHeaderHash: before };
      const plan = { reportDate: now + day, device, firstSequence: first, events, ...hash };
      writeFileSync(at(name), await writeLogReport(plan, signer, nodeCryptography));
      const { json } = await run('playlog', 'check', at(name));
      return (json['reports'] as { lastHeaderHash: string }[])[0]!.lastHeaderHash;
    };
    const before = Buffer.alloc(20, 1).toString('base64');
    const second = await write('log2.xml', 102, await write('log1.xml', 100, before));
    await write('log4.xml', 110, second);
    const check = (...names: string[]) =>
      run('playlog', 'check', ...names.map((name) => at(name)), '--after', before);
    const joined = await check('log2.xml', 'log1.xml');
    expect(codesOf(joined.json)).not.toContain('mismatched_previous_report');
    expect(codesOf(joined.json)).not.toContain('missing_log_span');
    const holed = await check('log1.xml', 'log4.xml');
    expect([holed.code, codesOf(holed.json)]).toEqual([
      EXIT.faulty,
      expect.arrayContaining(['missing_log_span']),
    ]);
  });
});

describe('tables of theatre systems', () => {
  it('are read as they are exported: a workbook, or text in GB18030', async () => {
    const rows = [
      ['设备', '影片', '开始时间', '结束时间', '状态'],
      ['P-1', 'Long Night', '2026-12-01 19:30:00', '2026-12-01 21:30:00', '完成'],
    ];
    const cells = rows.map((row) => row.map((text) => ({ kind: 'text' as const, text })));
    const workbook = await writeWorkbook([{ name: 'plays', rows: cells, headingRows: 1 }]);
    writeFileSync(at('plays.xlsx'), workbook);
    // 设备,开始时间,状态 with 完成, as GB18030 has them.
    const head = Buffer.from('c9e8b1b82cbfaacabccab1bce42cd7b4ccac', 'hex');
    const tail = Buffer.from('cdeab3c9', 'hex');
    const line = Buffer.from('\nP-1,2026-12-01 19:30:00,');
    writeFileSync(at('plays.csv'), Buffer.concat([head, line, tail]));
    for (const name of ['plays.xlsx', 'plays.csv']) {
      const { code, json } = await run('playlog', 'read', at(name));
      const [play] = json['playbacks'] as { device: string; startedAt: string; ended: boolean }[];
      expect([code, play?.device, play?.startedAt, play?.ended]).toEqual([
        EXIT.done,
        'P-1',
        '2026-12-01T19:30:00+08:00',
        true,
      ]);
    }
  });
});
