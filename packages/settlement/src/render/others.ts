import { hasErrors, parseRatio, parseYuan } from '@yinglian/core';
import type { RentalClause, RentalTerms } from '../terms/rental.ts';
import type { StreamingComponent, StreamingTerms } from '../terms/streaming.ts';
import type { RecoupTarget, WaterfallStep, WaterfallTerms } from '../terms/waterfall.ts';
import { checkWaterfall } from '../waterfall/checks.ts';
import { rentalExamples, streamingExamples, waterfallExamples } from './examples.ts';
import { type Locale, type PhraseName, say } from './phrases.ts';
import type { RenderedSection, RenderedTerms } from './theatrical.ts';

type Head = {
  readonly id: string;
  readonly version: string;
  readonly title: { readonly zh: string; readonly en: string };
  readonly effective: { readonly from: string; readonly to?: string | undefined };
  readonly parties: readonly {
    readonly id: string;
    readonly name: { readonly zh: string; readonly en: string };
  }[];
};

const local = (text: { zh: string; en: string }, locale: Locale) =>
  locale === 'en' ? text.en : text.zh;
const list = (items: readonly string[], locale: Locale) => items.join(say(locale, 'colon'));

function nameOf(terms: Head, id: string, locale: Locale): string {
  const party = terms.parties.find((each) => each.id === id);
  return party === undefined ? id : local(party.name, locale);
}

function page(terms: Head, sections: readonly RenderedSection[], locale: Locale): RenderedTerms {
  const { from, to } = terms.effective;
  const inForce =
    to === undefined
      ? say(locale, 'effective_open', { from })
      : say(locale, 'effective', { from, to });
  const title = say(locale, 'title', {
    title: local(terms.title, locale),
    id: terms.id,
    version: terms.version,
  });
  return {
    title,
    sections: [{ heading: local(terms.title, locale), sentences: [inForce] }, ...sections],
  };
}

/** A waterfall as a numbered list of steps: each income runs down it until nothing is left. */
export function renderWaterfall(terms: WaterfallTerms, locale: Locale): RenderedTerms {
  const steps = terms.steps.map((step, i) => ({
    heading: say(locale, 'step', { number: String(i + 1), id: step.id }),
    clause: step.id,
    sentences: [...whenSentences(step, locale), ...stepSentences(terms, step, locale)],
  }));
  const sides = [
    ...terms.obligations.map((each) =>
      say(locale, 'obligation', {
        from: nameOf(terms, each.from, locale),
        to: nameOf(terms, each.to, locale),
        amount: each.amount,
        date: each.dueOn,
      }),
    ),
    ...terms.withholding.map((each) =>
      say(locale, 'withholding', {
        party: nameOf(terms, each.party, locale),
        rate: each.rate,
        to: nameOf(terms, each.to, locale),
      }),
    ),
    ...terms.currencies.map((each) =>
      say(locale, each.lastWithinDays === undefined ? 'currency' : 'currency_last', {
        currency: each.currency,
        source: each.rateSource,
        days: each.lastWithinDays ?? '0',
      }),
    ),
    ...(parseYuan(terms.payment.threshold) === 0n
      ? []
      : [say(locale, 'payment_threshold', { amount: terms.payment.threshold })]),
    say(locale, `periods_${terms.rounding.periods}`),
  ];
  const films = { heading: say(locale, 'films'), sentences: [list(terms.films, locale)] };
  return page(
    terms,
    [
      films,
      ...netSections(terms, locale),
      ...steps,
      { heading: say(locale, 'payment'), sentences: sides },
      ...(hasErrors(checkWaterfall(terms)) ? [] : waterfallExamples(terms, locale)),
    ],
    locale,
  );
}

function whenSentences(step: WaterfallStep, locale: Locale): string[] {
  const { from, to, sources, films, reached } = step.when;
  const conditions = [
    ...(sources === undefined ? [] : [say(locale, 'sources', { list: list(sources, locale) })]),
    ...(films === undefined ? [] : [say(locale, 'of_films', { list: list(films, locale) })]),
    ...(reached === undefined
      ? []
      : [
          say(locale, 'reached_amount', {
            book: reached.book,
            measure: say(locale, `measure_${reached.measure}`),
            amount: reached.amount,
          }),
        ]),
    ...(from === undefined ? [] : [from]),
    ...(to === undefined ? [] : [say(locale, 'dates_to', { to }).replace(/^(?:，|, )/, '')]),
  ];
  return conditions.length === 0
    ? []
    : [say(locale, 'only_when', { conditions: list(conditions, locale) })];
}

