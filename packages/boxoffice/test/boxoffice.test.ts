import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parse as parseWithPeer } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { formatYuan, type Outcome, ratio } from '@yinglian/core';
import {
  type BoxOfficeRecord,
  checkMonthSheet,
  compareDeliveries,
  decodeText,
  detectDelimiter,
  detectMapping,
  FINDING_TEXTS,
  MONTH_SHEET_COLUMNS,
  readCount,
  readCsvDelivery,
  readDate,
  readDelimited,
  readDelivery,
  readFeed,
  readMoney,
  readRate,
  readTime,
  writeFeed,
  writeMonthSheet,
} from '../src/index.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);
const codes = (outcome: Outcome<unknown>) => outcome.findings.map((each) => each.code);
function taken<Value>(outcome: Outcome<Value>): Value {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.findings));
  return outcome.value;
}

const HEADINGS = [
  '序号',
  '影院名称',
  '影院编码',
  '影片名称',
  '影片编码',
  '设备归属',
  '开始日期',
  '结束日期',
  '总场次',
  '总人次',
  '总票房',
  '电影专项基金',
  '增值税率',
  '税金',
  '净票房',
  '分账比例',
  '分账片款',
];
const GOLDEN = [
  1,
  '某影城',
  '43014301',
  'IMAX',
  '051400392020',
  '自购',
  '2020/8/1',
  '2020/8/31',
  1,
  13,
  '720.00',
  0,
  0,
  0,
  '720.00',
  '43%',
  '309.60',
];
const SHEET = [['报表', '院线月度结算'], ['院线', '某院线'], HEADINGS, GOLDEN];

describe('text', () => {
  it('[BO1] knows GB18030 from UTF-8 with and without marks', () => {
    // 影院,票房 in GBK, and 𠮷 in the four-byte part of GB18030.
    const gbk = Uint8Array.from([0xd3, 0xb0, 0xd4, 0xba, 0x2c, 0xc6, 0xb1, 0xb7, 0xbf]);
    expect(taken(decodeText(gbk))).toEqual({
      text: '影院,票房',
      encoding: 'gb18030',
      marked: false,
    });
    const four = Uint8Array.from([0x95, 0x34, 0xb2, 0x35]);
    expect(taken(decodeText(four)).text).toBe('𠮷');
    expect(taken(decodeText(utf8('影院'))).encoding).toBe('utf-8');
    expect(taken(decodeText(Uint8Array.from([0xef, 0xbb, 0xbf, 0x41])))).toEqual({
      text: 'A',
      encoding: 'utf-8',
      marked: true,
    });
    expect(taken(decodeText(Uint8Array.from([0xff, 0xfe, 0x41, 0x00]))).text).toBe('A');
    expect(codes(decodeText(Uint8Array.from([0x41, 0xff, 0xff])))).toEqual(['invalid_encoding']);
    const marked = Uint8Array.from([0xef, 0xbb, 0xbf, 0x41]);
    expect(codes(decodeText(marked, 'gb18030'))).toEqual(['mismatched_encoding']);
  });

  it('[BO2] reads what a well-known reader reads', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '影', '"', ',', '\n', ' ', ';', '1') });
    const table = fc.integer({ min: 2, max: 4 }).chain((width) =>
      fc.array(fc.array(cell, { minLength: width, maxLength: width }), {
        minLength: 1,
        maxLength: 6,
      }),
    );
    fc.assert(
      fc.property(table, fc.constantFrom('\n', '\r\n'), (rows, ending) => {
        const text = rows
          .map((row) => row.map((each) => `"${each.replaceAll('"', '""')}"`).join(','))
          .join(ending);
        const read = taken(readDelimited(text, ',')).map((row) => row.cells);
        expect(read).toEqual(rows);
        expect(read).toEqual(parseWithPeer(text, { relax_column_count: true }));
      }),
    );
  });

  it('[BO2] keeps the line on which a row starts', () => {
    const rows = taken(readDelimited('a,b\n"x\ny",2\r\nc,d\n', ','));
    expect(rows.map((row) => row.line)).toEqual([1, 2, 4]);
    expect(rows[1]!.cells).toEqual(['x\ny', '2']);
  });

  it('[BO3] finds the delimiter', () => {
    expect(detectDelimiter('a;b;c\n1,5;2;3\n')).toBe(';');
    expect(detectDelimiter('a\tb\n1,000\t2\n')).toBe('\t');
    expect(detectDelimiter('a|b|c\n"x,y,z,w"|2|3')).toBe('|');
    expect(detectDelimiter('single\ncolumn')).toBe(',');
  });

  it('[BO4] turns hostile text into findings', () => {
    expect(codes(readDelimited('a,"b', ','))).toEqual(['unclosed_quote']);
    expect(codes(readDelimited(','.repeat(600), ','))).toEqual(['excessive_columns']);
    expect(codes(readDelimited('x'.repeat(40_000), ','))).toEqual(['excessive_cell']);
    fc.assert(fc.property(fc.string(), (text) => void readDelimited(text)));
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void readCsvDelivery(bytes)));
  });
});

