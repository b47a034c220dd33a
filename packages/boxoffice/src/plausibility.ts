import {
  dayNumber,
  type Fen,
  finding,
  type Finding,
  formatYuan,
  groupBy,
  type IsoDate,
} from '@yinglian/core';
import { measuresOf } from './measures.ts';
import type { BoxOfficeRecord } from './record.ts';

/**
 * Rules that find what honest box office does not contain: the ledger rules of the French statutory
 * specification (arrêté du 16 octobre 2009, annexe) and the patterns for which cinemas were fined.
 * Each finding names its rows. Thresholds are data; only the reporting rate is documented.
 */
export type PlausibilityRules = {
  /** Minutes between the end of one show and the start of the next that are still one hall. */
  readonly turnMinutes: number;
  /** The shortest programme; it stands for the length of films that no register knows. */
  readonly shortestMinutes: number;
  /** Part of the seats, per cent, from which a night show is a full house. */
  readonly fullHousePercent: number;
  /** Shows that start from midnight to this hour are at night. */
  readonly nightEndsHour: number;
  /** Per cent of admissions at price zero. */
  readonly freePercentMax: number;
  /** Per cent of rows that are late entries. */
  readonly lateEntryPercentMax: number;
  /** Days with data, per cent; 98 by the authority's meeting with vendors. */
  readonly reportingPercentMin: number;
  /** Shows in a row with the same admissions and gross that are no accident. */
  readonly repeatedShows: number;
  /** Whether the tickets of a screening are numbered from one, as the French statute has it. */
  readonly numbersFromOne: boolean;
  /** Whether a ticket type has one price within a screening, as the French statute has it. */
  readonly onePriceEachType: boolean;
};

/** The thresholds that hold where nobody has set others. */
export const PLAUSIBILITY_DEFAULTS: PlausibilityRules = Object.freeze({
  turnMinutes: 0,
  shortestMinutes: 30,
  fullHousePercent: 95,
  nightEndsHour: 6,
  freePercentMax: 10,
  lateEntryPercentMax: 5,
  reportingPercentMin: 98,
  repeatedShows: 6,
  numbersFromOne: false,
  onePriceEachType: false,
});

/** The thresholds under the French statute, where tickets are numbered and priced by series. */
export const FRENCH_PLAUSIBILITY: PlausibilityRules = Object.freeze({
  ...PLAUSIBILITY_DEFAULTS,
  numbersFromOne: true,
  onePriceEachType: true,
});

/** What registers know about the places and films of the rows. */
export type PlausibilityFacts = {
  readonly seats?: { readonly [cinemaAndHall: string]: number };
  readonly minutes?: { readonly [filmCode: string]: number };
  /** The settlement standard in fen per admission for a row, where one holds. */
  readonly standardFen?: (record: BoxOfficeRecord) => Fen | undefined;
  readonly knownFilms?: ReadonlySet<string>;
  /** Days on which each cinema should have reported. */
  readonly period?: { readonly from: IsoDate; readonly to: IsoDate };
};

/** The hall of a record, told apart from halls of the same name elsewhere. */
export const hallKey = (record: BoxOfficeRecord) =>
  `${record.cinemaCode ?? ''}/${record.hall ?? ''}`;

/** Examines rows of one level; an empty list means that nothing is conspicuous. */
export function examinePlausibility(
  records: readonly BoxOfficeRecord[],
  facts: PlausibilityFacts = {},
  rules: PlausibilityRules = PLAUSIBILITY_DEFAULTS,
): Finding[] {
  const shows = records.filter((each) => each.level === 'screening');
  const tickets = records.filter((each) => each.level === 'ticket');
  return [
    ...[...groupBy([...shows, ...tickets], showKey).values()].flatMap((group) => [
      ...fullHouse(group, facts, rules),
      ...changedShow(group),
    ]),
    ...records.flatMap((record) => [
      ...underStandard(record, facts),
      ...unknownFilm(record, facts),
    ]),
    ...[...groupBy(shows, hallKey).values()].flatMap((group) => overlaps(group, facts, rules)),
    ...[...groupBy(shows, hallKey).values()].flatMap((group) => repeated(group, rules)),
    ...tickets.flatMap((record) => lateTicket(record, facts)),
    ...[...groupBy(tickets, screeningOf).values()].flatMap((group) => [
      ...brokenSequence(group, rules),
      ...(rules.onePriceEachType ? severalPrices(group) : []),
    ]),
    ...[...groupBy(records, (each) => each.cinemaCode ?? '').values()].flatMap((group) => [
      ...freeShare(group, rules),
      ...lateEntries(group, rules),
      ...reporting(group, facts, rules),
    ]),
  ];
}

