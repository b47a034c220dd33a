import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { extract } from 'tar-stream';
import { main } from '../src/index.ts';
import { openSource } from '../src/kernel/source.ts';
import { EXIT } from '../src/kernel/exit-codes.ts';
import { createTerminal, renderTable, textWidth } from '../src/kernel/terminal.ts';

let out = '';
let err = '';

beforeEach(() => {
  out = '';
  err = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
});
afterEach(() => vi.restoreAllMocks());

const folder = mkdtempSync(join(tmpdir(), 'yinglian-cli-'));
const file = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const HEADINGS =
  '序号,影院名称,影院编码,影片名称,影片编码,设备归属,开始日期,结束日期,总场次,总人次,总票房,电影专项基金,增值税率,税金,净票房,分账比例,分账片款';
const GOLDEN =
  '1,某影城,43014301,某片,051400392020,自购,2020/8/1,2020/8/31,1,13,720.00,0,0,0,720.00,43%,309.60';
const words = (text: string) => ({ zh: text, en: text });
const TERMS = {
  format: 'yinglian-terms/1',
  kind: 'theatrical',
  id: 'golden',
  version: '1',
  effective: { from: '2012-01-01' },
  recordedOn: '2012-01-01',
  title: words('国产分账'),
  parties: ['film_fund', 'tax_office', 'cinema', 'circuit', 'distributor'].map((id) => ({
    id,
    role: id,
    name: words(id),
    account: id,
  })),
  film: { title: words('某片'), versions: [{ code: '051400392020', label: 'IMAX' }] },
  fund: {
    to: 'film_fund',
    rates: [
      { id: 'exempt', from: '2020-01-01', to: '2020-08-31', rate: '0%' },
      { id: 'usual', rate: '5%' },
    ],
  },
  vat: {
    to: 'tax_office',
    methods: [
      { id: 'exempt', from: '2020-01-01', to: '2020-12-31', method: 'exempt' },
      { id: 'usual', method: 'extracted', rate: '3%', surcharge: '12%' },
    ],
  },
  splits: [
    {
      id: 'main',
      of: 'net',
      clauses: [
        {
          id: 'all',
          shares: [
            { to: 'cinema', share: '50%' },
            { to: 'circuit', share: '7%' },
            { to: 'distributor', share: '43%' },
          ],
        },
      ],
    },
  ],
};

