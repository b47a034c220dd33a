import type { contract, OutputOf } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Findings } from '../kernel/parts/findings.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { Empty, Page } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';

type Verdict = OutputOf<typeof contract.audit.verify.result>;

/** Everything that was changed, by whom and when, each entry sealed to the one before. */
export function AuditPage() {
  const { t } = useTranslation('organisation');
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  const { can } = useSession();
  if (!can('organisation.administer')) {
    return (
      <Page title={kernel('page.audit')}>
        <Empty title={t('administersOnly')}>{t('administersOnlyText')}</Empty>
      </Page>
    );
  }
  return (
    <Page
      wide
      title={kernel('page.audit')}
      lead={t('auditLead')}
      actions={can('network.administer') ? <Verify /> : undefined}
    >
      <Paged
        label={kernel('page.audit')}
        name={['audit', 'list']}
        load={(after, signal) =>
          api.audit.list({
            query: { limit: 100, ...(after === undefined ? {} : { after }) },
            signal,
          })
        }
        keyOf={(each) => String(each.sequence)}
        empty={<Empty title={t('noAudit')} />}
        columns={[
          { title: t('sequence'), figure: true, cell: (each) => each.sequence },
          { title: t('at'), figure: true, cell: (each) => format.moment(each.at) },
          {
            title: t('action'),
            head: true,
            cell: (each) => <span className="mono">{each.action}</span>,
          },
          { title: t('actor'), cell: (each) => each.actor ?? t('system') },
          {
            title: t('subject'),
            cell: (each) => (
              <>
                {each.subjectKind}
                <span className="record-sub mono">{each.subjectId}</span>
              </>
            ),
          },
          {
            title: t('seal'),
            cell: (each) => (
              <span className="mono muted" title={each.hash}>
                {each.hash.slice(0, 12)}…
              </span>
            ),
          },
        ]}
      />
    </Page>
  );
}

function Verify() {
  const { t } = useTranslation('organisation');
  const [verdict, setVerdict] = useState<Verdict>();
  const [fault, setFault] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const verify = async () => {
    setBusy(true);
    try {
      setVerdict(await api.audit.verify());
      setFault(null);
    } catch (caught) {
      setFault(caught);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="stack">
      <button type="button" className="button" disabled={busy} onClick={() => void verify()}>
        <Icon name="check" />
        {t('verify')}
      </button>
      {verdict === undefined ? null : (
        <p role="status">{t(verdict.intact ? 'intact' : 'broken', { count: verdict.entries })}</p>
      )}
      {verdict === undefined ? null : <Findings findings={verdict.findings} />}
      <ProblemNote fault={fault} />
    </div>
  );
}
