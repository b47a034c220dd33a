import { useQuery } from '@tanstack/react-query';
import type { policyClaimSchema } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';

type Claim = (typeof policyClaimSchema)['_output'];

/** Entries of registers that a claim can rest on: one press fills facts and documents. */
export function SourcePicker({ claim }: { claim: Claim }) {
  const { t } = useTranslation('policy');
  const [fault, setFault] = useState<unknown>(null);
  const { data } = useQuery(ask('registers', 'sources', { params: { id: claim.id } }));
  const rows = data?.rows ?? [];
  if (rows.length === 0) return null;
  const fill = async (entryId: string) => {
    try {
      setFault(null);
      await api.registers.fill({ params: { id: claim.id },
        body: { version: claim.version, entryId } });
    } catch (caught) {
      setFault(caught);
    }
    await forget('policy');
  };
  return (
    <Section title={t('fromRegister')}>
      <p className="muted">{t('fromRegisterLead')}</p>
      {rows.map((each) => (
        <div key={each.entryId} className="panel row source-row">
          <span><strong>{each.headline}</strong> <small>{each.number} · {each.department}
            {each.share === '' ? '' : ` · ${t('share', { share: each.share })}`}</small></span>
          <button type="button" className={claim.source?.entryId === each.entryId
            ? 'button' : 'button button-first'} onClick={() => void fill(each.entryId)}>
            {t(claim.source?.entryId === each.entryId ? 'fillAgain' : 'fill')}
          </button>
        </div>
      ))}
      <ProblemNote fault={fault} />
    </Section>
  );
}
