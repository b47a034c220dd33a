import {
  divideRounded,
  formatRatio,
  formatYuan,
  multiplyRatio,
  parseYuan,
  type Ratio,
  ratio,
  ZERO,
} from '@yinglian/core';
import type {
  Ladder,
  Scope,
  Share,
  Split,
  SplitClause,
  TheatricalTerms,
} from '../terms/theatrical.ts';
import { nodeDerivations } from '../theatrical/explain.ts';
import { type PlanNode, type Profile, vatCoefficient } from '../theatrical/plan.ts';
import type { Site } from '../theatrical/choose.ts';
import { isUnresolved, orderedSplits, resolverFromSchedules } from '../theatrical/resolver.ts';
import { roundParts } from '../theatrical/rounding.ts';
import { type Locale, say } from './phrases.ts';

/** A page an accountant can sign: headings with their sentences, in the order of the money. */
export type RenderedTerms = {
  readonly title: string;
  readonly sections: readonly RenderedSection[];
};
/** One heading with the sentences under it. */
export type RenderedSection = {
  readonly heading: string;
  /** The clause that the sentences say, where they say one. */
  readonly clause?: string;
  readonly sentences: readonly string[];
};

/** The terms in plain words, with worked examples computed by the same interpreter. */
export function renderTheatrical(terms: TheatricalTerms, locale: Locale): RenderedTerms {
  const { effective } = terms;
  const inForce =
    effective.to === undefined
      ? say(locale, 'effective_open', { from: effective.from })
      : say(locale, 'effective', { from: effective.from, to: effective.to });
  const versions = terms.film.versions.map((each) => `${each.label} ${each.code}`);
  return {
    title: say(locale, 'title', {
      title: local(terms.title, locale),
      id: terms.id,
      version: terms.version,
    }),
    sections: [
      {
        heading: local(terms.film.title, locale),
        sentences: [
          inForce,
          say(locale, 'film', {
            title: local(terms.film.title, locale),
            versions: list(versions, locale),
          }),
          ...(terms.note === undefined ? [] : [terms.note]),
        ],
      },
      partiesSection(terms, locale),
      baseSection(terms, locale),
      deductionsSection(terms, locale),
      ...orderedSplits(terms.splits).map((split) => splitSection(terms, split, locale)),
      roundingSection(terms, locale),
      ...exampleSections(terms, locale),
    ],
  };
}

/** The page as plain text. */
export function renderedText(rendered: RenderedTerms): string {
  const sections = rendered.sections.map(
    ({ heading, sentences }) => `${heading}\n${sentences.map((each) => `  ${each}`).join('\n')}`,
  );
  return `${[rendered.title, ...sections].join('\n\n')}\n`;
}

const local = (text: { zh: string; en: string }, locale: Locale) =>
  locale === 'en' ? text.en : text.zh;
const list = (items: readonly string[], locale: Locale) => items.join(say(locale, 'colon'));

function partyName(terms: TheatricalTerms, id: string, locale: Locale): string {
  const party = terms.parties.find((each) => each.id === id);
  return party === undefined ? say(locale, 'pool_name', { pool: id }) : local(party.name, locale);
}

function amountName(terms: TheatricalTerms, id: string, locale: Locale): string {
  if (id === 'gross' || id === 'base') return say(locale, 'gross_name');
  return id === 'net' ? say(locale, 'net_name') : partyName(terms, id, locale);
}

function partiesSection(terms: TheatricalTerms, locale: Locale): RenderedSection {
  return {
    heading: say(locale, 'parties'),
    sentences: terms.parties.map((party) => {
      const name = local(party.name, locale);
      return party.account === undefined
        ? say(locale, 'party_bare', { name, id: party.id })
        : say(locale, 'party', { name, id: party.id, account: party.account });
    }),
  };
}

