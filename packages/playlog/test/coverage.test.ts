import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holeFinding, logCoverage, type LogPiece, piecesOf, readLogReport } from '../src/index.ts';

const MINUTE = 60_000;
const piece = (first: number, last: number, over: Partial<LogPiece> = {}): LogPiece => ({
  device: 'd',
  firstSequence: first,
  lastSequence: last,
  firstAt: first * MINUTE,
  lastAt: last * MINUTE,
  previousHeaderHash: undefined,
  lastHeaderHash: undefined,
  ...over,
});

describe('a log in pieces', () => {
  it('[PL17] is whole where piece follows piece, and its hole is named', () => {
    const { spans, holes } = logCoverage([piece(1, 5), piece(6, 9), piece(12, 20)]);
    expect(spans).toEqual([
      { device: 'd', from: MINUTE, until: 9 * MINUTE },
      { device: 'd', from: 12 * MINUTE, until: 20 * MINUTE },
    ]);
    expect(holes).toHaveLength(1);
    expect(holeFinding(holes[0]!)).toMatchObject({
      code: 'missing_log_span',
      facts: { device: 'd', after: 9, before: 12, missing: 2 },
    });
    expect(logCoverage([piece(1, 9), piece(12, 20), piece(10, 11)]).holes).toEqual([]);
  });

  it('[PL17] joins by hash where numbers begin anew', () => {
    const before = piece(90, 99, { lastHeaderHash: 'h' });
    const after = { firstAt: 100 * MINUTE, lastAt: 105 * MINUTE };
    expect(logCoverage([before, piece(1, 5, { ...after, previousHeaderHash: 'h' })]).holes).toEqual(
      [],
    );
    expect(
      logCoverage([before, piece(1, 5, { ...after, previousHeaderHash: 'x' })]).holes,
    ).toHaveLength(1);
  });

  it('[PL18] gives the same for reports in any order and sent again', () => {
    const cut = fc.array(fc.integer({ min: 2, max: 60 }), { maxLength: 6 });
    fc.assert(
      fc.property(cut, fc.nat(20), (cuts, turn) => {
        const at = [...new Set([1, ...cuts, 61])].toSorted((a, b) => a - b);
        const pieces = at.slice(1).map((end, index) => piece(at[index]!, end - 1));
        const whole = logCoverage(pieces);
        expect(whole).toEqual({
          spans: [{ device: 'd', from: MINUTE, until: 60 * MINUTE }],
          holes: [],
        });
        const mixed = [...pieces.slice(turn % 7), ...pieces, ...pieces.slice(0, turn % 7)];
        expect(logCoverage(mixed.toReversed())).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });

  it('[PL17] parts a report where its own numbers have a gap', () => {
    const record = (sequence: number) => `<LogRecordElement><LogRecordHeader>
      <TimeStamp>2026-05-01T10:00:0${sequence}Z</TimeStamp>
      <EventSequence>${sequence}</EventSequence>
      </LogRecordHeader></LogRecordElement>`;
    const xml = `<LogReport xmlns="http://www.smpte-ra.org/schemas/430-4/2008/LogRecord/">
      ${[1, 2, 5, 6].map(record).join('')}</LogReport>`;
    const read = readLogReport(new TextEncoder().encode(xml));
    if (!read.ok) throw new Error('unreadable');
    const pieces = piecesOf(read.value, 'end');
    expect(pieces.map((each) => [each.firstSequence, each.lastSequence])).toEqual([
      [1, 2],
      [5, 6],
    ]);
    expect(pieces.map((each) => each.lastHeaderHash)).toEqual([undefined, 'end']);
  });
});
