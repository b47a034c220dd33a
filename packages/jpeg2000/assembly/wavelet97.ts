// The irreversible 9/7 transform (ISO/IEC 15444-1 Annex F) in place on one plane of floats.
// Rows stay where they are: after a level, low rows sit at even and high rows at odd positions of
// that level, so that nothing is moved vertically; columns are gathered low first, then high.
// Both directions run the same four lifting steps with other constants.

const ALPHA: f32 = -1.586134342059924;
const BETA: f32 = -0.052980118572961;
const GAMMA: f32 = 0.882911075530934;
const DELTA: f32 = 0.443506852043971;
const SCALE: f32 = 1.230174104914001;

/** Widest and highest plane; the line buffers below follow it. */
export const SIDE_MAX: i32 = 16384;
/** One line with its mirrored ends, and its halves. */
const LINE: usize = memory.data((16384 + 48) * 4, 16);
const LOW: usize = memory.data((8192 + 32) * 4, 16);
const HIGH: usize = memory.data((8192 + 32) * 4, 16);
/** Samples in front of the line, so that it starts at a multiple of a vector. */
const LEAD: i32 = 16;

let rowBytes: usize = 0;
let base: usize = 0;
let width: i32 = 0;
let height: i32 = 0;
let oddX: i32 = 0;

function setPlane(from: usize, stride: usize, w: i32, h: i32, ox: i32): void {
  base = from;
  rowBytes = stride;
  width = w;
  height = h;
  oddX = ox;
}

@inline
function row(y: i32): usize {
  return base + <usize>y * rowBytes;
}

/**
 * One level forward.
 *
 * @param from first sample of the level's low band
 * @param stride bytes from one of its rows to the next
 * @param ox oy whether its first column, row has an odd coordinate
 */
export function forward97(from: usize, stride: usize, w: i32, h: i32, ox: i32, oy: i32): void {
  setPlane(from, stride, w, h, ox);
  if (h == 1) {
    analyseRow(0, oy ? 2 : 1);
    return;
  }
  const first = 1 - oy;
  for (let y = first; y < h + 4; y += 2) {
    liftFour(y, ALPHA, BETA, GAMMA, DELTA);
    if (y - 4 >= 0 && y - 4 < h) analyseRow(y - 4, SCALE);
    if (y - 3 >= 0 && y - 3 < h) analyseRow(y - 3, 1 / SCALE);
  }
}

/** One level backward. */
export function inverse97(from: usize, stride: usize, w: i32, h: i32, ox: i32, oy: i32): void {
  setPlane(from, stride, w, h, ox);
  if (h == 1) {
    synthesiseRow(0, oy ? 0.5 : 1);
    return;
  }
  // The roles of even and odd rows are exchanged, and a row is synthesised before its first use.
  let ready = 0;
  for (let y = oy; y < h + 4; y += 2) {
    while (ready <= y + 1 && ready < h) {
      synthesiseRow(ready, ((ready + oy) & 1) == 0 ? SCALE : 1 / SCALE);
      ready++;
    }
    liftFour(y, -DELTA, -GAMMA, -BETA, -ALPHA);
  }
}

/** The four steps, each two rows behind the one before it, so that six rows stay in the cache. */
function liftFour(y: i32, first: f32, second: f32, third: f32, fourth: f32): void {
  if (y >= 4 && y + 1 < height) {
    liftFused(row(y - 4), first, second, third, fourth);
    return;
  }
  if (y < height) liftRow(y, first);
  if (y - 1 >= 0 && y - 1 < height) liftRow(y - 1, second);
  if (y - 2 >= 0 && y - 2 < height) liftRow(y - 2, third);
  if (y - 3 >= 0 && y - 3 < height) liftRow(y - 3, fourth);
}

/** row += factor × (row above + row below), mirrored at the edges. */
function liftRow(y: i32, factor: f32): void {
  const to = row(y);
  const above = row(y > 0 ? y - 1 : 1);
  const below = row(y + 1 < height ? y + 1 : y - 1);
  const factors = f32x4.splat(factor);
  const bytes = <usize>width << 2;
  const vectors = bytes & ~15;
  let x: usize = 0;
  for (; x < vectors; x += 16) {
    v128.store(to + x, f32x4.add(v128.load(to + x),
      f32x4.mul(factors, f32x4.add(v128.load(above + x), v128.load(below + x)))));
  }
  for (; x < bytes; x += 4) {
    store<f32>(to + x, load<f32>(to + x) + factor * (load<f32>(above + x) + load<f32>(below + x)));
  }
}