function stepSentences(terms: WaterfallTerms, step: WaterfallStep, locale: Locale): string[] {
  switch (step.kind) {
    case 'fee': {
      const facts = {
        to: nameOf(terms, step.to, locale),
        rate: step.rate,
        cap: step.cap ?? '',
        after: step.after ?? '',
      };
      return [
        say(locale, step.of === 'income' ? 'fee_income' : 'fee_remaining', facts),
        ...(step.cap === undefined ? [] : [say(locale, 'at_most', facts)]),
        ...(step.after === undefined ? [] : [say(locale, 'after_advance', facts)]),
      ];
    }
    case 'per_ticket':
      return [
        say(locale, 'each_ticket', { to: nameOf(terms, step.to, locale), amount: step.amount }),
      ];
    case 'recoup':
      return [
        ...step.takers.map((target) => targetSentence(terms, target, locale)),
        ...(step.takers.length > 1 ? [say(locale, step.between)] : []),
        ...(step.corridor === '100%' ? [] : [say(locale, 'corridor', { rate: step.corridor })]),
      ];
    case 'split': {
      const shares = step.shares.map(({ to, share }) => `${nameOf(terms, to, locale)} ${share}`);
      const { until } = step;
      return [
        say(locale, 'divide', { shares: list(shares, locale) }),
        ...(until === undefined
          ? []
          : [
              say(locale, `until_${until.measure}`, {
                amount: until.amount,
                of: until.of === undefined ? '' : nameOf(terms, until.of, locale),
              }),
            ]),
      ];
    }
    case 'participation': {
      const net = terms.nets?.find((each) => each.id === step.of);
      const facts = {
        to: nameOf(terms, step.to, locale),
        rate: step.rate,
        net: net === undefined ? step.of : local(net.name, locale),
      };
      const cap = step.cap === undefined ? [] : [say(locale, 'at_most', { cap: step.cap })];
      return [say(locale, 'participates', facts), ...cap];
    }
    case 'flat': {
      const facts = { to: nameOf(terms, step.to, locale), amount: step.amount };
      if (step.per === undefined) return [say(locale, 'flat_once', facts)];
      const { book, measure, every, most } = step.per;
      const counted = say(locale, `measure_${measure}`);
      return [
        say(locale, 'flat_events', { ...facts, book, every, measure: counted }),
        ...(most === undefined ? [] : [say(locale, 'flat_most', { most })]),
      ];
    }
    case 'reserve':
      return [say(locale, 'reserve', { rate: step.rate, date: step.releaseOn })];
  }
}

function targetSentence(terms: WaterfallTerms, target: RecoupTarget, locale: Locale): string {
  const what = costWords(target, locale);
  return say(locale, 'recoups', { to: nameOf(terms, target.to, locale), what });
}

/** Sums and expenses, and how they grow. */
function costWords(target: Omit<RecoupTarget, 'to'>, locale: Locale): string {
  const what = [
    ...(target.amount === undefined ? [] : [say(locale, 'sum_of', { amount: target.amount })]),
    ...(target.expenses.length === 0
      ? []
      : [say(locale, 'expenses_of', { list: list(target.expenses, locale) })]),
    ...(target.cap === undefined ? [] : [say(locale, 'expenses_cap', { amount: target.cap })]),
    ...(target.premium === '100%' ? [] : [say(locale, 'premium', { rate: target.premium })]),
    ...(target.interest === undefined
      ? []
      : [say(locale, `interest_${target.interest.method}`, { rate: target.interest.rate })]),
  ];
  return list(what, locale);
}

/** What every net is reckoned on, in the order in which it is deducted. */
function netSections({ nets = [] }: WaterfallTerms, locale: Locale): RenderedSection[] {
  if (nets.length === 0) return [];
  const sentences = nets.map(({ name, rates = [], less, costs }) => {
    const parts = [
      say(locale, 'net_of_income'),
      ...rates.map((each) => say(locale, 'net_rate', each)),
      ...(less === undefined ? [] : [say(locale, 'net_less', { list: list(less, locale) })]),
      ...(costs === undefined
        ? []
        : [say(locale, 'net_costs', { what: costWords(costs, locale) })]),
    ];
    return say(locale, 'net_defined', { name: local(name, locale), parts: list(parts, locale) });
  });
  return [{ heading: say(locale, 'nets'), sentences }];
}

