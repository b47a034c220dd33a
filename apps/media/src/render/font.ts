/**
 * An own bitmap font, five by seven, so that rendering needs no font on the machine. Each string
 * is a row; `#` is ink. Letters are drawn as capitals.
 */
const GLYPH_ROWS: Readonly<Record<string, string>> = {
  A: ' ### |#   #|#   #|#####|#   #|#   #|#   #',
  B: '#### |#   #|#   #|#### |#   #|#   #|#### ',
  C: ' ### |#   #|#    |#    |#    |#   #| ### ',
  D: '#### |#   #|#   #|#   #|#   #|#   #|#### ',
  E: '#####|#    |#    |#### |#    |#    |#####',
  F: '#####|#    |#    |#### |#    |#    |#    ',
  G: ' ### |#   #|#    |# ###|#   #|#   #| ####',
  H: '#   #|#   #|#   #|#####|#   #|#   #|#   #',
  I: ' ### |  #  |  #  |  #  |  #  |  #  | ### ',
  J: '  ###|   # |   # |   # |   # |#  # | ##  ',
  K: '#   #|#  # |# #  |##   |# #  |#  # |#   #',
  L: '#    |#    |#    |#    |#    |#    |#####',
  M: '#   #|## ##|# # #|# # #|#   #|#   #|#   #',
  N: '#   #|#   #|##  #|# # #|#  ##|#   #|#   #',
  O: ' ### |#   #|#   #|#   #|#   #|#   #| ### ',
  P: '#### |#   #|#   #|#### |#    |#    |#    ',
  Q: ' ### |#   #|#   #|#   #|# # #|#  # | ## #',
  R: '#### |#   #|#   #|#### |# #  |#  # |#   #',
  S: ' ####|#    |#    | ### |    #|    #|#### ',
  T: '#####|  #  |  #  |  #  |  #  |  #  |  #  ',
  U: '#   #|#   #|#   #|#   #|#   #|#   #| ### ',
  V: '#   #|#   #|#   #|#   #|#   #| # # |  #  ',
  W: '#   #|#   #|#   #|# # #|# # #|## ##|#   #',
  X: '#   #|#   #| # # |  #  | # # |#   #|#   #',
  Y: '#   #|#   #| # # |  #  |  #  |  #  |  #  ',
  Z: '#####|    #|   # |  #  | #   |#    |#####',
  '0': ' ### |#   #|#  ##|# # #|##  #|#   #| ### ',
  '1': '  #  | ##  |  #  |  #  |  #  |  #  | ### ',
  '2': ' ### |#   #|    #|   # |  #  | #   |#####',
  '3': '#####|   # |  #  |   # |    #|#   #| ### ',
  '4': '   # |  ## | # # |#  # |#####|   # |   # ',
  '5': '#####|#    |#### |    #|    #|#   #| ### ',
  '6': '  ## | #   |#    |#### |#   #|#   #| ### ',
  '7': '#####|    #|   # |  #  | #   | #   | #   ',
  '8': ' ### |#   #|#   #| ### |#   #|#   #| ### ',
  '9': ' ### |#   #|#   #| ####|    #|   # | ##  ',
  ' ': '     |     |     |     |     |     |     ',
  '.': '     |     |     |     |     | ##  | ##  ',
  ',': '     |     |     |     | ##  |  #  | #   ',
  ':': '     | ##  | ##  |     | ##  | ##  |     ',
  ';': '     | ##  | ##  |     | ##  |  #  | #   ',
  '-': '     |     |     |#####|     |     |     ',
  '+': '     |  #  |  #  |#####|  #  |  #  |     ',
  '=': '     |     |#####|     |#####|     |     ',
  _: '     |     |     |     |     |     |#####',
  '/': '     |    #|   # |  #  | #   |#    |     ',
  '(': '   # |  #  | #   | #   | #   |  #  |   # ',
  ')': ' #   |  #  |   # |   # |   # |  #  | #   ',
  '!': '  #  |  #  |  #  |  #  |  #  |     |  #  ',
  '?': ' ### |#   #|    #|   # |  #  |     |  #  ',
  "'": ' ##  |  #  | #   |     |     |     |     ',
  '"': ' # # | # # | # # |     |     |     |     ',
  '#': ' # # | # # |#####| # # |#####| # # | # # ',
  '%': '##   |##  #|   # |  #  | #   |#  ##|   ##',
  '&': ' ##  |#  # |# #  | #   |# # #|#  # | ## #',
  '*': '     |  #  |# # #| ### |# # #|  #  |     ',
  '@': ' ### |#   #|    #| ## #|# # #|# # #| ### ',
};
/** What has no glyph is shown as a frame, so that nothing vanishes unseen. */
const UNKNOWN = '#####|#   #|#   #|#   #|#   #|#   #|#####';

export const GLYPH_WIDTH = 5;
export const GLYPH_HEIGHT = 7;
/** Cells from one letter to the next: the glyph and a gap. */
export const GLYPH_ADVANCE = 6;

/** Rounds the corners three times over: a cell becomes eight by eight dots. */
const SMOOTHING_ROUNDS = 3;
export const DOTS_PER_CELL = 2 ** SMOOTHING_ROUNDS;

export type Glyph = { readonly width: number; readonly height: number; readonly dots: Uint8Array };

const cache = new Map<string, Glyph>();

/** Whether every letter of a line has its glyph. */
export function hasGlyphs(line: string): boolean {
  return [...line].every((each) => Object.hasOwn(GLYPH_ROWS, each.toUpperCase()));
}

/** The glyph of a character at its smoothed resolution. */
export function glyphOf(character: string): Glyph {
  const key = character.toUpperCase();
  const known = cache.get(key);
  if (known !== undefined) return known;
  const rows = (GLYPH_ROWS[key] ?? UNKNOWN).split('|');
  let glyph: Glyph = {
    width: GLYPH_WIDTH,
    height: GLYPH_HEIGHT,
    dots: Uint8Array.from(rows.flatMap((row) => [...row].map((cell) => (cell === '#' ? 1 : 0)))),
  };
  for (let round = 0; round < SMOOTHING_ROUNDS; round++) glyph = smooth(glyph);
  cache.set(key, glyph);
  return glyph;
}

/** Scale2x: each dot becomes four; corners between like neighbours are cut. */
function smooth({ width, height, dots }: Glyph): Glyph {
  const out = new Uint8Array(width * height * 4);
  const dot = (x: number, y: number) =>
    x < 0 || y < 0 || x >= width || y >= height ? 0 : dots[y * width + x]!;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const own = dot(x, y);
      const [up, left, right, down] = [dot(x, y - 1), dot(x - 1, y), dot(x + 1, y), dot(x, y + 1)];
      const at = 4 * y * width + 2 * x;
      const edges = up !== down && left !== right;
      out[at] = edges && left === up ? left : own;
      out[at + 1] = edges && up === right ? right : own;
      out[at + 2 * width] = edges && left === down ? left : own;
      out[at + 2 * width + 1] = edges && down === right ? right : own;
    }
  }
  return { width: width * 2, height: height * 2, dots: out };
}
