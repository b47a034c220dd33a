import type { contract, ResultOf } from '@yinglian/contract';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../kernel/format.ts';
import { Records } from '../kernel/parts/records.tsx';

type Change = ResultOf<typeof contract.settlement.whatIf>['changes'][number];

/** Who gains and who loses, the greatest change first. */
export function WhatIfChanges({ changes }: { changes: readonly Change[] }) {
  const { t, i18n } = useTranslation('settlement');
  const language = i18n.language === 'en' ? 'en' : 'zh';
  const format = useFormat();
  return (
    <Records label={t('books.whatIf')} rows={changes}
      keyOf={(each) => `${each.party}/${each.holder ?? ''}`} columns={[
        { title: t('party'), head: true,
          cell: (each) => <>{each.name?.[language] ?? each.party}<small>{each.holder}</small></> },
        { title: t('books.before'), figure: true, cell: (each) => format.money(each.beforeFen) },
        { title: t('books.after'), figure: true, cell: (each) => format.money(each.afterFen) },
        { title: t('books.delta'), figure: true,
          cell: (each) => <strong>{format.money(each.differenceFen)}</strong> },
      ]} />
  );
}
