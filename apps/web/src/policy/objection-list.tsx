import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../kernel/api.ts';
import { Section } from '../kernel/parts/page.tsx';
import { useSession } from '../kernel/session.ts';
import { ObjectionAnswers } from './objection-answers.tsx';

/** Objections as the department reads and answers them; nobody else sees this part. */
export function ObjectionList({ claimId, open }: { claimId: string; open: number }) {
  const { t } = useTranslation('policy');
  const { can } = useSession();
  const list = useQuery({
    ...ask('policy', 'objections', { params: { id: claimId } }),
    enabled: can('policy.manage') && open > 0,
    retry: false,
  });
  const rows = list.data?.rows ?? [];
  if (rows.length === 0) return null;
  return (
    <Section title={t('objection')}>
      <ObjectionAnswers rows={rows} group="policy" send={(id, body) =>
        api.policy.answerObjection({ params: { id }, body })} />
    </Section>
  );
}
