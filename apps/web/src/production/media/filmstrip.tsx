import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type FrameClock, timecodeOf } from './clock.ts';
import type { Player } from './player.ts';
import type { Asset } from './asset.ts';

const PREVIEW_HALF_PX = 80;

/** Pictures along the length: moving over it shows the moment, pressing goes there. */
export function Filmstrip({
  asset,
  player,
  clock,
}: {
  asset: Asset;
  player: Player;
  clock: FrameClock;
}) {
  const { t } = useTranslation('production');
  const [over, setOver] = useState<number | null>(null);
  const { filmstrip: strip, filmstripFileId } = asset;
  if (strip === null || filmstripFileId === null || strip.tiles === 0) return null;
  const url = `url(/api/files/${filmstripFileId}?inline=1)`;
  const shown = Math.min(12, strip.tiles);
  const tile = (index: number, width: number) => {
    const scale = width / strip.tileWidth;
    return {
      inlineSize: width,
      blockSize: strip.tileHeight * scale,
      backgroundImage: url,
      backgroundSize: `${strip.columns * width}px auto`,
      backgroundPosition:
        `-${(index % strip.columns) * width}px ` +
        `-${Math.floor(index / strip.columns) * strip.tileHeight * scale}px`,
    };
  };
  const frameAtShare = (share: number) => Math.round(share * (clock.frames - 1));
  const tileAt = (frame: number) =>
    Math.min(strip.tiles - 1, Math.floor(frame / clock.framesPerSecond / strip.everySeconds));
  const share = (event: React.PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  };
  return (
    <div
      className="filmstrip"
      role="presentation"
      onPointerMove={(event) => {
        const at = share(event);
        setOver(at);
        if (event.buttons === 1) player.show(frameAtShare(at));
      }}
      onPointerDown={(event) => player.show(frameAtShare(share(event)))}
      onPointerLeave={() => setOver(null)}
    >
      {Array.from({ length: shown }, (_, index) => {
        const frame = frameAtShare((index + 0.5) / shown);
        return <Tile key={index} style={tile(tileAt(frame), strip.tileWidth)} />;
      })}
      {over === null ? null : (
        <figure
          className="filmstrip-preview"
          style={{
            insetInlineStart:
              `clamp(0px, calc(${over * 100}% - ${PREVIEW_HALF_PX}px), ` + 'calc(100% - 160px))',
          }}
        >
          <div style={tile(tileAt(frameAtShare(over)), 2 * PREVIEW_HALF_PX)} />
          <figcaption className="mono">{timecodeOf(frameAtShare(over), clock)}</figcaption>
        </figure>
      )}
      <span className="sr-only">{t('filmstrip')}</span>
    </div>
  );
}

function Tile({ style }: { style: React.CSSProperties & { inlineSize: number } }) {
  return (
    <div className="filmstrip-cell">
      <div style={style} />
    </div>
  );
}
