import { useQuery } from '@tanstack/react-query';
import { addressOf, contract, type ResultOf } from '@yinglian/contract';
import { parseYuan } from '@yinglian/core';
import { Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { Empty, Page } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { State } from '../kernel/parts/state.tsx';
import { useSession } from '../kernel/session.ts';
import { useAction } from '../kernel/action.ts';
import './settlement.css';

type Proposal = ResultOf<typeof contract.ledger.proposals>['rows'][number];
type Kind = 'adjustment' | 'write_off' | 'payment';
const KINDS: readonly Kind[] = ['adjustment', 'write_off', 'payment'];

/** What waits for a second person: adjustments, write-offs, payments, reopened months. */
export function ApprovalsPage() {
  const { t } = useTranslation('settlement');
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  const { can } = useSession();
  const { act, busy, fault } = useAction('ledger');
  const [proposing, setProposing] = useState(false);
  const decide = (each: Proposal, agree: boolean) => act(() => api.ledger.decideProposal({
    params: { id: each.id }, body: { version: each.version, agree, decision: '' } }));
  return (
    <Page wide title={kernel('page.approvals')} lead={t('books.approvalsLead')} actions={
      can('settlement.write') ? (
        <button type="button" className="button button-first" onClick={() => setProposing(true)}>
          {t('books.propose')}
        </button>
      ) : null
    }>
      <FourEyes />
      <ProblemNote fault={fault} />
      <Paged label={kernel('page.approvals')} name={['ledger', 'proposals']}
        load={(after, signal) => api.ledger.proposals({
          query: after === undefined ? {} : { after }, signal })}
        keyOf={(each) => each.id}
        empty={<Empty title={t('books.noProposal')}>{t('books.noProposalText')}</Empty>}
        columns={[
          { title: t('books.kind'), head: true,
            cell: (each) => t(`books.proposal.${each.subject.kind}`) },
          { title: t('books.subject'), cell: (each) => subjectText(each, format.money) },
          { title: t('books.reason'), cell: (each) => each.reason },
          { title: t('books.by'), cell: (each) => each.proposedBy },
          { title: t('books.second'), cell: (each) => each.decidedBy ?? '—' },
          { title: t('state'), cell: (each) => <State state={each.state} /> },
          { title: t('books.do'), cell: (each) => (
            <span className="row">
              {each.state === 'open' && !each.mine && can('settlement.issue') ? (
                <>
                  <button type="button" className="button" disabled={busy}
                    onClick={() => void decide(each, true)}>{t('books.agree')}</button>
                  <button type="button" className="button button-plain" disabled={busy}
                    onClick={() => void decide(each, false)}>{t('books.refuse')}</button>
                </>
              ) : null}
              {each.subject.kind === 'payment' && each.state === 'approved' ? (
                <a className="button" download href={addressOf(contract.ledger.paymentFile,
                  { params: { id: each.id } })}>
                  <Icon name="download" />{t('books.paymentFile')}
                </a>
              ) : null}
            </span>
          ) },
        ]} />
      <Dialog title={t('books.propose')} open={proposing} onClose={() => setProposing(false)}>
        <Propose onDone={() => setProposing(false)} />
      </Dialog>
    </Page>
  );
}

function subjectText({ subject }: Proposal, money: (fen: string) => string): string {
  switch (subject.kind) {
    case 'payment':
      return subject.orders.map((each) => `${each.item} ${money(each.amountFen)}`).join(' · ');
    case 'reopen':
      return subject.month;
    case 'adjustment':
      return `${subject.item} ${money(subject.changeFen)}`;
    case 'write_off':
      return `${subject.item} ${money(subject.amountFen)}`;
  }
}

function FourEyes() {
  const { t } = useTranslation('settlement');
  const { can } = useSession();
  const policy = useQuery(ask('ledger', 'policy', {}));
  const { act, busy, fault } = useAction('ledger');
  const { data } = policy;
  if (data === undefined) return null;
  return (
    <div className="panel">
      <label className="row">
        <input type="checkbox" checked={data.fourEyes} disabled={busy || !can('settlement.issue')}
          onChange={(event) => void act(() => api.ledger.setPolicy({
            body: { ...data, fourEyes: event.target.checked } }))} />
        {t('books.fourEyes')}
      </label>
      <ProblemNote fault={fault} />
    </div>
  );
}

function Propose({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation('settlement');
  const format = useFormat();
  const { act, busy, fault } = useAction('ledger');
  const [kind, setKind] = useState<Kind>('adjustment');
  const [side, setSide] = useState<'receivable' | 'payable'>('receivable');
  const [item, setItem] = useState<string>();
  const [yuan, setYuan] = useState('');
  const [reason, setReason] = useState('');
  const shown = kind === 'payment' ? 'payable' : side;
  const items = useQuery(ask('ledger', 'items', { query: { side: shown } }));
  const chosen = items.data?.rows.find((each) => each.item === item);
  const fen = parseYuan(yuan);
  const ready = chosen !== undefined && fen !== undefined && fen !== 0n && reason.trim() !== '';
  const send = () => {
    const party = chosen?.party ?? '';
    const date = items.data?.asOf ?? '';
    const amountFen = String(fen ?? 0n);
    const number = item ?? '';
    const subject = kind === 'payment'
      ? { kind, date, orders: [{ party, item: number, amountFen }] }
      : kind === 'write_off' ? { kind, side, party, item: number, amountFen, date }
        : { kind, side, party, item: number, changeFen: amountFen, date };
    return api.ledger.propose({ body: { subject, reason } });
  };
  return (
    <div className="stack">
      <label className="field"><span>{t('books.kind')}</span>
        <Select aria-label={t('books.kind')} value={kind} onChange={setKind}
          options={KINDS.map((value) => ({ value, label: t(`books.proposal.${value}`) }))} />
      </label>
      {kind === 'payment' ? null : (
        <label className="field"><span>{t('books.side')}</span>
          <Select aria-label={t('books.side')} value={side} onChange={setSide}
            options={(['receivable', 'payable'] as const).map((value) => (
              { value, label: t(`books.${value}`) }))} />
        </label>
      )}
      <label className="field"><span>{t('number')}</span>
        <Select aria-label={t('number')} value={item} onChange={setItem}
          options={(items.data?.rows ?? []).map((each) => ({ value: each.item,
            label: `${each.item} · ${each.party ?? ''} · ${format.money(each.openFen)}` }))} />
      </label>
      <label className="field"><span>{t('books.yuan')}</span>
        <Input value={yuan} inputMode="decimal" maxLength={20}
          onChange={(event) => setYuan(event.target.value)} />
      </label>
      <label className="field"><span>{t('books.reason')}</span>
        <Input.TextArea value={reason} maxLength={2000} autoSize
          onChange={(event) => setReason(event.target.value)} />
      </label>
      <ProblemNote fault={fault} />
      <p>
        <button type="button" className="button button-first" disabled={busy || !ready}
          onClick={() => void act(send, onDone)}>{t('books.propose')}</button>
      </p>
    </div>
  );
}
