import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { addressOf, contract } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Empty, Facts, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { useSession } from '../kernel/session.ts';
import { BarList } from './bars.tsx';
import { CallChanges } from './call-changes.tsx';
import { FairnessPart } from './fairness-part.tsx';
import { OffersPart } from './offers-part.tsx';
import { fenOf, useItemTitle } from './words.ts';
import './policy.css';

type Call = Awaited<ReturnType<typeof api.policyDesk.call>>;
type Division = Awaited<ReturnType<typeof api.policy.divide>>;

const FORMATS = ['xlsx', 'csv', 'json'] as const;

/** One call: its terms for everybody, and for its department the claims and the budget. */
export function CallPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { t } = useTranslation('policy');
  const format = useFormat();
  const { organisation } = useSession();
  const call = useQuery(ask('policyDesk', 'call', { params: { id } }));
  if (call.isError) return <ProblemNote fault={call.error} />;
  if (call.data === undefined) return <Waiting />;
  const own = call.data.departmentId === organisation?.id;
  return (
    <Page title={call.data.title} kicker={`${call.data.department} · ${call.data.year}`}
      actions={
        <>
          <Link to="/policy/calls" className="button">{t('allCalls')}</Link>
          {own ? FORMATS.map((format) => (
            <a key={format} className="button" download
              href={addressOf(contract.policy.exportClaims, { params: { id }, query: { format } })}>
              {format.toUpperCase()}</a>
          )) : null}
        </>
      }>
      {call.data.cancelledOn === null ? null : (
        <p className="notice-line">{t('callCancelled', {
          on: format.date(call.data.cancelledOn) })}</p>
      )}
      <Terms call={call.data} />
      <CallChanges call={call.data} own={own} />
      <FairnessPart call={call.data} own={own} />
      {own ? <OffersPart call={call.data} /> : null}
      {own ? <Claims id={id} /> : null}
      {own ? <Divide id={id} /> : null}
      {own ? <Divisions id={id} /> : null}
    </Page>
  );
}

function Terms({ call }: { call: Call }) {
  const { t } = useTranslation('policy');
  const format = useFormat();
  const departments = useQuery(ask('policy', 'departments'));
  const titleOf = useItemTitle(call.instrument);
  const names = (ids: readonly string[]) => (departments.data?.rows ?? [])
    .filter((each) => ids.includes(each.id)).map(({ name }) => name).join('、') || '—';
  return (
    <>
      <Facts rows={[
        [t('direction'), call.direction || '—'],
        [t('items'), call.items.map(titleOf).join('、')],
        [t('opens'), format.date(call.opensOn)],
        [t('closes'), format.date(call.closesOn)],
        [t('noticeDays'), format.number(call.noticeDays)],
        [t('correctionDays'), format.number(call.correctionDays)],
        [t('objectionDays'), format.number(call.objectionDays)],
        [t('callPart.joint'), names(call.jointIds)],
        [t('callPart.recommender'), names(call.recommenderIds)],
        [t('defence'), t(call.defence ? 'defenceYes' : 'defenceNo')],
      ]} />
      {call.guide === '' ? null : <p className="call-guide">{call.guide}</p>}
      <BarList rules={call.historyRules} />
    </>
  );
}

function Claims({ id }: { id: string }) {
  const { t } = useTranslation('policy');
  const format = useFormat();
  const money = (fen: string | null) => (fen === null ? '—' : format.money(fen));
  return (
    <Section title={t('claims')}>
      <Paged label={t('claims')} name={['policyDesk', 'callClaims', id]}
        load={(after, signal) => api.policyDesk.callClaims({ params: { id }, signal,
          query: after === undefined ? {} : { after } })}
        keyOf={(each) => each.id}
        empty={<Empty title={t('noCallClaims')}>{t('noCallClaimsText')}</Empty>}
        columns={[
          { title: t('thing'), head: true, cell: (each) => (
            <Link to="/policy/claims/$id" params={{ id: each.id }}>
              {each.object}<small>{each.applicant}</small></Link>
          ) },
          { title: t('item'), cell: (each) => each.item },
          { title: t('where'), cell: (each) => t(`state.${each.state}`) },
          { title: t('score'), figure: true, cell: (each) => each.score ?? '—' },
          { title: t('recommended'), figure: true, cell: (each) => money(each.recommendedFen) },
          { title: t('divided'), figure: true, cell: (each) => money(each.dividedFen) },
          { title: t('proposed'), figure: true, cell: (each) => money(each.grantFen) },
        ]} />
    </Section>
  );
}

const MODES = ['rank', 'pro_rata', 'first_come', 'full'] as const;
const FITS = ['stop', 'skip', 'cut'] as const;

