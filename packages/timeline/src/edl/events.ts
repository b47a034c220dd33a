import { clipText, type Finding, finding, FINDINGS_MAX, type FrameRate } from '@yinglian/core';
import { type Clock, clockOf } from './clock.ts';
import {
  type EdlEventLine,
  type EdlRemark,
  type EdlSpeedLine,
  type EdlStatement,
  looksLikeEvent,
} from './statements.ts';

/** One line of a list with its times as frames and everything said about it. */
export type EdlEvent = {
  readonly line: EdlEventLine;
  /** In frames of the list's rate. */
  readonly sourceIn: number;
  readonly sourceDuration: number;
  /** From midnight of the day of the first event, so that it may be negative or above a day. */
  readonly recordIn: number;
  readonly duration: number;
  /** Frames of source for one of record; undefined for the usual one. */
  readonly speed: number | undefined;
  readonly speedLine: EdlSpeedLine | undefined;
  /** The line before it of the same number, which it comes in over. */
  readonly from: EdlEvent | undefined;
  readonly remarks: readonly EdlRemark[];
  /** All lines that follow it, as written. */
  readonly following: readonly string[];
};

/** A list as events, before they are laid upon tracks. */
export type EdlEvents = {
  readonly title: string;
  readonly clock: Clock;
  readonly events: readonly EdlEvent[];
  /** Remarks and unknown lines before the first event. */
  readonly header: readonly string[];
};

/** Frames by which a source and a record length differ through rounding, not through a retime. */
const ROUNDING_FRAMES = 2;
const HALF_DAY = 2;

type OpenEvent = {
  line: EdlEventLine;
  drop: boolean;
  speeds: EdlSpeedLine[];
  remarks: EdlRemark[];
  following: string[];
};

/** Gathers the lines of a list into events at a rate. Every line without a meaning is a finding. */
export function gatherEvents(
  statements: readonly EdlStatement[],
  rate: FrameRate,
  findings: Finding[],
): EdlEvents {
  const gathered = gather(statements, findings);
  const clock = clockOf(rate, gathered.drop);
  const other = clockOf(rate, !gathered.drop);
  const events: EdlEvent[] = [];
  let from: EdlEvent | undefined;
  let before: number | undefined;
  let days = 0;
  for (let i = 0; i < gathered.events.length; i++) {
    const open = gathered.events[i]!;
    const own = open.drop === gathered.drop ? clock : other;
    const leads = isOutgoing(open, gathered.events[i + 1]);
    const made = makeEvent(open, own, from, findings);
    if (made === undefined) {
      from = undefined;
      continue;
    }
    days = daysPassed(days, made.recordIn, before ?? made.recordIn, own.framesPerDay);
    before = made.recordIn + days * own.framesPerDay;
    const event = days === 0 ? made : { ...made, recordIn: before };
    from = leads ? event : undefined;
    checkTransition(event, findings);
    events.push(event);
  }
  return { title: gathered.title, header: gathered.header, clock, events };
}

/** What a dissolve or wipe says about its length must fit the event that it brings in. */
function checkTransition({ line, duration }: EdlEvent, findings: Finding[]): void {
  if (!/^[DW]/.test(line.transition)) return;
  const facts = { event: line.number, frames: line.durationFrames, duration };
  if (line.durationFrames === 0) {
    report(findings, 'missing_transition_duration', 'warning', line.line, facts);
  } else if (line.durationFrames > duration) {
    report(findings, 'excessive_transition_duration', 'warning', line.line, facts);
  }
}

/**
 * Days that a record has passed: after midnight it begins anew at zero, so that an event more than
 * half a day before the one above it is of the next day (or, after it, of the day before).
 */
function daysPassed(days: number, recordIn: number, before: number, day: number): number {
  const ahead = recordIn + days * day - before;
  if (ahead < -day / HALF_DAY) return days + 1;
  return ahead > day / HALF_DAY ? days - 1 : days;
}

type Gathered = { title: string; drop: boolean; header: string[]; events: OpenEvent[] };