describe('answers', () => {
  it('settles the golden row offline: 720.00 at 43 % is 309.60', async () => {
    const terms = file('terms.json', JSON.stringify(TERMS));
    const sheet = file('month.csv', `${HEADINGS}\n${GOLDEN}\n`);
    const code = await main([
      '--json',
      '--language',
      'en',
      'settle',
      '--terms',
      terms,
      '--boxoffice',
      sheet,
      '--from',
      '2020-08-01',
      '--to',
      '2020-08-31',
    ]);
    expect(err).toBe('');
    expect(code).toBe(EXIT.done);
    const { totals } = JSON.parse(out) as { totals: { party: string; fen: string }[] };
    expect(totals.find((each) => each.party === 'distributor')?.fen).toBe('30960');
  });

  it('settles twice to say who gains and who loses, and writes nothing', async () => {
    const terms = file('terms.json', JSON.stringify(TERMS));
    const sheet = file('month.csv', `${HEADINGS}\n${GOLDEN}\n`);
    const period = ['--from', '2020-08-01', '--to', '2020-08-31'];
    const settle = ['settle', '--terms', terms, '--boxoffice', sheet, ...period];
    const less = file('less.yaml', 'rows:\n  - where: {}\n    times: 50%\n');
    expect(await main(['--json', ...settle, '--what-if', less])).toBe(EXIT.done);
    const said = JSON.parse(out) as { changes: { party: string; differenceFen: string }[] };
    const of = (party: string) => said.changes.find((each) => each.party === party)?.differenceFen;
    expect(of('distributor')).toBe('-15480');
    const nothing = file('nothing.yaml', 'rows:\n  - where: { id: x }\n    times: 50%\n');
    expect(await main([...settle, '--what-if', nothing])).toBe(EXIT.faulty);
    const wrong = file('wrong.yaml', 'rows: x\n');
    expect(await main([...settle, '--what-if', wrong])).toBe(EXIT.misused);
  });

  it('writes the statement of one party of a sharing, which its receiver recomputes', async () => {
    const terms = file('terms.json', JSON.stringify(TERMS));
    const sheet = file('month.csv', `${HEADINGS}\n${GOLDEN}\n`);
    const bundle = join(folder, 'bundle.json');
    const settle = ['settle', '--terms', terms, '--boxoffice', sheet, '--from', '2020-08-01'];
    const wanted = (party: string) => [...settle, '--to', '2020-08-31', '--bundle', party];
    expect(await main([...wanted('distributor'), '--output', bundle])).toBe(EXIT.done);
    out = '';
    expect(await main(['--json', 'statement', 'verify', bundle])).toBe(EXIT.done);
    expect((JSON.parse(out) as { ok: boolean }).ok).toBe(true);
    const paper = join(folder, 'statement.pdf');
    expect(await main(['statement', 'pdf', bundle, '--to', paper])).toBe(EXIT.done);
    expect(readFileSync(paper, 'latin1')).toContain('(309.60) Tj');
    const forged = file('forged.json', readFileSync(bundle, 'utf8').replaceAll('30960', '30961'));
    const wrong = join(folder, 'wrong.pdf');
    expect(await main(['statement', 'pdf', forged, '--to', wrong])).toBe(EXIT.faulty);
    expect(existsSync(wrong)).toBe(false);
    expect(await main([...wanted('nobody'), '--output', bundle])).toBe(EXIT.faulty);
  });

  it('reads a sender’s file by a mapping, and finds what is conspicuous', async () => {
    const text = '甲;乙;丙;丁;戊;己;庚\n2026-03-01;43014301;001100012026;1;19:00;101;40\n';
    const odd = file('odd.csv', text);
    const mapping = file(
      'mapping.json',
      JSON.stringify({
        level: 'screening',
        columns: {
          date: '甲',
          cinemaCode: '乙',
          filmCode: '丙',
          hall: '丁',
          start: '戊',
          admissions: '己',
          grossFen: '庚',
        },
      }),
    );
    const read = ['--json', 'boxoffice', 'read', odd];
    expect(await main([...read, '--mapping', mapping, '--delimiter', ';'])).toBe(EXIT.done);
    expect(JSON.parse(out)).toMatchObject({ totals: { admissions: 101 } });
    expect(await main([...read, '--delimiter', 'x'])).toBe(EXIT.misused);
    const show = '日期,影院编码,影片编码,影厅,放映时间,人次,票房';
    const shows = file('shows.csv', `${show}\n2026-03-01,43014301,001100012026,1,19:00,101,40\n`);
    const facts = file('facts.json', JSON.stringify({ seats: { '43014301/1': 100 } }));
    out = '';
    await main(['--json', 'boxoffice', 'check', shows, '--facts', facts]);
    expect((JSON.parse(out) as { findings: { code: string }[] }).findings).toMatchObject([
      { code: 'oversold_screening' },
    ]);
    expect(await main(['boxoffice', 'check', shows, '--from', '2026-03-01'])).toBe(EXIT.misused);
  });

  it('tells faults of a file by the exit code and in the language asked for', async () => {
    const sheet = file(
      'faulty.csv',
      `${HEADINGS}\n${GOLDEN.replace('720.00,43%', '719.00,43%')}\n`,
    );
    expect(await main(['--language', 'zh-CN', 'boxoffice', 'read', sheet])).toBe(EXIT.faulty);
    expect(out).toContain('净票房');
    out = '';
    expect(await main(['--language', 'en', 'boxoffice', 'read', sheet])).toBe(EXIT.faulty);
    expect(out).toContain('Net');
  });

  it('gives one JSON document and nothing else with --json', async () => {
    const sheet = file('good.csv', `${HEADINGS}\n${GOLDEN}\n`);
    expect(await main(['--json', 'boxoffice', 'read', sheet])).toBe(EXIT.done);
    expect((JSON.parse(out) as { totals: { grossFen: string } }).totals.grossFen).toBe('72000');
  });
});