function liftFused(r0: usize, first: f32, second: f32, third: f32, fourth: f32): void {
  const r1 = r0 + rowBytes;
  const r2 = r1 + rowBytes;
  const r3 = r2 + rowBytes;
  const r4 = r3 + rowBytes;
  const r5 = r4 + rowBytes;
  const bytes = <usize>width << 2;
  const vectors = bytes & ~15;
  let x: usize = 0;
  const f1 = f32x4.splat(first);
  const f2 = f32x4.splat(second);
  const f3 = f32x4.splat(third);
  const f4 = f32x4.splat(fourth);
  for (; x < vectors; x += 16) {
    const v3 = v128.load(r3 + x);
    const v4 = f32x4.add(v128.load(r4 + x), f32x4.mul(f1, f32x4.add(v3, v128.load(r5 + x))));
    const v2 = v128.load(r2 + x);
    const n3 = f32x4.add(v3, f32x4.mul(f2, f32x4.add(v2, v4)));
    const v1 = v128.load(r1 + x);
    const n2 = f32x4.add(v2, f32x4.mul(f3, f32x4.add(v1, n3)));
    const n1 = f32x4.add(v1, f32x4.mul(f4, f32x4.add(v128.load(r0 + x), n2)));
    v128.store(r4 + x, v4);
    v128.store(r3 + x, n3);
    v128.store(r2 + x, n2);
    v128.store(r1 + x, n1);
  }
  for (; x < bytes; x += 4) {
    const v4 = load<f32>(r4 + x) + first * (load<f32>(r3 + x) + load<f32>(r5 + x));
    const v3 = load<f32>(r3 + x) + second * (load<f32>(r2 + x) + v4);
    const v2 = load<f32>(r2 + x) + third * (load<f32>(r1 + x) + v3);
    const v1 = load<f32>(r1 + x) + fourth * (load<f32>(r0 + x) + v2);
    store<f32>(r4 + x, v4);
    store<f32>(r3 + x, v3);
    store<f32>(r2 + x, v2);
    store<f32>(r1 + x, v1);
  }
}

/** Mirrors the line about its first and last sample (F.3.1), eight samples each way. */
function mirrorLine(start: usize, count: i32): void {
  const period = 2 * (count - 1);
  for (let i = 1; i <= 8; i++) {
    let left = i % period;
    if (left >= count) left = period - left;
    store<f32>(start - (<usize>i << 2), load<f32>(start + (<usize>left << 2)));
    let right = (count - 1 + i) % period;
    if (right >= count) right = period - right;
    store<f32>(start + (<usize>(count - 1 + i) << 2), load<f32>(start + (<usize>right << 2)));
  }
}

@inline
function shiftIn(a: v128, b: v128): v128 {
  return i32x4.shuffle(a, b, 1, 2, 3, 4);
}

@inline
function shiftOut(a: v128, b: v128): v128 {
  return i32x4.shuffle(a, b, 3, 4, 5, 6);
}

function analyseRow(y: i32, scale: f32): void {
  const at = row(y);
  if (width == 1) {
    store<f32>(at, load<f32>(at) * scale * (oddX ? 2 : 1));
    return;
  }
  const even = LINE + (<usize>LEAD << 2);
  const start = even + (<usize>oddX << 2);
  memory.copy(start, at, <usize>width << 2);
  mirrorLine(start, width);
  const lows = f32x4.splat(scale / SCALE);
  const highs = f32x4.splat(scale * SCALE);
  const fa = f32x4.splat(ALPHA);
  const fb = f32x4.splat(BETA);
  const fc = f32x4.splat(GAMMA);
  const fd = f32x4.splat(DELTA);
  const pairs = (width + oddX + 1) >> 1;
  const groups = (pairs + 3) >> 2;
  let p = even - 32;
  let v0 = v128.load(p);
  let v1 = v128.load(p, 16);
  let e = i32x4.shuffle(v0, v1, 0, 2, 4, 6);
  let o = i32x4.shuffle(v0, v1, 1, 3, 5, 7);
  const zero = f32x4.splat(0);
  let d1 = zero;
  let s1 = zero;
  let d2 = zero;
  for (let k = -1; k <= groups; k++) {
    p += 32;
    v0 = v128.load(p);
    v1 = v128.load(p, 16);
    const nextE = i32x4.shuffle(v0, v1, 0, 2, 4, 6);
    const nextO = i32x4.shuffle(v0, v1, 1, 3, 5, 7);
    const newD1 = f32x4.add(o, f32x4.mul(fa, f32x4.add(e, shiftIn(e, nextE))));
    const newS1 = f32x4.add(e, f32x4.mul(fb, f32x4.add(shiftOut(d1, newD1), newD1)));
    const newD2 = f32x4.add(d1, f32x4.mul(fc, f32x4.add(s1, shiftIn(s1, newS1))));
    const newS2 = f32x4.add(s1, f32x4.mul(fd, f32x4.add(shiftOut(d2, newD2), newD2)));
    if (k >= 1) {
      const to = <usize>(k - 1) << 4;
      v128.store(LOW + to, f32x4.mul(newS2, lows));
      v128.store(HIGH + to, f32x4.mul(newD2, highs));
    }
    d1 = newD1;
    s1 = newS1;
    d2 = newD2;
    e = nextE;
    o = nextO;
  }
  const lowCount = (width + 1 - oddX) >> 1;
  memory.copy(at, LOW + (<usize>oddX << 2), <usize>lowCount << 2);
  memory.copy(at + (<usize>lowCount << 2), HIGH, <usize>(width - lowCount) << 2);
}

