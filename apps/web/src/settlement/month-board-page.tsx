import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Empty, Page, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { useSession } from '../kernel/session.ts';
import { useAction } from '../kernel/action.ts';
import { NightChecks } from './night-checks.tsx';
import './settlement.css';

const STATES = ['draft', 'checked', 'issued', 'accepted', 'disputed'] as const;
/** The month that accountants work on is the one before this. */
function lastMonth(): string {
  const now = new Date();
  now.setUTCDate(0);
  return now.toISOString().slice(0, 7);
}

/** Where a month stands, film by film: reports in, statements out, money open, differences left. */
export function MonthBoardPage() {
  const { t } = useTranslation('settlement');
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  const { can } = useSession();
  const [month, setMonth] = useState(lastMonth);
  const board = useQuery({ ...ask('ledger', 'board', { query: { month } }),
    placeholderData: (before) => before });
  const { act, busy, fault } = useAction('ledger');
  const rows = board.data?.rows ?? [];
  const closed = board.data?.closed === true;
  return (
    <Page wide title={kernel('page.monthBoard')} lead={t('books.boardLead')} actions={
      <>
        <label className="field"><span className="sr-only">{t('books.month')}</span>
          <input className="input" type="month" value={month}
            onChange={(event) => event.target.value !== '' && setMonth(event.target.value)} />
        </label>
        {can('settlement.issue') && !closed ? (
          <button type="button" className="button" disabled={busy}
            onClick={() => void act(() => api.ledger.closePeriod({ body: { month } }))}>
            {t('books.close')}
          </button>
        ) : null}
      </>
    }>
      {closed ? <p className="muted">{t('books.isClosed')}</p> : null}
      <ProblemNote fault={fault ?? board.error} again={() => void board.refetch()} />
      {board.isPending ? <Waiting /> : null}
      {board.isSuccess && rows.length === 0
        ? <Empty title={t('books.boardNone')}>{t('books.boardNoneText')}</Empty> : null}
      {rows.length === 0 ? null : (
        <Records label={kernel('page.monthBoard')} rows={rows} keyOf={(each) => each.filmId}
          columns={[
            { title: kernel('film'), head: true, cell: (each) => each.film },
            { title: t('reports'), figure: true, cell: (each) => format.number(each.reports) },
            { title: t('run'), figure: true, cell: (each) => format.number(each.runs) },
            { title: t('statements'), cell: (each) => STATES
              .filter((state) => each.statements[state] > 0)
              .map((state) => `${kernel(`state.${state}`)} ${each.statements[state]}`)
              .join(' · ') },
            { title: t('gross'), figure: true, cell: (each) => format.money(each.grossFen) },
            { title: t('total'), figure: true, cell: (each) => format.money(each.dueFen) },
            { title: t('books.open'), figure: true, cell: (each) => format.money(each.openFen) },
            { title: t('books.disputed'), figure: true,
              cell: (each) => format.money(each.disputedFen) },
            { title: kernel('page.differences'), figure: true,
              cell: (each) => format.number(each.differences) },
          ]} />
      )}
      <NightChecks />
    </Page>
  );
}
