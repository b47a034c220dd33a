import { Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../kernel/api.ts';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useAction } from '../kernel/action.ts';
import type { Statement } from './statement-table.tsx';

/** Records the invoice of an accepted statement, by the side that is owed. */
export function StatementInvoice({ statement, onDone }: {
  statement: Statement; onDone: () => void;
}) {
  const { t } = useTranslation('settlement');
  const { act, busy, fault } = useAction('settlement', 'ledger');
  const [number, setNumber] = useState('');
  const [date, setDate] = useState('');
  return (
    <div className="stack">
      <label className="field"><span>{t('invoice.number')}</span>
        <Input value={number} maxLength={200} onChange={(event) => setNumber(event.target.value)} />
      </label>
      <label className="field"><span>{t('invoice.date')}</span>
        <input className="input" type="date" value={date}
          onChange={(event) => setDate(event.target.value)} />
      </label>
      <ProblemNote fault={fault} />
      <div className="dialog-actions">
        <button type="button" className="button button-first"
          disabled={busy || number.trim() === '' || date === ''}
          onClick={() => void act(() => api.settlement.invoice({ params: { id: statement.id },
            body: { version: statement.version, number: number.trim(), date } }), onDone)}>
          {t('invoice.record')}
        </button>
      </div>
    </div>
  );
}
