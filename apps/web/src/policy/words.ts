import type {
  policyFactSchema, policyInstrumentSchema, policyMatchSchema,
} from '@yinglian/contract';
import { CHINA_OFFSET_MINUTES, formatInstant, parseYuan } from '@yinglian/core';
import { useQueries, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ask } from '../kernel/api.ts';

export type Instrument = (typeof policyInstrumentSchema)['_output'];
export type Match = (typeof policyMatchSchema)['_output'];
export type Fact = (typeof policyFactSchema)['_output'];
export type FactValue = boolean | number | string | readonly string[];
export type Answers = Readonly<Record<string, FactValue>>;

/** The day in China, where the terms of calls are counted, wherever the reader is. */
export function todayInChina(): string {
  return formatInstant(Date.now(), CHINA_OFFSET_MINUTES).slice(0, 10);
}

/** What departments mark applicants with, as calls name it. */
export const MARKS = ['credit', 'fraud', 'audit_failed', 'safety', 'environment'] as const;

/** The instrument that pages open with. */
export const FIRST_INSTRUMENT = 'hunan-2023-55';

/** A pair of words in the language on screen. */
export function useWords(): (words: { readonly zh: string; readonly en: string }) => string {
  const { i18n } = useTranslation();
  return (words) => (i18n.language === 'en' ? words.en : words.zh);
}

/** The day of an event, and the day whose knowledge is asked for. */
export type Days = { readonly eventDate?: string; readonly knownOn?: string };

/** An instrument as it is today, or at a day of events as it was known on another. */
export const askInstrument = (code: string, days: Days = {}) =>
  ask('policy', 'instrument', { params: { instrument: code }, query: days });

/** How items are named on screen: by number and title, by number alone until the title has come. */
export function useItemTitle(code: string): (item: string) => string {
  const words = useWords();
  const { data } = useQuery(askInstrument(code));
  return (item) => {
    const known = data?.items.find((each) => each.item === item);
    return known === undefined ? item : `${item} ${words(known.title)}`;
  };
}

/** Every instrument whole, once all of them have come. */
export function useInstruments(): readonly Instrument[] | undefined {
  const list = useQuery(ask('policy', 'instruments'));
  const whole = useQueries({
    queries: (list.data?.rows ?? []).map(({ code }) => askInstrument(code)),
  });
  const known = whole.flatMap(({ data }) => (data === undefined ? [] : [data]));
  return list.data !== undefined && known.length === list.data.rows.length ? known : undefined;
}

/** Answers as facts of the API. */
export function factsOf(answers: Answers): Record<string, { value: FactValue }> {
  return Object.fromEntries(Object.entries(answers).map(([name, value]) => [name, { value }]));
}

/** Facts of the API as answers. */
export function answersOf(facts: Readonly<Record<string, { readonly value: FactValue }>>): Answers {
  return Object.fromEntries(Object.entries(facts).map(([name, { value }]) => [name, value]));
}

/** What was typed as yuan, in fen; undefined while it is no amount. */
export function fenOf(text: string): string | undefined {
  const fen = parseYuan(text.trim());
  return fen === undefined || fen < 0n ? undefined : String(fen);
}
