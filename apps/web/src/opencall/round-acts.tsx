import { useTranslation } from 'react-i18next';
import { useState } from 'react';
import { useAction } from '../kernel/action.ts';
import { api } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';
import { CheckField, TextField } from './fields.tsx';
import type { Desk } from './round.ts';
import type { Scores } from './score-table.tsx';

/** Steps that leave the way; the way itself is offered first. */
const ASIDE: ReadonlySet<string> = new Set(['void', 'reread']);

/** What may be done with a round now, by whom, and what it still waits for. */
export function RoundActs({ desk }: { desk: Desk }) {
  const { t, i18n } = useTranslation('opencall');
  const { can } = useSession();
  const [reason, setReason] = useState('');
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const { act, busy, fault } = useAction('opencall');
  const { round, actions } = desk;
  const scores = desk.scores as Scores | null;
  const tied =
    round.state === 'scored' &&
    scores?.findings.some(({ code }) => code === 'tied_decision') === true;
  const may = (role: string) => can(role === 'approver' ? 'policy.decide' : 'policy.manage');
  const words = (label: { zh: string; en: string }) =>
    i18n.language === 'en' ? label.en : label.zh;
  const others = actions.filter(({ role, action }) => !may(role) && action !== 'void');
  const tie = tied && chosen.length > 0 ? { chosen: [...chosen] } : {};
  const take = (action: string) =>
    act(
      () =>
        api.opencall.actRound({
          params: { id: round.id },
          body: {
            version: round.version,
            action,
            reason,
            ...(action === 'publish' ? tie : {}),
          },
        }),
      () => setReason(''),
    );
  if (actions.length === 0) return null;
  return (
    <Section title={t('nextStep')}>
      <div className="panel stack">
        <WaitingFor desk={desk} />
        {tied ? (
          <fieldset className="opencall-rows">
            <legend>{t('tieTitle')}</legend>
            <p className="muted">{t('tieText')}</p>
            {(scores?.uncertainty.proposals ?? []).map(({ proposal }) => (
              <CheckField
                key={proposal}
                label={proposal}
                checked={chosen.includes(proposal)}
                onChange={(yes) =>
                  setChosen(
                    yes ? [...chosen, proposal] : chosen.filter((each) => each !== proposal),
                  )
                }
              />
            ))}
          </fieldset>
        ) : null}
        <TextField label={t('reason')} hint={t('reasonHint')} value={reason} onChange={setReason} />
        <div className="row">
          {round.state === 'announced' && can('policy.manage') ? (
            <button
              type="button"
              className="button button-first"
              disabled={busy}
              onClick={() =>
                void act(() => api.opencall.freezePool({ params: { id: round.id }, body: {} }))
              }
            >
              {t(round.poolDigest === null ? 'freezePool' : 'freezeAgain', {
                count: desk.candidates,
              })}
            </button>
          ) : null}
          {actions
            .filter(({ role }) => may(role))
            .map(({ action, label }) => (
              <button
                key={action}
                type="button"
                disabled={busy}
                className={ASIDE.has(action) ? 'button' : 'button button-first'}
                onClick={() => void take(action)}
              >
                {words(label)}
              </button>
            ))}
        </div>
        {others.length === 0 ? null : (
          <p className="muted">
            {t('othersDo', {
              actions: others.map(({ label }) => words(label)).join('、'),
              role: t(`roles.${others[0]!.role}`),
            })}
          </p>
        )}
        <ProblemNote fault={fault} />
      </div>
      {['draft', 'announced'].includes(round.state) && can('policy.manage') ? (
        <PutOff desk={desk} />
      ) : null}
    </Section>
  );
}

/** What still has to come before the next step, counted. */
function WaitingFor({ desk }: { desk: Desk }) {
  const { t } = useTranslation('opencall');
  const format = useFormat();
  const { round, bids, seats } = desk;
  const lines: string[] = [];
  if (round.state === 'announced') {
    lines.push(t('waits.hour', { at: format.moment(round.closesAt) }));
    if (round.poolDigest === null) lines.push(t('waits.pool'));
  }
  if (round.state === 'opening') {
    const open = bids.filter(({ state }) => state === 'sealed').length;
    lines.push(t('waits.bids', { open, count: bids.length }));
  }
  if (round.state === 'drawn') {
    const read = bids.filter(({ state }) => state === 'opened').length;
    const seated = seats.filter(({ state }) => state === 'seated');
    const sheets = seated.reduce((sum, each) => sum + each.sheets, 0);
    lines.push(t('waits.sheets', { sheets, count: seated.length * read }));
    if (desk.openSeats > 0) lines.push(t('waits.seats', { count: desk.openSeats }));
  }
  if (round.state === 'on_notice') {
    lines.push(t('onNoticeUntil', { date: format.date(round.noticeUntil) }));
    if (desk.openObjections > 0) lines.push(t('waits.objections', { count: desk.openObjections }));
  }
  if (lines.length === 0) return null;
  return (
    <ul className="opencall-waits">
      {lines.map((each) => (
        <li key={each}>{each}</li>
      ))}
    </ul>
  );
}

function PutOff({ desk }: { desk: Desk }) {
  const { t } = useTranslation('opencall');
  const [closesAt, setCloses] = useState('');
  const [revealUntil, setReveal] = useState('');
  const [reason, setReason] = useState('');
  const { act, busy, fault } = useAction('opencall');
  const { round } = desk;
  const put = () =>
    act(() =>
      api.opencall.putOff({
        params: { id: round.id },
        body: {
          version: round.version,
          closesAt: new Date(closesAt).toISOString(),
          revealUntil: new Date(revealUntil).toISOString(),
          reason,
        },
      }),
    );
  return (
    <details className="panel">
      <summary>{t('putOff')}</summary>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void put();
        }}
      >
        <p>{t('putOffText')}</p>
        <div className="opencall-form">
          <TextField
            label={t('hour.closesAt')}
            type="datetime-local"
            required
            value={closesAt}
            onChange={setCloses}
          />
          <TextField
            label={t('hour.revealUntil')}
            type="datetime-local"
            required
            value={revealUntil}
            onChange={setReveal}
          />
          <TextField label={t('reason')} required value={reason} onChange={setReason} />
        </div>
        <ProblemNote fault={fault} />
        <p>
          <button className="button" disabled={busy}>
            {t('putOff')}
          </button>
        </p>
      </form>
    </details>
  );
}
