import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../kernel/action.ts';
import { api, ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Findings } from '../kernel/parts/findings.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { TextField } from '../opencall/fields.tsx';
import type { RegisterKind } from './register-fields.tsx';
import { useWords } from './words.ts';
import '../opencall/opencall.css';

/** Rounds of selection: what is open, who stands where, and the decision by that ranking. */
export function RegisterRounds({ registerId, kind }: {
  readonly registerId: string;
  readonly kind: RegisterKind;
}) {
  const { t } = useTranslation('policy');
  const format = useFormat();
  const [shown, setShown] = useState<string | null>(null);
  const { data } = useQuery(ask('registers', 'rounds', { params: { id: registerId } }));
  return (
    <>
      {(data?.rows ?? []).length === 0 ? <p className="muted">{t('noRounds')}</p> : null}
      {(data?.rows ?? []).map((each) => (
        <div key={each.id} className="row">
          <span>
            {each.title} · {format.date(each.opensOn)} – {format.date(each.closesOn)} ·{' '}
            {t('placesOf', { count: each.places.total })}
          </span>
          <button
            type="button"
            className="button"
            onClick={() => setShown(shown === each.id ? null : each.id)}
          >
            {t('ranking')}
          </button>
          {each.decidedOn === null ? null : (
            <span className="muted">{t('decidedOn', { on: format.date(each.decidedOn) })}</span>
          )}
        </div>
      ))}
      {shown === null ? null : (
        <Ranking
          key={shown}
          id={shown}
          open={data?.rows.find(({ id }) => id === shown)?.decidedOn === null}
        />
      )}
      <NewRound registerId={registerId} kind={kind} />
    </>
  );
}

function NewRound({ registerId, kind }: {
  readonly registerId: string;
  readonly kind: RegisterKind;
}) {
  const { t } = useTranslation('policy');
  const words = useWords();
  const [title, setTitle] = useState('');
  const [opensOn, setOpens] = useState('');
  const [closesOn, setCloses] = useState('');
  const [places, setPlaces] = useState('');
  const [byCategory, setByCategory] = useState<Readonly<Record<string, string>>>({});
  const { act, busy, fault } = useAction('registers');
  const categories = kind.fields.find(({ name }) => name === kind.categoryField)?.choices ?? [];
  const make = () =>
    act(
      () =>
        api.registers.openRound({
          params: { id: registerId },
          body: {
            title,
            year: Number(opensOn.slice(0, 4)),
            opensOn,
            closesOn,
            places: {
              total: Number(places),
              byCategory: Object.fromEntries(
                Object.entries(byCategory)
                  .filter(([, count]) => count !== '')
                  .map(([code, count]) => [code, Number(count)]),
              ),
            },
          },
        }),
      () => setTitle(''),
    );
  return (
    <details>
      <summary>{t('newRound')}</summary>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        <div className="opencall-form">
          <TextField label={t('title')} required value={title} onChange={setTitle} />
          <TextField
            label={t('opens')}
            type="date"
            required
            value={opensOn}
            onChange={setOpens}
          />
          <TextField
            label={t('closes')}
            type="date"
            required
            value={closesOn}
            onChange={setCloses}
          />
          <TextField
            label={t('places')}
            type="number"
            min={1}
            required
            value={places}
            onChange={setPlaces}
          />
          {categories.map(({ value, label }) => (
            <TextField
              key={value}
              label={t('placesFor', { category: words(label) })}
              hint={t('placesForHint')}
              type="number"
              min={0}
              value={byCategory[value] ?? ''}
              onChange={(count) => setByCategory({ ...byCategory, [value]: count })}
            />
          ))}
        </div>
        <ProblemNote fault={fault} />
        <p>
          <button className="button button-first" disabled={busy}>
            {t('openRound')}
          </button>
        </p>
      </form>
    </details>
  );
}

function Ranking({ id, open }: { readonly id: string; readonly open: boolean }) {
  const { t } = useTranslation('policy');
  const [reason, setReason] = useState(t('byRanking'));
  const { act, busy, fault } = useAction('registers');
  const { data, error } = useQuery(ask('registers', 'ranking', { params: { id } }));
  if (data === undefined) return <ProblemNote fault={error} />;
  if (data.rows.length === 0) return <p className="muted">{t('noEntries')}</p>;
  return (
    <>
      <Records
        label={t('ranking')}
        rows={data.rows}
        keyOf={(each) => each.entryId}
        columns={[
          { title: '№', figure: true, cell: (each) => each.rank },
          {
            title: t('entry'),
            head: true,
            cell: (each) => (
              <Link to="/policy/entries/$id" params={{ id: each.entryId }}>
                {each.headline}
              </Link>
            ),
          },
          { title: t('score'), figure: true, cell: (each) => each.shown ?? '—' },
          { title: t('scores'), figure: true, cell: (each) => each.scores },
          { title: t('outcome'), cell: (each) => t(`why.${each.why}`) },
        ]}
      />
      {data.findings.length === 0 ? null : <Findings findings={data.findings} />}
      {open ? (
        <>
          <TextField label={t('reason')} required value={reason} onChange={setReason} />
          <ProblemNote fault={fault} />
          <p>
            <button
              type="button"
              className="button button-first"
              disabled={busy || reason.trim().length < 2}
              onClick={() =>
                void act(() =>
                  api.registers.decideRound({ params: { id }, body: { reason } }),
                )
              }
            >
              {t('decideRound')}
            </button>
          </p>
        </>
      ) : null}
    </>
  );
}
