import { SEVERITY_ORDER, type Severity } from '@yinglian/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../kernel/format.ts';
import { Icon } from '../kernel/parts/icon.tsx';

const ICONS = { error: 'cross', warning: 'warning', note: 'note', success: 'check' } as const;

/** How many checks failed, warned, noted and held, each with its sign. */
export function CheckCounts({ checked }: {
  checked: Readonly<Record<Severity, number>> | null;
}) {
  const { t } = useTranslation('kernel');
  const format = useFormat();
  if (checked === null) return <span className="muted">—</span>;
  return (
    <span className="check-counts">
      {SEVERITY_ORDER.filter((each) => checked[each] > 0).map((each) => (
        <span key={each} className={`check-count finding-${each}`} title={t(`severity.${each}`)}>
          <span className="finding-mark"><Icon name={ICONS[each]} size={14} /></span>
          <span className="sr-only">{t(`severity.${each}`)} </span>{format.number(checked[each])}
        </span>
      ))}
    </span>
  );
}
