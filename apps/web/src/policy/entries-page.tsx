import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { Empty, Page, Section } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { useSession } from '../kernel/session.ts';
import { RegisterGuide } from './register-guide.tsx';
import { RegisterRounds } from './register-rounds.tsx';
import { useWords } from './words.ts';
import './policy.css';

/** Entries this organisation files or keeps, what is due, and the rounds of selection. */
export function EntriesPage() {
  const { t } = useTranslation('policy');
  const words = useWords();
  const format = useFormat();
  const { can } = useSession();
  const [making, setMaking] = useState(false);
  const kinds = useQuery(ask('registers', 'kinds'));
  const titleOf = (kind: string) => {
    const known = kinds.data?.rows.find((each) => each.kind === kind);
    return known === undefined ? kind : words(known.title);
  };
  return (
    <Page title={t('entries')} lead={t('entriesLead')} actions={
      <>
        <Link to="/policy/registers" className="button">{t('registers')}</Link>
        {can('policy.apply') ? (
          <button type="button" className="button button-first" onClick={() => setMaking(true)}>
            {t('newEntry')}</button>
        ) : null}
      </>
    }>
      {can('policy.manage') ? <Keeping /> : null}
      <Section title={t('entries')}>
        <Paged label={t('entries')} name={['registers', 'entries']}
          load={(after, signal) => api.registers.entries({
            query: after === undefined ? {} : { after }, signal,
          })}
          keyOf={(each) => each.id}
          empty={<Empty title={t('noEntries')}>{t('noOwnEntriesText')}</Empty>}
          columns={[
            { title: t('entry'), head: true, cell: (each) => (
              <Link to="/policy/entries/$id" params={{ id: each.id }}>
                {each.headline}<small>{each.number ?? each.holder}</small>
              </Link>
            ) },
            { title: t('register'), cell: (each) => titleOf(each.kind) },
            { title: t('where'), cell: (each) => t(`entryState.${each.state}`) },
            { title: t('standing'), cell: (each) => t(`standings.${each.standing}`) },
            { title: t('validUntil'), figure: true, cell: (each) => format.date(each.validUntil) },
          ]} />
      </Section>
      <Dialog title={t('newEntry')} open={making} onClose={() => setMaking(false)}>
        <NewEntry />
      </Dialog>
    </Page>
  );
}

function NewEntry() {
  const { t } = useTranslation('policy');
  const words = useWords();
  const navigate = useNavigate();
  const [register, setRegister] = useState('');
  const [round, setRound] = useState('');
  const [fault, setFault] = useState<unknown>(null);
  const list = useQuery(ask('registers', 'list'));
  const kinds = useQuery(ask('registers', 'kinds'));
  const chosen = list.data?.rows.find(({ id }) => id === register);
  const selects = kinds.data?.rows.find(({ kind }) => kind === chosen?.kind)?.selects === true;
  const rounds = useQuery({ ...ask('registers', 'rounds', { params: { id: register } }),
    enabled: selects });
  const make = async () => {
    try {
      const made = await api.registers.createEntry({ params: { id: register },
        body: { fields: {}, roundId: round === '' ? null : round } });
      await forget('registers');
      await navigate({ to: '/policy/entries/$id', params: { id: made.id } });
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <form className="stack" onSubmit={(event) => {
      event.preventDefault();
      void make();
    }}>
      <label className="field">
        <span>{t('register')}</span>
        <select className="input" required value={register}
          onChange={({ target }) => setRegister(target.value)}>
          <option value="">—</option>
          {(list.data?.rows ?? []).map((each) => (
            <option key={each.id} value={each.id}>{words(each.title)} · {each.department}</option>
          ))}
        </select>
      </label>
      {selects ? (
        <label className="field">
          <span>{t('round')}</span>
          <select className="input" required value={round}
            onChange={({ target }) => setRound(target.value)}>
            <option value="">—</option>
            {(rounds.data?.rows ?? []).filter(({ decidedOn }) => decidedOn === null).map((each) => (
              <option key={each.id} value={each.id}>{each.title}</option>
            ))}
          </select>
        </label>
      ) : null}
      <ProblemNote fault={fault} />
      <button className="button button-first">{t('draft')}</button>
    </form>
  );
}

/** What a department does with its registers: open one, open and decide rounds, see what is due. */
function Keeping() {
  const { t } = useTranslation('policy');
  const words = useWords();
  const format = useFormat();
  const { organisation } = useSession();
  const [fault, setFault] = useState<unknown>(null);
  const due = useQuery({ ...ask('registers', 'due'), retry: false });
  const list = useQuery(ask('registers', 'list'));
  const kinds = useQuery(ask('registers', 'kinds'));
  const own = (list.data?.rows ?? []).filter((each) => each.departmentId === organisation?.id);
  const left = (kinds.data?.rows ?? []).filter(({ kind }) => own.every((o) => o.kind !== kind));
  // Who is no department keeps no registers, and is not told that it could.
  if (due.isError || due.data === undefined) return null;
  const open = async (kind: string) => {
    try {
      setFault(null);
      await api.registers.open({ body: { kind } });
    } catch (caught) {
      setFault(caught);
    }
    await forget('registers');
  };
  return (
    <>
      {due.data.rows.length === 0 ? null : (
        <Section title={t('due')}>
          <Records label={t('due')} rows={due.data.rows}
            keyOf={(each) => `${each.entryId} ${each.what} ${each.by}`} columns={[
              { title: t('entry'), head: true, cell: (each) => (
                <Link to="/policy/entries/$id" params={{ id: each.entryId }}>
                  {each.headline}<small>{each.number}</small></Link>
              ) },
              { title: t('what'), cell: (each) => t(`dueWhat.${each.what}`) },
              { title: t('by'), figure: true, cell: (each) => (
                <span className={each.late ? 'fact-wrong' : ''}>{format.date(each.by)}</span>
              ) },
            ]} />
        </Section>
      )}
      <Section title={t('ownRegisters')}>
        {own.map((each) => {
          const kind = kinds.data?.rows.find((one) => one.kind === each.kind);
          return (
            <div key={each.id} className="panel stack">
              <h3>{words(each.title)}</h3>
              <p className="muted">{t('entered', { count: each.entered })}</p>
              {kind === undefined ? null : <RegisterGuide kind={kind} />}
              {kind?.selects === true
                ? <RegisterRounds registerId={each.id} kind={kind} /> : null}
            </div>
          );
        })}
        {left.length === 0 ? null : (
          <div className="row">
            {left.map((each) => (
              <button key={each.kind} type="button" className="button"
                onClick={() => void open(each.kind)}>
                {t('openRegister', { title: words(each.title) })}</button>
            ))}
          </div>
        )}
        <ProblemNote fault={fault} />
      </Section>
    </>
  );
}
