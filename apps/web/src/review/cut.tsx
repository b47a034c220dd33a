import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { FilePicker } from '../kernel/parts/file-picker.tsx';
import { Findings } from '../kernel/parts/findings.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';
import { startUpload } from '../kernel/uploads.ts';
import type { Asset } from '../production/media/asset.ts';
import type { FrameClock } from '../production/media/clock.ts';
import type { Player } from '../production/media/player.ts';
import type { Desk } from './desk.ts';
import { nameOf } from './naming.ts';

/** The cut of this picture; beside another version, what changed since is marked. */
export function useCut(asset: Asset, desk: Desk) {
  const against = desk.beside?.assetId;
  return useQuery(
    ask('review', 'cut', {
      params: { id: asset.id },
      query: against === undefined ? {} : { against },
    }),
  );
}

type Cut = NonNullable<ReturnType<typeof useCut>['data']>;

/** The events of a cut as a list, the one on screen marked; each leads to its first frame. */
export function CutPanel({
  asset,
  player,
  clock,
  desk,
}: {
  asset: Asset;
  player: Player;
  clock: FrameClock;
  desk: Desk;
}) {
  const { t } = useTranslation('review');
  const { can } = useSession();
  const cut = useCut(asset, desk);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const set = async (which: () => Promise<{ fileId: string; timeline?: number }>) => {
    setBusy(true);
    try {
      const given = await which();
      const { version = 0 } = cut.data ?? {};
      await api.review.setCut({ params: { id: asset.id }, body: { ...given, version } });
      setFault(null);
      await forget('review');
    } catch (caught) {
      setFault(caught);
    }
    setBusy(false);
  };
  const data = cut.data;
  return (
    <div className="stack">
      <h2>{t('cut')}</h2>
      <ProblemNote fault={fault ?? cut.error} />
      {data?.fileName == null ? (
        <p className="room-silent">{t('noCut')}</p>
      ) : (
        <p className="mono">{data.fileName}</p>
      )}
      {data?.fileId == null ? null : (
        <SequenceChoice
          cut={data}
          disabled={busy || !can('production.write')}
          onChoose={(timeline) => void set(async () => ({ fileId: data.fileId!, timeline }))}
        />
      )}
      {data === undefined ? null : <Counts counts={data.counts} />}
      <ol className="cut-list">
        {(data?.events ?? []).slice(0, 2000).map((each, index) => {
          const here = player.frame >= each.from && player.frame <= each.to;
          return (
            <li key={index}>
              <button
                type="button"
                className={`cut-event ${here ? 'cut-here' : ''}`}
                aria-current={here ? 'true' : undefined}
                onClick={() => player.show(each.from)}
              >
                <span className="mono">{nameOf(each.from, clock, desk)}</span>
                <span>{each.shot === '' ? each.name : each.shot}</span>
                <small>
                  {each.track} · {each.source}
                </small>
                {each.changes.map((kind) => (
                  <span key={kind} className={`cut-change cut-${kind}`}>
                    {t(`changes.${kind}`)}
                  </span>
                ))}
              </button>
            </li>
          );
        })}
      </ol>
      {data === undefined || data.omitted.length === 0 ? null : (
        <p>
          {t('omitted')}: {data.omitted.map((each) => each.shot).join(', ')}
        </p>
      )}
      <Findings findings={data?.findings ?? []} />
      {can('production.write') ? (
        <FilePicker
          busy={busy}
          label={t('setCut')}
          onChoose={(file) =>
            void set(async () => ({ fileId: await startUpload(file, { kind: 'hold' }) }))
          }
          accept=".edl,.otio,.otioz,.xml,.fcpxml,.aaf"
        />
      ) : null}
    </div>
  );
}

/** Which of several sequences of its file the picture shows. */
function SequenceChoice({
  cut,
  disabled,
  onChoose,
}: {
  cut: Cut;
  disabled: boolean;
  onChoose: (timeline: number) => void;
}) {
  const { t } = useTranslation('review');
  if (cut.timelines.length < 2) return null;
  return (
    <label className="field" htmlFor="cut-sequence">
      <span>{t('sequence')}</span>
      <select
        id="cut-sequence"
        className="input"
        value={cut.timeline}
        disabled={disabled}
        onChange={(event) => onChoose(Number(event.target.value))}
      >
        {cut.timelines.map((name, index) => (
          <option key={index} value={index}>
            {name === '' ? String(index + 1) : name}
          </option>
        ))}
      </select>
    </label>
  );
}

function Counts({ counts }: { counts: Cut['counts'] }) {
  const { t } = useTranslation('review');
  const rows = Object.entries(counts).filter(([, count]) => count > 0);
  if (rows.length === 0) return null;
  return <p>{rows.map(([kind, count]) => `${t(`changes.${kind}`, kind)} ${count}`).join(' · ')}</p>;
}

/** The cut along the film: a box for each event, changed ones in the colour of their change. */
export function CutStrip({
  asset,
  player,
  clock,
  desk,
}: {
  asset: Asset;
  player: Player;
  clock: FrameClock;
  desk: Desk;
}) {
  const cut = useCut(asset, desk);
  const { t } = useTranslation('review');
  const events = cut.data?.events ?? [];
  if (events.length === 0) return null;
  const part = (frames: number) => `${(frames / clock.frames) * 100}%`;
  return (
    <div className="cut-strip" role="presentation" title={t('cut')}>
      {events.slice(0, 2000).map((each, index) => (
        <span
          key={index}
          title={`${each.shot || each.name} ${each.changes.join(' ')}`}
          className={each.changes.length === 0 ? 'cut-box' : `cut-box cut-${each.changes[0]}`}
          style={{ insetInlineStart: part(each.from), inlineSize: part(each.to - each.from + 1) }}
          onClick={() => player.show(each.from)}
        />
      ))}
    </div>
  );
}
