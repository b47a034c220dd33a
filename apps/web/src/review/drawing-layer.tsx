import {
  onGrid,
  outlineOf,
  pathText,
  type Point,
  type Shape,
  thinned,
} from '@yinglian/review/drawing';
import { type PointerEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../kernel/parts/dialog.tsx';
import type { Desk } from './desk.ts';

/** Shapes are placed on a surface of this height, whatever the picture is shown at. */
const HEIGHT = 1000;

/** One shape of a drawing. */
export function ShapeView({ shape, ratio }: { shape: Shape; ratio: number }) {
  const on = { width: HEIGHT * ratio, height: HEIGHT };
  if (shape.kind === 'text') {
    const [x, y] = shape.points[0]!;
    return (
      <text
        x={x * on.width}
        y={y * on.height}
        fill={shape.colour}
        fontSize={shape.width * HEIGHT}
        className="ink-text"
      >
        {shape.text}
      </text>
    );
  }
  return (
    <path
      d={pathText(outlineOf(shape, on))}
      stroke={shape.colour}
      fill="none"
      strokeWidth={shape.width * HEIGHT}
      strokeLinecap="round"
      strokeLinejoin="round"
    />
  );
}

/** A stroke that is still being drawn. */
export type Stroke = { readonly id: string; readonly points: readonly Point[] };

/**
 * What is drawn on the picture, and where one draws oneself: with a pen, a finger or a mouse.
 * The surface takes pointers only while a tool is chosen, so that the film stays clickable.
 */
export function DrawingLayer({
  desk,
  ratio,
  shown,
  live,
  label,
  onShape,
  onStroke,
}: {
  desk: Desk;
  /** Width of the picture for one of height. */
  ratio: number;
  shown: readonly Shape[];
  /** Strokes that others are drawing now. */
  live: readonly Shape[];
  label: string;
  onShape: (shape: Shape) => void;
  onStroke: (shape: Shape) => void;
}) {
  const surface = useRef<SVGSVGElement>(null);
  const [points, setPoints] = useState<readonly Point[]>([]);
  const [textAt, setTextAt] = useState<Point | null>(null);
  const stroke = useRef<Shape | null>(null);
  const { tool } = desk;
  const placeOf = (event: PointerEvent): Point => {
    const box = surface.current!.getBoundingClientRect();
    const x = onGrid((event.clientX - box.left) / box.width);
    const y = onGrid((event.clientY - box.top) / box.height);
    return event.pointerType === 'pen' ? [x, y, onGrid(event.pressure)] : [x, y];
  };
  const begin = (event: PointerEvent) => {
    if (tool === null || event.button !== 0) return;
    event.preventDefault();
    const at = placeOf(event);
    if (tool === 'text') {
      setTextAt(at);
      return;
    }
    surface.current?.setPointerCapture(event.pointerId);
    stroke.current = desk.newShape(tool, [at]);
    setPoints([at]);
  };
  const move = (event: PointerEvent) => {
    if (tool === null || stroke.current === null) return;
    const at = placeOf(event);
    const next = tool === 'pen' ? [...points, at] : [points[0] ?? at, at];
    setPoints(next);
    onStroke({ ...stroke.current, points: next });
  };
  const end = () => {
    const { current } = stroke;
    stroke.current = null;
    if (current === null || tool === null) return;
    setPoints([]);
    const kept = tool === 'pen' ? thinned(points) : points;
    // A figure needs two ends; a mere touch of the pen is a dot.
    if (tool !== 'pen' && kept.length < 2) return;
    onShape({ ...current, points: kept });
  };
  const drawing =
    stroke.current !== null && points.length > 0 && (tool === 'pen' || points.length > 1);
  return (
    <>
      <svg
        ref={surface}
        className={tool === null ? 'ink' : 'ink ink-on'}
        aria-hidden="true"
        viewBox={`0 0 ${HEIGHT * ratio} ${HEIGHT}`}
        preserveAspectRatio="none"
        onPointerDown={begin}
        onPointerMove={move}
        onPointerUp={end}
        onPointerCancel={end}
      >
        {[...shown, ...live].map((each) => (
          <ShapeView key={each.id} shape={each} ratio={ratio} />
        ))}
        {drawing ? <ShapeView shape={{ ...stroke.current!, points }} ratio={ratio} /> : null}
      </svg>
      <TextDialog
        label={label}
        open={textAt !== null}
        onClose={() => setTextAt(null)}
        onText={(text) => {
          if (textAt !== null) onShape(desk.newShape('text', [textAt], text));
          setTextAt(null);
        }}
      />
    </>
  );
}

const TEXT_LENGTH_MAX = 500;

/** Asks for the words that are to stand on the picture. */
function TextDialog({
  label,
  open,
  onClose,
  onText,
}: {
  label: string;
  open: boolean;
  onClose: () => void;
  onText: (text: string) => void;
}) {
  const { t } = useTranslation('review');
  const [text, setText] = useState('');
  const keep = () => {
    if (text.trim() === '') return;
    onText(text.trim());
    setText('');
  };
  return (
    <Dialog title={label} open={open} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          keep();
        }}
      >
        <input
          className="input"
          aria-label={label}
          autoFocus
          maxLength={TEXT_LENGTH_MAX}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <p>
          <button className="button button-first">{t('keepDrawing')}</button>
        </p>
      </form>
    </Dialog>
  );
}
