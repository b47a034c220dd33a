import { existsSync, readFileSync } from 'node:fs';
import type { Finding, Outcome } from '@yinglian/core';
import {
  type BoxOfficeFact,
  parseTerms,
  type SettleContext,
  type Settlement,
  settleTheatrical,
  type TheatricalTerms,
} from '../src/index.ts';

export function taken<Value>(outcome: Outcome<Value>): Value {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.findings));
  return outcome.value;
}

export const codesOf = (findings: readonly Finding[]) => findings.map((each) => each.code);

/** A fixture's text, or undefined with a printed reason where fixtures are absent. */
export function fixture(path: string): string | undefined {
  const url = new URL(`../../../../shared/fixtures/${path}`, import.meta.url);
  if (existsSync(url)) return readFileSync(url, 'utf8');
  console.log(`skipped: fixture ${path} is absent`);
  return undefined;
}

const name = (text: string) => ({ zh: text, en: text });
const party = (id: string, role = id) => ({ id, role, name: name(id), account: `account/${id}` });

export const PARTIES = [
  party('film_fund'),
  party('tax_office'),
  party('cinema'),
  party('circuit'),
  party('digital'),
  party('distributor'),
  party('producer'),
  party('promoter'),
];

export const FILM = '001100012026';
export const CINEMA = '43014301';

/** Standard domestic terms, to be changed piece by piece in tests. */
export function domestic(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    format: 'yinglian-terms/1',
    kind: 'theatrical',
    id: 'domestic',
    version: '1',
    effective: { from: '2012-01-01' },
    recordedOn: '2012-01-01',
    title: { zh: '国产分账', en: 'Domestic sharing' },
    parties: PARTIES,
    film: { title: { zh: '某片', en: 'A film' }, versions: [{ code: FILM, label: '2D' }] },
    fund: { to: 'film_fund', rates: [{ id: 'standard', rate: '5%' }] },
    vat: {
      to: 'tax_office',
      methods: [{ id: 'simplified', method: 'extracted', rate: '3%', surcharge: '12%' }],
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
    ...changes,
  };
}

export const terms = (changes: Record<string, unknown> = {}): TheatricalTerms =>
  taken(parseTerms(domestic(changes))) as TheatricalTerms;

let serial = 0;
export function fact(grossFen: bigint, changes: Partial<BoxOfficeFact> = {}): BoxOfficeFact {
  return {
    id: `row-${++serial}`,
    date: '2026-03-01',
    filmCode: FILM,
    cinemaCode: CINEMA,
    screenings: 1,
    admissions: 10,
    grossFen,
    ...changes,
  };
}

export const CONTEXT: SettleContext = {
  period: { from: '2026-03-01', to: '2026-03-31' },
  register: {
    [CINEMA]: { circuit: 'circuit-a', equipment: 'owned' },
    '42010101': { circuit: 'circuit-b', equipment: 'leased' },
    '31010101': { circuit: 'circuit-a', equipment: 'leased', taxpayer: 'small_scale' },
  },
};

export function settled(
  used: TheatricalTerms,
  facts: readonly BoxOfficeFact[],
  context: Partial<SettleContext> = {},
): Settlement {
  return taken(settleTheatrical(used, facts, { ...CONTEXT, ...context }));
}

/** Party → fen over all lines, in yuan text being needless here. */
export function byParty(settlement: Settlement): Record<string, bigint> {
  const sums: Record<string, bigint> = {};
  for (const total of settlement.totals) sums[total.party] = (sums[total.party] ?? 0n) + total.fen;
  return sums;
}
