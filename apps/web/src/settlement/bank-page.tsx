import { useTranslation } from 'react-i18next';
import { useState } from 'react';
import { api } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Empty, Page } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { State } from '../kernel/parts/state.tsx';
import { useSession } from '../kernel/session.ts';
import { startUpload } from '../kernel/uploads.ts';
import { useAction } from '../kernel/action.ts';
import './settlement.css';

/** The bank's account statement: imported, matched to documents, posted by a person. */
export function BankPage() {
  const { t } = useTranslation('settlement');
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  const { can } = useSession();
  const { act, busy, fault } = useAction('ledger');
  const [said, setSaid] = useState<string>();
  const write = can('settlement.write');
  const bring = (file: File) => act(async () => {
    const fileId = await startUpload(file, { kind: 'hold' });
    const { lines, fresh } = await api.ledger.importBankFile({ body: { fileId } });
    setSaid(t('books.imported', { lines, fresh }));
  });
  return (
    <Page wide title={kernel('page.bank')} lead={t('books.bankLead')} actions={write ? (
      <label className="button button-first">
        {t('books.importBank')}
        <input type="file" accept=".csv,.txt,text/csv" className="sr-only" disabled={busy}
          onChange={(event) => {
            const file = event.target.files?.[0];
            if (file !== undefined) void bring(file);
            event.target.value = '';
          }} />
      </label>
    ) : null}>
      {said === undefined ? null : <p role="status">{said}</p>}
      <ProblemNote fault={fault} />
      <Paged label={kernel('page.bank')} name={['ledger', 'bankLines']}
        load={(after, signal) => api.ledger.bankLines({
          query: after === undefined ? {} : { after }, signal })}
        keyOf={(each) => each.id}
        empty={<Empty title={t('books.noBank')}>{t('books.noBankText')}</Empty>}
        columns={[
          { title: t('books.due'), head: true, cell: (each) => format.date(each.date) },
          { title: t('books.counterparty'), cell: (each) => each.counterparty },
          { title: t('books.memo'), cell: (each) => each.memo },
          { title: t('total'), figure: true, cell: (each) => format.money(each.fen) },
          { title: t('books.settles'), cell: (each) => (each.suggestion?.parts ?? [])
            .map((part) => `${part.item} ${format.money(part.fen)}`).join(' · ') },
          { title: t('state'), cell: (each) => (
            <State state={each.state === 'posted' ? 'posted' : 'open'} />
          ) },
          { title: t('books.do'), cell: (each) => (write && each.state === 'open' ? (
            <button type="button" className="button" disabled={busy}
              onClick={() => void act(() => api.ledger.postBankLine({ params: { id: each.id },
                body: { party: each.suggestion?.party ?? (each.counterparty || '—'),
                  parts: each.suggestion?.parts ?? [] } }))}>
              {each.suggestion === null ? t('books.postAdvance') : t('books.post')}
            </button>
          ) : null) },
        ]} />
    </Page>
  );
}
