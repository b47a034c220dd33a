import { useQuery } from '@tanstack/react-query';
import { addressOf, contract } from '@yinglian/contract';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { ExportMenu } from '../kernel/parts/export-menu.tsx';
import { Empty, Page, Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { useSession } from '../kernel/session.ts';
import { MARKS } from './words.ts';
import './policy.css';

const listOf = (list: 'controls' | 'marks') => (format: 'xlsx' | 'csv') => (
  addressOf(contract.policyDesk.list, { params: { list }, query: { format } })
);

/** Who counts as one applicant, and who may not apply for a while. */
export function ApplicantsPage() {
  const { t } = useTranslation('policy');
  const kernel = useTranslation('kernel').t;
  const { can } = useSession();
  const controls = useQuery({ ...ask('policy', 'controls'), retry: false });
  const marks = useQuery({ ...ask('policyDesk', 'marks'), retry: false });
  return (
    <Page title={kernel('page.applicants')} lead={t('applicantsLead')}>
      <Section title={t('affiliates')} actions={<ExportMenu hrefOf={listOf('controls')} />}>
        <p className="muted">{t('affiliatesLead')}</p>
        {controls.isError ? <ProblemNote fault={controls.error} /> : null}
        <Controls rows={controls.data?.rows ?? []} />
        {can('policy.audit') ? <NewControl /> : null}
      </Section>
      <Section title={t('marks')} actions={<ExportMenu hrefOf={listOf('marks')} />}>
        <p className="muted">{t('marksLead')}</p>
        {marks.isError ? <ProblemNote fault={marks.error} /> : null}
        <Marks rows={marks.data?.rows ?? []} />
        {can('policy.audit') ? <NewMark /> : null}
      </Section>
    </Page>
  );
}

type ControlRows = Awaited<ReturnType<typeof api.policy.controls>>['rows'];
type MarkRows = Awaited<ReturnType<typeof api.policyDesk.marks>>['rows'];

function Controls({ rows }: { rows: ControlRows }) {
  const { t } = useTranslation('policy');
  const { can } = useSession();
  const format = useFormat();
  const [fault, setFault] = useState<unknown>(null);
  if (rows.length === 0) return <Empty title={t('noControls')}>{t('noControlsText')}</Empty>;
  const end = async (id: string) => {
    try {
      setFault(null);
      await api.policy.endControl({ params: { id } });
    } catch (caught) {
      setFault(caught);
    }
    await forget('policy');
  };
  return (
    <>
      <Records label={t('affiliates')} rows={rows} keyOf={(each) => each.id} columns={[
        { title: t('controlHolder'), head: true, cell: (each) => each.holder },
        { title: t('held'), cell: (each) => each.held },
        { title: t('holding'), figure: true,
          cell: (each) => format.percent(`${each.shareBasisPoints}/10000`) },
        { title: t('sameController'), cell: (each) => t(each.controls ? 'yes' : 'no') },
        { title: t('basis'), cell: (each) => each.basis },
        { title: t('doing'), cell: (each) => (can('policy.audit') ? (
          <button type="button" className="link-button"
            onClick={() => void end(each.id)}>{t('endControl')}</button>
        ) : '—') },
      ]} />
      <ProblemNote fault={fault} />
    </>
  );
}

/** Firms of the network by a part of their name. */
function Organisation({ label, value, onChange }: {
  label: string; value: string; onChange: (id: string) => void;
}) {
  const { t } = useTranslation('policy');
  const [search, setSearch] = useState('');
  const list = useId();
  const found = useQuery(ask('organisations', 'list', {
    query: { limit: 50, ...(search.trim() === '' ? {} : { search: search.trim() }) },
  }));
  const rows = found.data?.rows ?? [];
  return (
    <label className="field"><span>{label}</span>
      <input className="input" list={list} placeholder={t('searchFirm')} value={search}
        aria-invalid={search !== '' && value === ''}
        onChange={({ target }) => {
          setSearch(target.value);
          onChange(rows.find(({ name }) => name === target.value)?.id ?? '');
        }} />
      <datalist id={list}>
        {rows.map((each) => <option key={each.id} value={each.name} />)}
      </datalist>
    </label>
  );
}

function NewControl() {
  const { t } = useTranslation('policy');
  const [holderId, setHolder] = useState('');
  const [heldId, setHeld] = useState('');
  const [share, setShare] = useState('51');
  const [controls, setControls] = useState(false);
  const [basis, setBasis] = useState('');
  const [fault, setFault] = useState<unknown>(null);
  const points = Math.round(Number(share) * 100);
  const right = holderId !== '' && heldId !== '' && basis.trim().length > 1
    && Number.isFinite(points) && points >= 0 && points <= 10_000;
  const send = async () => {
    try {
      setFault(null);
      await api.policy.recordControl({ body: {
        holderId, heldId, shareBasisPoints: points, controls, basis,
      } });
      setBasis('');
    } catch (caught) {
      setFault(caught);
    }
    await forget('policy');
  };
  return (
    <details className="panel">
      <summary>{t('newControl')}</summary>
      <form className="register-form" onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}>
        <Organisation label={t('controlHolder')} value={holderId} onChange={setHolder} />
        <Organisation label={t('held')} value={heldId} onChange={setHeld} />
        <label className="field"><span>{t('holdingPercent')}</span>
          <input className="input" inputMode="decimal" value={share}
            onChange={({ target }) => setShare(target.value)} /></label>
        <label className="row check"><input type="checkbox" checked={controls}
          onChange={({ target }) => setControls(target.checked)} /> {t('sameController')}</label>
        <label className="field"><span>{t('basis')}</span>
          <input className="input" value={basis}
            onChange={({ target }) => setBasis(target.value)} /></label>
        <ProblemNote fault={fault} />
        <button className="button button-first" disabled={!right}>{t('save')}</button>
      </form>
    </details>
  );
}