/** Rental terms, clause by clause. */
export function renderRental(terms: RentalTerms, locale: Locale): RenderedTerms {
  const clauses = terms.clauses.map((clause) => ({
    heading: say(locale, 'rental_clause', { id: clause.id, where: rentalScope(clause, locale) }),
    clause: clause.id,
    sentences: [
      methodSentence(clause, locale),
      ...(clause.minimum === undefined
        ? []
        : [say(locale, 'weekly_minimum', { amount: clause.minimum })]),
    ],
  }));
  const base = {
    heading: say(locale, 'base'),
    sentences: [
      parseRatio(terms.tax)!.numerator === 0n
        ? say(locale, 'rental_base_gross')
        : say(locale, 'rental_base', { tax: terms.tax }),
      say(locale, 'rental_weeks', { start: terms.start, time: terms.startTime }),
      say(locale, 'rental_rounding', { mode: say(locale, `mode_${terms.rounding.mode}`) }),
    ],
  };
  return page(terms, [base, ...clauses, ...rentalExamples(terms, locale)], locale);
}

function rentalScope(clause: RentalClause, locale: Locale): string {
  const found = (['versions', 'circuits', 'cinemas'] as const).flatMap((name) =>
    clause[name] === undefined ? [] : [say(locale, name, { list: list(clause[name], locale) })],
  );
  return found.length === 0 ? say(locale, 'everywhere') : list(found, locale);
}

function methodSentence({ method }: RentalClause, locale: Locale): string {
  switch (method.kind) {
    case 'sliding':
    case 'floating':
      return say(locale, `rental_${method.kind}`, { weeks: list(method.weeks, locale) });
    case 'over_allowance':
      return say(locale, 'rental_over', { over: method.over, allowance: method.allowance });
    case 'higher_of':
      return say(locale, 'rental_higher', {
        over: method.over,
        allowance: method.allowance,
        weeks: list(method.weeks, locale),
      });
    case 'flat_week':
    case 'flat_screening':
      return say(locale, `rental_${method.kind}`, { amount: method.amount });
    case 'national_scale': {
      const tiers = method.tiers.map((tier) =>
        say(locale, 'scale_tier', { above: tier.above, rate: tier.rate }),
      );
      return say(locale, 'rental_scale', { book: method.book, tiers: list(tiers, locale) });
    }
  }
}

/** Streaming terms, component by component. */
export function renderStreaming(terms: StreamingTerms, locale: Locale): RenderedTerms {
  const window =
    terms.windowDays === undefined
      ? say(locale, 'window_open', { release: terms.release })
      : say(locale, 'window', { release: terms.release, days: terms.windowDays });
  const facts = {
    platform: nameOf(terms, terms.platform, locale),
    licensor: nameOf(terms, terms.licensor, locale),
  };
  const head = {
    heading: say(locale, 'base'),
    sentences: [say(locale, 'streaming_parties', facts), window],
  };
  const components = terms.components.map((item) => ({
    heading: say(locale, 'component', { id: item.component.id }),
    clause: item.component.id,
    sentences: componentSentences(item, locale),
  }));
  const { cap, minimum } = terms;
  const limits = [
    ...(cap === undefined ? [] : [say(locale, 'at_most', { cap })]),
    ...(minimum === undefined ? [] : [say(locale, 'window_minimum', { amount: minimum })]),
  ];
  const payment =
    limits.length === 0 ? [] : [{ heading: say(locale, 'payment'), sentences: limits }];
  const examples = streamingExamples(terms, locale);
  return page(terms, [head, ...components, ...payment, ...examples], locale);
}

function componentSentences(
  { component, coefficient, from, to }: StreamingComponent,
  locale: Locale,
): string[] {
  const dates = [...(from === undefined ? [] : [from]), ...(to === undefined ? [] : [to])];
  const extra = [
    ...(coefficient === '100%' ? [] : [say(locale, 'coefficient', { rate: coefficient })]),
    ...(dates.length === 0 ? [] : [dates.join(' – ')]),
  ];
  if (component.kind === 'views')
    return [say(locale, 'per_view', { price: component.price }), ...extra];
  const mode: PhraseName = component.mode === 'marginal' ? 'mode_marginal' : 'whole_tier';
  const tiers =
    component.kind === 'hours'
      ? component.tiers.map((tier) =>
          say(locale, 'scale_tier', { above: tier.above, rate: tier.price }),
        )
      : component.tiers.map((tier) =>
          say(locale, 'scale_tier', { above: tier.above, rate: tier.share }),
        );
  const facts = {
    tiers: list(tiers, locale),
    mode: say(locale, mode),
    incomes: component.kind === 'income' ? list(component.incomes, locale) : '',
  };
  return [say(locale, component.kind === 'hours' ? 'by_hours' : 'by_income', facts), ...extra];
}
