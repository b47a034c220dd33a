import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { addressOf, contract } from '@yinglian/contract';
import { useTranslation } from 'react-i18next';
import { ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Facts, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Changes } from './changes.tsx';
import { Ending } from './ending.tsx';
import { MilestoneCard } from './milestone-card.tsx';
import type { Project } from './project.ts';
import './opencall.css';

/** One contract: its steps, what was measured, what was paid, what was changed, how it ended. */
export function ProjectPage() {
  const { id } = useParams({ from: '/desk/policy/opencall/projects/$id' });
  const { t } = useTranslation('opencall');
  const { data, error } = useQuery(ask('opencall', 'project', { params: { id } }));
  if (error !== null) {
    return (
      <Page title={t('projects')}>
        <ProblemNote fault={error} />
      </Page>
    );
  }
  if (data === undefined) return <Waiting />;
  return (
    <Page
      title={data.title}
      kicker={`${t('projects')} · ${data.code}`}
      lead={t(`projectNext.${data.state}`)}
      actions={
        <>
          <Link className="button" to="/opencall/$id" params={{ id: data.roundId }}>
            {t('publicPage')}
          </Link>
          {data.weighed ? (
            <a
              className="button"
              download
              href={addressOf(contract.opencall.awardReceipt, { params: { id } })}
            >
              {t('awardReceipt')}
            </a>
          ) : null}
        </>
      }
    >
      <Overview project={data} />
      <Section title={t('milestones')}>
        {data.milestones.map((each) => (
          <MilestoneCard key={`${each.code} ${each.state}`} project={data} milestone={each} />
        ))}
      </Section>
      <Changes key={`changes ${data.changes.length}`} project={data} />
      <Ending key={`ending ${data.state}`} project={data} />
    </Page>
  );
}

function Overview({ project }: { project: Project }) {
  const { t } = useTranslation('opencall');
  const format = useFormat();
  return (
    <Facts
      rows={[
        [t('bidder'), project.applicant],
        [t('department'), project.department],
        [t('stateTitle'), t(`projectState.${project.state}`)],
        [t('grant'), format.money(project.grantFen)],
        [t('paid'), format.money(project.paidFen)],
        [t('acceptance'), t(`acceptanceRule.${project.acceptance}`)],
      ]}
    />
  );
}
