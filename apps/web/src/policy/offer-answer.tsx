import type { policyClaimSchema } from '@yinglian/contract';
import { useTranslation } from 'react-i18next';
import { useAction } from '../kernel/action.ts';
import { api } from '../kernel/api.ts';
import { Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';

type Claim = (typeof policyClaimSchema)['_output'];

/** A company's answer to an offer: the account to be paid, and its consent. */
export function OfferAnswer({ claim }: { claim: Claim }) {
  const { t } = useTranslation('policy');
  const { act, busy, fault } = useAction('policy', 'policyDesk');
  if (!claim.actions.some(({ action }) => action === 'confirm')) return null;
  const confirm = (form: HTMLFormElement) => {
    const field = (name: string) => String(new FormData(form).get(name));
    const account = {
      holder: field('holder'), bank: field('bank'), number: field('number'),
      agrees: true as const,
    };
    return act(() => api.policy.act({ params: { id: claim.id },
      body: { version: claim.version, action: 'confirm', account } }));
  };
  return (
    <Section title={t('offerAnswer')}>
      <form className="panel stack" onSubmit={(event) => {
        event.preventDefault();
        void confirm(event.currentTarget);
      }}>
        <p className="muted">{t('offerAnswerText')}</p>
        <label className="field"><span>{t('accountHolder')}</span>
          <input className="input" name="holder" required defaultValue={claim.applicant} /></label>
        <label className="field"><span>{t('accountBank')}</span>
          <input className="input" name="bank" required /></label>
        <label className="field"><span>{t('accountNumber')}</span>
          <input className="input" name="number" required inputMode="numeric"
            pattern="[0-9A-Za-z \-]{5,40}" /></label>
        <label className="row"><input type="checkbox" name="agrees" required />
          <span>{t('accountConsent')}</span></label>
        <ProblemNote fault={fault} />
        <p><button className="button button-first" disabled={busy}>{t('confirmOffer')}</button></p>
      </form>
    </Section>
  );
}
