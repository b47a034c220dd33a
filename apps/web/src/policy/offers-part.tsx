import { useQuery } from '@tanstack/react-query';
import { type policyCallSchema } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../kernel/action.ts';
import { api, ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Findings } from '../kernel/parts/findings.tsx';
import { Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { useSession } from '../kernel/session.ts';
import { askInstrument, useItemTitle } from './words.ts';

type Call = (typeof policyCallSchema)['_output'];

/** What a call gives without application (免申即享): whom, and the offers to them. */
export function OffersPart({ call }: { call: Call }) {
  const { t } = useTranslation('policy');
  const { can } = useSession();
  const { data } = useQuery(askInstrument(call.instrument));
  const free = (data?.items ?? [])
    .filter(({ item, speed }) => speed === 'without_application' && call.items.includes(item));
  if (free.length === 0 || !can('policy.manage')) return null;
  return (
    <Section title={t('offers')}>
      <p className="muted">{t('offersText')}</p>
      {free.map(({ item }) => <Candidates key={item} call={call} item={item} />)}
    </Section>
  );
}

function Candidates({ call, item }: { call: Call; item: string }) {
  const { t } = useTranslation('policy');
  const format = useFormat();
  const titleOf = useItemTitle(call.instrument);
  const [reason, setReason] = useState('');
  const { act, busy, fault } = useAction('policy', 'policyDesk');
  const { data } = useQuery(ask('policyDesk', 'candidates',
    { params: { id: call.id }, query: { item } }));
  const rows = data?.rows ?? [];
  const held = new Set(rows.filter(({ findings }) => findings.length > 0)
    .map(({ entryId }) => entryId));
  const ready = [...new Set(rows.map(({ entryId }) => entryId))].filter((id) => !held.has(id));
  const offer = (entryIds: string[]) => act(() => api.policyDesk.offer({
    params: { id: call.id }, body: { item, entryIds, reason } }));
  return (
    <div className="panel stack">
      <strong>{titleOf(item)}</strong>
      {rows.length === 0 ? <p className="muted">{t('noCandidates')}</p> : null}
      <Records label={titleOf(item)} rows={rows}
        keyOf={(each) => `${each.entryId} ${each.applicantId}`}
        columns={[
          { title: t('applicant'), head: true, cell: (each) => (
            <>{each.applicant}<small>{each.headline} · {each.number}
              {each.share === '' ? '' : ` · ${t('share', { share: each.share })}`}</small></>
          ) },
          { title: t('eventDate'), cell: (each) => format.date(each.eventDate) },
          { title: t('judgement'), figure: true, cell: (each) => (each.match.atMostFen === null
            ? '—' : t('atMost', { amount: format.money(each.match.atMostFen) })) },
          { title: t('inTheWay'), cell: (each) => (each.findings.length === 0
            ? t('nothingInTheWay') : <Findings findings={each.findings} />) },
          { title: t('doing'), cell: (each) => (held.has(each.entryId) ? null : (
            <button type="button" className="link-button" disabled={busy}
              onClick={() => void offer([each.entryId])}>{t('offer')}</button>
          )) },
        ]} />
      {ready.length < 2 ? null : (
        <>
          <label className="field"><span>{t('reason')}</span>
            <input className="input" value={reason}
              onChange={({ target }) => setReason(target.value)} /></label>
          <p><button type="button" className="button" disabled={busy}
            onClick={() => void offer(ready.slice(0, OFFERED_AT_ONCE))}>
            {t('offerAll', { total: format.number(ready.length) })}</button></p>
        </>
      )}
      <ProblemNote fault={fault} />
    </div>
  );
}

/** As many as one request carries. */
const OFFERED_AT_ONCE = 200;
