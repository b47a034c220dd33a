import type { opencallEntrySchema } from '@yinglian/contract';
import { type Indicator, thresholdText } from '@yinglian/opencall';
import { useTranslation } from 'react-i18next';
import { Records } from '../kernel/parts/records.tsx';

type Row = (typeof opencallEntrySchema)['_output']['indicators'][number];

/** What is measured, what it must come to, and how. */
export function IndicatorList({ indicators }: { indicators: readonly Row[] }) {
  const { t } = useTranslation('opencall');
  return (
    <Records
      label={t('indicators')}
      rows={indicators}
      keyOf={(each) => each.code}
      columns={[
        { title: t('quantity'), head: true, cell: (each) => each.name },
        { title: t('threshold'), cell: (each) => thresholdText(each as Indicator) },
        { title: t('method'), cell: (each) => each.method },
      ]}
    />
  );
}
