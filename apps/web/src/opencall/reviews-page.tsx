import { useQuery } from '@tanstack/react-query';
import {
  type Proposal,
  type ScoreSheet,
  sheetPoints,
  signSheet,
  thresholdText,
} from '@yinglian/opencall';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../kernel/action.ts';
import { api, ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Empty, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { CheckField, TextField } from './fields.tsx';
import { IndicatorList } from './indicator-list.tsx';
import { pointsText } from './round.ts';
import { browserSealing, type KeyFile, keyFileOf, pairOf, readFile } from './sealing.ts';
import { formatRatio } from '@yinglian/core';
import './opencall.css';

type Review = Awaited<ReturnType<typeof api.opencall.reviews>>['rows'][number];

/** A reviewer's desk: bids without names, and sheets that are signed in this browser. */
export function ReviewsPage() {
  const { t } = useTranslation('opencall');
  const [keys, setKeys] = useState<KeyFile | undefined>(undefined);
  const [wrong, setWrong] = useState(false);
  const { data, error } = useQuery(ask('opencall', 'reviews'));
  const read = async (file: File | undefined) => {
    if (file === undefined) return;
    const found = keyFileOf(await readFile(file));
    setKeys(found);
    setWrong(found === undefined);
  };
  return (
    <Page title={t('reviews')} lead={t('reviewsText')}>
      <ProblemNote fault={error} />
      {data === undefined ? (
        error === null ? (
          <Waiting />
        ) : null
      ) : data.rows.length === 0 ? (
        <Empty title={t('noReviews')}>{t('noReviewsText')}</Empty>
      ) : (
        <>
          <label className="panel field">
            <span>{t('signWith')}</span>
            <input
              type="file"
              accept="application/json,.json"
              onChange={({ target }) => void read(target.files?.[0])}
            />
            <small role="status">
              {t(wrong ? 'keysWrong' : keys === undefined ? 'keysWanted' : 'keysRead')}
            </small>
          </label>
          {data.rows.map((review) => (
            <OneReview key={review.roundId} review={review} keys={keys} />
          ))}
        </>
      )}
    </Page>
  );
}

function OneReview({ review, keys }: { review: Review; keys: KeyFile | undefined }) {
  const { t } = useTranslation('opencall');
  const done = review.proposals.filter(({ sheet }) => sheet !== null).length;
  return (
    <Section title={review.title}>
      <p className="muted">
        {t('reviewAs', { code: review.candidate })} ·{' '}
        {t('reviewDone', { done, count: review.proposals.length })} · {t(`state.${review.state}`)}
      </p>
      <p className="opencall-proposal">{review.entry.need}</p>
      <IndicatorList indicators={review.entry.indicators} />
      {review.proposals.map((each) => (
        <OneProposal key={each.alias} review={review} keys={keys} {...each} />
      ))}
      {review.state === 'drawn' ? <StandDown roundId={review.roundId} /> : null}
    </Section>
  );
}

function OneProposal({
  review,
  keys,
  alias,
  proposal,
  sheet,
}: {
  readonly review: Review;
  readonly keys: KeyFile | undefined;
  readonly alias: string;
  readonly proposal: unknown;
  readonly sheet: unknown;
}) {
  const { t } = useTranslation('opencall');
  const format = useFormat();
  const given = proposal as Proposal;
  return (
    <details className="panel">
      <summary>
        {alias} · {given.title} {sheet === null ? '' : `✓ ${t('signed')}`}
      </summary>
      <div className="stack">
        {(['summary', 'approach', 'risks'] as const).map((name) => (
          <div key={name}>
            <strong>{t(`field.${name}`)}</strong>
            <p className="opencall-proposal">{given[name]}</p>
          </div>
        ))}
        <p>
          {t('field.requested')} {format.money(given.requestedFen)} · {t('field.own')}{' '}
          {format.money(given.ownFen)}
        </p>
        <Records
          label={t('milestones')}
          rows={given.milestones}
          keyOf={({ code }) => code}
          columns={[
            { title: t('milestone'), head: true, cell: (each) => each.title },
            { title: t('due'), figure: true, cell: (each) => format.date(each.due) },
            { title: t('payShare'), figure: true, cell: (each) => each.share },
            {
              title: t('indicators'),
              cell: (each) =>
                each.indicators.map((one) => `${one.name} ${thresholdText(one)}`).join('；'),
            },
          ]}
        />
        {review.state === 'drawn' ? (
          <SheetForm review={review} alias={alias} keys={keys} first={sheet as ScoreSheet | null} />
        ) : null}
      </div>
    </details>
  );
}

function SheetForm({
  review,
  alias,
  keys,
  first,
}: {
  readonly review: Review;
  readonly alias: string;
  readonly keys: KeyFile | undefined;
  readonly first: ScoreSheet | null;
}) {
  const { t } = useTranslation('opencall');
  const [marks, setMarks] = useState<Readonly<Record<string, string>>>(first?.marks ?? {});
  const [comment, setComment] = useState(first?.comment ?? '');
  const [recognised, setRecognised] = useState(first?.recognised ?? false);
  const { act, busy, fault } = useAction('opencall');
  const whole = review.rubric.every(({ code }) => (marks[code] ?? '') !== '');
  const { points, findings } = sheetPoints(review.rubric, marks);
  const send = () =>
    act(async () => {
      const sealing = browserSealing();
      if (sealing === undefined || keys === undefined) return;
      const sheet: ScoreSheet = {
        schema: 'yinglian.opencall.sheet/1',
        round: review.roundId,
        proposal: alias,
        reviewer: review.candidate,
        comment: comment.trim(),
        recognised,
        marks,
      };
      const signature = await signSheet(sealing, pairOf(keys.signing).privateKey, sheet);
      const params = { id: review.roundId };
      await api.opencall.handSheet({ params, body: { sheet, signature } });
    });
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <div className="opencall-form">
        {review.rubric.map(({ code, title, weight, max }) => (
          <TextField
            key={code}
            label={`${title}（${weight}，0–${max}）`}
            inputMode="decimal"
            required
            value={marks[code] ?? ''}
            onChange={(mark) => setMarks({ ...marks, [code]: mark.trim() })}
          />
        ))}
      </div>
      <p role="status">
        {whole && findings.length === 0
          ? t('sheetPoints', { points: pointsText(formatRatio(points)) })
          : ''}
      </p>
      <TextField label={t('comment')} long={3} required value={comment} onChange={setComment} />
      <CheckField label={t('recognised')} checked={recognised} onChange={setRecognised} />
      <ProblemNote fault={fault} />
      {keys === undefined ? <p className="muted">{t('keysWanted')}</p> : null}
      <p>
        <button className="button button-first" disabled={busy || keys === undefined}>
          {t(first === null ? 'sign' : 'signAgain')}
        </button>
      </p>
    </form>
  );
}

/** 回避: whoever finds a tie while reading leaves, and the next of the draw takes the seat. */
function StandDown({ roundId }: { roundId: string }) {
  const { t } = useTranslation('opencall');
  const [reason, setReason] = useState('');
  const { act, busy, fault } = useAction('opencall');
  return (
    <details className="panel">
      <summary>{t('standDown')}</summary>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void act(() => api.opencall.standDown({ params: { id: roundId }, body: { reason } }));
        }}
      >
        <p>{t('standDownText')}</p>
        <TextField label={t('reason')} required value={reason} onChange={setReason} />
        <ProblemNote fault={fault} />
        <p>
          <button className="button" disabled={busy}>
            {t('standDown')}
          </button>
        </p>
      </form>
    </details>
  );
}
