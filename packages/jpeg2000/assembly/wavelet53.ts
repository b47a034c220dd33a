// The reversible 5/3 transform (ISO/IEC 15444-1 Annex F) in place on one plane of whole numbers.
// Because it rounds, the order matters: forward is vertical first, inverse horizontal first.
// Rows and columns are kept as in the 9/7 transform.

const LINE: usize = memory.data((16384 + 48) * 4, 16);
const LEAD: i32 = 8;

let rowBytes: usize = 0;
let base: usize = 0;
let width: i32 = 0;
let height: i32 = 0;
let oddX: i32 = 0;

@inline
function row(y: i32): usize {
  return base + <usize>y * rowBytes;
}

function setPlane(from: usize, stride: usize, w: i32, h: i32, ox: i32): void {
  base = from;
  rowBytes = stride;
  width = w;
  height = h;
  oddX = ox;
}

export function forward53(from: usize, stride: usize, w: i32, h: i32, ox: i32, oy: i32): void {
  setPlane(from, stride, w, h, ox);
  if (h == 1) {
    if (oy) doubleRow();
  } else {
    for (let y = 1 - oy; y < h; y += 2) predictRow(y, -1);
    for (let y = oy; y < h; y += 2) updateRow(y, 1);
  }
  for (let y = 0; y < h; y++) analyseRow(row(y));
}

export function inverse53(from: usize, stride: usize, w: i32, h: i32, ox: i32, oy: i32): void {
  setPlane(from, stride, w, h, ox);
  for (let y = 0; y < h; y++) synthesiseRow(row(y));
  if (h == 1) {
    if (oy) halveRow();
    return;
  }
  for (let y = oy; y < h; y += 2) updateRow(y, -1);
  for (let y = 1 - oy; y < h; y += 2) predictRow(y, 1);
}

function doubleRow(): void {
  for (let x = 0; x < width; x++) {
    const at = base + (<usize>x << 2);
    store<i32>(at, load<i32>(at) << 1);
  }
}

function halveRow(): void {
  for (let x = 0; x < width; x++) {
    const at = base + (<usize>x << 2);
    store<i32>(at, load<i32>(at) / 2);
  }
}

/** row += sign × floor((above + below) / 2), F-9 and F-5. */
function predictRow(y: i32, sign: i32): void {
  const to = row(y);
  const above = row(y > 0 ? y - 1 : 1);
  const below = row(y + 1 < height ? y + 1 : y - 1);
  const bytes = <usize>width << 2;
  const vectors = bytes & ~15;
  let x: usize = 0;
  for (; x < vectors; x += 16) {
    const half = i32x4.shr_s(i32x4.add(v128.load(above + x), v128.load(below + x)), 1);
    const value = v128.load(to + x);
    v128.store(to + x, sign > 0 ? i32x4.add(value, half) : i32x4.sub(value, half));
  }
  for (; x < bytes; x += 4) {
    const half = (load<i32>(above + x) + load<i32>(below + x)) >> 1;
    store<i32>(to + x, load<i32>(to + x) + sign * half);
  }
}

/** row += sign × floor((above + below + 2) / 4), F-10 and F-6. */
function updateRow(y: i32, sign: i32): void {
  const to = row(y);
  const above = row(y > 0 ? y - 1 : 1);
  const below = row(y + 1 < height ? y + 1 : y - 1);
  const two = i32x4.splat(2);
  const bytes = <usize>width << 2;
  const vectors = bytes & ~15;
  let x: usize = 0;
  for (; x < vectors; x += 16) {
    const sum = i32x4.add(v128.load(above + x), v128.load(below + x));
    const quarter = i32x4.shr_s(i32x4.add(sum, two), 2);
    const value = v128.load(to + x);
    v128.store(to + x, sign > 0 ? i32x4.add(value, quarter) : i32x4.sub(value, quarter));
  }
  for (; x < bytes; x += 4) {
    const quarter = (load<i32>(above + x) + load<i32>(below + x) + 2) >> 2;
    store<i32>(to + x, load<i32>(to + x) + sign * quarter);
  }
}

@inline
function sample(start: usize, x: i32): i32 {
  return load<i32>(start + (<isize>x << 2));
}

function mirrorLine(start: usize): void {
  const last = width - 1;
  store<i32>(start - 4, sample(start, 1));
  store<i32>(start - 8, sample(start, min(2, last)));
  store<i32>(start + (<usize>(last + 1) << 2), sample(start, last - 1));
  store<i32>(start + (<usize>(last + 2) << 2), sample(start, max(last - 2, 0)));
}

function analyseRow(at: usize): void {
  if (width == 1) {
    if (oddX) store<i32>(at, load<i32>(at) << 1);
    return;
  }
  const start = LINE + (<usize>LEAD << 2);
  memory.copy(start, at, <usize>width << 2);
  mirrorLine(start);
  for (let x = 1 - oddX; x < width; x += 2) {
    const to = start + (<usize>x << 2);
    store<i32>(to, sample(to, 0) - ((sample(to, -1) + sample(to, 1)) >> 1));
  }
  mirrorLine(start);
  const lowCount = (width + 1 - oddX) >> 1;
  let low = at;
  for (let x = oddX; x < width; x += 2, low += 4) {
    const from = start + (<usize>x << 2);
    store<i32>(low, sample(from, 0) + ((sample(from, -1) + sample(from, 1) + 2) >> 2));
  }
  let high = at + (<usize>lowCount << 2);
  for (let x = 1 - oddX; x < width; x += 2, high += 4) {
    store<i32>(high, sample(start, x));
  }
}

function synthesiseRow(at: usize): void {
  if (width == 1) {
    // Odd only where bits were cut off, and then F.3.6 leaves the rounding open: towards zero, as
    // OpenJPEG does.
    if (oddX) store<i32>(at, load<i32>(at) / 2);
    return;
  }
  const start = LINE + (<usize>LEAD << 2);
  const lowCount = (width + 1 - oddX) >> 1;
  let from = at;
  for (let x = oddX; x < width; x += 2, from += 4) {
    store<i32>(start + (<usize>x << 2), load<i32>(from));
  }
  from = at + (<usize>lowCount << 2);
  for (let x = 1 - oddX; x < width; x += 2, from += 4) {
    store<i32>(start + (<usize>x << 2), load<i32>(from));
  }
  mirrorLine(start);
  for (let x = oddX; x < width; x += 2) {
    const to = start + (<usize>x << 2);
    store<i32>(to, sample(to, 0) - ((sample(to, -1) + sample(to, 1) + 2) >> 2));
  }
  mirrorLine(start);
  for (let x = 1 - oddX; x < width; x += 2) {
    const to = start + (<usize>x << 2);
    store<i32>(to, sample(to, 0) + ((sample(to, -1) + sample(to, 1)) >> 1));
  }
  memory.copy(at, start, <usize>width << 2);
}
