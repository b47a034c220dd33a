import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, answers, ask } from '../kernel/api.ts';
import { Icon } from '../kernel/parts/icon.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { tokenOf } from './token.ts';

const STAGES = ['shoot', 'production', 'distribution', 'exhibition', 'settlement'] as const;

/** The first page for those who are not signed in. */
export function Landing({ isNew }: { isNew: boolean }) {
  const { t } = useTranslation('first');
  const kernel = useTranslation('kernel').t;
  useEffect(() => {
    document.title = `${t('slogan')} · ${kernel('name')}`;
  }, [kernel, t]);
  return (
    <div className="landing">
      <section className="hero">
        <div className="hero-words">
          <h1>{t('slogan')}</h1>
          <p>{t('lead')}</p>
        </div>
        <Beam />
      </section>
      <div className="ways">
        <section className="way" aria-label={t('own.title')}>
          <h2>{t('own.title')}</h2>
          <p>{t('own.text')}</p>
          {isNew ? (
            <OwnerHelp />
          ) : (
            <>
              <p className="way-hint">{t('own.ready')}</p>
              <Link to="/sign-in" className="button button-first button-large">
                {t('own.signIn')}
              </Link>
            </>
          )}
        </section>
        <DemonstrationWay />
      </div>
      <p className="way-hint">
        <Link to="/policy">{kernel('page.calculator')}</Link>
        {' · '}
        <Link to="/policy/notices">{kernel('page.notices')}</Link>
      </p>
    </div>
  );
}

/** The light of the projector through the five stations of a film's life. */
function Beam() {
  const { t } = useTranslation('first');
  return (
    <svg className="beam" viewBox="0 0 1180 240" role="img" aria-label={t('beam.label')}>
      <defs>
        <linearGradient id="light" x1="0" x2="1">
          <stop offset="0" stopColor="var(--lamp)" stopOpacity="0.55" />
          <stop offset="1" stopColor="var(--lamp)" stopOpacity="0.08" />
        </linearGradient>
      </defs>
      <path d="M40 120 L1180 8 L1180 232 Z" fill="url(#light)" />
      <circle cx="40" cy="120" r="13" fill="var(--lamp)" />
      <path
        d="M40 120 H1130"
        stroke="var(--ink)"
        strokeWidth="2"
        strokeDasharray="2 7"
        strokeLinecap="round"
      />
      {STAGES.map((stage, index) => {
        const x = 40 + index * 268;
        return (
          <g key={stage}>
            {index === 0 ? null : (
              <rect
                x={x - 15}
                y={108}
                width="30"
                height="24"
                rx="5"
                fill="var(--raised)"
                stroke="var(--ink)"
                strokeWidth="2"
              />
            )}
            <text
              x={x}
              y={index === 0 ? 164 : 160}
              textAnchor={index === 0 ? 'start' : 'middle'}
              dx={index === 0 ? -14 : 0}
            >
              {t(`beam.${stage}`)}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

function OwnerHelp() {
  const { t } = useTranslation('first');
  const navigate = useNavigate();
  const [link, setLink] = useState('');
  const token = tokenOf(link) || link.trim();
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void navigate({ to: '/owner', hash: token });
      }}
    >
      <p className="way-hint">{t('own.new')}</p>
      <pre className="terminal" aria-label={t('own.terminal')}>
        <span>$ npm start</span>
        {'\n'}
        <span>{t('own.printed')}</span>
        {'\n'}
        <span> {location.origin}/owner#…</span>
      </pre>
      <label className="field">
        <span>{t('own.paste')}</span>
        <input
          className="input"
          value={link}
          required
          minLength={20}
          autoComplete="off"
          onChange={(event) => setLink(event.target.value)}
        />
      </label>
      <button className="button button-first button-large">{t('own.begin')}</button>
    </form>
  );
}

function DemonstrationWay() {
  const { t } = useTranslation('first');
  const navigate = useNavigate();
  const { data } = useQuery(ask('network', 'demonstration'));
  const [fault, setFault] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const state = data?.state ?? 'absent';
  const open = async () => {
    setBusy(true);
    try {
      if (state === 'absent' || state === 'failed') {
        await api.network.openDemonstration({ body: {} });
        await answers.invalidateQueries({ queryKey: ['network'] });
      }
      await navigate({ to: '/demonstration' });
    } catch (caught) {
      setFault(caught);
    } finally {
      setBusy(false);
    }
  };
  return (
    <section className="way way-lit" aria-label={t('demo.title')}>
      <h2>{t('demo.title')}</h2>
      <p>{t('demo.text')}</p>
      <ul className="way-list">
        {['cast', 'film', 'real'].map((each) => (
          <li key={each}>
            <Icon name="check" size={16} />
            {t(`demo.${each}`)}
          </li>
        ))}
      </ul>
      <button
        type="button"
        className="button button-first button-large"
        disabled={busy}
        onClick={() => void open()}
      >
        <Icon name="play" />
        {t(state === 'ready' ? 'demo.enter' : state === 'running' ? 'demo.watch' : 'demo.open')}
      </button>
      <ProblemNote fault={fault} />
    </section>
  );
}
