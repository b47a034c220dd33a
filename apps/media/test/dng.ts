/** TIFF 6.0 field types by number, and the bytes of one value. */
const BYTES: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 10: 8 };
type Entry = readonly [tag: number, type: number, values: readonly (number | readonly number[])[]];

/** Of the light that the test camera calls neutral: red, green, blue. */
export const NEUTRAL = [0.5, 1, 0.75] as const;
/** A matrix of a camera, from X, Y, Z in ten thousandths, and what daylight (D65) is by it. */
const MATRIX = [9000, -3000, -700, -4000, 12_000, 2200, -700, 1700, 6500];
export const DAYLIGHT = [0, 3, 6].map((row) =>
  [0.9505, 1, 1.089].reduce((sum, each, at) => sum + (each * MATRIX[row + at]!) / 10_000, 0),
);
const [BLACK, WHITE] = [256, 4095];
const text = (of: string) => [...Buffer.from(`${of}\0`, 'latin1')];

/** A CinemaDNG, uncompressed RGGB of 16 bits: neutral light from dark to bright, left to right. */
export function rawFrame(width: number, height: number, second: number): Buffer {
  const strip = width * height * 2;
  const colours = MATRIX.map((each) => [each, 10_000]);
  const entries: readonly Entry[] = [
    [254, 4, [0]], [256, 4, [width]], [257, 4, [height]], [258, 3, [16]], [259, 3, [1]],
    [262, 3, [32_803]], [271, 2, text('Test')], [273, 4, [0]], [274, 3, [1]], [277, 3, [1]],
    [278, 4, [height]], [279, 4, [strip]], [284, 3, [1]], [33_421, 3, [2, 2]],
    [33_422, 1, [0, 1, 1, 2]], [50_706, 1, [1, 4, 0, 0]], [50_708, 2, text('Test camera')],
    [50_714, 3, [BLACK]], [50_717, 4, [WHITE]], [50_721, 10, colours],
    [50_728, 5, NEUTRAL.map((each) => [each * 100, 100])],
    [51_043, 1, [0, second, 0, 1, 0, 0, 0, 0]], [51_044, 10, [[24, 1]]],
  ];
  const data = entries.map(([, type, values]) => fieldBytes(type, values));
  const listEnd = 14 + entries.length * 12;
  const offsets: number[] = [];
  let end = listEnd;
  for (const each of data) {
    offsets.push(end);
    if (each.length > 4) end += each.length + (each.length % 2);
  }
  const out = Buffer.alloc(end + strip);
  out.write('II*\0', 0, 'latin1');
  out.writeUInt32LE(8, 4);
  out.writeUInt16LE(entries.length, 8);
  for (const [index, [tag, type, values]] of entries.entries()) {
    const at = 10 + index * 12;
    out.writeUInt16LE(tag, at);
    out.writeUInt16LE(type, at + 2);
    out.writeUInt32LE(values.length, at + 4);
    if (tag === 273) out.writeUInt32LE(end, at + 8);
    else if (data[index]!.length <= 4) data[index]!.copy(out, at + 8);
    else {
      out.writeUInt32LE(offsets[index]!, at + 8);
      data[index]!.copy(out, offsets[index]!);
    }
  }
  for (let pixel = 0; pixel < width * height; pixel++) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const colour = (x % 2) + (y % 2);
    const level = BLACK + (x / width) * NEUTRAL[colour]! * (WHITE - BLACK);
    out.writeUInt16LE(Math.round(level), end + pixel * 2);
  }
  return out;
}

function fieldBytes(type: number, values: Entry[2]): Buffer {
  const size = BYTES[type]!;
  const out = Buffer.alloc(size * values.length);
  for (const [index, value] of values.entries()) {
    const at = index * size;
    if (typeof value !== 'number') {
      out.writeInt32LE(value[0]!, at);
      out.writeInt32LE(value[1]!, at + 4);
    } else if (type === 3) out.writeUInt16LE(value, at);
    else if (type === 4) out.writeUInt32LE(value, at);
    else out.writeUInt8(value, at);
  }
  return out;
}