const hallDay = (record: BoxOfficeRecord) => `${hallKey(record)}/${record.date ?? ''}`;
const screeningOf = (record: BoxOfficeRecord) =>
  record.screeningId ?? `${hallDay(record)}/${record.start ?? ''}`;

/** Rows named in one finding; the count says how many there are in all. */
const EVIDENCE_ROWS_MAX = 20;

function conspicuous(
  code: string,
  records: readonly BoxOfficeRecord[],
  facts: Finding['facts'] = {},
  clause?: string,
): Finding {
  const first = records[0]!;
  return finding(code, 'warning', {
    facts: {
      ...facts,
      count: records.length,
      rows: records.slice(0, EVIDENCE_ROWS_MAX).map((each) => String(each.sourceRow)),
    },
    at: {
      row: first.sourceRow,
      ...(first.cinemaCode === undefined ? {} : { cinema: first.cinemaCode }),
    },
    ...(clause === undefined ? {} : { clause }),
  });
}

const FRENCH = 'arrêté du 16 octobre 2009, annexe';

function seatsOf(record: BoxOfficeRecord, facts: PlausibilityFacts): number | undefined {
  return record.seats ?? facts.seats?.[hallKey(record)];
}

/** Rows of one show, by ticket, type or channel; a row that tells no show stands alone. */
const showKey = (record: BoxOfficeRecord) =>
  record.screeningId === undefined && record.start === undefined
    ? `row ${record.sourceRow}`
    : `${record.cinemaCode ?? ''}/${screeningOf(record)}`;

/** All rows of a show against the seats of its hall: sold beyond them, or full at night. */
function fullHouse(
  group: readonly BoxOfficeRecord[],
  facts: PlausibilityFacts,
  rules: PlausibilityRules,
): Finding[] {
  const known = group.flatMap((record) => seatsOf(record, facts) ?? []);
  if (known.length === 0) return [];
  const seats = Math.max(...known);
  const admissions = measuresOf(group).reduce((left, each) => left + each.admissions, 0);
  const findings: Finding[] = [];
  if (admissions > seats)
    findings.push(conspicuous('oversold_screening', group, { seats, admissions }, FRENCH));
  const start = group[0]!.start;
  const minutes = minutesOf(start);
  const night =
    minutes !== undefined && minutes % MINUTES_PER_DAY < rules.nightEndsHour * MINUTES_PER_HOUR;
  if (seats > 0 && night && admissions * 100 >= seats * rules.fullHousePercent) {
    const told = { seats, admissions, start: start! };
    findings.push(conspicuous('full_night_screening', group, told));
  }
  return findings;
}

/** What of a screening does not change once it is on sale: its time, its hall, its film. */
function changedShow(group: readonly BoxOfficeRecord[]): Finding[] {
  if (group[0]!.screeningId === undefined) return [];
  const said = {
    start: (each: BoxOfficeRecord) => [each.date, each.start].filter(Boolean).join(' '),
    hall: (each: BoxOfficeRecord) => each.hall ?? '',
    filmCode: (each: BoxOfficeRecord) => each.filmCode ?? '',
  };
  return Object.entries(said).flatMap(([field, tell]) => {
    const told = group.filter((each) => tell(each) !== '');
    const other = told.find((each) => tell(each) !== tell(told[0]!));
    if (other === undefined) return [];
    const words = { field, first: tell(told[0]!), second: tell(other) };
    return [conspicuous('changed_screening', [told[0]!, other], words, FRENCH)];
  });
}

