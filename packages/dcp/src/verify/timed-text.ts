import type { Place } from '@yinglian/core';
import type { ReelAsset } from '../documents/model.ts';
import { playedFrames } from '../documents/model.ts';
import { rationalText } from '../documents/reading.ts';
import type { TimedText } from '../timed-text/model.ts';
import type { FindingCollector } from './findings.ts';

/** Limits of RDD 52 (Bv2.1) as the field's checkers apply them. */
export const TEXT_LIMITS = {
  closedCaptionBytes: 256 * 1024,
  assetBytes: 115 * 1024 * 1024,
  fontBytes: 10 * 1024 * 1024,
  firstSeconds: 4,
  shortestFrames: 15,
  gapFrames: 2,
  lines: 3,
  lineCharacters: 52,
  lineCharactersMax: 79,
  captionCharacters: 32,
  /** Interop: fonts beyond this are dropped by players. */
  interopFontBytes: 640 * 1024,
} as const;

/** Where a text stands in its composition. */
export type TextContext = {
  readonly collector: FindingCollector;
  readonly place: Place;
  readonly asset: ReelAsset;
  /** From 1. */
  readonly reel: number;
};

/** Timing, lines and lengths of one document as a reel plays it. */
export function checkTimedText(text: TimedText, context: TextContext): void {
  const { collector, place, asset } = context;
  for (const bad of text.badTimes) {
    collector.add('invalid_text_time', { ...place, line: bad.line }, { time: bad.text });
  }
  const events = text.events
    .filter((event) => Number.isFinite(event.startTicks) && Number.isFinite(event.endTicks))
    .sort((a, b) => a.startTicks - b.startTicks);
  if (events.length === 0) {
    collector.add('empty_text', place);
    return;
  }
  checkOrder(text, context);
  checkTiming(text, events, context);
  for (const event of events) {
    if (event.images === 0 && event.lines.every((line) => line.text === '')) {
      collector.add('empty_text', { ...place, line: event.line });
    }
  }
  checkLines(text, events, context);
  const fonts = new Set(text.fonts.map((font) => font.id));
  for (const id of text.usedFonts) {
    if (!fonts.has(id)) collector.add('missing_font', place, { font: id });
  }
  const rate = asset.editRate;
  if (
    text.standard === 'smpte' &&
    text.editRate !== undefined &&
    text.editRate.numerator * rate.denominator !== rate.numerator * text.editRate.denominator
  ) {
    collector.add('mismatched_text_rate', place, {
      rate: rationalText(text.editRate),
      expected: rationalText(rate),
    });
  }
}

/**
 * Limits that a reader's eye sets. Bv2.1 has them for SMPTE; for Interop no clause is known, and an
 * audience reads no faster there: the house says them as warnings.
 */
function readingRule(
  { standard }: TimedText,
  collector: FindingCollector,
): FindingCollector['add'] {
  return standard === 'interop'
    ? (code, at, facts) => collector.addByHouse(code, at, facts)
    : (code, at, facts) => collector.add(code, at, facts);
}

function checkTiming(text: TimedText, events: TimedText['events'], context: TextContext): void {
  const { collector, place, asset, reel } = context;
  const say = readingRule(text, collector);
  const perSecond = text.ticksPerSecond;
  const frameTicks =
    perSecond / (asset.editRate.numerator / asset.editRate.denominator || perSecond);
  const lastTick = (asset.entryPoint ?? 0) * frameTicks + playedFrames(asset) * frameTicks;
  const first = events[0]!;
  if (reel === 1 && first.startTicks < TEXT_LIMITS.firstSeconds * perSecond) {
    say(
      'early_text',
      { ...place, line: first.line },
      {
        // Whole milliseconds, never as late as the limit that it misses.
        seconds: String(Math.floor((first.startTicks * 1000) / perSecond) / 1000),
        limit: TEXT_LIMITS.firstSeconds,
      },
    );
  }
  let previousEnd = -Infinity;
  for (const event of events) {
    const at = { ...place, line: event.line };
    if (event.endTicks <= event.startTicks) {
      collector.add('reversed_text', at);
      continue;
    }
    if (event.endTicks - event.startTicks < TEXT_LIMITS.shortestFrames * frameTicks) {
      say('short_text', at, {
        frames: Math.floor((event.endTicks - event.startTicks) / frameTicks),
        limit: TEXT_LIMITS.shortestFrames,
      });
    }
    const gap = event.startTicks - previousEnd;
    // Texts that begin together or overlap are shown together; only true gaps are judged.
    if (gap > 0 && gap < TEXT_LIMITS.gapFrames * frameTicks) {
      say('crowded_text', at, { limit: TEXT_LIMITS.gapFrames });
    }
    if (event.startTicks >= lastTick) collector.add('late_text', at);
    else if (event.endTicks > lastTick) {
      collector.add('overrunning_text', at, {
        frames: Math.ceil((event.endTicks - lastTick) / frameTicks),
      });
    }
    previousEnd = Math.max(previousEnd, event.endTicks);
  }
}

