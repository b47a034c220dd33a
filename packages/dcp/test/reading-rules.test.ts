import { describe, expect, it } from 'vitest';
import { type Cue, readTimedText, writeTimedText } from '../src/index.ts';
import type { ReelAsset } from '../src/documents/model.ts';
import { FindingCollector } from '../src/verify/findings.ts';
import { checkTimedText } from '../src/verify/timed-text.ts';

const PLAN = {
  id: '33333333-3333-4333-8333-333333333333',
  title: 'T',
  language: 'en',
  issueDate: '2026-11-22T10:00:00+00:00',
  reelNumber: 1,
  editRate: { numerator: 24, denominator: 1 },
};
const line = (text: string) => [{ text, italic: false }];
const cue = (startMs: number, endMs: number, ...lines: string[]): Cue => ({
  startMs,
  endMs,
  lines: lines.map(line),
});

function judge(standard: 'smpte' | 'interop', base: 'auto' | 'bv21', ...cues: Cue[]) {
  const bytes = writeTimedText(cues, { ...PLAN, standard }, { fromMs: 0, untilMs: 60_000 });
  const read = readTimedText(bytes, 'text.xml');
  if (!read.ok) throw new Error(read.findings[0]!.code);
  const collector = new FindingCollector({ base });
  const asset = {
    kind: 'subtitle',
    id: PLAN.id,
    editRate: PLAN.editRate,
    intrinsicDuration: 1440,
    entryPoint: 0,
    duration: 1440,
  } as unknown as ReelAsset;
  checkTimedText(read.value, { collector, place: { file: 'text.xml' }, asset, reel: 1 });
  return collector
    .all()
    .map(({ code, severity, clause, facts }) => [code, severity, clause, facts] as const);
}

const HOUSE = ['warning', 'house rule'];
const FAULTS: readonly [string, Cue[]][] = [
  ['early_text', [cue(2000, 4000, 'a')]],
  ['short_text', [cue(5000, 5200, 'a')]],
  ['crowded_text', [cue(5000, 6000, 'a'), cue(6060, 7000, 'b')]],
  ['excessive_text_lines', [cue(5000, 7000, 'a', 'b', 'c', 'd')]],
  ['long_text_line', [cue(5000, 7000, 'x'.repeat(53))]],
  ['excessive_text_line', [cue(5000, 7000, 'x'.repeat(80))]],
];

describe('reading rules', () => {
  it('[DCP100] Interop is warned of by house rule, SMPTE is left to Bv2.1', () => {
    for (const [code, cues] of FAULTS) {
      expect(judge('interop', 'auto', ...cues)).toMatchObject([[code, ...HOUSE, {}]]);
      expect(judge('smpte', 'auto', ...cues)).toEqual([]);
      const [found] = judge('smpte', 'bv21', ...cues);
      expect([found![0], found![2]]).toEqual([code, 'RDD 52:2020 7.4']);
    }
    expect(judge('interop', 'auto', cue(5000, 7000, 'a', 'b'))).toEqual([]);
  });

  it('[DCP100] the moment of an early text is told in whole milliseconds', () => {
    const facts = judge('smpte', 'bv21', cue(167, 4000, 'a')).map(([, , , each]) => each);
    expect(facts).toMatchObject([{ seconds: '0.166' }]);
  });

  it('[DCP100] a house profile takes the house’s own rules out as any other', () => {
    const collector = new FindingCollector({
      base: 'auto',
      severities: { early_text: 'ignored', short_text: 'error' },
    });
    collector.addByHouse('early_text', {});
    collector.addByHouse('short_text', {});
    expect(collector.all().map(({ severity }) => severity)).toEqual(['error']);
  });
});
