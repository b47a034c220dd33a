import { DOTS_PER_CELL, GLYPH_ADVANCE, GLYPH_HEIGHT, glyphOf } from './font.ts';

/** Red, green, blue, each 0–255. */
export type Colour = readonly [red: number, green: number, blue: number];

export function mix(a: Colour, b: Colour, share: number): Colour {
  const part = (at: 0 | 1 | 2) => a[at] + (b[at] - a[at]) * share;
  return [part(0), part(1), part(2)];
}

/** As one 32-bit number whose bytes lie in memory as R, G, B, 0 on little-endian machines. */
export function packed(colour: Colour): number {
  return (
    (Math.round(colour[0]) | (Math.round(colour[1]) << 8) | (Math.round(colour[2]) << 16)) >>> 0
  );
}

/** A picture of 32-bit pixels. Everything is clipped at its borders. */
export class Canvas {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint32Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.pixels = new Uint32Array(width * height);
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.pixels.buffer);
  }

  fill(colour: Colour): void {
    this.pixels.fill(packed(colour));
  }

  row(y: number, fromX: number, toX: number, colour: number): void {
    if (y < 0 || y >= this.height) return;
    const from = Math.max(0, Math.round(fromX));
    const to = Math.min(this.width, Math.round(toX));
    if (to > from) this.pixels.fill(colour, y * this.width + from, y * this.width + to);
  }

  rectangle(x: number, y: number, width: number, height: number, colour: Colour): void {
    const value = packed(colour);
    const last = Math.round(y + height);
    for (let line = Math.round(y); line < last; line++) this.row(line, x, x + width, value);
  }

  /** Lays a colour over what is there. */
  shade(x: number, y: number, width: number, height: number, colour: Colour, share: number): void {
    const [fromX, fromY] = [Math.max(0, Math.round(x)), Math.max(0, Math.round(y))];
    const toX = Math.min(this.width, Math.round(x + width));
    const toY = Math.min(this.height, Math.round(y + height));
    for (let line = fromY; line < toY; line++) {
      for (let at = line * this.width + fromX; at < line * this.width + toX; at++) {
        this.blendAt(at, colour, share);
      }
    }
  }

  blendAt(at: number, colour: Colour, share: number): void {
    const under = this.pixels[at]!;
    const red = (under & 255) + (colour[0] - (under & 255)) * share;
    const green = ((under >> 8) & 255) + (colour[1] - ((under >> 8) & 255)) * share;
    const blue = ((under >> 16) & 255) + (colour[2] - ((under >> 16) & 255)) * share;
    this.pixels[at] = ((red + 0.5) | ((green + 0.5) << 8) | ((blue + 0.5) << 16)) >>> 0;
  }

  /** A disc with soft edge; beyond its rim a glow may fade out. */
  disc(x: number, y: number, radius: number, colour: Colour, glow = 0, strength = 0.35): void {
    const halo = Math.max(1, glow);
    const reach = radius + halo;
    const toY = Math.min(this.height, y + reach + 1);
    const core = packed(colour);
    for (let line = Math.max(0, Math.floor(y - reach)); line < toY; line++) {
      const down = line - y;
      // Half the width of the disc with its glow on this line: nothing else is looked at.
      const half = Math.sqrt(Math.max(0, reach * reach - down * down));
      const toX = Math.min(this.width, x + half + 1);
      for (let column = Math.max(0, Math.floor(x - half)); column < toX; column++) {
        const across = column - x;
        const distance = Math.sqrt(across * across + down * down) - radius;
        const at = line * this.width + column;
        if (distance <= 0) {
          this.pixels[at] = core;
          continue;
        }
        if (distance >= halo) continue;
        const fade = 1 - distance / halo;
        const share = glow > 0 ? strength * fade * fade : 0;
        this.blendAt(at, colour, Math.max(share, 1 - distance));
      }
    }
  }

  /** A straight stroke with soft edges. */
  stroke(x0: number, y0: number, x1: number, y1: number, thickness: number, colour: Colour): void {
    const half = thickness / 2 + 1;
    const [dx, dy] = [x1 - x0, y1 - y0];
    const length2 = dx * dx + dy * dy || 1;
    const [left, right] = [Math.min(x0, x1) - half, Math.max(x0, x1) + half];
    const [top, bottom] = [Math.min(y0, y1) - half, Math.max(y0, y1) + half];
    for (let y = Math.max(0, Math.floor(top)); y < Math.min(this.height, bottom); y++) {
      for (let x = Math.max(0, Math.floor(left)); x < Math.min(this.width, right); x++) {
        const along = Math.max(0, Math.min(1, ((x - x0) * dx + (y - y0) * dy) / length2));
        const [offX, offY] = [x - x0 - along * dx, y - y0 - along * dy];
        const distance = Math.sqrt(offX * offX + offY * offY);
        const cover = Math.max(0, Math.min(1, thickness / 2 + 0.5 - distance));
        if (cover > 0) this.blendAt(y * this.width + x, colour, cover);
      }
    }
  }

  /** Text whose capitals are `height` pixels high, from its upper left corner. */
  text(value: string, x: number, y: number, height: number, colour: Colour, share = 1): void {
    const cell = height / GLYPH_HEIGHT;
    let left = x;
    for (const character of value) {
      if (character !== ' ') this.glyph(character, left, y, height, colour, share);
      left += cell * GLYPH_ADVANCE;
    }
  }

  private glyph(
    character: string,
    x: number,
    y: number,
    height: number,
    colour: Colour,
    share: number,
  ): void {
    const stamp = stampOf(character, height);
    const [left, top] = [Math.round(x), Math.round(y)];
    for (let row = Math.max(0, -top); row < Math.min(stamp.height, this.height - top); row++) {
      const line = (top + row) * this.width + left;
      const last = Math.min(stamp.width, this.width - left);
      for (let column = Math.max(0, -left); column < last; column++) {
        const cover = stamp.cover[row * stamp.width + column]!;
        if (cover > 0) this.blendAt(line + column, colour, cover * share);
      }
    }
  }
}

