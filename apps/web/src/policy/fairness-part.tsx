import { FAIRNESS_CONCLUSIONS, type policyCallSchema } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../kernel/action.ts';
import { api } from '../kernel/api.ts';
import { Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';
import { CaseSteps, joined } from './case-steps.tsx';

type Call = (typeof policyCallSchema)['_output'];

/** What the fair-competition review says of a call and of its items, in the order it was said. */
export function FairnessPart({ call, own }: { call: Call; own: boolean }) {
  const { t } = useTranslation('policy');
  const { can } = useSession();
  return (
    <Section title={t('fairness')}>
      {call.fairness.length === 0 ? <p className="muted">{t('noFairness')}</p> : (
        <CaseSteps rows={call.fairness.map((each) => ({
          on: each.on,
          what: `${each.item ?? t('wholeCall')} · ${t(`conclusion.${each.conclusion}`)}`,
          who: joined(each.by, each.quote, each.reason),
        }))} />
      )}
      {own && can('policy.manage') ? <FairnessForm call={call} /> : null}
    </Section>
  );
}

function FairnessForm({ call }: { call: Call }) {
  const { t } = useTranslation('policy');
  const { act, busy, fault } = useAction('policy', 'policyDesk');
  const [item, setItem] = useState('');
  const [conclusion, setConclusion] =
    useState<(typeof FAIRNESS_CONCLUSIONS)[number]>('passes');
  const [quote, setQuote] = useState('');
  const [reason, setReason] = useState('');
  const record = () => act(
    () => api.policyDesk.recordFairness({ params: { id: call.id }, body: {
      item: item === '' ? null : item, conclusion, quote, reason,
    } }),
    () => setReason(''),
  );
  return (
    <details className="panel">
      <summary>{t('recordFairness')}</summary>
      <form className="stack" onSubmit={(event) => {
        event.preventDefault();
        void record();
      }}>
        <p className="muted">{t('recordFairnessText')}</p>
        <label className="field"><span>{t('item')}</span>
          <select className="input" value={item} onChange={({ target }) => setItem(target.value)}>
            <option value="">{t('wholeCall')}</option>
            {call.items.map((each) => <option key={each} value={each}>{each}</option>)}
          </select></label>
        <label className="field"><span>{t('conclusionTitle')}</span>
          <select className="input" value={conclusion}
            onChange={({ target }) => setConclusion(target.value as typeof conclusion)}>
            {FAIRNESS_CONCLUSIONS.map((each) => (
              <option key={each} value={each}>{t(`conclusion.${each}`)}</option>
            ))}
          </select></label>
        <label className="field"><span>{t('legalBasis')}</span>
          <textarea className="input" rows={2} required minLength={2} value={quote}
            onChange={({ target }) => setQuote(target.value)} /></label>
        <label className="field"><span>{t('reason')}</span>
          <textarea className="input" rows={2} required minLength={2} value={reason}
            onChange={({ target }) => setReason(target.value)} /></label>
        <ProblemNote fault={fault} />
        <p><button className="button" disabled={busy}>{t('recordFairness')}</button></p>
      </form>
    </details>
  );
}
