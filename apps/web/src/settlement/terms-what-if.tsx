import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { WhatIfChanges } from './what-if-changes.tsx';

/** Settles a run again under what is being written: who gains, who loses, before it is saved. */
export function TermsWhatIf({ filmId, terms }: { filmId: string; terms: unknown }) {
  const { t } = useTranslation('settlement');
  const format = useFormat();
  const runs = useQuery(ask('settlement', 'runs', { query: { filmId } }));
  const [runId, setRunId] = useState<string>();
  const done = (runs.data?.rows ?? []).filter((each) => each.state === 'done');
  const id = runId ?? done[0]?.id;
  const compared = useQuery({
    queryKey: ['settlement', 'whatIf', id, terms],
    queryFn: ({ signal }) => api.settlement.whatIf({ params: { id: id ?? '' }, body: { terms },
      signal }),
    enabled: false,
  });
  if (id === undefined) return null;
  return (
    <Section title={t('books.whatIf')}>
      <p className="row">
        <Select aria-label={t('run')} value={id} onChange={setRunId} popupMatchSelectWidth={false}
          options={done.map((each) => ({ value: each.id,
            label: `${format.date(each.from)} – ${format.date(each.to)}` }))} />
        <button type="button" className="button" disabled={compared.isFetching}
          onClick={() => void compared.refetch()}>{t('books.compareTerms')}</button>
      </p>
      <ProblemNote fault={compared.error} />
      {compared.data === undefined ? null : (
        <WhatIfChanges changes={compared.data.changes} />
      )}
    </Section>
  );
}