/** A ticket type is a tariff: within one screening it has one price. */
function severalPrices(group: readonly BoxOfficeRecord[]): Finding[] {
  const sold = group.filter(
    (each) => each.ticketType !== undefined && each.priceFen !== undefined && isSale(each),
  );
  return [...groupBy(sold, (each) => each.ticketType!)].flatMap(([ticketType, rows]) => {
    const other = rows.find((each) => each.priceFen !== rows[0]!.priceFen);
    if (other === undefined) return [];
    const [first, second] = [rows[0]!, other].map((each) => formatYuan(each.priceFen!));
    const words = { ticketType, first: first!, second: second! };
    return [conspicuous('several_prices', [rows[0]!, other], words, FRENCH)];
  });
}

const isSale = ({ operation }: BoxOfficeRecord) => operation === undefined || operation === 'sale';

function underStandard(record: BoxOfficeRecord, facts: PlausibilityFacts): Finding[] {
  const standard = facts.standardFen?.(record);
  const admissions = record.level === 'ticket' ? 1 : (record.admissions ?? 0);
  const gross = record.grossFen ?? record.priceFen;
  if (standard === undefined || gross === undefined || admissions <= 0 || gross < 0n) return [];
  if (gross >= standard * BigInt(admissions)) return [];
  const average = formatYuan(gross / BigInt(admissions));
  return [
    conspicuous('price_below_standard', [record], { average, standard: formatYuan(standard) }),
  ];
}

function unknownFilm(record: BoxOfficeRecord, facts: PlausibilityFacts): Finding[] {
  const { filmCode } = record;
  if (filmCode === undefined || facts.knownFilms === undefined || facts.knownFilms.has(filmCode))
    return [];
  return [conspicuous('unregistered_film', [record], { filmCode })];
}

const MINUTES_PER_HOUR = 60;
const MINUTES_PER_DAY = 24 * MINUTES_PER_HOUR;

function minutesOf(time: string | undefined): number | undefined {
  if (time === undefined) return undefined;
  const [hours, minutes] = time.split(':');
  return Number(hours) * MINUTES_PER_HOUR + Number(minutes);
}

/** The minute on which a show begins; 25:30 is half past one of the next day. */
const startOf = (record: BoxOfficeRecord) =>
  dayNumber(record.date!) * MINUTES_PER_DAY + minutesOf(record.start)!;

/** Rows by ticket type or channel are one show, not several. */
const isSameShow = (one: BoxOfficeRecord, other: BoxOfficeRecord) =>
  one.screeningId === other.screeningId &&
  one.filmCode === other.filmCode &&
  startOf(one) === startOf(other);

/** Two shows of one hall may not overlap, before or after midnight; each names what it disturbs. */
function overlaps(
  group: readonly BoxOfficeRecord[],
  facts: PlausibilityFacts,
  rules: PlausibilityRules,
): Finding[] {
  const known = (record: BoxOfficeRecord) => facts.minutes?.[record.filmCode ?? ''];
  const length = (record: BoxOfficeRecord) => known(record) ?? rules.shortestMinutes;
  const timed = group
    .filter((each) => each.date !== undefined && each.start !== undefined)
    .toSorted((a, b) => startOf(a) - startOf(b));
  // Not the neighbour but what ends last: a short show within a long one hides no third.
  let last = timed[0];
  return timed.slice(1).flatMap((record, index) => {
    const before = last!;
    if (isSameShow(timed[index]!, record)) return [];
    if (startOf(before) + length(before) < startOf(record) + length(record)) last = record;
    const gap = startOf(record) - startOf(before);
    if (isSameShow(before, record) || gap >= length(before) + rules.turnMinutes) return [];
    const code = known(before) === undefined ? 'crowded_screenings' : 'overlapping_screenings';
    const said = { gapMinutes: gap, filmMinutes: length(before) };
    return [conspicuous(code, [before, record], said, FRENCH)];
  });
}

/** The same figures show after show were copied, not sold. */
function repeated(group: readonly BoxOfficeRecord[], rules: PlausibilityRules): Finding[] {
  const ordered = [...group].sort((a, b) => (showTime(a) < showTime(b) ? -1 : 1));
  const findings: Finding[] = [];
  let run: BoxOfficeRecord[] = [];
  const close = () => {
    if (run.length >= rules.repeatedShows)
      findings.push(conspicuous('repeated_figures', run, { shows: run.length }));
  };
  for (const record of ordered) {
    const last = run.at(-1);
    const same =
      last !== undefined &&
      (record.admissions ?? 0) > 0 &&
      last.admissions === record.admissions &&
      last.grossFen === record.grossFen;
    if (same) run.push(record);
    else {
      close();
      run = [record];
    }
  }
  close();
  return findings;
}