function Marks({ rows }: { rows: MarkRows }) {
  const { t } = useTranslation('policy');
  const format = useFormat();
  const { can } = useSession();
  const [reason, setReason] = useState('');
  const [fault, setFault] = useState<unknown>(null);
  if (rows.length === 0) return <Empty title={t('noMarks')}>{t('noMarksText')}</Empty>;
  const end = async (id: string) => {
    try {
      setFault(null);
      await api.policyDesk.endMark({ params: { id }, body: { reason } });
      setReason('');
    } catch (caught) {
      setFault(caught);
    }
    await forget('policyDesk');
  };
  return (
    <>
      {can('policy.audit') ? (
        <label className="field register-search"><span>{t('endReason')}</span>
          <input className="input" value={reason}
            onChange={({ target }) => setReason(target.value)} /></label>
      ) : null}
      <Records label={t('marks')} rows={rows} keyOf={(each) => each.id} columns={[
        { title: t('applicant'), head: true, cell: (each) => each.organisation },
        { title: t('markKind'), cell: (each) => t(`mark.${each.kind}`, {
          defaultValue: each.kind }) },
        { title: t('year'), figure: true, cell: (each) => `${each.fromYear}–${each.toYear}` },
        { title: t('reason'), cell: (each) => <>{each.reason}<small>{each.department}</small></> },
        { title: t('markEnd'), cell: (each) => (each.endedOn !== null
          ? <>{format.date(each.endedOn)}<small>{each.endReason}</small></>
          : can('policy.audit') ? (
            <button type="button" className="link-button" disabled={reason.trim().length < 2}
              onClick={() => void end(each.id)}>{t('endMark')}</button>
          ) : '—') },
      ]} />
      <ProblemNote fault={fault} />
    </>
  );
}

function NewMark() {
  const { t } = useTranslation('policy');
  const [organisationId, setOrganisation] = useState('');
  const [fault, setFault] = useState<unknown>(null);
  const now = new Date().getFullYear();
  const send = async (form: HTMLFormElement) => {
    const field = (name: string) => String(new FormData(form).get(name));
    try {
      setFault(null);
      await api.policy.mark({ body: {
        organisationId, kind: field('kind'), fromYear: Number(field('from')),
        toYear: Number(field('to')), reason: field('reason'),
      } });
      form.reset();
    } catch (caught) {
      setFault(caught);
    }
    await forget('policyDesk');
  };
  return (
    <details className="panel">
      <summary>{t('newMark')}</summary>
      <form className="register-form" onSubmit={(event) => {
        event.preventDefault();
        void send(event.currentTarget);
      }}>
        <Organisation label={t('applicant')} value={organisationId} onChange={setOrganisation} />
        <label className="field"><span>{t('markKind')}</span>
          <select className="input" name="kind">
            {MARKS.map((each) => <option key={each} value={each}>{t(`mark.${each}`)}</option>)}
          </select></label>
        <label className="field"><span>{t('fromYear')}</span>
          <input className="input" name="from" type="number" min={2000} max={2200}
            defaultValue={now} /></label>
        <label className="field"><span>{t('toYear')}</span>
          <input className="input" name="to" type="number" min={2000} max={2200}
            defaultValue={now + 1} /></label>
        <label className="field"><span>{t('reason')}</span>
          <input className="input" name="reason" required minLength={2} /></label>
        <ProblemNote fault={fault} />
        <button className="button button-first" disabled={organisationId === ''}>
          {t('save')}</button>
      </form>
    </details>
  );
}
