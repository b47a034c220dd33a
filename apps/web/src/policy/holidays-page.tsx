import { useQuery } from '@tanstack/react-query';
import { addressOf, contract } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { ExportMenu } from '../kernel/parts/export-menu.tsx';
import { FilePicker } from '../kernel/parts/file-picker.tsx';
import { Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { useSession } from '../kernel/session.ts';
import './policy.css';

/** The calendar that every term of the hall is counted by, and where each year comes from. */
export function HolidaysPage() {
  const { t } = useTranslation('policy');
  const kernel = useTranslation('kernel').t;
  const { can } = useSession();
  const list = useQuery(ask('policy', 'holidays'));
  const rows = (list.data?.rows ?? []).toReversed();
  const assumed = rows.filter((each) => each.assumed).map(({ year }) => year);
  return (
    <Page title={kernel('page.holidays')} lead={t('holidaysLead')}
      actions={<ExportMenu hrefOf={(format) => addressOf(contract.policyDesk.publicList, {
        params: { list: 'holidays' }, query: { format } })} />}>
      {list.isError ? <ProblemNote fault={list.error} /> : null}
      {list.isPending ? <Waiting /> : null}
      {assumed.length === 0 ? null : (
        <p className="notice-line" role="note">
          {t('assumedYears', { years: assumed.join('、') })}</p>
      )}
      {rows.length === 0 ? null : (
        <Records label={kernel('page.holidays')} rows={rows} keyOf={(each) => String(each.year)}
          columns={[
            { title: t('year'), head: true, cell: (each) => each.year },
            { title: t('source'), cell: (each) => (
              <>{each.source}{each.assumed ? <small>{t('assumedYear')}</small> : null}</>
            ) },
            { title: t('freeDays'), cell: (each) => <Days days={each.free} /> },
            { title: t('workedDays'), cell: (each) => <Days days={each.worked} /> },
          ]} />
      )}
      {can('policy.manage') ? <Import /> : null}
    </Page>
  );
}

function Days({ days }: { days: readonly string[] }) {
  const { t } = useTranslation('policy');
  if (days.length === 0) return <>—</>;
  return (
    <details>
      <summary>{t('dayCount', { count: days.length })}</summary>
      <span className="holiday-days">{days.join('　')}</span>
    </details>
  );
}

/** An announcement as a file or as lines; it is read and shown before it counts. */
function Import() {
  const { t } = useTranslation('policy');
  const [document, setDocument] = useState('');
  const [source, setSource] = useState('');
  const [kept, setKept] = useState<Awaited<ReturnType<typeof api.policy.importHolidays>> | null>(
    null);
  const [fault, setFault] = useState<unknown>(null);
  const send = async () => {
    try {
      setFault(null);
      setKept(await api.policy.importHolidays({ body: { document, source } }));
      setDocument('');
    } catch (caught) {
      setKept(null);
      setFault(caught);
    }
    await forget('policy');
  };
  return (
    <Section title={t('importHolidays')}>
      <div className="panel stack">
        <p className="muted">{t('importHolidaysLead')}</p>
        <label className="field"><span>{t('source')}</span>
          <input className="input" value={source} placeholder="国办发明电〔2026〕…号"
            onChange={({ target }) => setSource(target.value)} /></label>
        <label className="field"><span>{t('holidayLines')}</span>
          <textarea className="input mono" rows={6} value={document}
            placeholder={'2027-01-01,休\n2027-02-14,班'}
            onChange={({ target }) => setDocument(target.value)} /></label>
        <FilePicker accept=".json,.csv,.txt" label={t('chooseFile')} onChoose={(file) => {
          void file.text().then(setDocument);
        }} />
        <ProblemNote fault={fault} />
        {kept === null ? null : (
          <p role="status">{t('holidaysKept', { year: kept.year, free: kept.free,
            worked: kept.worked })}</p>
        )}
        <button type="button" className="button button-first"
          disabled={document.trim().length < 2 || source.trim().length < 2}
          onClick={() => void send()}>{t('enter')}</button>
      </div>
    </Section>
  );
}
