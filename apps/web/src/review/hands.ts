import {
  type MouseEvent,
  type PointerEvent,
  type RefObject,
  useEffect,
  useRef,
  useState,
} from 'react';
import { type Desk, WHOLE, type Zoom, ZOOM_MAX } from './desk.ts';

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
  const lift = (event: PointerEvent) => void held.current.delete(event.pointerId);
  return {
    onPointerDown: (event: PointerEvent) => {
      if (desk.tool !== null && event.pointerType !== 'touch') return;
      began.current = spotOf(event.currentTarget, event);
      held.current.set(event.pointerId, began.current);
      setMoved(false);
    },
    onPointerMove: (event: PointerEvent) => {
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
    onClickCapture: (event: MouseEvent) => {
      if (moved) event.stopPropagation();
    },
  };
}
