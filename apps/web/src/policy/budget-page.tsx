import { useQuery } from '@tanstack/react-query';
import { addressOf, contract } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Facts, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { useSession } from '../kernel/session.ts';
import { fenOf, useWords } from './words.ts';
import './policy.css';

const ACCOUNTS = ['available', 'reserved', 'committed', 'paid', 'recovered'] as const;
const MOVES = ['appropriate', 'withdraw', 'carry_over'] as const;

/** The ledger of a department's year, and what came of it: granted, paid, refused. */
export function BudgetPage() {
  const { t } = useTranslation('policy');
  const kernel = useTranslation('kernel').t;
  const [year, setYear] = useState(new Date().getFullYear());
  const query = { year };
  const budget = useQuery(ask('policy', 'budget', { query }));
  const report = useQuery(ask('policy', 'report', { query }));
  return (
    <Page title={kernel('page.policyBudget')} lead={t('budgetLead')} actions={
      <label className="row">
        <span>{t('year')}</span>
        <input className="input" type="number" min={2000} max={2200} value={year}
          onChange={(event) => setYear(Number(event.target.value) || year)} />
      </label>
    }>
      {budget.isError ? <ProblemNote fault={budget.error} /> : null}
      {budget.data === undefined ? (budget.isPending ? <Waiting /> : null) : (
        <Ledger year={year} budget={budget.data} />
      )}
      {report.data === undefined ? null : <Report report={report.data} />}
    </Page>
  );
}

type Budget = Awaited<ReturnType<typeof api.policy.budget>>;
type YearReport = Awaited<ReturnType<typeof api.policy.report>>;

function Ledger({ year, budget }: { year: number; budget: Budget }) {
  const { t } = useTranslation('policy');
  const format = useFormat();
  const { can } = useSession();
  const [fault, setFault] = useState<unknown>(null);
  const send = async (form: HTMLFormElement) => {
    const field = (name: string) => String(new FormData(form).get(name));
    try {
      setFault(null);
      await api.policy.enterBudget({ body: {
        year, move: field('move') as (typeof MOVES)[number], fen: fenOf(field('amount')) ?? '0',
        note: field('note'),
      } });
      form.reset();
    } catch (caught) {
      setFault(caught);
    }
    await forget('policy');
  };
  return (
    <>
      <Facts rows={ACCOUNTS.map((each) => (
        [t(`account.${each}`), format.money(budget.totals[each])]
      ))} />
      {can('policy.pay') ? (
        <form className="panel row" onSubmit={(event) => {
          event.preventDefault();
          void send(event.currentTarget);
        }}>
          <select className="input" name="move" aria-label={t('move')}>
            {MOVES.map((each) => <option key={each} value={each}>{t(`moves.${each}`)}</option>)}
          </select>
          <input className="input" name="amount" required inputMode="decimal"
            aria-label={t('inYuan')} placeholder={t('inYuan')} />
          <input className="input" name="note" aria-label={t('note')} placeholder={t('note')} />
          <button className="button button-first">{t('enter')}</button>
        </form>
      ) : null}
      <ProblemNote fault={fault} />
      {budget.entries.length === 0 ? null : (
        <Section title={t('ledger')}>
          <Records label={t('ledger')} rows={budget.entries} keyOf={(each) => String(each.number)}
            columns={[
              { title: '№', head: true, cell: (each) => each.number },
              { title: t('move'), cell: (each) => t(`moves.${each.move}`) },
              { title: t('amount'), figure: true, cell: (each) => format.money(each.fen) },
              { title: t('by'), cell: (each) => each.by },
              { title: t('at'), figure: true, cell: (each) => format.moment(each.at) },
              { title: t('note'), cell: (each) => each.note || '—' },
            ]} />
        </Section>
      )}
    </>
  );
}

function Report({ report }: { report: YearReport }) {
  const { t } = useTranslation('policy');
  const words = useWords();
  const format = useFormat();
  if (report.items.length === 0) return null;
  const largest = report.items.reduce(
    (most, each) => (BigInt(each.grantedFen) > most ? BigInt(each.grantedFen) : most), 1n);
  const share = (fen: string) => Number((BigInt(fen) * 1000n) / largest) / 10;
  return (
    <Section title={t('report', { year: report.year })} actions={
      <span className="row">
        {(['xlsx', 'pdf'] as const).map((each) => (
          <a key={each} className="button" download href={addressOf(contract.policy.reportFile, {
            query: { year: report.year, format: each },
          })}>{each.toUpperCase()}</a>
        ))}
      </span>
    }>
      <div className="report-bars" role="img" aria-label={t('reportChart')}>
        {report.items.map((each) => (
          <div key={each.item} className="report-row">
            <span>{each.item}</span>
            <span className="report-track">
              <span className="report-granted"
                style={{ inlineSize: `${share(each.grantedFen)}%` }} />
              <span className="report-paid" style={{ inlineSize: `${share(each.paidFen)}%` }} />
            </span>
          </div>
        ))}
      </div>
      <Records label={t('report', { year: report.year })} rows={report.items}
        keyOf={(each) => each.item} columns={[
          { title: t('item'), head: true, cell: (each) => `${each.item} ${words(each.title)}` },
          { title: t('claims'), figure: true, cell: (each) => format.number(each.claims) },
          { title: t('refused'), figure: true, cell: (each) => format.number(each.refused) },
          { title: t('granted'), figure: true, cell: (each) => format.money(each.grantedFen) },
          { title: t('paid'), figure: true, cell: (each) => format.money(each.paidFen) },
        ]} />
      {report.cities.length < 2 ? null : (
        <Records label={t('cities')} rows={report.cities} keyOf={(each) => each.name} columns={[
          { title: t('cities'), head: true, cell: (each) => each.name || t('noCity') },
          { title: t('claims'), figure: true, cell: (each) => format.number(each.claims) },
          { title: t('granted'), figure: true, cell: (each) => format.money(each.grantedFen) },
          { title: t('paid'), figure: true, cell: (each) => format.money(each.paidFen) },
        ]} />
      )}
    </Section>
  );
}
