import { finding, type Finding } from '@yinglian/core';
import { type JsonObject, objectMember, textMember } from '../json/value.ts';
import { type Composable, gap, type Gap, stack, type Timeline, type Track } from '../model.ts';
import { countsDropFrame, playedRange, tracksOf } from '../place.ts';
import { addTime } from '../time.ts';

/** A cut in which only some of its shots are left, and the names that it does not have. */
export type ShotsOfCut = { readonly cut: Timeline; readonly findings: readonly Finding[] };

/**
 * The cut for somebody who gets some of its shots: each stays where it is in the programme, and
 * whatever else there was is one gap as long as all of it, so that nothing tells what it was, how
 * it was cut or what was noted on it.
 */
export function onlyShots(of: Timeline, shots: ReadonlySet<string>): ShotsOfCut {
  const seen = new Set<string>();
  const children = tracksOf(of).map(({ track }) => ({
    ...track,
    metadata: {},
    effects: [],
    markers: [],
    children: keptItems(track, shots, seen),
  }));
  const metadata: JsonObject = countsDropFrame(of) ? { cmx_3600: { drop_frame: true } } : {};
  const tracks = stack({ name: of.tracks.name, children });
  const findings = [...shots]
    .filter((name) => !seen.has(name))
    .map((name) => finding('missing_cut_shot', 'warning', { facts: { name } }));
  return { cut: { ...of, metadata, tracks }, findings };
}

function keptItems(of: Track, shots: ReadonlySet<string>, seen: Set<string>): Composable[] {
  const isKept = of.children.map((each) => {
    const shot = shotNamed(each);
    if (shot === undefined || !shots.has(shot)) return false;
    seen.add(shot);
    return true;
  });
  const made: Composable[] = [];
  for (const [index, each] of of.children.entries()) {
    // A dissolve uses frames of the shot beside it, so it stays with either of its sides.
    const stays =
      each.kind === 'transition'
        ? isKept[index - 1] === true || isKept[index + 1] === true
        : isKept[index] === true;
    if (stays) made.push(withoutOthers(each));
    else addGap(made, each);
  }
  return made;
}

/** What a transition says of itself, and the lines of a list below an event, name both sides. */
function withoutOthers(of: Composable): Composable {
  if (of.kind === 'transition') return { ...of, name: '', metadata: {} };
  const list = of.kind === 'clip' ? objectMember(of.metadata, 'cmx_3600') : undefined;
  if (of.kind !== 'clip' || list === undefined) return of;
  const { lines: _, ...own } = list;
  return { ...of, metadata: { ...of.metadata, cmx_3600: own } };
}

/** Gaps that follow one another are one: where others were cut is theirs. */
function addGap(made: Composable[], of: Composable): void {
  if (of.kind === 'transition' || of.kind === 'unknown') return;
  const played = playedRange(of);
  if (played === undefined) return;
  const last = made.at(-1);
  if (last?.kind !== 'gap') {
    made.push(gap(played.duration));
    return;
  }
  made[made.length - 1] = gap(addTime(lengthOf(last), played.duration));
}

function lengthOf(of: Gap) {
  return playedRange(of)!.duration;
}

/** The name that the numbering of shots gave an item of a track. */
function shotNamed(of: Composable): string | undefined {
  if (of.kind === 'transition' || of.kind === 'unknown') return undefined;
  const own = objectMember(of.metadata, 'yinglian');
  return own === undefined ? undefined : textMember(own, 'shot');
}
