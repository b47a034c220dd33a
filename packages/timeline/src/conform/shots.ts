import {
  accepted,
  type Finding,
  finding,
  FRAME_RATES,
  type Outcome,
  refused,
} from '@yinglian/core';
import { type CutEntry, entriesOf, type ShotNaming } from '../changes/entries.ts';
import { matchEntries } from '../changes/match.ts';
import { type JsonObject, objectMember } from '../json/value.ts';
import type { Composable, Timeline } from '../model.ts';
import { rateOf, tracksOf } from '../place.ts';

/** How shots are numbered. */
export type ShotNumbering = ShotNaming & {
  /**
   * `{sequence}` and `{number}`, digits of the number after a colon: `{sequence}_{number:4}` gives
   * `SQ010_0040`.
   */
  readonly template: string;
  readonly sequence?: string;
  /** 10 unless given. */
  readonly first?: number;
  /** 10 unless given, so that nine shots find room between two. */
  readonly step?: number;
  /** A cut whose shots have names; uses of the same medium keep them. */
  readonly earlier?: Timeline;
  /** Names that no new shot gets: those of shots that left the cut. */
  readonly reserved?: readonly string[];
};

const PLACEHOLDER = /\{(sequence|number)(?::(\d{1,2}))?\}/g;

/**
 * Gives every clip of the lowest picture track a shot name, in the order of the cut. Clips that
 * have one, or had one in the earlier cut, keep it; new ones between two get a number between
 * theirs, and a letter where there is none left. The names stand in `metadata.yinglian.shot`.
 */
export function nameShots(of: Timeline, numbering: ShotNumbering): Outcome<Timeline> {
  if (!/\{number(?::\d{1,2})?\}/.test(numbering.template)) {
    const facts = { template: numbering.template };
    return refused(finding('missing_shot_number', 'error', { facts }));
  }
  const findings: Finding[] = [];
  const rate = rateOf(of) ?? FRAME_RATES['24'];
  const all = entriesOf(of, rate, findings, numbering).filter(
    (each) => each.department === 'picture',
  );
  const lowest = Math.min(...all.map((each) => each.track));
  // A compound clip is one shot, however many media are played of it.
  const seen = new Set<CutEntry['holder']>();
  const entries = all.filter(({ track, holder }) => {
    if (track !== lowest || seen.has(holder)) return false;
    seen.add(holder);
    return true;
  });
  const known = earlierNames(entries, numbering, rate, findings);
  const names = entries.map((each) => each.shot || known.get(each) || '');
  fillNames(names, numbering);
  const byClip = new Map(entries.map((each, index) => [each.holder, names[index]!]));
  return accepted(renamed(of, byClip), findings);
}

function earlierNames(
  entries: readonly CutEntry[],
  numbering: ShotNumbering,
  rate: Parameters<typeof entriesOf>[1],
  findings: Finding[],
): Map<CutEntry, string> {
  if (numbering.earlier === undefined) return new Map();
  const before = entriesOf(numbering.earlier, rate, findings, numbering);
  const { pairs } = matchEntries(before, entries);
  return new Map(pairs.map((each) => [each.new, each.old.shot]));
}

/** The number in a name that the template made; undefined for other names. */
function numberIn(name: string, numbering: ShotNumbering): number | undefined {
  const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  let source = '';
  let at = 0;
  for (const match of numbering.template.matchAll(PLACEHOLDER)) {
    source += literal(numbering.template.slice(at, match.index));
    source +=
      match[1] === 'number' ? String.raw`(\d{1,9})[A-Z]?` : literal(numbering.sequence ?? '');
    at = match.index + match[0].length;
  }
  const found = new RegExp(`^${source}${literal(numbering.template.slice(at))}$`).exec(name);
  return found === null ? undefined : Number(found[1]);
}

function fillNames(names: string[], numbering: ShotNumbering): void {
  const step = Math.max(1, numbering.step ?? 10);
  const taken = new Set([...(numbering.reserved ?? []), ...names.filter((each) => each !== '')]);
  let low = (numbering.first ?? step) - step;
  for (let i = 0; i < names.length; i++) {
    if (names[i] !== '') {
      low = numberIn(names[i]!, numbering) ?? low;
      continue;
    }
    let end = i;
    while (end < names.length && names[end] === '') end++;
    const high = end < names.length ? numberIn(names[end]!, numbering) : undefined;
    const made = numbersBetween(low, high, end - i, step);
    for (const number of made) names[i++] = free(number, numbering, taken);
    low = made.at(-1) ?? low;
    i--;
  }
}

/** So many numbers after one and, where there is one, before the other, evenly if they fit. */
function numbersBetween(low: number, high: number | undefined, count: number, step: number) {
  if (high === undefined || high <= low) {
    return Array.from({ length: count }, (_, i) => low + step * (i + 1));
  }
  const space = (high - low) / (count + 1);
  if (space < 1) return Array.from({ length: count }, () => low);
  return Array.from({ length: count }, (_, i) => low + Math.floor(space * (i + 1)));
}

function free(number: number, numbering: ShotNumbering, taken: Set<string>): string {
  const base = filled(number, numbering);
  let made = base;
  for (let letter = 0; taken.has(made); letter++) made = `${base}${letters(letter)}`;
  taken.add(made);
  return made;
}

/** A, B … Z, AA, AB … */
function letters(index: number): string {
  const rest = Math.floor(index / 26);
  const last = String.fromCharCode(65 + (index % 26));
  return rest === 0 ? last : letters(rest - 1) + last;
}

function filled(number: number, numbering: ShotNumbering): string {
  return numbering.template.replace(PLACEHOLDER, (_, name: string, digits: string | undefined) =>
    name === 'sequence'
      ? (numbering.sequence ?? '')
      : String(number).padStart(Number(digits ?? 4), '0'),
  );
}

function renamed(of: Timeline, names: ReadonlyMap<CutEntry['holder'], string>): Timeline {
  const known = new Set(tracksOf(of).map(({ track }) => track));
  const inside = (each: Composable): Composable => {
    if (each.kind === 'track' && known.has(each))
      return { ...each, children: each.children.map(inside) };
    const name = each.kind === 'transition' ? undefined : names.get(each);
    if (each.kind === 'transition' || each.kind === 'unknown' || name === undefined) return each;
    const own: JsonObject = objectMember(each.metadata, 'yinglian') ?? {};
    return { ...each, metadata: { ...each.metadata, yinglian: { ...own, shot: name } } };
  };
  return { ...of, tracks: { ...of.tracks, children: of.tracks.children.map(inside) } };
}