type Stamp = { readonly width: number; readonly height: number; readonly cover: Float32Array };

const stamps = new Map<string, Stamp>();
/** Letters in the sizes of one film; more than that is not one film. */
const STAMPS_MAX = 2000;
const SAMPLES = 3;

/** A letter at its size, each pixel with its share of ink: dots counted on a small grid. */
function stampOf(character: string, height: number): Stamp {
  const key = `${character} ${height}`;
  const known = stamps.get(key);
  if (known !== undefined) return known;
  const glyph = glyphOf(character);
  const scale = (GLYPH_HEIGHT * DOTS_PER_CELL) / height;
  const width = Math.ceil(glyph.width / scale);
  const lines = Math.ceil(height);
  const cover = Float32Array.from({ length: width * lines }, (_, at) =>
    coverage(glyph, (at % width) * scale, Math.floor(at / width) * scale, scale),
  );
  if (stamps.size >= STAMPS_MAX) stamps.clear();
  const stamp = { width, height: lines, cover };
  stamps.set(key, stamp);
  return stamp;
}

function coverage(
  glyph: { readonly width: number; readonly height: number; readonly dots: Uint8Array },
  x: number,
  y: number,
  side: number,
): number {
  let ink = 0;
  for (let down = 0; down < SAMPLES; down++) {
    const row = Math.floor(y + ((down + 0.5) / SAMPLES) * side);
    if (row < 0 || row >= glyph.height) continue;
    for (let across = 0; across < SAMPLES; across++) {
      const column = Math.floor(x + ((across + 0.5) / SAMPLES) * side);
      if (column >= 0 && column < glyph.width) ink += glyph.dots[row * glyph.width + column]!;
    }
  }
  return ink / (SAMPLES * SAMPLES);
}

/** How wide a text will be. */
export function textWidth(value: string, height: number): number {
  const cell = height / GLYPH_HEIGHT;
  return Math.max(0, [...value].length * GLYPH_ADVANCE - 1) * cell;
}