/** Texts in the order in which they are shown, and no two at once in one place. */
function checkOrder(text: TimedText, { collector, place }: TextContext): void {
  let latest = -Infinity;
  const shown = new Map<string, TimedText['events'][number]>();
  for (const event of text.events) {
    const at = { ...place, line: event.line };
    if (event.startTicks < latest) collector.add('misordered_text', at);
    latest = Math.max(latest, event.startTicks);
    for (const { place: where } of event.lines) {
      const before = shown.get(where);
      // Parts of one text often come as several with the same times.
      const apart = before !== undefined && before.startTicks !== event.startTicks;
      if (apart && before.endTicks > event.startTicks && before.startTicks < event.startTicks) {
        collector.add('overlapping_text', at, { other: before.line });
      }
      shown.set(where, event);
    }
  }
}

/** Lines shown at the same moment, also of texts that overlap. */
function checkLines(
  text: TimedText,
  events: TimedText['events'],
  { collector, place, asset }: TextContext,
): void {
  const say = readingRule(text, collector);
  const captions = asset.kind === 'closed_caption' || asset.kind === 'closed_subtitle';
  for (const [index, event] of events.entries()) {
    const shown = new Set(event.lines.map((line) => line.place));
    // Backwards through the few that can still be on screen.
    for (let i = index - 1; i >= 0 && i >= index - 16; i--) {
      if (events[i]!.endTicks > event.startTicks)
        for (const line of events[i]!.lines) shown.add(line.place);
    }
    const at = { ...place, line: event.line };
    if (shown.size > TEXT_LIMITS.lines) {
      say('excessive_text_lines', at, { lines: shown.size, limit: TEXT_LIMITS.lines });
    }
    const longest = Math.max(0, ...event.lines.map((line) => [...line.text].length));
    if (captions) {
      if (longest > TEXT_LIMITS.captionCharacters) {
        say('excessive_text_line', at, {
          characters: longest,
          limit: TEXT_LIMITS.captionCharacters,
        });
      }
    } else if (longest > TEXT_LIMITS.lineCharactersMax) {
      say('excessive_text_line', at, {
        characters: longest,
        limit: TEXT_LIMITS.lineCharactersMax,
      });
    } else if (longest > TEXT_LIMITS.lineCharacters) {
      say('long_text_line', at, {
        characters: longest,
        limit: TEXT_LIMITS.lineCharacters,
      });
    }
  }
}

/** The head of a document against its place, and what Bv2.1 asks of that of a SMPTE document. */
export function checkTextHead(text: TimedText, context: TextContext): void {
  const { collector, place, asset, reel } = context;
  if (text.reelNumber !== undefined && text.reelNumber !== reel) {
    collector.add('mismatched_reel_number', place, { number: text.reelNumber, expected: reel });
  }
  if (text.standard !== 'smpte') return;
  const { editRate } = text;
  const perSecond = editRate && Math.round(editRate.numerator / editRate.denominator);
  if (perSecond !== undefined && text.ticksPerSecond !== perSecond) {
    collector.add('mismatched_time_code_rate', place, {
      rate: text.ticksPerSecond,
      expected: perSecond,
    });
  }
  if (text.language === undefined) collector.add('missing_text_language', place);
  if (text.startTime === undefined) collector.add('missing_start_time', place);
  else if (!/^00:00:00[:.]0+$/.test(text.startTime)) {
    collector.add('nonzero_start_time', place, { time: text.startTime });
  }
  if (/\d\.\d/.test(text.issueDate ?? '')) collector.add('fractional_text_date', place);
  if (asset.entryPoint === undefined) collector.add('missing_entry_point', place);
  else if (asset.entryPoint !== 0) {
    collector.add('nonzero_entry_point', place, { frames: asset.entryPoint });
  }
}
