import { type Canvas, type Colour, mix, packed, textWidth } from './canvas.ts';

/** What every scene knows of the moment it draws. */
export type Moment = {
  readonly frame: number;
  /** Seconds since the beginning of the film. */
  readonly seconds: number;
  /** 0 at the scene's first picture, 1 after its last. */
  readonly share: number;
};

export type Look = {
  readonly title: string;
  readonly subtitle: string;
  readonly facts: string;
  readonly seed: number;
};

type Palette = {
  readonly high: Colour;
  readonly low: Colour;
  readonly star: Colour;
  readonly near: Colour;
};

/** Four times of day: each shot of the film has one. */
const PALETTES: readonly Palette[] = [
  { high: [38, 40, 92], low: [246, 168, 120], star: [255, 226, 176], near: [30, 26, 52] },
  { high: [58, 128, 196], low: [206, 232, 240], star: [255, 250, 226], near: [22, 62, 66] },
  { high: [70, 28, 84], low: [248, 116, 64], star: [255, 198, 108], near: [34, 14, 40] },
  { high: [6, 10, 28], low: [36, 58, 98], star: [226, 234, 246], near: [4, 8, 16] },
];

const RIDGES = 5;

/** Height of a ridge at a place, 0–1, from a few waves; the seed moves them. */
function ridgeHeight(place: number, ridge: number, seed: number): number {
  const phase = seed * 1.7 + ridge * 2.3;
  const rough =
    Math.sin(place * 1.3 + phase) * 0.5 +
    Math.sin(place * 2.9 + phase * 1.9) * 0.27 +
    Math.sin(place * 6.1 + phase * 0.7) * 0.14 +
    Math.sin(place * 14.3 + phase * 3.1) * 0.05 * (ridge / RIDGES);
  return 0.5 + rough * 0.5;
}

/** Hills that pass by, a sun or moon on its way, stars at night. */
export function drawLandscape(canvas: Canvas, moment: Moment, look: Look, shot: number): void {
  const palette = PALETTES[shot % PALETTES.length]!;
  const { width, height } = canvas;
  drawSky(canvas, palette, moment.frame);
  if (shot % PALETTES.length === 3) drawStars(canvas, look.seed, moment.seconds);
  const way = 0.15 + 0.7 * moment.share;
  const sunX = width * way;
  const sunY = height * (0.62 - 0.42 * Math.sin(Math.PI * way));
  canvas.disc(sunX, sunY, height * 0.055, palette.star, height * 0.22);
  for (let ridge = 0; ridge < RIDGES; ridge++) {
    const depth = (ridge + 1) / RIDGES;
    const base = height * (0.5 + 0.11 * ridge);
    const swing = height * (0.1 + 0.045 * ridge);
    const travel = moment.seconds * 0.08 * depth ** 2 + shot * 3;
    const colour = mix(mix(palette.low, palette.high, 0.35), palette.near, depth ** 0.8);
    drawRidge(canvas, base, swing, colour, (x) =>
      ridgeHeight((x / width) * 3.2 * (1.2 - depth * 0.5) + travel, ridge, look.seed + shot),
    );
  }
}

const DITHER_ROWS = [0, 0.5, 0.125, 0.625] as const;

/** One colour per line; lines are nudged by less than one step so that no bands are seen. */
function drawSky(canvas: Canvas, palette: Palette, frame: number): void {
  for (let y = 0; y < canvas.height; y++) {
    const nudge = (DITHER_ROWS[(y + frame) & 3]! - 0.3) / 255;
    const share = Math.min(1, Math.max(0, (y / (canvas.height * 0.75)) ** 1.2 + nudge));
    canvas.row(y, 0, canvas.width, packed(mix(palette.high, palette.low, share)));
  }
}

function drawStars(canvas: Canvas, seed: number, seconds: number): void {
  let state = (seed * 2_654_435_761 + 12_345) >>> 0;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const size = canvas.height / 1080;
  for (let star = 0; star < 140; star++) {
    const [x, y, phase] = [next() * canvas.width, next() * canvas.height * 0.55, next() * 7];
    const light = 0.35 + 0.3 * Math.sin(seconds * 1.5 + phase);
    canvas.disc(x, y, size * (0.6 + phase * 0.15), [light * 255, light * 255, light * 255], 0);
  }
}

