import { useTranslation } from 'react-i18next';
import type { ShapeKind } from '@yinglian/review/drawing';
import {
  COLOURS,
  type Desk,
  isPlain,
  type Look,
  MASKS,
  PLAIN,
  WHOLE,
  WIDTHS,
  ZOOM_MAX,
} from './desk.ts';

/** Pen, arrow, box …: each with its letter, so that a hand may stay on the keyboard. */
export const TOOLS = [
  ['pen', 'p', 'M4 16c3-9 7-11 9-9s-3 5-1 7 4-1 5-2'],
  ['arrow', 'a', 'M4 16L16 4M9 4h7v7'],
  ['line', 'e', 'M4 16L16 4'],
  ['box', 'b', 'M4 5h12v10H4z'],
  ['ellipse', 'c', 'M10 4c4 0 7 2.7 7 6s-3 6-7 6-7-2.7-7-6 3-6 7-6z'],
  ['text', 't', 'M4 5h12M10 5v11M8 16h4'],
] as const satisfies readonly (readonly [ShapeKind, string, string])[];

/** What one draws with. */
export function DrawingTools({
  desk,
  onUndo,
  onClear,
  onKeep,
}: {
  desk: Desk;
  onUndo: () => void;
  onClear: () => void;
  onKeep?: (() => void) | undefined;
}) {
  const { t } = useTranslation('review');
  return (
    <div className="tools" role="group" aria-label={t('draw')}>
      {TOOLS.map(([kind, key, path]) => (
        <button
          key={kind}
          type="button"
          className="room-button"
          aria-pressed={desk.tool === kind}
          title={`${t(`tool.${kind}`)} (${key.toUpperCase()})`}
          aria-label={t(`tool.${kind}`)}
          onClick={() => desk.setTool(desk.tool === kind ? null : kind)}
        >
          <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
            <path d={path} fill="none" stroke="currentColor" strokeWidth="1.8" />
          </svg>
        </button>
      ))}
      <span className="tools-colours" role="group" aria-label={t('colour')}>
        {COLOURS.map((each, index) => (
          <button
            key={each}
            type="button"
            className="tools-colour"
            style={{ background: each }}
            aria-pressed={desk.colour === each}
            aria-label={t(`colours.${index}`)}
            onClick={() => desk.setColour(each)}
          />
        ))}
      </span>
      <label className="tools-field">
        <span>{t('width')}</span>
        <select value={desk.width} onChange={(event) => desk.setWidth(Number(event.target.value))}>
          {WIDTHS.map((each, index) => (
            <option key={each} value={each}>
              {t(`widths.${index}`)}
            </option>
          ))}
        </select>
      </label>
      <button type="button" className="room-button" onClick={onUndo}>
        {t('undo')}
      </button>
      <button type="button" className="room-button" disabled={!desk.canRedo} onClick={desk.redo}>
        {t('redo')}
      </button>
      <button type="button" className="room-button" onClick={onClear}>
        {t('clear')}
      </button>
      {onKeep === undefined ? null : (
        <button type="button" className="room-button" onClick={onKeep}>
          {t('keepDrawing')}
        </button>
      )}
    </div>
  );
}

const CHANNELS = ['all', 'red', 'green', 'blue', 'luma'] as const;

/** What the picture is looked at through, its masks, and how frames are called. */
export function LookTools({ desk }: { desk: Desk }) {
  const { t } = useTranslation('review');
  return (
    <div className="tools" role="group" aria-label={t('look')}>
      <GradeTools desk={desk} />
      <GuideTools desk={desk} />
      <PlaceTools desk={desk} />
    </div>
  );
}

/** Channels and light. */
function GradeTools({ desk }: { desk: Desk }) {
  const { t } = useTranslation('review');
  const { look } = desk;
  const set = (change: Partial<Look>) => desk.setLook({ ...look, ...change });
  return (
    <>
      <label className="tools-field">
        <span>{t('channel')}</span>
        <select
          value={look.channel}
          onChange={(event) => set({ channel: event.target.value as Look['channel'] })}
        >
          {CHANNELS.map((each) => (
            <option key={each} value={each}>
              {t(`channels.${each}`)}
            </option>
          ))}
        </select>
      </label>
      <label className="tools-field">
        <span>{t('exposure')}</span>
        <input
          type="range"
          min={-4}
          max={4}
          step={0.25}
          value={look.exposure}
          aria-valuetext={t('stops', { stops: look.exposure })}
          onChange={(event) => set({ exposure: Number(event.target.value) })}
        />
      </label>
      <label className="tools-field">
        <span>{t('gamma')}</span>
        <input
          type="range"
          min={0.4}
          max={2.6}
          step={0.1}
          value={look.gamma}
          onChange={(event) => set({ gamma: Number(event.target.value) })}
        />
      </label>
      <label className="tools-check">
        <input
          type="checkbox"
          checked={look.falseColour}
          onChange={(event) => set({ falseColour: event.target.checked })}
        />
        {t('falseColour')}
      </label>
      <button
        type="button"
        className="room-button"
        disabled={isPlain(look)}
        onClick={() => desk.setLook(PLAIN)}
      >
        {t('plain')}
      </button>
    </>
  );
}

