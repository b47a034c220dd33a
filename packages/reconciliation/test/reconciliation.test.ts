import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { divideRounded, type Outcome } from '@yinglian/core';
import {
  ageing,
  assigneeOf,
  type Book,
  type BookRow,
  carryForward,
  compareLevel,
  type LevelRules,
  compileTwoBooks,
  decide,
  DIFFERENCE_KINDS,
  DIFFERENCE_TEXTS,
  type Difference,
  exactSum,
  type ExpectedReceipt,
  FINDING_TEXTS,
  matchReceipts,
  type Receipt,
  reconcile,
  type ReconciliationRules,
  stateOf,
  type WorkItem,
} from '../src/index.ts';

function taken<Value>(outcome: Outcome<Value>): Value {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.findings));
  return outcome.value;
}

const FOLDER = new URL('../../../../shared/fixtures/settle/recon/', import.meta.url);
const present = existsSync(FOLDER);
if (!present) console.log('skipped: fixtures settle/recon are absent');

type CsvRow = Record<string, string>;
function readCsv(set: string, name: string): CsvRow[] {
  const [head, ...lines] = readFileSync(new URL(`${set}/${name}.csv`, FOLDER), 'utf8')
    .trimEnd()
    .split(/\r?\n/);
  const names = head!.split(',');
  return lines.map((line) =>
    Object.fromEntries(line.split(',').map((cell, i) => [names[i]!, cell])),
  );
}

function book(set: string, source: string): Book {
  const rows = readCsv(set, source).map((row, i): BookRow => ({
    row: `${source}:${i + 2}`,
    date: row['date']!,
    cinemaCode: row['cinema']!,
    ...(row['sid'] === undefined ? {} : { screeningId: row['sid'] }),
    ...(row['film'] === undefined ? {} : { filmCode: row['film'] }),
    ...(row['hall'] === undefined ? {} : { hall: row['hall'] }),
    ...(row['start'] === undefined ? {} : { start: row['start'] }),
    ...(row['tickets'] === undefined
      ? {}
      : { admissions: Number(row['tickets']), grossFen: BigInt(row['gross_fen']!) }),
    ...(row['online_tickets'] === undefined
      ? {}
      : {
          onlineAdmissions: Number(row['online_tickets']),
          onlineGrossFen: BigInt(row['online_gross_fen']!),
        }),
  }));
  return { source, rows };
}

const RULES: ReconciliationRules = {
  reference: 'ticketing',
  equals: [{ source: 'circuit', smallFen: 100n }],
  channels: [{ source: 'online' }],
  playback: [{ source: 'playback' }],
};
const SOURCES = ['ticketing', 'circuit', 'online', 'playback'];

/** The fixture's names for what this package calls by the books. */
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
type Truth = {
  truth: { kind: string; sid?: string; seller?: string; date?: string; delta_fen?: number }[];
};
const truthOf = (set: string) =>
  (JSON.parse(readFileSync(new URL(`${set}/truth.json`, FOLDER), 'utf8')) as Truth).truth;
const lineOf = (kind: string, key: string, deltaFen: bigint | number) =>
  `${kind}|${key}|${deltaFen}`;

function bank(set: string): { expected: ExpectedReceipt[]; receipts: Receipt[] } {
  const days = new Map<string, bigint>();
  for (const row of readCsv(set, 'online')) {
    const id = `${row['seller']} ${row['date']}`;
    days.set(id, (days.get(id) ?? 0n) + BigInt(row['gross_fen']!));
  }
  const expected = [...days].map(([id, gross]) => ({
    id,
    payer: id.split(' ')[0]!,
    date: id.split(' ')[1]!,
    amountFen: gross - divideRounded(gross * 6n, 1000n, 'half_up'),
  }));
  const receipts = readCsv(set, 'bank').map((row) => ({
    id: row['ref']!,
    payer: row['payer']!,
    valueDate: row['value_date']!,
    amountFen: BigInt(row['amount_fen']!),
    reference: row['memo']!.split(' ').slice(0, 2).join(' '),
  }));
  return { expected, receipts };
}

