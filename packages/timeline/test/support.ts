import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Outcome } from '@yinglian/core';
import fc from 'fast-check';
import {
  clip,
  type Composable,
  doubleOfRatio,
  external,
  gap,
  marker,
  playedRange,
  range,
  rateOfDouble,
  secondsOf,
  speedOf,
  time,
  type RationalTime,
  type Timeline,
  timeline,
  timelinesOf,
  type TimelineObject,
  timeWarp,
  track,
  transition,
} from '../src/index.ts';

const HERE = dirname(fileURLToPath(import.meta.url));
/** The shared data, beside the project; tests that need it are skipped where it is not. */
export const FIXTURES = join(HERE, '../../../../shared/fixtures/collab');
/** Why a test is skipped, or nothing. */
export const ABSENT = existsSync(FIXTURES) ? '' : `no fixtures at ${FIXTURES}`;
if (ABSENT !== '') console.warn(`skipped: ${ABSENT}`);

export function fixture(path: string): Uint8Array {
  return new Uint8Array(readFileSync(join(FIXTURES, path)));
}

/** Files below a folder of the data, by their paths in it. */
export function fixtures(folder: string, ending: RegExp = /./): string[] {
  if (ABSENT !== '') return [];
  const top = join(FIXTURES, folder);
  const walk = (at: string): string[] =>
    readdirSync(at).flatMap((name) => {
      const path = join(at, name);
      return statSync(path).isDirectory() ? walk(path) : [path];
    });
  return walk(top)
    .map((path) => `${folder}/${relative(top, path)}`)
    .filter((path) => ending.test(path))
    .sort();
}

export function value<Value>(outcome: Outcome<Value>): Value {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.findings));
  return outcome.value;
}

export function codes(outcome: Outcome<unknown>): string[] {
  return [...new Set(outcome.findings.map((each) => each.code))].sort();
}

export function firstTimeline(of: TimelineObject): Timeline {
  const [first] = timelinesOf(of);
  if (first === undefined) throw new Error('no timeline');
  return first;
}

type Shown = Readonly<Record<string, unknown>>;
export type GoldenTrack = {
  readonly name: string;
  readonly kind: string;
  readonly items: readonly Shown[];
};
type Golden = {
  readonly error?: string;
  readonly rate?: number;
  readonly result?: {
    readonly tracks?: readonly GoldenTrack[];
    readonly children?: readonly Shown[];
  };
};

/** What OpenTimelineIO 0.18.1 made of a file. */
export function golden(path: string): Golden {
  return JSON.parse(
    new TextDecoder().decode(fixture(`golden-otio-0.18.1/summary/${path}.summary.json`)),
  ) as Golden;
}

export function goldenTimelines(of: Golden): readonly (readonly GoldenTrack[])[] {
  const { result } = of;
  if (result?.tracks !== undefined) return [result.tracks];
  return (result?.children ?? []).flatMap((each) =>
    Array.isArray(each['tracks']) ? [each['tracks'] as readonly GoldenTrack[]] : [],
  );
}

/** An item in few words, alike for ours and for the recorded ones. */
export function shown(of: Composable): string {
  if (of.kind === 'transition') {
    return `transition ${of.transitionType} ${of.inOffset.value}+${of.outOffset.value}`;
  }
  if (of.kind === 'unknown') return 'unknown';
  const played = playedRange(of);
  const at = played === undefined ? '' : span(played.start);
  const speeds = of.effects.length;
  const named = of.kind === 'gap' ? '' : of.name;
  const from = of.kind === 'gap' ? '' : at;
  return `${of.kind} ${named} ${from}${length(played?.duration)} fx${speeds}`;
}

export function shownGolden(of: Shown): string {
  const number = (name: string) => of[name] as number;
  if (of['type'] === 'Transition')
    return `transition ${String(of['t'])} ${number('i')}+${number('o')}`;
  const kind = String(of['type']).toLowerCase();
  const rate = rateOfDouble(number('rate'));
  const at = kind === 'gap' ? '' : second(doubleOfRatio(secondsOf(time(number('start'), rate))));
  const duration = second(doubleOfRatio(secondsOf(time(number('dur'), rate))));
  const effects = (of['fx'] as readonly unknown[] | undefined)?.length ?? 0;
  return `${kind} ${kind === 'gap' ? '' : String(of['name'])} ${at}+${duration} fx${effects}`;
}

function span(start: RationalTime): string {
  return second(doubleOfRatio(secondsOf(start)));
}

function length(of: RationalTime | undefined): string {
  return `+${of === undefined ? '' : second(doubleOfRatio(secondsOf(of)))}`;
}

function second(value: number): string {
  return value.toFixed(3);
}

