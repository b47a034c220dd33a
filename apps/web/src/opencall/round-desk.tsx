import { useQuery } from '@tanstack/react-query';
import { addressOf, contract } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { Findings } from '../kernel/parts/findings.tsx';
import { Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { pointsText } from './round.ts';

type Scores = {
  readonly decides: string;
  readonly views: Readonly<Record<string, Readonly<Record<string, string | null>>>>;
  readonly uncertainty: {
    readonly proposals: readonly {
      readonly proposal: string;
      readonly mean: number;
      readonly low: number;
      readonly high: number;
      readonly ranks: readonly number[];
    }[];
  };
};

/** The officer's desk of one round: what may be done now, and what is known. */
export function RoundDesk({ id }: { id: string }) {
  const { t, i18n } = useTranslation('opencall');
  const [reason, setReason] = useState('');
  const [fault, setFault] = useState<unknown>(null);
  const desk = useQuery({ ...ask('opencall', 'roundDesk', { params: { id } }), retry: false });
  if (desk.isError) return <ProblemNote fault={desk.error} />;
  if (desk.data === undefined) return <Waiting />;
  const { round, actions, bids, seats } = desk.data;
  const run = async (work: () => Promise<unknown>) => {
    try {
      setFault(null);
      await work();
      setReason('');
    } catch (caught) {
      setFault(caught);
    }
    await forget('opencall');
  };
  const take = (action: string) =>
    run(() =>
      api.opencall.actRound({
        params: { id },
        body: { version: round.version, action, reason },
      }),
    );
  const scores = desk.data.scores as Scores | null;
  return (
    <div className="panel stack">
      <h3>
        {round.title} · {t(`state.${round.state}`)}
      </h3>
      <label className="field">
        <span>{t('reason')}</span>
        <input
          className="input"
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      </label>
      <div className="row">
        {round.state === 'announced' ? (
          <button
            type="button"
            className="button"
            onClick={() => void run(() => api.opencall.freezePool({ params: { id }, body: {} }))}
          >
            {t('freezePool', { count: desk.data.candidates })}
          </button>
        ) : null}
        {actions.map(({ action, label }) => (
          <button
            key={action}
            type="button"
            className={['void', 'reread'].includes(action) ? 'button' : 'button button-first'}
            onClick={() => void take(action)}
          >
            {i18n.language === 'en' ? label.en : label.zh}
          </button>
        ))}
        {bids.length === 0 ? null : (
          <a
            className="button"
            download
            href={addressOf(contract.opencall.exportBids, {
              params: { id },
              query: { format: 'xlsx' },
            })}
          >
            XLSX
          </a>
        )}
      </div>
      <ProblemNote fault={fault} />
      <Bids bids={bids} />
      <Seats seats={seats} />
      {scores === null ? null : <ScoreTable scores={scores} />}
    </div>
  );
}

function ScoreTable({ scores }: { scores: Scores }) {
  const { t } = useTranslation('opencall');
  const { proposals } = scores.uncertainty;
  const percent = (share: number) => `${Math.round(share * 100)}%`;
  return (
    <Records
      label={t('scores')}
      rows={proposals}
      keyOf={(each) => each.proposal}
      columns={[
        { title: t('alias'), head: true, cell: (each) => each.proposal },
        ...(['trimmed', 'mean', 'additive', 'standardised'] as const).map((view) => ({
          title: scores.decides === view ? `${t(`view.${view}`)} ✓` : t(`view.${view}`),
          figure: true,
          cell: (each: (typeof proposals)[number]) =>
            pointsText(scores.views[view]?.[each.proposal]),
        })),
        {
          title: t('interval'),
          figure: true,
          cell: (each) => `${each.low.toFixed(1)}–${each.high.toFixed(1)}`,
        },
        {
          title: t('rankChance'),
          cell: (each) => (
            <span
              role="img"
              className="opencall-ranks"
              aria-label={each.ranks.map((share, at) => `${at + 1}: ${percent(share)}`).join('; ')}
            >
              {each.ranks.map((share, at) => (
                // A rank is its place in the list.
                <span key={at} style={{ flexGrow: share }} title={`${at + 1}: ${percent(share)}`} />
              ))}
            </span>
          ),
        },
      ]}
    />
  );
}

type Desk = Awaited<ReturnType<typeof api.opencall.roundDesk>>;

function Bids({ bids }: { bids: Desk['bids'] }) {
  const { t } = useTranslation('opencall');
  return bids.length === 0 ? (
    <p className="muted">{t('nothingTold')}</p>
  ) : (
    <Records
      label={t('bids')}
      rows={bids}
      keyOf={(each) => each.id}
      columns={[
        { title: t('bidder'), head: true, cell: (each) => each.bidder },
        { title: t('stateTitle'), cell: (each) => t(`bid.${each.state}`) },
        { title: t('alias'), cell: (each) => each.alias ?? '—' },
        { title: t('shares'), figure: true, cell: (each) => each.shares },
        {
          title: t('found'),
          cell: (each) =>
            each.findings.length === 0 ? '—' : <Findings findings={each.findings} />,
        },
      ]}
    />
  );
}

function Seats({ seats }: { seats: Desk['seats'] }) {
  const { t } = useTranslation('opencall');
  return seats.length === 0 ? null : (
    <Records
      label={t('experts')}
      rows={seats}
      keyOf={(each) => each.expertId}
      columns={[
        { title: t('expert'), head: true, cell: (each) => `${each.candidate} ${each.name}` },
        { title: t('employer'), cell: (each) => each.employer },
        { title: t('stateTitle'), cell: (each) => t(`seat.${each.state}`) },
        { title: t('sheets'), figure: true, cell: (each) => each.sheets },
      ]}
    />
  );
}
