import { describe, expect, it } from 'vitest';
import {
  type PaperLine,
  type PaperStatement,
  paperBlocks,
  statementPaper,
  statementSheet,
} from '../src/index.ts';

const STATEMENT: PaperStatement = {
  termsKind: 'theatrical',
  number: 'S-7',
  party: 'distributor',
  partyName: { zh: '发行方', en: 'Distributor' },
  counterparty: '甲院线',
  from: '2020-08-01',
  to: '2020-08-31',
  issuedAt: null,
  totalFen: '30960',
  account: null,
};
const LINE: PaperLine = {
  number: 1,
  cinemaName: '长沙影城',
  cinemaCode: '43014301',
  filmName: 'IMAX',
  filmCode: '051400392020',
  equipment: 'owned',
  from: '2020-08-01',
  to: '2020-08-31',
  screenings: 1,
  admissions: 13,
  grossFen: '72000',
  fundFen: '0',
  vatMethod: '0',
  taxFen: '0',
  netFen: '72000',
  share: '43/100',
  shareFen: '30960',
  title: null,
  toDateFen: '30960',
  priorFen: '0',
};

describe('a statement on paper', () => {
  it('[BO39] has the 17 columns of the workbook, worded in both languages', () => {
    const sheet = statementSheet(STATEMENT, [LINE], 'zh-CN');
    for (const language of ['zh-CN', 'en'] as const) {
      const paper = statementPaper(STATEMENT, [LINE], language);
      const words = paper.rows[0]!.map((cell) => cell.text.replace('owned', '自购'));
      expect(words).toEqual(sheet.rows[0]!.map((cell) => cell.text));
      expect(paper.headings).toHaveLength(17);
      expect(paper.facts.map(([, value]) => value)).toContain('¥309.60');
      expect(paper.signatures).toHaveLength(2);
      const table = paperBlocks(paper).flatMap((each) =>
        'table' in each ? [each.table!] : [],
      )[0]!;
      expect(table.rows[0]!.slice(8)).toEqual([
        '1',
        '13',
        '720.00',
        '0.00',
        '0%',
        '0.00',
        '720.00',
        '43%',
        '309.60',
      ]);
      expect(table.columns.map((each) => each.figure)).toEqual(
        sheet.rows[0]!.map((cell) => cell.kind === 'number' || cell.kind === 'percent'),
      );
      // Names may break over lines; codes and dates may not.
      expect(table.columns.flatMap((each, index) => (each.words ? [index] : []))).toContain(1);
      expect([2, 4, 6, 7].some((index) => table.columns[index]!.words)).toBe(false);
    }
  });

  it('[BO39] says what is withheld, paid and carried forward, stated to date', () => {
    const account = { withheldFen: '100', payableFen: '200', carriedForwardFen: '300' };
    const title = { zh: '宣发费用', en: 'P&A' };
    const given = { ...STATEMENT, termsKind: 'waterfall', account };
    const paper = statementPaper(given, [{ ...LINE, title, priorFen: '960' }], 'en');
    expect(paper.facts.slice(-3)).toEqual([
      ['Tax withheld', '¥1.00'],
      ['Payable now', '¥2.00'],
      ['Carried forward', '¥3.00'],
    ]);
    expect(paper.rows[0]!.map((cell) => cell.text)).toEqual([
      '1',
      'P&A',
      '2020-08-01',
      '2020-08-31',
      '309.60',
      '9.60',
      '309.60',
    ]);
  });
});
