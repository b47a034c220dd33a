import { addDays, type Fen, formatYuan, type IsoDate, parseYuan, sumFen } from '@yinglian/core';
import { settleRental } from '../rental/settle.ts';
import { settleStreaming, type StreamingFact } from '../streaming/settle.ts';
import type { RentalTerms } from '../terms/rental.ts';
import type { StreamingTerms } from '../terms/streaming.ts';
import type { WaterfallTerms } from '../terms/waterfall.ts';
import { HELD, LEFT_OVER } from '../waterfall/flow.ts';
import { booksIn } from '../waterfall/checks.ts';
import { settleWaterfall } from '../waterfall/settle.ts';
import { type Locale, say } from './phrases.ts';
import type { RenderedSection } from './theatrical.ts';

/** Worked examples of terms, computed by the interpreter that settles: never written by hand. */

const WATERFALL_INCOMES = [10_000_000n, 100_000_000n, 500_000_000n].map((yuan) => yuan * 100n);
/** An income of 43 of 100 of the net, roughly; only terms that look at the gross use it. */
const GROSS_PER_INCOME = 2n;
const FEN_PER_TICKET = 4000n;
const RENTAL_GROSSES = [20_000n, 12_000n, 4_000n].map((yuan) => yuan * 100n);
const STREAMING_STEPS = [500_000n, 3_000_000n, 8_000_000n];
const WEEK_DAYS = 7;

const yuan = (fen: Fen) => formatYuan(fen, { grouped: true });
const local = (text: { zh: string; en: string }, locale: Locale) =>
  locale === 'en' ? text.en : text.zh;

function partyName(terms: Pick<WaterfallTerms, 'parties'>, id: string, locale: Locale): string {
  const party = terms.parties.find((each) => each.id === id);
  if (party !== undefined) return local(party.name, locale);
  if (id === HELD) return say(locale, 'example_held');
  return id === LEFT_OVER ? say(locale, 'undistributed') : id;
}

/** Three incomes, each run through the steps alone, and what every party has of it. */
export function waterfallExamples(terms: WaterfallTerms, locale: Locale): RenderedSection[] {
  const date = exampleDay(terms);
  const accounts = new Map<string, string | undefined>();
  const borne = [
    ...terms.steps.flatMap((step) => (step.kind === 'recoup' ? step.takers : [])),
    ...(terms.nets ?? []).flatMap(({ costs }) => costs ?? []),
  ];
  for (const { expenses, cap } of borne)
    for (const account of expenses) if (!accounts.has(account)) accounts.set(account, cap);
  const books = Object.fromEntries(terms.steps.flatMap(booksIn).map((book) => [book, []]));
  const source = terms.steps.find((step) => step.when.sources !== undefined)?.when.sources?.[0];
  return WATERFALL_INCOMES.flatMap((amountFen) => {
    const spent = [...accounts].map(([account, cap], index) => ({
      id: `expense-${index}`,
      date: terms.effective.from < date ? terms.effective.from : date,
      account,
      amountFen: cap === undefined ? amountFen / 10n : parseYuan(cap)!,
    }));
    const grossFen = amountFen * GROSS_PER_INCOME;
    const income = {
      id: 'example',
      date,
      source: source ?? 'theatrical',
      film: terms.films[0]!,
      amountFen,
      grossFen,
      admissions: Number(grossFen / FEN_PER_TICKET),
    };
    const settled = settleWaterfall(
      terms,
      { incomes: [income], expenses: spent },
      { period: { from: terms.effective.from, to: date }, books, stated: [] },
    );
    if (!settled.ok) return [];
    const shares = new Map<string, Fen>();
    for (const line of settled.value.lines)
      shares.set(line.party, (shares.get(line.party) ?? 0n) + line.toDateFen);
    const expensesFen = sumFen(spent.map((each) => each.amountFen));
    const facts = { income: yuan(amountFen), expenses: yuan(expensesFen) };
    const heading = spent.length === 0 ? 'example_income' : 'example_income_spent';
    return [
      {
        heading: say(locale, heading, facts),
        sentences: [...shares].map(([party, fen]) =>
          say(locale, 'example_gets', { party: partyName(terms, party, locale), fen: yuan(fen) }),
        ),
      },
    ];
  });
}

