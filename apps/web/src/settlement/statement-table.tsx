import { Link } from '@tanstack/react-router';
import type { contract, OutputOf } from '@yinglian/contract';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../kernel/format.ts';
import { Records } from '../kernel/parts/records.tsx';
import { State } from '../kernel/parts/state.tsx';

export type Statement = OutputOf<typeof contract.settlement.statement.result>;

/** The party by the name that the terms give it, in the reader's language. */
export function usePartyName() {
  const { t, i18n } = useTranslation('settlement');
  const language = i18n.language === 'en' ? 'en' : 'zh';
  return ({ party, partyName }: Statement): string =>
    partyName?.[language] ?? t(`role.${party}`, { defaultValue: party });
}

const ofTickets = ({ termsKind }: Statement) =>
  termsKind === 'theatrical' || termsKind === 'rental';

/** The other side of the statement, where it is not the party under the same name. */
export function otherOf({ counterparty, partyName }: Statement): string | null {
  return counterparty === partyName?.zh ? null : counterparty;
}

/** Statements, one line each. */
export function StatementTable({ rows }: { rows: readonly Statement[] }) {
  const { t } = useTranslation('settlement');
  const format = useFormat();
  const partyOf = usePartyName();
  return (
    <Records label={t('statements')} rows={rows} keyOf={(each) => each.id} columns={[
      { title: t('number'), head: true, cell: (each) => (
        <Link to="/settlement/statements/$id" params={{ id: each.id }}>
          {each.number}
          <small>
            {t(`kindOf.${each.kind}`)}{each.supplementary ? ` · ${t('supplementary')}` : ''}
          </small>
        </Link>
      ) },
      { title: t('party'), cell: (each) => (
        <>
          {partyOf(each)}
          <span className="record-sub">{otherOf(each)}</span>
        </>
      ) },
      { title: t('period'), cell: (each) => (
        <span className="figure">{format.date(each.from)} – {format.date(each.to)}</span>
      ) },
      { title: t('lines'), figure: true, cell: (each) => format.number(each.lines) },
      { title: t('gross'), figure: true,
        cell: (each) => (ofTickets(each) ? format.money(each.grossFen) : '—') },
      { title: t('total'), figure: true,
        cell: (each) => <strong>{format.money(each.totalFen)}</strong> },
      { title: t('state'), cell: (each) => <State state={each.stage} /> },
    ]} />
  );
}
