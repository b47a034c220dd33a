import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../kernel/action.ts';
import { api } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Facts, Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { useSession } from '../kernel/session.ts';
import { ChoiceField, TextField } from './fields.tsx';
import type { Desk } from './round.ts';

type Known = NonNullable<Desk['race']>;
type Racer = Known['racers'][number];

/** 赛马: how the winners stand at the checkpoint by measured values, and who goes on. */
export function Race({ desk }: { desk: Desk }) {
  const { t } = useTranslation('opencall');
  const format = useFormat();
  const { can } = useSession();
  const { race } = desk;
  if (race === null) return null;
  const nameOf = (id: string) => race.racers.find((each) => each.projectId === id)?.bidder ?? id;
  return (
    <Section title={t('race')}>
      <p className="muted">{t('raceText', { date: format.date(race.checkpoint) })}</p>
      <Standings race={race} indicators={desk.round.entry.indicators} />
      {race.decided === null ? null : (
        <Facts
          rows={[
            [t('goesOn'), nameOf(race.decided.projectId)],
            [t('reason'), race.decided.reason],
            [t('decidedBy'), `${race.decided.by} · ${format.date(race.decided.on)}`],
          ]}
        />
      )}
      {race.decided === null && can('policy.decide') ? <RaceForm desk={desk} race={race} /> : null}
    </Section>
  );
}

type Indicators = Desk['round']['entry']['indicators'];

function Standings({ race, indicators }: { race: Known; indicators: Indicators }) {
  const { t } = useTranslation('opencall');
  const measured = (racer: Racer) =>
    racer.results
      .map(({ indicator, value, verdict }) => {
        const name = indicators.find(({ code }) => code === indicator)?.name ?? indicator;
        return `${name} ${value ?? '—'}（${t(`verdictOf.${verdict}`)}）`;
      })
      .join('、');
  return (
    <Records
      label={t('race')}
      rows={race.racers}
      keyOf={(each) => each.projectId}
      columns={[
        {
          title: t('bidder'),
          head: true,
          cell: (each) => (
            <Link to="/policy/opencall/projects/$id" params={{ id: each.projectId }}>
              {each.bidder}
            </Link>
          ),
        },
        { title: t('stateTitle'), cell: (each) => t(`projectState.${each.state}`) },
        {
          title: t('raceSteps'),
          cell: (each) =>
            each.steps
              .map(({ title, state }) => `${title} ${t(`milestoneState.${state}`)}`)
              .join('、'),
        },
        { title: t('measured'), cell: measured },
        {
          title: t('behind'),
          cell: (each) => (each.behind.length === 0 ? '—' : each.behind.join('、')),
        },
      ]}
    />
  );
}

function RaceForm({ desk, race }: { readonly desk: Desk; readonly race: Known }) {
  const { t } = useTranslation('opencall');
  const [projectId, setProject] = useState('');
  const [reason, setReason] = useState('');
  const { act, busy, fault } = useAction('opencall');
  const decide = () =>
    act(() =>
      api.opencall.decideRace({
        params: { id: desk.round.id },
        body: { version: desk.round.version, projectId, reason },
      }),
    );
  return (
    <form
      className="panel stack"
      onSubmit={(event) => {
        event.preventDefault();
        void decide();
      }}
    >
      <p>{t('raceRule')}</p>
      <ChoiceField
        label={t('goesOn')}
        value={projectId}
        choices={[
          ['', t('choose')],
          ...race.racers.map(({ projectId: id, bidder }) => [id, bidder] as const),
        ]}
        onChange={setProject}
      />
      <TextField label={t('reason')} required value={reason} onChange={setReason} />
      <ProblemNote fault={fault} />
      <p>
        <button className="button button-first" disabled={busy || projectId === ''}>
          {t('decideRace')}
        </button>
      </p>
    </form>
  );
}
