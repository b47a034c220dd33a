import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { addressOf, contract } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Empty, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';
import { ObjectionDialog } from './objection-dialog.tsx';
import { ObjectionReceipt } from './objection-receipt.tsx';
import { type FieldValues, RegisterFields, type RegisterKind, useCell } from
  './register-fields.tsx';
import { RegisterGuide } from './register-guide.tsx';
import { useWords } from './words.ts';
import './policy.css';

type Register = Awaited<ReturnType<typeof api.registers.list>>['rows'][number];

/** The registers as everybody may see them: what is entered, and what is on notice. */
export function RegistersPage() {
  const { t } = useTranslation('policy');
  const words = useWords();
  const { user } = useSession();
  const [chosen, setChosen] = useState<string | null>(null);
  const list = useQuery(ask('registers', 'list'));
  const kinds = useQuery(ask('registers', 'kinds'));
  const rows = list.data?.rows ?? [];
  const register = rows.find(({ id }) => id === chosen) ?? rows[0];
  const kind = kinds.data?.rows.find((each) => each.kind === register?.kind);
  return (
    <Page title={t('registers')} lead={t('registersLead')} actions={
      user === null ? null : <Link to="/policy/entries" className="button">{t('entries')}</Link>
    }>
      {list.isError ? <ProblemNote fault={list.error} /> : null}
      {list.isPending || kinds.isPending ? <Waiting /> : register === undefined
        || kind === undefined ? (
          <Kinds kinds={kinds.data?.rows ?? []} />
        ) : (
          <>
            <div className="register-tabs" role="group" aria-label={t('registers')}>
              {rows.map((each) => (
                <button key={each.id} type="button" aria-pressed={each.id === register.id}
                  onClick={() => setChosen(each.id)}>
                  <strong>{words(each.title)}</strong>
                  <small>{each.department} · {t('entered', { count: each.entered })}</small>
                </button>
              ))}
            </div>
            <Published key={register.id} register={register} kind={kind} />
            <Notices kinds={kinds.data?.rows ?? []} />
          </>
        )}
    </Page>
  );
}

/** Before any register is open: what each of them is for. */
function Kinds({ kinds }: { kinds: readonly RegisterKind[] }) {
  const { t } = useTranslation('policy');
  const words = useWords();
  return (
    <>
      <Empty title={t('noRegisters')}>{t('noRegistersText')}</Empty>
      <Section title={t('whichRegisters')}>
        {kinds.map((each) => (
          <details key={each.kind} className="panel">
            <summary>{words(each.title)}</summary>
            <div className="stack"><p>{words(each.about)}</p><RegisterGuide kind={each} /></div>
          </details>
        ))}
      </Section>
    </>
  );
}

function Published({ register, kind }: { register: Register; kind: RegisterKind }) {
  const { t } = useTranslation('policy');
  const words = useWords();
  const format = useFormat();
  const show = useCell();
  const [search, setSearch] = useState('');
  const columns = kind.fields.filter(({ name, published, kind: of, choices }) => published
    && name !== kind.headline && (of === 'choice' ? choices.length > 0 : of === 'text'
      && ['host', 'owner', 'unit', 'university', 'version'].includes(name))).slice(0, 3);
  return (
    <Section title={words(kind.title)} actions={
      <a className="button" download href={addressOf(contract.registers.exportPublished, {
        params: { id: register.id }, query: { format: 'xlsx' },
      })}>{t('download')}</a>
    }>
      <p className="muted">{words(kind.about)}</p>
      <RegisterGuide kind={kind} />
      <label className="field register-search">
        <span>{t('search')}</span>
        <input className="input" type="search" value={search}
          onChange={({ target }) => setSearch(target.value)} />
      </label>
      <Paged label={words(kind.title)} name={['registers', 'published', register.id, search]}
        load={(after, signal) => api.registers.published({ params: { id: register.id }, signal,
          query: { ...(after === undefined ? {} : { after }),
            ...(search.trim() === '' ? {} : { search: search.trim() }) } })}
        keyOf={(each) => each.number}
        empty={<Empty title={t('noEntries')}>{t('noEntriesText')}</Empty>}
        columns={[
          { title: t('entry'), head: true, cell: (each) => (
            <details className="register-entry">
              <summary>{String(each.fields[kind.headline] ?? each.number)}
                <small>{each.number}</small></summary>
              <RegisterFields kind={kind} fields={each.fields as FieldValues} />
            </details>
          ) },
          ...columns.map((field) => ({ title: words(field.label),
            cell: (each: { fields: object }) => {
              const value = (each.fields as FieldValues)[field.name];
              return value === undefined ? '—' : show(field, value as string);
            } })),
          { title: t('standing'), cell: (each) => (
            <span className={`standing standing-${each.standing}`}>
              {t(`standings.${each.standing}`)}</span>
          ) },
          { title: t('validUntil'), figure: true,
            cell: (each) => (each.validUntil === null ? t('noEnd')
              : format.date(each.validUntil)) },
        ]} />
    </Section>
  );
}

function Notices({ kinds }: { kinds: readonly RegisterKind[] }) {
  const { t } = useTranslation('policy');
  const words = useWords();
  const format = useFormat();
  const { user } = useSession();
  const [objecting, setObjecting] = useState<string | null>(null);
  const [token, setToken] = useState<string | null>(null);
  const { data } = useQuery(ask('registers', 'notices'));
  const rows = data?.rows ?? [];
  if (rows.length === 0) return null;
  return (
    <Section title={t('registerNotices')}>
      <div className="matches">
        {rows.map((each) => {
          const kind = kinds.find(({ kind: of }) => of === each.kind);
          return kind === undefined ? null : (
            <article key={each.entryId} className="match">
              <p className="kicker">{words(kind.title)} · {each.department}</p>
              <h3>{String(each.fields[kind.headline] ?? '')}</h3>
              <p className="muted">{each.holder} · {t('noticeTerm', {
                from: format.date(each.from), until: format.date(each.until) })}</p>
              <RegisterFields kind={kind} fields={each.fields as FieldValues} />
              {user === null ? <p className="muted">{t('signInToObject')}</p> : (
                <p><button type="button" className="button"
                  onClick={() => setObjecting(each.entryId)}>{t('object')}</button></p>
              )}
            </article>
          );
        })}
      </div>
      <ObjectionReceipt token={token} />
      <ObjectionDialog subject={objecting} group="registers" onMade={setToken}
        send={(id, text) => api.registers.object({ params: { id }, body: { text } })}
        onClose={() => setObjecting(null)} />
    </Section>
  );
}