function dates(
  each: { from?: string | undefined; to?: string | undefined },
  locale: Locale,
): string {
  const { from, to } = each;
  if (from !== undefined && to !== undefined) return say(locale, 'dates_between', { from, to });
  if (from !== undefined) return say(locale, 'dates_from', { from });
  return to === undefined ? '' : say(locale, 'dates_to', { to });
}

function baseSection(terms: TheatricalTerms, locale: Locale): RenderedSection {
  const { base } = terms;
  const sentences = [
    say(locale, 'base_gross'),
    say(locale, base.serviceFee === 'outside' ? 'fee_outside' : 'fee_inside'),
  ];
  for (const price of base.ticketPrices ?? []) {
    sentences.push(
      say(locale, `ticket_${price.method}`, {
        types: list(price.types, locale),
        versions: price.versions === undefined ? '' : ` ${list(price.versions, locale)}`,
        dates: dates(price, locale),
        amount: price.amount,
        standard: price.standard === 'exempt' ? say(locale, 'ticket_exempt') : '',
      }),
    );
  }
  for (const standard of base.standards) {
    const versions = standard.versions === undefined ? '' : ` ${list(standard.versions, locale)}`;
    sentences.push(
      say(locale, 'standard', {
        class: standard.cityClass,
        versions,
        dates: dates(standard, locale),
        minimum: standard.minimum,
      }),
    );
  }
  for (const [name, cities] of Object.entries(base.cityClasses)) {
    sentences.push(
      say(locale, 'cities', { class: name, cities: list(cities, locale), other: base.otherCities }),
    );
  }
  if (base.topUpBy !== undefined) {
    sentences.push(say(locale, 'top_up', { party: partyName(terms, base.topUpBy, locale) }));
  }
  if (base.excludedTicketTypes.length > 0) {
    sentences.push(say(locale, 'excluded', { types: list(base.excludedTicketTypes, locale) }));
  }
  return { heading: say(locale, 'base'), clause: 'base', sentences };
}

function deductionsSection(terms: TheatricalTerms, locale: Locale): RenderedSection {
  const sentences: string[] = [];
  for (const rate of terms.fund?.rates ?? []) {
    sentences.push(
      say(locale, 'fund', {
        rate: rate.rate,
        where: where(rate, locale),
        dates: dates(rate, locale),
        party: partyName(terms, terms.fund!.to, locale),
      }),
    );
  }
  for (const method of terms.vat?.methods ?? []) {
    const name = method.method === 'small_scale' ? 'extracted' : method.method;
    sentences.push(
      say(locale, `vat_${name}`, {
        rate: method.rate,
        surcharge: method.surcharge,
        coefficient: formatRatio(vatCoefficient(method, ZERO)),
        where: where(method, locale),
        dates: dates(method, locale),
        party: partyName(terms, terms.vat!.to, locale),
      }),
    );
  }
  sentences.push(say(locale, 'net'));
  return { heading: say(locale, 'deductions'), sentences };
}

type Restricted = Scope & { taxpayer?: 'general' | 'small_scale' | undefined };

function conditions(when: Restricted, locale: Locale): string[] {
  const found: string[] = [];
  if (when.equipment !== undefined) found.push(say(locale, when.equipment));
  if (when.taxpayer !== undefined) found.push(say(locale, when.taxpayer));
  for (const name of ['versions', 'circuits', 'cinemas', 'halls', 'provinces'] as const) {
    const items = when[name];
    if (items !== undefined) found.push(say(locale, name, { list: list(items, locale) }));
  }
  return found;
}

function where(when: Restricted, locale: Locale): string {
  const found = conditions(when, locale);
  return found.length === 0 ? '' : say(locale, 'in_scope', { conditions: list(found, locale) });
}

function splitSection(terms: TheatricalTerms, split: Split, locale: Locale): RenderedSection {
  const amount = amountName(terms, split.of, locale);
  const sentences = split.clauses.flatMap((clause) =>
    clauseSentences(terms, split, clause, locale),
  );
  if (split.total !== '100%') sentences.push(say(locale, 'total_declared', { total: split.total }));
  sentences.push(say(locale, `segments_${terms.segments.outside}`));
  return { heading: say(locale, 'split', { amount, id: split.id }), clause: split.id, sentences };
}

