import { clipText, type Finding, finding } from '@yinglian/core';
import { CARD_KINDS, type CardKind } from './card-table.ts';

/** One clip of a card: a file, or all the frames or segments of a take. */
export type CardClip = {
  readonly name: string;
  readonly fileCount: number;
  readonly sizeBytes: number;
  /** Its first file, from which a picture can be taken. */
  readonly firstPath: string;
};

/** What a card was recognised as. */
export type Card = {
  /** A name of the table, or `unknown`. */
  readonly kind: string;
  readonly name: string;
  readonly reel?: string;
  readonly clips: readonly CardClip[];
  readonly findings: readonly Finding[];
};

/** Is shown every file of a card once, in any order, and remembers little. */
export type CardScout = {
  see(path: string, sizeBytes: number): void;
  finish(folderName: string): Card;
};

/** Clips that a report lists; a card with more is still copied whole. */
export const CLIPS_MAX = 20_000;

type Trace = {
  readonly kind: CardKind;
  readonly met: boolean[];
  readonly clips: Map<string, { fileCount: number; sizeBytes: number; firstPath: string }>;
  readonly segments: Map<string, number[]>;
  reel: string | undefined;
  empty: string | undefined;
};

/** Recognises a card by how its files are named and laid out; contents are not opened. */
export function createCardScout(): CardScout {
  const traces: Trace[] = CARD_KINDS.map((kind) => ({
    kind,
    met: kind.needs.map(() => false),
    clips: new Map(),
    segments: new Map(),
    reel: undefined,
    empty: undefined,
  }));
  return {
    see: (path, sizeBytes) => {
      for (const trace of traces) look(trace, path, sizeBytes);
    },
    finish: (folderName) => {
      const trace = traces.find(({ met, clips }) => met.every(Boolean) && clips.size > 0);
      if (trace === undefined) return { kind: 'unknown', name: '', clips: [], findings: [] };
      const { kind, clips } = trace;
      const reel = trace.reel ?? reelOf(kind, folderName);
      return {
        kind: kind.id,
        name: kind.name,
        ...(reel === undefined ? {} : { reel }),
        clips: [...clips]
          .map(([name, clip]) => ({ name, ...clip }))
          .sort((a, b) => (a.name < b.name ? -1 : 1)),
        findings: remarks(trace),
      };
    },
  };
}

/** A whole listing at once. */
export function recogniseCard(
  folderName: string,
  files: Iterable<{ readonly path: string; readonly sizeBytes: number }>,
): Card {
  const scout = createCardScout();
  for (const { path, sizeBytes } of files) scout.see(path, sizeBytes);
  return scout.finish(folderName);
}

function look(trace: Trace, path: string, sizeBytes: number): void {
  const { kind, met, clips } = trace;
  kind.needs.forEach((need, i) => {
    if (met[i] !== true && need.test(path)) met[i] = true;
  });
  trace.reel ??= kind.reel?.exec(path)?.[1];
  const name = kind.clip.exec(path)?.[1];
  if (name === undefined) return;
  if (sizeBytes === 0) trace.empty ??= path;
  const clip = clips.get(name);
  if (clip !== undefined) {
    clip.fileCount += 1;
    clip.sizeBytes += sizeBytes;
    if (path < clip.firstPath) clip.firstPath = path;
  } else if (clips.size < CLIPS_MAX) {
    clips.set(name, { fileCount: 1, sizeBytes, firstPath: path });
  }
  const segment = kind.segment?.exec(path);
  if (segment == null) return;
  const numbers = trace.segments.get(segment[1]!) ?? [];
  numbers.push(Number(segment[2]));
  trace.segments.set(segment[1]!, numbers);
}

function reelOf(kind: CardKind, folderName: string): string | undefined {
  if (kind.reel === undefined) return undefined;
  return /^([A-Z]\d{3})(?=R|_|$)/i.exec(folderName)?.[1];
}

/** Faults that a card shows from outside: a camera that lost power leaves such. */
function remarks(trace: Trace): readonly Finding[] {
  const findings: Finding[] = [];
  if (trace.empty !== undefined) {
    findings.push(finding('empty_media_file', 'warning', { at: { path: clipText(trace.empty) } }));
  }
  for (const [clip, numbers] of trace.segments) {
    const present = new Set(numbers);
    const last = Math.max(...present);
    for (let number = 1; number < last; number++) {
      if (present.has(number)) continue;
      const facts = { clip: clipText(clip), number };
      findings.push(finding('missing_segment', 'warning', { facts }));
      break;
    }
  }
  return findings;
}
