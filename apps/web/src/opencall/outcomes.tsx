import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ask } from '../kernel/api.ts';
import { Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';

/** 揭榜成果: what was reached, by measured values, under the code of the task. */
export function Outcomes({ id }: { id: string }) {
  const { t } = useTranslation('opencall');
  const { data, error } = useQuery(ask('opencall', 'outcomes', { params: { id } }));
  const rows = data?.rows ?? [];
  return (
    <Section title={t('outcomes')}>
      <p className="muted">{t('outcomesText')}</p>
      <ProblemNote fault={error} />
      {rows.map((each) => (
        <article key={each.bidder} className="panel stack">
          <h3>
            {each.bidder} · {t(`projectState.${each.state}`)}
          </h3>
          {each.state === 'terminated' ? (
            <p>{t(each.diligent ? 'endedDiligent' : 'endedFault')}</p>
          ) : null}
          {each.state === 'outrun' ? <p>{t('endedOutrun')}</p> : null}
          {each.milestones.map((milestone) => (
            <div key={milestone.title} className="stack">
              <p>
                <strong>{milestone.title}</strong> {t(`milestoneState.${milestone.state}`)}
              </p>
              {milestone.results.length === 0 ? null : (
                <Records
                  label={milestone.title}
                  rows={milestone.results}
                  keyOf={({ indicator }) => indicator}
                  columns={[
                    { title: t('quantity'), head: true, cell: ({ indicator }) => indicator },
                    { title: t('threshold'), cell: ({ required }) => required },
                    { title: t('measured'), figure: true, cell: ({ value }) => value },
                    { title: t('laboratory'), cell: ({ laboratory }) => laboratory },
                    { title: t('verdict'), cell: ({ verdict }) => t(`verdictOf.${verdict}`) },
                  ]}
                />
              )}
            </div>
          ))}
        </article>
      ))}
    </Section>
  );
}
