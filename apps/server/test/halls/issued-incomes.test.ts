import { describe, expect, it } from 'vitest';
import { type Issued, issuedIncomes } from '../../src/settlement/issued-incomes.ts';

const JULY = { first_date: '2026-07-01', last_date: '2026-07-31' };
const SUMMER = { first_date: '2026-07-01', last_date: '2026-08-31' };
const statement = (number: string, changes: Partial<Issued>): Issued => ({
  id: number,
  number,
  film_id: 'film',
  kind: 'circuit',
  terms_kind: 'theatrical',
  counterparty: '某院线',
  ...JULY,
  total_fen: 1_000n,
  gross_fen: 3_000n,
  admissions: '30',
  conceded: '0',
  circuits: null,
  ...changes,
});
const whole = (changes: Partial<Issued> = {}) =>
  statement('W', {
    kind: 'distributor',
    counterparty: null,
    total_fen: 5_000n,
    circuits: [
      { circuit: '某院线', fen: '1000', gross: '3000', admissions: '30' },
      { circuit: '别家', fen: '4000', gross: '9000', admissions: '90' },
    ],
    ...changes,
  });
const made = (...issued: Issued[]) => {
  const { incomes, statementIds, findings } = issuedIncomes(issued, () => '某片');
  return {
    sums: Object.fromEntries(
      incomes.map((each) => [each.key, 'amountFen' in each ? each.amountFen : '']),
    ),
    statementIds,
    codes: findings.map((each) => each.code),
  };
};

describe('issued statements as incomes', () => {
  it('[HQ10] takes off what was conceded on a sheet whose days another statement states', () => {
    expect(made(statement('S', { conceded: '200' }), whole())).toEqual({
      sums: { 'conceded/S': '-200', 'statement/W': '5000' },
      statementIds: ['S', 'W'],
      codes: [],
    });
    expect(made(statement('S', {}))).toMatchObject({ sums: { 'statement/S': '1000' } });
  });

  it('[HQ10] counts the days of a sheet that no other statement states', () => {
    const sheet = statement('S', { ...SUMMER, total_fen: 1_700n });
    const late = statement('S2', { ...SUMMER, total_fen: 50n });
    expect(made(sheet, late, whole()).sums).toEqual({
      'statement/S': '1700',
      'covered/W/某院线': '-1000',
      'statement/S2': '50',
      'statement/W': '5000',
    });
    const august = whole({ number: 'A', first_date: '2026-08-01', last_date: '2026-08-31' });
    expect(made(sheet, whole(), august).sums).toEqual({
      'statement/W': '5000',
      'statement/A': '5000',
    });
    const crossing = whole({ first_date: '2026-06-01' });
    expect(made(sheet, crossing)).toEqual({
      sums: { 'statement/W': '5000' },
      statementIds: ['W'],
      codes: ['crossing_statement'],
    });
  });
});
