import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { addressOf, contract } from '@yinglian/contract';
import { useTranslation } from 'react-i18next';
import { ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { ExportMenu } from '../kernel/parts/export-menu.tsx';
import { Empty, Page, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import './opencall.css';

/** The contracts of open calls that the acting organisation is party to. */
export function ProjectsPage() {
  const { t } = useTranslation('opencall');
  const format = useFormat();
  const { data, error } = useQuery(ask('opencall', 'projects'));
  const rows = data?.rows ?? [];
  return (
    <Page
      title={t('projects')}
      lead={t('projectsLead')}
      actions={
        rows.length === 0 ? null : (
          <ExportMenu
            hrefOf={(as) => addressOf(contract.opencall.exportProjects, { query: { format: as } })}
          />
        )
      }
    >
      <ProblemNote fault={error} />
      {data === undefined ? (
        error === null ? (
          <Waiting />
        ) : null
      ) : rows.length === 0 ? (
        <Empty
          title={t('noProjects')}
          action={
            <Link className="button" to="/opencall">
              {t('title')}
            </Link>
          }
        >
          {t('noProjectsText')}
        </Empty>
      ) : (
        <Records
          label={t('projects')}
          rows={rows}
          keyOf={(each) => each.id}
          columns={[
            {
              title: t('task'),
              head: true,
              cell: (each) => (
                <Link to="/policy/opencall/projects/$id" params={{ id: each.id }}>
                  {each.code} {each.title}
                </Link>
              ),
            },
            { title: t('bidder'), cell: (each) => each.applicant },
            { title: t('department'), cell: (each) => each.department },
            { title: t('stateTitle'), cell: (each) => t(`projectState.${each.state}`) },
            { title: t('grant'), figure: true, cell: (each) => format.money(each.grantFen) },
            { title: t('paid'), figure: true, cell: (each) => format.money(each.paidFen) },
          ]}
        />
      )}
    </Page>
  );
}
