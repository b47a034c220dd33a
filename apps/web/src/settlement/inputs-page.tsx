import type { contract, ResultOf } from '@yinglian/contract';
import { formatYuan, parseYuan } from '@yinglian/core';
import { Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../kernel/api.ts';
import { useFilmChoices, useFilmId } from '../kernel/film.ts';
import { useFormat } from '../kernel/format.ts';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { FileImportSteps } from '../kernel/parts/file-import.tsx';
import { Empty, Page } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';
import { useAction } from '../kernel/action.ts';
import './settlement.css';

type InputRecord = ResultOf<typeof contract.settlement.inputs>['rows'][number];
type Kind = InputRecord['kind'];

const KINDS = ['income', 'expense', 'usage', 'book', 'rate', 'engagement'] as const;
/** The headings that a table of each kind is read by; either language will do. */
const HEADINGS: Readonly<Record<Kind, { readonly zh: string; readonly en: string }>> = {
  income: { zh: '编号、日期、来源、金额、票房、人次', en: 'key, date, source, amount, gross' },
  expense: { zh: '编号、日期、科目、金额', en: 'key, date, account, amount' },
  usage: { zh: '日期、小时、有效观看、收入:member', en: 'date, hours, views, income:member' },
  book: { zh: '日期、账本、票房、净票房、人次', en: 'date, book, gross, net, admissions' },
  rate: { zh: '日期、来源、币种、汇率', en: 'date, source, currency, rate' },
  engagement: {
    zh: '影院编码、开始日期、场地费、商定比例', en: 'cinema, start, allowance, agreed rate',
  },
};

/** What is settled besides tickets: recorded by hand or from a table, corrected by addition. */
export function InputsPage() {
  const { t } = useTranslation('settlement');
  const kernel = useTranslation('kernel').t;
  const { can } = useSession();
  const films = useFilmChoices();
  const addressed = useFilmId();
  const [film, setFilm] = useState<string>();
  const filmId = film ?? addressed ?? films[0]?.value;
  const [kind, setKind] = useState<Kind | ''>('');
  const [dialog, setDialog] = useState<'import' | 'add'>();
  const write = can('settlement.write') && filmId !== undefined;
  return (
    <Page wide title={kernel('page.inputs')} lead={t('inputs.lead')} actions={write ? (
      <>
        <button type="button" className="button" onClick={() => setDialog('add')}>
          {t('inputs.add')}
        </button>
        <button type="button" className="button button-first" onClick={() => setDialog('import')}>
          {t('inputs.import')}
        </button>
      </>
    ) : null}>
      <div className="panel settle-form">
        <label className="field"><span>{kernel('film')}</span>
          <Select aria-label={kernel('film')} value={filmId} options={films} onChange={setFilm} />
        </label>
        <label className="field"><span>{t('inputs.kindLabel')}</span>
          <Select aria-label={t('inputs.kindLabel')} value={kind} onChange={setKind}
            options={[{ value: '', label: t('inputs.all') },
              ...KINDS.map((each) => ({ value: each, label: t(`inputs.kind.${each}`) }))]} />
        </label>
      </div>
      {filmId === undefined
        ? <Empty title={t('inputs.none')}>{t('inputs.noneText')}</Empty>
        : <InputList filmId={filmId} kind={kind} write={write} />}
      {filmId === undefined ? null : (
        <>
          <ImportInputs key={`${filmId}${kind}`} filmId={filmId} first={kind || 'income'}
            open={dialog === 'import'} onClose={() => setDialog(undefined)} />
          <Dialog title={t('inputs.add')} open={dialog === 'add'}
            onClose={() => setDialog(undefined)}>
            <AddInput filmId={filmId} onDone={() => setDialog(undefined)} />
          </Dialog>
        </>
      )}
    </Page>
  );
}

function InputList({ filmId, kind, write }: { filmId: string; kind: Kind | ''; write: boolean }) {
  const { t } = useTranslation('settlement');
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  const { act, busy, fault } = useAction('settlement');
  return (
    <>
      <ProblemNote fault={fault} />
      <Paged label={kernel('page.inputs')} name={['settlement', 'inputs', filmId, kind]}
        load={(after, signal) => api.settlement.inputs({ query: { filmId,
          ...(kind === '' ? {} : { kind }), ...(after === undefined ? {} : { after }) }, signal })}
        keyOf={(each) => each.id}
        empty={<Empty title={t('inputs.none')}>{t('inputs.noneText')}</Empty>}
        columns={[
          { title: t('inputs.key'), head: true, cell: (each) => (
            <>{each.key}<small>{t(`inputs.kind.${each.kind}`)}</small></>
          ) },
          { title: t('inputs.date'), cell: (each) => format.date(each.date) },
          { title: t('inputs.what'), cell: (each) => saidBy(each, format.number) },
          { title: t('inputs.amount'), figure: true, cell: (each) => amountOf(each, format.money) },
          { title: t('inputs.by'), cell: (each) => (
            <>{each.by}<span className="record-sub">
              {t('inputs.revision', { count: each.revision })}</span></>
          ) },
          { title: t('books.do'), cell: (each) => (write ? (
            <button type="button" className="button" disabled={busy} onClick={() => void act(
              () => api.settlement.withdrawInput({ params: { id: each.id } }))}>
              {t('inputs.withdraw')}
            </button>
          ) : null) },
        ]} />
    </>
  );
}

type Data = Readonly<Record<string, unknown>>;
const text = (data: Data, name: string) => (typeof data[name] === 'string' ? data[name] : '');

/** The parts of a record that are no amount, in one line. */
function saidBy({ data }: InputRecord, number: (value: number) => string): string {
  const record = (data ?? {}) as Data;
  const names = ['source', 'film', 'account', 'book', 'currency', 'rate', 'cinemaCode', 'start',
    'allowance', 'agreedRate'];
  const counts = ['admissions', 'minutes', 'views'].filter((name) => text(record, name) !== '');
  return [
    ...names.map((name) => text(record, name)).filter((each) => each !== ''),
    ...counts.map((name) => number(Number(text(record, name)))),
  ].join(' · ');
}

function amountOf({ data }: InputRecord, money: (fen: string) => string): string {
  const record = (data ?? {}) as Data;
  const incomes = Object.entries((record['incomesFen'] ?? {}) as Record<string, string>);
  if (incomes.length > 0) return incomes.map(([name, fen]) => `${name} ${money(fen)}`).join(' · ');
  const fen = text(record, 'amountFen') || text(record, 'grossFen') || text(record, 'netFen');
  const currency = text(record, 'currency');
  if (fen === '') return '—';
  const foreign = currency !== '' && currency !== 'CNY';
  return foreign ? `${currency} ${formatYuan(BigInt(fen), { grouped: true })}` : money(fen);
}

function ImportInputs({ filmId, first, open, onClose }: {
  filmId: string; first: Kind; open: boolean; onClose: () => void;
}) {
  const { t, i18n } = useTranslation('settlement');
  const { act } = useAction('settlement');
  const [kind, setKind] = useState<Kind>(first);
  const columns = HEADINGS[kind][i18n.language === 'en' ? 'en' : 'zh'];
  return (
    <Dialog title={t('inputs.import')} open={open} onClose={onClose}>
      <div className="stack">
        <label className="field"><span>{t('inputs.kindLabel')}</span>
          <Select aria-label={t('inputs.kindLabel')} value={kind} onChange={setKind}
            options={KINDS.map((each) => ({ value: each, label: t(`inputs.kind.${each}`) }))} />
        </label>
        <FileImportSteps key={kind} hint={t('inputs.hint', { columns })} accept=".csv,.xlsx,.txt"
          onClose={onClose} words={(name) => t(`inputs.${name}`)}
          run={async (fileId, commit) => {
            const { findings, ...counts } = await api.settlement.importInputs({
              body: { filmId, kind, fileId, commit } });
            if (commit) void act(async () => undefined);
            return { counts, findings };
          }} />
      </div>
    </Dialog>
  );
}

function AddInput({ filmId, onDone }: { filmId: string; onDone: () => void }) {
  const { t } = useTranslation('settlement');
  const { act, busy, fault } = useAction('settlement');
  const [kind, setKind] = useState<'income' | 'expense'>('income');
  const [key, setKey] = useState('');
  const [date, setDate] = useState('');
  const [place, setPlace] = useState('');
  const [yuan, setYuan] = useState('');
  const negative = yuan.trim().startsWith('-');
  const fen = parseYuan(yuan.trim().replace(/^-/, ''));
  const ready = key.trim() !== '' && date !== '' && place.trim() !== '' && fen !== undefined;
  const record = () => act(() => api.settlement.recordInputs({ body: { filmId, records: [{
    kind, key: key.trim(), date, amountFen: String(negative ? -(fen ?? 0n) : fen ?? 0n),
    ...(kind === 'income' ? { source: place.trim() } : { account: place.trim() }),
  }] } }), onDone);
  return (
    <div className="stack">
      <label className="field"><span>{t('inputs.kindLabel')}</span>
        <Select aria-label={t('inputs.kindLabel')} value={kind} onChange={setKind}
          options={(['income', 'expense'] as const).map((each) => ({ value: each,
            label: t(`inputs.kind.${each}`) }))} />
      </label>
      <label className="field"><span>{t('inputs.key')}</span>
        <Input value={key} maxLength={200} onChange={(event) => setKey(event.target.value)} />
      </label>
      <label className="field"><span>{t('inputs.date')}</span>
        <input className="input" type="date" value={date}
          onChange={(event) => setDate(event.target.value)} />
      </label>
      <label className="field">
        <span>{kind === 'income' ? t('inputs.source') : t('inputs.account')}</span>
        <Input value={place} maxLength={60} onChange={(event) => setPlace(event.target.value)} />
      </label>
      <label className="field"><span>{t('books.yuan')}</span>
        <Input value={yuan} inputMode="decimal" onChange={(event) => setYuan(event.target.value)} />
      </label>
      <ProblemNote fault={fault} />
      <div className="dialog-actions">
        <button type="button" className="button button-first" disabled={!ready || busy}
          onClick={() => void record()}>{t('inputs.record')}</button>
      </div>
    </div>
  );
}
