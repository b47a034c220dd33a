import { OBJECTION_OUTCOMES } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../kernel/action.ts';
import type { GroupName } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { ProblemNote } from '../kernel/parts/problem.tsx';

type Objection = {
  readonly id: string;
  readonly by: string;
  readonly text: string;
  readonly answerBy: string | null;
  readonly outcome: ObjectionOutcome | null;
  readonly answer: string | null;
};
export type ObjectionOutcome = (typeof OBJECTION_OUTCOMES)[number];
type Ways = {
  readonly group: GroupName;
  readonly send: (
    id: string,
    given: { readonly outcome: ObjectionOutcome; readonly answer: string },
  ) => Promise<unknown>;
};

/** Objections to claims, entries, catalogues and rounds: each is read and answered by itself. */
export function ObjectionAnswers({ rows, ...ways }: Ways & { rows: readonly Objection[] }) {
  return (
    <>
      {rows.map((each) => (
        <Answer key={each.id} objection={each} {...ways} />
      ))}
    </>
  );
}

function Answer({ objection, group, send }: Ways & { objection: Objection }) {
  const { t } = useTranslation('policy');
  const [answer, setAnswer] = useState('');
  const [outcome, setOutcome] = useState<ObjectionOutcome>('dismissed');
  const { act, busy, fault } = useAction(group);
  return (
    <div className="panel stack">
      <p>
        <strong>{objection.by}</strong> {objection.text}
      </p>
      <AnswerTerm objection={objection} />
      {objection.answer === null ? (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            void act(() => send(objection.id, { outcome, answer }));
          }}
        >
          <OutcomeField value={outcome} onChange={setOutcome} />
          <label className="field">
            <span>{t('answer')}</span>
            <textarea
              className="input"
              rows={2}
              required
              minLength={2}
              value={answer}
              onChange={({ target }) => setAnswer(target.value)}
            />
          </label>
          <ProblemNote fault={fault} />
          <p>
            <button className="button button-first" disabled={busy}>
              {t('send')}
            </button>
          </p>
        </form>
      ) : (
        <p>
          {t('answer')}：{objection.answer}
          {objection.outcome === null ? null : (
            <strong> {t(`objected.${objection.outcome}`)}</strong>
          )}
        </p>
      )}
    </div>
  );
}

/** The day by which an objection is to be answered, as long as it waits. */
function AnswerTerm({ objection }: { objection: Objection }) {
  const { t } = useTranslation('policy');
  const format = useFormat();
  if (objection.answerBy === null || objection.answer !== null) return null;
  return <p className="muted">{t('answerBy', { on: format.date(objection.answerBy) })}</p>;
}

/** Whether an objection is right, in part, or not. */
export function OutcomeField({ value, onChange }: {
  value: ObjectionOutcome;
  onChange: (outcome: ObjectionOutcome) => void;
}) {
  const { t } = useTranslation('policy');
  return (
    <label className="field">
      <span>{t('outcome')}</span>
      <select className="input" value={value}
        onChange={({ target }) => onChange(OBJECTION_OUTCOMES[target.selectedIndex]!)}>
        {OBJECTION_OUTCOMES.map((each) => (
          <option key={each} value={each}>{t(`objected.${each}`)}</option>
        ))}
      </select>
    </label>
  );
}
