import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { addressOf, contract } from '@yinglian/contract';
import type { Finding } from '@yinglian/core';
import type { Bid } from '@yinglian/opencall';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../kernel/action.ts';
import { api, ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { ExportMenu } from '../kernel/parts/export-menu.tsx';
import { Findings } from '../kernel/parts/findings.tsx';
import { Facts, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { useSession } from '../kernel/session.ts';
import { TextField } from './fields.tsx';
import { ObjectionDesk } from './objections.tsx';
import { Race } from './race.tsx';
import { type Desk, ROUND_STATIONS } from './round.ts';
import { RoundActs } from './round-acts.tsx';
import { ScoreTable, type Scores } from './score-table.tsx';
import { StepList, Way } from './step-list.tsx';
import './opencall.css';

/** The officer's desk of one round: where it stands, what may be done now, and what is known. */
export function RoundDeskPage() {
  const { id } = useParams({ from: '/desk/policy/opencall/rounds/$id' });
  const { t } = useTranslation('opencall');
  const { data, error } = useQuery({
    ...ask('opencall', 'roundDesk', { params: { id } }),
    retry: false,
  });
  if (error !== null) {
    return (
      <Page title={t('officer')}>
        <ProblemNote fault={error} />
      </Page>
    );
  }
  if (data === undefined) return <Waiting />;
  const { round, bids } = data;
  const scores = data.scores as Scores | null;
  return (
    <Page
      title={round.title}
      kicker={`${t('officer')} · ${round.entry.code}`}
      lead={t(`roundNext.${round.state}`)}
      actions={
        <>
          <Link className="button" to="/opencall/$id" params={{ id: round.id }}>
            {t('publicPage')}
          </Link>
          {bids.length === 0 ? null : (
            <ExportMenu
              hrefOf={(format) =>
                addressOf(contract.opencall.exportBids, {
                  params: { id: round.id },
                  query: { format },
                })
              }
            />
          )}
        </>
      }
    >
      <Way
        label={t('way')}
        at={round.state}
        stations={ROUND_STATIONS.map((each) => [each, t(`station.${each}`)])}
      />
      <Hours desk={data} />
      <RoundActs desk={data} />
      <Bids desk={data} />
      <Conflicts desk={data} />
      <Seats desk={data} />
      {scores === null ? null : (
        <Section title={t('scores')}>
          <ScoreTable scores={scores} />
          {scores.findings.length === 0 ? null : <Findings findings={scores.findings} />}
        </Section>
      )}
      <Race desk={data} />
      <ObjectionDesk subjectId={round.id} />
      <Section title={t('history')}>
        <StepList steps={data.steps} words={(action) => t(`roundAction.${action}`)} />
      </Section>
    </Page>
  );
}

function Hours({ desk }: { desk: Desk }) {
  const { t } = useTranslation('opencall');
  const format = useFormat();
  const { round } = desk;
  return (
    <Facts
      rows={[
        [t('opens'), format.moment(round.opensAt)],
        [t('closes'), format.moment(round.closesAt)],
        [t('revealUntil'), format.moment(round.revealUntil)],
        [
          t('pool'),
          round.poolDigest === null
            ? t('poolOpen', { count: desk.candidates })
            : t('poolFrozen', { count: desk.candidates }),
        ],
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

function Bids({ desk }: { desk: Desk }) {
  const { t } = useTranslation('opencall');
  const format = useFormat();
  const { bids, round } = desk;
  if (bids.length === 0) {
    return (
      <Section title={t('bids')}>
        <p className="muted">
          {t(['draft', 'announced'].includes(round.state) ? 'nothingTold' : 'noBids')}
        </p>
      </Section>
    );
  }
  return (
    <Section title={t('bids')}>
      <Records
        label={t('bids')}
        rows={bids}
        keyOf={(each) => each.id}
        columns={[
          { title: t('bidder'), head: true, cell: (each) => each.bidder },
          { title: t('stateTitle'), cell: (each) => t(`bid.${each.state}`) },
          { title: t('alias'), cell: (each) => each.alias ?? '—' },
          {
            title: t('shares'),
            figure: true,
            cell: (each) => sharesText(each, round.threshold, t('byOwnKey')),
          },
          { title: t('receivedAt'), figure: true, cell: (each) => format.moment(each.receivedAt) },
          {
            title: t('found'),
            cell: (each) =>
              each.findings.length === 0 ? '—' : <Findings findings={each.findings} />,
          },
        ]}
      />
      {bids.map((each) =>
        each.bid === null || each.bid === undefined ? null : (
          <OpenedBid key={each.id} who={each.bidder} bid={each.bid as Bid} />
        ),
      )}
    </Section>
  );
}

/** How many shares a bid has; one that its bidder opened needed none. */
function sharesText(
  { state, shares }: Desk['bids'][number],
  threshold: number,
  byOwnKey: string,
): string {
  if (threshold === 0) return '—';
  return state === 'opened' && shares < threshold ? byOwnKey : `${shares} / ${threshold}`;
}

/** A bid once it is open; reviewers see it without its first part. */
function OpenedBid({ who, bid }: { who: string; bid: Bid }) {
  const { t } = useTranslation('opencall');
  const format = useFormat();
  const { identity, proposal } = bid;
  return (
    <details className="panel">
      <summary>
        {who} · {proposal.title}
      </summary>
      <div className="stack">
        <p>
          {identity.members
            .map(({ name, role, share }) => `${name}（${t(`memberRole.${role}`)}，${share}）`)
            .join('、')}
        </p>
        <p className="opencall-proposal">{proposal.summary}</p>
        <p className="opencall-proposal">{proposal.approach}</p>
        <p>
          {t('field.requested')} {format.money(proposal.requestedFen)} · {t('field.own')}{' '}
          {format.money(proposal.ownFen)}
        </p>
        <Records
          label={t('milestones')}
          rows={proposal.milestones}
          keyOf={(each) => each.code}
          columns={[
            { title: t('milestone'), head: true, cell: (each) => `${each.code} ${each.title}` },
            { title: t('due'), figure: true, cell: (each) => format.date(each.due) },
            { title: t('payShare'), figure: true, cell: (each) => each.share },
            {
              title: t('indicators'),
              cell: (each) => each.indicators.map(({ name }) => name).join('、'),
            },
          ]}
        />
      </div>
    </details>
  );
}

function Conflicts({ desk }: { desk: Desk }) {
  const { t } = useTranslation('opencall');
  if (desk.conflicts.length === 0) return null;
  return (
    <Section title={t('conflicts')}>
      <p className="muted">{t('conflictsText')}</p>
      {desk.conflicts.map((each) => (
        <details key={each.expertId} className="panel">
          <summary>{each.name}</summary>
          <Findings findings={each.findings as readonly Finding[]} />
        </details>
      ))}
    </Section>
  );
}

function Seats({ desk }: { desk: Desk }) {
  const { t } = useTranslation('opencall');
  const { can } = useSession();
  const [barring, setBarring] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const { act, busy, fault } = useAction('opencall');
  const { round, seats } = desk;
  if (seats.length === 0) return null;
  const bars = can('policy.manage') && round.state === 'drawn';
  const bar = (expertId: string) =>
    act(
      () => api.opencall.standDown({ params: { id: round.id }, body: { expertId, reason } }),
      () => {
        setBarring(null);
        setReason('');
      },
    );
  return (
    <Section title={t('experts')}>
      <p className="muted">{t('seatsText', { open: desk.openSeats })}</p>
      <Records
        label={t('experts')}
        rows={seats}
        keyOf={(each) => each.expertId}
        columns={[
          { title: t('expert'), head: true, cell: (each) => `${each.candidate} ${each.name}` },
          { title: t('employer'), cell: (each) => each.employer },
          { title: t('stateTitle'), cell: (each) => t(`seat.${each.state}`) },
          { title: t('sheets'), figure: true, cell: (each) => each.sheets },
          {
            title: t('recognisedCount'),
            figure: true,
            cell: (each) => (each.recognised === 0 ? '—' : each.recognised),
          },
          {
            title: t('work'),
            cell: (each) =>
              bars && each.state === 'seated' ? (
                <button
                  type="button"
                  className="link-button"
                  onClick={() => setBarring(each.expertId)}
                >
                  {t('bar')}
                </button>
              ) : (
                '—'
              ),
          },
        ]}
      />
      {barring === null ? null : (
        <form
          className="panel stack"
          onSubmit={(event) => {
            event.preventDefault();
            void bar(barring);
          }}
        >
          <p>{t('barText')}</p>
          <TextField label={t('reason')} required value={reason} onChange={setReason} />
          <p>
            <button className="button button-first" disabled={busy}>
              {t('bar')}
            </button>
          </p>
        </form>
      )}
      <ProblemNote fault={fault} />
    </Section>
  );
}
