import { accepted, finding, type Finding, type Outcome, refused } from '@yinglian/core';

/**
 * What somebody drew on a frame, as vectors in parts of the picture: 0, 0 is its top left corner,
 * 1, 1 its bottom right, whatever it is shown or encoded at. So a drawing survives another proxy.
 */

/** x, y and, from a pen that feels it, the pressure; all from 0 to 1. */
export type Point =
  | readonly [x: number, y: number]
  | readonly [x: number, y: number, pressure: number];

/** What can be drawn. */
export const SHAPE_KINDS = Object.freeze([
  'pen',
  'line',
  'arrow',
  'box',
  'ellipse',
  'text',
] as const);
/** One of {@link SHAPE_KINDS}. */
export type ShapeKind = (typeof SHAPE_KINDS)[number];

/** One stroke of the pen, or one figure. */
export type Shape = {
  /** Made by whoever draws, so that a repeated request draws nothing twice. */
  readonly id: string;
  readonly kind: ShapeKind;
  /** A pen has many points, a text one, the others two corners or ends. */
  readonly points: readonly Point[];
  /** `#rrggbb` */
  readonly colour: string;
  /** Of the line (or of the letters of a text), in parts of the picture's height. */
  readonly width: number;
  readonly text?: string | undefined;
};

/** All shapes on a frame or range, the first at the bottom. */
export type Drawing = { readonly shapes: readonly Shape[] };

/** Shapes of one drawing; more is no remark. */
export const SHAPES_MAX = 500;
/** Points of one stroke; a pen gives about 120 a second. */
export const POINTS_MAX = 4000;
/** Letters of a text on the picture. */
export const SHAPE_TEXT_MAX = 500;
/** Steps over the picture: finer than any picture's pixels, and five digits in JSON. */
const STEPS = 100_000;
const WIDTH_MAX = 0.5;
const ID = /^[\w-]{1,64}$/;
const COLOUR = /^#[0-9a-f]{6}$/i;
const ENDS: Readonly<Record<ShapeKind, readonly [least: number, most: number]>> = {
  pen: [1, POINTS_MAX],
  line: [2, 2],
  arrow: [2, 2],
  box: [2, 2],
  ellipse: [2, 2],
  text: [1, 1],
};

/** A number on the grid of the picture, inside it. */
export function onGrid(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * STEPS) / STEPS;
}

/** Reads what claims to be a drawing: unknown members are left out, points are put on the grid. */
export function readDrawing(value: unknown): Outcome<Drawing> {
  const shapes = (value as { shapes?: unknown } | null)?.shapes;
  if (!Array.isArray(shapes)) return refused(finding('invalid_drawing', 'error'));
  if (shapes.length > SHAPES_MAX) {
    const facts = { count: shapes.length, limit: SHAPES_MAX };
    return refused(finding('excessive_shapes', 'error', { facts }));
  }
  const read: Shape[] = [];
  const seen = new Set<string>();
  for (const [index, each] of shapes.entries()) {
    const shape = readShape(each, index);
    if (!shape.ok) return shape;
    if (seen.has(shape.value.id)) {
      return refused(finding('repeated_shape', 'error', { at: { shape: index } }));
    }
    seen.add(shape.value.id);
    read.push(shape.value);
  }
  return accepted({ shapes: read });
}

/** Reads one shape; `index` is its place, for findings. */
export function readShape(value: unknown, index = 0): Outcome<Shape> {
  const wrong = (part: string): Outcome<Shape> => refused(invalid(index, part));
  if (typeof value !== 'object' || value === null) return wrong('shape');
  const { id, kind, points, colour, width, text } = value as Record<string, unknown>;
  if (typeof id !== 'string' || !ID.test(id)) return wrong('id');
  const known = SHAPE_KINDS.find((each) => each === kind);
  if (known === undefined) return wrong('kind');
  if (typeof colour !== 'string' || !COLOUR.test(colour)) return wrong('colour');
  if (typeof width !== 'number' || !(width > 0 && width <= WIDTH_MAX)) return wrong('width');
  const [least, most] = ENDS[known];
  if (!Array.isArray(points) || points.length < least || points.length > most) {
    return wrong('points');
  }
  const placed: Point[] = [];
  for (const each of points as unknown[]) {
    const point = readPoint(each);
    if (point === undefined) return wrong('points');
    placed.push(point);
  }
  const shape = { id, kind: known, points: placed, colour: colour.toLowerCase(), width };
  if (known !== 'text') return accepted(shape);
  if (typeof text !== 'string' || text.trim() === '' || text.length > SHAPE_TEXT_MAX) {
    return wrong('text');
  }
  return accepted({ ...shape, text });
}

function readPoint(value: unknown): Point | undefined {
  if (!Array.isArray(value) || value.length < 2 || value.length > 3) return undefined;
  const numbers = value as unknown[];
  if (!numbers.every((each) => typeof each === 'number' && Number.isFinite(each))) return undefined;
  const [x, y, pressure] = (numbers as number[]).map(onGrid) as [number, number, number?];
  return pressure === undefined ? [x, y] : [x, y, pressure];
}

