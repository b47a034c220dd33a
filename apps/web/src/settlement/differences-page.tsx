import { Link } from '@tanstack/react-router';
import type { contract, ResultOf } from '@yinglian/contract';
import { Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../kernel/api.ts';
import { useFilmId } from '../kernel/film.ts';
import { useFormat } from '../kernel/format.ts';
import { currentLanguage } from '../kernel/language.ts';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { Empty, Page } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { State } from '../kernel/parts/state.tsx';
import { useSession } from '../kernel/session.ts';
import { useAction } from '../kernel/action.ts';
import { CompareSenders } from './compare-senders.tsx';
import './settlement.css';

type Difference = ResultOf<typeof contract.ledger.differences>['rows'][number];
type DifferenceState = Difference['state'];
const NEXT: Readonly<Record<DifferenceState, readonly DifferenceState[]>> = {
  open: ['explained', 'accepted', 'adjusted', 'disputed'],
  explained: ['accepted', 'adjusted', 'disputed'],
  disputed: ['explained', 'accepted', 'adjusted'],
  accepted: ['open'],
  adjusted: ['open'],
};

/** The inbox of differences between senders: the oldest first, each with its rows. */
export function DifferencesPage() {
  const { t } = useTranslation('settlement');
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  const filmId = useFilmId();
  const { can } = useSession();
  const [shown, setShown] = useState<'open' | 'closed'>('open');
  const [chosen, setChosen] = useState<Difference | null>(null);
  const [comparing, setComparing] = useState(false);
  const language = currentLanguage() === 'zh-CN' ? 'zh' : 'en';
  return (
    <Page wide title={kernel('page.differences')} lead={t('books.differencesLead')} actions={
      <>
        <Select aria-label={t('state')} value={shown} onChange={setShown}
          popupMatchSelectWidth={false} options={[
            { value: 'open', label: t('books.openOnes') },
            { value: 'closed', label: t('books.closedOnes') },
          ]} />
        {can('settlement.write') ? (
          <button type="button" className="button button-first" onClick={() => setComparing(true)}>
            {t('books.compare')}
          </button>
        ) : null}
      </>
    }>
      <Paged label={kernel('page.differences')} name={['ledger', 'differences', filmId, shown]}
        load={(after, signal) => api.ledger.differences({ query: {
          open: shown === 'open' ? 'true' : 'false', ...(after === undefined ? {} : { after }),
          ...(filmId === undefined ? {} : { filmId }) }, signal })}
        keyOf={(each) => each.id}
        empty={<Empty title={t('books.noDifference')}>{t('books.noDifferenceText')}</Empty>}
        columns={[
          { title: t('books.kind'), head: true, cell: (each) => (
            <button type="button" className="button button-plain"
              onClick={() => setChosen(each)}>{each.kindName[language]}</button>
          ) },
          { title: t('books.due'), cell: (each) => format.date(each.date) },
          { title: t('column.cinemaCode'), cell: (each) => each.cinemaCode },
          { title: t('books.between'), cell: (each) => each.between.join(' — ') },
          { title: t('books.admissions'), figure: true,
            cell: (each) => format.number(each.deltaAdmissions) },
          { title: t('books.delta'), figure: true, cell: (each) => format.money(each.deltaFen) },
          { title: t('books.age'), figure: true,
            cell: (each) => t('books.daysOld', { count: each.days }) },
          { title: t('books.assignee'), cell: (each) => each.assignee ?? '—' },
          { title: t('state'), cell: (each) => (
            <State state={each.cured ? 'cured' : each.state} />
          ) },
        ]} />
      <Dialog place="side" title={chosen?.kindName[language] ?? ''} open={chosen !== null}
        onClose={() => setChosen(null)}>
        {chosen === null ? null : <Decide difference={chosen} onDone={() => setChosen(null)} />}
      </Dialog>
      <Dialog title={t('books.compare')} open={comparing} onClose={() => setComparing(false)}>
        <CompareSenders onDone={() => setComparing(false)} />
      </Dialog>
    </Page>
  );
}

function Decide({ difference, onDone }: { difference: Difference; onDone: () => void }) {
  const { t } = useTranslation('settlement');
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  const { can } = useSession();
  const { act, busy, fault } = useAction('ledger');
  const [comment, setComment] = useState('');
  const [assignee, setAssignee] = useState('');
  const [adjustment, setAdjustment] = useState('');
  const decide = (to: DifferenceState) => act(() => api.ledger.decideDifference({
    params: { id: difference.id },
    body: { to, comment, ...(assignee.trim() === '' ? {} : { assignee }),
      ...(adjustment.trim() === '' ? {} : { adjustment }) },
  }), onDone);
  return (
    <div className="stack">
      <p>{difference.between.join(' — ')} · {format.date(difference.date)}</p>
      <p>{t('books.delta')} <strong>{format.money(difference.deltaFen)}</strong></p>
      <p>
        <Link to="/settlement/reconciliations/$id" params={{ id: difference.reconciliationId }}>
          {kernel('page.reconciliation')}
        </Link>
      </p>
      <ul>
        {difference.evidence.map(({ reportId, line }) => (
          <li key={`${reportId}:${line}`}>
            <Link to="/exhibition/reports/$id" params={{ id: reportId }}>
              {t('sourceLines', { lines: line, count: 1 })}
            </Link>
          </li>
        ))}
      </ul>
      {difference.decisions.map((each, index) => (
        <p key={index} className="muted">
          {format.date(each.on)} {each.by} · {kernel(`state.${each.to}`)} · {each.comment}
        </p>
      ))}
      {can('settlement.write') ? (
        <>
          <label className="field"><span>{t('books.reason')}</span>
            <Input.TextArea value={comment} maxLength={2000} autoSize
              onChange={(event) => setComment(event.target.value)} />
          </label>
          <label className="field"><span>{t('books.assignee')}</span>
            <Input value={assignee} maxLength={100}
              onChange={(event) => setAssignee(event.target.value)} />
          </label>
          <label className="field"><span>{t('books.adjustmentEntry')}</span>
            <Input value={adjustment} maxLength={100}
              onChange={(event) => setAdjustment(event.target.value)} />
          </label>
          <p className="row">
            {NEXT[difference.state].map((to) => (
              <button key={to} type="button" className="button"
                disabled={busy || comment.trim() === ''
                  || (to === 'adjusted' && adjustment.trim() === '')}
                onClick={() => void decide(to)}>{kernel(`state.${to}`)}</button>
            ))}
          </p>
        </>
      ) : null}
      <ProblemNote fault={fault} />
    </div>
  );
}