describe('cells', () => {
  it('[BO5] reads money exactly and refuses what is finer than a fen', () => {
    const yuan = (cell: string | number) => {
      const result = readMoney(cell, 'yuan');
      return 'value' in result ? result.value : result.fault;
    };
    expect(yuan('1,234.56')).toBe(123_456n);
    expect(yuan('¥720.00')).toBe(72_000n);
    expect(yuan('７２０．５')).toBe(72_050n);
    expect(yuan('(12.30)')).toBe(-1230n);
    expect(yuan('-0.01')).toBe(-1n);
    expect(yuan(309.6)).toBe(30_960n);
    expect(yuan(64_266_000_000)).toBe(6_426_600_000_000n);
    expect(yuan('1.2E3')).toBe(120_000n);
    expect(yuan(1e21)).toBe(10n ** 23n);
    expect(yuan(0.1 + 0.2)).toBe(30n);
    expect(yuan(39447281.550000004)).toBe(3_944_728_155n);
    expect(yuan('0.30000000000000004')).toBe('excessive_precision');
    expect(yuan(1.005)).toBe('excessive_precision');
    expect(yuan('1.005')).toBe('excessive_precision');
    expect(yuan('12,34.5')).toBe('invalid_amount');
    expect(yuan('abc')).toBe('invalid_amount');
    expect(readMoney('72000', 'fen')).toEqual({ value: 72_000n });
    expect(readMoney('720.5', 'fen')).toEqual({ fault: 'excessive_precision' });
  });

  it('[BO5] every amount written reads back', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
        fc.boolean(),
        (fen, grouped) => {
          expect(readMoney(formatYuan(fen, { grouped }), 'yuan')).toEqual({ value: fen });
        },
      ),
    );
    fc.assert(
      fc.property(fc.integer({ min: -(10 ** 11), max: 10 ** 11 }), (fen) => {
        expect(readMoney(fen / 100, 'yuan')).toEqual({ value: BigInt(fen) });
      }),
    );
  });

  it('[BO6] reads dates as they are written in the trade', () => {
    const forms = [
      '2020/8/1',
      '2020-08-01',
      '20200801',
      '2020年8月1日',
      '2020.8.1',
      44_044,
      new Date('2020-08-01T00:00:00Z'),
      '2020-08-01 19:30:00',
    ];
    for (const form of forms) expect(readDate(form)).toEqual({ value: '2020-08-01' });
    const wrong = ['2020-02-30', '2020-13-01', '1/8/2020', '20-08-01', '202081', 12, 99_999, 'x'];
    for (const form of wrong) {
      expect(readDate(form)).toEqual({ fault: 'invalid_date' });
    }
    expect(readTime('9:05')).toEqual({ value: '09:05' });
    expect(readTime('25:10')).toEqual({ value: '25:10' });
    expect(readTime(0.8125)).toEqual({ value: '19:30' });
    expect(readTime(1.0625)).toEqual({ value: '25:30' });
    expect(readTime(new Date('1899-12-31T01:30:00Z'))).toEqual({ value: '25:30' });
    expect(readTime(44_044.8125)).toEqual({ value: '19:30' });
    expect(readTime('19:75')).toEqual({ fault: 'invalid_time' });
    expect(readCount('1,234')).toEqual({ value: 1234 });
    expect(readCount('13.0')).toEqual({ value: 13 });
    expect(readCount('13.5')).toEqual({ fault: 'invalid_count' });
  });

  it('[BO7] gives a film code its leading zeros back', () => {
    const row = [...GOLDEN];
    row[4] = 1_103_362_020;
    const delivery = taken(readDelivery([HEADINGS, row]));
    expect(delivery.records[0]!.filmCode).toBe('001103362020');
    expect(delivery.findings.map((each) => each.code)).toContain('restored_leading_zeros');
  });

  it('[BO8] reads rates as exact fractions', () => {
    expect(readRate('43%', 'fraction')).toEqual({ value: ratio(43, 100) });
    expect(readRate(0.43, 'fraction')).toEqual({ value: ratio(43, 100) });
    expect(readRate('43', 'percent')).toEqual({ value: ratio(43, 100) });
    expect(readRate('43%', 'percent')).toEqual({ value: ratio(43, 100) });
    expect(readRate('x', 'percent')).toEqual({ fault: 'invalid_rate' });
    expect(readRate('43', 'fraction')).toEqual({ fault: 'excessive_rate' });
    const marked = HEADINGS.map((each) => (each === '分账比例' ? '分账比例(%)' : each));
    const read = (share: string | number) => {
      const row = GOLDEN.map((cell) => (cell === '43%' ? share : cell));
      return taken(readDelivery([marked, row])).records[0]!.shareRate;
    };
    for (const share of [43, '43', 0.43, '43%']) expect(read(share)).toEqual(ratio(43, 100));
  });
});

