import { useQuery } from '@tanstack/react-query';
import { addressOf, contract } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../kernel/action.ts';
import { api, ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { ExportMenu } from '../kernel/parts/export-menu.tsx';
import { Page, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';
import {
  askInstrument, FIRST_INSTRUMENT, type Instrument, todayInChina, useWords,
} from './words.ts';
import './policy.css';

type Parameter = Instrument['parameters'][number];

/** Where the text can be read in several ways: which reading is used, why, and who decided it. */
export function ReadingsPage() {
  const { t } = useTranslation('policy');
  const kernel = useTranslation('kernel').t;
  const words = useWords();
  const { can } = useSession();
  const [code, setCode] = useState(FIRST_INSTRUMENT);
  const [deciding, setDeciding] = useState<Parameter | null>(null);
  const list = useQuery(ask('policy', 'instruments'));
  const [knownOn, setKnownOn] = useState('');
  const instrument = useQuery(askInstrument(code, knownOn === '' ? {} : { knownOn }));
  const rows = list.data?.rows ?? [];
  return (
    <Page title={kernel('page.readings')} lead={t('readingsLead')}
      actions={<ExportMenu hrefOf={(format) => addressOf(contract.policyDesk.publicList, {
        params: { list: 'readings' }, query: { format } })} />}>
      {rows.length < 2 ? null : (
        <label className="field">
          <span>{t('instrument')}</span>
          <select className="input" value={code} onChange={({ target }) => setCode(target.value)}>
            {rows.map((each) => (
              <option key={each.code} value={each.code}>{words(each.title)}</option>
            ))}
          </select>
        </label>
      )}
      <label className="field">
        <span>{t('knownOn')}</span>
        <input className="input" type="date" max={todayInChina()} value={knownOn}
          onChange={({ target }) => setKnownOn(target.value)} />
      </label>
      {instrument.isError ? <ProblemNote fault={instrument.error} /> : null}
      {instrument.data === undefined ? <Waiting /> : (
        <div className="matches">
          {instrument.data.parameters.map((each) => (
            <Reading key={each.code} parameter={each}
              {...(can('policy.decide') ? { onDecide: () => setDeciding(each) } : {})} />
          ))}
        </div>
      )}
      <Decide key={deciding?.code ?? ''} instrument={code}
        items={instrument.data?.items ?? []} parameter={deciding}
        onClose={() => setDeciding(null)} />
    </Page>
  );
}

function Reading({ parameter, onDecide }: { parameter: Parameter; onDecide?: () => void }) {
  const { t } = useTranslation('policy');
  const words = useWords();
  const format = useFormat();
  const { code, readings, inUse, decidedFrom, decidedBy } = parameter;
  return (
    <article className="match" id={code} aria-label={`${code} ${words(parameter.title)}`}>
      <header>
        <p className="kicker">{code}</p>
        <h2 className="reading-title">{words(parameter.title)}</h2>
      </header>
      <blockquote lang="zh-CN">{parameter.quote}</blockquote>
      {parameter.law === null ? null : <p className="muted" lang="zh-CN">{parameter.law}</p>}
      {parameter.kind === 'days' ? (
        <p className="match-amount">{t('days', { count: Number(inUse) })}</p>
      ) : parameter.kind === 'rate' ? (
        <p className="match-amount">{inUse === '' ? t('standardOpen') : inUse}</p>
      ) : (
        <ul className="readings">
          {readings.map((each) => (
            <li key={each.value} className={each.value === inUse ? 'reading-used' : ''}>
              <span>{words(each.words)}</span>
              {each.value === inUse ? <strong>{t('readingUsed')}</strong> : null}
              {each.supported ? null : <small>{t('readingUnsupported')}</small>}
            </li>
          ))}
        </ul>
      )}
      <p>{decidedFrom === null ? t('byDefault') : t('decidedReading', {
        by: decidedBy ?? '', on: format.date(decidedFrom) })}</p>
      <p className="muted">{words(parameter.reason)}</p>
      {parameter.items.length === 0 ? null : (
        <ul>
          {parameter.items.map((each) => (
            <li key={each.item}>
              <strong>{each.item}</strong> {valueOf(parameter, each.inUse, words)}{' '}
              <q lang="zh-CN">{each.quote}</q>{' '}
              <small>{t('decidedReading', { by: each.decidedBy,
                on: format.date(each.decidedFrom) })} {each.reason}</small>
            </li>
          ))}
        </ul>
      )}
      {onDecide === undefined ? null : (
        <p><button type="button" className="button" onClick={onDecide}>
          {t('decideReading')}</button></p>
      )}
    </article>
  );
}

/** A reading in words; rates and days as they are. */
function valueOf(
  parameter: Parameter, value: string, words: ReturnType<typeof useWords>,
): string {
  const known = parameter.readings.find((each) => each.value === value);
  return known === undefined ? value : words(known.words);
}

function Decide({ instrument, items, parameter, onClose }: {
  instrument: string; items: Instrument['items']; parameter: Parameter | null;
  onClose: () => void;
}) {
  const { t } = useTranslation('policy');
  const words = useWords();
  const [value, setValue] = useState(parameter?.inUse ?? '');
  const [from, setFrom] = useState(todayInChina());
  const [reason, setReason] = useState('');
  const [item, setItem] = useState('');
  const [quote, setQuote] = useState('');
  const { act, busy, fault } = useAction('policy');
  const send = () => act(() => api.policy.decideParameter({
    params: { instrument, parameter: parameter?.code ?? '' },
    body: { value, from, reason, ...(item === '' ? {} : { item, quote }) },
  }), onClose);
  return (
    <Dialog title={t('decideReading')} open={parameter !== null} onClose={onClose} actions={
      <button type="button" className="button button-first"
        disabled={busy || reason.trim().length < 2 || (item !== '' && quote.trim() === '')}
        onClick={() => void send()}>{t('decideReading')}</button>
    }>
      {parameter === null ? null : (
        <div className="stack">
          <p><strong>{parameter.code} {words(parameter.title)}</strong></p>
          <p className="muted">{t('decideLead')}</p>
          <label className="field"><span>{t('reading')}</span>
            {parameter.kind !== 'reading' ? (
              <input className="input" value={value}
                placeholder={parameter.kind === 'rate' ? '1/20' : '60'}
                onChange={({ target }) => setValue(target.value)} />
            ) : (
              <select className="input" value={value}
                onChange={({ target }) => setValue(target.value)}>
                {parameter.readings.filter(({ supported }) => supported).map((each) => (
                  <option key={each.value} value={each.value}>{words(each.words)}</option>
                ))}
              </select>
            )}</label>
          <label className="field"><span>{t('decideFor')}</span>
            <select className="input" value={item}
              onChange={({ target }) => setItem(target.value)}>
              <option value="">{t('allItems')}</option>
              {items.map((each) => (
                <option key={each.item} value={each.item}>
                  {each.item} {words(each.title)}</option>
              ))}
            </select></label>
          {item === '' ? null : (
            <>
              <blockquote lang="zh-CN">
                {items.find((each) => each.item === item)?.clause.quote}</blockquote>
              <label className="field"><span>{t('itemWords')}</span>
                <input className="input" value={quote}
                  onChange={({ target }) => setQuote(target.value)} /></label>
            </>
          )}
          <label className="field"><span>{t('fromDay')}</span>
            <input className="input" type="date" value={from}
              onChange={({ target }) => setFrom(target.value)} /></label>
          <label className="field"><span>{t('reason')}</span>
            <input className="input" value={reason}
              onChange={({ target }) => setReason(target.value)} /></label>
          <ProblemNote fault={fault} />
        </div>
      )}
    </Dialog>
  );
}
