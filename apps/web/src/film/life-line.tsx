import { useNavigate } from '@tanstack/react-router';
import type { contract, OutputOf } from '@yinglian/contract';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../kernel/format.ts';

export type Life = OutputOf<typeof contract.film.life.result>;
export type Stage = Life['stages'][number];
type StageName = Stage['stage'];
type StageState = Stage['state'];

/** Where each stage of the life is worked on. */
export const STAGE_PAGES = {
  shoot: '/production', ingest: '/production', review: '/production', master: '/production',
  package: '/distribution', keys: '/distribution/keys', show: '/distribution/readiness',
  report: '/exhibition/reports', settle: '/settlement',
} as const satisfies Record<StageName, string>;

const WIDE_FROM_PX = 860;
const STEP_DOWN = 84;
const RADIUS = 15;

/** The film's life as one line: what is done, running, late, failed, and what has not begun. */
export function LifeLine({ life }: { life: Life }) {
  const { t } = useTranslation('film');
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0));
    if (frame.current !== null) observer.observe(frame.current);
    return () => observer.disconnect();
  }, []);
  const wide = width >= WIDE_FROM_PX;
  const { stages } = life;
  const reached = stages.findLastIndex((each) => each.state !== 'empty');
  const height = wide ? 156 : stages.length * STEP_DOWN;
  const placeOf = (index: number) => (wide
    ? { x: (width / stages.length) * (index + 0.5), y: 36 }
    : { x: 26, y: 34 + index * STEP_DOWN });
  return (
    <div ref={frame} className="life" role="group" aria-label={t('life.label')}>
      {width === 0 ? null : (
        <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
          {stages.slice(1).map((stage, index) => (
            <Stretch key={stage.stage} from={placeOf(index)} to={placeOf(index + 1)}
              before={stages[index]!.state} after={stage.state} />
          ))}
          {stages.map((stage, index) => (
            <Station key={stage.stage} stage={stage} at={placeOf(index)} wide={wide}
              passed={index < reached} />
          ))}
        </svg>
      )}
    </div>
  );
}

type Point = { x: number; y: number };

function Stretch({ from, to, before, after }: {
  from: Point; to: Point; before: StageState; after: StageState;
}) {
  const travelled = before === 'done' && after !== 'empty';
  return (
    <line x1={from.x} y1={from.y} x2={to.x} y2={to.y}
      className={travelled ? 'life-line life-line-done' : 'life-line'} />
  );
}

function Station({ stage, at, wide, passed }: {
  stage: Stage; at: Point; wide: boolean;
  /** The film has gone on beyond this stage. */
  passed: boolean;
}) {
  const { t } = useTranslation('film');
  const format = useFormat();
  const navigate = useNavigate();
  const to = STAGE_PAGES[stage.stage];
  const name = t(`stage.${stage.stage}`);
  // What is behind the film and has no record was done elsewhere, or left out.
  const state = t(`stageState.${stage.state === 'empty' && passed ? 'passed' : stage.state}`);
  const counted = stage.count === 0 ? '' : t(`stageCount.${stage.stage}`, { count: stage.count });
  const when = stage.at === null ? '' : format.shortDay(stage.at);
  const text = wide ? { x: at.x, anchor: 'middle' as const, top: at.y + 42 }
    : { x: at.x + 36, anchor: 'start' as const, top: at.y - 6 };
  return (
    <a href={to} className={`life-stage life-${stage.state}`}
      aria-label={[name, state, counted, when].filter(Boolean).join(', ')}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey) return;
        event.preventDefault();
        void navigate({ to });
      }}>
      <rect className="life-touch" x={wide ? at.x - 42 : 0} y={wide ? at.y - 34 : at.y - 30}
        width={wide ? 84 : 320} height={wide ? 144 : 74} rx="10" />
      <Shape state={stage.state} at={at} />
      <text x={text.x} y={text.top} textAnchor={text.anchor} className="life-name">{name}</text>
      <text x={text.x} y={text.top + 21} textAnchor={text.anchor} className="life-state">
        {wide || counted === '' ? state : `${state} · ${counted}`}
      </text>
      {wide ? (
        <>
          <text x={text.x} y={text.top + 40} textAnchor={text.anchor} className="life-count">
            {counted}
          </text>
          <text x={text.x} y={text.top + 58} textAnchor={text.anchor} className="life-count">
            {when}
          </text>
        </>
      ) : null}
    </a>
  );
}

/** A state has a shape of its own, so that it is read without colour too. */
function Shape({ state, at: { x, y } }: { state: StageState; at: Point }) {
  const r = RADIUS;
  switch (state) {
    case 'done':
      return (
        <>
          <circle cx={x} cy={y} r={r} className="life-fill" />
          <path d={`M${x - 6} ${y + 0.5}l4.5 4.5 8-9.5`} className="life-sign" />
        </>
      );
    case 'running':
      return (
        <>
          <circle cx={x} cy={y} r={r} className="life-ground" />
          <path className="life-turning" style={{ transformOrigin: `${x}px ${y}px` }}
            d={`M${x} ${y - r}a${r} ${r} 0 0 1 ${r} ${r}`} />
          <circle cx={x} cy={y} r="5" className="life-lamp" />
        </>
      );
    case 'late':
      return (
        <>
          <path d={`M${x} ${y - r - 3}l${r + 3} ${r + 3}-${r + 3} ${r + 3}-${r + 3}-${r + 3}z`}
            className="life-fill" />
          <path d={`M${x} ${y - 7}v8M${x} ${y + 6}v0.1`} className="life-sign" />
        </>
      );
    case 'failed':
      return (
        <>
          <rect x={x - r} y={y - r} width={2 * r} height={2 * r} rx="4" className="life-fill" />
          <path d={`M${x - 5} ${y - 5}l10 10M${x + 5} ${y - 5}l-10 10`} className="life-sign" />
        </>
      );
    case 'empty':
      return <circle cx={x} cy={y} r="9" className="life-ground" />;
  }
}