/** Masks, areas, and the sound of each frame. */
function GuideTools({ desk }: { desk: Desk }) {
  const { t } = useTranslation('review');
  return (
    <>
      <label className="tools-field">
        <span>{t('mask')}</span>
        <select value={desk.mask} onChange={(event) => desk.setMask(event.target.value)}>
          {MASKS.map((each) => (
            <option key={each} value={each}>
              {each === 'none' ? t('noMask') : each}
            </option>
          ))}
        </select>
      </label>
      <label className="tools-check">
        <input
          type="checkbox"
          checked={desk.areas}
          onChange={(event) => desk.setAreas(event.target.checked)}
        />
        {t('safeAreas')}
      </label>
      <label className="tools-check">
        <input
          type="checkbox"
          checked={desk.scrub}
          onChange={(event) => desk.setScrub(event.target.checked)}
        />
        {t('audioScrub')}
      </label>
    </>
  );
}

/** How close one looks, and how frames are called. */
function PlaceTools({ desk }: { desk: Desk }) {
  const { t } = useTranslation('review');
  return (
    <>
      <span className="tools-field">
        <button
          type="button"
          className="room-button"
          aria-label={t('smaller')}
          onClick={() => zoomBy(desk, 1 / 1.5)}
        >
          −
        </button>
        <output>{Math.round(desk.zoom.scale * 100)}%</output>
        <button
          type="button"
          className="room-button"
          aria-label={t('larger')}
          onClick={() => zoomBy(desk, 1.5)}
        >
          +
        </button>
        <button type="button" className="room-button" onClick={() => desk.setZoom(WHOLE)}>
          {t('whole')}
        </button>
      </span>
      <label className="tools-field">
        <span>{t('naming')}</span>
        <select
          value={desk.naming}
          onChange={(event) => desk.setNaming(event.target.value as Desk['naming'])}
        >
          {(['timecode', 'frames', 'show'] as const).map((each) => (
            <option key={each} value={each}>
              {t(`namings.${each}`)}
            </option>
          ))}
        </select>
      </label>
      {desk.naming === 'show' ? (
        <label className="tools-field">
          <span>{t('firstFrame')}</span>
          <input
            type="number"
            className="tools-number"
            value={desk.first}
            step={1}
            onChange={(event) => desk.setFirst(Math.round(Number(event.target.value) || 0))}
          />
        </label>
      ) : null}
    </>
  );
}

/** Closer or farther, about the middle of what is seen. */
export function zoomBy(desk: Desk, factor: number): void {
  const { zoom } = desk;
  const scale = Math.min(ZOOM_MAX, Math.max(1, zoom.scale * factor));
  if (scale === 1) desk.setZoom(WHOLE);
  else desk.setZoom({ scale, x: (zoom.x * scale) / zoom.scale, y: (zoom.y * scale) / zoom.scale });
}

/** A part of the picture between bars of another shape, and the areas that every screen shows. */
export function Guides({ desk, ratio }: { desk: Desk; ratio: number }) {
  const [above = Number.NaN, below = 1] = desk.mask.split(':').map(Number);
  const wanted = above / below;
  const masked = Number.isFinite(wanted) && wanted > 0;
  const across = masked && wanted < ratio ? (1 - wanted / ratio) / 2 : 0;
  const down = masked && wanted > ratio ? (1 - ratio / wanted) / 2 : 0;
  return (
    <>
      {masked ? (
        <div
          className="mask"
          aria-hidden="true"
          style={{
            borderInlineWidth: `calc(var(--stage-width) * ${across})`,
            borderBlockWidth: `calc(var(--stage-width) * ${down / ratio})`,
          }}
        />
      ) : null}
      {desk.areas ? (
        <svg className="areas" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
          {/* 93 and 90 per cent: action and title safe of EBU R 95 and SMPTE ST 2046-1. */}
          <rect x="3.5" y="3.5" width="93" height="93" />
          <rect x="5" y="5" width="90" height="90" />
          <path d="M50 47v6M48.5 50h3" />
        </svg>
      ) : null}
    </>
  );
}
