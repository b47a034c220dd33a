import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { addressOf, contract } from '@yinglian/contract';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { ExportMenu } from '../kernel/parts/export-menu.tsx';
import { Empty, Page, Section } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';
import { Reminders } from './profile-page.tsx';
import { useItemTitle } from './words.ts';
import './policy.css';

/** Claims this organisation makes or decides, and the calls that are open for it. */
export function ClaimsPage() {
  const { t } = useTranslation('policy');
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  const { can } = useSession();
  return (
    <Page title={kernel('page.claims')} lead={t('claimsLead')} actions={
      <>
        <Link to="/policy" className="button">{t('calculator')}</Link>
        <Link to="/policy/profile" className="button">{t('profile')}</Link>
        <Link to="/policy/notices" className="button">{t('notices')}</Link>
      </>
    }>
      {can('policy.apply') ? <><Reminders /><OpenCalls /></> : null}
      <Section title={kernel('page.claims')} actions={
        <ExportMenu hrefOf={(format) => addressOf(contract.policyDesk.list, {
          params: { list: 'claims' }, query: { format } })} />
      }>
        <Paged label={kernel('page.claims')} name={['policy', 'claims']}
          load={(after, signal) => api.policy.claims({
            query: after === undefined ? {} : { after }, signal,
          })}
          keyOf={(each) => each.id}
          empty={<Empty title={t('noClaims')}>{t('noClaimsText')}</Empty>}
          columns={[
            { title: t('thing'), head: true, cell: (each) => (
              <Link to="/policy/claims/$id" params={{ id: each.id }}>
                {each.object}<small>{each.applicant}</small>
              </Link>
            ) },
            { title: t('item'), cell: (each) => each.item },
            { title: t('call'), cell: (each) => (
              <>{each.callTitle}{each.direction === '' ? null : <small> {each.direction}</small>}</>
            ) },
            { title: t('where'), cell: (each) => t(`state.${each.state}`) },
            { title: t('proposed'), figure: true,
              cell: (each) => (each.grantFen === null ? '—' : format.money(each.grantFen)) },
          ]} />
      </Section>
    </Page>
  );
}

type Call = Awaited<ReturnType<typeof api.policy.calls>>['rows'][number];

function OpenCalls() {
  const { t } = useTranslation('policy');
  const format = useFormat();
  const [chosen, setChosen] = useState<Call | null>(null);
  return (
    <Section title={t('openCalls')}>
      <Paged label={t('openCalls')} name={['policy', 'calls', 'open']}
        load={(after, signal) => api.policy.calls({
          query: { open: 'true', ...(after === undefined ? {} : { after }) }, signal,
        })}
        keyOf={(each) => each.id} empty={<p className="muted">{t('noOpenCalls')}</p>}
        columns={[
        { title: t('call'), head: true, cell: (each) => (
          <Link to="/policy/calls/$id" params={{ id: each.id }}>{each.title}
            {each.direction === '' ? null : <small>{each.direction}</small>}</Link>
        ) },
        { title: t('department'), cell: (each) => each.department },
        { title: t('items'), cell: (each) => each.items.join('、') },
        { title: t('closes'), figure: true, cell: (each) => format.date(each.closesOn) },
        { title: t('doing'), cell: (each) => (
          <button type="button" className="link-button" onClick={() => setChosen(each)}>
            {t('claimNow')}
          </button>
        ) },
      ]} />
      <Dialog title={t('claimNow')} open={chosen !== null} onClose={() => setChosen(null)}>
        {chosen === null ? null : <NewClaim call={chosen} />}
      </Dialog>
    </Section>
  );
}

function NewClaim({ call }: { call: Call }) {
  const { id: callId, items, recommenderIds } = call;
  const titleOf = useItemTitle(call.instrument);
  const { t } = useTranslation('policy');
  const navigate = useNavigate();
  const [fault, setFault] = useState<unknown>(null);
  const { data: profile } = useQuery(ask('policy', 'profile'));
  const send = async (form: HTMLFormElement) => {
    const field = (name: string) => String(new FormData(form).get(name));
    try {
      const made = await api.policy.createClaim({
        params: { id: callId },
        body: {
          item: field('item'), object: field('object'), eventDate: field('eventDate'),
          facts: profile?.facts ?? {},
          ...(recommenderIds.length === 0 ? {} : { recommenderId: field('recommender') }),
        },
      });
      await forget('policy');
      await navigate({ to: '/policy/claims/$id', params: { id: made.id } });
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
        <span>{t('item')}</span>
        <select className="input" name="item">
          {items.map((item) => <option key={item} value={item}>{titleOf(item)}</option>)}
        </select>
      </label>
      <label className="field">
        <span>{t('thing')}</span>
        <input className="input" name="object" required maxLength={200} />
        <small>{t('objectHint')}</small>
      </label>
      <label className="field">
        <span>{t('eventDate')}</span>
        <input className="input" name="eventDate" type="date" required />
      </label>
      {recommenderIds.length === 0 ? null : <Recommenders ids={recommenderIds} />}
      <ProblemNote fault={fault} />
      <button className="button button-first">{t('draft')}</button>
    </form>
  );
}

/** The city bodies that a call names, of which the claim chooses one. */
function Recommenders({ ids }: { ids: readonly string[] }) {
  const { t } = useTranslation('policy');
  const { data } = useQuery(ask('policy', 'departments'));
  return (
    <label className="field">
      <span>{t('recommender')}</span>
      <select className="input" name="recommender" required>
        {(data?.rows ?? []).filter(({ id }) => ids.includes(id)).map((each) => (
          <option key={each.id} value={each.id}>{each.name}</option>
        ))}
      </select>
    </label>
  );
}
