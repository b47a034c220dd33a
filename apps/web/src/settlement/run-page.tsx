import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Findings } from '../kernel/parts/findings.tsx';
import { JobLine } from '../kernel/parts/job.tsx';
import { Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { State } from '../kernel/parts/state.tsx';
import { MoneyFlow } from './money-flow.tsx';
import { RunWhatIf } from './run-what-if.tsx';
import { StatementTable } from './statement-table.tsx';
import './settlement.css';

/** One run: where the money went, and the statements that say so to each party. */
export function RunPage() {
  const { t } = useTranslation('settlement');
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  const { id } = useParams({ from: '/desk/settlement/runs/$id' });
  const run = useQuery({ ...ask('settlement', 'run', { params: { id } }),
    refetchInterval: (query) => (query.state.data?.state === 'running' ? 1500 : false) });
  const film = useQuery({ ...ask('film', 'get', { params: { id: run.data?.filmId ?? '' } }),
    enabled: run.data !== undefined });
  const job = useQuery({ ...ask('jobs', 'get', { params: { id: run.data?.jobId ?? '' } }),
    enabled: run.data?.jobId != null && run.data.state !== 'done' });
  const statements = useQuery({ ...ask('settlement', 'statements', {
    query: { runId: id, limit: 500 } }), enabled: run.data?.state === 'done' });
  if (run.isPending) return <Waiting />;
  if (run.isError) return <ProblemNote fault={run.error} again={() => void run.refetch()} />;
  const { data } = run;
  const of = data.kind === 'theatrical' || data.kind === 'rental' ? 'gross' : 'income';
  return (
    <Page wide title={film.data?.title ?? t('run')}
      kicker={<Link to="/settlement">{kernel('page.runs')}</Link>}
      lead={`${format.date(data.from)} – ${format.date(data.to)}`}
      actions={<State state={data.state} />}>
      {job.data === undefined ? null : <div className="panel"><JobLine job={job.data} /></div>}
      {data.parties.length === 0 ? null : (
        <Section title={t(`flow.title_${of}`)}>
          <MoneyFlow grossFen={data.grossFen} parties={data.parties} of={of} />
        </Section>
      )}
      {data.findings.length === 0 ? null : (
        <Section title={t('findings')}>
          <div className="panel"><Findings findings={data.findings} /></div>
        </Section>
      )}
      <ProblemNote fault={statements.error} />
      {(statements.data?.rows ?? []).length === 0 ? null : (
        <Section title={t('statements')}>
          <StatementTable rows={statements.data?.rows ?? []} />
        </Section>
      )}
      {data.state === 'done' ? <RunWhatIf runId={id} termsKind={data.kind} /> : null}
    </Page>
  );
}