describe.skipIf(!present)('planted differences', () => {
  for (const set of ['a', 'b']) {
    it(`[RC2] set ${set}: five books, exactly what was planted`, () => {
      const { differences } = taken(
        reconcile(
          SOURCES.map((source) => book(set, source)),
          RULES,
        ),
      );
      const { expected, receipts } = bank(set);
      const found = [
        ...differences.map((each) =>
          lineOf(each.kind, each.key, each.kind === 'played_with_zero_sales' ? 0 : each.deltaFen),
        ),
        ...matchReceipts(expected, receipts).differences.map((each) =>
          lineOf(each.kind, each.key, each.deltaFen),
        ),
      ];
      const planted = truthOf(set).map((each) =>
        lineOf(
          KIND_OF[each.kind] ?? each.kind,
          each.sid?.trim() ?? `${each.seller} ${each.date}`,
          each.delta_fen ?? 0,
        ),
      );
      expect(found.sort()).toEqual(planted.sort());
    });
  }

  it('[RC11] the SQL plan finds the same between two books, by checksum first', async () => {
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    for (const set of ['a', 'b']) {
      for (const source of ['ticketing', 'circuit']) {
        const file = new URL(`${set}/${source}.csv`, FOLDER).pathname;
        await connection.run(`CREATE OR REPLACE TABLE ${source} AS
          SELECT sid AS screening_id, "date" AS business_date,
            cinema AS cinema_code, film AS film_code,
            tickets::BIGINT AS admissions, gross_fen::BIGINT AS gross_fen
          FROM read_csv('${file}', all_varchar = true)`);
      }
      const plan = compileTwoBooks({ reference: 'ticketing', other: 'circuit', smallFen: 100n });
      await connection.run(plan.checksum);
      const days = Number(
        (await connection.runAndReadAll('SELECT count(*) FROM differing_days')).getRows()[0]![0],
      );
      const all = Number(
        (
          await connection.runAndReadAll(
            'SELECT count(*) FROM (SELECT DISTINCT cinema_code, business_date FROM ticketing)',
          )
        ).getRows()[0]![0],
      );
      expect(days).toBeLessThan(all);
      const rows = (await connection.runAndReadAll(plan.drill)).getRowObjects();
      const found = rows.map((row) =>
        lineOf(
          String(row['kind']),
          String(row['screening_id']),
          BigInt(row['delta_fen'] as bigint),
        ),
      );
      const books = ['ticketing', 'circuit'].map((source) => book(set, source));
      const { differences } = taken(
        reconcile(books, { reference: 'ticketing', equals: RULES.equals }),
      );
      expect(found.sort()).toEqual(
        differences.map((each) => lineOf(each.kind, each.key, each.deltaFen)).sort(),
      );
    }
  });
});

it('[RC11] a screening reported again on another day is there twice for SQL too', async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const load = (table: string, days: readonly string[]) =>
    connection.run(`CREATE TABLE ${table} AS SELECT 'S1' AS screening_id,
      unnest(${JSON.stringify(days).replaceAll('"', "'")})::DATE AS business_date,
      '43014301' AS cinema_code, '001100012026' AS film_code, 10::BIGINT AS admissions,
      40000::BIGINT AS gross_fen`);
  await load('ticketing', ['2026-03-01']);
  await load('circuit', ['2026-03-01', '2026-03-02']);
  const plan = compileTwoBooks({ reference: 'ticketing', other: 'circuit' });
  await connection.run(plan.checksum);
  const rows = (await connection.runAndReadAll(plan.drill)).getRowObjects();
  expect(rows.map((each) => each['kind'])).toEqual(['duplicate_row']);
});

