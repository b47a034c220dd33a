import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answers, api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Conflict, isConflict } from '../kernel/parts/conflict.tsx';
import { Findings } from '../kernel/parts/findings.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { JobLine } from '../kernel/parts/job.tsx';
import { Facts, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { State } from '../kernel/parts/state.tsx';
import { useSession } from '../kernel/session.ts';
import { type Asset, pictureText } from './media/asset.ts';
import { ReviewRoom } from '../review/review-room.tsx';
import '../review/review.css';

/** One asset: watched frame by frame, talked about, accepted as the master. */
export function ReviewPage() {
  const { t } = useTranslation('production');
  const kernel = useTranslation('kernel').t;
  const { id } = useParams({ from: '/desk/production/assets/$id' });
  const { can } = useSession();
  const asset = useQuery(ask('production', 'asset', { params: { id } }));
  if (asset.isPending) return <Waiting />;
  if (asset.isError) return <ProblemNote fault={asset.error} again={() => void asset.refetch()} />;
  const { data } = asset;
  return (
    <Page wide title={data.title} kicker={<Link to="/production">{kernel('page.assets')}</Link>}
      actions={
        <>
          <State state={data.state} />
          <a className="button" href={`/api/files/${data.original.id}`} download>
            <Icon name="download" />{t('original')}
          </a>
          {can('distribution.build') && data.state === 'accepted' ? (
            <Link className="button button-first" to="/distribution/build"
              search={{ asset: data.id, film: data.filmId }}>
              {kernel('do.build')}<Icon name="arrow" />
            </Link>
          ) : null}
          {can('production.accept') && data.state === 'ready' ? <Accept asset={data} /> : null}
        </>
      }>
      {data.state === 'ingesting' || data.state === 'failed' ? <Working asset={data} /> : null}
      {data.media === null ? null : <ReviewRoom asset={data} />}
      <Technical asset={data} />
    </Page>
  );
}

function Accept({ asset }: { asset: Asset }) {
  const { t } = useTranslation('production');
  const [fault, setFault] = useState<unknown>(null);
  const accept = async (version: number) => {
    try {
      const accepted = await api.production.accept({
        params: { id: asset.id }, body: { version },
      });
      answers.setQueryData(
        ask('production', 'asset', { params: { id: asset.id } }).queryKey, accepted);
      setFault(null);
      await forget('production', 'film');
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <>
      <button type="button" className="button button-first"
        onClick={() => void accept(asset.version)}>
        <Icon name="check" />{t('accept')}
      </button>
      {isConflict(fault) ? null : <ProblemNote fault={fault} />}
      <Conflict fault={fault} labels={{ state: t('state') }} onClose={() => setFault(null)}
        onResolve={(_merged, version) => void accept(version)} />
    </>
  );
}

/** While it is being ingested, or when that went wrong: what happens, and how to go on. */
function Working({ asset }: { asset: Asset }) {
  const { t } = useTranslation('production');
  const { can } = useSession();
  const job = useQuery({
    ...ask('jobs', 'get', { params: { id: asset.jobId ?? '' } }), enabled: asset.jobId !== null,
  });
  const [fault, setFault] = useState<unknown>(null);
  const retry = () => api.production.retry({ params: { id: asset.id } })
    .then(() => forget('production', 'jobs'))
    .catch(setFault);
  return (
    <div className="panel stack">
      {job.data === undefined ? null : <JobLine job={job.data} />}
      {asset.state === 'failed' && can('production.write') ? (
        <p>
          <button type="button" className="button" onClick={() => void retry()}>
            <Icon name="retry" />{t('ingestAgain')}
          </button>
        </p>
      ) : null}
      <ProblemNote fault={fault} />
    </div>
  );
}

function Technical({ asset }: { asset: Asset }) {
  const { t } = useTranslation('production');
  const format = useFormat();
  const { media, loudness } = asset;
  return (
    <Section title={t('technical')}>
      <div className="panel stack">
        <Facts rows={[
          [t('picture'), pictureText(media?.video)],
          [t('container'), media?.container],
          [t('frames'), media?.frameCount === null || media?.frameCount === undefined ? null
            : format.number(media.frameCount)],
          [t('frameFiles'), media?.frames === null || media?.frames === undefined ? null
            : `${media.frames.name} · ${media.frames.first}–${media.frames.last}`],
          [t('startTimecode'), media?.video?.timecode],
          [t('pixelFormat'), media?.video?.pixelFormat],
          [t('sound'), media === null || media.audio.length === 0 ? t('noSound') : media.audio
            .map((each) => `${each.layout ?? each.channels} · ${each.sampleRateHz / 1000} kHz`)
            .join(' + ')],
          [t('loudness'), loudness === null ? null : `${loudness.integratedLufs.toFixed(1)} LUFS`],
          [t('truePeak'), loudness?.truePeakDb === null || loudness === null ? null
            : `${loudness.truePeakDb.toFixed(1)} dBTP`],
          [t('size'), format.bytes(asset.original.sizeBytes)],
          [t('accepted'), asset.acceptedAt === null ? null
            : `${format.moment(asset.acceptedAt)} · ${asset.acceptedBy ?? ''}`],
        ]} />
        <p className="mono muted">{asset.original.digest}</p>
        <Findings findings={asset.findings} />
      </div>
    </Section>
  );
}
