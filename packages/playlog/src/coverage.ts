import { finding, type Finding, type InstantMs } from '@yinglian/core';
import type { LogReport } from './model.ts';

/** A run of a device's records without a gap: a report, or a part of one. */
export type LogPiece = {
  /** As the log names the device. */
  readonly device: string;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly firstAt: InstantMs;
  readonly lastAt: InstantMs;
  /** What the first record says of the header before it; undefined where it says nothing. */
  readonly previousHeaderHash: string | undefined;
  readonly lastHeaderHash: string | undefined;
};

/** A hole in a device's log: what is missing, by number and by time. */
export type LogHole = {
  readonly device: string;
  readonly afterSequence: number;
  readonly beforeSequence: number;
  readonly from: InstantMs;
  readonly until: InstantMs;
};

/** When a device's log is whole, and where it is not. */
export type LogCoverage = {
  readonly spans: readonly {
    readonly device: string;
    readonly from: InstantMs;
    readonly until: InstantMs;
  }[];
  readonly holes: readonly LogHole[];
};

/**
 * The pieces of a report: records of one device with numbers one after another. A gap of numbers
 * inside a report parts it, as one between reports does.
 */
export function piecesOf(report: LogReport, lastHeaderHash?: string): LogPiece[] {
  const pieces: LogPiece[] = [];
  const open = new Map<string, number>();
  for (const [index, { header }] of report.records.entries()) {
    const { sequence, time } = header;
    if (sequence === undefined || time === undefined) continue;
    const device = header.source?.value ?? report.device.serial ?? '';
    const at = open.get(device);
    const before = at === undefined ? undefined : pieces[at];
    const isLast = index === report.records.length - 1;
    const ends = { lastAt: time, lastHeaderHash: isLast ? lastHeaderHash : undefined };
    if (before !== undefined && sequence === before.lastSequence + 1) {
      const lastAt = Math.max(before.lastAt, time);
      pieces[at!] = { ...before, ...ends, lastAt, lastSequence: sequence };
      continue;
    }
    open.set(device, pieces.length);
    const { previousHeaderHash } = header;
    const numbers = { firstSequence: sequence, lastSequence: sequence };
    pieces.push({ device, ...numbers, firstAt: time, previousHeaderHash, ...ends });
  }
  return pieces;
}

/**
 * Lays the pieces of all reports of a time together, in whatever order they came and however often.
 * Where one does not follow the one before, by number or by hash, is a hole; a report that comes
 * later closes it.
 */
export function logCoverage(pieces: readonly LogPiece[]): LogCoverage {
  const byDevice = new Map<string, LogPiece[]>();
  for (const piece of pieces) {
    const known = byDevice.get(piece.device);
    if (known === undefined) byDevice.set(piece.device, [piece]);
    else known.push(piece);
  }
  const spans: LogCoverage['spans'][number][] = [];
  const holes: LogHole[] = [];
  for (const [device, own] of byDevice) {
    let span: LogCoverage['spans'][number] | undefined;
    let last: LogPiece | undefined;
    for (const piece of own.toSorted(inOrder)) {
      if (last !== undefined && span !== undefined && follows(last, piece)) {
        span = { ...span, until: Math.max(span.until, piece.lastAt) };
        if (piece.lastSequence >= last.lastSequence) last = piece;
        continue;
      }
      if (last !== undefined) {
        const numbers = { afterSequence: last.lastSequence, beforeSequence: piece.firstSequence };
        holes.push({ device, ...numbers, from: last.lastAt, until: piece.firstAt });
      }
      if (span !== undefined) spans.push(span);
      span = { device, from: piece.firstAt, until: piece.lastAt };
      last = piece;
    }
    if (span !== undefined) spans.push(span);
  }
  return { spans, holes };
}

const inOrder = (a: LogPiece, b: LogPiece) =>
  a.firstAt - b.firstAt || a.firstSequence - b.firstSequence || b.lastSequence - a.lastSequence;

/** The same records again, records that overlap, or the next number with nothing against it. */
function follows(before: LogPiece, piece: LogPiece): boolean {
  const overlaps =
    piece.firstSequence >= before.firstSequence && piece.firstSequence <= before.lastSequence;
  if (overlaps) return true;
  const { lastHeaderHash } = before;
  const { previousHeaderHash } = piece;
  const known = lastHeaderHash !== undefined && previousHeaderHash !== undefined;
  // Several devices woven into one report chain through each other: only equality says something.
  if (known && lastHeaderHash === previousHeaderHash) return true;
  return piece.firstSequence === before.lastSequence + 1;
}

/** A hole as a finding that names it. */
export function holeFinding({ device, afterSequence, beforeSequence, from, until }: LogHole) {
  const facts = {
    device,
    after: afterSequence,
    before: beforeSequence,
    missing: Math.max(0, beforeSequence - afterSequence - 1),
    from: new Date(from).toISOString(),
    until: new Date(until).toISOString(),
  };
  const found: Finding = finding('missing_log_span', 'error', { facts, clause: 'ST 430-5 7.3' });
  return found;
}
