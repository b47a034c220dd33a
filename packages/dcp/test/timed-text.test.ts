import { memoryFolder } from '@yinglian/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buildPackage,
  channelLayout,
  type Cue,
  type EssenceSources,
  mapChannels,
  readCues,
  readTimedText,
  type SoundfieldName,
  type Standard,
  type TimedTextPlan,
  usualSlots,
  verifyPackage,
  writeTimedText,
} from '../src/index.ts';
import { PLAN, sourcesOf } from './faults.ts';
import { cryptography, HAS_FIXTURES, seeded } from './fixtures.ts';

const ID = '33333333-3333-4333-8333-333333333333';
const plan = (standard: Standard): TimedTextPlan => ({
  standard,
  id: ID,
  title: 'Film',
  language: 'zh-Hans',
  issueDate: '2026-11-22T20:46:31+00:00',
  reelNumber: 1,
  editRate: { numerator: 24, denominator: 1 },
});

const SRT = `\ufeff1\r
00:00:05,000 --> 00:00:06,500\r
你好 &amp; <i>welcome</i>\r
second <b>line</b>\r
\r
2\r
00:00:99,000 --> 00:00:08,000\r
broken\r
\r
3\r
00:00:07,000 --> 00:00:08,000 X1:0\r
{\\i1}all italic{\\i0}\r
`;

const VTT = `WEBVTT - a title

NOTE 00:00 is not a cue

STYLE
::cue { color: red }

intro
00:05.000 --> 00:06.500 line:80%
<v Anna>Hello &lt;you&gt;</v>

01:00:07.000 --> 01:00:08.000
Later
`;

describe('subtitles of the post house', () => {
  it('[DCP71] SubRip is read with its italics, and what is broken is told', () => {
    const outcome = readCues(SRT, 'a.srt');
    if (!outcome.ok) throw new Error('not read');
    expect(outcome.value).toEqual([
      {
        startMs: 5000,
        endMs: 6500,
        lines: [
          [
            { text: '你好 & ', italic: false },
            { text: 'welcome', italic: true },
          ],
          [
            { text: 'second ', italic: false },
            { text: 'line', italic: false },
          ],
        ],
      },
      { startMs: 7000, endMs: 8000, lines: [[{ text: 'all italic', italic: true }]] },
    ]);
    expect(outcome.findings.map((each) => [each.code, each.at['line']])).toEqual([
      ['invalid_text_time', 7],
    ]);
  });

  it('[DCP72] WebVTT is read without its notes and styles', () => {
    const outcome = readCues(VTT, 'a.vtt');
    if (!outcome.ok) throw new Error('not read');
    expect(outcome.findings).toEqual([]);
    expect(outcome.value.map((cue) => [cue.startMs, cue.lines[0]![0]!.text])).toEqual([
      [5000, 'Hello <you>'],
      [3_607_000, 'Later'],
    ]);
    expect(readCues('nothing here', 'a.srt').findings[0]!.code).toBe('empty_text');
  });

  it('[DCP73] cues come back from both document forms, cut to their reel', () => {
    const cue = fc.record({
      start: fc.nat(60_000),
      length: fc.integer({ min: 200, max: 5000 }),
      lines: fc.array(
        fc
          .string({ minLength: 1, maxLength: 30 })
          .filter((t) => /^[\x21-\x7e][\x20-\x7e]*$/.test(t)),
        {
          minLength: 1,
          maxLength: 3,
        },
      ),
    });
    fc.assert(
      fc.property(
        fc.array(cue, { minLength: 1, maxLength: 20 }),
        fc.constantFrom('smpte' as const, 'interop' as const),
        fc.nat(20_000),
        (raw, standard, fromMs) => {
          const cues: Cue[] = raw.map(({ start, length, lines }) => ({
            startMs: start,
            endMs: start + length,
            lines: lines.map((text) => [{ text, italic: false }]),
          }));
          const untilMs = fromMs + 30_000;
          const bytes = writeTimedText(cues, plan(standard), { fromMs, untilMs });
          const outcome = readTimedText(bytes, 'x');
          if (!outcome.ok) throw new Error(outcome.findings[0]!.code);
          const { events, ticksPerSecond, badTimes } = outcome.value;
          expect(badTimes).toEqual([]);
          const own = cues.filter((each) => each.endMs > fromMs && each.startMs < untilMs);
          expect(events.length).toBe(own.length);
          for (const [i, event] of events.entries()) {
            const start = Math.max(0, own[i]!.startMs - fromMs);
            expect(Math.abs((event.startTicks * 1000) / ticksPerSecond - start)).toBeLessThan(42);
            expect((event.endTicks * 1000) / ticksPerSecond).toBeLessThanOrEqual(30_000);
            expect(event.lines.map((line) => line.text)).toEqual(
              own[i]!.lines.map((line) => line[0]!.text.trim()),
            );
          }
        },
      ),
    );
  });
});

