// Pictures to measure the picture codec with, made from seeds: what films are made of, and what is
// hardest to code. All are 12-bit X'Y'Z'-like planes.
export const PEAK = 4095;

/** Numbers in [0, 1) that are the same in every run. */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * Materials by name: `make(frame)` gives three planes of a size. Frames of one material follow each
 * other like those of a shot.
 */
export function materials(width, height, frames) {
  /** Smooth noise: a grid of random values, interpolated. */
  function clouds(next, cell, amplitude, shift = 0) {
    const wide = Math.ceil(width / cell) + 3;
    const grid = Float32Array.from(
      { length: wide * (Math.ceil(height / cell) + 3) },
      () => next() - 0.5,
    );
    const out = new Float32Array(width * height);
    for (let y = 0; y < height; y++) {
      const row = Math.floor(y / cell);
      const fy = y / cell - row;
      for (let x = 0; x < width; x++) {
        const at = (x + shift) / cell;
        const column = Math.floor(at);
        const fx = at - column;
        const p = row * wide + column;
        const upper = grid[p] * (1 - fx) + grid[p + 1] * fx;
        const lower = grid[p + wide] * (1 - fx) + grid[p + wide + 1] * fx;
        out[y * width + x] = amplitude * (upper * (1 - fy) + lower * fy);
      }
    }
    return out;
  }

  function planes(value) {
    return [0, 1, 2].map((component) => {
      const out = new Uint16Array(width * height);
      for (let i = 0; i < out.length; i++) {
        out[i] = Math.max(0, Math.min(PEAK, Math.round(value(i, component))));
      }
      return out;
    });
  }

  function scene(seed, frame, octaves) {
    const sum = new Float32Array(width * height);
    octaves.forEach(([cell, amplitude], i) => {
      const layer = clouds(random(seed + i), cell, amplitude, frame * 2);
      for (let p = 0; p < sum.length; p++) sum[p] += layer[p];
    });
    return sum;
  }

  const NATURAL = [
    [300, 2200],
    [80, 900],
    [24, 420],
    [8, 180],
    [3, 80],
  ];
  return {
    'natural-like': (frame) => {
      const luma = scene(1, frame, NATURAL);
      const warm = clouds(random(9), 150, 500, frame);
      const next = random(100 + frame);
      return planes((i, c) => 1900 + luma[i] + (c - 1) * warm[i] * 0.6 + (next() - 0.5) * 16);
    },
    'film grain': (frame) => {
      const luma = scene(2, frame, NATURAL.slice(0, 3));
      const next = random(200 + frame);
      return planes((i) => 1700 + luma[i] + (next() + next() + next() - 1.5) * 260);
    },
    animation: (frame) => {
      const next = random(3);
      const shapes = Array.from({ length: 60 }, () => ({
        x: next() * width,
        y: next() * height,
        r: (0.02 + next() * 0.15) * width,
        colour: [next() * 3800, next() * 3800, next() * 3800],
      }));
      const canvas = planes((i) => 600 + (i % width) * 0.4);
      for (const { x, y, r, colour } of shapes) {
        const cx = x + frame * 3;
        for (let row = Math.max(0, Math.floor(y - r)); row < Math.min(height, y + r); row++) {
          const half = Math.sqrt(Math.max(0, r * r - (row - y) ** 2));
          const from = Math.max(0, Math.round(cx - half));
          const to = Math.min(width, Math.round(cx + half));
          for (let c = 0; c < 3; c++)
            if (to > from) canvas[c].fill(colour[c], row * width + from, row * width + to);
        }
      }
      return canvas;
    },
    'subtitle on black': (frame) => {
      const next = random(4);
      const canvas = planes(() => 0);
      for (let glyph = 0; glyph < 34; glyph++) {
        const left = Math.round(width * 0.15 + glyph * width * 0.02) + frame;
        for (let stroke = 0; stroke < 4; stroke++) {
          const x = left + Math.round(next() * width * 0.012);
          const y = Math.round(height * 0.85 + next() * height * 0.03);
          const [w, h] =
            next() < 0.5 ? [3, Math.round(height * 0.02)] : [Math.round(width * 0.009), 3];
          for (let row = y; row < y + h; row++) {
            for (const plane of canvas) plane.fill(3700, row * width + x, row * width + x + w);
          }
        }
      }
      return canvas;
    },
    noise: (frame) => {
      const next = random(500 + frame);
      return planes(() => next() * PEAK);
    },
    fade: (frame) => {
      const luma = scene(6, 0, NATURAL);
      const next = random(600 + frame);
      const share = (frame + 1) / (frames + 1);
      return planes((i) => share * (1900 + luma[i]) + (next() - 0.5) * 10);
    },
  };
}
