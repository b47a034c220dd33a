import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../kernel/api.ts';
import { Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { useSession } from '../kernel/session.ts';
import { useAction } from '../kernel/action.ts';

/** Which organisation of the film stands behind each party of the terms. */
export function TermsParties({ termsId, filmId }: { termsId: string; filmId: string }) {
  const { t, i18n } = useTranslation('settlement');
  const { can } = useSession();
  const { act, busy, fault } = useAction('settlement');
  const parties = useQuery(ask('settlement', 'parties', { params: { id: termsId } }));
  const room = useQuery(ask('rooms', 'get', { params: { id: filmId } }));
  const language = i18n.language === 'en' ? 'en' : 'zh';
  const members = (room.data?.members ?? []).map((each) => ({
    value: each.organisationId, label: each.organisationName,
  }));
  const rows = parties.data?.rows ?? [];
  if (rows.length === 0) return <ProblemNote fault={parties.error} />;
  return (
    <Section title={t('parties')}>
      <p className="muted">{t('partiesHint')}</p>
      <ProblemNote fault={fault ?? room.error} />
      <Records label={t('parties')} rows={rows} keyOf={(each) => each.party} columns={[
        { title: t('party'), head: true, cell: (each) => (
          <>{each.name[language]}
            <small>{t(`role.${each.role}`, { defaultValue: each.role })}</small></>
        ) },
        { title: t('organisation'), cell: (each) => (can('settlement.write') ? (
          <Select className="party-choice" disabled={busy} value={each.organisationId ?? ''}
            aria-label={`${t('parties')} ${each.name[language]}`}
            options={[{ value: '', label: t('nobody') }, ...members]}
            onChange={(chosen: string) => void act(() => api.settlement.linkParties({
              params: { id: termsId }, body: { parties: [{ party: each.party,
                organisationId: chosen === '' ? null : chosen }] } }))} />
        ) : each.organisation ?? t('nobody')) },
      ]} />
    </Section>
  );
}
