import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { contract, OutputOf } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../../kernel/api.ts';
import { useFormat } from '../../kernel/format.ts';
import { Findings } from '../../kernel/parts/findings.tsx';
import { Icon } from '../../kernel/parts/icon.tsx';
import { JobLine } from '../../kernel/parts/job.tsx';
import { Empty, Facts, Page, Section, Waiting } from '../../kernel/parts/page.tsx';
import { Paged } from '../../kernel/parts/paged.tsx';
import { ProblemNote } from '../../kernel/parts/problem.tsx';
import { State } from '../../kernel/parts/state.tsx';
import { UploadLine } from '../../kernel/parts/upload.tsx';
import { useSession } from '../../kernel/session.ts';
import { useUploads } from '../../kernel/uploads.ts';

type Arrival = OutputOf<typeof contract.arrivals.one.result>;

/** One roll: its files under their paths, what they were held against, and what came of it. */
export function ArrivalPage() {
  const kernel = useTranslation('kernel').t;
  const { t } = useTranslation('production');
  const { id } = useParams({ from: '/desk/production/arrivals/$id' });
  const { can } = useSession();
  const arrival = useQuery(ask('arrivals', 'one', { params: { id } }));
  const uploads = useUploads().filter(
    ({ purpose, state }) =>
      purpose.kind === 'arrival' && purpose.arrivalId === id && state !== 'complete',
  );
  if (arrival.isPending) return <Waiting />;
  if (arrival.isError) {
    return <ProblemNote fault={arrival.error} again={() => void arrival.refetch()} />;
  }
  const { data } = arrival;
  const canSeal =
    can('production.write') && data.state !== 'sealing' && data.files > 0 && uploads.length === 0;
  return (
    <Page
      title={data.name}
      kicker={<Link to="/production/arrivals">{kernel('page.arrivals')}</Link>}
      actions={
        <>
          <State state={`arrival_${data.state}`} />
          {canSeal ? <Seal arrival={data} /> : null}
        </>
      }
    >
      {uploads.length === 0 ? null : (
        <div className="panel">
          {uploads.map((each) => (
            <UploadLine key={each.key} upload={each} />
          ))}
        </div>
      )}
      {data.state === 'sealing' && data.jobId !== null ? <Sealing jobId={data.jobId} /> : null}
      <Proof arrival={data} />
      <Section title={t('arrival.files')}>
        <ArrivalFiles arrival={data} />
      </Section>
    </Page>
  );
}

function Seal({ arrival }: { arrival: Arrival }) {
  const { t } = useTranslation('production');
  const [fault, setFault] = useState<unknown>(null);
  const seal = async (ingest: boolean) => {
    try {
      await api.arrivals.seal({
        params: { id: arrival.id },
        body: { version: arrival.version, ingest },
      });
      setFault(null);
      await forget('arrivals', 'jobs');
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <>
      <button type="button" className="button" onClick={() => void seal(false)}>
        <Icon name="check" />
        {t('arrival.seal')}
      </button>
      <button type="button" className="button button-first" onClick={() => void seal(true)}>
        {t('arrival.sealAndIngest')}
      </button>
      <ProblemNote fault={fault} />
    </>
  );
}

/** How often a job under way is asked after. */
const LOOK_EVERY_MS = 1500;

function Sealing({ jobId }: { jobId: string }) {
  const job = useQuery({
    ...ask('jobs', 'get', { params: { id: jobId } }),
    refetchInterval: (query) => {
      const ended = ['done', 'failed', 'cancelled'].includes(query.state.data?.state ?? '');
      if (ended) void forget('arrivals');
      return ended ? false : LOOK_EVERY_MS;
    },
  });
  return job.data === undefined ? null : (
    <div className="panel">
      <JobLine job={job.data} />
    </div>
  );
}

function Proof({ arrival }: { arrival: Arrival }) {
  const { t } = useTranslation('production');
  const format = useFormat();
  const { counts } = arrival;
  return (
    <>
      <Facts
        rows={[
          [t('size'), format.bytes(arrival.sizeBytes)],
          [t('arrival.duplicates'), arrival.duplicates],
          ...(counts === null
            ? []
            : ([
                [t('arrival.verified'), counts.verified],
                [t('arrival.original'), counts.original],
                [t('arrival.failed'), counts.failed],
                [t('arrival.missing'), counts.missing],
                [t('arrival.renamed'), counts.renamed],
              ] as const)),
          [
            t('arrival.sealedAt'),
            arrival.sealedAt === null ? null : format.moment(arrival.sealedAt),
          ],
        ]}
      />
      {arrival.findings.length === 0 ? null : <Findings findings={arrival.findings} />}
    </>
  );
}

function ArrivalFiles({ arrival }: { arrival: Arrival }) {
  const { t } = useTranslation('production');
  const format = useFormat();
  return (
    <Paged
      label={t('arrival.files')}
      name={['arrivals', 'files', arrival.id, arrival.version]}
      load={(after, signal) =>
        api.arrivals.files({
          params: { id: arrival.id },
          query: after === undefined ? {} : { after },
          signal,
        })
      }
      keyOf={(file) => file.path}
      empty={<Empty title={t('arrival.empty')}>{t('arrival.emptyText')}</Empty>}
      columns={[
        {
          title: t('arrival.path'),
          head: true,
          cell: (file) => (
            <a href={`/api/files/${file.fileId}`} download>
              {file.path}
              {file.origin === 'network' ? <small>{t('arrival.written')}</small> : null}
            </a>
          ),
        },
        { title: t('size'), figure: true, cell: (file) => format.bytes(file.sizeBytes) },
        {
          title: t('arrival.same'),
          cell: (file) =>
            file.same.slice(0, 1).map((each) => (
              <Link key={each.path} to="/production/arrivals/$id" params={{ id: each.arrivalId }}>
                {each.arrival} · {each.path}
              </Link>
            )),
        },
        {
          title: t('title'),
          cell: (file) =>
            file.assetId === null ? (
              '—'
            ) : (
              <Link to="/production/assets/$id" params={{ id: file.assetId }}>
                {t('arrival.watch')}
              </Link>
            ),
        },
      ]}
    />
  );
}
