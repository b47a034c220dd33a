import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Empty, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { useSession } from '../kernel/session.ts';
import { FactForm } from './fact-form.tsx';
import { MatchCard } from './match-card.tsx';
import {
  type Answers, answersOf, type Fact, factsOf, type Match, todayInChina, useInstruments,
} from './words.ts';
import './policy.css';

/** The company once and for all: what it says of itself, what fits it, and what is due. */
export function ProfilePage() {
  const { t } = useTranslation('policy');
  const profile = useQuery(ask('policy', 'profile'));
  const instruments = useInstruments();
  return (
    <Page wide title={t('profile')} lead={t('profileLead')} actions={
      <Link to="/policy/claims" className="button">{t('ownClaims')}</Link>
    }>
      {profile.isError ? <ProblemNote fault={profile.error} /> : null}
      <Reminders />
      {profile.data === undefined || instruments === undefined ? <Waiting /> : (
        <div className="calculator">
          <Editor key={profile.data.version} profile={profile.data}
            facts={everyFact(instruments.flatMap((each) => each.facts))} />
          <Matched instruments={instruments} />
        </div>
      )}
    </Page>
  );
}

/** One question of several instruments is asked once. */
function everyFact(facts: readonly Fact[]): Fact[] {
  return [...new Map(facts.toReversed().map((each) => [each.name, each])).values()].toReversed();
}

function Editor({ profile, facts }: {
  profile: Awaited<ReturnType<typeof api.policy.profile>>; facts: readonly Fact[];
}) {
  const { t } = useTranslation('policy');
  const { can } = useSession();
  const [answers, setAnswers] = useState<Answers>(answersOf(profile.facts));
  const [fault, setFault] = useState<unknown>(null);
  const reminders = useQuery(ask('policy', 'reminders'));
  const stale = new Set(reminders.data?.stale ?? []);
  const save = async () => {
    const today = todayInChina();
    const sent = Object.fromEntries(Object.entries(factsOf(answers)).map(([name, fact]) => {
      const kept = profile.facts[name];
      const same = kept !== undefined && JSON.stringify(kept.value) === JSON.stringify(fact.value);
      // Saving confirms what is old; what is fresh keeps its day and its source.
      return [name, same ? { ...kept, ...(stale.has(name) ? { date: today } : {}) } : fact];
    }));
    try {
      setFault(null);
      await api.policy.saveProfile({ body: { version: profile.version, facts: sent as never } });
    } catch (caught) {
      setFault(caught);
    }
    await forget('policy');
  };
  return (
    <Section title={t('yourFacts')} actions={can('policy.apply') ? (
      <button type="button" className="button button-first" onClick={() => void save()}>
        {t(stale.size > 0 ? 'saveAndConfirm' : 'save')}</button>
    ) : null}>
      <ProblemNote fault={fault} />
      {stale.size > 0 ? (
        <p className="notice-line">{t('staleFacts', { count: stale.size })}</p>
      ) : null}
      <FactForm facts={facts} answers={answers} onChange={(name, value) => setAnswers((before) => {
        const { [name]: _, ...rest } = before;
        return value === undefined ? rest : { ...rest, [name]: value };
      })} />
    </Section>
  );
}

function Matched({ instruments }: { instruments: NonNullable<ReturnType<typeof useInstruments>> }) {
  const { t } = useTranslation('policy');
  const format = useFormat();
  const { data } = useQuery(ask('policy', 'matches'));
  if (data === undefined) return <Waiting />;
  const parts = [
    ['promising', ['eligible', 'to_human']], ['undecided', ['unknown']],
    ['others', ['not_eligible']],
  ] as const;
  const card = (match: Match) => {
    const instrument = instruments.find(({ code }) => code === match.instrument);
    return instrument === undefined ? null : (
      <MatchCard key={`${match.instrument} ${match.item}`} instrument={instrument} match={match} />
    );
  };
  return (
    <Section title={t('matched')} id="results">
      {data.calls.length === 0 ? null : (
        <Records label={t('openCalls')} rows={data.calls} keyOf={(each) => each.id} columns={[
          { title: t('openCalls'), head: true, cell: (each) => (
            <Link to="/policy/claims">{each.title}<small>{each.department}</small></Link>
          ) },
          { title: t('closes'), figure: true, cell: (each) => format.date(each.closesOn) },
        ]} />
      )}
      {data.matches.length === 0 ? <Empty title={t('noEntries')}>{''}</Empty> : null}
      {parts.map(([part, states], index) => {
        const own = data.matches.filter(({ status }) => (states as readonly string[])
          .includes(status));
        return own.length === 0 ? null : (
          <details key={part} open={index === 0} className="match-part">
            <summary>{t(`part.${part}`)} <span className="count">{own.length}</span></summary>
            <div className="matches">{own.map(card)}</div>
          </details>
        );
      })}
    </Section>
  );
}

type Reminder = Awaited<ReturnType<typeof api.policy.reminders>>['rows'][number];

/** The way to what a reminder is of; an objection stands where what it is against does. */
function ReminderLink({ reminder: { kind, subject, title, against } }: { reminder: Reminder }) {
  if (kind === 'call_opened' || kind === 'call_closing') {
    return <Link to="/policy/claims">{title}</Link>;
  }
  if (kind.startsWith('call_')) {
    return <Link to="/policy/calls/$id" params={{ id: subject }}>{title}</Link>;
  }
  if (kind !== 'objection_due') {
    return <Link to="/policy/claims/$id" params={{ id: subject }}>{title}</Link>;
  }
  switch (against?.kind) {
    case 'entry':
      return <Link to="/policy/entries/$id" params={{ id: against.id }}>{title}</Link>;
    case 'catalogue':
      return <Link to="/policy/opencall/catalogues/$id" params={{ id: against.id }}>{title}</Link>;
    case 'round':
      return <Link to="/policy/opencall/rounds/$id" params={{ id: against.id }}>{title}</Link>;
    default:
      return <Link to="/policy/record">{title}</Link>;
  }
}

/** What the company should know or do now, with the way to it. */
export function Reminders() {
  const { t } = useTranslation('policy');
  const format = useFormat();
  const { data } = useQuery(ask('policy', 'reminders'));
  const rows = (data?.rows ?? []).filter(({ kind }) => kind !== 'facts_stale');
  if (rows.length === 0) return null;
  return (
    <Section title={t('reminders')}>
      <ul className="reminders">
        {rows.map((each) => (
          <li key={`${each.kind} ${each.subject}`} className={each.urgent ? 'urgent' : ''}>
            <strong>{t(`reminder.${each.kind}`)}</strong>
            <ReminderLink reminder={each} />
            {each.by === null ? null : <span>{t('until2', { on: format.date(each.by) })}</span>}
          </li>
        ))}
      </ul>
    </Section>
  );
}
