import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EXIT } from '../src/kernel/exit-codes.ts';
import { main } from '../src/index.ts';

const HEADINGS = '影院编码,影片编码,日期,场次,人次,票房';
const FILM = '001100012026';

const RECON = new URL('../../../../shared/fixtures/settle/recon/', import.meta.url);
const present = existsSync(RECON);
if (!present) console.log('skipped: fixtures settle/recon are absent');

const PLAN = (folder: string) => `
format: yinglian-reconciliation/1
reference: ticketing
levels: [film, circuit, cinema, day, hall, screening]
parties:
  - name: ticketing
    role: ticketing
    files: [${folder}/ticketing.csv]
    moneyUnit: fen
    columns: { screeningId: sid, date: date, cinemaCode: cinema, filmCode: film, hall: hall,
      start: start, admissions: tickets, grossFen: gross_fen, onlineAdmissions: online_tickets,
      onlineGrossFen: online_gross_fen }
  - name: circuit
    role: circuit
    files: [${folder}/circuit.csv]
    moneyUnit: fen
    small: '1'
    columns: { screeningId: sid, date: date, cinemaCode: cinema, filmCode: film, hall: hall,
      start: start, admissions: tickets, grossFen: gross_fen }
  - name: online
    role: seller
    files: [${folder}/online.csv]
    moneyUnit: fen
    columns: { screeningId: sid, date: date, cinemaCode: cinema, seller: seller,
      admissions: tickets, grossFen: gross_fen }
  - name: playback
    role: playback
    files: [${folder}/playback.csv]
    columns: { date: date, cinemaCode: cinema, hall: hall, start: start, filmCode: film }
  - name: bank
    role: bank
    files: [${folder}/bank.csv]
    moneyUnit: fen
    columns: { id: ref, payer: payer, date: value_date, amountFen: amount_fen, memo: memo }
    pays: { party: online, fee: 0.6% }
`;

/** The fixture's names for what the reconciliation calls by the books. */
const KIND_OF: Record<string, string> = {
  missing_in_circuit: 'missing_row',
  missing_in_ticketing: 'unexpected_row',
  duplicate_in_circuit: 'duplicate_row',
  tickets_differ: 'admissions_differ',
  online_exceeds_ticketing_channel: 'channel_exceeds',
  bank_short_payment: 'short_receipt',
  bank_missing: 'missing_receipt',
  bank_split_payment: 'split_receipt',
};

