import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buildPartyStatement,
  checkDerivation,
  checkReplacement,
  inputRowOf,
  NOTHING_STATED,
  parseTerms,
  partiesDue,
  type PartyStatement,
  type PartyStatementBundle,
  type PartyTerms,
  proveMembership,
  readInputTable,
  type SettlementInput,
  settleInputs,
  type SettlementInputs,
  settlementInputSchema,
  type StatedBefore,
  toJson,
  verifyBundle,
} from '../src/index.ts';
import { cryptography } from './cryptography.ts';
import { codesOf, fact, FILM, PARTIES, taken } from './support.ts';

const HEAD = {
  format: 'yinglian-terms/1',
  version: '1',
  effective: { from: '2026-01-01' },
  recordedOn: '2026-01-01',
  title: { zh: '条款', en: 'Terms' },
  parties: [
    ...PARTIES,
    { id: 'platform', role: 'platform', name: { zh: '平台', en: 'Platform' }, account: 'p' },
    { id: 'investor', role: 'investor', name: { zh: '投资方', en: 'Investor' }, account: 'i' },
  ],
};
const read = (changes: object): PartyTerms => {
  const terms = taken(parseTerms({ ...HEAD, ...changes }));
  if (terms.kind === 'theatrical') throw new Error('kind');
  return terms;
};
/** 10 % fee, expenses to the distributor, 110 % to the investor, the rest 60/40. */
const WATERFALL = read({
  kind: 'waterfall',
  id: 'producer',
  films: ['film'],
  steps: [
    { id: 'commission', kind: 'fee', to: 'distributor', rate: '10%' },
    { id: 'costs', kind: 'recoup', takers: [{ to: 'distributor', expenses: ['pa'] }] },
    {
      id: 'investment',
      kind: 'recoup',
      takers: [{ to: 'investor', amount: '1000', premium: '110%' }],
    },
    {
      id: 'profit',
      kind: 'split',
      shares: [
        { to: 'producer', share: '60%' },
        { to: 'investor', share: '40%' },
      ],
    },
  ],
  obligations: [
    { id: 'guarantee', from: 'distributor', to: 'producer', amount: '500', dueOn: '2026-02-15' },
  ],
  withholding: [{ id: 'tax', party: 'investor', to: 'tax_office', rate: '10%' }],
  payment: { threshold: '100' },
});
const RENTAL = read({
  kind: 'rental',
  id: 'rental',
  exhibitor: 'cinema',
  distributor: 'distributor',
  start: '2026-03-06',
  film: { title: { zh: '片', en: 'film' }, versions: [{ code: FILM, label: '2D' }] },
  clauses: [{ id: 'all', method: { kind: 'sliding', weeks: ['60%', '50%'] } }],
});
const STREAMING = read({
  kind: 'streaming',
  id: 'iqiyi',
  platform: 'platform',
  licensor: 'producer',
  release: '2026-01-15',
  windowDays: '180',
  components: [
    {
      component: {
        kind: 'income',
        id: 'net',
        incomes: ['member', 'ads'],
        mode: 'marginal',
        tiers: [
          { above: '0', share: '80%' },
          { above: '1000000', share: '100%' },
          { above: '5000000', share: '120%' },
        ],
      },
    },
  ],
});

const income = (key: string, date: string, yuan: number): SettlementInput => ({
  kind: 'income',
  key,
  date,
  source: 'theatrical',
  film: 'film',
  amountFen: String(yuan * 100),
});
const spent: SettlementInput = {
  kind: 'expense',
  key: 'e1',
  date: '2026-01-05',
  account: 'pa',
  amountFen: '30000',
};
const inputs = (...records: SettlementInput[]): SettlementInputs => ({ records, rows: [] });
const FEBRUARY = { from: '2026-02-01', to: '2026-02-28' };
const MARCH = { from: '2026-03-01', to: '2026-03-31' };

function draw(
  terms: PartyTerms,
  given: SettlementInputs,
  period: { from: string; to: string },
  selection: { party: string; circuit?: string },
  stated: StatedBefore = NOTHING_STATED,
) {
  const settlement = taken(settleInputs(terms, given, period));
  const nonce = 'ab'.repeat(16);
  const id = `S-${selection.party}`;
  return buildPartyStatement(settlement, given, { id, nonce, ...selection }, stated, cryptography);
}

