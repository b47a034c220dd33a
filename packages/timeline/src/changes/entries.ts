import type { Finding, FrameRate } from '@yinglian/core';
import { isGenerated } from '../edl/events.ts';
import { reelOf } from '../edl/write.ts';
import { member, objectMember, textMember } from '../json/value.ts';
import {
  type Clip,
  type Item,
  mediaOf,
  speedOf,
  type Timeline,
  type Transition,
  type UnknownObject,
} from '../model.ts';
import { type PlacedItem, sourceFrames, tell, tracksOf } from '../place.ts';
import { placePlayed } from '../played.ts';
import { framesAt } from '../time.ts';

/** Departments, by the tracks that concern them. */
export type Department = 'picture' | 'sound';

/** One use of a medium in a cut, in whole frames of the comparison's rate. */
export type CutEntry = {
  readonly clip: Clip;
  /** The item of the track that it is, or that it is played of: a compound clip. */
  readonly holder: Item | UnknownObject;
  readonly department: Department;
  readonly track: number;
  readonly trackName: string;
  /** Place among the entries of its track. */
  readonly index: number;
  readonly name: string;
  /** The shot it belongs to; '' where nothing says so. */
  readonly shot: string;
  readonly reel: string;
  readonly url: string;
  /** First frame of source that is used, and the one after the last. */
  readonly sourceIn: number;
  readonly sourceOut: number;
  /** In the timecode of the timeline. */
  readonly recordIn: number;
  readonly recordOut: number;
  readonly speed: number;
  readonly enabled: boolean;
  /** Transitions and effects as a text that changes when they do. */
  readonly treatment: string;
};

/** How shots are told from clips. */
export type ShotNaming = {
  /** Finds the shot's name in a locator; its first group if it has one. */
  readonly pattern?: RegExp;
};

/** Letters, digits and separators as shots are called: `sh010`, `117_GUD_0030`, `SQ01-SH0040A`. */
const SHOT_IN_LOCATOR =
  /\b(?=[A-Za-z0-9_-]{0,40}\d)[A-Za-z0-9]{1,20}(?:[_-][A-Za-z0-9]{1,20}){1,6}\b/;

/**
 * The shot of a clip: what a tool of this project said, else a locator that looks like a shot's
 * name, else `COMMENT:`, else nothing.
 */
export function shotOf(of: Clip, naming: ShotNaming = {}): string {
  const own = objectMember(of.metadata, 'yinglian');
  const stated = own === undefined ? undefined : textMember(own, 'shot');
  if (stated !== undefined && stated !== '') return stated;
  const pattern = naming.pattern ?? SHOT_IN_LOCATOR;
  for (const each of of.markers) {
    if (each.kind !== 'marker') continue;
    const found = pattern.exec(`${each.name} ${each.comment}`.slice(0, 400));
    pattern.lastIndex = 0;
    if (found !== null) return found[1] ?? found[0];
  }
  const list = objectMember(of.metadata, 'cmx_3600');
  const comments = list === undefined ? undefined : member(list, 'comments');
  if (Array.isArray(comments)) {
    for (const each of comments) {
      const match = typeof each === 'string' ? /^COMMENT\s*:\s*(\S.*)$/i.exec(each) : null;
      if (match !== null) return match[1]!.trim();
    }
  }
  return '';
}

/** All entries of a cut, track by track; generated black and bars are no medium and left out. */
export function entriesOf(
  of: Timeline,
  rate: FrameRate,
  findings: Finding[],
  naming: ShotNaming = {},
): CutEntry[] {
  const placing = { rate, findings };
  const origin = of.globalStart === undefined ? 0 : framesAt(of.globalStart, rate).frames;
  const entries: CutEntry[] = [];
  for (const [index, { track, path }] of tracksOf(of).entries()) {
    if (!track.enabled) continue;
    const department: Department = track.trackKind === 'Audio' ? 'sound' : 'picture';
    let number = 0;
    for (const placed of placePlayed(track, path, placing)) {
      const { item } = placed;
      if (item.kind === 'gap') continue;
      if (item.kind !== 'clip') {
        tell(placing, 'uncompared_nesting', 'warning', placed.path, { name: item.name });
        continue;
      }
      if (isGenerated(reelOf(item))) continue;
      const source = sourceFrames(item, placing, placed.path);
      if (source === undefined) continue;
      const place = { department, track: index, trackName: track.name, index: number++ };
      entries.push(entryOf(place, item, placed, source.start, origin, naming));
    }
  }
  return entries;
}

function entryOf(
  place: Pick<CutEntry, 'department' | 'track' | 'trackName' | 'index'>,
  item: Clip,
  placed: PlacedItem,
  start: number,
  origin: number,
  naming: ShotNaming,
): CutEntry {
  const speed = speedOf(item);
  const used = speed === 0 ? 1 : Math.max(1, Math.round(placed.duration * Math.abs(speed)));
  // Played backward, the source range begins with the last frame that is used.
  const from = speed < 0 ? start - used + 1 : start;
  const media = mediaOf(item);
  const url = media?.kind === 'external' ? media.targetUrl : '';
  return {
    department: place.department,
    track: place.track,
    trackName: place.trackName,
    index: place.index,
    clip: item,
    holder: placed.holder ?? item,
    name: item.name,
    shot: shotOf(item, naming),
    reel: reelOf(item),
    url,
    sourceIn: from,
    sourceOut: from + used,
    recordIn: origin + placed.start,
    recordOut: origin + placed.start + placed.duration,
    speed,
    enabled: item.enabled,
    treatment: treatmentOf(item, placed.before, placed.after),
  };
}

function treatmentOf(
  of: Clip,
  before: Transition | undefined,
  after: Transition | undefined,
): string {
  const parts: string[] = [];
  for (const each of [before, after]) {
    parts.push(
      each === undefined
        ? 'cut'
        : `${each.transitionType} ${each.inOffset.value}+${each.outOffset.value}`,
    );
  }
  for (const each of of.effects) {
    if (each.kind === 'effect' && each.timeScalar === undefined && each.enabled !== false) {
      parts.push(each.effectName || each.name || each.schema);
    }
  }
  return parts.join('; ');
}
