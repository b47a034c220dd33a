import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PictureSize } from '../jobs.ts';

/** Where systems keep a font with Chinese, Japanese and Korean letters (Noto, then their own). */
const FONTS: readonly string[] = [
  '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc',
  '/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc',
  '/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc',
  '/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc',
  '/usr/share/fonts/truetype/wqy/wqy-microhei.ttc',
  '/usr/share/fonts/truetype/arphic/uming.ttc',
  '/System/Library/Fonts/Hiragino Sans GB.ttc',
  '/System/Library/Fonts/STHeiti Medium.ttc',
  'C:/Windows/Fonts/msyh.ttc',
  'C:/Windows/Fonts/simhei.ttf',
];

/** A font of this machine with Chinese letters. */
export function findLetters(fonts: readonly string[] = FONTS): string | undefined {
  return fonts.find((each) => existsSync(each));
}

/** Letters that such a font has: scripts of China and its neighbours, and of Europe. */
const WRITTEN =
  /^[\p{sc=Latin}\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Greek}\p{sc=Cyrillic}\p{P}\p{Nd}\p{Mn}\p{Zs}]+$/u;

/** Whether a font with Chinese letters can write a line. */
export function isWritten(line: string): boolean {
  return WRITTEN.test(line);
}

/** White letters and their shadow, as much of the picture as those of the bitmap font hide. */
const COLOURS = 'fontcolor=white@0.3:shadowcolor=black@0.26';
/** Rows over the height; whoever cuts a part away leaves another one. */
const ROWS = 5;
/** The size of the letters in parts of the picture's height. */
const SIZE_SHARE = 1 / 20;
const SIZE_MIN = 12;
const LINE_SHARE = 1.25;
const GAP = '      ';
const REPEATS_MAX = 40;

/**
 * Filters that write lines all over a picture. The words lie in files of their own, as no text of
 * people gets into a filter graph.
 */
export async function lettersFilters(
  folder: string,
  font: string,
  { width, height }: PictureSize,
  lines: readonly string[],
): Promise<string> {
  const size = Math.max(SIZE_MIN, Math.round(height * SIZE_SHARE));
  const below = size * LINE_SHARE;
  const step = Math.max(Math.floor(height / ROWS), Math.round(below * (lines.length + 1)));
  const files = await Promise.all(
    lines.map(async (line, index) => {
      const path = join(folder, `stamp-${index}.txt`);
      // The narrowest letters are a quarter as wide as they are tall.
      const wide = (line.length + GAP.length) * size * 0.25;
      const repeats = Math.min(REPEATS_MAX, Math.ceil((2 * width) / wide) + 1);
      await writeFile(path, `${line}${GAP}`.repeat(repeats));
      return path;
    }),
  );
  const filters: string[] = [];
  for (let row = 0, y = Math.round(step / 3); y < height; row++, y += step) {
    for (const [index, path] of files.entries()) {
      const at = `x=${-((row * 3 * size) % width)}:y=${Math.round(y + index * below)}`;
      const shadow = `shadowx=${Math.ceil(size / 16)}:shadowy=${Math.ceil(size / 16)}`;
      filters.push(
        `drawtext=fontfile=${quoted(font)}:textfile=${quoted(path)}:expansion=none:` +
          `fontsize=${size}:${COLOURS}:${shadow}:${at}`,
      );
    }
  }
  return filters.join(',');
}

/** A path as an option of a filter, then as a word of a graph (ffmpeg-utils, quoting). */
function quoted(path: string): string {
  const option = path.replaceAll('\\', '/').replaceAll(/[':]/g, (each) => `\\${each}`);
  return `'${option.replaceAll("'", "'\\''")}'`;
}
