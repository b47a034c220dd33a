import { useInfiniteQuery } from '@tanstack/react-query';
import type { contract, ResultOf } from '@yinglian/contract';
import { addDays } from '@yinglian/core';
import { type KeyboardEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../kernel/api.ts';
import { useFilmId } from '../kernel/film.ts';
import { useFormat } from '../kernel/format.ts';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { Findings } from '../kernel/parts/findings.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { Empty, Page, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { CinemaChoice, CircuitChoice, LightChoice } from './filters.tsx';
import { type Light, LightMark } from './light.tsx';
import './evidence.css';

type Row = ResultOf<typeof contract.calendar.days>['rows'][number];
type Day = Row['days'][number];
type Chosen = { readonly row: Row; readonly day: Day };

const DAYS = 7;

/** A day on the reader's own clock; the cinemas' days begin where they are. */
const today = () => {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
};

/** Bookings and programme of a week: a screen a line, a day a column; arrows go between cells. */
export function CalendarPage() {
  const { t } = useTranslation('exhibition');
  const kernel = useTranslation('kernel').t;
  const filmId = useFilmId();
  const [from, setFrom] = useState(today);
  const [circuitId, setCircuit] = useState<string>();
  const [cinemaId, setCinema] = useState<string>();
  const [worst, setWorst] = useState<Light>();
  const [chosen, setChosen] = useState<Chosen>();
  const asked = { from, days: DAYS, filmId, circuitId, cinemaId, worst };
  const list = useInfiniteQuery({
    queryKey: ['calendar', 'days', asked],
    queryFn: ({ pageParam, signal }) =>
      api.calendar.days({ query: { ...clean(asked), ...after(pageParam) }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  });
  const rows = list.data?.pages.flatMap((page) => page.rows) ?? [];
  return (
    <Page
      wide
      title={kernel('page.calendar')}
      lead={t('calendar.lead')}
      actions={
        <div className="row">
          <button type="button" className="button" onClick={() => setFrom(addDays(from, -DAYS))}>
            {t('calendar.before')}
          </button>
          <button type="button" className="button" onClick={() => setFrom(today())}>
            {t('calendar.today')}
          </button>
          <button type="button" className="button" onClick={() => setFrom(addDays(from, DAYS))}>
            {t('calendar.after')}
          </button>
        </div>
      }
    >
      <div className="filters">
        <label className="field-row">
          <span>{t('firstDay')}</span>
          <input
            className="input"
            type="date"
            value={from}
            onChange={(event) => setFrom(event.target.value || today())}
          />
        </label>
        <CircuitChoice value={circuitId} onChange={setCircuit} />
        <CinemaChoice value={cinemaId} onChange={setCinema} none={t('calendar.allCinemas')} />
        <LightChoice value={worst} onChange={setWorst} />
      </div>
      {list.isPending ? <Waiting /> : null}
      <ProblemNote fault={list.error} again={() => void list.refetch()} />
      {list.isSuccess && rows.length === 0 ? (
        <Empty title={t('calendar.none')}>{t('calendar.noneText')}</Empty>
      ) : null}
      {rows.length === 0 ? null : (
        <Week
          rows={rows}
          onChoose={(row, day) => setChosen({ row, day })}
          more={list.hasNextPage ? () => void list.fetchNextPage() : undefined}
        />
      )}
      <DayDialog chosen={chosen} onClose={() => setChosen(undefined)} />
    </Page>
  );
}

const after = (mark: string | undefined) => (mark === undefined ? {} : { after: mark });

/** Without what is undefined: the address of a question names only what is asked. */
function clean<Query extends Record<string, unknown>>(query: Query) {
  return Object.fromEntries(
    Object.entries(query).filter(([, value]) => value !== undefined),
  ) as { [Key in keyof Query]: Exclude<Query[Key], undefined> };
}

function Week({
  rows,
  onChoose,
  more,
}: {
  rows: readonly Row[];
  onChoose: (row: Row, day: Day) => void;
  more: (() => void) | undefined;
}) {
  const { t } = useTranslation('exhibition');
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  const table = useRef<HTMLTableElement>(null);
  const go = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    const cell = (event.target as HTMLElement).dataset;
    if (step === undefined || cell['line'] === undefined) return;
    const [line, column] = [Number(cell['line']) + step[0], Number(cell['column']) + step[1]];
    const next = table.current?.querySelector<HTMLButtonElement>(
      `[data-line="${line}"][data-column="${column}"]`,
    );
    if (next == null) return;
    event.preventDefault();
    next.focus();
  };
  return (
    <div className="calendar-frame" role="region" aria-label={kernel('page.calendar')} tabIndex={0}>
      {/* The arrows are for those who know them; every cell is reached with Tab as well. */}
      <table className="calendar" ref={table} onKeyDown={go}>
        <caption className="sr-only">{t('calendar.keys')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('screen')}</th>
            {rows[0]!.days.map((day) => (
              <th key={day.date} scope="col">
                {format.shortDay(`${day.date}T12:00`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, line) => (
            <tr key={row.screenId}>
              <th scope="row">
                {row.cinemaName}
                <small>{row.screenName}</small>
              </th>
              {row.days.map((day, column) => (
                <td key={day.date} data-label={format.shortDay(`${day.date}T12:00`)}>
                  <DayCell
                    day={day}
                    place={{ line, column }}
                    onChoose={() => onChoose(row, day)}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {more === undefined ? null : (
        <p className="records-foot">
          <button type="button" className="button" onClick={more}>
            {kernel('more')}
          </button>
        </p>
      )}
    </div>
  );
}

const STEPS: Readonly<Record<string, readonly [line: number, column: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};
const SHOWN = 3;

function DayCell({
  day,
  place,
  onChoose,
}: {
  day: Day;
  place: { line: number; column: number };
  onChoose: () => void;
}) {
  const { t } = useTranslation('exhibition');
  const look = day.worst === null ? '' : ` day-${day.worst}`;
  return (
    <button
      type="button"
      className={`day${look}`}
      data-line={place.line}
      data-column={place.column}
      onClick={onChoose}
    >
      {day.shows.length === 0 && day.bookings.length === 0 ? (
        <span className="day-nothing">—</span>
      ) : null}
      {day.shows.slice(0, SHOWN).map((show) => (
        <span key={show.id} className="day-show">
          <LightMark light={show.light} />
          <b>{show.start}</b> {show.filmTitle}
        </span>
      ))}
      {day.shows.length > SHOWN ? (
        <span className="day-more">{t('calendar.more', { count: day.shows.length - SHOWN })}</span>
      ) : null}
      {day.shows.length === 0
        ? day.bookings.map((booking) => (
            <span key={booking.id} className="day-booking">
              {booking.filmTitle}
              <small>{t(`bookingState.${booking.state}`, { defaultValue: booking.state })}</small>
            </span>
          ))
        : null}
    </button>
  );
}

function DayDialog({ chosen, onClose }: { chosen: Chosen | undefined; onClose: () => void }) {
  const { t } = useTranslation('exhibition');
  const format = useFormat();
  const title =
    chosen === undefined
      ? ''
      : `${chosen.row.cinemaName} ${chosen.row.screenName} · ${format.date(chosen.day.date)}`;
  return (
    <Dialog title={title} open={chosen !== undefined} onClose={onClose} place="side">
      {chosen === undefined ? null : (
        <div className="stack">
          <h3>{t('calendar.shows')}</h3>
          {chosen.day.shows.length === 0 ? <p>{t('calendar.noShows')}</p> : null}
          <ul className="day-list">
            {chosen.day.shows.map((show) => (
              <li key={show.id}>
                <p className="day-show">
                  <LightMark light={show.light} />
                  <b>{show.start}</b> {show.filmTitle}
                  <small>{t('calendar.minutes', { count: show.minutes })}</small>
                </p>
                <Findings findings={show.findings} />
              </li>
            ))}
          </ul>
          <h3>{t('calendar.bookings')}</h3>
          {chosen.day.bookings.length === 0 ? <p>{t('calendar.noBookings')}</p> : null}
          <ul className="day-list">
            {chosen.day.bookings.map((booking) => (
              <li key={booking.id}>
                <Icon name="film" size={14} /> {booking.filmTitle} ·{' '}
                {t(`bookingState.${booking.state}`, { defaultValue: booking.state })}
              </li>
            ))}
          </ul>
        </div>
      )}
    </Dialog>
  );
}