describe('files that are something else', () => {
  it('says that terms are no text, and ends as faulty', async () => {
    const binary = join(folder, 'terms.yaml');
    writeFileSync(
      binary,
      Uint8Array.from({ length: 600 }, (_, index) => (index * 151) % 256),
    );
    for (const command of [
      ['terms', 'check'],
      ['terms', 'explain'],
    ]) {
      expect(await main(['--language', 'en', ...command, binary])).toBe(EXIT.faulty);
    }
    expect(out).toContain('encoding');
    out = '';
    writeFileSync(binary, Buffer.concat([Buffer.from('format: x\n'), Buffer.alloc(20)]));
    expect(await main(['--json', 'terms', 'check', binary])).toBe(EXIT.faulty);
    expect((JSON.parse(out) as { findings: { code: string }[] }).findings[0]!.code).toBe(
      'binary_file',
    );
  });

  it('says that a statement is no JSON as a finding, with --json too', async () => {
    const page = file('statement.html', '<html>not a proof</html>');
    expect(await main(['--language', 'en', 'statement', 'verify', page])).toBe(EXIT.faulty);
    expect(out).toContain('no JSON');
    out = '';
    expect(await main(['--json', 'statement', 'verify', page])).toBe(EXIT.faulty);
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      findings: [{ code: 'invalid_json_file' }],
    });
  });

  it('marks an offline settlement as a trial', async () => {
    const terms = file('terms.json', JSON.stringify(TERMS));
    const sheet = file('month.csv', `${HEADINGS}\n${GOLDEN}\n`);
    const words = ['settle', '--terms', terms, '--boxoffice', sheet];
    const period = ['--from', '2020-08-01', '--to', '2020-08-31'];
    expect(await main(['--language', 'en', ...words, ...period])).toBe(EXIT.done);
    expect(out).toMatch(/^a trial calculation; not a statement/);
    out = '';
    expect(await main(['--json', ...words, ...period])).toBe(EXIT.done);
    expect(JSON.parse(out)).toMatchObject({ preview: true });
  });
});

describe('frames of a folder', () => {
  it('are one archive at every offset, as another program reads it', async () => {
    const frames = mkdtempSync(join(tmpdir(), 'yinglian-frames-'));
    const sizes = [1, 511, 512, 513, 5000];
    const long = `${'长'.repeat(60)}-a-very-long-name-of-a-shot`;
    for (const [index, size] of sizes.entries()) {
      const content = Uint8Array.from({ length: size }, (_, at) => (at * 7 + index) % 256);
      writeFileSync(join(frames, `${index === 4 ? long : 'shot'}.000${index}.dpx`), content);
    }
    writeFileSync(join(frames, 'notes.txt'), 'no frame');
    const source = await openSource(frames);
    const whole = await source.read(0, source.sizeBytes);
    expect(whole.length).toBe(source.sizeBytes);
    for (let offset = 0; offset < source.sizeBytes; offset += 337) {
      const piece = await source.read(offset, 700);
      expect(Buffer.compare(piece, whole.subarray(offset, offset + 700))).toBe(0);
    }
    const entries = await entriesOf(whole);
    expect(entries.map((each) => each.size)).toEqual(sizes);
    expect(entries.every((each) => /000\d\.dpx$/.test(each.name))).toBe(true);
    expect(await main(['production', 'ingest', mkdtempSync(frames), '--film', 'x'])).toBe(
      EXIT.misused,
    );
  });
});

/** What tar-stream finds in an archive. */
async function entriesOf(archive: Uint8Array): Promise<{ name: string; size: number }[]> {
  const found: { name: string; size: number }[] = [];
  const reader = extract();
  reader.end(archive);
  for await (const entry of reader) {
    let size = 0;
    for await (const piece of entry as AsyncIterable<Uint8Array>) size += piece.length;
    found.push({ name: entry.header.name, size });
  }
  return found.toSorted((a, b) => a.name.slice(-8).localeCompare(b.name.slice(-8)));
}

describe('exit codes', () => {
  it('2 for a file that is not there and for a command that does not exist', async () => {
    expect(await main(['dcp', 'verify', join(folder, 'nowhere')])).toBe(EXIT.misused);
    expect(await main(['no-such-command'])).toBe(EXIT.misused);
  });

  it('3 when the server does not answer', async () => {
    expect(await main(['--server', 'http://127.0.0.1:9', 'film', 'list'])).toBe(EXIT.refused);
    expect(err).toMatch(/npm start/);
  });

  it('0 for help and version', async () => {
    expect(await main(['--version'])).toBe(EXIT.done);
  });
});

describe('the terminal', () => {
  it('counts wide characters as two columns', () => {
    expect(textWidth('影联 ok')).toBe(7);
    const lines = renderTable(
      ['影院', 'x'],
      [
        ['长沙', '1'],
        ['a', '22'],
      ],
    ).split('\n');
    expect(new Set(lines.slice(0, 4).map((line) => textWidth(line.padEnd(1))))).toContain(8);
  });

  it('draws progress on a terminal and nothing in a pipe', () => {
    const written: string[] = [];
    const writer = (isTTY: boolean) => ({
      write: (text: string) => written.push(text),
      isTTY,
      columns: 80,
    });
    const make = (isTTY: boolean) =>
      createTerminal({
        locale: 'en',
        json: false,
        signal: new AbortController().signal,
        stdout: writer(isTTY),
        stderr: writer(isTTY),
      });
    make(false).progress('work').update(0.5);
    expect(written).toEqual([]);
    make(true).progress('work').update(0.5);
    expect(written.join('')).toContain('50 %');
  });
});
