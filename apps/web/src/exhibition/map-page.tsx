import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { contract, ResultOf } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../kernel/api.ts';
import { useFilmId } from '../kernel/film.ts';
import { useFormat } from '../kernel/format.ts';
import { Empty, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { CircuitChoice } from './filters.tsx';
import { type Light, LightMark } from './light.tsx';
import { PROVINCES } from './provinces.ts';
import './evidence.css';

type Answer = ResultOf<typeof contract.calendar.map>;
type Province = Answer['provinces'][number];
type Cinema = Answer['cinemas'][number];

const HOURS = [24, 72, 168] as const;

/** The country at a glance: regions as tiles, and a region's cinemas where they stand. */
export function MapPage() {
  const { t, i18n } = useTranslation('exhibition');
  const kernel = useTranslation('kernel').t;
  const filmId = useFilmId();
  const [hours, setHours] = useState<number>(72);
  const [circuitId, setCircuit] = useState<string>();
  const [province, setProvince] = useState<string>();
  const query = {
    hours,
    ...(filmId === undefined ? {} : { filmId }),
    ...(circuitId === undefined ? {} : { circuitId }),
    ...(province === undefined ? {} : { province }),
  };
  const map = useQuery({
    ...ask('calendar', 'map', { query }),
    placeholderData: (before) => before,
  });
  const byName = new Map(map.data?.provinces.map((each) => [each.province, each]));
  const known = new Set(PROVINCES.map((each) => each.name));
  const elsewhere = (map.data?.provinces ?? []).filter((each) => !known.has(each.province));
  const nameOf = (name: string) =>
    i18n.language === 'en' ? (PROVINCES.find((each) => each.name === name)?.en ?? name) : name;
  return (
    <Page wide title={kernel('page.map')} lead={t('map.lead')}>
      <div className="filters">
        <select
          className="input"
          aria-label={t('map.hours')}
          value={hours}
          onChange={(event) => setHours(Number(event.target.value))}
        >
          {HOURS.map((each) => (
            <option key={each} value={each}>
              {t('map.hoursOf', { count: each })}
            </option>
          ))}
        </select>
        <CircuitChoice value={circuitId} onChange={setCircuit} />
      </div>
      {map.isPending ? <Waiting /> : null}
      <ProblemNote fault={map.error} again={() => void map.refetch()} />
      {map.data === undefined ? null : (
        <>
          <div className="tiles">
            {PROVINCES.map((place) => (
              <Tile
                key={place.name}
                name={nameOf(place.name)}
                place={place}
                province={byName.get(place.name)}
                pressed={province === place.name}
                onChoose={() => setProvince(province === place.name ? undefined : place.name)}
              />
            ))}
          </div>
          {elsewhere.length === 0 ? null : (
            <div className="tiles-rest">
              {elsewhere.map((each) => (
                <Tile
                  key={each.province}
                  name={each.province === '' ? t('map.nowhere') : each.province}
                  province={each}
                  pressed={province === each.province}
                  onChoose={() => setProvince(each.province)}
                />
              ))}
            </div>
          )}
          {province === undefined ? (
            <p className="muted">{t('map.choose')}</p>
          ) : (
            <Region name={nameOf(province)} cinemas={map.data.cinemas} />
          )}
        </>
      )}
    </Page>
  );
}

const lightOf = (province: Province | undefined): Light | undefined => {
  if (province === undefined || province.shows === 0) return undefined;
  if (province.red > 0) return 'red';
  return province.amber > 0 ? 'amber' : 'green';
};

function Tile({
  name,
  place,
  province,
  pressed,
  onChoose,
}: {
  name: string;
  place?: { readonly column: number; readonly row: number };
  province: Province | undefined;
  pressed: boolean;
  onChoose: () => void;
}) {
  const { t } = useTranslation('exhibition');
  const format = useFormat();
  const light = lightOf(province);
  return (
    <button
      type="button"
      aria-pressed={pressed}
      className={`tile${light === undefined ? '' : ` tile-${light}`}`}
      disabled={province === undefined}
      style={place === undefined ? {} : { gridColumn: place.column, gridRow: place.row }}
      onClick={onChoose}
    >
      <b>{name}</b>
      {province === undefined ? null : (
        <span className="tile-figures">
          <span>{t('map.cinemas', { count: province.cinemas })}</span>
          {light === undefined ? null : (
            <span>
              <LightMark light={light} />
              {light === 'green'
                ? format.number(province.green)
                : `${format.number(province[light])} / ${format.number(province.shows)}`}
            </span>
          )}
        </span>
      )}
    </button>
  );
}

function Region({ name, cinemas }: { name: string; cinemas: readonly Cinema[] }) {
  const { t } = useTranslation('exhibition');
  const cities = new Map<string, Cinema[]>();
  for (const cinema of cinemas) {
    const city = cinema.city ?? t('map.nowhere');
    cities.set(city, [...(cities.get(city) ?? []), cinema]);
  }
  return (
    <Section title={name}>
      {cinemas.length === 0 ? <Empty title={t('map.none')} /> : null}
      <Points cinemas={cinemas} />
      {[...cities].map(([city, own]) => (
        <details key={city} open={cities.size <= 6} className="city">
          <summary>
            {city} · {t('map.cinemas', { count: own.length })}
          </summary>
          <ul className="city-list">
            {own.map((cinema) => (
              <li key={cinema.id}>
                {cinema.worst === null ? null : <LightMark light={cinema.worst} />}
                <Link to="/exhibition/cinemas/$id" params={{ id: cinema.id }}>
                  {cinema.name}
                </Link>
                <small>{t('map.shows', { count: cinema.shows })}</small>
              </li>
            ))}
          </ul>
        </details>
      ))}
    </Section>
  );
}

const WIDTH = 640;
const HEIGHT = 360;
const EDGE = 24;

/** Cinemas whose place is known, in equirectangular projection about their own middle. */
function Points({ cinemas }: { cinemas: readonly Cinema[] }) {
  const { t } = useTranslation('exhibition');
  const placed = cinemas.flatMap((each) =>
    each.latitude === null || each.longitude === null
      ? []
      : [{ ...each, latitude: each.latitude, longitude: each.longitude }],
  );
  if (placed.length < 2) return null;
  const latitudes = placed.map((each) => each.latitude);
  const longitudes = placed.map((each) => each.longitude);
  const [south, north] = [Math.min(...latitudes), Math.max(...latitudes)];
  const [west, east] = [Math.min(...longitudes), Math.max(...longitudes)];
  const narrow = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const scale = Math.min(
    (WIDTH - 2 * EDGE) / Math.max((east - west) * narrow, 0.05),
    (HEIGHT - 2 * EDGE) / Math.max(north - south, 0.05),
  );
  const x = (longitude: number) =>
    WIDTH / 2 + (longitude - (west + east) / 2) * narrow * scale;
  const y = (latitude: number) => HEIGHT / 2 - (latitude - (south + north) / 2) * scale;
  return (
    <svg
      className="points"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={t('map.points')}
    >
      {placed.map((each) => (
        <circle
          key={each.id}
          cx={x(each.longitude)}
          cy={y(each.latitude)}
          r={each.worst === 'red' ? 7 : 5}
          className={`point point-${each.worst ?? 'none'}`}
        >
          <title>{each.name}</title>
        </circle>
      ))}
    </svg>
  );
}
