import { ProblemError } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from './dialog.tsx';

type Fields = Readonly<Record<string, unknown>>;
type Side = 'stored' | 'sent';
type ConflictProps = {
  fault: unknown;
  /** What to call each field; fields without a name are not for people and are left alone. */
  labels: Readonly<Record<string, string>>;
  onClose: () => void;
  /** The chosen values, and the version they are now based on. */
  onResolve: (merged: Fields, version: number) => void;
};

/** Whether a write met a newer version of the same record. */
export function isConflict(fault: unknown): fault is ProblemError {
  return (
    fault instanceof ProblemError &&
    fault.problem.code === 'conflict' &&
    isFields(fault.problem.stored) &&
    typeof fault.problem.stored['version'] === 'number'
  );
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Two people changed the same record: both versions side by side, field by field. */
export function Conflict({ fault, labels, onClose, onResolve }: ConflictProps) {
  const { t } = useTranslation('kernel');
  const [choices, setChoices] = useState<Readonly<Record<string, Side>>>({});
  if (!isConflict(fault)) return null;
  const stored = fault.problem.stored as Fields;
  const sent = isFields(fault.problem.sent) ? fault.problem.sent : {};
  const differing = Object.keys(labels).filter(
    (key) => key in sent && textOf(stored[key]) !== textOf(sent[key]),
  );
  const merged = () =>
    Object.fromEntries(
      Object.keys(labels).map((key) => [
        key,
        choices[key] === 'stored' || !(key in sent) ? stored[key] : sent[key],
      ]),
    );
  return (
    <Dialog
      title={t('conflict.title')}
      open
      onClose={onClose}
      actions={
        <>
          <button type="button" className="button" onClick={onClose}>
            {t('conflict.leave')}
          </button>
          <button
            type="button"
            className="button button-first"
            onClick={() => onResolve(merged(), Number(stored['version']))}
          >
            {t('conflict.save')}
          </button>
        </>
      }
    >
      <p>{differing.length === 0 ? t('conflict.same') : t('conflict.explain')}</p>
      {differing.map((key) => (
        <fieldset key={key} className="conflict-field">
          <legend>{labels[key]}</legend>
          {(['stored', 'sent'] as const).map((side) => (
            <label key={side} className="conflict-side">
              <input
                type="radio"
                name={key}
                checked={(choices[key] ?? 'sent') === side}
                onChange={() => setChoices({ ...choices, [key]: side })}
              />
              <span className="conflict-whose">{t(`conflict.${side}`)}</span>
              <span className="conflict-value">
                {textOf(side === 'stored' ? stored[key] : sent[key])}
              </span>
            </label>
          ))}
        </fieldset>
      ))}
    </Dialog>
  );
}

function textOf(value: unknown): string {
  if (value === null || value === undefined || value === '') return '—';
  return typeof value === 'object' ? JSON.stringify(value, null, 1) : String(value);
}