function drawRidge(
  canvas: Canvas,
  base: number,
  swing: number,
  colour: Colour,
  heightAt: (x: number) => number,
): void {
  const { width, height, pixels } = canvas;
  const value = packed(colour);
  const tops = new Float32Array(width);
  let [highest, lowest] = [height, 0];
  for (let x = 0; x < width; x++) {
    const top = base + swing * (0.5 - heightAt(x));
    tops[x] = top;
    if (top < highest) highest = top;
    if (top > lowest) lowest = top;
  }
  const solid = Math.min(height, Math.ceil(lowest));
  for (let y = Math.max(0, Math.floor(highest)); y < solid; y++) {
    const line = y * width;
    for (let x = 0; x < width; x++) {
      const cover = y + 1 - tops[x]!;
      if (cover >= 1) pixels[line + x] = value;
      else if (cover > 0) canvas.blendAt(line + x, colour, cover);
    }
  }
  pixels.fill(value, Math.max(0, solid) * width);
}

const INK: Colour = [14, 16, 24];
const PAPER: Colour = [236, 232, 222];
const GOLD: Colour = [206, 168, 96];

/** Title, subtitle and facts between two thin lines; fades in and out. */
export function drawTitle(canvas: Canvas, moment: Moment, look: Look): void {
  const { width, height } = canvas;
  for (let y = 0; y < height; y++) {
    const away = Math.abs(y / height - 0.5) * 2;
    canvas.row(y, 0, width, packed(mix([34, 40, 62], INK, away)));
  }
  const light = Math.min(1, moment.share * 5, (1 - moment.share) * 6);
  const titleHeight = fitHeight(look.title, height * 0.11, width * 0.84);
  const rule = width * 0.32 * Math.min(1, moment.share * 2.5);
  const middle = height * 0.45;
  const line = Math.max(1, height / 540);
  const gold = mix(INK, GOLD, light);
  canvas.rectangle(width / 2 - rule, middle - titleHeight, rule * 2, line, gold);
  canvas.rectangle(width / 2 - rule, middle + titleHeight * 1.15, rule * 2, line, gold);
  centred(canvas, look.title, middle - titleHeight * 0.42, titleHeight, PAPER, light);
  const small = height * 0.035;
  centred(canvas, look.subtitle, middle + titleHeight * 1.15 + small * 1.6, small, GOLD, light);
  centred(canvas, look.facts, height * 0.8, height * 0.022, PAPER, light * 0.6);
}

function fitHeight(text: string, wished: number, widthMax: number): number {
  const width = textWidth(text, wished);
  return width <= widthMax ? wished : (wished * widthMax) / width;
}

function centred(
  canvas: Canvas,
  text: string,
  y: number,
  height: number,
  colour: Colour,
  share: number,
): void {
  const fitted = fitHeight(text, height, canvas.width * 0.9);
  canvas.text(text, (canvas.width - textWidth(text, fitted)) / 2, y, fitted, colour, share);
}

/** 75 % bars of ITU-R BT.1729 order, white to blue. */
const BARS: readonly Colour[] = [
  [191, 191, 191],
  [191, 191, 0],
  [0, 191, 191],
  [0, 191, 0],
  [191, 0, 191],
  [191, 0, 0],
  [0, 0, 191],
];

/** Bars, a ramp, and a square that glides along to show even motion. */
export function drawBars(canvas: Canvas, moment: Moment): void {
  const { width, height } = canvas;
  const split = Math.round(height * 0.66);
  for (const [at, colour] of BARS.entries()) {
    canvas.rectangle((width * at) / BARS.length, 0, width / BARS.length + 1, split, colour);
  }
  const rampBottom = Math.round(height * 0.8);
  for (let x = 0; x < width; x++) {
    const level = Math.round((255 * x) / (width - 1));
    const value = packed([level, level, level]);
    for (let y = split; y < rampBottom; y++) canvas.pixels[y * width + x] = value;
  }
  canvas.rectangle(0, rampBottom, width, height - rampBottom, [16, 16, 16]);
  const side = height * 0.05;
  const way = (moment.seconds / 4) % 1;
  canvas.rectangle(way * (width + side) - side, rampBottom + side * 0.3, side, side, PAPER);
  drawNumberStrip(canvas, moment.frame);
}

