import { useQuery } from '@tanstack/react-query';
import { addressOf, contract, RECOVERY_WAYS } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../kernel/action.ts';
import { api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { ExportMenu } from '../kernel/parts/export-menu.tsx';
import { Empty, Facts, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { useSession } from '../kernel/session.ts';
import { fenOf, useWords } from './words.ts';
import './policy.css';

const ACCOUNTS = ['available', 'reserved', 'committed', 'paid', 'recovered'] as const;
const SCOPES = ['own', 'shared'] as const;
type Scope = (typeof SCOPES)[number];
const MOVES = ['appropriate', 'withdraw', 'carry_over'] as const;

/** The ledger of a department's year, and what came of it: granted, paid, refused. */
export function BudgetPage() {
  const { t } = useTranslation('policy');
  const kernel = useTranslation('kernel').t;
  const [year, setYear] = useState(new Date().getFullYear());
  const [scope, setScope] = useState<Scope>('own');
  const query = { year };
  const budget = useQuery(ask('policy', 'budget', { query }));
  const report = useQuery(ask('policy', 'report', { query: { year, scope } }));
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
      <Recoveries />
      {report.data === undefined ? null : (
        <Report report={report.data} scope={scope} onScope={setScope} />
      )}
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
        <Section title={t('ledger')} actions={
          <ExportMenu hrefOf={(format) => addressOf(contract.policyDesk.list, {
            params: { list: 'budget' }, query: { format, year } })} />
        }>
          {budget.entryCount > budget.entries.length ? (
            <p className="muted">{t('entriesCut', {
              shown: budget.entries.length, count: budget.entryCount })}</p>
          ) : null}
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

/** What came back of grants and waits until somebody says which budget it goes to. */
function Recoveries() {
  const { t } = useTranslation('policy');
  const format = useFormat();
  const { can } = useSession();
  const { data } = useQuery(ask('policyDesk', 'recoveries'));
  const rows = data?.rows ?? [];
  if (rows.length === 0) return null;
  return (
    <Section title={t('recoveries')}>
      <p className="muted">{t('recoveriesText')}</p>
      {rows.map((each) => (
        <div key={each.subject} className="panel stack">
          <p><strong>{each.title}</strong> {each.year} · {format.money(each.fen)}</p>
          {can('policy.pay') ? <ReturnForm subject={each.subject} /> : null}
        </div>
      ))}
    </Section>
  );
}

function ReturnForm({ subject }: { subject: string }) {
  const { t } = useTranslation('policy');
  const { act, busy, fault } = useAction('policy', 'policyDesk');
  const send = (form: HTMLFormElement) => {
    const given = new FormData(form);
    const to = given.get('to') as (typeof RECOVERY_WAYS)[number];
    const note = String(given.get('note')).trim();
    return act(() => api.policyDesk.returnRecovered({ body: { subject, to, note } }));
  };
  return (
    <form className="row" onSubmit={(event) => {
      event.preventDefault();
      void send(event.currentTarget);
    }}>
      <select className="input" name="to" aria-label={t('recoveryWay')}>
        {RECOVERY_WAYS.map((each) => (
          <option key={each} value={each}>{t(`recoveryWays.${each}`)}</option>
        ))}
      </select>
      <input className="input" name="note" required minLength={2} aria-label={t('reason')}
        placeholder={t('reason')} />
      <button className="button" disabled={busy}>{t('giveBack')}</button>
      <ProblemNote fault={fault} />
    </form>
  );
}

type Line = Pick<YearReport['items'][number], 'claims' | 'refused' | 'grantedFen' | 'paidFen'>;

function Report({ report, scope, onScope }: {
  report: YearReport; scope: Scope; onScope: (scope: Scope) => void;
}) {
  const { t } = useTranslation('policy');
  const words = useWords();
  const title = t('report', { year: report.year });
  return (
    <Section title={title} actions={
      <span className="row">
        <select className="input" value={scope} aria-label={t('scope')}
          onChange={({ target }) => onScope(target.value as Scope)}>
          {SCOPES.map((each) => <option key={each} value={each}>{t(`scopes.${each}`)}</option>)}
        </select>
        {(['xlsx', 'pdf'] as const).map((each) => (
          <a key={each} className="button" download href={addressOf(contract.policy.reportFile, {
            query: { year: report.year, scope, format: each },
          })}>{each.toUpperCase()}</a>
        ))}
      </span>
    }>
      {report.items.length === 0 ? (
        <Empty title={t('noClaims')}>{t('noCallClaimsText')}</Empty>
      ) : (
        <>
          <Lines label={t('item')} rows={report.items.map((each) => (
            [`${each.item} ${words(each.title)}`, each] as const))} />
          <Lines label={t('measure')} rows={report.measures.map((each) => (
            [`${each.name} ${each.heading}`, each] as const))} />
          {report.departments.length < 2 ? null : (
            <Lines label={t('departments')} rows={report.departments.map((each) => (
              [each.name, each] as const))} />
          )}
          {report.cities.length < 2 ? null : (
            <Lines label={t('cities')} rows={report.cities.map((each) => (
              [each.name || t('noCity'), each] as const))} />
          )}
        </>
      )}
    </Section>
  );
}

/** Granted and paid as bars against the largest of their kind, with the figures beside them. */
function Lines({ label, rows }: {
  label: string; rows: readonly (readonly [name: string, line: Line])[];
}) {
  const { t } = useTranslation('policy');
  const format = useFormat();
  const largest = rows.reduce((most, [, { grantedFen }]) => (
    BigInt(grantedFen) > most ? BigInt(grantedFen) : most), 1n);
  const share = (fen: string) => Number((BigInt(fen) * 1000n) / largest) / 10;
  return (
    <Records label={label} rows={rows} keyOf={([name]) => name} columns={[
      { title: label, head: true, cell: ([name, line]) => (
        <>
          {name}
          {line.grantedFen === '0' ? null : (
            <span className="report-track" aria-hidden="true">
              <span className="report-granted"
                style={{ inlineSize: `${share(line.grantedFen)}%` }} />
              <span className="report-paid" style={{ inlineSize: `${share(line.paidFen)}%` }} />
            </span>
          )}
        </>
      ) },
      { title: t('claims'), figure: true, cell: ([, line]) => format.number(line.claims) },
      { title: t('refused'), figure: true, cell: ([, line]) => format.number(line.refused) },
      { title: t('granted'), figure: true, cell: ([, line]) => format.money(line.grantedFen) },
      { title: t('paid'), figure: true, cell: ([, line]) => format.money(line.paidFen) },
    ]} />
  );
}
