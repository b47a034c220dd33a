import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';
import type { Asset } from '../production/media/asset.ts';
import type { LiveRoom } from './live.ts';

/** Opens, enters and leaves live rooms; in one, who is here and who leads. */
export function LivePanel({ asset, live }: { asset: Asset; live: LiveRoom | null }) {
  const { t } = useTranslation('review');
  const { can, user } = useSession();
  const navigate = useNavigate();
  const [fault, setFault] = useState<unknown>(null);
  const rooms = useQuery(ask('review', 'rooms', { query: { filmId: asset.filmId } }));
  const enter = (room: string | undefined, assetId = asset.id) =>
    void navigate({
      to: '/production/assets/$id',
      params: { id: assetId },
      search: room === undefined ? {} : { live: room },
    });
  const open = async () => {
    try {
      const room = await api.review.openRoom({ body: { assetId: asset.id } });
      await forget('review');
      enter(room.id);
    } catch (caught) {
      setFault(caught);
    }
  };
  if (live === null) {
    const running = (rooms.data?.rows ?? []).filter((each) => each.closedAt === null);
    return (
      <div className="stack">
        <h2>{t('live')}</h2>
        <p className="room-silent">{t('liveText')}</p>
        {can('production.review') ? (
          <button type="button" className="button" onClick={() => void open()}>
            {t('openRoom')}
          </button>
        ) : null}
        <ol>
          {running.map((each) => (
            <li key={each.id} className="note">
              <p>{each.title}</p>
              <small>
                {each.openedBy} · {t('peopleHere', { count: each.people })}
              </small>
              <button
                type="button"
                className="room-button"
                onClick={() => enter(each.id, each.assetId)}
              >
                {t('enter')}
              </button>
            </li>
          ))}
        </ol>
        <ProblemNote fault={fault} />
      </div>
    );
  }
  const { state, people } = live;
  const hostIsHere = people.some((each) => each.userId === state?.host);
  return (
    <div className="stack">
      <h2>
        {t('live')} <span className="count">{people.length}</span>
      </h2>
      <p role="status">{live.connected ? t('together') : t('lineDown')}</p>
      <ul className="people">
        {people.map((each) => (
          <li key={each.userId}>
            <span>
              {each.name} <small>{each.organisation}</small>
              {each.userId === state?.host ? <strong> · {t('leads')}</strong> : null}
            </span>
            {live.leads && each.userId !== user?.id ? (
              <button
                type="button"
                className="room-button"
                onClick={() => live.act({ kind: 'hand', to: each.userId })}
              >
                {t('handOver')}
              </button>
            ) : null}
          </li>
        ))}
      </ul>
      <span className="row">
        {!live.leads && !hostIsHere && can('production.review') ? (
          <button type="button" className="button" onClick={() => live.act({ kind: 'take' })}>
            {t('takeLead')}
          </button>
        ) : null}
        {live.leads ? (
          <>
            <button
              type="button"
              className="button"
              onClick={() => live.act({ kind: 'clear', frame: null })}
            >
              {t('clearAll')}
            </button>
            <button type="button" className="button" onClick={() => live.act({ kind: 'close' })}>
              {t('closeRoom')}
            </button>
          </>
        ) : null}
        <button type="button" className="button" onClick={() => enter(undefined)}>
          {t('leave')}
        </button>
      </span>
      {state?.open === false ? <p role="status">{t('closed')}</p> : null}
      <ProblemNote fault={live.fault} />
    </div>
  );
}
