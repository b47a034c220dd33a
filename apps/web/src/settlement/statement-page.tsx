import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { addressOf, contract } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answers, api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { currentLanguage } from '../kernel/language.ts';
import { Conflict, isConflict } from '../kernel/parts/conflict.tsx';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { Findings } from '../kernel/parts/findings.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { Facts, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { State } from '../kernel/parts/state.tsx';
import { useSession } from '../kernel/session.ts';
import { DerivationTree } from './derivation-tree.tsx';
import { type Line, StatementLines } from './statement-lines.tsx';
import { StatementDisputes } from './statement-disputes.tsx';
import { StatementInvoice } from './statement-invoice.tsx';
import { otherOf, type Statement, usePartyName } from './statement-table.tsx';
import './settlement.css';

/** One statement: its 17 columns, its totals, and why each figure is what it is. */
export function StatementPage() {
  const { t } = useTranslation('settlement');
  const kernel = useTranslation('kernel').t;
  const { id } = useParams({ from: '/desk/settlement/statements/$id' });
  const statement = useQuery(ask('settlement', 'statement', { params: { id } }));
  const [asked, setAsked] = useState<Line | null>(null);
  const partyOf = usePartyName();
  if (statement.isPending) return <Waiting />;
  if (statement.isError) {
    return <ProblemNote fault={statement.error} again={() => void statement.refetch()} />;
  }
  const { data } = statement;
  return (
    <Page wide title={data.number}
      kicker={<Link to="/settlement/runs/$id" params={{ id: data.runId }}>{t('run')}</Link>}
      lead={[t(`kindOf.${data.kind}`), partyOf(data), otherOf(data)]
        .filter((each) => each !== null).join(' · ')}
      actions={<Actions data={data} />}>
      <StatementFacts data={data} />
      {data.findings.length === 0 ? null : (
        <Section title={t('findings')}>
          <div className="panel"><Findings findings={data.findings} /></div>
        </Section>
      )}
      <StatementLines statement={data} onAsk={setAsked} />
      <StatementDisputes statement={data} />
      <Dialog place="side" title={t('why')} open={asked !== null} onClose={() => setAsked(null)}>
        {asked === null ? null : <Why statementId={id} line={asked} />}
      </Dialog>
      <p className="muted">{kernel('rows', { count: data.lines })} · {t('whyHint')}</p>
    </Page>
  );
}

const STAGES = ['draft', 'checked', 'issued', 'accepted', 'invoiced', 'paid'] as const;

function StatementFacts({ data }: { data: Statement }) {
  const { t } = useTranslation('settlement');
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  const { account, invoice } = data;
  const tickets = data.termsKind === 'theatrical';
  const rental = data.termsKind === 'rental';
  return (
    <div className="panel stack">
      <ol className="life" aria-label={t('life')}>
        {STAGES.map((each) => (
          <li key={each} aria-current={each === data.stage ? 'step' : undefined}>
            {kernel(`state.${each}`)}
          </li>
        ))}
      </ol>
      {data.supplementary ? <p className="muted">{t('supplementaryNote')}</p> : null}
      <Facts rows={[
        [t('state'), <State key="state" state={data.stage} />],
        [t('kind'), t(`termsKind.${data.termsKind}`)],
        [t('period'), `${format.date(data.from)} – ${format.date(data.to)}`],
        [t('terms'), <Link key="terms" to="/settlement/terms/$id" params={{ id: data.termsId }}>
          {t('termsVersion', { version: data.termsVersion })}</Link>],
        [t('issuedAt'), format.moment(data.issuedAt)],
        ...(tickets || rental ? [[t('gross'), format.money(data.grossFen)] as const] : []),
        ...(tickets ? [
          [t('column.fund'), format.money(data.fundFen)] as const,
          [t('column.tax'), format.money(data.taxFen)] as const,
          [t('column.net'), format.money(data.netFen)] as const,
        ] : []),
        [t('total'), (
          <strong key="total" className="grand">{format.money(data.totalFen)}</strong>
        )],
        ...(account === null ? [] : [
          [t('account.withheld'), format.money(account.withheldFen)] as const,
          [t('account.payable'), format.money(account.payableFen)] as const,
          [t('account.carried'), format.money(account.carriedForwardFen)] as const,
        ]),
        ...(invoice === null ? []
          : [[t('invoice.of'), `${invoice.number} · ${format.date(invoice.date)}`] as const]),
        ...(data.openFen === null ? [] : [[t('open'), format.money(data.openFen)] as const]),
      ]} />
    </div>
  );
}

