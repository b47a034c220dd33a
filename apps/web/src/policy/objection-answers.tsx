import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../kernel/action.ts';
import type { GroupName } from '../kernel/api.ts';
import { ProblemNote } from '../kernel/parts/problem.tsx';

type Objection = {
  readonly id: string;
  readonly by: string;
  readonly text: string;
  readonly answer: string | null;
};
type Ways = {
  readonly group: GroupName;
  readonly send: (id: string, answer: string) => Promise<unknown>;
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
  const { act, busy, fault } = useAction(group);
  return (
    <div className="panel stack">
      <p>
        <strong>{objection.by}</strong> {objection.text}
      </p>
      {objection.answer === null ? (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            void act(() => send(objection.id, answer));
          }}
        >
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
        </p>
      )}
    </div>
  );
}
