import { useTranslation } from 'react-i18next';
import { useFormat } from '../kernel/format.ts';

type Step = {
  readonly action: string;
  readonly actor: string;
  readonly on: string;
  readonly reason: string;
};

/** What was done, when and by whom; steps are only ever added. */
export function StepList({
  steps,
  words,
}: {
  readonly steps: readonly Step[];
  /** What an action is called. */
  readonly words: (action: string) => string;
}) {
  const { t } = useTranslation('opencall');
  const format = useFormat();
  if (steps.length === 0) return <p className="muted">{t('noSteps')}</p>;
  return (
    <ol className="opencall-steps">
      {steps.map((step, at) => (
        <li key={`${at} ${step.action}`}>
          <span>{format.date(step.on)}</span>
          <strong>{words(step.action)}</strong>
          <span>
            {step.actor}
            {step.reason === '' ? '' : ` · ${step.reason}`}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** A way with its stations: behind, here, ahead. */
export function Way({
  label,
  stations,
  at,
}: {
  readonly label: string;
  readonly stations: readonly (readonly [state: string, name: string])[];
  readonly at: string;
}) {
  const { t } = useTranslation('opencall');
  const here = stations.findIndex(([state]) => state === at);
  return (
    <ol className="opencall-way" aria-label={label}>
      {stations.map(([state, name], place) => (
        <li
          key={state}
          className={place < here ? 'opencall-behind' : place === here ? 'opencall-here' : ''}
          aria-current={place === here ? 'step' : undefined}
        >
          {name}
          {place < here ? <span className="sr-only"> {t('done')}</span> : null}
        </li>
      ))}
    </ol>
  );
}
