import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ask } from '../kernel/api.ts';
import type { Light } from './light.tsx';
import './exhibition.css';

/** Circuits to choose one from, or all. */
export function CircuitChoice({
  value,
  onChange,
}: {
  value: string | undefined;
  onChange: (circuitId: string | undefined) => void;
}) {
  const { t } = useTranslation('exhibition');
  const { data } = useQuery(ask('exhibition', 'circuits', { query: { limit: 500 } }));
  return (
    <select
      className="input"
      aria-label={t('circuit')}
      value={value ?? ''}
      onChange={(event) => onChange(event.target.value || undefined)}
    >
      <option value="">{t('allCircuits')}</option>
      {(data?.rows ?? []).map((each) => (
        <option key={each.id} value={each.id}>
          {each.name}
        </option>
      ))}
    </select>
  );
}

/** Cinemas to choose one from; the first hundreds by name, which is enough for one's own. */
export function CinemaChoice({
  value,
  onChange,
  none,
}: {
  value: string | undefined;
  onChange: (cinemaId: string | undefined) => void;
  none: string;
}) {
  const { t } = useTranslation('exhibition');
  const { data } = useQuery(ask('exhibition', 'cinemas', { query: { limit: 500 } }));
  return (
    <select
      className="input"
      aria-label={t('cinema')}
      value={value ?? ''}
      onChange={(event) => onChange(event.target.value || undefined)}
    >
      <option value="">{none}</option>
      {(data?.rows ?? []).map((each) => (
        <option key={each.id} value={each.id}>
          {each.name}
        </option>
      ))}
    </select>
  );
}

/** One readiness only, or every one. */
export function LightChoice({
  value,
  onChange,
}: {
  value: Light | undefined;
  onChange: (light: Light | undefined) => void;
}) {
  const { t } = useTranslation('exhibition');
  return (
    <select
      className="input"
      aria-label={t('calendar.readiness')}
      value={value ?? ''}
      onChange={(event) => onChange((event.target.value || undefined) as Light | undefined)}
    >
      <option value="">{t('calendar.anyReadiness')}</option>
      {(['red', 'amber', 'green'] as const).map((light) => (
        <option key={light} value={light}>
          {t(`light.${light}`)}
        </option>
      ))}
    </select>
  );
}

/** A first and a last day. */
export function DayRange({
  from,
  to,
  onChange,
}: {
  from: string;
  to: string;
  onChange: (range: { from: string; to: string }) => void;
}) {
  const { t } = useTranslation('exhibition');
  return (
    <>
      <label className="field-row">
        <span>{t('firstDay')}</span>
        <input
          className="input"
          type="date"
          value={from}
          onChange={(event) => onChange({ from: event.target.value, to })}
        />
      </label>
      <label className="field-row">
        <span>{t('lastDay')}</span>
        <input
          className="input"
          type="date"
          value={to}
          onChange={(event) => onChange({ from, to: event.target.value })}
        />
      </label>
    </>
  );
}