/** Divides a budget over the claims that experts have reviewed, and shows who gets what and why. */
function Divide({ id }: { id: string }) {
  const { t } = useTranslation('policy');
  const { can } = useSession();
  const [mode, setMode] = useState<(typeof MODES)[number]>('rank');
  const [fit, setFit] = useState<(typeof FITS)[number]>('stop');
  const [amount, setAmount] = useState('');
  const [made, setMade] = useState<Division | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  if (!can('policy.decide')) return null;
  const divide = async () => {
    const budgetFen = fenOf(amount);
    if (budgetFen === undefined) return;
    try {
      setFault(null);
      setMade(await api.policy.divide({ params: { id }, body: { mode, fit, budgetFen } }));
    } catch (caught) {
      setMade(null);
      setFault(caught);
    }
    await forget('policy');
    await forget('policyDesk');
  };
  return (
    <Section title={t('divide')}>
      <p className="muted">{t('divideLead')}</p>
      <form className="panel row division-form" onSubmit={(event) => {
        event.preventDefault();
        void divide();
      }}>
        <label className="field"><span>{t('divisionMode')}</span>
          <select className="input" value={mode}
            onChange={({ target }) => setMode(target.value as typeof mode)}>
            {MODES.map((each) => <option key={each} value={each}>{t(`mode.${each}`)}</option>)}
          </select></label>
        {mode === 'rank' ? (
          <label className="field"><span>{t('divisionFit')}</span>
            <select className="input" value={fit}
              onChange={({ target }) => setFit(target.value as typeof fit)}>
              {FITS.map((each) => <option key={each} value={each}>{t(`fit.${each}`)}</option>)}
            </select></label>
        ) : null}
        <label className="field"><span>{t('divisionBudget')}</span>
          <input className="input" inputMode="decimal" required value={amount}
            aria-invalid={amount !== '' && fenOf(amount) === undefined}
            onChange={({ target }) => setAmount(target.value)} /></label>
        <button className="button button-first" disabled={fenOf(amount) === undefined}>
          {t('divide')}</button>
      </form>
      <ProblemNote fault={fault} />
      {made === null ? null : <Grants made={made} />}
    </Section>
  );
}

function Grants({ made }: { made: Division }) {
  const { t } = useTranslation('policy');
  const format = useFormat();
  const share = (fen: string, wanted: string) => (wanted === '0' ? 0
    : Number((BigInt(fen) * 1_000n) / BigInt(wanted)) / 10);
  if (made.grants.length === 0) {
    return <Empty title={t('nothingReviewed')}>{t('nothingReviewedText')}</Empty>;
  }
  return (
    <>
      <p role="status">{t('dividedSum', {
        granted: format.money(made.grantedFen), rest: format.money(made.restFen) })}</p>
      <Records label={t('divide')} rows={made.grants} keyOf={(each) => each.claimId} columns={[
        { title: t('applicant'), head: true, cell: (each) => each.applicant },
        { title: t('wanted'), figure: true, cell: (each) => format.money(each.wantedFen) },
        { title: t('divided'), figure: true, cell: (each) => (
          <>
            {format.money(each.fen)}
            <span className="report-track" aria-hidden="true"><span className="report-granted"
              style={{ inlineSize: `${share(each.fen, each.wantedFen)}%` }} /></span>
          </>
        ) },
        { title: t('reason'), cell: (each) => t(`grantWhy.${each.why}`, {
          defaultValue: each.why }) },
      ]} />
    </>
  );
}

function Divisions({ id }: { id: string }) {
  const { t } = useTranslation('policy');
  const format = useFormat();
  const { data } = useQuery(ask('policyDesk', 'divisions', { params: { id } }));
  const rows = data?.rows ?? [];
  if (rows.length === 0) return null;
  return (
    <Section title={t('divisions')}>
      <Records label={t('divisions')} rows={rows} keyOf={(each) => each.id} columns={[
        { title: t('at'), head: true, cell: (each) => format.moment(each.at) },
        { title: t('divisionMode'), cell: (each) => t(`mode.${each.mode}`) },
        { title: t('divisionBudget'), figure: true, cell: (each) => format.money(each.budgetFen) },
        { title: t('divided'), figure: true, cell: (each) => format.money(each.grantedFen) },
        { title: t('claims'), figure: true, cell: (each) => format.number(each.claims) },
        { title: t('by'), cell: (each) => each.by },
        { title: t('receipt'), cell: (each) => (
          <a download href={addressOf(contract.policyDesk.divisionReceipt, {
            params: { id: each.id } })}>JSON</a>
        ) },
      ]} />
    </Section>
  );
}
