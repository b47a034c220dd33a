import type { Finding } from '@yinglian/core';
import { useTranslation } from 'react-i18next';
import { Records } from '../kernel/parts/records.tsx';
import { pointsText } from './round.ts';

/** What a round's sheets come to, as the server keeps it. */
export type Scores = {
  readonly decides: string;
  readonly views: Readonly<Record<string, Readonly<Record<string, string | null>>>>;
  readonly leniency: Readonly<Record<string, string | null>>;
  readonly uncertainty: {
    readonly proposals: readonly {
      readonly proposal: string;
      readonly mean: number;
      readonly low: number;
      readonly high: number;
      readonly ranks: readonly number[];
    }[];
  };
  readonly findings: readonly Finding[];
};

const VIEWS = ['trimmed', 'mean', 'additive', 'standardised'] as const;

/** Every view of the marks beside each other, with how sure a place is. */
export function ScoreTable({ scores }: { scores: Scores }) {
  const { t } = useTranslation('opencall');
  const { proposals } = scores.uncertainty;
  const percent = (share: number) => `${Math.round(share * 100)}%`;
  return (
    <>
      <p className="muted">{t('scoresText')}</p>
      <Records
        label={t('scores')}
        rows={proposals}
        keyOf={(each) => each.proposal}
        columns={[
          { title: t('alias'), head: true, cell: (each) => each.proposal },
          ...VIEWS.map((view) => ({
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
                aria-label={each.ranks
                  .map((share, at) => `${at + 1}: ${percent(share)}`)
                  .join('; ')}
              >
                {each.ranks.map((share, at) => (
                  // A rank is its place in the list.
                  <span
                    key={at}
                    style={{ flexGrow: share }}
                    title={`${at + 1}: ${percent(share)}`}
                  />
                ))}
              </span>
            ),
          },
        ]}
      />
    </>
  );
}
