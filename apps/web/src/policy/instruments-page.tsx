import { useQuery } from '@tanstack/react-query';
import { addressOf, contract } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { FilePicker } from '../kernel/parts/file-picker.tsx';
import { Findings } from '../kernel/parts/findings.tsx';
import { Page, Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { useSession } from '../kernel/session.ts';
import { useWords } from './words.ts';
import './policy.css';

type Checked = Awaited<ReturnType<typeof api.instruments.check>>;

/** Instruments of a department: what is published, and the next version, checked as it is read. */
export function InstrumentsPage() {
  const { t } = useTranslation('policy');
  const words = useWords();
  const format = useFormat();
  const { can } = useSession();
  const list = useQuery(ask('policy', 'instruments'));
  return (
    <Page title={t('instruments')} lead={t('instrumentsLead')}>
      <Section title={t('publishedInstruments')}>
        <Records label={t('publishedInstruments')} rows={list.data?.rows ?? []}
          keyOf={(each) => each.code} columns={[
            { title: t('title'), head: true, cell: (each) => (
              <>{words(each.title)}<small>{each.number} · {each.issuer}</small></>
            ) },
            { title: t('inForce'), figure: true,
              cell: (each) => `${format.date(each.from)} – ${format.date(each.to)}` },
            { title: t('download'), cell: (each) => (
              <a download href={addressOf(contract.instruments.document, {
                params: { instrument: each.code } })}>JSON</a>
            ) },
          ]} />
      </Section>
      {can('policy.manage') ? <Propose /> : null}
      {can('policy.manage') || can('policy.decide') ? <Proposals /> : null}
    </Page>
  );
}

function Propose() {
  const { t } = useTranslation('policy');
  const format = useFormat();
  const [document, setDocument] = useState('');
  const [raw, setRaw] = useState<string | null>(null);
  const [checked, setChecked] = useState<Checked | null>(null);
  const [reason, setReason] = useState('');
  const [fault, setFault] = useState<unknown>(null);
  const run = async (action: () => Promise<void>) => {
    try {
      setFault(null);
      await action();
    } catch (caught) {
      setFault(caught);
    }
  };
  const read = (file: File) => run(async () => {
    const text = await file.text();
    setDocument(text);
    setChecked(await api.instruments.check({ body: { document: text, text: raw } }));
  });
  const readRaw = (file: File) => run(async () => {
    const text = await file.text();
    setRaw(text);
    if (document !== '') setChecked(await api.instruments.check({ body: { document, text } }));
  });
  const send = () => run(async () => {
    await api.instruments.propose({ body: { document, reason, text: raw } });
    setChecked(null);
    setDocument('');
    await forget('instruments');
  });
  return (
    <Section title={t('newInstrument')}>
      <p className="muted">{t('newInstrumentLead')}</p>
      <FilePicker accept=".yaml,.yml,.json" label={t('chooseInstrument')}
        onChoose={(file) => void read(file)} />
      <FilePicker accept=".txt,.md" label={t('rawText')} onChoose={(file) => void readRaw(file)} />
      <ProblemNote fault={fault} />
      {checked === null ? null : (
        <div className="panel stack">
          <h3>{checked.code ?? '—'} · {t('itemCount', { count: checked.items })}</h3>
          {checked.findings.length === 0 ? <p role="status">{t('noMistake')}</p>
            : <Findings findings={checked.findings} />}
          {checked.changes.length === 0 ? null : (
            <Records label={t('changes')} rows={checked.changes} keyOf={(each) => each.claimId}
              columns={[
                { title: t('changes'), head: true,
                  cell: (each) => <>{each.applicant}<small>{each.item}</small></> },
                { title: t('before'), cell: (each) => side(each.before) },
                { title: t('after'), cell: (each) => side(each.after) },
              ]} />
          )}
          {checked.publishable ? (
            <>
              <label className="field"><span>{t('reason')}</span>
                <input className="input" value={reason}
                  onChange={({ target }) => setReason(target.value)} /></label>
              <p><button type="button" className="button button-first"
                disabled={reason.trim().length < 2} onClick={() => void send()}>
                {t('proposeInstrument')}</button></p>
            </>
          ) : null}
        </div>
      )}
    </Section>
  );

  function side({ status, atMostFen }: Checked['changes'][number]['before']): string {
    return `${t(`status.${status}`)} ${atMostFen === null ? '' : format.money(atMostFen)}`;
  }
}

function Proposals() {
  const { t } = useTranslation('policy');
  const words = useWords();
  const format = useFormat();
  const { can } = useSession();
  const [fault, setFault] = useState<unknown>(null);
  const { data } = useQuery({ ...ask('instruments', 'proposals'), retry: false,
    enabled: can('policy.manage') || can('policy.decide') });
  const rows = data?.rows ?? [];
  if (rows.length === 0) return null;
  const decide = async (id: string, publish: boolean) => {
    try {
      setFault(null);
      await api.instruments.decide({ params: { id }, body: { publish } });
    } catch (caught) {
      setFault(caught);
    }
    await forget('instruments');
    await forget('policy');
  };
  return (
    <Section title={t('proposals')}>
      <Records label={t('proposals')} rows={rows} keyOf={(each) => each.id} columns={[
        { title: t('title'), head: true, cell: (each) => (
          <>{words(each.title)}<small>{each.code} {each.digest.slice(0, 12)}…</small></>
        ) },
        { title: t('reason'), cell: (each) => each.reason },
        { title: t('by'), cell: (each) => `${each.proposedBy} · ${format.day(each.proposedAt)}` },
        { title: t('where'), cell: (each) => t(`version.${each.state}`) },
        { title: t('doing'), cell: (each) => (each.state !== 'proposed' || !can('policy.decide')
          ? '—' : (
            <span className="row">
              <button type="button" className="link-button"
                onClick={() => void decide(each.id, true)}>{t('publishCall')}</button>
              <button type="button" className="link-button"
                onClick={() => void decide(each.id, false)}>{t('reject')}</button>
            </span>
          )) },
      ]} />
      <ProblemNote fault={fault} />
    </Section>
  );
}
