import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { currentLanguage } from '../kernel/language.ts';
import { Findings } from '../kernel/parts/findings.tsx';
import { Empty, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { State } from '../kernel/parts/state.tsx';
import './settlement.css';

type Side = 'receivable' | 'payable';

/** The organisation's book: what is open, how old it is, the accounts and every entry. */
export function BookPage() {
  const { t } = useTranslation('settlement');
  const kernel = useTranslation('kernel').t;
  const [side, setSide] = useState<Side>('receivable');
  return (
    <Page wide title={kernel('page.book')} lead={t('books.lead')} actions={
      <Select aria-label={t('books.side')} value={side} onChange={setSide}
        popupMatchSelectWidth={false}
        options={(['receivable', 'payable'] as const).map((value) => (
          { value, label: t(`books.${value}`) }))} />
    }>
      <Ageing side={side} />
      <Items side={side} />
      <Accounts />
      <Periods />
      <Entries />
    </Page>
  );
}

function Ageing({ side }: { side: Side }) {
  const { t } = useTranslation('settlement');
  const format = useFormat();
  const ageing = useQuery(ask('ledger', 'ageing', { query: { side } }));
  if (ageing.isPending) return <Waiting />;
  if (ageing.isError) return <ProblemNote fault={ageing.error} />;
  const { rows, bounds } = ageing.data;
  if (rows.length === 0) {
    return <Empty title={t('books.nothingOpen')}>{t('books.nothingOpenText')}</Empty>;
  }
  const bucket = (index: number) => {
    const next = bounds[index + 1];
    return next === undefined ? t('books.over', { days: bounds[index] })
      : t('books.days', { from: bounds[index], to: next - 1 });
  };
  return (
    <Section title={t('books.ageing')}>
      <Records label={t('books.ageing')} rows={rows} keyOf={(each) => each.party ?? ''} columns={[
        { title: t('party'), head: true, cell: (each) => each.party ?? '—' },
        { title: t('books.notDue'), figure: true, cell: (each) => format.money(each.notDueFen) },
        ...bounds.map((_, index) => ({ title: bucket(index), figure: true,
          cell: (each: (typeof rows)[number]) => format.money(each.overdueFen[index] ?? '0') })),
        { title: t('books.disputed'), figure: true,
          cell: (each) => format.money(each.disputedFen) },
        { title: t('totals'), figure: true,
          cell: (each) => <strong>{format.money(each.totalFen)}</strong> },
      ]} />
    </Section>
  );
}

function Items({ side }: { side: Side }) {
  const { t } = useTranslation('settlement');
  const format = useFormat();
  const items = useQuery(ask('ledger', 'items', { query: { side } }));
  const rows = items.data?.rows ?? [];
  if (rows.length === 0) return null;
  return (
    <Section title={t('books.items')}>
      <Records label={t('books.items')} rows={rows} keyOf={(each) => each.item} columns={[
        { title: t('number'), head: true, cell: (each) => each.item },
        { title: t('party'), cell: (each) => each.party ?? '—' },
        { title: t('books.due'), cell: (each) => format.date(each.dueOn) },
        { title: t('total'), figure: true, cell: (each) => format.money(each.amountFen) },
        { title: t('books.open'), figure: true, cell: (each) => format.money(each.openFen) },
        { title: t('books.disputed'), figure: true,
          cell: (each) => format.money(each.disputedFen) },
      ]} />
    </Section>
  );
}

function Accounts() {
  const { t } = useTranslation('settlement');
  const format = useFormat();
  const accounts = useQuery(ask('ledger', 'accounts', { query: {} }));
  const rows = accounts.data?.rows ?? [];
  if (rows.length === 0) return null;
  const language = currentLanguage() === 'zh-CN' ? 'zh' : 'en';
  return (
    <Section title={t('books.accounts')}>
      <Records label={t('books.accounts')} rows={rows} keyOf={(each) => each.account} columns={[
        { title: t('books.account'), head: true,
          cell: (each) => <>{each.name[language]}<small>{each.number}</small></> },
        { title: t('books.debit'), figure: true, cell: (each) => format.money(each.debitFen) },
        { title: t('books.credit'), figure: true, cell: (each) => format.money(each.creditFen) },
        { title: t('books.balance'), figure: true,
          cell: (each) => format.money(each.balanceFen) },
      ]} />
    </Section>
  );
}

function Periods() {
  const { t } = useTranslation('settlement');
  const format = useFormat();
  const periods = useQuery(ask('ledger', 'periods', {}));
  const rows = periods.data?.rows ?? [];
  if (rows.length === 0) return null;
  return (
    <Section title={t('books.periods')}>
      <Records label={t('books.periods')} rows={rows} keyOf={(each) => each.month} columns={[
        { title: t('books.month'), head: true, cell: (each) => each.month },
        { title: t('state'), cell: (each) => (
          <State state={each.state === 'closed' ? 'closed' : 'unclosed'} />
        ) },
        { title: t('books.entries'), figure: true, cell: (each) => format.number(each.entries) },
        { title: t('books.turnover'), figure: true,
          cell: (each) => format.money(each.turnoverFen) },
        { title: t('books.by'), cell: (each) => each.by ?? '—' },
        { title: t('books.root'),
          cell: (each) => <code>{each.root?.slice(0, 12) ?? '—'}</code> },
      ]} />
    </Section>
  );
}

function Entries() {
  const { t } = useTranslation('settlement');
  const format = useFormat();
  const check = useQuery({ ...ask('ledger', 'checkBook', {}), enabled: false });
  return (
    <Section title={t('books.entries')}>
      <p>
        <button type="button" className="button" disabled={check.isFetching}
          onClick={() => void check.refetch()}>{t('books.check')}</button>
        {check.data !== undefined && check.data.findings.length === 0
          ? <span> {t('books.checked', { count: check.data.entries })}</span> : null}
      </p>
      <ProblemNote fault={check.error} />
      {check.data === undefined || check.data.findings.length === 0 ? null
        : <Findings findings={check.data.findings} />}
      <Paged label={t('books.entries')} name={['ledger', 'entries']}
        load={(after, signal) => api.ledger.entries({
          query: after === undefined ? {} : { after }, signal })}
        keyOf={(each) => String(each.number)} empty={<p className="muted">{t('books.noEntry')}</p>}
        columns={[
          { title: t('number'), head: true, cell: (each) => String(each.number) },
          { title: t('books.due'), cell: (each) => format.date(each.date) },
          { title: t('books.kind'), cell: (each) => t(`books.entry.${each.kind}`) },
          { title: t('books.transfers'), cell: (each) => (
            <ul className="transfers">
              {each.transfers.map((one, index) => (
                <li key={index}>
                  {t(`books.name.${one.debit.account}`)} ← {t(`books.name.${one.credit.account}`)}
                  {' '}<strong>{format.money(one.fen)}</strong>
                  <small> {[one.debit.party ?? one.credit.party, one.debit.item ?? one.credit.item]
                    .filter((text) => text !== null).join(' · ')}</small>
                </li>
              ))}
            </ul>
          ) },
          { title: t('books.memo'), cell: (each) => each.memo },
        ]} />
    </Section>
  );
}
