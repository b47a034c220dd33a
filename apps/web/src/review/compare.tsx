import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../kernel/api.ts';
import type { Asset } from '../production/media/asset.ts';
import { clockOf, type FrameClock } from '../production/media/clock.ts';
import type { Beside, Desk } from './desk.ts';

const MODES = ['wipe', 'side', 'difference', 'onion'] as const;

/** The version that stands beside the one on screen. */
export function useOther(desk: Desk): { asset: Asset; clock: FrameClock } | null {
  const id = desk.beside?.assetId ?? null;
  const other = useQuery({
    ...ask('production', 'asset', { params: { id: id ?? '' } }),
    enabled: id !== null,
  });
  const { data } = other;
  return useMemo(
    () => (id === null || data === undefined ? null : { asset: data, clock: clockOf(data.media) }),
    [id, data],
  );
}

/** Chooses another version and how to see both: the versions of the subject first, newest first. */
export function CompareTools({ asset, desk }: { asset: Asset; desk: Desk }) {
  const { t } = useTranslation('review');
  const assets = useQuery(
    ask('production', 'assets', { query: { filmId: asset.filmId, limit: 200 } }),
  );
  const stack = useQuery(ask('review', 'stack', { params: { id: asset.id } }));
  const versions = (stack.data?.rows ?? []).filter((each) => each.assetId !== asset.id);
  const stacked = new Set(versions.map((each) => each.assetId));
  const others = (assets.data?.rows ?? []).filter(
    (each) =>
      each.id !== asset.id &&
      !stacked.has(each.id) &&
      (each.state === 'ready' || each.state === 'accepted'),
  );
  const { beside } = desk;
  return (
    <div className="tools" role="group" aria-label={t('compare')}>
      <label className="tools-field">
        <span>{t('beside')}</span>
        <select
          value={beside?.assetId ?? ''}
          onChange={(event) => {
            const assetId = event.target.value;
            desk.setBeside(
              assetId === '' ? null : { mode: 'wipe', offset: 0, share: 0.5, ...beside, assetId },
            );
          }}
        >
          <option value="">{t('alone')}</option>
          {versions.length === 0 ? null : (
            <optgroup label={t('versions')}>
              {versions.map((each) => (
                <option key={each.id} value={each.assetId}>
                  {each.name} v{String(each.number).padStart(3, '0')} · {each.title}
                </option>
              ))}
            </optgroup>
          )}
          {others.map((each) => (
            <option key={each.id} value={each.id}>
              {each.title}
            </option>
          ))}
        </select>
      </label>
      {beside === null ? null : <BesideTools desk={desk} beside={beside} />}
    </div>
  );
}

/** How two versions are seen together. */
function BesideTools({ desk, beside }: { desk: Desk; beside: Beside }) {
  const { t } = useTranslation('review');
  return (
    <>
      <label className="tools-field">
        <span>{t('mode')}</span>
        <select
          value={beside.mode}
          onChange={(event) =>
            desk.setBeside({
              ...beside,
              mode: MODES.find((each) => each === event.target.value) ?? 'wipe',
            })
          }
        >
          {MODES.map((each) => (
            <option key={each} value={each}>
              {t(`modes.${each}`)}
            </option>
          ))}
        </select>
      </label>
      {beside.mode === 'wipe' || beside.mode === 'onion' ? (
        <label className="tools-field">
          <span>{t('part')}</span>
          <input
            type="range"
            min={0}
            max={1}
            step={0.01}
            value={beside.share}
            onChange={(event) => desk.setBeside({ ...beside, share: Number(event.target.value) })}
          />
        </label>
      ) : null}
      <label className="tools-field">
        <span>{t('offset')}</span>
        <input
          type="number"
          className="tools-number"
          step={1}
          value={beside.offset}
          onChange={(event) =>
            desk.setBeside({ ...beside, offset: Math.round(Number(event.target.value) || 0) })
          }
        />
      </label>
    </>
  );
}
