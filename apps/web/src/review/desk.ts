import { readDrawing, type Shape, type ShapeKind } from '@yinglian/review/drawing';
import type { CompareMode } from '@yinglian/review/room';
import { useMemo, useState } from 'react';
import { newUuid } from '../kernel/api.ts';

/** What the picture is looked at through; the film itself is not changed by any of it. */
export type Look = {
  readonly channel: 'all' | 'red' | 'green' | 'blue' | 'luma';
  /** In stops. */
  readonly exposure: number;
  readonly gamma: number;
  readonly falseColour: boolean;
};
export const PLAIN: Look = { channel: 'all', exposure: 0, gamma: 1, falseColour: false };
export const isPlain = (look: Look): boolean =>
  look.channel === 'all' && look.exposure === 0 && look.gamma === 1 && !look.falseColour;

/** Another version beside this one. */
export type Beside = {
  readonly assetId: string;
  readonly mode: CompareMode;
  readonly offset: number;
  readonly share: number;
};

/** How frames are called: by timecode, from 0, or from the show's own first number. */
export type Naming = 'timecode' | 'frames' | 'show';

/** Where the picture is looked at closer: how many times, and its middle's way in pixels. */
export type Zoom = { readonly scale: number; readonly x: number; readonly y: number };
export const WHOLE: Zoom = { scale: 1, x: 0, y: 0 };
export const ZOOM_MAX = 16;

export type Tool = ShapeKind | null;
export const COLOURS = ['#ff5a4f', '#ffc53d', '#52d273', '#4cc4ff', '#ffffff'] as const;
export const WIDTHS = [0.003, 0.006, 0.012] as const;
export const MASKS = ['none', '2.39', '1.85', '16:9', '4:3', '1:1', '9:16'] as const;

export type Desk = ReturnType<typeof useDesk>;

/** What one person has set up in front of the picture; nobody else sees it. */
export function useDesk() {
  const [tool, setTool] = useState<Tool>(null);
  const [colour, setColour] = useState<string>(COLOURS[0]);
  const [width, setWidth] = useState<number>(WIDTHS[1]);
  const [shapes, setShapes] = useState<readonly Shape[]>([]);
  /** The frame of the draft: what is drawn on another frame is another drawing. */
  const [at, setAt] = useState(0);
  const [undone, setUndone] = useState<readonly Shape[]>([]);
  const [look, setLook] = useState<Look>(PLAIN);
  const [beside, setBeside] = useState<Beside | null>(null);
  const [mask, setMask] = useState<string>('none');
  const [areas, setAreas] = useState(false);
  const [naming, setNaming] = useState<Naming>('timecode');
  const [first, setFirst] = useState(1001);
  const [zoom, setZoom] = useState<Zoom>(WHOLE);
  const [scrub, setScrub] = useState(false);
  return {
    tool,
    setTool,
    colour,
    setColour,
    width,
    setWidth,
    shapes,
    look,
    setLook,
    beside,
    setBeside,
    mask,
    setMask,
    areas,
    setAreas,
    naming,
    setNaming,
    first,
    setFirst,
    zoom,
    setZoom,
    scrub,
    setScrub,
    newShape: (kind: ShapeKind, points: Shape['points'], text?: string): Shape => ({
      id: newUuid(),
      kind,
      points,
      colour,
      width: kind === 'text' ? width * 6 : width,
      ...(text === undefined ? {} : { text }),
    }),
    at,
    add: (shape: Shape, frame: number) => {
      setShapes((now) => (frame === at ? [...now, shape] : [shape]));
      setAt(frame);
      setUndone([]);
    },
    undo: () => {
      const last = shapes.at(-1);
      if (last === undefined) return;
      setShapes(shapes.slice(0, -1));
      setUndone((now) => [...now, last]);
    },
    redo: () => {
      const last = undone.at(-1);
      if (last === undefined) return;
      setUndone(undone.slice(0, -1));
      setShapes((now) => [...now, last]);
    },
    clear: () => {
      setShapes([]);
      setUndone([]);
    },
    canUndo: shapes.length > 0,
    canRedo: undone.length > 0,
  };
}

/** A drawing as the API tells it, read as the page reads its own. */
export function useDrawing(value: unknown): readonly Shape[] {
  return useMemo(() => {
    const read = value === null || value === undefined ? undefined : readDrawing(value);
    return read?.ok === true ? read.value.shapes : [];
  }, [value]);
}
