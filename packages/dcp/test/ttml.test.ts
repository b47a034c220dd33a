import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '@yinglian/core';
import { readAnyCues, readTimedText, writeTimedText } from '../src/index.ts';

const cues = (text: string) => {
  const outcome = readAnyCues(encodeUtf8(text), 'a.xml');
  if (!outcome.ok) throw new Error(outcome.findings.map((each) => each.code).join());
  return outcome;
};

const IMSC = `<?xml version="1.0" encoding="UTF-8"?>
<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter"
    xmlns:tts="http://www.w3.org/ns/ttml#styling" ttp:frameRate="24" ttp:tickRate="10000"
    xml:lang="zh">
  <head><styling>
    <style xml:id="base" tts:color="white"/>
    <style xml:id="slanted" style="base" tts:fontStyle="italic"/>
    <style xml:id="narrator" style="slanted"/>
  </styling></head>
  <body begin="10s"><div begin="00:00:01:12">
    <p begin="0.5s" end="2s">第一行<br/><span style="narrator">second</span> line</p>
    <p begin="24f" dur="48f"><span tts:fontStyle="italic">frames</span></p>
    <p begin="30000t" end="50000t">ticks</p>
    <p begin="00:01:00" end="00:01:02.250">  clock
      time </p>
    <p begin="1m" end="62000ms">units</p>
  </div></body>
</tt>`;

const PLAN = {
  id: '00000000-0000-4000-8000-000000000001',
  title: 't',
  language: 'en',
  issueDate: '2026-11-22T20:00:00+00:00',
  reelNumber: 1,
  editRate: { numerator: 24, denominator: 1 },
};