function clauseSentences(
  terms: TheatricalTerms,
  split: Split,
  clause: SplitClause,
  locale: Locale,
): string[] {
  const id = `${split.id}:${clause.id}`;
  const when = [
    ...conditions(clause.when, locale),
    dates(clause.when, locale).replace(/^(?:，|, )/, ''),
  ].filter((each) => each !== '');
  const head =
    when.length === 0
      ? say(locale, 'when_all', { id })
      : say(locale, 'when', { id, conditions: list(when, locale) });
  const ordered = [...clause.shares].sort(
    (a, b) => Number(a.share === 'rest') - Number(b.share === 'rest'),
  );
  return [head, ...ordered.map((share) => shareSentence(terms, split, share, locale))];
}

function shareSentence(terms: TheatricalTerms, split: Split, share: Share, locale: Locale): string {
  const to = partyName(terms, share.to, locale);
  const of = amountName(terms, share.of ?? split.of, locale);
  const cap =
    (share.cap === undefined ? '' : say(locale, 'cap', { cap: share.cap })) +
    (share.floor === undefined ? '' : say(locale, 'floor', { floor: share.floor }));
  if (share.share === 'rest') return say(locale, 'share_rest', { to });
  if (share.perTicket !== undefined)
    return say(locale, 'share_ticket', { to, yuan: share.perTicket, cap });
  if (share.ladder !== undefined) {
    return say(locale, 'share_ladder', { to, of, cap, ...ladderWords(share.ladder, locale) });
  }
  return say(locale, 'share', { to, of, rate: share.share!, cap });
}

function ladderWords(ladder: Ladder, locale: Locale) {
  const threshold =
    ladder.threshold ?? (ladder.mode === 'switch_next_day' ? 'reached' : 'exceeded');
  const word = say(locale, threshold);
  const tiers = ladder.tiers.map((tier, index) =>
    index === 0
      ? say(locale, 'tier_first', { share: tier.share })
      : say(locale, 'tier', { above: tier.above, word, share: tier.share }),
  );
  return {
    tiers: list(tiers, locale),
    mode: say(locale, `mode_${ladder.mode}`),
    book: ladder.book === 'facts' ? say(locale, 'book_facts') : ladder.book,
    measure: say(locale, `measure_${ladder.measure}`),
  };
}

function roundingSection(terms: TheatricalTerms, locale: Locale): RenderedSection {
  const { place, method, mode, tail, tailParty, periods } = terms.rounding;
  const tailWords =
    method === 'allocation'
      ? say(locale, `tail_${tail}`)
      : tailParty === undefined
        ? say(locale, 'tail_shown')
        : say(locale, 'tail_party', { party: partyName(terms, tailParty, locale) });
  return {
    heading: say(locale, 'rounding'),
    clause: 'rounding',
    sentences: [
      say(locale, `rounding_${method}`, {
        place: say(locale, `rounding_place_${place}`),
        mode: say(locale, `mode_${mode}`),
        tail: tailWords,
      }),
      say(locale, `periods_${periods}`),
    ],
  };
}

const EXAMPLES_MAX = 24;
const EXAMPLE_GROSS = '10000.00';
const EXAMPLE_ADMISSIONS = 250n;

/** One example for each clause of the first split, so that every case is seen with figures. */
function exampleSections(terms: TheatricalTerms, locale: Locale): RenderedSection[] {
  const first = orderedSplits(terms.splits)[0];
  if (first === undefined) return [];
  const resolver = resolverFromSchedules(terms, new Map());
  return first.clauses.slice(0, EXAMPLES_MAX).flatMap((clause) => {
    const profile = resolver.profileAt(
      exampleSite(terms, clause),
      clause.when.from ?? terms.effective.from,
    );
    return isUnresolved(profile)
      ? []
      : [exampleSection(terms, { clause, profile, id: first.id }, locale)];
  });
}

