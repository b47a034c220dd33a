import { useQuery } from '@tanstack/react-query';
import type { contract, ResultOf } from '@yinglian/contract';
import dayjs from 'dayjs';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { Findings } from '../kernel/parts/findings.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';

type Booking = ResultOf<typeof contract.bookings.list>['rows'][number];
type Action = Booking['actions'][number];
type Answer = ResultOf<typeof contract.bookings.decide>;

const CINEMA_ACTIONS: readonly Action[] = ['accept', 'decline'];
const SHOWN: readonly Action[] = [
  'accept', 'decline', 'confirm', 'withdraw', 'hold_over', 'move', 'cancel',
];

/** Does one thing to some bookings: the cinema's answers and the distributor's decisions. */
async function act(
  action: Action, bookingIds: string[], asCinema: boolean,
  more: { to?: string; screenIds?: string[] } = {},
) {
  const body = { bookingIds, ...more };
  if (CINEMA_ACTIONS.includes(action) || (asCinema && ['cancel', 'move'].includes(action))) {
    return api.bookings.answer({ body: { ...body, action: action as 'accept' } });
  }
  return api.bookings.decide({ body: { ...body, action: action as 'confirm' } });
}

/** Bookings of a release or of one's cinemas, with what one may do to each and to all shown. */
export function Bookings({ releaseId, filmId, empty }: {
  releaseId?: string; filmId?: string | undefined; empty: React.ReactNode;
}) {
  const { t } = useTranslation('release');
  const { can } = useSession();
  const asCinema = !can('distribution.release');
  const [answer, setAnswer] = useState<Answer>();
  const [fault, setFault] = useState<unknown>(null);
  const [holding, setHolding] = useState<Booking>();
  const [moving, setMoving] = useState<Booking>();
  const [shown, setShown] = useState<readonly Booking[]>([]);
  const mayDo = (action: Action) =>
    (CINEMA_ACTIONS.includes(action) ? can('exhibition.book') : true);
  const run = async (
    action: Action, ids: string[], more: { to?: string; screenIds?: string[] } = {},
  ) => {
    try {
      setAnswer(await act(action, ids, asCinema, more));
      setFault(null);
      setHolding(undefined);
      setMoving(undefined);
      await forget('bookings', 'releases', 'shows', 'keys');
    } catch (caught) {
      setFault(caught);
    }
  };
  const begin = (action: Action, booking: Booking) => {
    if (action === 'hold_over') setHolding(booking);
    else if (action === 'move') setMoving(booking);
    else void run(action, [booking.id]);
  };
  return (
    <>
      <BulkActions rows={shown} mayDo={mayDo} onAct={(action, ids) => void run(action, ids)} />
      <Outcome answer={answer} />
      <ProblemNote fault={fault} />
      <Paged label={t('bookings')} name={['bookings', 'list', releaseId, filmId]}
        load={async (after, signal) => {
          const page = await api.bookings.list({ query: {
            limit: 200, ...(after === undefined ? {} : { after }),
            ...(releaseId === undefined ? {} : { releaseId }),
            ...(filmId === undefined ? {} : { filmId }),
          }, signal });
          setShown((before) => (after === undefined ? page.rows : [...before, ...page.rows]));
          return page;
        }}
        keyOf={(each) => each.id} empty={empty}
        columns={[
          { title: t('cinema'), head: true, cell: (each) => (
            <>{each.cinemaName}<small>{each.circuitName ?? each.city ?? ''}</small></>
          ) },
          { title: t('film'), cell: (each) => <>{each.filmTitle} <small>{each.format}</small></> },
          { title: t('screens'), cell: (each) => each.screens.map((one) => one.name).join('、') },
          { title: t('days'), cell: (each) => `${each.from} – ${each.to}` },
          { title: t('state'), cell: (each) => t(`bookingState.${each.state}`) },
          { title: t('conflicts'), cell: (each) => (
            <Conflicts findings={each.conflicts} />
          ) },
          { title: '', cell: (each) => (
            <div className="booking-acts">
              {SHOWN.filter((action) => each.actions.includes(action) && mayDo(action))
                .map((action) => (
                  <button key={action} type="button" className="button"
                    onClick={() => begin(action, each)}>{t(`act.${action}`)}</button>
                ))}
            </div>
          ) },
        ]} />
      <HoldOver booking={holding} onClose={() => setHolding(undefined)}
        onHold={(booking, to) => void run('hold_over', [booking.id], { to })} />
      {moving === undefined ? null : (
        <Move key={moving.id} booking={moving} onClose={() => setMoving(undefined)}
          onMove={(screenIds) => void run('move', [moving.id], { screenIds })} />
      )}
    </>
  );
}