const showTime = (record: BoxOfficeRecord) => `${record.date ?? ''} ${record.start ?? ''}`;

/** Refunds after the start and sales after the end; times are of the cinema's own clock. */
function lateTicket(record: BoxOfficeRecord, facts: PlausibilityFacts): Finding[] {
  if (record.issuedOn === undefined || record.issuedAt === undefined) return [];
  if (record.date === undefined || record.start === undefined) return [];
  const moment = (date: string, time: string) =>
    dayNumber(date) * MINUTES_PER_DAY + minutesOf(time)!;
  const late = moment(record.issuedOn, record.issuedAt) - moment(record.date, record.start);
  if (record.operation === 'refund' && late >= 0) {
    return [conspicuous('refund_after_start', [record], { minutes: late }, FRENCH)];
  }
  const length = facts.minutes?.[record.filmCode ?? ''];
  const end = length === undefined ? LONGEST_SHOW_MINUTES : length + PROGRAMME_MINUTES;
  return isSale(record) && late > end
    ? [conspicuous('sale_after_end', [record], { minutes: late }, FRENCH)]
    : [];
}

/** The longest show: a sale later than this after the start is after the end of any. */
const LONGEST_SHOW_MINUTES = 300;
/** What may stand before a film: a sale later than both is after the end. */
const PROGRAMME_MINUTES = 30;

/** Ticket numbers of a screening have no gap; ids that do not end in digits are not judged. */
function brokenSequence(
  group: readonly BoxOfficeRecord[],
  { numbersFromOne }: PlausibilityRules,
): Finding[] {
  const numbers = new Map<bigint, BoxOfficeRecord>();
  for (const record of group) {
    const digits = /(\d{1,18})$/.exec(record.ticketId ?? '')?.[1];
    if (digits === undefined) return [];
    numbers.set(BigInt(digits), record);
  }
  const ordered = [...numbers.keys()].sort((a, b) => (a < b ? -1 : 1));
  const before = numbersFromOne ? [0n, ...ordered] : ordered;
  return before.slice(1).flatMap((number, i) => {
    const missing = number - before[i]! - 1n;
    if (missing <= 0n) return [];
    const records = [numbers.get(before[i]!) ?? [], numbers.get(number)!].flat();
    return [conspicuous('broken_sequence', records, { missing: String(missing) }, FRENCH)];
  });
}

function freeShare(group: readonly BoxOfficeRecord[], rules: PlausibilityRules): Finding[] {
  const heads = (record: BoxOfficeRecord) =>
    record.level === 'ticket' ? 1 : Math.max(0, record.admissions ?? 0);
  const free = group.filter((each) => heads(each) > 0 && (each.grossFen ?? each.priceFen) === 0n);
  const all = group.reduce((left, each) => left + heads(each), 0);
  const count = free.reduce((left, each) => left + heads(each), 0);
  if (count * 100 <= all * rules.freePercentMax) return [];
  return [conspicuous('excessive_free_admissions', free, { free: count, admissions: all })];
}

function lateEntries(group: readonly BoxOfficeRecord[], rules: PlausibilityRules): Finding[] {
  const late = group.filter((each) => each.operation === 'late_entry');
  if (late.length * 100 <= group.length * rules.lateEntryPercentMax) return [];
  return [conspicuous('excessive_late_entries', late, { late: late.length, all: group.length })];
}

function reporting(
  group: readonly BoxOfficeRecord[],
  { period }: PlausibilityFacts,
  rules: PlausibilityRules,
): Finding[] {
  if (period === undefined) return [];
  const expected = dayNumber(period.to) - dayNumber(period.from) + 1;
  const days = new Set(
    group
      .map((each) => each.date)
      .filter((date) => date !== undefined && date >= period.from && date <= period.to),
  );
  if (days.size * 100 >= expected * rules.reportingPercentMin) return [];
  return [conspicuous('low_reporting_rate', group, { days: days.size, expected })];
}