function exampleSite(terms: TheatricalTerms, { when }: SplitClause): Site {
  const version = when.versions?.[0] ?? terms.film.versions[0]!.label;
  return {
    filmCode: terms.film.versions.find((each) => each.label === version)?.code ?? '',
    version,
    cinemaCode: when.cinemas?.[0] ?? `${when.provinces?.[0] ?? '43'}000001`,
    hall: when.halls?.[0],
    equipment: when.equipment ?? 'owned',
    circuit: when.circuits?.[0] ?? '',
    province: when.provinces?.[0] ?? '43',
    taxpayer: 'general',
  };
}

type Example = { clause: SplitClause; profile: Profile; id: string };

function exampleSection(
  terms: TheatricalTerms,
  { clause, profile, id }: Example,
  locale: Locale,
): RenderedSection {
  const baseFen = parseYuan(EXAMPLE_GROSS)!;
  const measures = { screenings: 1n, admissions: EXAMPLE_ADMISSIONS, grossFen: baseFen, baseFen };
  const values = nodeDerivations(profile, { ...terms.rounding, method: 'allocation' }, measures);
  const rounded = roundParts(profile, baseFen, EXAMPLE_ADMISSIONS, terms.rounding);
  const sentences = profile.nodes.flatMap((node) => {
    if (node.op === 'base') return [];
    const exact = values.get(node.id)!.value;
    const terminal = profile.terminals.findIndex((each) => each.node === node.id);
    const facts = {
      name: nodeName(terms, node, locale),
      formula: formula(node, values),
      exact: decimalYuan(exact),
    };
    return terminal === -1
      ? [say(locale, 'example_pool', facts)]
      : [
          say(locale, 'example_line', {
            ...facts,
            fen: formatYuan(rounded.fen[terminal]!, { grouped: true }),
          }),
        ];
  });
  const when = conditions(clause.when, locale);
  const facts = {
    conditions: [`${id}:${clause.id}`, ...when].join(' '),
    gross: formatYuan(baseFen, { grouped: true }),
    admissions: String(EXAMPLE_ADMISSIONS),
  };
  return { heading: say(locale, 'example', facts), clause: `${id}:${clause.id}`, sentences };
}

function nodeName(terms: TheatricalTerms, node: PlanNode, locale: Locale): string {
  if (node.id === 'fund') return say(locale, 'example_fund');
  if (node.id === 'tax') return say(locale, 'example_tax');
  if (node.id === 'net') return say(locale, 'net_name');
  return partyName(terms, node.id.split('.')[1]!.replace(/_\d+$/, ''), locale);
}

function formula(node: PlanNode, values: ReturnType<typeof nodeDerivations>): string {
  const amount = (id: string) => decimalYuan(values.get(id)!.value);
  switch (node.op) {
    case 'base':
      return '';
    case 'share': {
      const rate = node.words['method'] === undefined ? node.words['rate'] : undefined;
      return `${amount(node.of)} × ${rate ?? formatRatio(node.rate)}`;
    }
    case 'ticket':
      return `${EXAMPLE_ADMISSIONS} × ${formatYuan(node.fen.numerator)}`;
    case 'less':
      return [node.of, ...node.minus].map(amount).join(' − ');
  }
}

const SHOWN_DECIMALS = 6n;

/** Exact fen as yuan to eight decimals, zeros dropped; the ellipsis says that there is more. */
function decimalYuan(fen: Ratio): string {
  const scaled = multiplyRatio(fen, ratio(10n ** SHOWN_DECIMALS));
  const digits = divideRounded(scaled.numerator, scaled.denominator, 'toward_zero');
  const negative = digits < 0n;
  const text = (negative ? -digits : digits).toString().padStart(9, '0');
  const decimals = text.slice(-8).replace(/0{1,6}$/, '');
  const whole = text.slice(0, -8).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${negative ? '-' : ''}${whole}.${decimals}${scaled.denominator === 1n ? '' : '…'}`;
}