/** Folded: a circuit's list is read for its answers first. */
function Conflicts({ findings }: { findings: Booking['conflicts'] }) {
  if (findings.length === 0) return '—';
  const errors = findings.filter((each) => each.severity === 'error').length;
  return (
    <details>
      <summary className={`light light-${errors > 0 ? 'red' : 'amber'}`}>
        <Icon name={errors > 0 ? 'cross' : 'warning'} size={14} />{findings.length}
      </summary>
      <Findings findings={findings} />
    </details>
  );
}

function BulkActions({ rows, mayDo, onAct }: {
  rows: readonly Booking[]; mayDo: (action: Action) => boolean;
  onAct: (action: Action, ids: string[]) => void;
}) {
  const { t } = useTranslation('release');
  return (
    <div className="booking-acts">
      {(['accept', 'confirm'] as const).map((action) => {
        const ids = rows.filter((each) => each.actions.includes(action)).map((each) => each.id);
        return ids.length < 2 || !mayDo(action) ? null : (
          <button key={action} type="button" className="button button-first"
            onClick={() => onAct(action, ids)}>
            {t('actAll', { action: t(`act.${action}`), count: ids.length })}
          </button>
        );
      })}
    </div>
  );
}

function Outcome({ answer }: { answer: Answer | undefined }) {
  const { t } = useTranslation('release');
  if (answer === undefined) return null;
  return (
    <div role="status">
      <p>{t('changed', { count: answer.changed })}{answer.refused.length === 0
        ? '' : ` · ${t('refused', { count: answer.refused.length })}`}</p>
      <Findings findings={answer.refused.flatMap((each) => each.findings)} />
    </div>
  );
}

function HoldOver({ booking, onClose, onHold }: {
  booking: Booking | undefined; onClose: () => void; onHold: (booking: Booking, to: string) => void;
}) {
  const { t } = useTranslation('release');
  const [to, setTo] = useState<string>();
  const day = to ?? (booking === undefined
    ? '' : dayjs(booking.to).add(7, 'day').format('YYYY-MM-DD'));
  return (
    <Dialog title={t('act.hold_over')} open={booking !== undefined} onClose={onClose} actions={
      <button type="button" className="button button-first" disabled={day === ''}
        onClick={() => (booking === undefined ? undefined : onHold(booking, day))}>
        {t('act.hold_over')}
      </button>
    }>
      <label className="field"><span>{t('holdTo')}</span>
        <input type="date" value={day} onChange={(event) => setTo(event.target.value)} />
      </label>
    </Dialog>
  );
}

/** Other screens of the same cinema; keys follow by themselves. */
function Move({ booking, onClose, onMove }: {
  booking: Booking; onClose: () => void; onMove: (screenIds: string[]) => void;
}) {
  const { t } = useTranslation('release');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(
    () => new Set(booking.screens.map((each) => each.id)),
  );
  const screens = useQuery(ask('exhibition', 'screens', {
    query: { cinemaId: booking.cinemaId, limit: 200 },
  }));
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  return (
    <Dialog title={`${t('act.move')} · ${booking.cinemaName}`} open onClose={onClose} actions={
      <button type="button" className="button button-first" disabled={chosen.size === 0}
        onClick={() => onMove([...chosen])}>{t('act.move')}</button>
    }>
      <ProblemNote fault={screens.error} />
      <fieldset className="stack move-screens">
        <legend className="sr-only">{t('screens')}</legend>
        {(screens.data?.rows ?? []).map((each) => (
          <label key={each.id} className="row">
            <input type="checkbox" checked={chosen.has(each.id)}
              onChange={() => toggle(each.id)} />
            <span>{each.name}</span>
          </label>
        ))}
      </fieldset>
    </Dialog>
  );
}
