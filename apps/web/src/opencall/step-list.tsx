import { useTranslation } from 'react-i18next';
import { CaseSteps, joined } from '../policy/case-steps.tsx';

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
  if (steps.length === 0) return <p className="muted">{t('noSteps')}</p>;
  const rows = steps.map((step) => ({
    on: step.on,
    what: words(step.action),
    who: joined(step.actor, step.reason),
  }));
  return <CaseSteps rows={rows} />;
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
