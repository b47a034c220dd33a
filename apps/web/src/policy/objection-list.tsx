import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';

/** Objections as the department reads and answers them; nobody else sees this part. */
export function ObjectionList({ claimId, open }: { claimId: string; open: number }) {
  const { t } = useTranslation('policy');
  const { can } = useSession();
  const [answer, setAnswer] = useState('');
  const [fault, setFault] = useState<unknown>(null);
  const list = useQuery({
    ...ask('policy', 'objections', { params: { id: claimId } }),
    enabled: can('policy.manage') && open > 0,
    retry: false,
  });
  const rows = list.data?.rows ?? [];
  if (rows.length === 0) return null;
  const send = async (id: string) => {
    try {
      await api.policy.answerObjection({ params: { id }, body: { answer } });
      setAnswer('');
    } catch (caught) {
      setFault(caught);
    }
    await forget('policy');
  };
  return (
    <Section title={t('objection')}>
      {rows.map((each) => (
        <div key={each.id} className="panel stack">
          <p><strong>{each.by}</strong> {each.text}</p>
          {each.answer === null ? (
            <>
              <label className="field">
                <span>{t('answer')}</span>
                <input className="input" value={answer}
                  onChange={(event) => setAnswer(event.target.value)} />
              </label>
              <button type="button" className="button" onClick={() => void send(each.id)}>
                {t('send')}
              </button>
            </>
          ) : <p>{each.answer}</p>}
        </div>
      ))}
      <ProblemNote fault={fault} />
    </Section>
  );
}
