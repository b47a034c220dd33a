import type { InstantMs, Uuid } from '@yinglian/core';
import { compositionOf } from './filter.ts';
import { type LogProof, type LogRecord, type LogReport, PLAYOUT_EXCEPTIONS } from './model.ts';
import { uuidOf } from './read.ts';

/** Frames of one track file that were played without a break, both ends included. */
export type PlayedFrames = {
  readonly trackFileId: Uuid | undefined;
  readonly reelId: Uuid | undefined;
  readonly keyMessageId: Uuid | undefined;
  readonly first: number;
  readonly last: number;
};

/** One composition played once on one device. */
export type Playback = {
  /** Thumbprint or serial of the device, as the log names it. */
  readonly device: string;
  readonly compositionId: Uuid | undefined;
  readonly title?: string;
  readonly startedAt: InstantMs;
  readonly endedAt: InstantMs;
  /** Minutes east of UTC as the log writes times. */
  readonly offsetMinutes: number;
  /** Whether the log tells its end; a playback without one was stopped, or the log was cut. */
  readonly ended: boolean;
  /** Longest run of frames of any track file, and what was played of each. */
  readonly frames: readonly PlayedFrames[];
  readonly exceptions: readonly string[];
  /** Whether every record of it is proven. */
  readonly proven: boolean;
  /** Numbers of its records in the report, from 1. */
  readonly records: readonly number[];
};

/** A playback that starts again after this long is another one. */
const PAUSE_MS_MAX = 6 * 3_600_000;

type Open = {
  device: string;
  compositionId: Uuid | undefined;
  startedAt: InstantMs;
  lastAt: InstantMs;
  offsetMinutes: number;
  /** Whether CPLEnd was there: only PlayoutComplete may still come. */
  ended: boolean;
  frames: PlayedFrames[];
  exceptions: string[];
  proven: boolean;
  records: number[];
};

/**
 * The playbacks that a report tells of, in the order of their beginning: from CPLStart to CPLEnd or
 * PlayoutComplete, with the frames between them. Logs that leave start or end out are followed by
 * their frames.
 */
export function playbacksOf(report: LogReport, proof?: LogProof): readonly Playback[] {
  const done: Open[] = [];
  const open = new Map<string, Open>();
  const close = (key: string) => {
    const playback = open.get(key);
    if (playback !== undefined) done.push(playback);
    open.delete(key);
  };
  for (const [index, record] of report.records.entries()) {
    const { header, body } = record;
    if (header.type !== 'Playout' || body === undefined || header.time === undefined) continue;
    const device = header.source?.value ?? report.device.serial ?? '';
    const compositionId = uuidOf(compositionOf(record));
    const key = `${device} ${compositionId ?? ''}`;
    let current = open.get(key);
    const starts = body.subtype === 'CPLStart';
    const late = current !== undefined && header.time - current.lastAt > PAUSE_MS_MAX;
    const over = current?.ended === true && body.subtype !== 'PlayoutComplete';
    if (current !== undefined && (starts || late || over)) {
      close(key);
      current = undefined;
    }
    // An end without a beginning tells nothing of when it began: it is a playback of that moment.
    if (current === undefined) {
      current = {
        device,
        compositionId,
        startedAt: startOf(record),
        lastAt: header.time,
        offsetMinutes: header.offsetMinutes ?? 0,
        ended: false,
        frames: [],
        exceptions: [],
        proven: true,
        records: [],
      };
      open.set(key, current);
    }
    take(current, record, index, proof);
    if (body.subtype === 'PlayoutComplete') close(key);
  }
  for (const key of open.keys()) close(key);
  return done
    .map(({ lastAt, ...rest }): Playback => ({ ...rest, endedAt: lastAt }))
    .sort((a, b) => a.startedAt - b.startedAt);
}

function take(current: Open, record: LogRecord, index: number, proof: LogProof | undefined): void {
  const { header, body } = record;
  current.lastAt = Math.max(current.lastAt, header.time!);
  current.records.push(index + 1);
  current.proven &&= proof?.proven[index] === true;
  for (const { name } of body!.exceptions) {
    if (!current.exceptions.includes(name)) current.exceptions.push(name);
  }
  if (body!.subtype === 'CPLEnd' || body!.subtype === 'PlayoutComplete') current.ended = true;
  if (body!.subtype === 'FrameSequencePlayed') current.frames.push(...framesOf(record));
}

/** Some devices log the first frame's time beside the record's own, which is that of the last. */
function startOf({ header, body }: LogRecord): InstantMs {
  const value = valueOf(body?.parameters ?? [], /^(?:Playout)?Start(?:Time|DateTime)$/i);
  const time = value === undefined ? Number.NaN : Date.parse(value);
  return Number.isFinite(time) && time <= header.time! ? time : header.time!;
}

function valueOf(
  values: readonly { name: string; value: string }[],
  name: RegExp,
): string | undefined {
  return values.find((each) => name.test(each.name))?.value;
}

function framesOf({ body }: LogRecord): PlayedFrames[] {
  const { parameters, references } = body!;
  const number = (name: RegExp) => {
    const text = valueOf(parameters, name);
    return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : undefined;
  };
  const first = number(/^(?:First|Start)Frame(?:Number)?$/i);
  const last = number(/^(?:Last|End|Stop)Frame(?:Number)?$/i);
  if (first === undefined || last === undefined || last < first) return [];
  const reference = (name: RegExp) => uuidOf(valueOf(references, name));
  const shared = {
    reelId: reference(/^ReelID$/i),
    keyMessageId: reference(/^KeyDeliveryMessageID$/i),
    first,
    last,
  };
  const tracks = references.filter(({ name }) =>
    /^(?:Picture|Sound|Audio|Image)?TrackFileIDs?$/i.test(name),
  );
  const ids = tracks.flatMap(({ value }) => value.trim().split(/\s+/)).map(uuidOf);
  if (ids.length === 0) return [{ trackFileId: undefined, ...shared }];
  return ids.map((trackFileId) => ({ trackFileId, ...shared }));
}

/** What a composition should play, to tell how much of it was. */
export type ExpectedTrack = {
  readonly trackFileId: Uuid;
  readonly first: number;
  readonly frames: number;
};

/** Frames of the expected ones that were played, each counted once however often it was. */
export function playedOf(
  playback: Pick<Playback, 'frames'>,
  expected: readonly ExpectedTrack[],
): { readonly played: number; readonly frames: number } {
  let [played, frames] = [0, 0];
  for (const track of expected) {
    const until = track.first + track.frames - 1;
    frames += track.frames;
    const spans = playback.frames
      .filter(({ trackFileId }) => trackFileId === track.trackFileId)
      .map(({ first, last }) => [Math.max(first, track.first), Math.min(last, until)] as const)
      .filter(([first, last]) => last >= first)
      .sort((a, b) => a[0] - b[0]);
    let reached = track.first - 1;
    for (const [first, last] of spans) {
      if (last <= reached) continue;
      played += last - Math.max(first, reached + 1) + 1;
      reached = last;
    }
  }
  return { played, frames };
}

/** Whether nothing in a playback speaks against its being what the audience paid for. */
export function isWhole(playback: Pick<Playback, 'ended' | 'exceptions'>): boolean {
  return playback.ended && !playback.exceptions.some((each) => PLAYOUT_EXCEPTIONS.includes(each));
}
