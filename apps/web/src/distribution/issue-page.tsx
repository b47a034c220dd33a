import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { addressOf, contract } from '@yinglian/contract';
import { Checkbox, DatePicker, Select } from 'antd';
import dayjs from 'dayjs';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFilmId } from '../kernel/film.ts';
import { Findings } from '../kernel/parts/findings.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { JobLine } from '../kernel/parts/job.tsx';
import { Page, Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { KeyTable } from './key-table.tsx';
import { ScreenChooser } from './screen-chooser.tsx';
import './distribution.css';

const FORMULATIONS = ['modified-transitional-1', 'dci-any', 'dci-specific',
  'multiple-modified-transitional-1'] as const;

/** Choose a package, the screens and the window; keys are then made by a job. */
export function IssuePage() {
  const { t } = useTranslation('distribution');
  const kernel = useTranslation('kernel').t;
  const filmId = useFilmId();
  const search = useSearch({ from: '/desk/distribution/keys/issue' });
  const packages = useQuery(ask('distribution', 'packages', {
    query: { limit: 200, ...(filmId === undefined ? {} : { filmId }) },
  }));
  const keyed = (packages.data?.rows ?? []).filter((each) => each.encrypted
    && each.state === 'passed');
  const [chosen, setChosen] = useState<string>();
  const packageId = chosen ?? search.package ?? keyed[0]?.id;
  const [screens, setScreens] = useState<ReadonlySet<string>>(new Set());
  const [window, setWindow] = useState({ from: '', until: '' });
  const [options, setOptions] = useState<Options>({
    formulation: 'modified-transitional-1', forensicPicture: true, forensicSound: true,
  });
  const [jobId, setJobId] = useState<string>();
  const [waits, setWaits] = useState(false);
  const keyWords = useTranslation('keys').t;
  const [fault, setFault] = useState<unknown>(null);
  const ready = packageId !== undefined && screens.size > 0 && window.from !== ''
    && window.until > window.from;
  const issue = async () => {
    if (packageId === undefined) return;
    try {
      const job = await api.distribution.issueKeys({ body: {
        packageId, screenIds: [...screens], notBefore: window.from, notAfter: window.until,
        ...options,
      } });
      setFault(null);
      setJobId(job.jobId ?? undefined);
      setWaits(job.jobId === null);
      await forget('jobs', 'distribution', 'film', 'keys');
    } catch (caught) {
      setFault(caught);
    }
  };
  if (jobId !== undefined && packageId !== undefined) {
    return <Issued jobId={jobId} packageId={packageId} onMore={() => setJobId(undefined)} />;
  }
  return (
    <Page wide title={kernel('do.issueKeys')} lead={t('issueLead')}
      kicker={<Link to="/distribution/keys">{kernel('page.keys')}</Link>}>
      <Section title={t('issue.package')}>
        <Select aria-label={t('issue.package')} value={packageId} onChange={setChosen}
          options={keyed.map((each) => ({ value: each.id, label: each.title }))}
          notFoundContent={t('issue.noPackage')} style={{ inlineSize: '100%' }} />
        {packages.isSuccess && keyed.length === 0 ? <p>{t('issue.noPackage')}</p> : null}
      </Section>
      <Section title={t('issue.screens', { count: screens.size })}>
        <ScreenChooser chosen={screens} onChoose={setScreens} />
      </Section>
      <Section title={t('issue.window')}>
        <WindowFields window={window} onChange={setWindow} />
      </Section>
      <IssueOptions options={options} onChange={setOptions} />
      <ProblemNote fault={fault} />
      {waits ? (
        <p role="status">{keyWords('proposed', { count: 1 })} · <Link
          to="/distribution/key-desk">{kernel('page.keyDesk')}</Link></p>
      ) : null}
      <div className="issue-bar">
        <span>{t('issue.summary', { count: screens.size })}</span>
        <button type="button" className="button button-first button-large" disabled={!ready}
          onClick={() => void issue()}>
          <Icon name="key" />{kernel('do.issueKeys')}
        </button>
      </div>
    </Page>
  );
}

function WindowFields({ window, onChange }: {
  window: { from: string; until: string };
  onChange: (window: { from: string; until: string }) => void;
}) {
  const { t } = useTranslation('distribution');
  return (
    <>
      <p className="muted">{t('issue.windowText')}</p>
      <div className="field-row">
        {(['from', 'until'] as const).map((edge) => (
          <label key={edge} className="field">
            <span>{t(edge)}</span>
            <DatePicker aria-label={t(edge)} showTime={{ format: 'HH:mm' }} needConfirm={false}
              format="YYYY-MM-DD HH:mm" value={window[edge] === '' ? null : dayjs(window[edge])}
              onChange={(at) => onChange({ ...window,
                [edge]: at?.format('YYYY-MM-DDTHH:mm') ?? '' })} />
          </label>
        ))}
      </div>
      {window.from !== '' && window.until !== '' && window.until <= window.from ? (
        <p role="alert" className="field-fault">{t('issue.windowWrong')}</p>
      ) : null}
    </>
  );
}

type Options = {
  formulation: (typeof FORMULATIONS)[number]; forensicPicture: boolean; forensicSound: boolean;
};

function IssueOptions({ options, onChange }: {
  options: Options; onChange: (options: Options) => void;
}) {
  const { t } = useTranslation('distribution');
  return (
    <details className="panel">
      <summary>{t('issue.options')}</summary>
      <div className="stack issue-options">
        <label className="field">
          <span>{t('issue.formulation')}</span>
          <Select aria-label={t('issue.formulation')} value={options.formulation}
            onChange={(formulation) => onChange({ ...options, formulation })}
            options={FORMULATIONS.map((value) => ({ value, label: t(`formulation.${value}`) }))} />
        </label>
        <Checkbox checked={options.forensicPicture} onChange={(event) => onChange(
          { ...options, forensicPicture: event.target.checked })}>
          {t('issue.forensicPicture')}
        </Checkbox>
        <Checkbox checked={options.forensicSound} onChange={(event) => onChange(
          { ...options, forensicSound: event.target.checked })}>
          {t('issue.forensicSound')}
        </Checkbox>
      </div>
    </details>
  );
}

/** The answer to an order of keys: what was issued, what hindered some, and all of it to take. */
function Issued({ jobId, packageId, onMore }: {
  jobId: string; packageId: string; onMore: () => void;
}) {
  const { t } = useTranslation('distribution');
  const kernel = useTranslation('kernel').t;
  const job = useQuery({ ...ask('jobs', 'get', { params: { id: jobId } }),
    refetchInterval: (query) => (query.state.data?.finishedAt == null ? 1500 : false) });
  const ended = job.data?.finishedAt != null;
  const keys = useQuery({ ...ask('distribution', 'keys', { query: { packageId, limit: 500 } }),
    enabled: ended });
  const issued = (keys.data?.rows ?? []).filter((each) => each.jobId === jobId);
  const findings = job.data?.findings ?? [];
  useEffect(() => { if (ended) void forget('distribution'); }, [ended]);
  const title = !ended ? 'issue.working'
    : keys.isSuccess && issued.length === 0 ? 'issue.noneIssued' : 'issue.done';
  return (
    <Page title={t(title)} wide
      kicker={<Link to="/distribution/keys">{kernel('page.keys')}</Link>}>
      <ProblemNote fault={job.error ?? keys.error} />
      {job.data === undefined || ended ? null : (
        <div className="panel"><JobLine job={job.data} /></div>
      )}
      <p className="row">
        {issued.length > 0 ? (
          <a className="button button-first button-large" download
            href={addressOf(contract.distribution.keyArchive, { query: { packageId, jobId } })}>
            <Icon name="download" />{t('keysArchive')}
          </a>
        ) : null}
        <Link className="button" to="/distribution/keys" search={{ package: packageId }}>
          {t('issue.seeKeys')}
        </Link>
        <button type="button" className="button" onClick={onMore}>{t('issue.more')}</button>
      </p>
      {ended && findings.length > 0 ? (
        <Section title={t('issue.found')}>
          <div className="panel"><Findings findings={findings} /></div>
        </Section>
      ) : null}
      {issued.length === 0 ? null : (
        <Section title={kernel('page.keys')}><KeyTable keys={issued} /></Section>
      )}
    </Page>
  );
}