describe('timed text of other trades', () => {
  it('[DCP88] TTML: offsets add up, frames, ticks, clocks count, italics stay', () => {
    const read = cues(IMSC);
    expect(read.findings).toEqual([]);
    expect(read.value.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
      [12_000, 13_500],
      [12_500, 14_500],
      [14_500, 16_500],
      [71_500, 73_750],
      [71_500, 73_500],
    ]);
    expect(read.value[0]!.lines).toEqual([
      [{ text: '第一行', italic: false }],
      [
        { text: 'second', italic: true },
        { text: ' line', italic: false },
      ],
    ]);
    expect(read.value[1]!.lines[0]).toEqual([{ text: 'frames', italic: true }]);
    expect(read.value[3]!.lines).toEqual([[{ text: 'clock time', italic: false }]]);
  });

  it('[DCP88] TTML: 1001 rates by their multiplier, timed spans one by one, ruby left out', () => {
    const text = `<tt:tt xmlns:tt="http://www.w3.org/ns/ttml"
      xmlns:p="http://www.w3.org/ns/ttml#parameter"
      xmlns:s="http://www.w3.org/ns/ttml#styling" p:frameRate="24"
      p:frameRateMultiplier="1000 1001">
      <tt:body><tt:div><tt:p begin="0s" end="20s"><tt:span begin="240f" end="480f">漢<tt:span
      s:ruby="text">かん</tt:span>字</tt:span></tt:p></tt:div></tt:body></tt:tt>`;
    expect(cues(text).value).toEqual([
      {
        startMs: 10_010,
        endMs: 20_000,
        lines: [
          [
            { text: '漢', italic: false },
            { text: '字', italic: false },
          ],
        ],
      },
    ]);
  });

  it('[DCP88] a cue with broken times is told and left out', () => {
    const read = cues(IMSC.replace('begin="24f"', 'begin="noon"'));
    expect(read.findings.map((each) => each.code)).toEqual(['invalid_text_time']);
    expect(read.value.length).toBe(4);
  });

  it('[DCP88] ST 428-7, Interop, SubRip and WebVTT are told apart', () => {
    const srt = '1\n00:00:05,000 --> 00:00:07,000\nHello\nthere\n';
    const from = cues(srt).value;
    for (const standard of ['smpte', 'interop'] as const) {
      const bytes = writeTimedText(from, { ...PLAN, standard }, { fromMs: 0, untilMs: 60_000 });
      expect(readTimedText(bytes, 'x').ok).toBe(true);
      const back = readAnyCues(bytes, 'x');
      expect(back.ok && back.value).toEqual(from);
    }
    expect(cues(`WEBVTT\n\n${srt.replaceAll(',', '.')}`).value).toEqual(from);
  });

  it('[DCP99] italics and the upper edge go to the other standard; pictures are refused', () => {
    const from = cues(
      '1\n00:00:05,000 --> 00:00:07,000\n{\\an8}Up <i>here</i>\nand there\n\n' +
        '2\n00:00:08,000 --> 00:00:09,000\n<i>below</i>\n',
    ).value;
    expect(from.map((cue) => cue.top)).toEqual([true, undefined]);
    for (const standard of ['smpte', 'interop'] as const) {
      const plan = { ...PLAN, standard };
      const bytes = writeTimedText(from, plan, { fromMs: 0, untilMs: 60_000 });
      const back = readAnyCues(bytes, 'x');
      expect(back.ok && back.value).toEqual(from);
      const whole = decodeUtf8(bytes)!.replace('<Font ', '<Font Italic="yes" ');
      const slanted = readAnyCues(encodeUtf8(whole), 'x');
      const runs = slanted.ok ? slanted.value.flatMap((cue) => cue.lines.flat()) : [];
      expect(runs.every((run) => run.italic)).toBe(true);
      const picture = decodeUtf8(bytes)!.replace(
        /<Text [^>]*>and there<\/Text>/,
        '<Image>x</Image>',
      );
      const refused = readAnyCues(encodeUtf8(picture), 'x');
      expect(refused.ok).toBe(false);
      expect(refused.findings.map((each) => each.code)).toContain('unconvertible_text_pictures');
    }
  });

  it('[DCP101] ruby and other places are told where they are lost', () => {
    const codes = (text: string) =>
      cues(text).findings.map((each) => [each.code, each.facts['count']]);
    const from = cues('1\n00:00:05,000 --> 00:00:07,000\nHello\nthere\n').value;
    for (const standard of ['smpte', 'interop'] as const) {
      const whole = decodeUtf8(
        writeTimedText(from, { ...PLAN, standard }, { fromMs: 0, untilMs: 60_000 }),
      )!;
      expect(codes(whole)).toEqual([]);
      expect(codes(whole.replace('Hello', 'H<Ruby><Rb>e</Rb><Rt>i</Rt></Ruby>'))).toEqual([
        ['lost_ruby', 1],
      ]);
      for (const place of ['Halign="left"', 'HPosition="-4.5"']) {
        const moved = whole.replaceAll('<Text ', `<Text ${place} `);
        expect(codes(moved)).toEqual([['lost_text_place', 1]]);
      }
      const raised = whole.replace(/(V[aA]lign)="bottom"/, '$1="top"');
      expect(codes(raised)).toEqual([['lost_text_place', 1]]);
    }
    const ttml = `<tt xmlns="http://www.w3.org/ns/ttml" xmlns:s="http://www.w3.org/ns/ttml#styling">
      <head><layout><region xml:id="up" s:displayAlign="before"/><region xml:id="low"
      s:displayAlign="after"/></layout></head><body><div><p region="up" begin="1s" end="2s">漢<span
      s:ruby="text">かん</span></p><p region="low" begin="3s" end="4s">字</p></div></body></tt>`;
    expect(codes(ttml)).toEqual([
      ['lost_ruby', 1],
      ['lost_text_place', 1],
    ]);
  });

  it('[DCP68] a mutated TTML document is read or refused', () => {
    const base = encodeUtf8(IMSC);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(base.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 }),
        (changes) => {
          const bytes = base.slice();
          for (const [at, value] of changes) bytes[at] = value;
          const read = readAnyCues(bytes, 'a.xml');
          expect(read.ok || read.findings.length > 0).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });
});
