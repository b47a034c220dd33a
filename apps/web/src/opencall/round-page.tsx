import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { addressOf, contract } from '@yinglian/contract';
import { drawFileShape, readDocument, shortCommitment, verifyDraw } from '@yinglian/opencall';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Findings } from '../kernel/parts/findings.tsx';
import { Facts, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { useSession } from '../kernel/session.ts';
import { BarList } from '../policy/bars.tsx';
import { useItemTitle } from '../policy/words.ts';
import { BidDesk } from './bid-desk.tsx';
import { IndicatorList } from './indicator-list.tsx';
import { OpenerDesk } from './opener-desk.tsx';
import { ObjectForm, OwnObjections } from './objections.tsx';
import { Outcomes } from './outcomes.tsx';
import { pointsText, type Round, ROUND_STATIONS } from './round.ts';
import { Way } from './step-list.tsx';
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
      <Way
        label={t('way')}
        at={round.state}
        stations={ROUND_STATIONS.slice(1).map((each) => [each, t(`station.${each}`)])}
      />
      <p className="opencall-proposal">{round.entry.need}</p>
      <Terms round={round} />
      <BarList rules={round.historyRules} />
      <Section title={t('indicators')}>
        <IndicatorList indicators={round.entry.indicators} />
      </Section>
      {can('policy.apply') ? <BidDesk round={round} /> : null}
      {round.openers.some((each) => each.id === user?.id) ? <OpenerDesk round={round} /> : null}
      {round.received === null ? (
        <p className="opencall-note">{t('nothingTold')}</p>
      ) : (
        <Received round={round} />
      )}
      <Draw round={round} />
      {round.result === null ? null : <Result rows={round.result} />}
      {round.state === 'on_notice' ? (
        <ObjectForm subject={{ kind: 'round', id: round.id }} until={round.noticeUntil} />
      ) : (
        <OwnObjections subjectId={round.id} />
      )}
      {round.state === 'decided' ? <Outcomes id={round.id} /> : null}
    </Page>
  );
}

function Terms({ round }: { round: Round }) {
  const { t } = useTranslation('opencall');
  const format = useFormat();
  const { budgetFen } = round.entry;
  const titleOf = useItemTitle(round.instrument);
  return (
    <Facts
      rows={[
        [t('opens'), format.moment(round.opensAt)],
        [t('closes'), format.moment(round.closesAt)],
        [t('revealUntil'), format.moment(round.revealUntil)],
        [t('due'), format.date(round.entry.due)],
        [t('rights'), round.entry.rights],
        [t('budget'), budgetFen === null ? t('ownMoney') : format.money(budgetFen)],
        [
          t('openersTitle'),
          round.threshold === 0
            ? t('noOpeners')
            : t('openersText', { threshold: round.threshold, count: round.openers.length }),
        ],
        [t('paidUnder'), titleOf(round.item)],
        [t('decides'), t(`view.${round.view}`)],
        ...(round.checkpoint === null
          ? []
          : [[t('checkpoint'), format.date(round.checkpoint)] as const]),
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
  const [outcome, setOutcome] = useState<Awaited<ReturnType<typeof verifyDraw>> | 'other' | null>(
    null,
  );
  const [fault, setFault] = useState<unknown>(null);
  if (!['drawn', 'scored', 'on_notice', 'decided'].includes(round.state)) return null;
  const check = async () => {
    try {
      const sealing = browserSealing();
      if (sealing === undefined) return;
      const response = await api.opencall.drawFile({ params: { id: round.id } });
      const file: unknown = await response.json();
      const verified = await verifyDraw(sealing, file);
      setOutcome(verified.ok && !isAnnounced(file, round) ? 'other' : verified);
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <Section title={t('draw')}>
      <p>{t('drawText')}</p>
      <DrawFacts round={round} />
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
          : outcome === 'other'
            ? t('drawOther')
            : outcome.ok
              ? t('drawHolds', { count: outcome.value.seats.length })
              : t('drawFails')}
      </p>
      {outcome === null || outcome === 'other' || outcome.ok ? null : (
        <Findings findings={outcome.findings} />
      )}
      <ProblemNote fault={fault} />
    </Section>
  );
}

/** Whether a draw rests on what was announced before the hour, and not on other commitments. */
function isAnnounced(file: unknown, round: Round): boolean {
  const read = readDocument(drawFileShape, file);
  return (
    read.ok &&
    read.value.input.round === round.id &&
    read.value.input.commitment === round.seedCommitment &&
    read.value.input.poolDigest === round.poolDigest
  );
}

/** The parts of the draw as they were published: first the commitments, then what was committed. */
function DrawFacts({ round }: { round: Round }) {
  const { t } = useTranslation('opencall');
  const { data } = useQuery({
    queryKey: ['opencall', 'drawFile', round.id],
    queryFn: async () => {
      const response = await api.opencall.drawFile({ params: { id: round.id } });
      return readDocument(drawFileShape, await response.json());
    },
  });
  const hash = (text: string) => <span className="opencall-hash">{text}</span>;
  if (data === undefined || !data.ok) return null;
  const { input, seats } = data.value;
  return (
    <>
      <Facts
        rows={[
          [t('seedCommitment'), hash(input.commitment)],
          [t('seedRevealed'), hash(input.seed)],
          [t('poolDigest'), hash(input.poolDigest)],
          [t('candidates'), input.candidates.length],
          [t('saltCount'), input.salts.length],
          [t('inConflict'), input.conflicts.length],
          [t('recusals'), input.recusals.length],
        ]}
      />
      <p>
        {t('drawn')} {seats.map(({ candidate }) => candidate).join('、')}
      </p>
    </>
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