/** Who owes: circuits, cinemas and platforms owe their issuer; everybody else is owed by it. */
const OWED_TO_ISSUER: ReadonlySet<string> = new Set(['circuit', 'exhibitor', 'platform']);
const OWED_BY_NOBODY: ReadonlySet<string> = new Set(['distributor', 'fund', 'tax']);

function canInvoice({ state, invoice, kind, ours }: Statement): boolean {
  return state === 'accepted' && invoice === null && !OWED_BY_NOBODY.has(kind)
    && OWED_TO_ISSUER.has(kind) === ours;
}

function Actions({ data }: { data: Statement }) {
  const { t } = useTranslation('settlement');
  const { can } = useSession();
  const [fault, setFault] = useState<unknown>(null);
  const [invoicing, setInvoicing] = useState(false);
  const params = { id: data.id };
  const query = { language: currentLanguage() };
  const { spreadsheet, pdf, print, proof } = contract.settlement;
  const move = async (step: 'issue' | 'check' | 'accept', version: number) => {
    try {
      const issued = await api.settlement[step]({ params, body: { version } });
      answers.setQueryData(ask('settlement', 'statement', { params }).queryKey, issued);
      setFault(null);
      await forget('settlement', 'ledger', 'film');
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <>
      <a className="button" href={addressOf(spreadsheet, { params, query })} download>
        <Icon name="download" />XLSX
      </a>
      <a className="button" href={addressOf(pdf, { params, query })} download>
        <Icon name="download" />PDF
      </a>
      <a className="button" href={addressOf(print, { params, query })} target="_blank"
        rel="noreferrer">
        <Icon name="print" />{t('print')}
      </a>
      <a className="button" href={addressOf(proof, { params })} download>
        <Icon name="check" />{t('proof')}
      </a>
      {can('settlement.issue') && (data.state === 'draft' || data.state === 'checked') ? (
        <button type="button" className="button button-first"
          onClick={() => void move('issue', data.version)}>
          {t('issue')}
        </button>
      ) : null}
      {can('settlement.write') && data.state === 'draft' ? (
        <button type="button" className="button" onClick={() => void move('check', data.version)}>
          {t('books.markChecked')}
        </button>
      ) : null}
      {can('settlement.issue') && data.state === 'issued' && data.ours === false ? (
        <button type="button" className="button button-first"
          onClick={() => void move('accept', data.version)}>
          {t('books.accept')}
        </button>
      ) : null}
      {can('settlement.write') && canInvoice(data) ? (
        <button type="button" className="button" onClick={() => setInvoicing(true)}>
          {t('invoice.record')}
        </button>
      ) : null}
      <Dialog title={t('invoice.record')} open={invoicing} onClose={() => setInvoicing(false)}>
        <StatementInvoice statement={data} onDone={() => setInvoicing(false)} />
      </Dialog>
      {isConflict(fault) ? null : <ProblemNote fault={fault} />}
      <Conflict fault={fault} labels={{ state: t('state') }} onClose={() => setFault(null)}
        onResolve={(_merged, version) => void move('issue', version)} />
    </>
  );
}

function Why({ statementId, line }: { statementId: string; line: Line }) {
  const derivation = useQuery(ask('settlement', 'explain', {
    params: { id: statementId, lineId: line.id }, query: { language: currentLanguage() },
  }));
  if (derivation.isPending) return <Waiting />;
  if (derivation.isError) return <ProblemNote fault={derivation.error} />;
  return (
    <div className="stack">
      <p>{[line.title?.[currentLanguage() === 'en' ? 'en' : 'zh'] ?? null, line.cinemaName,
        line.filmName].filter((each) => each !== null).join(' · ')}</p>
      <DerivationTree derivation={derivation.data} />
    </div>
  );
}
