import { describe, expect, it } from 'vitest';
import {
  type BoxOfficeFact,
  changedCase,
  changedInputs,
  parseFactChanges,
  type TheatricalTerms,
  whatIf,
} from '../src/index.ts';
import { CINEMA, codesOf, FILM, taken, terms as domestic } from './support.ts';

const fact = (id: string, changes: Partial<BoxOfficeFact> = {}): BoxOfficeFact => ({
  id,
  date: '2026-03-01',
  filmCode: FILM,
  cinemaCode: CINEMA,
  screenings: 1,
  admissions: 10,
  grossFen: 30_000n,
  ...changes,
});
const caseOf = (facts: readonly BoxOfficeFact[], terms: TheatricalTerms = domestic()) => ({
  terms,
  facts,
  context: {
    period: { from: '2026-03-01', to: '2026-03-31' },
    register: { [CINEMA]: { circuit: '甲院线' } },
  },
});
const thought = (data: object) => taken(parseFactChanges(data));
const grosses = (facts: readonly BoxOfficeFact[], data: object) =>
  taken(changedCase(caseOf(facts), thought(data))).facts.map((each) => each.grossFen);

describe('facts as they might have been', () => {
  it('[ST46] a row of another amount, rows times a part, a row on another day', () => {
    const facts = [fact('a'), fact('b', { date: '2026-03-02', hall: '2' })];
    expect(grosses(facts, { rows: [{ where: { id: 'a' }, grossFen: '12345' }] })).toEqual([
      12_345n,
      30_000n,
    ]);
    const all = { where: { cinemaCode: CINEMA }, times: '90%' };
    expect(grosses(facts, { rows: [all] })).toEqual([27_000n, 27_000n]);
    expect(grosses(facts, { rows: [{ where: { from: '2026-03-02' }, times: '1/3' }] })).toEqual([
      30_000n,
      10_000n,
    ]);
    const week = [fact('w', { lastDate: '2026-03-07', priceFen: 3000n })];
    const moved = [{ where: { id: 'w' }, date: '2026-03-08' }];
    expect(taken(changedCase(caseOf(week), thought({ rows: moved }))).facts).toMatchObject([
      { date: '2026-03-08', lastDate: '2026-03-14', priceFen: 3000n },
    ]);
    // A price of each ticket no longer says what another gross is made of.
    const other = [{ where: { id: 'w' }, times: '50%' }];
    const [half] = taken(changedCase(caseOf(week), thought({ rows: other }))).facts;
    expect(half).not.toHaveProperty('priceFen');
    expect(week[0]!.grossFen).toBe(30_000n);
  });

  it('[ST46] who gains and who loses is told, and both sides add up', () => {
    const facts = [fact('a'), fact('b')];
    const current = caseOf(facts);
    const rows = [{ where: { id: 'a' }, grossFen: '60000' }];
    const changed = taken(changedCase(current, thought({ rows })));
    const { changes } = taken(whatIf(current, changed));
    expect(changes.reduce((left, each) => left + each.differenceFen, 0n)).toBe(30_000n);
    expect(changes.every((each) => each.differenceFen >= 0n)).toBe(true);
  });

  it('[ST46] a city of another class, a cinema that the register knows otherwise', () => {
    const base = {
      cityClasses: { first: ['4301'] },
      otherCities: 'other',
      standards: [
        { id: 's1', cityClass: 'first', minimum: '40' },
        { id: 's2', cityClass: 'other', minimum: '20' },
      ],
    };
    const terms = domestic({ base });
    const current = caseOf([fact('a')], terms);
    const based = (data: object) => {
      const changed = taken(changedCase(current, thought(data)));
      return taken(whatIf(current, changed)).after.lines.map((line) => line.measures.baseFen);
    };
    expect(based({ cinemas: [{ cinemaCode: CINEMA, taxpayer: 'general' }] })).toEqual([40_000n]);
    expect(based({ cities: [{ city: '4301', cityClass: 'other' }] })).toEqual([30_000n]);
    const refused = (data: object) => codesOf(changedCase(current, thought(data)).findings);
    expect(refused({ cities: [{ city: '4301', cityClass: 'none' }] })).toEqual([
      'unknown_city_class',
    ]);
    expect(refused({ cinemas: [{ cinemaCode: '1', circuit: 'x' }] })).toEqual(['unmatched_change']);
  });

  it('[ST46] a change that meets nothing, or amounts of many rows, is refused', () => {
    const refused = (data: object) =>
      codesOf(changedCase(caseOf([fact('a'), fact('b')]), thought(data)).findings);
    expect(refused({ rows: [{ where: { id: 'x' }, times: '90%' }] })).toEqual(['unmatched_change']);
    expect(refused({ rows: [{ where: { id: 'a' } }] })).toEqual(['unmatched_change']);
    expect(refused({ rows: [{ where: {}, grossFen: '1' }] })).toEqual(['ambiguous_change']);
    expect(refused({ records: [{ kind: 'income', key: 'x', amountFen: '1' }] })).toEqual([
      'unmatched_change',
    ]);
    expect(codesOf(parseFactChanges({ rows: [{ where: {}, gross: 1 }] }).findings)).toEqual([
      'invalid_change',
    ]);
  });

  it('[ST46] an income of another amount, an expense on another day', () => {
    const income = {
      kind: 'income' as const,
      key: 'i',
      date: '2026-03-01',
      source: 'theatrical',
      film: 'film',
      amountFen: '100',
    };
    const row = {
      id: 'r',
      date: '2026-03-01',
      filmCode: FILM,
      cinemaCode: CINEMA,
      screenings: '1',
      admissions: '2',
      grossFen: '100',
    };
    const inputs = { records: [income], rows: [row] };
    const changed = taken(
      changedInputs(
        inputs,
        thought({
          records: [{ kind: 'income', key: 'i', amountFen: '250', date: '2026-04-01' }],
          rows: [{ where: { id: 'r' }, times: '3' }],
        }),
      ),
    );
    expect(changed.records).toEqual([{ ...income, amountFen: '250', date: '2026-04-01' }]);
    expect(changed.rows).toEqual([{ ...row, grossFen: '300' }]);
    const other = changedInputs(inputs, thought({ records: [{ kind: 'income', key: 'j' }] }));
    expect(codesOf(other.findings)).toEqual(['unmatched_change']);
  });
});