describe('deliveries', () => {
  it('[BO34] sums what a refund takes back and counts the shows of tickets', () => {
    const headings = ['日期', '影院编码', '影片编码', '场次编码', '票号', '操作类型', '票价'];
    const ticket = (show: string, number: string, operation: string) =>
      ['2026-03-15', '43019011', '001100012026', show, number, operation, '40'] as const;
    const sold = [ticket('S1', 'T1', '售票'), ticket('S1', 'T2', '售票'), ticket('S2', 'T3', '')];
    const rows = [headings, ...sold, ticket('S1', 'T2', '退票')];
    expect(taken(readDelivery(rows)).totals).toEqual({
      rows: 4,
      grossFen: 8_000n,
      admissions: 2,
      screenings: 2,
    });
    const day = ['日期', '影院编码', '影片编码', '场次', '人次', '票房', '操作类型'];
    const back = (admissions: string, gross: string) =>
      taken(
        readDelivery([
          day,
          ['2026-03-15', '43019011', '001100012026', '0', admissions, gross, '退票'],
        ]),
      );
    const written = back('2', '80.00');
    expect(written.totals).toMatchObject({ grossFen: -8_000n, admissions: -2 });
    expect(written.findings.map((each) => each.code)).toEqual(['positive_refund']);
    expect(back('-2', '-80.00')).toMatchObject({ totals: written.totals, findings: [] });
  });

  it('[BO35] says when a sheet has lost the last digits of a code', () => {
    const headings = ['日期', '影院编码', '影片编码', '场次编码', '人次', '票房'];
    const row = ['2026-03-15', '43019011', '001100012026'];
    const read = (code: string | number) =>
      taken(readDelivery([headings, [...row, code, 1, 40]])).findings.map((each) => each.code);
    expect(read(Number('4301901120260315019'))).toEqual(['lost_digits']);
    expect(read('4301901120260315019')).toEqual([]);
    expect(read(430_190_112_026)).toEqual([]);
  });

  it('[BO9] finds heading, mapping and level', () => {
    const month = taken(detectMapping(SHEET));
    expect(month.headingIndex).toBe(2);
    expect(month.mapping.level).toBe('month');
    expect(Object.keys(month.mapping.columns)).toHaveLength(17);
    const heading = [
      '营业日期',
      '影院编码',
      '排次号',
      '影厅名称',
      '场次',
      '人次',
      '票房收入（元）',
    ];
    expect(taken(detectMapping([heading])).mapping.level).toBe('screening');
    const fen = ['date', 'cinema', 'film', 'hall', 'sid', 'tickets', 'gross_fen'];
    const detected = taken(detectMapping([fen]));
    expect(detected.mapping).toMatchObject({ level: 'screening', moneyUnit: 'fen' });
    expect(
      codes(
        detectMapping([
          ['a', 'b'],
          ['1', '2'],
        ]),
      ),
    ).toEqual(['unknown_heading']);
    expect(detectMapping([[''], ['foo', 'bar']]).findings[0]!.facts).toEqual({ found: 'foo, bar' });
    const long = detectMapping([['x'.repeat(500)]]).findings[0]!.facts['found'];
    expect(long).toBe(`${'x'.repeat(60)}…`);
    expect(codes(detectMapping([]))).toEqual(['empty_delivery']);
    expect(codes(detectMapping([['', ' ']]))).toEqual(['empty_delivery']);
    expect(codes(detectMapping([['日期', '影院编码', '影片编码']]))).toContain('missing_column');
  });

  it('[BO10] a saved mapping finds moved columns and refuses renamed ones', () => {
    const { mapping } = taken(detectMapping(SHEET));
    const moved = [[...HEADINGS].reverse(), [...GOLDEN].reverse()];
    const record = taken(readDelivery(moved, { mapping })).records[0]!;
    expect(record.shareFen).toBe(30_960n);
    const renamed = [HEADINGS.map((each) => (each === '总票房' ? '收入' : each)), GOLDEN];
    const refusal = readDelivery(renamed, { mapping });
    expect(refusal.findings[0]).toMatchObject({
      code: 'missing_heading',
      facts: { field: 'grossFen', heading: '总票房' },
    });
  });

  it('[BO11] takes all or nothing, or sets faulty rows aside', () => {
    const faulty = [...GOLDEN];
    faulty[10] = '7 yuan';
    faulty[6] = '2020/9/31';
    const rows = [...SHEET, faulty];
    const refusal = readDelivery(rows);
    expect(refusal.ok).toBe(false);
    expect(refusal.findings.filter((each) => each.severity === 'error')).toMatchObject([
      { code: 'invalid_date', at: { row: 5, column: 7, field: 'from' } },
      { code: 'invalid_amount', at: { row: 5, column: 11, field: 'grossFen' } },
    ]);
    const preview = taken(readDelivery(rows, { policy: 'quarantine' }));
    expect(preview.records).toHaveLength(1);
    expect(preview.quarantined).toMatchObject([{ sourceRow: 5 }]);
    expect(preview.quarantined[0]!.raw[10]).toBe('7 yuan');
    expect(preview.totals).toEqual({ rows: 1, grossFen: 72_000n, admissions: 13, screenings: 1 });
    const blank = [...GOLDEN];
    blank[10] = '';
    expect(codes(readDelivery([HEADINGS, blank]))).toContain('missing_value');
    expect(codes(readDelivery([HEADINGS]))).toContain('empty_delivery');
  });

  it('[BO12] keeps source row and raw cells, from GB18030 bytes too', () => {
    const text =
      '放映日期,影院编码,影片编码,总场次,总人次,总票房\n\n2020-08-01,43014301,051400392020,1,13,720.00\n';
    const delivery = taken(readCsvDelivery(utf8(text)));
    expect(delivery.records[0]).toMatchObject({
      level: 'day',
      sourceRow: 3,
      grossFen: 72_000n,
      cinemaCode: '43014301',
      raw: ['2020-08-01', '43014301', '051400392020', '1', '13', '720.00'],
    });
  });

  it('[BO13] finds a repeated row', () => {
    const refusal = readDelivery([...SHEET, GOLDEN]);
    expect(refusal.findings).toMatchObject([
      { code: 'duplicate_row', facts: { firstRow: 4 }, at: { row: 5 } },
    ]);
  });

  it('[BO14] checks the total row against the rows', () => {
    const total = ['合计', '', '', '', '', '', '', '', 1, 13, '720.00'];
    const good = taken(readDelivery([...SHEET, total]));
    expect(good.records).toHaveLength(1);
    expect(good.findings.map((each) => each.code)).toContain('matched_total');
    total[10] = '721.00';
    const bad = taken(readDelivery([...SHEET, total]));
    expect(bad.findings).toMatchObject([
      { code: 'mismatched_total', facts: { said: '721.00', sum: '720.00' } },
    ]);
  });

  it('[BO15] compares a correction with what it corrects', () => {
    const before = taken(readDelivery(SHEET)).records;
    expect(compareDeliveries(before, taken(readDelivery(SHEET)).records)).toEqual([]);
    const changed = [...GOLDEN];
    changed[10] = '760.00';
    const other = [...GOLDEN];
    other[2] = '43014401';
    const after = taken(readDelivery([HEADINGS, changed, other])).records;
    const changes = compareDeliveries(before, after);
    expect(changes.map((each) => [each.kind, each.fields])).toEqual([
      ['changed', ['grossFen']],
      ['added', []],
    ]);
    expect(compareDeliveries(after, before).map((each) => each.kind)).toEqual([
      'changed',
      'removed',
    ]);
  });
});

