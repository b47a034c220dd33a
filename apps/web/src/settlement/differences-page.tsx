import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { contract, OutputOf, ResultOf } from '@yinglian/contract';
import { Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../kernel/api.ts';
import { useFilmChoices, useFilmId } from '../kernel/film.ts';
import { useFormat } from '../kernel/format.ts';
import { currentLanguage } from '../kernel/language.ts';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { Empty, Page } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { State } from '../kernel/parts/state.tsx';
import { useSession } from '../kernel/session.ts';
import { useAction } from '../kernel/action.ts';
import './settlement.css';

type Difference = ResultOf<typeof contract.ledger.differences>['rows'][number];
type DifferenceState = Difference['state'];
type Report = OutputOf<typeof contract.exhibition.report.result>;
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
        <Compare onDone={() => setComparing(false)} />
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

function Compare({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation('settlement');
  const kernel = useTranslation('kernel').t;
  const films = useFilmChoices();
  const addressed = useFilmId();
  const { act, busy, fault } = useAction('ledger');
  const [filmId, setFilmId] = useState(addressed ?? films[0]?.value);
  const [first, setFirst] = useState<string[]>([]);
  const [second, setSecond] = useState<string[]>([]);
  const reports = useQuery({ ...ask('exhibition', 'reports', {
    query: { filmId: filmId ?? '', limit: 200 } }), enabled: filmId !== undefined });
  const rows = (reports.data?.rows ?? []).filter((each) => each.state === 'imported');
  const options = rows.map((each) => (
    { value: each.id, label: `${each.sender} · ${each.file.name}` }));
  const senderOf = (ids: readonly string[], fallback: string) =>
    rows.find((each: Report) => ids.includes(each.id))?.sender || fallback;
  const start = () => {
    const reference = senderOf(first, t('books.reference'));
    const named = senderOf(second, t('books.other'));
    const other = named === reference ? `${named} (2)` : named;
    return api.ledger.reconcile({ body: { filmId: filmId ?? '', reference, other,
      referenceReports: first, otherReports: second } });
  };
  return (
    <div className="stack">
      <label className="field"><span>{kernel('film')}</span>
        <Select aria-label={kernel('film')} value={filmId} options={films} onChange={setFilmId} />
      </label>
      <label className="field"><span>{t('books.reference')}</span>
        <Select mode="multiple" aria-label={t('books.reference')} value={first}
          options={options} onChange={setFirst} />
      </label>
      <label className="field"><span>{t('books.other')}</span>
        <Select mode="multiple" aria-label={t('books.other')} value={second}
          options={options} onChange={setSecond} />
      </label>
      <ProblemNote fault={fault} />
      <p>
        <button type="button" className="button button-first"
          disabled={busy || first.length === 0 || second.length === 0}
          onClick={() => void act(start, onDone)}>{t('books.compare')}</button>
      </p>
    </div>
  );
}