const row = (changes: Partial<BookRow> = {}): BookRow => ({
  row: 'r',
  date: '2026-03-01',
  cinemaCode: '43014301',
  filmCode: '001100012026',
  hall: '1',
  start: '19:00',
  admissions: 10,
  grossFen: 40_000n,
  ...changes,
});
const two = (
  a: BookRow[],
  b: BookRow[],
  rules: Partial<ReconciliationRules['equals'][number]> = {},
) =>
  taken(
    reconcile(
      [
        { source: 'a', rows: a },
        { source: 'b', rows: b },
      ],
      { reference: 'a', equals: [{ source: 'b', ...rules }] },
    ),
  );
const kinds = (differences: readonly Difference[]) => differences.map((each) => each.kind);

describe('comparison', () => {
  it('[RC1] finds rows by number or by place, and names the evidence', () => {
    const agreed = two(
      [row({ screeningId: ' ab1', row: 'a:2' })],
      [row({ screeningId: 'AB1', row: 'b:9' })],
    );
    expect(kinds(agreed.differences)).toEqual(['id_format_noise']);
    expect(agreed.agreeingRows).toBe(1);
    const placed = two(
      [row({ row: 'a:2' })],
      [row({ row: 'b:9', admissions: 11, grossFen: 44_000n })],
    );
    expect(placed.differences).toMatchObject([
      {
        kind: 'admissions_differ',
        deltaFen: -4000n,
        deltaAdmissions: -1,
        evidence: ['a:2', 'b:9'],
      },
    ]);
    expect(reconcile([], RULES).findings.map((each) => each.code)).toContain('missing_book');
  });

  it('[RC3] tolerance is silent, and two differences stay two', () => {
    const b = row({ grossFen: 40_050n });
    expect(two([row()], [b], { toleranceFen: 50n }).differences).toEqual([]);
    expect(kinds(two([row()], [b], { smallFen: 50n }).differences)).toEqual([
      'gross_differs_small',
    ]);
    expect(kinds(two([row()], [b]).differences)).toEqual(['gross_differs']);
    const plus = row({ start: '21:00', grossFen: 40_100n });
    const minus = row({ grossFen: 39_900n });
    expect(
      two([row(), row({ start: '21:00' })], [minus, plus])
        .differences.map((each) => each.deltaFen)
        .sort(),
    ).toEqual([-100n, 100n]);
  });

  it('[RC4] a spoilt number is found by place and start', () => {
    const found = two(
      [row({ screeningId: 'S1' })],
      [row({ screeningId: 'S-1', admissions: 9, grossFen: 36_000n })],
    );
    expect(kinds(found.differences).sort()).toEqual(['admissions_differ', 'id_format_noise']);
  });

  it('[RC5] what only the playback log knows', () => {
    const played = [row({ row: 'p:1', start: '23:00' }), row({ row: 'p:2' })];
    const run = (other: BookRow[]) =>
      kinds(
        taken(
          reconcile(
            [
              { source: 'a', rows: [row()] },
              { source: 'b', rows: other },
              { source: 'log', rows: played },
            ],
            { reference: 'a', equals: [{ source: 'b' }], playback: [{ source: 'log' }] },
          ),
        ).differences,
      );
    expect(run([row()])).toEqual(['played_but_unreported']);
    expect(run([row(), row({ start: '23:00' })])).toEqual(['unexpected_row']);
  });

  it('[RC14] sellers together cannot exceed the channel, nor sell what nobody knows', () => {
    const sellers = (a: BookRow[], b: BookRow[]) => {
      const books = [
        { source: 'tickets', rows: [row({ screeningId: 'S1', onlineAdmissions: 6 })] },
        { source: 'MY', rows: a },
        { source: 'TPP', rows: b },
      ];
      const channels = [{ source: 'MY' }, { source: 'TPP' }];
      return taken(
        reconcile(books, { reference: 'tickets', equals: [], channels }),
      ).differences.map((each) => [each.kind, each.between[1], each.deltaAdmissions]);
    };
    const sold = (admissions: number, changes: Partial<BookRow> = {}) =>
      row({ screeningId: 'S1', admissions, grossFen: BigInt(admissions), ...changes });
    expect(sellers([sold(3)], [sold(3)])).toEqual([]);
    expect(sellers([sold(4)], [sold(3)])).toEqual([['channel_exceeds', 'MY+TPP', -1]]);
    expect(sellers([sold(7)], [sold(3)])).toEqual([['channel_exceeds', 'MY', -1]]);
    expect(sellers([sold(2, { screeningId: 'S9', start: '21:00' })], [])).toEqual([
      ['unexpected_row', 'MY', -2],
    ]);
    // A seller without numbers is found by the place.
    const { screeningId: _, ...placed } = sold(3);
    expect(sellers([placed], [])).toEqual([]);
  });

  it('[RC15] books without numbers are no noise, and parts of a screening add up', () => {
    const numbered = row({ screeningId: 'S1' });
    expect(two([numbered], [row()])).toMatchObject({ differences: [], agreeingRows: 1 });
    expect(two([row()], [numbered]).differences).toEqual([]);
    const part = (name: string, admissions: number) =>
      row({ screeningId: 'S1', part: name, admissions, grossFen: BigInt(admissions) * 4_000n });
    expect(two([numbered], [part('普通', 7), part('团体', 3)]).differences).toEqual([]);
    const twice = two([numbered], [part('普通', 7), part('团体', 3), part('团体', 3)]);
    expect(kinds(twice.differences)).toEqual(['duplicate_row']);
  });

  it('[RC6] levels side by side', () => {
    const books = [
      { source: 'a', rows: [row(), row({ hall: '2' })] },
      { source: 'b', rows: [row(), row({ hall: '2', admissions: 9 })] },
    ];
    expect(compareLevel(books, 'film')).toMatchObject([{ key: '001100012026', agrees: false }]);
    expect(compareLevel(books, 'hall').map((each) => each.agrees)).toEqual([true, false]);
    expect(compareLevel(books, 'cinema')[0]!.sums['a']).toEqual({
      rows: 2,
      admissions: 20,
      grossFen: 80_000n,
    });
    for (const level of ['day', 'screening'] as const)
      expect(compareLevel(books, level).length).toBeGreaterThan(0);
    // One book knows the circuit; the other's rows of that cinema belong to it all the same.
    const known = books.map(({ source, rows }, i) => ({
      source,
      rows: rows.map((each) => (i === 0 ? { ...each, circuit: '万达' } : each)),
    }));
    expect(compareLevel(known, 'circuit').map((each) => each.key)).toEqual(['001100012026/万达']);
  });
});