describe('the monthly sheet', () => {
  const record = () => taken(readDelivery(SHEET)).records[0]!;

  it('[BO16] reads the golden row and writes it back', () => {
    const read = record();
    expect(read).toMatchObject({
      filmCode: '051400392020',
      equipment: 'owned',
      from: '2020-08-01',
      to: '2020-08-31',
      screenings: 1,
      admissions: 13,
      grossFen: 72_000n,
      fundFen: 0n,
      taxFen: 0n,
      netFen: 72_000n,
      shareRate: ratio(43, 100),
      shareFen: 30_960n,
    });
    const sheet = writeMonthSheet('某院线', [read as Required<BoxOfficeRecord>]);
    expect(sheet.headings).toEqual(HEADINGS);
    expect(MONTH_SHEET_COLUMNS).toHaveLength(17);
    const rows = [
      ...sheet.headerBlock.map((pair) => [...pair]),
      sheet.headings,
      ...sheet.rows.map((row) => row.map((cell) => cell.text)),
      sheet.totals.map((cell) => cell.text),
    ];
    const again = taken(readDelivery(rows));
    expect(again.records[0]).toMatchObject({ ...read, sourceRow: 4, raw: expect.anything() });
    expect(again.findings.map((each) => each.code)).toContain('matched_total');
  });

  it('[BO17] recomputes net and share', () => {
    expect(checkMonthSheet([record()])).toEqual([]);
    expect(checkMonthSheet([{ ...record(), netFen: 71_999n }])).toMatchObject([
      { code: 'mismatched_net', facts: { said: '719.99', expected: '720.00' } },
    ]);
    expect(checkMonthSheet([{ ...record(), shareFen: 30_961n }])).toMatchObject([
      { code: 'mismatched_share', facts: { expected: '309.60', difference: '0.01' } },
    ]);
    expect(checkMonthSheet([{ ...record(), shareFen: 30_961n }], { toleranceFen: 1n })).toEqual([]);
  });
});

