import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { COMPARED_LEVELS } from '@yinglian/contract';
import { Checkbox, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Empty, Page, Waiting } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';

type Sum = { readonly admissions: number; readonly grossFen: string } | null;

/** All parties of a reconciliation side by side, from the film down to the show. */
export function ReconciliationPage() {
  const { t } = useTranslation('settlement');
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  const { id } = useParams({ from: '/desk/settlement/reconciliations/$id' });
  const [level, setLevel] = useState<(typeof COMPARED_LEVELS)[number]>('film');
  const [differing, setDiffering] = useState(false);
  const found = useQuery(ask('ledger', 'reconciliation', { params: { id } }));
  if (found.isPending) return <Waiting />;
  if (found.isError) return <ProblemNote fault={found.error} again={() => void found.refetch()} />;
  const { parties, keys, agreeing, open } = found.data;
  return (
    <Page wide title={kernel('page.reconciliation')}
      lead={t('books.reconciled', { keys, agreeing, open })} actions={
        <>
          <Select aria-label={t('books.level')} value={level} onChange={setLevel}
            popupMatchSelectWidth={false} options={COMPARED_LEVELS.map((value) => (
              { value, label: t(`books.levels.${value}`) }))} />
          <Checkbox checked={differing} onChange={(event) => setDiffering(event.target.checked)}>
            {t('books.onlyDiffering')}
          </Checkbox>
          <Link className="button" to="/settlement/differences">{kernel('page.differences')}</Link>
        </>
      }>
      <Paged label={kernel('page.reconciliation')}
        name={['ledger', 'reconciliationLevels', id, level, differing]}
        load={(after, signal) => api.ledger.reconciliationLevels({ params: { id }, query: {
          level, differing: differing ? 'true' : 'false',
          ...(after === undefined ? {} : { after }) }, signal })}
        keyOf={(each) => each.key}
        empty={<Empty title={t('books.noDifference')}>{t('books.levelAgrees')}</Empty>}
        columns={[
          { title: t(`books.levels.${level}`), head: true,
            cell: (each) => each.key.split('/').map((part) => part || '—').join(' · ') },
          ...parties.map(({ name, role }, index) => ({
            title: `${name}（${t(`books.role.${role}`)}）`,
            figure: true,
            cell: ({ sums }: { sums: readonly Sum[] }) => {
              const sum = sums[index];
              if (sum === null || sum === undefined) return '—';
              return `${format.number(sum.admissions)} / ${format.money(sum.grossFen)}`;
            },
          })),
          { title: t('state'),
            cell: (each) => (each.agrees ? t('books.agreeing') : <b>{t('books.differing')}</b>) },
        ]} />
    </Page>
  );
}