function synthesiseRow(y: i32, scale: f32): void {
  const at = row(y);
  if (width == 1) {
    store<f32>(at, load<f32>(at) * scale * (oddX ? 0.5 : 1));
    return;
  }
  const even = LINE + (<usize>LEAD << 2);
  const start = even + (<usize>oddX << 2);
  const lowCount = (width + 1 - oddX) >> 1;
  memory.copy(LOW + (<usize>oddX << 2), at, <usize>lowCount << 2);
  memory.copy(HIGH, at + (<usize>lowCount << 2), <usize>(width - lowCount) << 2);
  const lows = f32x4.splat(scale * SCALE);
  const highs = f32x4.splat(scale / SCALE);
  const pairs = (width + oddX + 1) >> 1;
  const groups = (pairs + 3) >> 2;
  for (let k = 0; k < groups; k++) {
    const l = f32x4.mul(v128.load(LOW + (<usize>k << 4)), lows);
    const h = f32x4.mul(v128.load(HIGH + (<usize>k << 4)), highs);
    const to = even + (<usize>k << 5);
    v128.store(to, i32x4.shuffle(l, h, 0, 4, 1, 5));
    v128.store(to, i32x4.shuffle(l, h, 2, 6, 3, 7), 16);
  }
  mirrorLine(start, width);
  const fa = f32x4.splat(-ALPHA);
  const fb = f32x4.splat(-BETA);
  const fc = f32x4.splat(-GAMMA);
  const fd = f32x4.splat(-DELTA);
  // Here a group lags by one: evens need the odds on both sides, odds the evens on both sides.
  let p = even - 32;
  let v0 = v128.load(p);
  let v1 = v128.load(p, 16);
  let e = i32x4.shuffle(v0, v1, 0, 2, 4, 6);
  let o = i32x4.shuffle(v0, v1, 1, 3, 5, 7);
  const zero = f32x4.splat(0);
  let previousO = zero;
  let s1 = f32x4.add(e, f32x4.mul(fd, f32x4.add(shiftOut(zero, o), o)));
  let d1 = zero;
  let s0 = zero;
  previousO = o;
  for (let k = -1; k <= groups; k++) {
    p += 32;
    v0 = v128.load(p);
    v1 = v128.load(p, 16);
    e = i32x4.shuffle(v0, v1, 0, 2, 4, 6);
    o = i32x4.shuffle(v0, v1, 1, 3, 5, 7);
    // With s1 of group k + 1, d1 of group k is known; then s0 of k and d0 of k - 1.
    const nextS1 = f32x4.add(e, f32x4.mul(fd, f32x4.add(shiftOut(previousO, o), o)));
    const newD1 = f32x4.add(previousO, f32x4.mul(fc, f32x4.add(s1, shiftIn(s1, nextS1))));
    const newS0 = f32x4.add(s1, f32x4.mul(fb, f32x4.add(shiftOut(d1, newD1), newD1)));
    const newD0 = f32x4.add(d1, f32x4.mul(fa, f32x4.add(s0, shiftIn(s0, newS0))));
    if (k >= 1) {
      // The pair of group k - 1 goes where it was read, which nobody reads again.
      const to = even + (<usize>(k - 1) << 5);
      v128.store(to, i32x4.shuffle(s0, newD0, 0, 4, 1, 5));
      v128.store(to, i32x4.shuffle(s0, newD0, 2, 6, 3, 7), 16);
    }
    previousO = o;
    s1 = nextS1;
    d1 = newD1;
    s0 = newS0;
  }
  memory.copy(at, start, <usize>width << 2);
}