describe('texts that are shown', () => {
  it('[DCP76] no white space comes between the words of a line', () => {
    const cues = readCues(SRT, 'a.srt');
    if (!cues.ok) throw new Error('not read');
    for (const standard of ['smpte', 'interop'] as Standard[]) {
      const bytes = writeTimedText(cues.value, plan(standard), { fromMs: 0, untilMs: 10_000 });
      const texts = new TextDecoder().decode(bytes).match(/<Text[^>]*>[\s\S]*?<\/Text>/g)!;
      expect(texts.map((each) => each.replace(/^<Text[^>]*>|<\/Text>$/g, ''))).toEqual([
        '你好 &amp; <Font Italic="yes">welcome</Font>',
        'second line',
        '<Font Italic="yes">all italic</Font>',
      ]);
    }
  });
});

describe.skipIf(!HAS_FIXTURES)('subtitles in packages', () => {
  it('[DCP74] a package with converted subtitles is clean in both standards', async () => {
    const cues = readCues(SRT, 'a.srt');
    if (!cues.ok) throw new Error('not read');
    for (const standard of ['smpte', 'interop'] as Standard[]) {
      const document = writeTimedText(
        cues.value,
        {
          ...plan(standard),
          font: { id: '44444444-4444-4444-8444-444444444444', fileName: 'a.ttf' },
        },
        { fromMs: 0, untilMs: 10_000 },
      );
      const folder = memoryFolder();
      const name = standard === 'smpte' ? 'SMPTE' : 'IOP';
      const outcome = await buildPackage(
        {
          ...PLAN,
          standard,
          title: `Text_SHR-1_F_EN-ZH_US-G_51_2K_DLB_20261122_DLB_${name}_OV`,
          reels: [
            {
              picture: { source: 'picture' },
              sound: { source: 'sound', language: 'en-US' },
              subtitle: { source: 'converted', language: 'zh-Hans' },
            },
          ],
        },
        {
          ...sourcesOf({ frames: 240 }),
          converted: {
            kind: 'timed_text',
            document,
            documentId: ID,
            durationFrames: 240,
            resources: [
              {
                id: '44444444-4444-4444-8444-444444444444',
                mediaType: standard === 'smpte' ? 'application/x-font-opentype' : 'application/ttf',
                bytes: new Uint8Array([0, 1, 0, 0, 0, 0]),
                fileName: 'a.ttf',
              },
            ],
          },
        },
        folder,
        { cryptography, random: seeded('text') },
      );
      if (!outcome.ok) throw new Error(JSON.stringify(outcome.findings));
      const report = await verifyPackage(folder, { cryptography });
      expect([standard, report.findings]).toEqual([standard, []]);
      expect(report.checked.timedTexts).toBe(1);
    }
  });
});

