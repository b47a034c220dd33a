import { useQuery } from '@tanstack/react-query';
import type { contract, ResultOf } from '@yinglian/contract';
import { parseYuan } from '@yinglian/core';
import { Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { State } from '../kernel/parts/state.tsx';
import { useSession } from '../kernel/session.ts';
import { useAction } from '../kernel/action.ts';
import type { Statement } from './statement-table.tsx';

type Dispute = ResultOf<typeof contract.ledger.disputes>['rows'][number];

/** The disputes about a statement: what is held, what was said, what was decided. */
export function StatementDisputes({ statement }: { statement: Statement }) {
  const { t } = useTranslation('settlement');
  const disputes = useQuery(ask('ledger', 'disputes', { query: { statementId: statement.id } }));
  const rows = disputes.data?.rows ?? [];
  const issued = ['issued', 'accepted', 'disputed'].includes(statement.state);
  if (!issued) return null;
  return (
    <Section title={t('books.disputes')}>
      {rows.map((each) => <OneDispute key={each.id} dispute={each} />)}
      <Raise statement={statement} />
    </Section>
  );
}

function OneDispute({ dispute }: { dispute: Dispute }) {
  const { t } = useTranslation('settlement');
  const format = useFormat();
  const { can } = useSession();
  const { act, busy, fault } = useAction('ledger', 'settlement');
  const [text, setText] = useState('');
  const [yuan, setYuan] = useState('');
  const params = { id: dispute.id };
  const conceded = parseYuan(yuan);
  const open = dispute.state === 'open';
  return (
    <div className="panel stack">
      <p className="row">
        <State state={dispute.state === 'open' ? 'disputed' : dispute.state} />
        <strong>{format.money(dispute.amountFen)}</strong>
        {open ? null : <span>{t('books.conceded')} {format.money(dispute.concededFen)}</span>}
      </p>
      {dispute.messages.map((each, index) => (
        <p key={index}>
          <small className="muted">
            {each.organisation} · {each.person} · {format.moment(each.at)}
          </small><br />
          {each.text}
        </p>
      ))}
      {open && can('settlement.write') ? (
        <>
          <label className="field"><span>{t('books.message')}</span>
            <Input.TextArea value={text} maxLength={5000} autoSize
              onChange={(event) => setText(event.target.value)} />
          </label>
          <div className="row">
            <button type="button" className="button" disabled={busy || text.trim() === ''}
              onClick={() => void act(() => api.ledger.answerDispute({ params, body: { text } }),
                () => setText(''))}>{t('books.answer')}</button>
            {dispute.raisedByUs ? (
              <button type="button" className="button button-plain" disabled={busy}
                onClick={() => void act(() => api.ledger.withdrawDispute({ params,
                  body: { version: dispute.version } }))}>{t('books.withdraw')}</button>
            ) : (
              <>
                <label className="field"><span>{t('books.conceded')}</span>
                  <Input value={yuan} inputMode="decimal" maxLength={20}
                    onChange={(event) => setYuan(event.target.value)} />
                </label>
                <button type="button" className="button button-first"
                  disabled={busy || conceded === undefined || text.trim() === ''}
                  onClick={() => void act(() => api.ledger.decideDispute({ params, body: {
                    version: dispute.version, concededFen: String(conceded ?? 0n), text } }))}>
                  {t('books.decide')}
                </button>
              </>
            )}
          </div>
        </>
      ) : null}
      <ProblemNote fault={fault} />
    </div>
  );
}

function Raise({ statement }: { statement: Statement }) {
  const { t } = useTranslation('settlement');
  const { can } = useSession();
  const { act, busy, fault } = useAction('ledger', 'settlement');
  const [yuan, setYuan] = useState('');
  const [reason, setReason] = useState('');
  const fen = parseYuan(yuan);
  if (!can('settlement.write')) return null;
  return (
    <details>
      <summary>{t('books.raise')}</summary>
      <div className="stack">
        <label className="field"><span>{t('books.yuan')}</span>
          <Input value={yuan} inputMode="decimal" maxLength={20}
            onChange={(event) => setYuan(event.target.value)} />
        </label>
        <label className="field"><span>{t('books.reason')}</span>
          <Input.TextArea value={reason} maxLength={5000} autoSize
            onChange={(event) => setReason(event.target.value)} />
        </label>
        <p>
          <button type="button" className="button"
            disabled={busy || fen === undefined || fen <= 0n || reason.trim() === ''}
            onClick={() => void act(() => api.ledger.raiseDispute({ body: {
              statementId: statement.id, amountFen: String(fen ?? 0n), reason } }))}>
            {t('books.raise')}
          </button>
        </p>
        <ProblemNote fault={fault} />
      </div>
    </details>
  );
}
