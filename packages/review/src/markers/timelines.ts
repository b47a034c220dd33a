import { clipText, finding, type Finding, type Outcome } from '@yinglian/core';
import {
  clip,
  DEFAULT_MEDIA,
  external,
  framesAt,
  type Item,
  type Marker,
  marker,
  objectMember,
  placeItems,
  playedRange,
  range,
  rateOf,
  stack,
  subtractTime,
  textMember,
  time,
  type Timeline,
  type TimelineFormat,
  readTimeline,
  timelinesOf,
  track,
  tracksOf,
  writeTimeline,
} from '@yinglian/timeline';
import { MARKER_COLOURS, type MarkerScope, oneLine, type ReviewMarker } from './model.ts';

/** Markers on a timeline of one clip, in the formats that have timelines. */

const OWN = 'yinglian';

/** Writes a timeline with what was watched as its one clip, and the markers on it. */
export function writeMarkerTimeline(
  markers: readonly ReviewMarker[],
  scope: MarkerScope,
  format: 'otio' | 'fcp7' | 'fcpxml',
): Outcome<Uint8Array> {
  const { rate, dropFrame } = scope.clock;
  const made = markers.map((each) => timelineMarker(each, scope, format));
  const media = external(encodeURIComponent(scope.title), {
    availableRange: range(Number(scope.first), scope.frames, rate),
  });
  const inClip = format === 'fcpxml';
  const sole = clip({
    name: scope.title,
    media: { [DEFAULT_MEDIA]: media },
    sourceRange: range(Number(scope.first), scope.frames, rate),
    // Final Cut has markers on clips only; in their time, which is that of the media.
    markers: inClip
      ? made.map((each) => ({
          ...each,
          markedRange: {
            ...each.markedRange,
            start: time(each.markedRange.start.value + Number(scope.first), rate),
          },
        }))
      : [],
  });
  const whole: Timeline = {
    kind: 'timeline',
    name: scope.title,
    metadata: { cmx_3600: { drop_frame: dropFrame } },
    globalStart: time(Number(scope.first), rate),
    tracks: stack({
      name: 'tracks',
      children: [track({ name: 'V1', children: [sole] })],
      markers: inClip ? [] : made,
    }),
  };
  return writeTimeline(whole, format, { rate });
}

function timelineMarker(
  of: ReviewMarker,
  { clock }: MarkerScope,
  format: 'otio' | 'fcp7' | 'fcpxml',
): Marker {
  const { rate } = clock;
  const at = range(of.frame, of.length, rate);
  // Final Cut shows the value; the other two show a name and under it the comment.
  const words =
    format === 'fcpxml'
      ? { name: of.text, comment: of.author }
      : { name: of.author, comment: of.text };
  return marker(at, {
    ...words,
    color: of.colour.toUpperCase(),
    metadata: format === 'otio' ? { [OWN]: { note: of.id ?? '' } } : {},
  });
}

/** The markers of all timelines in a file, counted from the first frame of what was watched. */
export function readMarkerTimeline(
  bytes: Uint8Array,
  scope: MarkerScope,
  format: TimelineFormat,
  findings: Finding[],
): ReviewMarker[] {
  const read = readTimeline(bytes, { format, rate: scope.clock.rate });
  findings.push(...read.findings.filter((each) => !read.ok || each.severity === 'error'));
  if (!read.ok) return [];
  const [first, ...others] = timelinesOf(read.value);
  if (first === undefined) return [];
  for (const each of others) {
    const facts = { name: clipText(each.name) };
    findings.push(finding('unread_timeline', 'warning', { facts }));
  }
  return markersIn(first, scope, format);
}

function markersIn(of: Timeline, scope: MarkerScope, format: TimelineFormat): ReviewMarker[] {
  const { rate } = scope.clock;
  const own = rateOf(of) ?? rate;
  const frames = (at: { value: number; rate: typeof rate }) => framesAt(at, rate).frames;
  const begins = of.globalStart === undefined ? 0 : frames(of.globalStart) - Number(scope.first);
  // A timeline that says nothing of its start begins where the film does.
  const shift = of.globalStart === undefined || of.globalStart.value === 0 ? 0 : begins;
  const taken: ReviewMarker[] = [];
  const take = (each: Marker, from: number) => {
    taken.push(
      plainMarker(each, {
        frame: from + shift,
        format,
        length: frames(each.markedRange.duration),
      }),
    );
  };
  for (const each of of.tracks.markers) {
    if (each.kind === 'marker') take(each, frames(each.markedRange.start));
  }
  for (const { track: lane, path } of tracksOf(of)) {
    for (const placed of placeItems(lane, path, { rate: own, findings: [] })) {
      if (placed.item.kind === 'unknown') continue;
      takeItem(placed.item, frames(time(placed.start, own)), frames, take);
    }
  }
  return taken;
}

function takeItem(
  item: Item,
  start: number,
  frames: (at: Marker['markedRange']['start']) => number,
  take: (each: Marker, from: number) => void,
): void {
  const played = playedRange(item);
  for (const each of item.markers) {
    if (each.kind !== 'marker') continue;
    const { start: at } = each.markedRange;
    take(each, start + frames(played === undefined ? at : subtractTime(at, played.start)));
  }
}

function plainMarker(
  of: Marker,
  at: { readonly frame: number; readonly length: number; readonly format: TimelineFormat },
): ReviewMarker {
  const own = objectMember(of.metadata, OWN);
  const id = own === undefined ? undefined : textMember(own, 'note');
  const colour = typeof of.color === 'string' ? of.color.toLowerCase() : '';
  const swapped = at.format === 'fcpxml';
  const [author, text] = swapped ? [of.comment, of.name] : [of.name, of.comment];
  return {
    frame: at.frame,
    length: Math.max(1, at.length),
    author: oneLine(author),
    text: text.trim() === '' ? author.trim() : text.trim(),
    id: id === undefined || id === '' ? null : id,
    colour: MARKER_COLOURS.find((each) => each === colour) ?? 'blue',
  };
}
