// Between samples as people give them (32-bit integers, one plane a component) and the planes that
// are transformed: level shift (Annex G.1) and multiple component transforms (G.2, G.3).

/** Integers to floats, shifted by `shift`, without a component transform. */
export function loadFloat(from: usize, to: usize, count: i32, shift: i32): void {
  const shifts = f32x4.splat(<f32>shift);
  const end = from + (<usize>count << 2);
  let p = from;
  let q = to;
  for (; p + 16 <= end; p += 16, q += 16) {
    v128.store(q, f32x4.sub(f32x4.convert_i32x4_s(v128.load(p)), shifts));
  }
  for (; p < end; p += 4, q += 4) store<f32>(q, <f32>load<i32>(p) - <f32>shift);
}

export function loadInteger(from: usize, to: usize, count: i32, shift: i32): void {
  for (let i: usize = 0; i < <usize>count << 2; i += 4) {
    store<i32>(to + i, load<i32>(from + i) - shift);
  }
}

/** Irreversible colour transform, G.3.1; the three results are written over three planes. */
export function loadIct(
  a: usize, b: usize, c: usize, toY: usize, toB: usize, toR: usize, count: i32, shift: i32,
): void {
  const shifts = f32x4.splat(<f32>shift);
  const yr = f32x4.splat(0.299);
  const yg = f32x4.splat(0.587);
  const yb = f32x4.splat(0.114);
  // Cb = (B - Y) / 1.772 and Cr = (R - Y) / 1.402 are the rows of the matrix, factored.
  const cb = f32x4.splat(0.5 / (1 - 0.114));
  const cr = f32x4.splat(0.5 / (1 - 0.299));
  // The staging area is padded to whole vectors, and so is every row of a plane.
  const bytes = (<usize>count + 3 & ~3) << 2;
  for (let i: usize = 0; i < bytes; i += 16) {
    const red = f32x4.sub(f32x4.convert_i32x4_s(v128.load(a + i)), shifts);
    const green = f32x4.sub(f32x4.convert_i32x4_s(v128.load(b + i)), shifts);
    const blue = f32x4.sub(f32x4.convert_i32x4_s(v128.load(c + i)), shifts);
    const y = f32x4.add(f32x4.add(f32x4.mul(red, yr), f32x4.mul(green, yg)), f32x4.mul(blue, yb));
    v128.store(toY + i, y);
    v128.store(toB + i, f32x4.mul(f32x4.sub(blue, y), cb));
    v128.store(toR + i, f32x4.mul(f32x4.sub(red, y), cr));
  }
}

/** Reversible colour transform, G.2.1. */
export function loadRct(
  a: usize, b: usize, c: usize, toY: usize, toB: usize, toR: usize, count: i32, shift: i32,
): void {
  for (let i: usize = 0; i < <usize>count << 2; i += 4) {
    const red = load<i32>(a + i) - shift;
    const green = load<i32>(b + i) - shift;
    const blue = load<i32>(c + i) - shift;
    store<i32>(toY + i, (red + 2 * green + blue) >> 2);
    store<i32>(toB + i, blue - green);
    store<i32>(toR + i, red - green);
  }
}

@inline
function clamp(value: i32, low: i32, high: i32): i32 {
  return value < low ? low : value > high ? high : value;
}

/** Rounds, shifts back and clamps; source and target are padded to whole vectors. */
export function storeFloat(
  from: usize, to: usize, count: i32, shift: i32, low: i32, high: i32,
): void {
  const shifts = f32x4.splat(<f32>shift);
  const lows = i32x4.splat(low);
  const highs = i32x4.splat(high);
  const bytes = (<usize>count + 3 & ~3) << 2;
  for (let i: usize = 0; i < bytes; i += 16) {
    const rounded = f32x4.nearest(f32x4.add(v128.load(from + i), shifts));
    const value = i32x4.trunc_sat_f32x4_s(rounded);
    v128.store(to + i, i32x4.min_s(i32x4.max_s(value, lows), highs));
  }
}

/** Adds the shift without overflow: hostile streams reach any value. */
@inline
function shiftUp(value: i32, shift: i32): i32 {
  return clamp(value, -0x40000000, 0x3fffffff) + shift;
}

export function storeInteger(
  from: usize, to: usize, count: i32, shift: i32, low: i32, high: i32,
): void {
  for (let i: usize = 0; i < <usize>count << 2; i += 4) {
    store<i32>(to + i, clamp(shiftUp(load<i32>(from + i), shift), low, high));
  }
}

/** Inverse of `loadIct` in place on the three planes of floats, G.3.2. */
export function inverseIct(y: usize, b: usize, r: usize, count: i32): void {
  const rr = f32x4.splat(1.402);
  const gb = f32x4.splat(0.344136);
  const gr = f32x4.splat(0.714136);
  const bb = f32x4.splat(1.772);
  const bytes = (<usize>count + 3 & ~3) << 2;
  for (let i: usize = 0; i < bytes; i += 16) {
    const luma = v128.load(y + i);
    const cb = v128.load(b + i);
    const cr = v128.load(r + i);
    v128.store(y + i, f32x4.add(luma, f32x4.mul(cr, rr)));
    v128.store(b + i, f32x4.sub(f32x4.sub(luma, f32x4.mul(cb, gb)), f32x4.mul(cr, gr)));
    v128.store(r + i, f32x4.add(luma, f32x4.mul(cb, bb)));
  }
}

export function inverseRct(y: usize, b: usize, r: usize, count: i32): void {
  for (let i: usize = 0; i < <usize>count << 2; i += 4) {
    const luma = load<i32>(y + i);
    const cb = load<i32>(b + i);
    const cr = load<i32>(r + i);
    const green = luma - ((cb + cr) >> 2);
    store<i32>(y + i, cr + green);
    store<i32>(b + i, green);
    store<i32>(r + i, cb + green);
  }
}
