import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../kernel/api.ts';
import { Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { FactForm } from './fact-form.tsx';
import { MatchCard } from './match-card.tsx';
import {
  askInstrument, todayInChina,
  type Answers, type Days, factsOf, FIRST_INSTRUMENT, type Instrument, type Match, useWords,
} from './words.ts';
import './policy.css';

const PROMISING: ReadonlySet<string> = new Set(['eligible', 'to_human']);

/** What a company may claim, asked without an account: facts in, "at most" out. */
export function CalculatorPage() {
  const { t } = useTranslation('policy');
  const kernel = useTranslation('kernel').t;
  const words = useWords();
  const [code, setCode] = useState(FIRST_INSTRUMENT);
  const list = useQuery(ask('policy', 'instruments'));
  const instrument = useQuery(askInstrument(code));
  const data = instrument.data;
  const others = list.data?.rows ?? [];
  return (
    <Page wide title={t('calculator')} lead={t('calculatorLead')}
      kicker={data === undefined ? '' : `${data.number} · ${words(data.title)}`}
      actions={
        <>
          <Link to="/policy/notices" className="button">{t('notices')}</Link>
          <Link to="/policy/registers" className="button">{t('registers')}</Link>
          <Link to="/policy/readings" className="button">{kernel('page.readings')}</Link>
        </>
      }>
      {others.length < 2 ? null : (
        <label className="field">
          <span>{t('instrument')}</span>
          <select className="input" value={code}
            onChange={({ target }) => setCode(target.value)}>
            {others.map((each) => (
              <option key={each.code} value={each.code}>
                {words(each.title)} · {each.number}</option>
            ))}
          </select>
        </label>
      )}
      {instrument.isError ? <ProblemNote fault={instrument.error} /> : null}
      {data === undefined ? <Waiting /> : <Calculator key={data.code} instrument={data} />}
    </Page>
  );
}

function Calculator({ instrument }: { instrument: Instrument }) {
  const { t } = useTranslation('policy');
  const [answers, setAnswers] = useState<Answers>({});
  const params = { instrument: instrument.code };
  const [eventDate, setEventDate] = useState('');
  const [knownOn, setKnownOn] = useState('');
  const days: Days = {
    ...(eventDate === '' ? {} : { eventDate }), ...(knownOn === '' ? {} : { knownOn }),
  };
  const body = { facts: factsOf(answers), ...days };
  const found = useQuery({
    ...ask('policy', 'calculate', { params, body }),
    placeholderData: keepPreviousData,
  });
  // The items as they stood on that day, also those that have no version today.
  const dated = useQuery({
    ...askInstrument(instrument.code, days),
    placeholderData: keepPreviousData,
  });
  const change = (name: string, value: Answers[string] | undefined) => setAnswers((before) => {
    const { [name]: _, ...rest } = before;
    return value === undefined ? rest : { ...rest, [name]: value };
  });
  const receipt = async (item: string) => {
    const made = await api.policy.receipt({ params: { ...params, item }, body });
    save(`${item}.receipt.json`, JSON.stringify(made.receipt));
  };
  return (
    <div className="calculator">
      <Section title={t('yourFacts')}>
        <p className="muted">{t('nothingKept')}</p>
        <FactForm facts={instrument.facts} answers={answers} onChange={change}
          ask={found.data?.ask ?? null} />
        <label className="field"><span>{t('dayOfEvent')}</span>
          <input className="input" type="date" value={eventDate}
            onChange={({ target }) => setEventDate(target.value)} /></label>
        <label className="field"><span>{t('knownOn')}</span>
          <input className="input" type="date" max={todayInChina()} value={knownOn}
            onChange={({ target }) => setKnownOn(target.value)} /></label>
      </Section>
      <Section title={t('results')} id="results">
        <p className="notice-line" role="note">{t('noPromise')}</p>
        {found.isError ? <ProblemNote fault={found.error} /> : null}
        {found.data === undefined ? <Waiting /> : (
          <Results instrument={dated.data ?? instrument} matches={found.data.matches}
            onReceipt={(item) => void receipt(item)} />
        )}
      </Section>
      {found.data === undefined ? null : (
        // On a phone the results are far below: the count stands first and leads there.
        <a href="#results" className="calculator-strip">
          {t('found', { count: found.data.matches.filter(isPromising).length })}
        </a>
      )}
    </div>
  );
}

function isPromising({ status }: Match): boolean {
  return PROMISING.has(status);
}

function Results({ instrument, matches, onReceipt }: {
  instrument: Instrument; matches: readonly Match[]; onReceipt: (item: string) => void;
}) {
  const { t } = useTranslation('policy');
  const parts = [
    ['promising', matches.filter(({ status }) => PROMISING.has(status))],
    ['undecided', matches.filter(({ status }) => status === 'unknown')],
    ['others', matches.filter(({ status }) => status === 'not_eligible')],
    ['tasks', matches.filter(({ status }) => status === 'no_claim')],
  ] as const;
  const promising = parts[0][1].length;
  return (
    <>
      <p aria-live="polite"><strong>{t('found', { count: promising })}</strong></p>
      {parts.map(([part, own], index) => own.length === 0 ? null : (
        <details key={part} open={index === 0 || (index === 1 && promising === 0)}
          className="match-part">
          <summary>{t(`part.${part}`)} <span className="count">{own.length}</span></summary>
          <div className="matches">
            {own.map((match) => (
              <MatchCard key={match.item} instrument={instrument} match={match}
                onReceipt={onReceipt} />
            ))}
          </div>
        </details>
      ))}
    </>
  );
}

/** Gives a text as a file. */
function save(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