function gather(statements: readonly EdlStatement[], findings: Finding[]): Gathered {
  const made: Gathered = { title: '', drop: false, header: [], events: [] };
  let drop: boolean | undefined;
  let titled = false;
  let doubted = false;
  let open: OpenEvent | undefined;
  let before: string[] = [];
  for (const each of statements) {
    if (each.kind === 'blank' || each.kind === 'end') continue;
    if (each.kind === 'fcm') {
      if (drop !== undefined && drop !== each.drop) {
        report(findings, 'mixed_drop_frame', 'warning', each.line, {});
      }
      drop = each.drop;
      if (made.events.length === 0) made.drop = drop;
    } else if (each.kind === 'title' && !titled) {
      made.title = each.text.replace(/^\s*TITLE\s*:?/i, '').trim();
      titled = true;
    } else if (each.kind === 'event') {
      const marked = isDropLabel(each.recordIn);
      if (drop === false && !doubted && /;\d+$/.test(each.recordIn)) {
        // The statement counts; the mark says otherwise, so one of them is wrong.
        doubted = true;
        report(findings, 'mixed_drop_frame', 'warning', each.line, {});
      }
      // Lists without the statement say it with the mark before the frames.
      if (drop === undefined && marked && made.events.length === 0) made.drop = true;
      open = {
        line: each,
        drop: drop ?? (marked || made.drop),
        speeds: [],
        remarks: [],
        following: [],
      };
      for (const text of before) open.following.push(text);
      before = [];
      made.events.push(open);
    } else if (each.kind === 'remark' && each.about === 'split') {
      // It speaks of the pair that follows.
      before.push(each.text);
    } else if (open === undefined) {
      made.header.push(each.text);
      // Anything may stand above a list; a speed or an event there is about something lost.
      if (each.kind === 'speed' || looksLikeEvent(each.text)) reportUnread(each, findings);
    } else {
      attach(open, each, made.events, findings);
    }
  }
  if (before.length > 0) open?.following.push(...before);
  if (!titled) report(findings, 'missing_title', 'note', 1, {});
  return made;
}

function isDropLabel(label: string): boolean {
  return /[;.,]\d+$/.test(label);
}

function attach(
  open: OpenEvent,
  each: Exclude<EdlStatement, EdlEventLine>,
  all: readonly OpenEvent[],
  findings: Finding[],
): void {
  if (each.kind === 'speed') {
    const target = speedTarget(all, each);
    target.speeds.push(each);
    if (!isSameReel(target.line.reel, each.reel)) {
      const facts = { event: target.line.number, reel: target.line.reel, found: each.reel };
      report(findings, 'mismatched_speed_reel', 'warning', each.line, facts);
    }
    return;
  }
  open.following.push(each.text);
  if (each.kind === 'remark') open.remarks.push(each);
  else reportUnread(each, findings);
}

/** A line without a meaning; one that was to be an event is a hole in the cut. */
function reportUnread(each: EdlStatement, findings: Finding[]): void {
  const facts = { text: clipText(each.text.trim()) };
  const isLost = each.kind === 'other' && looksLikeEvent(each.text);
  if (isLost) report(findings, 'malformed_edl_event', 'error', each.line, facts);
  else report(findings, 'unknown_edl_line', 'note', each.line, facts);
}

/** Speed lines may say no reel, or the eight characters of it that they have room for. */
function isSameReel(reel: string, said: string): boolean {
  const [full, short] = [reel.toUpperCase(), said.toUpperCase()];
  return short === '' || full === '' || full.startsWith(short) || short.startsWith(full);
}

/** The line of the current event that a speed is about: by its reel, else the last one. */
function speedTarget(all: readonly OpenEvent[], speed: EdlSpeedLine): OpenEvent {
  const last = all.at(-1)!;
  const fits = (each: OpenEvent) => each.line.reel === speed.reel && each.speeds.length === 0;
  if (fits(last)) return last;
  const before = all.at(-2);
  if (before?.line.number === last.line.number && fits(before)) return before;
  return last;
}

/** Whether the next line of the same number comes in over this one. */
function isOutgoing(open: OpenEvent, next: OpenEvent | undefined): boolean {
  return (
    next !== undefined &&
    next.line.number === open.line.number &&
    /^[DWK]/.test(next.line.transition) &&
    next.line.transition !== 'KB'
  );
}

function makeEvent(
  open: OpenEvent,
  clock: Clock,
  from: EdlEvent | undefined,
  findings: Finding[],
): EdlEvent | undefined {
  const { line } = open;
  const labels = [line.sourceIn, line.sourceOut, line.recordIn, line.recordOut];
  const [sourceIn, sourceOut, recordIn, recordOut] = labels.map(clock.frames) as [
    number,
    number,
    number,
    number,
  ];
  const generated = isGenerated(line.reel);
  if (Number.isNaN(recordIn) || Number.isNaN(recordOut)) {
    explainLabels([line.recordIn, line.recordOut], clock, line, 'error', findings);
    return undefined;
  }
  const sourced = !Number.isNaN(sourceIn) && !Number.isNaN(sourceOut);
  if (!sourced) {
    const severity = generated ? 'note' : 'error';
    explainLabels([line.sourceIn, line.sourceOut], clock, line, severity, findings);
    if (!generated) return undefined;
  }
  const day = clock.framesPerDay;
  const duration = recordOut >= recordIn ? recordOut - recordIn : recordOut - recordIn + day;
  if (duration > day / HALF_DAY) {
    const facts = { from: line.recordIn, to: line.recordOut };
    report(findings, 'negative_event_duration', 'error', line.line, facts);
    return undefined;
  }
  const source = sourced
    ? sourceSpan(sourceIn, sourceOut, duration, day)
    : { start: 0, length: duration, reversed: false };
  const speedLine = open.speeds.at(-1);
  const speed = speedOfEvent(open, source, duration, clock, findings);
  return {
    line,
    sourceIn: source.start,
    sourceDuration: source.length,
    recordIn,
    duration,
    speed,
    speedLine,
    from,
    remarks: open.remarks,
    following: open.following,
  };
}

