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
import type { Statement } from './statement-table.tsx';
import './settlement.css';

/** One statement: its 17 columns, its totals, and why each figure is what it is. */
export function StatementPage() {
  const { t } = useTranslation('settlement');
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  const { id } = useParams({ from: '/desk/settlement/statements/$id' });
  const statement = useQuery(ask('settlement', 'statement', { params: { id } }));
  const [asked, setAsked] = useState<Line | null>(null);
  if (statement.isPending) return <Waiting />;
  if (statement.isError) {
    return <ProblemNote fault={statement.error} again={() => void statement.refetch()} />;
  }
  const { data } = statement;
  return (
    <Page wide title={data.number}
      kicker={<Link to="/settlement/runs/$id" params={{ id: data.runId }}>{t('run')}</Link>}
      lead={[t(`kindOf.${data.kind}`), t(`role.${data.party}`, { defaultValue: data.party }),
        data.counterparty].filter((each) => each !== null).join(' · ')}
      actions={<Actions data={data} />}>
      <div className="panel">
        <Facts rows={[
          [t('state'), <State key="state" state={data.state} />],
          [t('period'), `${format.date(data.from)} – ${format.date(data.to)}`],
          [t('terms'), <Link key="terms" to="/settlement/terms/$id" params={{ id: data.termsId }}>
            {t('termsVersion', { version: data.termsVersion })}</Link>],
          [t('issuedAt'), format.moment(data.issuedAt)],
          [t('gross'), format.money(data.grossFen)],
          [t('column.fund'), format.money(data.fundFen)],
          [t('column.tax'), format.money(data.taxFen)],
          [t('column.net'), format.money(data.netFen)],
          [t('total'), (
            <strong key="total" className="grand">{format.money(data.totalFen)}</strong>
          )],
        ]} />
      </div>
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

function Actions({ data }: { data: Statement }) {
  const { t } = useTranslation('settlement');
  const { can } = useSession();
  const [fault, setFault] = useState<unknown>(null);
  const params = { id: data.id };
  const query = { language: currentLanguage() };
  const { spreadsheet, print, proof } = contract.settlement;
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
      <p>{[line.cinemaName, line.filmName].filter((each) => each !== null).join(' · ')}</p>
      <DerivationTree derivation={derivation.data} />
    </div>
  );
}
