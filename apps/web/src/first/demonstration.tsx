import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, answers, ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Findings } from '../kernel/parts/findings.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { type Job, Progress, useJobWords } from '../kernel/parts/job.tsx';
import { Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { beginSession } from '../kernel/session.ts';
import './first.css';

const LOOK_AGAIN_MS = 700;

/** The demonstration network: watch it being made, then choose whom to be. */
export function Demonstration() {
  const { t } = useTranslation('first');
  const question = useQuery({
    ...ask('network', 'demonstration'),
    refetchInterval: (query) => (query.state.data?.state === 'running' ? LOOK_AGAIN_MS : false),
  });
  if (question.isPending) return <Waiting />;
  if (question.isError) {
    return <ProblemNote fault={question.error} again={() => void question.refetch()} />;
  }
  const { state, job, people } = question.data;
  return (
    <div className="gate gate-wide">
      <Page
        title={t('demonstration.title')}
        kicker={<Link to="/">{t('demonstration.back')}</Link>}
        lead={t(`demonstration.${state}`)}
      >
        {state === 'absent' || state === 'failed' ? <OpenAgain /> : null}
        {state === 'running' && job !== null ? <Steps job={job} /> : null}
        {state === 'ready' && people.length > 0 ? (
          <Tour people={people} result={job?.result} filmId={question.data.filmId} />
        ) : null}
        {people.length > 0 ? <People people={people} /> : null}
        {state === 'running' || job === null ? null : <Steps job={job} />}
      </Page>
    </div>
  );
}

function OpenAgain() {
  const { t } = useTranslation('first');
  const [fault, setFault] = useState<unknown>(null);
  const open = async () => {
    try {
      await api.network.openDemonstration({ body: {} });
      await answers.invalidateQueries({ queryKey: ['network'] });
      setFault(null);
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <div className="stack">
      <p>
        <button
          type="button"
          className="button button-first button-large"
          onClick={() => void open()}
        >
          <Icon name="play" />
          {t('demo.open')}
        </button>
      </p>
      <ProblemNote fault={fault} />
    </div>
  );
}

function Steps({ job }: { job: Job }) {
  const { t } = useTranslation('first');
  const format = useFormat();
  const words = useJobWords();
  return (
    <Section title={t('demonstration.steps')}>
      {job.finishedAt === null ? (
        <Progress value={job.progress} label={t('demonstration.progress')} />
      ) : null}
      <ol className="steps" aria-live="polite">
        {job.steps.map((step, index) => (
          <li key={`${step.code}${index}`} className={`step step-${step.state}`}>
            <span className="step-mark">
              <Icon
                size={16}
                name={step.state === 'done' ? 'check' : step.state === 'failed' ? 'cross' : 'jobs'}
              />
            </span>
            <span className="step-words">
              {words.step(step.code)}
              <StepFacts facts={step.facts} />
            </span>
            <span className="step-time figure">
              {format.seconds(step.startedAt, step.finishedAt)}
            </span>
          </li>
        ))}
      </ol>
      <Findings findings={job.findings} />
    </Section>
  );
}

/** What a step has made: counts and names, and files as links where one is named. */
function StepFacts({ facts }: { facts: Readonly<Record<string, unknown>> | undefined }) {
  const { t } = useTranslation('first');
  if (facts === undefined) return null;
  const shown = Object.entries(facts).filter(
    ([, value]) => typeof value === 'string' || typeof value === 'number',
  );
  return (
    <span className="step-facts">
      {shown.map(([name, value]) =>
        name.endsWith('ileId') ? (
          <a key={name} href={`/api/files/${String(value)}`}>
            {t('demonstration.file')}
          </a>
        ) : (
          <span key={name}>
            {t(`fact.${name}`, { defaultValue: name })} {String(value)}
          </span>
        ),
      )}
    </span>
  );
}

type Person = {
  userId: string;
  name: string;
  organisation: string;
  kind: string;
  roles: readonly string[];
};

/** Becomes a person of the cast and goes to a page; the film's own where none is named. */
function useEnter() {
  const navigate = useNavigate();
  const router = useRouter();
  const [fault, setFault] = useState<unknown>(null);
  const enter = async (userId: string, place?: string) => {
    try {
      const session = await api.network.enterDemonstration({ body: { userId } });
      const told = answers.getQueryData(ask('network', 'demonstration').queryKey);
      beginSession(session);
      const id = told?.filmId ?? null;
      if (place !== undefined) router.history.push(place);
      else if (id === null) await navigate({ to: '/films' });
      else await navigate({ to: '/films/$id', params: { id }, search: { film: id } });
    } catch (caught) {
      setFault(caught);
    }
  };
  return { enter, fault };
}

/** The film has gone all the way: where to look now, each stop as the person whose work it is. */
function Tour({
  people,
  result,
  filmId,
}: {
  people: readonly Person[];
  result: unknown;
  filmId: string | null;
}) {
  const { t } = useTranslation('first');
  const { enter, fault } = useEnter();
  const stops = tourOf(people, result, filmId);
  return (
    <Section title={t('demonstration.tour')}>
      <p className="muted">{t('demonstration.tourText')}</p>
      <ProblemNote fault={fault} />
      <ol className="tour">
        {stops.map(({ name, person, place }) => (
          <li key={name}>
            <div>
              <strong>{t(`tour.${name}.title`)}</strong>
              <p>{t(`tour.${name}.text`)}</p>
            </div>
            <button
              type="button"
              className="button"
              onClick={() => void enter(person.userId, place)}
            >
              {t('demonstration.go', { name: person.name })}
              <Icon name="arrow" />
            </button>
          </li>
        ))}
      </ol>
    </Section>
  );
}

type Stop = { readonly name: string; readonly person: Person; readonly place: string };

function tourOf(people: readonly Person[], result: unknown, filmId: string | null): Stop[] {
  const made = (result ?? {}) as { packageId?: string; projectId?: string; runId?: string };
  const film = filmId === null ? '' : `?film=${filmId}`;
  const packagePath = made.packageId === undefined ? '' : `/packages/${made.packageId}`;
  const projects = '/production/projects';
  const projectPath = made.projectId === undefined ? projects : `${projects}/${made.projectId}`;
  const runPath = made.runId === undefined ? '' : `/runs/${made.runId}`;
  const director = (each: Person) => each.roles.includes('settlement.director');
  const packs = (each: Person) => each.roles.includes('distribution.manager');
  const wanted: readonly (readonly [string, (each: Person) => boolean, string])[] = [
    ['project', (each) => each.kind === 'producer', `${projectPath}${film}`],
    ['vendor', (each) => each.kind === 'post_house' && !packs(each), `${projectPath}${film}`],
    ['review', (each) => each.kind === 'post_house', `/production${film}`],
    [
      'package',
      (each) => each.kind === 'distributor' && !director(each),
      `/distribution${packagePath}${film}`,
    ],
    ['keys', (each) => each.kind === 'distributor' && !director(each), `/distribution/keys${film}`],
    ['cinema', (each) => each.kind === 'cinema', `/distribution/keys${film}`],
    ['report', (each) => each.kind === 'circuit', `/exhibition/reports${film}`],
    ['statement', director, `/settlement${runPath}${film}`],
    [
      'film',
      (each) => each.kind === 'producer',
      filmId === null ? '/films' : `/films/${filmId}${film}`,
    ],
  ];
  return wanted.flatMap(([name, fits, place]) => {
    const person = people.find(fits);
    return person === undefined ? [] : [{ name, person, place }];
  });
}

function People({ people }: { people: readonly Person[] }) {
  const { t } = useTranslation('first');
  const kernel = useTranslation('kernel').t;
  const { enter, fault } = useEnter();
  return (
    <Section title={t('demonstration.people')}>
      <ProblemNote fault={fault} />
      <ul className="people">
        {people.map((person) => (
          <li key={person.userId}>
            <button type="button" className="person" onClick={() => void enter(person.userId)}>
              <span className="person-kind">
                {kernel(`kind.${person.kind}`, { defaultValue: person.kind })}
              </span>
              <strong>{person.name}</strong>
              <span>{person.organisation}</span>
              <small>
                {person.roles.map((each) => kernel(`role.${each.replace('.', '_')}`)).join(' · ')}
              </small>
            </button>
          </li>
        ))}
      </ul>
    </Section>
  );
}
