import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';

/** What the applicant says against a refusal, and what was answered. */
export function AppealPart({ claimId, applicantId, state }: {
  claimId: string; applicantId: string; state: string;
}) {
  const { t } = useTranslation('policy');
  const format = useFormat();
  const { can, organisation } = useSession();
  const [text, setText] = useState('');
  const [fault, setFault] = useState<unknown>(null);
  const list = useQuery(ask('policyDesk', 'appeals', { query: { claimId } }));
  const rows = list.data?.rows ?? [];
  const waiting = rows.some(({ upheld }) => upheld === null);
  const may = state === 'rejected' && organisation?.id === applicantId && can('policy.apply')
    && !waiting;
  if (rows.length === 0 && !may) return null;
  const send = async () => {
    try {
      setFault(null);
      await api.policyDesk.appeal({ params: { id: claimId }, body: { text } });
      setText('');
    } catch (caught) {
      setFault(caught);
    }
    await forget('policyDesk');
    await forget('policy');
  };
  return (
    <Section title={t('appeal')}>
      {rows.map((each) => (
        <div key={each.id} className="panel stack">
          <p><strong>{each.by} · {format.date(each.madeOn)}</strong> {each.text}</p>
          <p className="muted">{t(each.upheld === null ? 'appealOpen'
            : each.upheld ? 'upheld' : 'dismissed')}
          {each.answer === null ? null : ` · ${each.answeredBy ?? ''} · ${each.answer}`}</p>
        </div>
      ))}
      {may ? (
        <div className="panel stack">
          <label className="field"><span>{t('appealLead')}</span>
            <textarea className="input" rows={4} value={text}
              onChange={({ target }) => setText(target.value)} /></label>
          <ProblemNote fault={fault} />
          <p><button type="button" className="button button-first"
            disabled={text.trim().length < 5} onClick={() => void send()}>
            {t('makeAppeal')}</button></p>
        </div>
      ) : null}
    </Section>
  );
}
