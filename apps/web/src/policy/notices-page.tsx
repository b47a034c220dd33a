import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { addressOf, contract } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { ExportMenu } from '../kernel/parts/export-menu.tsx';
import { Empty, Page, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { useSession } from '../kernel/session.ts';
import { ObjectionDialog } from './objection-dialog.tsx';
import { ObjectionReceipt } from './objection-receipt.tsx';
import { useWords } from './words.ts';
import './policy.css';

/** What departments propose, for everybody to see and to object to. */
export function NoticesPage() {
  const { t } = useTranslation('policy');
  const words = useWords();
  const format = useFormat();
  const { user } = useSession();
  const [objecting, setObjecting] = useState<string | null>(null);
  const [token, setToken] = useState<string | null>(null);
  const list = useQuery(ask('policy', 'notices'));
  const rows = list.data?.rows ?? [];
  return (
    <Page title={t('notices')} lead={t('noticesLead')} actions={rows.length === 0 ? null : (
      <ExportMenu hrefOf={(format) => addressOf(contract.policyDesk.publicList, {
        params: { list: 'notices' }, query: { format } })} />
    )}>
      {list.isError ? <ProblemNote fault={list.error} /> : null}
      {list.isPending ? <Waiting /> : rows.length === 0 ? (
        <Empty title={t('noNotices')}>{t('noNoticesText')}</Empty>
      ) : (
        <Records label={t('notices')} rows={rows} keyOf={(each) => each.claimId} columns={[
          { title: t('applicant'), head: true, cell: (each) => each.applicant },
          { title: t('item'), cell: (each) => `${each.item} ${words(each.title)}` },
          { title: t('call'), cell: (each) => each.callTitle },
          { title: t('proposed'), figure: true, cell: (each) => format.money(each.grantFen) },
          { title: t('until'), figure: true, cell: (each) => format.date(each.until) },
          ...(user === null ? [] : [{
            title: t('objection'),
            cell: (each: (typeof rows)[number]) => (
              <button type="button" className="link-button"
                onClick={() => setObjecting(each.claimId)}>{t('object')}</button>
            ),
          }]),
        ]} />
      )}
      <ObjectionReceipt token={token} />
      <p><Link to="/policy/objections">{t('findAnswer')}</Link></p>
      <ObjectionDialog subject={objecting} group="policy" onMade={setToken}
        send={(id, text) => api.policy.object({ params: { id }, body: { text } })}
        onClose={() => setObjecting(null)} />
    </Page>
  );
}