describe('the feed', () => {
  it('[BO18] reads back what it writes and refuses what it does not know', () => {
    const { records } = taken(readDelivery(SHEET));
    const text = writeFeed({ level: 'month', source: 'circuit' }, records);
    const feed = taken(readFeed(text));
    expect(feed.header).toEqual({ level: 'month', source: 'circuit' });
    expect(feed.records[0]).toMatchObject({ ...records[0], sourceRow: 2, raw: expect.anything() });
    expect(compareDeliveries(records, feed.records)).toEqual([]);
    const header = text.split('\n')[0]!;
    expect(codes(readFeed(`${header}\n{"gross":"1"}`))).toContain('unknown_field');
    expect(codes(readFeed(`${header}\n{"grossFen":1.5}`))).toContain('invalid_feed_value');
    expect(codes(readFeed(`${header}\nnot json`))).toEqual(['invalid_feed_line']);
    expect(codes(readFeed('{}'))).toEqual(['invalid_feed_header']);
    expect(codes(readFeed(`${header}\n{"grossFen":"1"}`))).toContain('missing_value');
    const line = text.split('\n')[1]!;
    const changed = (from: string, to: string) => {
      expect(line).toContain(from);
      return codes(readFeed(`${header}\n${line.replace(from, to)}`));
    };
    expect(changed('"grossFen":"72000"', '"grossFen":""')).toEqual(['missing_value']);
    expect(changed('"to":"2020-08-31"', '"to":"2020-07-31"')).toEqual(['reversed_dates']);
    expect(codes(readFeed(`${header}\n${line}\n${line}`))).toEqual(['duplicate_row']);
  });
});

describe('the package', () => {
  it('[BO19] words every code in both languages', () => {
    const folder = new URL('../src/', import.meta.url);
    const emitted = new Set<string>();
    for (const name of readdirSync(folder)) {
      const source = readFileSync(new URL(name, folder), 'utf8');
      for (const match of source.matchAll(/(?:finding|fault|conspicuous)\(\s*'([a-z_]+)'/g))
        emitted.add(match[1]!);
      for (const match of source.matchAll(/'((?:unknown|invalid)_[a-z_]+)'\)/g))
        emitted.add(match[1]!);
    }
    expect(emitted.size).toBeGreaterThan(20);
    for (const code of emitted) {
      expect(FINDING_TEXTS[code]?.zh, code).toBeTruthy();
      expect(FINDING_TEXTS[code]?.en, code).toBeTruthy();
    }
  });
});
