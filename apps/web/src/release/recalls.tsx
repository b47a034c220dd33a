import { useQuery } from '@tanstack/react-query';
import { contract } from '@yinglian/contract';
import { useTranslation } from 'react-i18next';
import { ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Icon } from '../kernel/parts/icon.tsx';
import { ListSheet } from '../kernel/parts/list-sheet.tsx';
import { Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';

/** Withdrawn packages at the boxes of cinemas: where one still lies, and where it is gone. */
export function Recalls({ packageId }: { packageId?: string }) {
  const { t } = useTranslation('release');
  const format = useFormat();
  const query = packageId === undefined ? {} : { packageId };
  const recalls = useQuery(ask('sites', 'recalls', { query }));
  if (recalls.isError) return <ProblemNote fault={recalls.error} />;
  if (recalls.data === undefined || recalls.data.total === 0) return null;
  const { rows, total, held } = recalls.data;
  return (
    <Section title={t('recalls')} actions={<ListSheet of={contract.sites.recalls} query={query} />}>
      <p role="status">{t('recallsHeld', { held, total })}</p>
      <Records label={t('recalls')} rows={rows} total={total}
        keyOf={(each) => `${each.packageId} ${each.cinemaId} ${each.siteName}`} columns={[
          { title: t('cinema'), head: true, cell: (each) => (
            <>{each.cinemaName}<small>{each.siteName}</small></>
          ) },
          { title: t('package'), cell: (each) => each.title },
          { title: t('withdrawnAt'), cell: (each) => format.moment(each.withdrawnAt) },
          { title: t('state'), cell: (each) => (
            <span className={`light recall light-${each.state === 'held' ? 'red' : 'green'}`}>
              <Icon name={each.state === 'held' ? 'warning' : 'check'} size={14} />
              {t(`recallState.${each.state}`)}
            </span>
          ) },
          { title: t('seen'), cell: (each) => (
            each.lastSeenAt === null ? t('never') : format.moment(each.lastSeenAt)) },
        ]} />
    </Section>
  );
}
