import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { addressOf, contract, type registerEntrySchema } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../kernel/action.ts';
import { api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { FilePicker } from '../kernel/parts/file-picker.tsx';
import { Findings } from '../kernel/parts/findings.tsx';
import { Facts, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';
import { type FieldValues, RegisterFields, RegisterForm, type RegisterKind } from
  './register-fields.tsx';
import { CaseSteps, joined } from './case-steps.tsx';
import { ObjectionAnswers } from './objection-answers.tsx';
import { FedItems, RegisterGuide } from './register-guide.tsx';
import { sendFile } from './send-file.ts';
import { useWords } from './words.ts';
import './policy.css';

type Entry = (typeof registerEntrySchema)['_output'];
type Part = { readonly entry: Entry; readonly kind: RegisterKind };

/** One entry: where it stands, what it says, and what may be done with it now. */
export function EntryPage() {
  const { id } = useParams({ from: '/desk/policy/entries/$id' });
  const { t } = useTranslation('policy');
  const words = useWords();
  const format = useFormat();
  const { can, organisation } = useSession();
  const entry = useQuery(ask('registers', 'entry', { params: { id } }));
  const kinds = useQuery(ask('registers', 'kinds'));
  if (entry.isError) return <ProblemNote fault={entry.error} />;
  const { data } = entry;
  const kind = kinds.data?.rows.find((each) => each.kind === data?.kind);
  if (data === undefined || kind === undefined) return <Waiting />;
  const own = data.holderId === organisation?.id;
  const writes = own && can('policy.apply') && ['draft', 'correction'].includes(data.state);
  const judges = !own && can('policy.review')
    && (kind.selects ? data.state === 'checked' : ['registered', 'warned'].includes(data.state));
  return (
    <Page title={data.headline} kicker={`${words(kind.title)} · ${data.number ?? data.department}`}
      lead={t(`entryPlain.${data.state}`, {
        until: format.date(data.noticeUntil ?? data.correctionUntil ?? data.remedyUntil) })}>
      <Overview entry={data} />
      {['registered', 'warned'].includes(data.state) ? (
        <Section title={t('feedsItems')}>
          <FedItems kind={kind} />
          {own && can('policy.apply') ? (
            <p>
              <Link className="button button-first" to="/policy/claims">{t('beginClaim')}</Link>
            </p>
          ) : null}
        </Section>
      ) : <RegisterGuide kind={kind} at={data.state} />}
      {writes && data.findings.length > 0 ? <Findings findings={data.findings} /> : null}
      <Steps key={`steps ${data.state}`} entry={data} kind={kind} />
      {judges ? <Points entry={data} kind={kind} /> : null}
      {data.assessments.length === 0 ? null : <Assessments entry={data} />}
      {writes ? <Edit key={JSON.stringify(data.fields)} entry={data} kind={kind} /> : (
        <Section title={t('entrySays')}>
          <RegisterFields kind={kind} fields={data.fields as FieldValues} />
        </Section>
      )}
      <Documents entry={data} kind={kind} writes={writes} />
      {own ? null : <Objections entry={data} />}
    </Page>
  );
}

function Overview({ entry }: { entry: Entry }) {
  const { t } = useTranslation('policy');
  const format = useFormat();
  return (
    <Facts rows={[
      [t('where'), t(`entryState.${entry.state}`)],
      [t('standing'), t(`standings.${entry.standing}`)],
      [t('holder'), entry.holder],
      [t('department'), entry.department],
      [t('registeredOn'), format.date(entry.registeredOn)],
      [t('validUntil'), format.date(entry.validUntil)],
    ]} />
  );
}

/** Steps that leave the way; the way itself is offered first. */
const ASIDE: ReadonlySet<string> = new Set([
  'ask_correction', 'reject', 'withdraw_filing', 'take_back', 'refuse', 'warn', 'withdraw',
  'revoke', 'relinquish', 'deny_upgrade', 'return', 'report_refused', 'forget',
]);

function Steps({ entry, kind }: Part) {
  const { t } = useTranslation('policy');
  const words = useWords();
  const [reason, setReason] = useState('');
  const [level, setLevel] = useState(kind.levels.at(-1) ?? '');
  const { act, busy, fault } = useAction('registers');
  const rises = entry.actions.some(({ action }) => action === 'ask_upgrade');
  const take = (action: string) => act(() => api.registers.act({ params: { id: entry.id }, body: {
    version: entry.version, action, reason, ...(action === 'ask_upgrade' ? { level } : {}),
  } }));
  const labels = kind.fields.flatMap(({ choices }) => choices);
  return (
    <Section title={t('steps')}>
      <CaseSteps rows={entry.steps.map((step) => ({ on: step.on,
        what: t(`entryAction.${step.action}`, { defaultValue: step.action }),
        who: joined(step.actor, step.reason) }))} />
      {entry.actions.length === 0 ? <p className="muted">{t('nothingToDo')}</p> : (
        <div className="panel stack">
          <label className="field">
            <span>{t('reason')}</span>
            <input className="input" value={reason}
              onChange={({ target }) => setReason(target.value)} />
          </label>
          {rises ? (
            <label className="field">
              <span>{t('levelAsked')}</span>
              <select className="input" value={level}
                onChange={({ target }) => setLevel(target.value)}>
                {kind.levels.map((each) => {
                  const label = labels.find(({ value }) => value === each)?.label;
                  return <option key={each} value={each}>
                    {label === undefined ? each : words(label)}</option>;
                })}
              </select>
            </label>
          ) : null}
          <div className="row">
            {entry.actions.map(({ action, label }) => (
              <button key={action} type="button" disabled={busy}
                onClick={() => void take(action)}
                className={ASIDE.has(action) ? 'button' : 'button button-first'}>
                {words(label)}
              </button>
            ))}
          </div>
          <ProblemNote fault={fault} />
        </div>
      )}
    </Section>
  );
}

/** Points of a reviewer: in a round of selection, or in an assessment. */
function Points({ entry, kind }: Part) {
  const { t } = useTranslation('policy');
  const words = useWords();
  const [done, setDone] = useState(false);
  const { act, busy, fault } = useAction('registers');
  const send = (form: HTMLFormElement) => {
    const given = new FormData(form);
    const points = Object.fromEntries(kind.criteria.map(({ code }) => (
      [code, Number(given.get(code))])));
    const remark = String(given.get('remark'));
    const call = { params: { id: entry.id }, body: { points, remark } };
    return act(
      () => (kind.selects ? api.registers.score(call) : api.registers.assess(call)),
      () => setDone(true),
    );
  };
  return (
    <Section title={t(kind.selects ? 'giveScore' : 'assess')}>
      <form className="panel stack" onSubmit={(event) => {
        event.preventDefault();
        void send(event.currentTarget);
      }}>
        <div className="register-form">
          {kind.criteria.map((each) => (
            <label key={each.code} className="field">
              <span>{words(each.label)} (0–{each.most})</span>
              <input className="input" name={each.code} type="number" min={0} max={each.most}
                step={1} required />
            </label>
          ))}
        </div>
        <label className="field"><span>{t('note')}</span>
          <input className="input" name="remark" /></label>
        <ProblemNote fault={fault} />
        {done ? <p role="status">{t('kept')}</p> : null}
        <p><button className="button button-first" disabled={busy}>{t('send')}</button></p>
      </form>
    </Section>
  );
}

function Assessments({ entry }: { entry: Entry }) {
  const { t } = useTranslation('policy');
  return (
    <Section title={t('assessments')}>
      <CaseSteps rows={entry.assessments.map((each) => ({ on: each.on,
        what: `${t(`grade.${each.grade}`, { defaultValue: each.grade })} ${each.score}`,
        who: joined(each.by, each.remark) }))} />
    </Section>
  );
}

function Edit({ entry, kind }: Part) {
  const { t } = useTranslation('policy');
  const [values, setValues] = useState<FieldValues>(entry.fields as FieldValues);
  const [fault, setFault] = useState<unknown>(null);
  const save = async () => {
    try {
      setFault(null);
      await api.registers.updateEntry({ params: { id: entry.id }, body: {
        version: entry.version, fields: values as never, roundId: entry.roundId } });
    } catch (caught) {
      setFault(caught);
    }
    await forget('registers');
  };
  return (
    <Section title={t('entrySays')} actions={
      <button type="button" className="button button-first" onClick={() => void save()}>
        {t('save')}</button>
    }>
      <p className="muted">{t('publishedHint')}</p>
      <RegisterForm kind={kind} values={values} onChange={setValues} />
      <ProblemNote fault={fault} />
    </Section>
  );
}

function Documents({ entry, kind, writes }: Part & { writes: boolean }) {
  const { t } = useTranslation('policy');
  const words = useWords();
  const [code, setCode] = useState(kind.documents[0]?.code ?? '');
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const label = (of: string) => {
    const known = kind.documents.find((each) => each.code === of);
    return known === undefined ? of : words(known.label);
  };
  const send = async (file: File) => {
    setBusy(true);
    setFault(null);
    try {
      await api.registers.addDocument({ params: { id: entry.id },
        body: { fileId: await sendFile(file), code } });
    } catch (caught) {
      setFault(caught);
    } finally {
      setBusy(false);
      await forget('registers');
    }
  };
  return (
    <Section title={t('evidence')}>
      <ul className="case-evidence">
        {entry.documents.map((each) => (
          <li key={each.id}>
            <strong>{label(each.code)}</strong>{' '}
            <a download href={addressOf(contract.files.download, { params: { id: each.fileId } })}>
              {each.fileName}</a>
            <small className="mono">{each.digest.slice(0, 23)}…</small>
          </li>
        ))}
      </ul>
      {writes ? (
        <div className="panel stack">
          <label className="field">
            <span>{t('evidenceKind')}</span>
            <select className="input" value={code} onChange={({ target }) => setCode(target.value)}>
              {kind.documents.map((each) => (
                <option key={each.code} value={each.code}>
                  {words(each.label)}{each.required ? ' *' : ''}</option>
              ))}
            </select>
          </label>
          <FilePicker busy={busy} label={t('addEvidence')} onChoose={(file) => void send(file)} />
          <ProblemNote fault={fault} />
        </div>
      ) : null}
    </Section>
  );
}

function Objections({ entry }: { entry: Entry }) {
  const { t } = useTranslation('policy');
  const { can } = useSession();
  const list = useQuery({ ...ask('registers', 'objections', { params: { id: entry.id } }),
    enabled: can('policy.manage'), retry: false });
  const rows = list.data?.rows ?? [];
  if (rows.length === 0) return null;
  return (
    <Section title={t('objection')}>
      <ObjectionAnswers rows={rows} group="registers" send={(id, body) =>
        api.registers.answerObjection({ params: { id }, body })} />
    </Section>
  );
}
