import { CALL_TERMS, type policyCallSchema } from '@yinglian/contract';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../kernel/action.ts';
import { api, ask } from '../kernel/api.ts';
import { Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';
import { CaseSteps } from './case-steps.tsx';

type Call = (typeof policyCallSchema)['_output'];
type Term = (typeof CALL_TERMS)[number];

/** How the terms of a call are called on its page. */
const LABELS = {
  title: 'title', direction: 'direction', items: 'items', opensOn: 'opens', closesOn: 'closes',
  noticeDays: 'noticeDays', correctionDays: 'correctionDays', objectionDays: 'objectionDays',
  guide: 'guide',
} as const satisfies Record<Term, string>;

function useChangeText() {
  const { t } = useTranslation('policy');
  return ({ kind, terms, reason }: Call['changes'][number]) => ({
    what: t(`callChange.${kind}`),
    who: [
      ...terms.map(({ term, before, after }) => (term === 'guide' ? t('guide')
        : `${t(LABELS[term])} ${before || '—'} → ${after || '—'}`)),
      reason,
    ].join(' · '),
  });
}

/** What became of a call after it was published, and the forms that write its next version. */
export function CallChanges({ call, own }: { call: Call; own: boolean }) {
  const { t } = useTranslation('policy');
  const { can } = useSession();
  const text = useChangeText();
  const may = own && can('policy.manage') && call.cancelledOn === null;
  if (call.changes.length === 0 && !may) return null;
  return (
    <Section title={t('callChanges')}>
      {call.changes.length === 0 ? <p className="muted">{t('noCallChanges')}</p> : (
        <CaseSteps rows={call.changes.map((each) => ({ on: each.on, ...text(each) }))} />
      )}
      {may ? <ChangeForm key={call.version} call={call} /> : null}
      {may ? <CancelForm call={call} /> : null}
    </Section>
  );
}

function ChangeForm({ call }: { call: Call }) {
  const { t } = useTranslation('policy');
  const { act, busy, fault } = useAction('policy', 'policyDesk');
  const change = (form: HTMLFormElement) => {
    const given = new FormData(form);
    const field = (name: string) => String(given.get(name)).trim();
    const days = (name: string) => Number(field(name));
    return act(() => api.policyDesk.changeCall({ params: { id: call.id }, body: {
      version: call.version, reason: field('reason'), title: field('title'),
      direction: field('direction'), opensOn: field('opensOn'), closesOn: field('closesOn'),
      noticeDays: days('noticeDays'), correctionDays: days('correctionDays'),
      objectionDays: days('objectionDays'), guide: field('guide'),
    } }));
  };
  return (
    <details className="panel">
      <summary>{t('changeCall')}</summary>
      <form className="stack" onSubmit={(event) => {
        event.preventDefault();
        void change(event.currentTarget);
      }}>
        <p className="muted">{t('changeCallText')}</p>
        <label className="field"><span>{t('title')}</span>
          <input className="input" name="title" required maxLength={200}
            defaultValue={call.title} /></label>
        <label className="field"><span>{t('direction')}</span>
          <input className="input" name="direction" maxLength={100}
            defaultValue={call.direction} /></label>
        {(['opensOn', 'closesOn'] as const).map((name) => (
          <label key={name} className="field"><span>{t(LABELS[name])}</span>
            <input className="input" name={name} type="date" required
              defaultValue={call[name]} /></label>
        ))}
        {(['noticeDays', 'correctionDays', 'objectionDays'] as const).map((name) => (
          <label key={name} className="field"><span>{t(name)}</span>
            <input className="input" name={name} type="number" required min={call[name]} max={60}
              defaultValue={call[name]} /></label>
        ))}
        <label className="field"><span>{t('guide')}</span>
          <textarea className="input" name="guide" rows={4} defaultValue={call.guide} /></label>
        <Why />
        <ProblemNote fault={fault} />
        <p><button className="button button-first" disabled={busy}>{t('publishChange')}</button></p>
      </form>
    </details>
  );
}

function CancelForm({ call }: { call: Call }) {
  const { t } = useTranslation('policy');
  const { act, busy, fault } = useAction('policy', 'policyDesk');
  const cancel = (form: HTMLFormElement) => act(() => api.policyDesk.cancelCall({
    params: { id: call.id },
    body: { version: call.version, reason: String(new FormData(form).get('reason')).trim() },
  }));
  return (
    <details className="panel">
      <summary>{t('cancelCall')}</summary>
      <form className="stack" onSubmit={(event) => {
        event.preventDefault();
        void cancel(event.currentTarget);
      }}>
        <p className="muted">{t('cancelCallText')}</p>
        <Why />
        <ProblemNote fault={fault} />
        <p><button className="button" disabled={busy}>{t('cancelCallNow')}</button></p>
      </form>
    </details>
  );
}

function Why() {
  const { t } = useTranslation('policy');
  return (
    <label className="field"><span>{t('changeReason')}</span>
      <textarea className="input" name="reason" rows={2} required minLength={2} /></label>
  );
}

/** On a claim: the last thing that became of its call, for whoever prepares or has filed. */
export function CallNews({ callId }: { callId: string }) {
  const { t } = useTranslation('policy');
  const text = useChangeText();
  const { data: call } = useQuery(ask('policyDesk', 'call', { params: { id: callId } }));
  const last = call?.changes.at(-1);
  if (last === undefined) return null;
  const { what, who } = text(last);
  return (
    <p className="notice-line" role="status">
      <strong>{what}</strong> {who}{' '}
      <Link to="/policy/calls/$id" params={{ id: callId }}>{t('callChanges')}</Link>
    </p>
  );
}

/** The year and direction that the list of calls is looked through by. */
export type CallFilter = { readonly year?: string; readonly direction?: string };

/** One choice: all calls, those of a year, or those of a direction within it. */
export function CallFilters({ onChange }: { onChange: (filter: CallFilter) => void }) {
  const { t } = useTranslation('policy');
  const [chosen, setChosen] = useState('');
  const { data } = useQuery(ask('policyDesk', 'directions'));
  const rows = data?.rows ?? [];
  const years = [...new Set(rows.map(({ year }) => year))];
  if (rows.length < 2) return null;
  return (
    <label className="field">
      <span>{t('yearAndDirection')}</span>
      <select className="input" value={chosen} onChange={({ target }) => {
        setChosen(target.value);
        onChange(target.value === '' ? {} : JSON.parse(target.value) as CallFilter);
      }}>
        <option value="">{t('allCalls')}</option>
        {years.map((year) => (
          <optgroup key={year} label={String(year)}>
            <option value={JSON.stringify({ year: String(year) })}>{t('wholeYear', { year })}
            </option>
            {rows.filter((each) => each.year === year && each.direction !== '')
              .map(({ direction, calls }) => (
                <option key={direction}
                  value={JSON.stringify({ year: String(year), direction })}>
                  {direction} ({calls})</option>
              ))}
          </optgroup>
        ))}
      </select>
    </label>
  );
}