export const STRIP_CELLS = 24;
/** The strip's share of the picture, from the bottom. */
export const STRIP_SHARE = 0.04;

/** The picture's number in white and black cells, highest bit left, for machines to read. */
function drawNumberStrip(canvas: Canvas, frame: number): void {
  const top = canvas.height * (1 - STRIP_SHARE);
  const cell = canvas.width / STRIP_CELLS;
  for (let at = 0; at < STRIP_CELLS; at++) {
    const isOne = ((frame >>> (STRIP_CELLS - 1 - at)) & 1) === 1;
    const colour: Colour = isOne ? [255, 255, 255] : [0, 0, 0];
    canvas.rectangle(at * cell, top, cell + 1, canvas.height - top, colour);
  }
}

/** Discs that roll over a plain field: sharp edges in even motion. */
export function drawShapes(canvas: Canvas, moment: Moment, look: Look): void {
  const { width, height } = canvas;
  for (let y = 0; y < height; y++) {
    const wave = 0.5 + 0.5 * Math.sin(moment.seconds * 0.6 + (y / height) * 3);
    canvas.row(y, 0, width, packed(mix([214, 204, 186], [238, 196, 158], wave)));
  }
  const colours: readonly Colour[] = [
    [232, 92, 72],
    [240, 188, 84],
    [92, 184, 156],
    [88, 140, 220],
    [188, 116, 212],
  ];
  for (const [at, colour] of colours.entries()) {
    const phase = look.seed + at * 1.256;
    const x = width * (0.5 + 0.36 * Math.sin(moment.seconds * (0.5 + at * 0.11) + phase));
    const y = height * (0.46 + 0.26 * Math.cos(moment.seconds * (0.7 - at * 0.07) + phase * 1.3));
    canvas.disc(x, y, height * (0.06 + 0.015 * at), colour, height * 0.08, 0.25);
  }
}

/** Timecode and picture number in a dark field, a clock hand, the two-second flash. */
export function drawOverlay(
  canvas: Canvas,
  marks: {
    readonly timecode: string;
    readonly frame: number;
    readonly inSecond: number;
    readonly flash: boolean;
  },
): void {
  const { width, height } = canvas;
  const size = height * 0.045;
  const padding = size * 0.5;
  const codeWidth = textWidth(marks.timecode, size);
  const number = String(marks.frame).padStart(6, '0');
  const numberWidth = textWidth(number, size);
  const top = height * 0.885;
  const boxed = (text: string, x: number, inner: number, colour: Colour) => {
    canvas.shade(x - padding, top - padding, inner + 2 * padding, size + 2 * padding, INK, 0.72);
    canvas.text(text, x, top, size, colour);
  };
  boxed(marks.timecode, width * 0.04 + padding, codeWidth, PAPER);
  boxed(number, width * 0.96 - padding - numberWidth, numberWidth, GOLD);
  const [x, y, radius] = [width / 2, top + size / 2, size * 0.85];
  canvas.disc(x, y, radius * 1.12, PAPER, 0);
  canvas.disc(x, y, radius, mix(INK, PAPER, 0.12), 0);
  const angle = marks.inSecond * 2 * Math.PI - Math.PI / 2;
  const [tipX, tipY] = [x + Math.cos(angle) * radius * 0.86, y + Math.sin(angle) * radius * 0.86];
  canvas.stroke(x, y, tipX, tipY, Math.max(2, size * 0.12), GOLD);
  if (marks.flash) {
    const side = height * 0.09;
    canvas.rectangle(width - side * 1.5, side * 0.5, side, side, [255, 255, 255]);
  }
}