function bundleOf(terms: PartyTerms, drawn: ReturnType<typeof draw>): PartyStatementBundle {
  const { statement, inputs: own } = drawn;
  const { proofs } = proveMembership([statement, { other: 'leaf' }], cryptography);
  return {
    format: 'yinglian-party-statement-bundle/1',
    statement,
    terms,
    inputs: own,
    proof: proofs[0]!,
  };
}

const statedBy = ({ lines, account }: PartyStatement): StatedBefore => ({
  lines: new Map(lines.map((line) => [line.id, BigInt(line.toDateFen)])),
  withheldFen: BigInt(account.withheldToDateFen),
  paidFen: BigInt(account.paidFen) + BigInt(account.payableFen),
});

const verified = (data: unknown) => {
  const outcome = verifyBundle(JSON.parse(JSON.stringify(toJson(data))), cryptography);
  return { ok: outcome.ok, codes: codesOf(outcome.findings) };
};

describe('statements of a party', () => {
  it('[SP1] states steps, guarantee, withholding to their party; the receiver recomputes', () => {
    // 2,000 in: 200 fee, 300 expenses, 1,100 to the investor, 400 split 240/160.
    const given = inputs(income('a', '2026-02-10', 2000), spent);
    const producer = draw(WATERFALL, given, FEBRUARY, { party: 'producer' });
    expect(producer.statement.lines.map((line) => [line.id, line.fen])).toEqual([
      ['profit/producer', '24000'],
      ['obligation/guarantee', '50000'],
    ]);
    expect(producer.statement.totalFen).toBe('74000');
    const investor = draw(WATERFALL, given, FEBRUARY, { party: 'investor' }).statement;
    expect(investor.totalFen).toBe('126000');
    expect(investor.account).toEqual({
      withheldToDateFen: '12600',
      withheldPriorFen: '0',
      paidFen: '0',
      payableFen: '113400',
      carriedForwardFen: '0',
    });
    const tax = draw(WATERFALL, given, FEBRUARY, { party: 'tax_office' }).statement;
    expect(tax.lines.map((line) => [line.id, line.fen])).toEqual([['withholding/tax', '12600']]);
    const settlement = taken(settleInputs(WATERFALL, given, FEBRUARY));
    expect(partiesDue(settlement)).toEqual(['tax_office', 'distributor', 'producer', 'investor']);
    for (const party of partiesDue(settlement)) {
      const drawn = draw(WATERFALL, given, FEBRUARY, { party });
      for (const { derivation } of drawn.lines) expect(checkDerivation(derivation)).toEqual([]);
      expect(verified(bundleOf(WATERFALL, drawn))).toEqual({
        ok: true,
        codes: ['unpublished_root'],
      });
    }
  });

  it('[SP2] finds any changed figure, input, term, path, and a line that was left out', () => {
    const drawn = draw(WATERFALL, inputs(income('a', '2026-02-10', 2000), spent), FEBRUARY, {
      party: 'producer',
    });
    const whole = bundleOf(WATERFALL, drawn);
    const { statement } = whole;
    const line = statement.lines[0]!;
    const forged: [string, object][] = [
      ['figure', { ...whole, statement: { ...statement, lines: [{ ...line, fen: '24001' }] } }],
      ['total', { ...whole, statement: { ...statement, totalFen: '1' } }],
      ['left out', { ...whole, statement: { ...statement, lines: [line] } }],
      ['party', { ...whole, statement: { ...statement, party: 'investor' } }],
      ['input', { ...whole, inputs: inputs(income('a', '2026-02-10', 1999), spent) }],
      ['more input', { ...whole, inputs: inputs(...whole.inputs.records, { ...spent, key: 'x' }) }],
      ['term', { ...whole, terms: { ...WATERFALL, payment: { threshold: '0' } } }],
      ['path', { ...whole, proof: { ...whole.proof!, root: '00'.repeat(32) } }],
      ['other kind', { ...whole, terms: STREAMING }],
      ['nothing', {}],
    ];
    for (const [name, data] of forged) {
      expect([name, verified(data).ok]).toEqual([name, false]);
    }
  });

  it('[SP3] states nothing twice: later sums come as differences, gone ones as negatives', () => {
    const before = inputs(income('a', '2026-02-10', 2000), spent);
    const first = draw(WATERFALL, before, FEBRUARY, { party: 'investor' }).statement;
    const same = draw(WATERFALL, before, MARCH, { party: 'investor' }, statedBy(first)).statement;
    expect(same.totalFen).toBe('0');
    expect(same.account.payableFen).toBe('0');
    const late = inputs(...before.records, income('b', '2026-02-20', 100));
    const second = draw(WATERFALL, late, MARCH, { party: 'investor' }, statedBy(first));
    // 100 more: 10 fee, 90 split; the investor's 36 less 3.60 wait for the threshold of 100.
    expect(second.statement.totalFen).toBe('3600');
    expect(second.statement.account).toMatchObject({ payableFen: '0', carriedForwardFen: '3240' });
    expect(verified(bundleOf(WATERFALL, second)).ok).toBe(true);
    const gone = draw(WATERFALL, inputs(spent), MARCH, { party: 'investor' }, statedBy(first));
    expect(gone.statement.totalFen).toBe('-126000');
    expect(verified(bundleOf(WATERFALL, gone)).ok).toBe(true);
  });

  it('[SP3] statements one after the other add up to one statement of all', () => {
    const amounts = fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(amounts, (sums) => {
        const all = sums.map((sum, i) => income(`i${i}`, `2026-0${i + 1}-10`, sum));
        for (const party of ['producer', 'investor', 'distributor']) {
          let stated = NOTHING_STATED;
          let total = 0n;
          let paid = 0n;
          for (const i of all.keys()) {
            const month = { from: `2026-0${i + 1}-01`, to: `2026-0${i + 1}-28` };
            const given = inputs(...all.slice(0, i + 1), spent);
            const { statement } = draw(WATERFALL, given, month, { party }, stated);
            total += BigInt(statement.totalFen);
            paid += BigInt(statement.account.payableFen);
            stated = statedBy(statement);
          }
          const last = { from: '2026-01-01', to: `2026-0${all.length}-28` };
          const once = draw(WATERFALL, inputs(...all, spent), last, { party }).statement;
          expect(total).toBe(BigInt(once.totalFen));
          const { withheldToDateFen, payableFen, carriedForwardFen } = once.account;
          expect(BigInt(payableFen) + BigInt(carriedForwardFen)).toBe(
            total - BigInt(withheldToDateFen),
          );
          expect(paid).toBeLessThanOrEqual(total - BigInt(withheldToDateFen));
        }
      }),
      { numRuns: 25 },
    );
  });

  it('[SP4] states the rental of one circuit from its own rows alone', () => {
    const rows = [
      inputRowOf(fact(100_000n, { date: '2026-03-06' }), 'a'),
      inputRowOf(fact(50_000n, { date: '2026-03-14' }), 'a'),
      inputRowOf(fact(70_000n, { date: '2026-03-07', cinemaCode: '31010101' }), 'b'),
    ];
    const given = { records: [], rows };
    const drawn = draw(RENTAL, given, MARCH, { party: 'distributor', circuit: 'a' });
    expect(drawn.statement.lines.map((line) => [line.week, line.fen])).toEqual([
      ['1', '60000'],
      ['2', '25000'],
    ]);
    expect(JSON.stringify(toJson(bundleOf(RENTAL, drawn)))).not.toContain('31010101');
    expect(verified(bundleOf(RENTAL, drawn)).ok).toBe(true);
    const whole = draw(RENTAL, given, MARCH, { party: 'distributor' });
    expect(whole.statement.totalFen).toBe('127000');
    // A percentage agreed after the run restates what was stated.
    const agreed = {
      records: [
        { kind: 'engagement', key: 'x', cinemaCode: '31010101', agreedRate: '40%' },
      ] as const,
      rows,
    };
    const again = draw(
      RENTAL,
      { ...agreed, records: [...agreed.records] },
      MARCH,
      { party: 'distributor' },
      statedBy(whole.statement),
    );
    expect(again.statement.totalFen).toBe(String((70_000n * 40n) / 100n - 42_000n));
    expect(verified(bundleOf(RENTAL, again)).ok).toBe(true);
  });

  it('[SP5] states the licensor’s share of a platform’s net income: 8 m gives 8.4 m', () => {
    const given = inputs(
      {
        kind: 'usage',
        key: 'u1',
        date: '2026-02-01',
        incomesFen: { member: '700000000', ads: '100000000' },
      },
      { kind: 'usage', key: 'u2', date: '2026-09-01', incomesFen: { member: '99' } },
    );
    const drawn = draw(STREAMING, given, MARCH, { party: 'producer' });
    expect(drawn.statement.totalFen).toBe('840000000');
    expect(verified(bundleOf(STREAMING, drawn)).ok).toBe(true);
  });
});

