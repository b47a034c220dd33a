import { Link } from '@tanstack/react-router';
import type { contract, OutputOf } from '@yinglian/contract';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../kernel/format.ts';
import { Records } from '../kernel/parts/records.tsx';
import { State } from '../kernel/parts/state.tsx';

export type Statement = OutputOf<typeof contract.settlement.statement.result>;

/** Statements, one line each. */
export function StatementTable({ rows }: { rows: readonly Statement[] }) {
  const { t } = useTranslation('settlement');
  const format = useFormat();
  return (
    <Records label={t('statements')} rows={rows} keyOf={(each) => each.id} columns={[
      { title: t('number'), head: true, cell: (each) => (
        <Link to="/settlement/statements/$id" params={{ id: each.id }}>
          {each.number}<small>{t(`kindOf.${each.kind}`)}</small>
        </Link>
      ) },
      { title: t('party'), cell: (each) => (
        <>
          {t(`role.${each.party}`, { defaultValue: each.party })}
          <span className="record-sub">{each.counterparty}</span>
        </>
      ) },
      { title: t('period'), cell: (each) => (
        <span className="figure">{format.date(each.from)} – {format.date(each.to)}</span>
      ) },
      { title: t('lines'), figure: true, cell: (each) => format.number(each.lines) },
      { title: t('gross'), figure: true, cell: (each) => format.money(each.grossFen) },
      { title: t('total'), figure: true,
        cell: (each) => <strong>{format.money(each.totalFen)}</strong> },
      { title: t('state'), cell: (each) => <State state={each.state} /> },
    ]} />
  );
}
