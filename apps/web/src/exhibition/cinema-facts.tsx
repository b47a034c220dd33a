import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import './evidence.css';

/** What was so of a cinema on a day, screen by screen, and who says it. */
export function CinemaFacts({ cinemaId }: { cinemaId: string }) {
  const { t } = useTranslation('exhibition');
  const format = useFormat();
  const [on, setOn] = useState('');
  const query = on === '' ? {} : { on };
  const facts = useQuery({
    ...ask('facilities', 'facts', { params: { id: cinemaId }, query }),
    placeholderData: (before) => before,
  });
  return (
    <Section
      title={t('facts.history')}
      actions={
        <label className="field-row">
          <span>{t('facts.onDay')}</span>
          <input
            className="input"
            type="date"
            value={on}
            onChange={(event) => setOn(event.target.value)}
          />
        </label>
      }
    >
      <ProblemNote fault={facts.error} />
      <Records
        label={t('facts.history')}
        rows={facts.data?.rows ?? []}
        keyOf={(each) => `${each.subjectId} ${each.fact}`}
        columns={[
          {
            title: t('facts.fact'),
            head: true,
            cell: (each) => (
              <>
                {t(`facts.name.${each.fact}`)}
                <small>{each.subjectName}</small>
              </>
            ),
          },
          {
            title: t('facts.value'),
            cell: (each) => (
              <span className={each.fact === 'mediaBlock' ? 'mono' : undefined}>
                {each.value ?? '—'}
              </span>
            ),
          },
          {
            title: t('facts.source'),
            cell: (each) =>
              each.resolved ? t('facts.decided') : (each.from?.source ?? '—'),
          },
          { title: t('facts.since'), cell: (each) => format.day(each.from?.validFrom ?? null) },
          {
            title: t('facts.others'),
            cell: (each) =>
              each.conflicts.map((word) => `${word.value ?? '—'} (${word.source})`).join('；')
              || '—',
          },
        ]}
      />
    </Section>
  );
}
