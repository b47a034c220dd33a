import { Link } from '@tanstack/react-router';
import { addressOf, contract } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { ExportMenu } from '../kernel/parts/export-menu.tsx';
import { Empty, Page } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { useSession } from '../kernel/session.ts';
import { ObjectionDialog } from './objection-dialog.tsx';
import { ObjectionReceipt } from './objection-receipt.tsx';
import { useWords } from './words.ts';
import './policy.css';

type Notice = Awaited<ReturnType<typeof api.policy.notices>>['rows'][number];

/** What departments propose, for everybody to see and to object to. */
export function NoticesPage() {
  const { t } = useTranslation('policy');
  const words = useWords();
  const format = useFormat();
  const { user } = useSession();
  const [objecting, setObjecting] = useState<string | null>(null);
  const [token, setToken] = useState<string | null>(null);
  return (
    <Page title={t('notices')} lead={t('noticesLead')} actions={
      <ExportMenu hrefOf={(format) => addressOf(contract.policyDesk.publicList, {
        params: { list: 'notices' }, query: { format } })} />
    }>
      <Paged label={t('notices')} name={['policy', 'notices']}
        load={(after, signal) => api.policy.notices({
          query: after === undefined ? {} : { after }, signal,
        })}
        keyOf={(each) => each.claimId}
        empty={<Empty title={t('noNotices')}>{t('noNoticesText')}</Empty>}
        columns={[
          { title: t('applicant'), head: true, cell: (each) => each.applicant },
          { title: t('item'), cell: (each) => `${each.item} ${words(each.title)}` },
          { title: t('call'), cell: (each) => each.callTitle },
          { title: t('proposed'), figure: true, cell: (each) => format.money(each.grantFen) },
          { title: t('until'), figure: true, cell: (each) => format.date(each.until) },
          ...(user === null ? [] : [{
            title: t('objection'),
            cell: (each: Notice) => (
              <button type="button" className="link-button"
                onClick={() => setObjecting(each.claimId)}>{t('object')}</button>
            ),
          }]),
        ]} />
      <ObjectionReceipt token={token} />
      <p><Link to="/policy/objections">{t('findAnswer')}</Link></p>
      <ObjectionDialog subject={objecting} group="policy" onMade={setToken}
        send={(id, text) => api.policy.object({ params: { id }, body: { text } })}
        onClose={() => setObjecting(null)} />
    </Page>
  );
}
