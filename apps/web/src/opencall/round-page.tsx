import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { addressOf, contract } from '@yinglian/contract';
import { shortCommitment, verifyDraw } from '@yinglian/opencall';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Findings } from '../kernel/parts/findings.tsx';
import { Facts, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { useSession } from '../kernel/session.ts';
import { BidDesk } from './bid-desk.tsx';
import { IndicatorList } from './indicator-list.tsx';
import { OpenerDesk } from './opener-desk.tsx';
import { pointsText, type Round } from './round.ts';
import { browserSealing } from './sealing.ts';
import './opencall.css';

/** One round: the task, its hour, and after it what everybody may check. */
export function RoundPage() {
  const { id } = useParams({ from: '/opencall/$id' });
  const { t } = useTranslation('opencall');
  const { user, can } = useSession();
  const { data: round, isError, error } = useQuery(ask('opencall', 'round', { params: { id } }));
  if (isError)
    return (
      <Page title={t('title')}>
        <ProblemNote fault={error} />
      </Page>
    );
  if (round === undefined) return <Waiting />;
  return (
    <Page
      title={round.title}
      kicker={`${round.entry.code} · ${round.department}`}
      lead={t(`state.${round.state}`)}
    >
      <Terms round={round} />
      <Section title={t('indicators')}>
        <IndicatorList indicators={round.entry.indicators} />
      </Section>
      {can('policy.apply') ? <BidDesk round={round} /> : null}
      {round.openers.some((each) => each.id === user?.id) ? <OpenerDesk round={round} /> : null}
      {round.received === null ? (
        <p className="muted">{t('nothingTold')}</p>
      ) : (
        <Received round={round} />
      )}
      <Draw round={round} />
      {round.result === null ? null : <Result rows={round.result} />}
    </Page>
  );
}

function Terms({ round }: { round: Round }) {
  const { t } = useTranslation('opencall');
  const format = useFormat();
  const { budgetFen } = round.entry;
  return (
    <Facts
      rows={[
        [t('opens'), format.moment(round.opensAt)],
        [t('closes'), format.moment(round.closesAt)],
        [t('revealUntil'), format.moment(round.revealUntil)],
        [t('budget'), budgetFen === null ? t('ownMoney') : format.money(budgetFen)],
        [
          t('openersTitle'),
          round.threshold === 0
            ? t('noOpeners')
            : t('openersText', { threshold: round.threshold, count: round.openers.length }),
        ],
        [t('decides'), t(`view.${round.view}`)],
        [
          t('seedCommitment'),
          <span key="seed" className="opencall-hash">
            {round.seedCommitment}
          </span>,
        ],
        [t('noticeUntil'), format.date(round.noticeUntil)],
      ]}
    />
  );
}

function Received({ round }: { round: Round }) {
  const { t } = useTranslation('opencall');
  const format = useFormat();
  return (
    <Section title={t('received', { count: round.received?.length ?? 0 })}>
      <Records
        label={t('commitment')}
        rows={round.received ?? []}
        keyOf={(each) => each.commitment}
        columns={[
          {
            title: t('commitment'),
            head: true,
            cell: (each) => (
              <span className="opencall-hash" title={each.commitment}>
                {shortCommitment(each.commitment)}
              </span>
            ),
          },
          { title: t('receivedAt'), figure: true, cell: (each) => format.moment(each.at) },
        ]}
      />
    </Section>
  );
}

/** The published draw, replayed by the reader's own browser. */
function Draw({ round }: { round: Round }) {
  const { t } = useTranslation('opencall');
  const [outcome, setOutcome] = useState<Awaited<ReturnType<typeof verifyDraw>> | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  if (!['drawn', 'scored', 'on_notice', 'decided'].includes(round.state)) return null;
  const check = async () => {
    try {
      const sealing = browserSealing();
      if (sealing === undefined) return;
      const response = await api.opencall.drawFile({ params: { id: round.id } });
      setOutcome(await verifyDraw(sealing, await response.json()));
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <Section title={t('draw')}>
      <p>{t('drawText')}</p>
      <div className="row">
        <button type="button" className="button button-first" onClick={() => void check()}>
          {t('replay')}
        </button>
        <a
          className="button"
          download
          href={addressOf(contract.opencall.drawFile, { params: { id: round.id } })}
        >
          {t('drawFile')}
        </a>
      </div>
      <p role="status">
        {outcome === null
          ? ''
          : outcome.ok
            ? t('drawHolds', { count: outcome.value.seats.length })
            : t('drawFails')}
      </p>
      {outcome === null || outcome.ok ? null : <Findings findings={outcome.findings} />}
      <ProblemNote fault={fault} />
    </Section>
  );
}

function Result({ rows }: { rows: NonNullable<Round['result']> }) {
  const { t } = useTranslation('opencall');
  const format = useFormat();
  return (
    <Section title={t('result')}>
      <Records
        label={t('result')}
        rows={rows}
        keyOf={(each) => each.bidder}
        columns={[
          { title: t('bidder'), head: true, cell: (each) => each.bidder },
          { title: t('rank'), figure: true, cell: (each) => each.rank },
          { title: t('points'), figure: true, cell: (each) => pointsText(each.points) },
          { title: t('chosen'), cell: (each) => (each.chosen ? t('yes') : '—') },
          {
            title: t('grant'),
            figure: true,
            cell: (each) => (each.grantFen === null ? '—' : format.money(each.grantFen)),
          },
        ]}
      />
    </Section>
  );
}
