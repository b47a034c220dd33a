import { type Fen, formatYuan, parseRatio } from '@yinglian/core';
import { useTranslation } from 'react-i18next';

const KILO = 1000;
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Money, times and numbers as the reader's language writes them. Money is exact, always. */
export function useFormat() {
  const { i18n } = useTranslation();
  return formatFor(i18n.language);
}

/** The same for code outside of components. */
export function formatFor(language: string) {
  const day = new Intl.DateTimeFormat(language, { dateStyle: 'medium' });
  const moment = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  const clock = new Intl.DateTimeFormat(language, { timeStyle: 'medium' });
  const number = new Intl.NumberFormat(language);
  return {
    money: (fen: string | Fen) =>
      `¥${formatYuan(BigInt(fen), { grouped: true })}`.replace('¥-', '-¥'),
    number: (value: number) => number.format(value),
    // A business date has no clock: noon UTC is that day in every zone of the trade.
    date: (text: string | null) => (text === null ? '—' : day.format(new Date(`${text}T12:00Z`))),
    moment: (text: string | null) => (text === null ? '—' : moment.format(new Date(text))),
    /** On the clock of another place; the place itself is named beside it. */
    momentIn: (text: string, timeZone: string) =>
      new Intl.DateTimeFormat(language, {
        dateStyle: 'medium',
        timeStyle: 'short',
        timeZone,
      }).format(new Date(text)),
    day: (text: string | null) => (text === null ? '—' : day.format(new Date(text))),
    /** Without the year where that is the present one; there is little room. */
    shortDay: (text: string) => shortDayText(text, language),
    clock: (text: string) => clock.format(new Date(text)),
    bytes: (count: number) => bytesText(count, language),
    percent: (share: string) => percentText(share),
    seconds: (from: string, to: string | null) => secondsText(from, to),
  };
}

function shortDayText(text: string, language: string): string {
  const at = new Date(text);
  const year = at.getFullYear() === new Date().getFullYear() ? {} : { year: 'numeric' as const };
  return new Intl.DateTimeFormat(language, { ...year, month: 'short', day: 'numeric' }).format(at);
}

function bytesText(count: number, language: string): string {
  let unit = 0;
  let value = count;
  while (value >= KILO && unit < UNITS.length - 1) {
    value /= KILO;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  const text = new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);
  return `${text} ${UNITS[unit]}`;
}

/** `43/100` as `43%`; a share that no percentage with four places writes exactly stays a ratio. */
function percentText(share: string): string {
  const exact = parseRatio(share);
  if (exact === undefined) return share;
  const points = exact.numerator * 1_000_000n;
  if (points % exact.denominator !== 0n) return share;
  const scaled = points / exact.denominator;
  const sign = scaled < 0n ? '-' : '';
  const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(5, '0');
  const fraction = digits.slice(-4).replace(/0+$/, '');
  return `${sign}${digits.slice(0, -4)}${fraction === '' ? '' : `.${fraction}`}%`;
}

function secondsText(from: string, to: string | null): string {
  const end = to === null ? Date.now() : Date.parse(to);
  const seconds = Math.max(0, (end - Date.parse(from)) / KILO);
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
