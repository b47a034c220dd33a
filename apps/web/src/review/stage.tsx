import type { Shape } from '@yinglian/review/drawing';
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import type { Asset } from '../production/media/asset.ts';
import type { FrameClock } from '../production/media/clock.ts';
import type { PlayedMedia } from '../production/media/decoded-media.ts';
import { type Player, usePlayer } from '../production/media/player.ts';
import { Screen } from '../production/media/screen.tsx';
import { type Desk, isPlain, WHOLE, type Zoom, ZOOM_MAX } from './desk.ts';
import { DrawingLayer } from './drawing-layer.tsx';
import { GradedView } from './graded-view.tsx';
import { Guides } from './tools.tsx';

/** Width of a picture for one of height; what is not known yet is taken for HD. */
export function ratioOf(asset: Pick<Asset, 'media'>): number {
  const video = asset.media?.video;
  return video == null || video.height === 0 ? 16 / 9 : video.width / video.height;
}

type StageParts = {
  asset: Asset;
  /** The version beside it. */
  other: { asset: Asset; clock: FrameClock } | null;
  media: RefObject<PlayedMedia | null>;
  player: Player;
  clock: FrameClock;
  desk: Desk;
  shown: readonly Shape[];
  live: readonly Shape[];
  label: string;
  onShape: (shape: Shape) => void;
  onStroke: (shape: Shape) => void;
  children?: ReactNode;
};

/** The picture with everything that lies over it, as close as one wants to look. */
export function Stage({
  asset,
  other,
  media,
  player,
  clock,
  desk,
  shown,
  live,
  label,
  onShape,
  onStroke,
  children,
}: StageParts) {
  const one = useRef<HTMLDivElement>(null);
  const two = useRef<HTMLDivElement>(null);
  const ratio = ratioOf(asset);
  const { zoom } = desk;
  const place = useRef<HTMLDivElement>(null);
  const hands = useHands(desk, place);
  const graded = !isPlain(desk.look) || (other !== null && desk.beside !== null);
  return (
    <div
      ref={place}
      className={zoom.scale > 1 ? 'stage stage-close' : 'stage'}
      style={{ '--ratio': ratio } as React.CSSProperties}
      {...hands}
    >
      <div
        className="stage-whole"
        style={{
          transform: `translate(${zoom.x}px, ${zoom.y}px) scale(${zoom.scale})`,
        }}
      >
        <div className="stage-one" ref={one}>
          <Screen asset={asset} media={media} player={player} clock={clock} />
        </div>
        {other === null ? null : (
          <div className="stage-two" ref={two}>
            <Second
              asset={other.asset}
              clock={other.clock}
              player={player}
              offset={desk.beside?.offset ?? 0}
            />
          </div>
        )}
        {graded ? <GradedView one={one} two={two} look={desk.look} beside={desk.beside} /> : null}
        <Guides desk={desk} ratio={ratio} />
        <DrawingLayer
          desk={desk}
          ratio={ratio}
          shown={shown}
          live={live}
          label={label}
          onShape={onShape}
          onStroke={onStroke}
        />
        {children}
      </div>
    </div>
  );
}

/** The other version, always as many frames ahead as one wants, silent. */
function Second({
  asset,
  clock,
  player,
  offset,
}: {
  asset: Asset;
  clock: FrameClock;
  player: Player;
  offset: number;
}) {
  const media = useRef<PlayedMedia>(null);
  const own = usePlayer(media, clock);
  const latest = useRef(own);
  latest.current = own;
  const { frame, speed } = player;
  useEffect(() => {
    const { current } = media;
    if (current instanceof HTMLMediaElement) current.muted = true;
    const wanted = frame + offset;
    if (speed <= 0 || Math.abs(latest.current.frame - wanted) > 1) latest.current.show(wanted);
    if (latest.current.speed !== Math.max(0, speed)) latest.current.run(Math.max(0, speed));
  }, [frame, speed, offset]);
  return <Screen asset={asset} media={media} player={own} clock={clock} />;
}

/** A hand trembles by less; more is a drag of the picture. */
const DRAG_FROM_PX = 3;
/** Of each notch of a wheel. */
const WHEEL_FACTOR = 1.15;

type Spot = { readonly x: number; readonly y: number };

/** Closer by a factor, about a place of the stage, which stays where it is. */
function zoomAbout(zoom: Zoom, factor: number, about: Spot): Zoom {
  const scale = Math.min(ZOOM_MAX, Math.max(1, zoom.scale * factor));
  if (scale === 1) return WHOLE;
  const grown = scale / zoom.scale;
  return {
    scale,
    x: about.x - (about.x - zoom.x) * grown,
    y: about.y - (about.y - zoom.y) * grown,
  };
}

/** A place on the stage as its way from the middle. */
function spotOf(stage: Element, event: { clientX: number; clientY: number }): Spot {
  const box = stage.getBoundingClientRect();
  return {
    x: event.clientX - box.left - box.width / 2,
    y: event.clientY - box.top - box.height / 2,
  };
}

/** Wheel, drag and two fingers move the picture while no tool draws on it. */
export function useHands(desk: Desk, stage: RefObject<HTMLDivElement | null>) {
  const held = useRef(new Map<number, Spot>());
  const began = useRef<Spot | null>(null);
  const [moved, setMoved] = useState(false);
  const latest = useRef(desk);
  latest.current = desk;
  useEffect(() => {
    const element = stage.current;
    // The page is told passively of wheels, and would zoom itself with Ctrl.
    const turn = (event: WheelEvent) => {
      const { zoom, setZoom } = latest.current;
      if (!event.ctrlKey && zoom.scale === 1) return;
      event.preventDefault();
      const factor = event.deltaY < 0 ? WHEEL_FACTOR : 1 / WHEEL_FACTOR;
      setZoom(zoomAbout(zoom, factor, spotOf(element!, event)));
    };
    element?.addEventListener('wheel', turn, { passive: false });
    return () => element?.removeEventListener('wheel', turn);
  }, [stage]);
  const { zoom } = desk;
  const distance = (one?: Spot, other?: Spot) =>
    one === undefined || other === undefined ? 0 : Math.hypot(one.x - other.x, one.y - other.y);
  const lift = (event: React.PointerEvent) => void held.current.delete(event.pointerId);
  return {
    onPointerDown: (event: React.PointerEvent) => {
      if (desk.tool !== null && event.pointerType !== 'touch') return;
      began.current = spotOf(event.currentTarget, event);
      held.current.set(event.pointerId, began.current);
      setMoved(false);
    },
    onPointerMove: (event: React.PointerEvent) => {
      const before = held.current.get(event.pointerId);
      if (before === undefined) return;
      const wide = distance(...held.current.values());
      const at = spotOf(event.currentTarget, event);
      held.current.set(event.pointerId, at);
      const [one, other] = [...held.current.values()];
      if (one !== undefined && other !== undefined && wide > 0) {
        setMoved(true);
        const middle = { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
        desk.setZoom(zoomAbout(zoom, distance(one, other) / wide, middle));
      } else if (other === undefined && zoom.scale > 1 && desk.tool === null) {
        if (!moved && distance(began.current ?? at, at) < DRAG_FROM_PX) return;
        setMoved(true);
        event.currentTarget.setPointerCapture(event.pointerId);
        desk.setZoom({ ...zoom, x: zoom.x + at.x - before.x, y: zoom.y + at.y - before.y });
      }
    },
    onPointerUp: lift,
    onPointerCancel: lift,
    // What was a drag of the picture is no click on it.
    onClickCapture: (event: React.MouseEvent) => {
      if (moved) event.stopPropagation();
    },
  };
}
