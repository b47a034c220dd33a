import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Empty, Page, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { useSession } from '../kernel/session.ts';
import { NoDepartment, useDepartment } from './department.tsx';
import './opencall.css';

/** The rounds that the acting department leads, drafts among them. */
export function RoundsPage() {
  const { t } = useTranslation('opencall');
  const format = useFormat();
  const { can, organisation } = useSession();
  const { data, error } = useQuery(ask('opencall', 'rounds'));
  const department = useDepartment();
  const own = (data?.rows ?? []).filter((each) => each.departmentId === organisation?.id);
  return (
    <Page
      title={t('officer')}
      lead={t('officerLead')}
      actions={
        department === true && can('policy.manage') ? (
          <Link className="button button-first" to="/policy/opencall/rounds/new">
            {t('newRound')}
          </Link>
        ) : null
      }
    >
      <ProblemNote fault={error} />
      {data === undefined ? (
        error === null ? (
          <Waiting />
        ) : null
      ) : department === false ? (
        <NoDepartment />
      ) : own.length === 0 ? (
        <Empty title={t('noRounds')}>{t('noRoundsOfficer')}</Empty>
      ) : (
        <Records
          label={t('officer')}
          rows={own}
          keyOf={(each) => each.id}
          columns={[
            {
              title: t('task'),
              head: true,
              cell: (each) => (
                <Link to="/policy/opencall/rounds/$id" params={{ id: each.id }}>
                  {each.entry.code} {each.title}
                </Link>
              ),
            },
            { title: t('stateTitle'), cell: (each) => t(`state.${each.state}`) },
            { title: t('closes'), figure: true, cell: (each) => format.moment(each.closesAt) },
          ]}
        />
      )}
    </Page>
  );
}
