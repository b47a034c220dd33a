import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { addressOf, contract, type OutputOf } from '@yinglian/contract';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Findings } from '../kernel/parts/findings.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { JobLine } from '../kernel/parts/job.tsx';
import { Facts, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { State } from '../kernel/parts/state.tsx';
import { useSession } from '../kernel/session.ts';
import { CheckCounts } from './check-counts.tsx';
import { DkdmSection } from './dkdm-section.tsx';
import { WithdrawPackage } from './withdraw-package.tsx';
import './distribution.css';

type Package = OutputOf<typeof contract.distribution.package.result>;
type Row = [label: string, value: ReactNode];
const WORKING = ['building', 'checking'];

/** One package: what is in it, what was found when it was checked, and its keys. */
export function PackagePage() {
  const { t } = useTranslation('distribution');
  const kernel = useTranslation('kernel').t;
  const { can } = useSession();
  const format = useFormat();
  const { id } = useParams({ from: '/desk/distribution/packages/$id' });
  const answer = useQuery(ask('distribution', 'package', { params: { id } }));
  if (answer.isPending) return <Waiting />;
  if (answer.isError) {
    return <ProblemNote fault={answer.error} again={() => void answer.refetch()} />;
  }
  const { data } = answer;
  return (
    <Page wide title={data.title}
      kicker={<Link to="/distribution">{kernel('page.packages')}</Link>}
      actions={<Actions data={data} />}>
      {WORKING.includes(data.state) ? <Working jobId={data.jobId} /> : null}
      <div className="panel">
        <Facts rows={[
          [t('state'), <State key="state" state={data.state} />],
          ...(data.originalIds.length === 0 ? [] : [[
            t('originals'), data.originalIds.map((each) => <Original key={each} id={each} />),
          ] satisfies Row]),
          ...(data.withdrawnAt === null ? [] : [[
            t('withdrawn'), format.moment(data.withdrawnAt),
          ] satisfies Row]),
          [t('checked'), <CheckCounts key="checked" checked={data.checked} />],
          [t('standard'), data.standard === 'smpte' ? 'SMPTE' : 'Interop'],
          [t('encryption'), t(data.encrypted ? 'encrypted' : 'plain')],
          [t('judgedBy'), t(`profile.${data.profile ?? 'auto'}`)],
        ]} />
      </div>
      <Content data={data} />
      {data.encrypted && data.assetId === null && can('distribution.build')
        ? <DkdmSection data={data} /> : null}
      <Section title={t('findings')}>
        {data.findings.length === 0 ? <p className="muted">{t('noFindings')}</p>
          : <div className="panel"><Findings findings={data.findings} /></div>}
      </Section>
    </Page>
  );
}

/** A package whose assets this one plays. */
function Original({ id }: { id: string }) {
  const original = useQuery(ask('distribution', 'package', { params: { id } }));
  return (
    <Link to="/distribution/packages/$id" params={{ id }}>{original.data?.title ?? id}</Link>
  );
}

function Actions({ data }: { data: Package }) {
  const { t } = useTranslation('distribution');
  const kernel = useTranslation('kernel').t;
  const { can } = useSession();
  const [fault, setFault] = useState<unknown>(null);
  const check = () => api.distribution.check({ params: { id: data.id } })
    .then(() => forget('distribution', 'jobs'))
    .catch(setFault);
  const idle = !WORKING.includes(data.state);
  return (
    <>
      {idle && data.files.length > 0 ? (
        <a className="button" download
          href={addressOf(contract.distribution.download, { params: { id: data.id } })}>
          <Icon name="download" />{t('archive')}
        </a>
      ) : null}
      {idle && can('distribution.build') ? (
        <button type="button" className="button" onClick={() => void check()}>
          <Icon name="retry" />{t('checkAgain')}
        </button>
      ) : null}
      {data.encrypted && data.state === 'passed' ? (
        <>
          <Link to="/distribution/readiness" search={{ package: data.id, film: data.filmId }}
            className="button">{kernel('page.readiness')}</Link>
          {can('distribution.issue_keys') ? (
            <Link to="/distribution/keys/issue" className="button button-first"
              search={{ package: data.id, film: data.filmId }}>
              <Icon name="key" />{kernel('do.issueKeys')}
            </Link>
          ) : null}
        </>
      ) : null}
      {data.withdrawnAt === null && idle && can('distribution.release')
        ? <WithdrawPackage data={data} /> : null}
      <ProblemNote fault={fault} />
    </>
  );
}

function Working({ jobId }: { jobId: string | null }) {
  const job = useQuery({
    ...ask('jobs', 'get', { params: { id: jobId ?? '' } }), enabled: jobId !== null,
  });
  return job.data === undefined ? null
    : <div className="panel"><JobLine job={job.data} /></div>;
}

function Content({ data }: { data: Package }) {
  const { t } = useTranslation('distribution');
  const format = useFormat();
  return (
    <>
      {data.compositions.length === 0 ? null : (
        <Section title={t('compositions')}>
          <Records label={t('compositions')} rows={data.compositions} keyOf={(each) => each.id}
            columns={[
              { title: t('title'), head: true, cell: (each) => (
                <>{each.title}<small className="mono">{each.id}</small></>
              ) },
              { title: t('editRate'), figure: true, cell: (each) => each.editRate },
              { title: t('frames'), figure: true,
                cell: (each) => format.number(each.durationFrames) },
              { title: t('reels'), figure: true, cell: (each) => format.number(each.reels) },
            ]} />
        </Section>
      )}
      {data.files.length === 0 ? null : (
        <Section title={t('files')}>
          <Records label={t('files')} rows={data.files} keyOf={(each) => each.path} columns={[
            { title: t('path'), head: true, cell: (each) => (
              <a href={addressOf(contract.files.download, { params: { id: each.file.id } })}
                download><span className="mono">{each.path}</span></a>
            ) },
            { title: t('size'), figure: true, cell: (each) => format.bytes(each.file.sizeBytes) },
            { title: 'SHA-256', cell: (each) => (
              <span className="mono muted" title={each.file.digest}>
                {each.file.digest.slice(7, 23)}…
              </span>
            ) },
          ]} />
        </Section>
      )}
    </>
  );
}
