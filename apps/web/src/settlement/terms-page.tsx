import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import type { contract, OutputOf } from '@yinglian/contract';
import { Input, Segmented, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFilmChoices, useFilmId } from '../kernel/film.ts';
import { Conflict, isConflict } from '../kernel/parts/conflict.tsx';
import { Page, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { State } from '../kernel/parts/state.tsx';
import { useSession } from '../kernel/session.ts';
import { TermsForm } from './terms-form/terms-form.tsx';
import { TermsParties } from './terms-parties.tsx';
import { TermsWhatIf } from './terms-what-if.tsx';
import { TermsReading } from './terms-reading.tsx';
import './settlement.css';

type Terms = OutputOf<typeof contract.settlement.terms.result>;
type Film = OutputOf<typeof contract.film.get.result>;

/** Terms as data, checked and put into words while one writes. */
export function TermsPage() {
  const { id } = useParams({ from: '/desk/settlement/terms/$id' });
  const isNew = id === 'new';
  const terms = useQuery({ ...ask('settlement', 'terms', { params: { id } }), enabled: !isNew });
  if (isNew) return <TermsDesk />;
  if (terms.isPending) return <Waiting />;
  if (terms.isError) return <ProblemNote fault={terms.error} again={() => void terms.refetch()} />;
  return <TermsDesk key={terms.data.id} stored={terms.data} />;
}

function TermsDesk({ stored }: { stored?: Terms }) {
  const { t } = useTranslation('settlement');
  const kernel = useTranslation('kernel').t;
  const { can } = useSession();
  const films = useFilmChoices();
  const addressed = useFilmId();
  const [filmId, setFilmId] = useState(stored?.filmId ?? addressed);
  const [title, setTitle] = useState(stored?.title ?? '');
  const [text, setText] = useState(stored === undefined ? '' : written(stored.terms));
  const parsed = parsedJson(text);
  const { save, fault, setFault, version } = useSaving(stored, filmId ?? films[0]?.value);
  const write = can('settlement.write');
  const ready = write && title.trim() !== '' && parsed.ok;
  const store = (state: 'draft' | 'agreed') => {
    if (parsed.ok) void save({ title, terms: parsed.value, state }, version);
  };
  return (
    <Page wide title={stored?.title ?? t('newTerms')}
      kicker={<Link to="/settlement/terms">{kernel('page.terms')}</Link>}
      actions={
        <>
          {stored === undefined ? null : <State state={stored.state} />}
          {write ? (
            <button type="button" className="button" disabled={!ready}
              onClick={() => store('draft')}>{t('saveDraft')}</button>
          ) : null}
          {write && stored !== undefined ? (
            <button type="button" className="button button-first" disabled={!ready}
              onClick={() => store('agreed')}>{t('agree')}</button>
          ) : null}
        </>
      }>
      {isConflict(fault) ? null : <ProblemNote fault={fault} />}
      <div className="terms-desk">
        <div className="stack">
          {stored === undefined ? (
            <>
              <label className="field"><span>{kernel('film')}</span>
                <Select aria-label={kernel('film')} value={filmId ?? films[0]?.value}
                  options={films} onChange={setFilmId} />
              </label>
              <Templates filmId={filmId ?? films[0]?.value} onChoose={(name, terms) => {
                setText(written(terms));
                if (title === '') setTitle(name);
              }} />
            </>
          ) : null}
          <label className="field"><span>{t('title')}</span>
            <Input value={title} maxLength={200} readOnly={!write}
              onChange={(event) => setTitle(event.target.value)} />
          </label>
          <TermsText text={text} parsed={parsed} readOnly={!write} onChange={setText} />
        </div>
        {parsed.ok ? <TermsReading terms={parsed.value} /> : <p className="muted">{t('empty')}</p>}
      </div>
      {parsed.ok && stored !== undefined
        ? <TermsWhatIf filmId={stored.filmId} terms={parsed.value} /> : null}
      {stored === undefined ? null : <TermsParties termsId={stored.id} filmId={stored.filmId} />}
      <Conflict fault={fault} labels={{ title: t('title'), terms: t('json'), state: t('state') }}
        onClose={() => setFault(null)}
        onResolve={(merged, newest) => {
          setTitle(String(merged['title']));
          setText(written(merged['terms']));
          void save({ title: String(merged['title']), terms: merged['terms'],
            state: merged['state'] === 'agreed' ? 'agreed' : 'draft' }, newest);
        }} />
    </Page>
  );
}

/** The terms as a form, or as the text that machines exchange. */
function TermsText({ text, parsed, readOnly, onChange }: {
  text: string; parsed: ReturnType<typeof parsedJson>; readOnly: boolean;
  onChange: (text: string) => void;
}) {
  const { t } = useTranslation('settlement');
  const [way, setWay] = useState<'form' | 'json'>('form');
  const asForm = way === 'form' && (parsed.ok || text === '');
  return (
    <>
      <Segmented className="terms-way" aria-label={t('form.way')} value={way} onChange={setWay}
        options={(['form', 'json'] as const).map((each) => (
          { value: each, label: t(`form.${each}`) }))} />
      {way === 'form' && !asForm ? <p className="muted">{t('form.broken')}</p> : null}
      {asForm ? (parsed.ok ? (
        <TermsForm value={parsed.value} readOnly={readOnly}
          onChange={(terms) => onChange(written(terms))} />
      ) : null) : (
        <label className="field"><span>{t('json')}</span>
          <textarea className="input terms-json" spellCheck={false} value={text}
            readOnly={readOnly} aria-invalid={!parsed.ok && text !== ''}
            onChange={(event) => onChange(event.target.value)} />
        </label>
      )}
      {parsed.ok || text === '' ? null : (
        <p className="field-fault" role="alert">{t('jsonFault')} {parsed.reason}</p>
      )}
    </>
  );
}

function useSaving(stored: Terms | undefined, filmId: string | undefined) {
  const navigate = useNavigate();
  const [fault, setFault] = useState<unknown>(null);
  // What is being written was made from this version, whatever others save meanwhile.
  const [version, setVersion] = useState(stored?.version);
  const save = async (
    body: { title: string; terms: unknown; state: 'draft' | 'agreed' }, from?: number,
  ) => {
    try {
      if (stored === undefined || from === undefined) {
        if (filmId === undefined) return;
        const { title, terms } = body;
        const made = await api.settlement.createTerms({ body: { filmId, title, terms } });
        await navigate({ to: '/settlement/terms/$id', params: { id: made.id } });
      } else {
        const saved = await api.settlement.updateTerms({ params: { id: stored.id },
          body: { ...body, version: from } });
        setVersion(saved.version);
      }
      setFault(null);
      await forget('settlement', 'film');
    } catch (caught) {
      setFault(caught);
    }
  };
  return { save, fault, setFault, version };
}

function Templates({ filmId, onChoose }: {
  filmId: string | undefined; onChoose: (name: string, terms: unknown) => void;
}) {
  const { t, i18n } = useTranslation('settlement');
  const templates = useQuery(ask('settlement', 'templates'));
  const film = useQuery({ ...ask('film', 'get', { params: { id: filmId ?? '' } }),
    enabled: filmId !== undefined });
  const key = i18n.language === 'en' ? 'en' : 'zh';
  return (
    <fieldset className="templates">
      <legend>{t('templates')}</legend>
      <ProblemNote fault={templates.error} />
      {(templates.data?.rows ?? []).map((each) => (
        <button key={each.code} type="button" className="button"
          onClick={() => onChoose(each.title[key], forFilm(each.terms, film.data))}>
          {each.title[key]}
        </button>
      ))}
    </fieldset>
  );
}

/** A template with the title and codes of the film it is meant for, where they are known. */
function forFilm(terms: unknown, film: Film | undefined): unknown {
  if (film === undefined || typeof terms !== 'object' || terms === null) return terms;
  const versions = film.versions.filter((each) => each.filmCode !== null)
    .map((each) => ({ code: each.filmCode, label: each.format }));
  if (versions.length === 0 && !('films' in terms)) return terms;
  const title = { zh: film.title, en: film.titleEnglish ?? film.title };
  // A waterfall names the films whose incomes run through it; a platform's contract names none.
  if ('films' in terms) return { ...terms, films: [film.title] };
  return 'film' in terms ? { ...terms, film: { title, versions } } : terms;
}

function written(terms: unknown): string {
  return JSON.stringify(terms, null, 2);
}

function parsedJson(text: string): { ok: true; value: unknown } | { ok: false; reason: string } {
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch (fault) {
    return { ok: false, reason: fault instanceof Error ? fault.message : String(fault) };
  }
}