describe('levels', () => {
  it('[RC6] parts of a show, tolerance and books of a part', () => {
    const show = row({ screeningId: 'S1', admissions: 10, grossFen: 40_000n });
    const part = (name: string, admissions: number) =>
      row({ screeningId: 'S1', part: name, admissions, grossFen: BigInt(admissions) * 4_000n });
    const books = [
      { source: 'a', rows: [show] },
      { source: 'b', rows: [part('普通', 7), part('团体', 3)] },
    ];
    const agreeing = (rules: LevelRules, given: readonly Book[] = books) =>
      compareLevel(given, 'film', rules).map((each) => each.agrees);
    expect(agreeing({ shows: true })).toEqual([true]);
    const near = [books[0]!, { source: 'b', rows: [{ ...show, grossFen: 40_001n }] }];
    expect(agreeing({}, near)).toEqual([false]);
    expect(agreeing({ toleranceFen: () => 1n }, near)).toEqual([true]);
    const empty = row({ screeningId: 'S2', admissions: 0, grossFen: 0n });
    const fewer = [{ source: 'a', rows: [show, empty] }, books[1]!];
    expect([agreeing({}, fewer), agreeing({ shows: true }, fewer)]).toEqual([[true], [false]]);
    const seller = { source: 's', rows: [part('普通', 5), row({ filmCode: '002100012026' })] };
    expect(agreeing({ partial: ['s'] }, [...books, seller])).toEqual([true, false]);
  });
});

