import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { addressOf, contract } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { ExportMenu } from '../kernel/parts/export-menu.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { Empty, Page } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';
import { BarFields, type BarQuotes, barsOf } from './bars.tsx';
import { type CallFilter, CallFilters } from './call-changes.tsx';
import { askInstrument, FIRST_INSTRUMENT, useWords } from './words.ts';
import './policy.css';

/** Calls of departments: what may be claimed, when, and how long the notice runs. */
export function CallsPage() {
  const { t } = useTranslation('policy');
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  const { can, organisation } = useSession();
  const [making, setMaking] = useState(false);
  const [filter, setFilter] = useState<CallFilter>({});
  const action = can('policy.manage') ? (
    <button type="button" className="button button-first" onClick={() => setMaking(true)}>
      <Icon name="plus" />{t('newCall')}
    </button>
  ) : null;
  const files = (format: 'xlsx' | 'csv') => addressOf(contract.policyDesk.publicList, {
    params: { list: 'calls' }, query: { format },
  });
  return (
    <Page title={kernel('page.calls')} lead={t('callsLead')}
      actions={<><ExportMenu hrefOf={files} />{action}</>}>
      <CallFilters onChange={setFilter} />
      <Paged label={kernel('page.calls')} name={['policy', 'calls', JSON.stringify(filter)]}
        load={(after, signal) => api.policy.calls({
          query: { ...filter, ...(after === undefined ? {} : { after }) }, signal,
        })}
        keyOf={(each) => each.id}
        empty={<Empty title={t('noCalls')}>{t('noCallsText')}</Empty>}
        columns={[
          { title: t('call'), head: true, cell: (each) => (
            <Link to="/policy/calls/$id" params={{ id: each.id }}>{each.title}
              <small>{[String(each.year), each.direction, each.cancelledOn === null ? ''
                : t('callChange.cancelled')].filter((part) => part !== '').join(' · ')}</small>
            </Link>
          ) },
          { title: t('department'), cell: (each) => each.department },
          { title: t('items'), cell: (each) => each.items.join('、') },
          { title: t('opens'), figure: true, cell: (each) => format.date(each.opensOn) },
          { title: t('closes'), figure: true, cell: (each) => format.date(each.closesOn) },
          { title: t('noticeDays'), figure: true, cell: (each) => each.noticeDays },
          { title: t('export'), cell: (each) => (each.departmentId === organisation?.id ? (
            <a download href={addressOf(contract.policy.exportClaims, {
              params: { id: each.id }, query: { format: 'xlsx' },
            })}>XLSX</a>
          ) : '—') },
        ]} />
      <Dialog title={t('newCall')} open={making} onClose={() => setMaking(false)} place="side">
        <NewCall onDone={() => setMaking(false)} />
      </Dialog>
    </Page>
  );
}

function NewCall({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation('policy');
  const words = useWords();
  const { organisation } = useSession();
  const [fault, setFault] = useState<unknown>(null);
  const [code, setCode] = useState(FIRST_INSTRUMENT);
  const [quotes, setQuotes] = useState<BarQuotes>({});
  const list = useQuery(ask('policy', 'instruments'));
  const departments = useQuery(ask('policy', 'departments'));
  const { data } = useQuery(askInstrument(code));
  const send = async (form: HTMLFormElement) => {
    const given = new FormData(form);
    const field = (name: string) => String(given.get(name));
    try {
      setFault(null);
      await api.policy.createCall({ body: {
        instrument: code, title: field('title'), year: Number(field('year')),
        direction: field('direction').trim(),
        items: given.getAll('item').map(String), opensOn: field('opensOn'),
        closesOn: field('closesOn'), noticeDays: Number(field('noticeDays')),
        correctionDays: Number(field('correctionDays')),
        objectionDays: Number(field('objectionDays')), guide: field('guide').trim(),
        defence: given.has('defence'), historyRules: barsOf(quotes),
        fairnessOpinion: field('fairness').trim() || null,
        jointIds: given.getAll('joint').map(String),
        recommenderIds: given.getAll('recommender').map(String),
      } });
      await forget('policy');
      onDone();
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <form className="stack" onSubmit={(event) => {
      event.preventDefault();
      void send(event.currentTarget);
    }}>
      <label className="field">
        <span>{t('title')}</span>
        <input className="input" name="title" required maxLength={200} />
      </label>
      <label className="field">
        <span>{t('year')}</span>
        <input className="input" name="year" type="number" required
          defaultValue={new Date().getFullYear()} />
      </label>
      <label className="field">
        <span>{t('direction')}</span>
        <input className="input" name="direction" maxLength={100} />
      </label>
      {(list.data?.rows.length ?? 0) < 2 ? null : (
        <label className="field">
          <span>{t('instrument')}</span>
          <select className="input" value={code}
            onChange={({ target }) => setCode(target.value)}>
            {list.data?.rows.map((each) => (
              <option key={each.code} value={each.code}>{words(each.title)}</option>
            ))}
          </select>
        </label>
      )}
      <fieldset className="call-items">
        <legend>{t('items')}</legend>
        {(data?.items ?? []).filter((each) => each.publicMoney).map((each) => (
          <label key={each.item}>
            <input type="checkbox" name="item" value={each.item} /> {each.item} {words(each.title)}
          </label>
        ))}
      </fieldset>
      <label className="field"><span>{t('opens')}</span>
        <input className="input" name="opensOn" type="date" required /></label>
      <label className="field"><span>{t('closes')}</span>
        <input className="input" name="closesOn" type="date" required /></label>
      <label className="field"><span>{t('noticeDays')}</span>
        <input className="input" name="noticeDays" type="number" min={1} max={60}
          defaultValue={5} required /></label>
      <label className="field"><span>{t('correctionDays')}</span>
        <input className="input" name="correctionDays" type="number" min={1} max={60}
          defaultValue={5} required /></label>
      <label className="field"><span>{t('objectionDays')}</span>
        <input className="input" name="objectionDays" type="number" min={1} max={60}
          defaultValue={15} required /></label>
      <label><input type="checkbox" name="defence" /> {t('defenceAsk')}</label>
      <label className="field"><span>{t('guide')}</span>
        <textarea className="input" name="guide" rows={4} /></label>
      <BarFields quotes={quotes} onChange={setQuotes} />
      {(['joint', 'recommender'] as const).map((part) => (
        <fieldset key={part} className="call-items">
          <legend>{t(`callPart.${part}`)}</legend>
          {(departments.data?.rows ?? []).filter(({ id }) => id !== organisation?.id)
            .map((each) => (
              <label key={each.id}>
                <input type="checkbox" name={part} value={each.id} /> {each.name}
              </label>
            ))}
        </fieldset>
      ))}
      <label className="field"><span>{t('fairness')}</span>
        <textarea className="input" name="fairness" rows={3} /></label>
      <ProblemNote fault={fault} />
      <button className="button button-first">{t('publishCall')}</button>
    </form>
  );
}
