import { join } from 'node:path';
import { type Finding, finding } from '@yinglian/core';
import type { PictureSize } from '../jobs.ts';
import { hasGlyphs } from '../render/font.ts';
import { findLetters, isWritten, lettersFilters } from '../render/letters.ts';
import { writeStamp } from '../render/stamp.ts';
import type { VerbContext } from './context.ts';

/** How a picture is stamped: by filters, or by a still that is laid over it. */
export type StampChain = {
  readonly filters: string | undefined;
  readonly still: string | undefined;
  readonly findings: readonly Finding[];
};

/** What a machine has for writing on pictures. */
export type Letters = { readonly font: string | undefined; readonly canDraw: boolean };

/** What is written of a stamp, with which font, and what is not. */
export type Spelled = {
  readonly lines: readonly string[];
  /** A font file; without one it is the own bitmap font. */
  readonly font: string | undefined;
  readonly lost: readonly string[];
};

/**
 * The lines that are written and what with. The own bitmap font needs nothing of the machine; a
 * line that it cannot spell takes a font with Chinese letters, and is left out where there is none.
 */
export function spellLines(
  lines: readonly string[],
  { font, canDraw }: Letters,
): Spelled {
  const usable = canDraw ? font : undefined;
  if (usable === undefined || lines.every((each) => hasGlyphs(bare(each)))) {
    const lost = lines.filter((each) => !hasGlyphs(bare(each)));
    return { lines: lines.map(bare).filter(hasGlyphs), font: undefined, lost };
  }
  const lost = lines.filter((each) => !isWritten(each));
  return { lines: lines.filter(isWritten), font: usable, lost };
}

/** A line without its accents, which the bitmap font has not. */
function bare(line: string): string {
  return line.normalize('NFD').replaceAll(/\p{M}+/gu, '');
}

/** Prepares the stamp of a copy; what cannot be written is told. */
export async function stampChain(
  context: VerbContext,
  size: PictureSize,
  wanted: readonly string[],
): Promise<StampChain> {
  const canDraw = context.listing.filters.includes('drawtext');
  const { lines, font, lost } = spellLines(wanted, { font: findLetters(), canDraw });
  const findings = lost.map((text) => finding('unspelled_stamp', 'warning', { facts: { text } }));
  if (lines.length === 0) return { filters: undefined, still: undefined, findings };
  const folder = await context.scratchFolder();
  if (font !== undefined) {
    const filters = await lettersFilters(folder, font, size, lines);
    return { filters, still: undefined, findings };
  }
  const still = join(folder, 'stamp.png');
  await writeStamp(still, size, lines);
  return { filters: undefined, still, findings };
}