describe('yinglian reconcile', () => {
  let out = '';
  beforeEach(() => {
    out = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      out += String(text);
      return true;
    });
    vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  });
  afterEach(() => vi.restoreAllMocks());

  const file = (name: string, rows: readonly string[]) => {
    const path = join(mkdtempSync(join(tmpdir(), 'yinglian-reconcile-')), name);
    writeFileSync(path, `${HEADINGS}\n${rows.join('\n')}\n`);
    return path;
  };

  it('takes refunds off, and a feed as it takes any other file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'yinglian-reconcile-'));
    const tickets = join(folder, 'tickets.csv');
    const row = `2026-03-15,43019011,${FILM},S1`;
    const headings = '日期,影院编码,影片编码,场次编码,票号,操作类型,票价';
    writeFileSync(
      tickets,
      `${headings}\n${row},T1,售票,40\n${row},T2,售票,40\n${row},T2,退票,40\n`,
    );
    const feed = join(folder, 'feed.jsonl');
    const header = { format: 'yinglian-box-office/1', level: 'day', source: '院线' };
    const record = {
      date: '2026-03-15',
      cinemaCode: '43019011',
      filmCode: FILM,
      screenings: 1,
      admissions: 1,
      grossFen: '4000',
    };
    writeFileSync(feed, `${JSON.stringify(header)}\n${JSON.stringify(record)}\n`);
    const files = ['--reference', tickets, '--other', feed];
    expect(await main(['--json', 'reconcile', ...files])).toBe(EXIT.done);
    expect(JSON.parse(out)).toMatchObject({ agreeingRows: 1, differences: [] });
  });

  it('compares several parties and sellers show by show', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'yinglian-reconcile-'));
    const shows = (name: string, rows: readonly string[]) => {
      const path = join(folder, name);
      const headings = '日期,影院编码,影片编码,影厅,放映时间,场次编码,渠道,人次,票房';
      const place = `2026-03-15,43019011,${FILM},1`;
      writeFileSync(path, `${headings}\n${rows.map((row) => `${place},${row}\n`).join('')}`);
      return path;
    };
    const tickets = ['19:00,S1,窗口,60,2400', '19:00,S1,网售,40,1600', '21:00,S2,窗口,10,400'];
    const reference = shows('tickets.csv', tickets);
    const circuit = shows('circuit.csv', ['19:00,S1,,100,4000', '21:00,S2,,10,400']);
    const fund = shows('fund.csv', ['19:00,S1,,99,3960', '21:00,S2,,10,400']);
    const [one, two] = [60, 41].map((sold) =>
      shows(`${sold}.csv`, [`19:00,S1,,${sold},${sold * 40}`]),
    );
    const books = ['--reference', reference, '--other', circuit, '--also', `专资=${fund}`];
    const sellers = ['--channel', `MY=${one}`, `TPP=${two}`, '--level', 'screening'];
    expect(await main(['--json', 'reconcile', ...books, ...sellers])).toBe(EXIT.faulty);
    const said = JSON.parse(out) as { differences: { kind: string; between: string[] }[] };
    expect(said.differences.map((each) => [each.kind, each.between[1]]).sort()).toEqual([
      ['admissions_differ', '专资'],
      ['channel_exceeds', 'MY+TPP'],
    ]);
    expect(await main(['reconcile', ...books, '--level', 'hall'])).toBe(EXIT.misused);
    expect(await main(['reconcile', ...books, '--channel', 'x'])).toBe(EXIT.misused);
  });

  it('names every difference between two files and nothing else', async () => {
    const same = `43019011,${FILM},2026-03-15,4,100,4000.00`;
    const reference = file('a.csv', [
      same,
      `43019012,${FILM},2026-03-16,3,77,3080.00`,
      `43019013,${FILM},2026-03-16,1,10,400.00`,
    ]);
    const other = file('b.csv', [
      same,
      `43019012,${FILM},2026-03-16,3,75,3000.00`,
      `43019014,${FILM},2026-03-16,1,9,360.00`,
    ]);
    const files = ['--reference', reference, '--other', other];
    expect(await main(['--json', 'reconcile', ...files])).toBe(EXIT.faulty);
    const said = JSON.parse(out) as {
      agreeingRows: number;
      differences: { kind: string; deltaFen: string }[];
    };
    expect(said.agreeingRows).toBe(1);
    expect(said.differences.map((each) => [each.kind, each.deltaFen]).sort()).toEqual([
      ['admissions_differ', '8000'],
      ['missing_row', '40000'],
      ['unexpected_row', '-36000'],
    ]);
    out = '';
    const itself = ['--reference', reference, '--other', reference];
    expect(await main(['--json', 'reconcile', ...itself])).toBe(EXIT.done);
    expect(JSON.parse(out)).toMatchObject({ differences: [] });
    expect(await main(['reconcile', ...files, '--tolerance', 'x'])).toBe(EXIT.misused);
  });

  it.skipIf(!present)('finds what was planted in five whole books by a plan', async () => {
    for (const set of ['a', 'b']) {
      out = '';
      const folder = new URL(set, RECON).pathname;
      const plan = join(mkdtempSync(join(tmpdir(), 'yinglian-reconcile-')), 'plan.yaml');
      writeFileSync(plan, PLAN(folder));
      expect(await main(['--json', 'reconcile', '--plan', plan])).toBe(EXIT.faulty);
      const said = JSON.parse(out) as {
        rows: Record<string, number>;
        levels: Record<string, unknown[]>;
        differences: { kind: string; key: string }[];
      };
      const { rows, truth } = JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8')) as {
        rows: Record<string, number>;
        truth: { kind: string; sid?: string; seller?: string; date?: string }[];
      };
      expect(said.rows).toEqual(rows);
      const planted = truth.map(({ kind, sid, seller, date }) =>
        [KIND_OF[kind] ?? kind, sid?.trim() ?? `${seller} ${date}`].join('|'),
      );
      expect(said.differences.map(({ kind, key }) => `${kind}|${key}`).sort()).toEqual(
        planted.sort(),
      );
      const levels = ['film', 'circuit', 'cinema', 'day', 'hall', 'screening'];
      expect(Object.keys(said.levels)).toEqual(levels);
      expect(said.levels['day']!.length).toBeGreaterThan(0);
    }
  });

  it('says what is wrong with a plan', async () => {
    const plan = join(mkdtempSync(join(tmpdir(), 'yinglian-reconcile-')), 'plan.yaml');
    writeFileSync(plan, 'format: yinglian-reconciliation/1\nreference: x\nparties: []\n');
    expect(await main(['reconcile', '--plan', plan])).toBe(EXIT.faulty);
    expect(await main(['reconcile'])).toBe(EXIT.misused);
  });

  it('reads Parquet through DuckDB as it reads any other file', async () => {
    const row = (day: string, sold: number) =>
      `43019011,${FILM},2026-03-${day},4,${sold},${sold * 40}.00`;
    const csv = file('a.csv', [row('15', 100), row('16', 77)]);
    const folder = mkdtempSync(join(tmpdir(), 'yinglian-parquet-'));
    const parquet = join(folder, 'b.parquet');
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run(`COPY (SELECT * FROM (VALUES
      ('43019011', '${FILM}', DATE '2026-03-15', 4, 100, 400000::BIGINT),
      ('43019011', '${FILM}', DATE '2026-03-16', 4, 76, 304000::BIGINT))
      t (cinema_code, film_code, business_date, screenings, admissions, gross_fen))
      TO '${parquet}' (FORMAT parquet)`);
    connection.closeSync();
    instance.closeSync();
    const files = ['--reference', csv, '--other', parquet];
    expect(await main(['--json', 'reconcile', ...files])).toBe(EXIT.faulty);
    expect(JSON.parse(out)).toMatchObject({
      agreeingRows: 1,
      differences: [{ kind: 'admissions_differ', deltaFen: '4000', date: '2026-03-16' }],
    });
    out = '';
    const columns = '{ date: business_date, cinemaCode: cinema_code, admissions: admissions }';
    const plan = join(folder, 'plan.yaml');
    const party = (name: string, role: string) =>
      `  - { name: ${name}, role: ${role}, files: [b.parquet], columns: ${columns} }\n`;
    const head = 'format: yinglian-reconciliation/1\nreference: a\nrows: day\nparties:\n';
    writeFileSync(plan, head + party('a', 'ticketing') + party('b', 'circuit'));
    expect(await main(['--json', 'reconcile', '--plan', plan])).toBe(EXIT.done);
    writeFileSync(parquet, 'PAR1 and nothing else');
    expect(await main(['reconcile', ...files])).toBe(EXIT.faulty);
  });

  it('takes no option that it would not heed', async () => {
    const book = file('a.csv', [`43019011,${FILM},2026-03-15,4,100,4000.00`]);
    const beside = ['--plan', 'plan.yaml', '--tolerance', '1'];
    expect(await main(['reconcile', ...beside])).toBe(EXIT.misused);
    const twice = ['--also', `猫眼=${book}`, '--channel', `猫眼=${book}`];
    const files = ['--reference', book, '--other', book];
    expect(await main(['reconcile', ...files, ...twice])).toBe(EXIT.misused);
  });
});