/** Ten seconds of everything: two timed texts, sixteen channels, Atmos. */
function fullSources(): EssenceSources {
  const cues = readCues('1\n00:00:05,000 --> 00:00:06,000\nA door closes\n', 'a.srt');
  if (!cues.ok) throw new Error('not read');
  const reel = { fromMs: 0, untilMs: 10_000 };
  const text = (id: string) => ({
    kind: 'timed_text' as const,
    document: writeTimedText(cues.value, { ...plan('smpte'), id, language: 'en' }, reel),
    documentId: id,
    durationFrames: 240,
  });
  return {
    ...sourcesOf({ frames: 240 }),
    subtitle: text('55555555-5555-4555-8555-555555555555'),
    caption: text('66666666-6666-4666-8666-666666666666'),
    sound: {
      kind: 'pcm',
      samples: () => Array.from({ length: 240 }, () => new Uint8Array(2000 * 16 * 3)),
      samplingRateHz: 48_000,
      channelCount: 16,
      layout: channelLayout('71', { accessible: ['HI', 'VIN'], slotCount: 16 }),
    },
    atmos: {
      kind: 'data',
      frames: () => Array.from({ length: 240 }, () => new Uint8Array(300)),
      atmos: {
        id: ID,
        firstFrame: 0,
        channelCountMaximum: 10,
        objectCountMaximum: 118,
        version: 1,
      },
    },
  };
}

describe.skipIf(!HAS_FIXTURES)('everything a reel can hold', () => {
  it('[DCP77] captions, immersive sound and accessible channels stand together', async () => {
    const folder = memoryFolder();
    const outcome = await buildPackage(
      {
        ...PLAN,
        title: 'All_FTR-1_F_EN-EN-CCAP_US-G_71-HI-VI-ATMOS_2K_DLB_20261122_DLB_SMPTE_OV',
        contentKind: { value: 'feature' },
        reels: [
          {
            picture: { source: 'picture' },
            sound: { source: 'sound', language: 'en-US' },
            subtitle: { source: 'subtitle', language: 'en' },
            closedCaptions: [{ source: 'caption', language: 'en' }],
            auxiliaryData: { source: 'atmos' },
            markers: [
              { label: 'FFEC', offset: 200 },
              { label: 'FFMC', offset: 210 },
            ],
          },
        ],
        metadata: { distributor: 'Yinglian', luminance: { value: '14', units: 'foot-lambert' } },
      },
      fullSources(),
      folder,
      { cryptography, random: seeded('all') },
    );
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.findings));
    const { assets, metadata } = outcome.value.composition.reels[0]!;
    expect(assets.map((asset) => asset.kind)).toEqual([
      'picture',
      'sound',
      'subtitle',
      'closed_caption',
      'auxiliary_data',
    ]);
    expect(metadata!.soundConfiguration).toBe('71/L,R,C,LFE,Lss,Rss,HI,VIN,-,-,Lrs,Rrs,-,-,-,-');
    const report = await verifyPackage(folder, { cryptography });
    expect(report.findings).toEqual([]);
    expect(report.checked).toMatchObject({ timedTexts: 2, frames: 240 * 3 + 2 });
  });
});

describe('channels', () => {
  it('[DCP75] channels go to their slots, and empty slots are silent', () => {
    const samples = [1, 2, 3, 4, 5, 6].flatMap((value) => [value, value, value]);
    const pcm = Uint8Array.from([...samples, ...samples.map((value) => value + 10)]);
    expect([...mapChannels(pcm, 6, [1, 0, undefined, 3])]).toEqual(
      [2, 1, 0, 4, 12, 11, 0, 14].flatMap((value) => [value, value, value]),
    );
    const usual = (name: SoundfieldName, count: number) =>
      usualSlots(channelLayout(name).slots, count);
    const none = undefined;
    expect(usual('51', 6)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(usual('71', 8)).toEqual([0, 1, 2, 3, 6, 7, none, none, none, none, 4, 5]);
    expect(usual('SDS', 8)).toEqual([0, 1, 2, 3, 4, 5, none, none, 6, 7]);
    expect(usual('61', 7)).toEqual([0, 1, 2, 3, 5, 6, none, none, 4, none]);
    // Surrounds that no slot would take are not dropped in silence.
    expect([usual('51', 8), usual('71', 6), usual('51', 5), usual('M', 6)]).toEqual(
      Array.from({ length: 4 }, () => none),
    );
    const back = mapChannels(mapChannels(pcm, 6, [5, 4, 3, 2, 1, 0]), 6, [5, 4, 3, 2, 1, 0]);
    expect(back).toEqual(pcm);
  });
});
