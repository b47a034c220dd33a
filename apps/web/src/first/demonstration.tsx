import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
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
      <Page title={t('demonstration.title')} kicker={<Link to="/">{t('demonstration.back')}</Link>}
        lead={t(`demonstration.${state}`)}>
        {state === 'absent' || state === 'failed' ? <OpenAgain /> : null}
        {state === 'running' && job !== null ? <Steps job={job} /> : null}
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
        <button type="button" className="button button-first button-large"
          onClick={() => void open()}>
          <Icon name="play" />{t('demo.open')}
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
              <Icon size={16} name={step.state === 'done' ? 'check'
                : step.state === 'failed' ? 'cross' : 'jobs'} />
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
  const shown = Object.entries(facts).filter(([, value]) =>
    typeof value === 'string' || typeof value === 'number');
  return (
    <span className="step-facts">
      {shown.map(([name, value]) => (name.endsWith('ileId') ? (
        <a key={name} href={`/api/files/${String(value)}`}>{t('demonstration.file')}</a>
      ) : (
        <span key={name}>{t(`fact.${name}`, { defaultValue: name })} {String(value)}</span>
      )))}
    </span>
  );
}

type Person = {
  userId: string; name: string; organisation: string; kind: string; roles: readonly string[];
};

function People({ people }: { people: readonly Person[] }) {
  const { t } = useTranslation('first');
  const kernel = useTranslation('kernel').t;
  const navigate = useNavigate();
  const [fault, setFault] = useState<unknown>(null);
  const enter = async (userId: string) => {
    try {
      const session = await api.network.enterDemonstration({ body: { userId } });
      const told = answers.getQueryData(ask('network', 'demonstration').queryKey);
      beginSession(session);
      const id = told?.filmId ?? null;
      if (id === null) await navigate({ to: '/films' });
      else await navigate({ to: '/films/$id', params: { id }, search: { film: id } });
    } catch (caught) {
      setFault(caught);
    }
  };
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
