import type { Benefit, Rule } from './model.ts';
import { type Finding, finding } from '@yinglian/core';

/**
 * Cool-downs, exemptions and bars as predicates over the history of awards. The instrument prints
 * none; a call brings them as data, with the words they come from.
 */
export type HistoryRule =
  | {
      /** No second provincial fund in the same year, some kinds of benefit excepted. */
      readonly bar: 'same_year';
      readonly exempt: readonly Benefit[];
      readonly quote: string;
    }
  | {
      /** None after so many years of support in a row. */
      readonly bar: 'years_in_a_row';
      readonly years: number;
      readonly exempt: readonly Benefit[];
      readonly quote: string;
    }
  | {
      /** None twice for the same item and object, or the same type of project. */
      readonly bar: 'same_object' | 'same_type';
      readonly quote: string;
    }
  | {
      /** Credit blacklist, fraud, failed audit, safety: while the mark stands. */
      readonly bar: 'mark';
      readonly marks: readonly string[];
      readonly quote: string;
    };

/** One award or application of the past. */
export type PastAward = {
  readonly year: number;
  readonly item: string;
  readonly benefit: Benefit;
  readonly object: string;
  readonly projectType: string;
  /** Whether it was applied for only, or granted. */
  readonly granted: boolean;
  /** The instrument it was under, and the part of the object that it was for. */
  readonly instrument?: string;
  readonly label?: string;
};

/** A mark against an applicant, until the end of a year or for ever. */
export type Mark = { readonly kind: string; readonly fromYear: number; readonly toYear: number };

/** The claim that is looked at. */
export type HistoryQuestion = {
  readonly year: number;
  readonly item: string;
  readonly benefit: Benefit;
  readonly object: string;
  readonly projectType: string;
  readonly past: readonly PastAward[];
  readonly marks: readonly Mark[];
};

/** What bars a claim, each with the words of the rule; empty when nothing does. */
export function historyBars(rules: readonly HistoryRule[], asked: HistoryQuestion): Finding[] {
  return rules.flatMap((rule) => {
    const years = barredBy(rule, asked);
    if (years === undefined) return [];
    return [
      finding('barred_claim', 'error', {
        facts: { bar: rule.bar, years: years.map(String), quote: rule.quote },
      }),
    ];
  });
}

function barredBy(rule: HistoryRule, asked: HistoryQuestion): readonly number[] | undefined {
  switch (rule.bar) {
    case 'same_year': {
      if (rule.exempt.includes(asked.benefit)) return undefined;
      const same = asked.past.some(
        (each) => each.year === asked.year && !rule.exempt.includes(each.benefit),
      );
      return same ? [asked.year] : undefined;
    }
    case 'years_in_a_row': {
      if (rule.exempt.includes(asked.benefit)) return undefined;
      const supported = new Set(
        asked.past
          .filter((each) => each.granted && !rule.exempt.includes(each.benefit))
          .map((each) => each.year),
      );
      const before = Array.from({ length: rule.years }, (_, back) => asked.year - 1 - back);
      return before.length > 0 && before.every((year) => supported.has(year)) ? before : undefined;
    }
    case 'same_object':
      return found(asked, (each) => each.item === asked.item && each.object === asked.object);
    case 'same_type':
      return found(asked, (each) => each.projectType === asked.projectType);
    case 'mark': {
      const standing = asked.marks.filter(
        ({ kind, fromYear, toYear }) =>
          rule.marks.includes(kind) && fromYear <= asked.year && asked.year <= toYear,
      );
      return standing.length === 0 ? undefined : standing.map(({ fromYear }) => fromYear);
    }
  }
}

function found(
  asked: HistoryQuestion,
  like: (award: PastAward) => boolean,
): readonly number[] | undefined {
  const years = asked.past.filter((each) => each.granted && like(each)).map((each) => each.year);
  return years.length === 0 ? undefined : years;
}

/** The claim whose item says how often one object is supported. */
export type RepeatQuestion = Pick<HistoryQuestion, 'year' | 'item' | 'object' | 'past'> & {
  readonly instrument: string;
  readonly label: string;
};

/**
 * What an item pays once it does not pay again: once for an object, or once for it in each year's
 * round. Parts of one object (their labels) are supported each for itself. Where a ceiling is per
 * object it is that ceiling which is given once, and what is left of it may follow.
 */
export function repeatedAward(
  { frequency, caps }: Pick<Rule, 'frequency' | 'caps'>,
  readings: ReadonlyMap<string, string>,
  asked: RepeatQuestion,
): Finding[] {
  if (frequency !== 'once_per_object' && frequency !== 'yearly_round') return [];
  const capped = caps.some(
    ({ per, when }) =>
      per.includes('object') &&
      (frequency === 'yearly_round' || !per.includes('round')) &&
      (when === undefined || readings.get(when.parameter) === when.value),
  );
  if (capped) return [];
  const before = asked.past.find(
    (each) =>
      each.granted &&
      each.instrument === asked.instrument &&
      each.item === asked.item &&
      each.object === asked.object &&
      (each.label ?? '') === asked.label &&
      (frequency === 'once_per_object' || each.year === asked.year),
  );
  if (before === undefined) return [];
  const facts = { item: asked.item, frequency, year: before.year };
  return [finding('repeated_award', 'error', { facts })];
}

/** A document or a cost as a claim brings it. */
export type BroughtEvidence = {
  readonly claim: string;
  /** SHA-256 of its bytes. */
  readonly digest: string;
  /** Invoice, contract or certificate number, where it has one. */
  readonly number?: string;
  /** Of a claim that is looked at: whether this document may serve several claims. */
  readonly shared?: boolean;
};

/**
 * The same bytes or the same number brought with more than one claim: one invoice, one claim.
 * Numbers are compared without spaces and hyphens, in capitals. A document that may serve several
 * claims is a warning.
 */
export function duplicateEvidence(brought: readonly BroughtEvidence[]): Finding[] {
  const claims = new Map<string, Set<string>>();
  const single = new Set<string>();
  for (const { claim, digest, number, shared } of brought) {
    const keys = [`sha256:${digest}`];
    const plain = number?.replace(/[\s-]/g, '').toUpperCase() ?? '';
    if (plain !== '') keys.push(`number:${plain}`);
    for (const key of keys) claims.set(key, (claims.get(key) ?? new Set()).add(claim));
    if (shared === false) for (const key of keys) single.add(key);
  }
  const said = brought.some(({ shared }) => shared !== undefined);
  return [...claims]
    .filter(([, own]) => own.size > 1)
    .map(([evidence, own]) =>
      finding('duplicate_evidence', said && !single.has(evidence) ? 'warning' : 'error', {
        facts: { evidence, claims: [...own].sort() },
      }),
    );
}