/** A day on which what the steps recoup has been paid and their dates have come. */
function exampleDay(terms: WaterfallTerms): IsoDate {
  const days = [terms.effective.from];
  for (const step of terms.steps) {
    if (step.when.from !== undefined) days.push(step.when.from);
    if (step.kind === 'recoup')
      days.push(...step.takers.flatMap((taker) => taker.paidOn ?? taker.interest?.from ?? []));
  }
  return days.sort().at(-1)!;
}

/** Three weeks of one cinema under the first clause that holds for it. */
export function rentalExamples(terms: RentalTerms, locale: Locale): RenderedSection[] {
  const [clause] = terms.clauses;
  const label = clause?.versions?.[0];
  const version =
    terms.film.versions.find((each) => each.label === label) ?? terms.film.versions[0]!;
  const cinemaCode = clause?.cinemas?.[0] ?? '00000000';
  const circuit = clause?.circuits?.[0];
  const facts = RENTAL_GROSSES.map((grossFen, week) => ({
    id: `week-${week + 1}`,
    date: addDays(terms.start, week * WEEK_DAYS),
    start: '23:59',
    filmCode: version.code,
    cinemaCode,
    screenings: 28,
    admissions: Number(grossFen / FEN_PER_TICKET),
    grossFen,
  }));
  const books = Object.fromEntries(
    terms.clauses.flatMap(({ method }) =>
      method.kind === 'national_scale' ? [[method.book, []]] : [],
    ),
  );
  const settled = settleRental(terms, facts, {
    period: { from: terms.start, to: addDays(terms.start, RENTAL_GROSSES.length * WEEK_DAYS) },
    register: { [cinemaCode]: circuit === undefined ? {} : { circuit } },
    books,
    stated: [],
  });
  if (!settled.ok || settled.value.lines.length === 0) return [];
  const sentences = settled.value.lines.map((line) =>
    say(locale, 'example_week', {
      week: String(line.week),
      gross: yuan(line.grossFen),
      rental: yuan(line.rentalToDateFen),
    }),
  );
  return [{ heading: say(locale, 'example_rental'), sentences }];
}

/** Three sizes of what the platform reports, each settled alone. */
export function streamingExamples(terms: StreamingTerms, locale: Locale): RenderedSection[] {
  const licensor = partyName(terms, terms.licensor, locale);
  const sentences = STREAMING_STEPS.flatMap((step) => {
    const fact: StreamingFact = {
      id: 'example',
      date: terms.release,
      minutes: step * 60n,
      views: step,
      incomesFen: Object.fromEntries(
        terms.components.flatMap(({ component }) =>
          component.kind === 'income'
            ? component.incomes.map((name, index) => [name, index === 0 ? step * 100n : 0n])
            : [],
        ),
      ),
    };
    const period = { from: terms.release, to: terms.release };
    const settled = settleStreaming(terms, [fact], { period, statedFen: 0n });
    if (!settled.ok) return [];
    const kinds = new Set(terms.components.map(({ component }) => component.kind));
    const reported = [
      ...(kinds.has('income') ? [say(locale, 'example_net', { amount: yuan(step * 100n) })] : []),
      ...(kinds.has('hours') ? [say(locale, 'example_hours', { amount: String(step) })] : []),
      ...(kinds.has('views') ? [say(locale, 'example_views', { amount: String(step) })] : []),
    ];
    return [
      say(locale, 'example_platform', {
        reported: reported.join(say(locale, 'colon')),
        licensor,
        fen: yuan(settled.value.toDateFen),
      }),
    ];
  });
  return sentences.length === 0 ? [] : [{ heading: say(locale, 'example_worked'), sentences }];
}
