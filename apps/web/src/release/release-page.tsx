import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { addressOf, contract } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { currentLanguage } from '../kernel/language.ts';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { Findings } from '../kernel/parts/findings.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { Empty, Facts, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { useSession } from '../kernel/session.ts';
import { Bookings } from './bookings.tsx';
import { Changes } from './changes.tsx';
import { OfferDialog } from './offer.tsx';
import { Screenings } from './screenings.tsx';
import { PlanForm } from './plan-form.tsx';
import { type Release, runText } from './plan-text.ts';
import '../distribution/distribution.css';
import './release.css';

/** One release: plan, revisions, bookings, and the keys that bookings lack. */
export function ReleasePage() {
  const { t } = useTranslation('release');
  const kernel = useTranslation('kernel').t;
  const { id } = useParams({ from: '/desk/distribution/releases/$id' });
  const { can } = useSession();
  const release = useQuery(ask('releases', 'get', { params: { id } }));
  if (release.isPending) return <Waiting />;
  if (release.isError) return <ProblemNote fault={release.error} />;
  const { data } = release;
  const isOwn = can('distribution.release') && data.state !== 'withdrawn';
  return (
    <Page wide title={data.filmTitle} lead={`${data.distributor} · ${runText(data.plan)}`}
      kicker={<Link to="/distribution/releases">{kernel('page.releases')}</Link>}
      actions={<ReleaseActions release={data} isOwn={isOwn} />}>
      <Facts rows={[
        [t('state'), t(`releaseState.${data.state}`)],
        [t('revision'), data.revision === 0
          ? t('revisionNone') : t('revisionOf', { number: data.revision })],
        [t('confirmed'), String(data.bookings.confirmed)],
      ]} />
      <Findings findings={data.findings} />
      {isOwn ? (
        <Section title={t('planTitle')}>
          <PlanForm key={data.version} release={data} />
        </Section>
      ) : null}
      {isOwn && data.revision > 0 ? (
        <Section title={t('changes')}><Changes changes={data.changes} /></Section>
      ) : null}
      {data.revision === 0 ? null : <Announced release={data} isOwn={isOwn} />}
    </Page>
  );
}

function ReleaseActions({ release, isOwn }: { release: Release; isOwn: boolean }) {
  const { t } = useTranslation('release');
  const kernel = useTranslation('kernel').t;
  const [fault, setFault] = useState<unknown>(null);
  const [withdrawing, setWithdrawing] = useState(false);
  const params = { id: release.id };
  const run = async (action: 'announce' | 'withdraw') => {
    try {
      await api.releases[action]({ params, body: { version: release.version } });
      setFault(null);
      await forget('releases', 'bookings');
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <>
      <a className="button" download href={addressOf(
        contract.releases.notice, { params, query: { language: currentLanguage() } })}>
        <Icon name="print" />{t('notice')}
      </a>
      {isOwn && (release.revision === 0 || release.changes.length > 0) ? (
        <button type="button" className="button button-first" onClick={() => void run('announce')}>
          {t('announce')}
        </button>
      ) : null}
      {isOwn && release.revision > 0 ? (
        <button type="button" className="button" onClick={() => setWithdrawing(true)}>
          {t('withdraw')}
        </button>
      ) : null}
      <Dialog title={t('withdrawTitle')} open={withdrawing} onClose={() => setWithdrawing(false)}
        actions={(
          <>
            <button type="button" className="button" onClick={() => setWithdrawing(false)}>
              {kernel('cancel')}
            </button>
            <button type="button" className="button button-first"
              onClick={() => { setWithdrawing(false); void run('withdraw'); }}>
              {t('withdraw')}
            </button>
          </>
        )}>
        <p>{t('withdrawText', { count: release.bookings.confirmed })}</p>
      </Dialog>
      <ProblemNote fault={fault} />
    </>
  );
}

function Announced({ release, isOwn }: { release: Release; isOwn: boolean }) {
  const { t } = useTranslation('release');
  const format = useFormat();
  const [offering, setOffering] = useState(false);
  const revisions = useQuery(ask('releases', 'revisions', { params: { id: release.id } }));
  return (
    <>
      <Section title={t('bookings')} actions={isOwn ? (
        <button type="button" className="button button-first" onClick={() => setOffering(true)}>
          <Icon name="plus" />{t('offer')}
        </button>
      ) : undefined}>
        <Bookings releaseId={release.id} empty={<Empty title={t('bookingsNone')} />} />
      </Section>
      {release.plan.minimumScreenings.length === 0 ? null : <Screenings releaseId={release.id} />}
      {isOwn ? <MissingKeys release={release} /> : null}
      <Section title={t('revisions')}>
        {(revisions.data?.rows ?? []).map((each) => (
          <details key={each.revision} open={each.revision === release.revision}>
            <summary>
              {t('revisionOf', { number: each.revision })} · {format.moment(each.announcedAt)}
              {' · '}{each.announcedBy}
            </summary>
            {each.revision === 1 ? <p>{t('revisionFirst')}</p> : <Changes changes={each.changes} />}
          </details>
        ))}
      </Section>
      <OfferDialog release={release} open={offering} onClose={() => setOffering(false)} />
    </>
  );
}

function MissingKeys({ release }: { release: Release }) {
  const { t } = useTranslation('release');
  const { can } = useSession();
  const [fault, setFault] = useState<unknown>(null);
  const [issued, setIssued] = useState<number>();
  const params = { id: release.id };
  const [waits, setWaits] = useState(0);
  const keyWords = useTranslation('keys').t;
  const missing = useQuery(ask('releases', 'missingKeys', { params, query: {} }));
  const rows = missing.data?.rows ?? [];
  const issue = async () => {
    try {
      const ordered = await api.releases.issueKeys({ params, body: {} });
      setIssued(ordered.screens);
      setWaits(ordered.proposals.length);
      setFault(null);
      await forget('releases', 'distribution', 'jobs', 'keys');
    } catch (caught) {
      setFault(caught);
    }
  };
  const total = missing.data?.total ?? 0;
  const canIssue = can('distribution.issue_keys')
    && rows.some((each) => !['missing_package', 'missing_certificate'].includes(each.reason));
  return (
    <Section title={t('missing')} actions={canIssue ? (
      <button type="button" className="button button-first" onClick={() => void issue()}>
        <Icon name="key" />{t('issue', { count: total })}
      </button>
    ) : undefined}>
      {issued === undefined ? null : <p role="status">{t('issued', { count: issued })}{waits === 0
        ? '' : ` · ${keyWords('proposed', { count: waits })}`}</p>}
      <ProblemNote fault={fault ?? missing.error} />
      {missing.isSuccess && rows.length === 0 ? <p>{t('missingNone')}</p> : (
        <Records label={t('missing')} rows={rows} total={total}
          keyOf={(each) => `${each.bookingId} ${each.screenId}`} columns={[
            { title: t('cinema'), head: true, cell: (each) => (
              <>{each.cinemaName}<small>{each.screenName}</small></>
            ) },
            { title: t('why'), cell: (each) => t(`reason.${each.reason}`) },
            { title: t('window'), cell: (each) =>
              `${each.opens.replace('T', ' ')} – ${each.closes.replace('T', ' ')}` },
          ]} />
      )}
    </Section>
  );
}