type Span = { readonly start: number; readonly length: number; readonly reversed: boolean };

/** A source that ends before it begins passes midnight, or is played backward. */
function sourceSpan(start: number, end: number, duration: number, day: number): Span {
  if (end >= start) return { start, length: end - start, reversed: false };
  const wrapped = end - start + day;
  const backward = start - end;
  const passesMidnight = wrapped === duration || (backward !== duration && wrapped < backward);
  if (passesMidnight) return { start, length: wrapped, reversed: false };
  return { start, length: backward, reversed: true };
}

function speedOfEvent(
  open: OpenEvent,
  source: Span,
  duration: number,
  clock: Clock,
  findings: Finding[],
): number | undefined {
  const { line, speeds } = open;
  const speedLine = speeds.at(-1);
  if (speeds.length > 1) {
    const facts = { count: speeds.length };
    report(findings, 'repeated_speed_line', 'warning', speeds[0]!.line, facts);
  }
  if (speedLine !== undefined) {
    const stated = statedSpeed(Number(speedLine.framesPerSecond), source, duration, clock);
    return stated === 1 ? undefined : stated;
  }
  if (isGenerated(line.reel) || duration === 0) return undefined;
  if (source.reversed && source.length === duration) {
    report(findings, 'missing_speed_line', 'warning', line.line, { speed: '-1' });
    return -1;
  }
  const difference = Math.abs(source.length - duration);
  if (difference === 0) return undefined;
  const facts = { source: source.length, record: duration };
  if (source.length === 0 || difference <= ROUNDING_FRAMES) {
    report(findings, 'mismatched_event_duration', 'warning', line.line, facts);
    return undefined;
  }
  const speed = (source.reversed ? -source.length : source.length) / duration;
  report(findings, 'missing_speed_line', 'warning', line.line, { speed: speed.toFixed(4) });
  return speed;
}

/**
 * M2 counts frames of source a second; at 23.976 some tools divide by 24 and some by 23.976. The
 * lengths of the event decide where they differ, else the whole rate on the face of the clock.
 */
function statedSpeed(perSecond: number, source: Span, duration: number, clock: Clock): number {
  const { numerator, denominator } = clock.format.rate;
  const nominal = Math.ceil(Number(numerator) / Number(denominator));
  const byFace = perSecond / nominal;
  if (denominator === 1n || duration === 0 || source.length === duration) return byFace;
  // Sources are whole frames, so a frame of difference decides nothing.
  if (Math.abs(Math.abs(byFace) * duration - source.length) <= 1) return byFace;
  const byRate = (perSecond * Number(denominator)) / Number(numerator);
  const measured = source.length / duration;
  const distance = (speed: number) => Math.abs(Math.abs(speed) - measured);
  return distance(byRate) < distance(byFace) - 1e-9 ? byRate : byFace;
}

/** Whether a reel is no medium: black, bars or a generator. */
export function isGenerated(reel: string): boolean {
  return /^(?:BL|BLACK|BLK|BARS?|GEN|NUL)$/i.test(reel);
}

function explainLabels(
  labels: readonly string[],
  clock: Clock,
  line: EdlEventLine,
  severity: Finding['severity'],
  findings: Finding[],
): void {
  for (const label of labels) {
    const read = clock.explain(label);
    if (read.ok) continue;
    for (const each of read.findings) {
      report(findings, each.code, severity, line.line, { ...each.facts, event: line.number });
    }
  }
}

/** Adds a finding about a line; the many of a hostile list are kept within bounds. */
export function report(
  findings: Finding[],
  code: string,
  severity: Finding['severity'],
  line: number,
  facts: Finding['facts'],
): void {
  if (findings.length >= FINDINGS_MAX) return;
  findings.push(finding(code, severity, { facts, at: { line }, clause: 'CMX 3600' }));
}