function invalid(index: number, part: string): Finding {
  return finding('invalid_shape', 'error', { facts: { part }, at: { shape: index } });
}

/** How far a point may lie beside the line that is drawn without it: half a pixel of HD. */
const BESIDE_MAX = 0.0005;

/**
 * A stroke without the points that nobody would miss (Ramer, Douglas and Peucker), its ends kept.
 * The loop has a stack of its own: a stroke may have thousands of points.
 */
export function thinned(points: readonly Point[], beside = BESIDE_MAX): Point[] {
  if (points.length < 3) return [...points];
  const kept = new Uint8Array(points.length);
  kept[0] = kept[points.length - 1] = 1;
  const spans: [from: number, to: number][] = [[0, points.length - 1]];
  for (let span = spans.pop(); span !== undefined; span = spans.pop()) {
    const [from, to] = span;
    let farthest = beside;
    let at = -1;
    for (let i = from + 1; i < to; i++) {
      const distance = distanceTo(points[i]!, points[from]!, points[to]!);
      if (distance > farthest) [farthest, at] = [distance, i];
    }
    if (at === -1) continue;
    kept[at] = 1;
    spans.push([from, at], [at, to]);
  }
  return points.filter((_, index) => kept[index] === 1);
}

function distanceTo(point: Point, from: Point, to: Point): number {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = dx * dx + dy * dy;
  const along =
    length === 0
      ? 0
      : Math.min(1, Math.max(0, ((point[0] - from[0]) * dx + (point[1] - from[1]) * dy) / length));
  return Math.hypot(point[0] - from[0] - along * dx, point[1] - from[1] - along * dy);
}

/** A picture's size in whatever unit its drawing is wanted in. */
export type Surface = { readonly width: number; readonly height: number };

/** One piece of a path: a move, a line, a curve with two handles, or the way back. */
export type Segment =
  | readonly ['M' | 'L', x: number, y: number]
  | readonly ['C', ax: number, ay: number, bx: number, by: number, x: number, y: number]
  | readonly ['Z'];

const ARROW_HEAD = 4;
const ARROW_ANGLE = 0.45;
/** Handles of a quarter of an ellipse, in parts of its radius. */
const ROUND = 0.5523;

/** A shape's outline on a surface, to be stroked; a text has none. */
export function outlineOf(of: Shape, on: Surface): Segment[] {
  const at = (index: number): [number, number] => {
    const point = of.points[index] ?? of.points[0]!;
    return [point[0] * on.width, point[1] * on.height];
  };
  const [ax, ay] = at(0);
  const [bx, by] = at(1);
  switch (of.kind) {
    case 'pen':
      return of.points.length === 1
        ? [
            ['M', ax, ay],
            ['L', ax, ay],
          ]
        : of.points.map((_, index) => [index === 0 ? 'M' : 'L', ...at(index)] as const);
    case 'line':
      return [
        ['M', ax, ay],
        ['L', bx, by],
      ];
    case 'arrow':
      return [['M', ax, ay], ['L', bx, by], ...arrowHead(of, on, [ax, ay], [bx, by])];
    case 'box':
      return [['M', ax, ay], ['L', bx, ay], ['L', bx, by], ['L', ax, by], ['Z']];
    case 'ellipse':
      return ellipse([ax, ay], [bx, by]);
    default:
      return [];
  }
}

type Place = readonly [number, number];

function arrowHead(of: Shape, on: Surface, from: Place, to: Place): Segment[] {
  const angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
  const length = Math.max(of.width * on.height * ARROW_HEAD, on.height / 50);
  const barb = (turn: number): Segment => [
    'L',
    to[0] - length * Math.cos(angle + turn),
    to[1] - length * Math.sin(angle + turn),
  ];
  const [left, right] = [barb(ARROW_ANGLE), barb(-ARROW_ANGLE)];
  return [['M', (left as Place & Segment)[1] as number, left[2] as number], ['L', ...to], right];
}

function ellipse(a: Place, b: Place): Segment[] {
  const [cx, cy] = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  const [rx, ry] = [Math.abs(b[0] - a[0]) / 2, Math.abs(b[1] - a[1]) / 2];
  const [hx, hy] = [rx * ROUND, ry * ROUND];
  return [
    ['M', cx + rx, cy],
    ['C', cx + rx, cy + hy, cx + hx, cy + ry, cx, cy + ry],
    ['C', cx - hx, cy + ry, cx - rx, cy + hy, cx - rx, cy],
    ['C', cx - rx, cy - hy, cx - hx, cy - ry, cx, cy - ry],
    ['C', cx + hx, cy - ry, cx + rx, cy - hy, cx + rx, cy],
    ['Z'],
  ];
}

/** An outline as the `d` of an SVG path. */
export function pathText(segments: readonly Segment[]): string {
  return segments
    .map(
      ([command, ...numbers]) =>
        `${command}${numbers.map((each) => Math.round(each * 100) / 100).join(' ')}`,
    )
    .join('');
}