describe('tables of inputs', () => {
  it('[SP6] reads headings in both languages, yuan, hours, named incomes', () => {
    const incomes = taken(
      readInputTable('income', [
        ['编号', '日期', '来源', '影片', '金额', '票房', '人次'],
        ['甲-1', '2026年3月5日', '院线', 'film', '1,234.56', '￥9,000', '1,200'],
        ['', '', '', '', '', '', ''],
        ['甲-2', '20260306', '院线', 'film', '-34.50', '', ''],
      ]),
    );
    expect(incomes).toEqual([
      {
        kind: 'income',
        key: '甲-1',
        date: '2026-03-05',
        source: '院线',
        film: 'film',
        amountFen: '123456',
        grossFen: '900000',
        admissions: '1200',
      },
      {
        kind: 'income',
        key: '甲-2',
        date: '2026-03-06',
        source: '院线',
        film: 'film',
        amountFen: '-3450',
      },
    ]);
    const [usage] = taken(
      readInputTable('usage', [
        ['Date', 'Hours', 'Views', 'income:member'],
        ['2026/3/1', '1.5', '12', '8.00'],
      ]),
    );
    expect(usage).toMatchObject({
      key: '2026-03-01',
      minutes: '90',
      views: '12',
      incomesFen: { member: '800' },
    });
  });

  it('[SP7] knows rows without a key by what they speak of', () => {
    const rates = readInputTable('rate', [
      ['日期', '来源', '币种', '汇率'],
      ['2026-03-05', 'boc', 'USD', '7.1'],
      ['2026-03-05', 'boc', 'EUR', '7.9'],
    ]);
    expect(taken(rates).map((each) => each.key)).toEqual([
      'boc/USD/2026-03-05',
      'boc/EUR/2026-03-05',
    ]);
    const payment = (key: string) =>
      taken(
        readInputTable('income', [
          ['编号', '日期', '来源', '影片', '金额'],
          [key, '2026-03-05', '院线', 'film', '10'],
        ]),
      )[0]!;
    const before = payment('');
    expect(codesOf(checkReplacement(payment(''), before))).toEqual(['replaced_payment']);
    expect(checkReplacement(payment('甲-1'), before)).toEqual([]);
    expect(checkReplacement(payment(''), undefined)).toEqual([]);
  });

  it('[SP6] says which cell is wrong, and takes nothing of a file that has a fault', () => {
    const refused = readInputTable('expense', [
      ['key', 'date', 'account', 'amount', 'colour'],
      ['a', '2026-02-30', 'pa', '1.234', 'red'],
      ['b', '2026-02-01', 'pa', '1', ''],
      ['b', '2026-02-01', 'pa', '2', ''],
    ]);
    expect(refused.ok).toBe(false);
    expect(
      refused.findings.map((each) => [each.code, each.facts['field'] ?? '', each.at['row'] ?? 0]),
    ).toEqual([
      ['unknown_column', '', 0],
      ['invalid_cell', 'date', 2],
      ['invalid_cell', 'amountFen', 2],
      ['duplicate_record', '', 4],
    ]);
    expect(codesOf(readInputTable('usage', [['date']]).findings)).toEqual(['empty_table']);
    const many = Array.from({ length: 100_002 }, () => ['x']);
    expect(codesOf(readInputTable('usage', many).findings)).toEqual(['excessive_rows']);
  });

  it('[SP6] survives any table; what it accepts is a record', () => {
    const cell = fc.oneof(fc.string(), fc.constantFrom('key', '日期', '金额', '2026-01-01', '1.5'));
    fc.assert(
      fc.property(
        fc.constantFrom('income', 'expense', 'usage', 'book', 'rate', 'engagement'),
        fc.array(fc.array(cell, { maxLength: 8 }), { maxLength: 6 }),
        (kind, table) => {
          const outcome = readInputTable(kind as SettlementInput['kind'], table);
          if (outcome.ok)
            for (const each of outcome.value)
              expect(settlementInputSchema.safeParse(each).success).toBe(true);
          else expect(outcome.findings.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 200 },
    );
  });
});