/** A timeline as its structure: tracks, items, exact times, speeds, markers. */
export function structure(of: Timeline): string {
  const exact = (each: RationalTime) => {
    const { numerator, denominator } = secondsOf(each);
    return `${numerator}/${denominator}`;
  };
  const item = (each: Composable): string => {
    if (each.kind === 'transition') return `~${exact(each.inOffset)}~${exact(each.outOffset)}`;
    if (each.kind === 'unknown') return 'unknown';
    const played = playedRange(each);
    const at =
      played === undefined
        ? ''
        : `${each.kind === 'gap' ? '' : exact(played.start)}+${exact(played.duration)}`;
    const marks = each.markers.map((one) =>
      one.kind === 'marker' ? `${one.name}@${exact(one.markedRange.start)}` : '',
    );
    const inside =
      each.kind === 'stack' || each.kind === 'track'
        ? `[${each.children.map(item).join(',')}]`
        : '';
    const kind = each.kind === 'track' ? 'stack' : each.kind;
    const named = each.kind === 'gap' ? '' : each.name;
    const speed = `x${speedOf(each)}`;
    return `${kind}:${named}:${at}:${speed}:${marks.join()}${inside}`;
  };
  return of.tracks.children
    .flatMap((each) => {
      if (each.kind !== 'track') return [item(each)];
      const children = [...each.children];
      // Nothing at the end of a track is nothing.
      while (children.at(-1)?.kind === 'gap') children.pop();
      return children.length === 0 ? [] : [`${each.trackKind}: ${children.map(item).join(' ')}`];
    })
    .join('\n');
}

const RATES = [24, 25, 30, 24_000 / 1001, 30_000 / 1001, 50];

/** Random cuts that edit lists can hold: one picture track, whole frames, plain names. */
export const cuts: fc.Arbitrary<Timeline> = fc
  .record({
    rate: fc.constantFrom(...RATES),
    start: fc.integer({ min: 0, max: 80_000 }),
    parts: fc.array(
      fc.record({
        kind: fc.constantFrom('clip', 'clip', 'clip', 'gap', 'dissolve'),
        name: fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,11}$/),
        reel: fc.stringMatching(/^[A-Z][0-9]{3}C[0-9]{3}$/),
        source: fc.integer({ min: 0, max: 80_000 }),
        frames: fc.integer({ min: 12, max: 400 }),
        over: fc.integer({ min: 1, max: 12 }),
        speed: fc.constantFrom(1, 1, 1, 2, 0.5, -1),
        mark: fc.option(fc.nat({ max: 11 }), { nil: undefined }),
      }),
      { maxLength: 12 },
    ),
  })
  .map(({ rate: double, start, parts }) => {
    const rate = rateOfDouble(double);
    const children: Composable[] = [];
    for (const part of parts) {
      if (part.kind === 'gap') {
        if (children.at(-1)?.kind !== 'gap') children.push(gap(time(part.frames, rate)));
        continue;
      }
      if (part.kind === 'dissolve' && children.at(-1)?.kind === 'clip') {
        children.push(transition(time(0, rate), time(part.over, rate)));
      }
      const available = range(0, 200_000, rate);
      children.push(
        clip({
          name: part.name,
          sourceRange: range(part.source + 1000, part.frames, rate),
          effects: part.speed === 1 ? [] : [timeWarp(part.speed)],
          markers:
            part.mark === undefined
              ? []
              : [
                  marker(range(part.source + 1000 + part.mark, 0, rate), {
                    name: 'look here',
                    color: 'RED',
                  }),
                ],
          metadata: { yinglian: { reel: part.reel } },
          media: {
            DEFAULT_MEDIA: external(`file:///media/${part.reel}.mov`, {
              name: part.reel,
              availableRange: available,
            }),
          },
        }),
      );
    }
    // A list begins with its first event and ends with its last.
    while (children[0]?.kind === 'gap') children.shift();
    while (children.at(-1)?.kind === 'gap') children.pop();
    const tracks = children.length === 0 ? [] : [track({ name: 'V', children })];
    return timeline(tracks, { name: 'RANDOM', globalStart: time(start, rate) });
  });

/** Random damage to bytes: flips, cuts, repeats. */
export const damage = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    kind: fc.constantFrom('flip', 'cut', 'repeat', 'digit'),
    byte: fc.integer({ min: 0, max: 255 }),
  }),
  { minLength: 1, maxLength: 6 },
);

export function damaged(
  bytes: Uint8Array,
  how: readonly { at: number; kind: string; byte: number }[],
): Uint8Array {
  let made = bytes.slice();
  for (const { at, kind, byte } of how) {
    const place = Math.floor(at * made.length);
    if (kind === 'flip') made[place] = byte;
    else if (kind === 'digit') made[place] = 0x30 + (byte % 10);
    else if (kind === 'cut') made = made.slice(0, place);
    else {
      const part = made.slice(place, place + byte);
      const longer = new Uint8Array(made.length + part.length);
      longer.set(made.subarray(0, place));
      longer.set(part, place);
      longer.set(made.subarray(place), place + part.length);
      made = longer;
    }
  }
  return made;
}
