import { useQuery } from '@tanstack/react-query';
import { type Proposal, type ScoreSheet, signSheet } from '@yinglian/opencall';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { browserSealing, type KeyFile, pairOf, readFile } from './sealing.ts';

type Review = Awaited<ReturnType<typeof api.opencall.reviews>>['rows'][number];

/** Bids without names, and sheets that are signed in this browser. */
export function ReviewDesk() {
  const { t } = useTranslation('opencall');
  const { data } = useQuery(ask('opencall', 'reviews'));
  if (data === undefined || data.rows.length === 0) return null;
  return (
    <Section title={t('reviews')}>
      <p>{t('reviewsText')}</p>
      {data.rows.map((review) =>
        review.proposals.map((each) => (
          <Sheet key={`${review.roundId} ${each.alias}`} review={review} {...each} />
        )),
      )}
    </Section>
  );
}

function Sheet({
  review,
  alias,
  proposal,
  sheet,
}: {
  review: Review;
  alias: string;
  proposal: unknown;
  sheet: unknown;
}) {
  const { t } = useTranslation('opencall');
  const [fault, setFault] = useState<unknown>(null);
  const given = proposal as Proposal;
  const send = async (form: HTMLFormElement) => {
    const sealing = browserSealing();
    const fields = new FormData(form);
    const file = fields.get('keys');
    if (sealing === undefined || !(file instanceof File)) return;
    try {
      const keys = (await readFile(file)) as KeyFile;
      const made: ScoreSheet = {
        schema: 'yinglian.opencall.sheet/1',
        round: review.roundId,
        proposal: alias,
        reviewer: review.candidate,
        comment: String(fields.get('comment')).trim(),
        recognised: fields.get('recognised') !== null,
        marks: Object.fromEntries(
          review.rubric.map(({ code }) => [code, String(fields.get(`mark ${code}`))]),
        ),
      };
      const signature = await signSheet(sealing, pairOf(keys.signing).privateKey, made);
      const params = { id: review.roundId };
      await api.opencall.handSheet({ params, body: { sheet: made, signature } });
      await forget('opencall');
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <details className="panel">
      <summary>
        {review.title} · {alias} {sheet === null ? '' : `✓ ${t('signed')}`}
      </summary>
      <div className="stack">
        <h3>{given.title}</h3>
        {(
          [
            ['summary', given.summary],
            ['approach', given.approach],
            ['risks', given.risks],
          ] as const
        ).map(([name, text]) => (
          <div key={name}>
            <strong>{t(`field.${name}`)}</strong>
            <p className="opencall-proposal">{text}</p>
          </div>
        ))}
        {review.state !== 'drawn' ? null : (
          <form
            className="stack"
            onSubmit={(event) => {
              event.preventDefault();
              void send(event.currentTarget);
            }}
          >
            {review.rubric.map(({ code, title, weight, max }) => (
              <label key={code} className="field">
                <span>
                  {title}（{weight}，0–{max}）
                </span>
                <input
                  className="input"
                  name={`mark ${code}`}
                  type="number"
                  min={0}
                  max={max}
                  step="0.1"
                  required
                />
              </label>
            ))}
            <label className="field">
              <span>{t('comment')}</span>
              <textarea className="input" name="comment" rows={3} required />
            </label>
            <label>
              <input type="checkbox" name="recognised" /> {t('recognised')}
            </label>
            <label className="field">
              <span>{t('signWith')}</span>
              <input type="file" name="keys" accept="application/json,.json" required />
            </label>
            <ProblemNote fault={fault} />
            <button className="button button-first">{t('sign')}</button>
          </form>
        )}
      </div>
    </details>
  );
}