describe('receipts', () => {
  const item = (id: string, amountFen: bigint): ExpectedReceipt => ({
    id,
    payer: 'MY',
    date: '2026-03-01',
    amountFen,
  });
  const came = (id: string, amountFen: bigint, reference?: string): Receipt => ({
    id,
    payer: 'MY',
    valueDate: '2026-03-09',
    amountFen,
    ...(reference === undefined ? {} : { reference }),
  });

  it('[RC7] partial, combined, wrong reference, short, excess, missing, unexpected', () => {
    const match = (expected: ExpectedReceipt[], receipts: Receipt[]) =>
      matchReceipts(expected, receipts).differences.map((each) => [each.kind, each.deltaFen]);
    expect(match([item('d1', 100n)], [came('r', 100n, 'd1')])).toEqual([]);
    expect(match([item('d1', 100n)], [came('r', 90n, 'd1')])).toEqual([['short_receipt', 10n]]);
    expect(match([item('d1', 100n)], [came('r', 110n, 'd1')])).toEqual([['excess_receipt', -10n]]);
    expect(match([item('d1', 100n)], [came('r', 60n, 'd1'), came('s', 40n, 'd1')])).toEqual([
      ['split_receipt', 0n],
    ]);
    expect(
      match([item('d1', 100n), item('d2', 70n)], [came('r', 70n, 'd1'), came('s', 100n, 'd2')]),
    ).toEqual([
      ['wrong_reference', 0n],
      ['wrong_reference', 0n],
    ]);
    expect(match([item('d1', 100n), item('d2', 70n)], [came('r', 170n)])).toEqual([
      ['combined_receipt', 0n],
    ]);
    expect(match([item('d1', 100n)], [came('r', 70n), came('s', 30n)])).toEqual([
      ['split_receipt', 0n],
    ]);
    expect(match([item('d1', 100n)], [])).toEqual([['missing_receipt', 100n]]);
    expect(match([], [came('r', 70n)])).toEqual([['unexpected_receipt', -70n]]);
    expect(exactSum([item('a', 1n), item('b', 2n)], 4n)).toBeUndefined();
  });

  it('[RC16] one transfer for a month of days, and a month in parts of days', () => {
    const days = Array.from({ length: 31 }, (_, i) => ({
      ...item(`d${i + 1}`, 1_000n + BigInt(i) * 37n),
      date: `2026-03-${String(i + 1).padStart(2, '0')}`,
    }));
    const sum = days.reduce((total, each) => total + each.amountFen, 0n);
    const whole = matchReceipts(days, [came('r', sum)]);
    expect(whole.differences.map((each) => each.kind)).toEqual(['combined_receipt']);
    expect(whole.allocations[0]!.expected).toHaveLength(31);
    const week = days.slice(6, 13).reduce((total, each) => total + each.amountFen, 0n);
    const part = matchReceipts(days, [came('r', week)]);
    expect(part.allocations[0]!.expected).toEqual(days.slice(6, 13).map((each) => each.id));
    const split = days.map((each) => ({ ...came(each.id, each.amountFen), valueDate: each.date }));
    expect(matchReceipts([item('month', sum)], split).differences.map((each) => each.kind)).toEqual(
      ['split_receipt'],
    );
  });

  it('[RC8] everything ends in exactly one place', () => {
    const amounts = fc.array(
      fc.record({ fen: fc.integer({ min: 1, max: 30 }), ref: fc.nat({ max: 5 }) }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(amounts, amounts, (left, right) => {
        const expected = left.map(({ fen }, i) => item(`d${i}`, BigInt(fen)));
        const receipts = right.map(({ fen, ref }, i) =>
          came(`r${i}`, BigInt(fen), ref === 5 ? undefined : `d${ref}`),
        );
        const { allocations, differences } = matchReceipts(expected, receipts);
        const loose = differences.filter(
          (each) => each.kind === 'missing_receipt' || each.kind === 'unexpected_receipt',
        );
        const places = [
          ...allocations.flatMap((each) => [...each.expected, ...each.receipts]),
          ...loose.flatMap((each) => each.evidence),
        ];
        expect(places.sort()).toEqual([...expected, ...receipts].map((each) => each.id).sort());
        const delta = differences.reduce((sum, each) => sum + each.deltaFen, 0n);
        const sum = (items: readonly { amountFen: bigint }[]) =>
          items.reduce((total, each) => total + each.amountFen, 0n);
        expect(delta).toBe(sum(expected) - sum(receipts));
      }),
    );
  });
});

describe('the work list', () => {
  const [difference] = two([row()], [row({ grossFen: 30_000n })]).differences;
  const item: WorkItem = { difference: difference!, since: '2026-03-01', decisions: [] };
  const decision = { on: '2026-03-02', by: 'li', comment: 'seen' };

  it('[RC9] decisions are added, say why, and stay while the amount stays', () => {
    const explained = taken(decide(item, { ...decision, to: 'explained', assignee: 'wang' }));
    const closed = taken(decide(explained, { ...decision, to: 'accepted' }));
    expect([stateOf(item), stateOf(explained), stateOf(closed)]).toEqual([
      'open',
      'explained',
      'accepted',
    ]);
    expect(assigneeOf(closed)).toBe('wang');
    const code = (outcome: Outcome<unknown>) => outcome.findings[0]?.code;
    expect(code(decide(closed, { ...decision, to: 'disputed' }))).toBe('invalid_transition');
    expect(code(decide(item, { ...decision, comment: ' ', to: 'accepted' }))).toBe(
      'missing_comment',
    );
    expect(code(decide(item, { ...decision, to: 'adjusted' }))).toBe('missing_adjustment');
    expect(decide(item, { ...decision, to: 'adjusted', adjustment: 'J-1' }).ok).toBe(true);
    const same = carryForward([closed], [difference!], '2026-03-05');
    expect(same.items[0]).toMatchObject({ since: '2026-03-01', decisions: [{}, {}] });
    expect(same.cured).toEqual([]);
    const moved = carryForward([closed], [{ ...difference!, deltaFen: 5n }], '2026-03-05');
    expect(stateOf(moved.items[0]!)).toBe('open');
    expect(carryForward([closed], [], '2026-03-05').cured).toHaveLength(1);
  });

  it('[RC10] open work ages in absolute amounts', () => {
    const other = { ...item, difference: { ...difference!, deltaFen: -difference!.deltaFen } };
    expect(ageing([item, other], '2026-03-20')).toMatchObject([
      { fromDays: 0, items: 0 },
      { fromDays: 8, items: 2, amountFen: 20_000n },
      { items: 0 },
      { items: 0 },
      { items: 0 },
    ]);
    const closed = taken(decide(item, { ...decision, to: 'accepted' }));
    expect(ageing([closed], '2026-03-20').every((each) => each.items === 0)).toBe(true);
  });
});

describe('the package', () => {
  it('[RC12] words every code and kind in both languages', () => {
    const folder = new URL('../src/', import.meta.url);
    for (const name of readdirSync(folder)) {
      const source = readFileSync(new URL(name, folder), 'utf8');
      for (const match of source.matchAll(/finding\(\s*'([a-z_]+)'/g))
        expect(FINDING_TEXTS[match[1]!]?.en, match[1]).toBeTruthy();
    }
    for (const kind of DIFFERENCE_KINDS)
      expect(DIFFERENCE_TEXTS[kind].zh && DIFFERENCE_TEXTS[kind].en).toBeTruthy();
  });
});
