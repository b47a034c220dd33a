import { FRAME_RATES } from '@yinglian/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  changesFor,
  chooseTimeline,
  clip,
  compareCuts,
  countSheet,
  describeChange,
  effect,
  external,
  marker,
  nameShots,
  pullList,
  pullRows,
  range,
  rateOfDouble,
  readEdlText,
  readFcp7,
  readFcpxml,
  reelOf,
  stack,
  time,
  type Timeline,
  timeline,
  timeWarp,
  track,
  transition,
  writeEdlText,
  writeFcp7,
  writeFcpxml,
  writeTimeline,
  WRITTEN_FORMATS,
} from '../src/index.ts';
import { codes, firstTimeline, value } from './support.ts';

const rate = rateOfDouble(25);
const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

const LIST = `TITLE: DF
FCM: DROP FRAME
001  A001     V     C        01:00:00;00 01:00:02;00 01:00:00;00 01:00:02;00
`;

function through(of: Timeline, by: 'fcp7' | 'fcpxml'): Timeline {
  if (by === 'fcp7') return firstTimeline(value(readFcp7(value(writeFcp7(of)))));
  return firstTimeline(value(readFcpxml(value(writeFcpxml(of)))));
}

function shot(name: string, at: number, more: Parameters<typeof clip>[0] = {}) {
  return clip({ name, sourceRange: range(at, 25, rate), ...more });
}

describe('from format to format', () => {
  it.each(['fcp7', 'fcpxml'] as const)('[TL24] drop frame and tapes pass through %s', (by) => {
    const list = value(readEdlText(LIST, { rate: FRAME_RATES['29.97'] }));
    const back = value(writeEdlText(through(list, by)));
    expect(back).toContain('FCM: DROP FRAME');
    expect(back).toMatch(/^001 {2}A001 +V +C +01:00:00;00 01:00:02;00 01:00:00;00/m);
  });

  it('[TL7] a clip that counts at no rate is written by every format, at that of the cut', () => {
    const nowhere = range(0, 26, rateOfDouble(-2));
    const media = { DEFAULT_MEDIA: external('file:///a.mov', { availableRange: nowhere }) };
    const children = [shot('A', 100), shot('B', 0, { sourceRange: nowhere, media })];
    const nested = stack({ sourceRange: nowhere, children: [track({ children })] });
    const cut = timeline([track({ children: [...children, nested] })]);
    for (const format of WRITTEN_FORMATS) expect(writeTimeline(cut, format).ok).toBe(true);
    const written = decode(value(writeFcp7(cut)));
    expect(new Set(written.match(/<timebase>.*?</g))).toEqual(new Set(['<timebase>25<']));
  });

  it('[TL7] whatever doubles a cut holds, every format writes or refuses it', () => {
    const extremes = [NaN, Infinity, 1e308, -1e308, 5e-324, 2 ** 53, 0.1, -1, 0, 24, 1001];
    const number = fc.oneof(fc.constantFrom(...extremes), fc.double());
    const ranges = fc.tuple(number, number, number, number).map(([start, length, each, other]) => ({
      start: time(start, rateOfDouble(each)),
      duration: time(length, rateOfDouble(other)),
    }));
    const clips = fc.tuple(ranges, ranges, number, number).map(([sourceRange, own, speed, at]) => {
      const media = { DEFAULT_MEDIA: external('file:///a.mov', { availableRange: own }) };
      const markers = [marker(range(at, 0, rate), { name: 'm' })];
      return clip({ name: 'A', sourceRange, media, markers, effects: [timeWarp(speed)] });
    });
    fc.assert(
      fc.property(fc.array(clips, { maxLength: 4 }), number, (made, offset) => {
        const half = time(offset, rate);
        const children = made.flatMap((each) => [each, transition(half, half)]);
        const cut = timeline([track({ children })], { globalStart: time(offset, rate) });
        for (const format of WRITTEN_FORMATS) writeTimeline(cut, format);
        compareCuts(cut, { ...cut, globalStart: undefined });
        pullList([cut]);
        countSheet(cut);
      }),
      { numRuns: 500 },
    );
  });

  it('[TL7] a speed beyond numbers is told, and the cut is written without it', () => {
    for (const scalar of [Infinity, -1e308, Number.NaN]) {
      const children = [shot('A', 100, { effects: [timeWarp(scalar)] })];
      const cut = timeline([track({ children })]);
      for (const format of WRITTEN_FORMATS) expect(writeTimeline(cut, format).ok).toBe(true);
      const outcome = writeEdlText(cut);
      expect(codes(outcome)).toEqual(['uncarried_effect']);
      expect(value(outcome)).not.toContain('M2');
    }
  });

  it('[TL24] the tape of a Final Cut Pro 7 file is the reel of its clips', () => {
    const text = `<xmeml version="5"><sequence id="s"><rate><timebase>25</timebase></rate><media>
      <video><track><clipitem id="c"><start>0</start><end>50</end><in>0</in><out>50</out>
      <file id="f"><duration>100</duration><rate><timebase>25</timebase></rate><timecode>
      <frame>90000</frame><reel><name>B017</name></reel></timecode></file></clipitem></track>
      </video></media></sequence></xmeml>`;
    const cut = firstTimeline(value(readFcp7(encode(text))));
    expect(value(writeEdlText(cut))).toMatch(/^001 {2}B017 +V +C +01:00:00:00/m);
    expect(decode(value(writeFcp7(cut))).match(/<reel>/g)).toHaveLength(1);
  });

  it('[TL24] two tapes stay two files, and say so in each format', () => {
    const on = (reel: string) => ({ metadata: { yinglian: { reel } } });
    const cut = timeline([track({ children: [shot('a', 0, on('T1')), shot('a', 0, on('T2'))] })]);
    for (const by of ['fcp7', 'fcpxml'] as const) {
      const [main] = through(cut, by).tracks.children;
      const clips = main?.kind === 'track' ? main.children : [];
      expect(clips.map((each) => (each.kind === 'clip' ? reelOf(each) : ''))).toEqual(['T1', 'T2']);
    }
  });

  it('[TL24] a list says how it spells reels, and no short one takes the name of another', () => {
    const on = (reel: string) => ({ metadata: { yinglian: { reel } } });
    const children = ['TAPE 1', 'A001C001_X', 'A001C001'].map((reel) => shot(reel, 0, on(reel)));
    const written = writeEdlText(timeline([track({ children })]), { family: 'cmx3600' });
    expect(codes(written)).toEqual(['replaced_reel', 'shortened_reel']);
    const reels = value(written).match(/^\d{3} {2}(\S+)/gm);
    expect(new Set(reels?.map((each) => each.slice(5))).size).toBe(3);
    expect(reels?.[2]).toContain('A001C001');
  });

  it('[TL24] a disabled track is no part of a list, and plays in no other format', () => {
    const off = track({ name: 'V2', enabled: false, children: [shot('off', 0)] });
    const cut = timeline([track({ children: [shot('on', 0)] }), off]);
    const list = writeEdlText(cut);
    expect(codes(list)).toEqual(['uncarried_disabled_track']);
    expect(value(list)).not.toContain('off');
    expect(value(writeEdlText(cut, { tracks: [1] }))).toContain('off');
    expect(decode(value(writeFcpxml(cut))).match(/enabled="0"/g)).toHaveLength(1);
    const spine = timeline([track({ enabled: false, children: [shot('off', 0)] })]);
    expect(decode(value(writeFcpxml(spine)))).toContain('enabled="0"');
  });

  it('[TL24] markers of a timeline become locators; effects of a track are told', () => {
    const cut = timeline([
      track({ children: [shot('a', 0), shot('b', 100)], effects: [effect('Blur')] }),
    ]);
    const markers = [
      marker(range(30, 0, rate), { name: 'SQ01_SH020', color: 'RED' }),
      marker(range(99, 0, rate), { name: 'beyond' }),
    ];
    const marked = { ...cut, tracks: { ...cut.tracks, markers } };
    const list = writeEdlText(marked);
    expect(value(list)).toMatch(/CLIP NAME: b\n\* LOC: 00:00:01:05 RED SQ01_SH020/);
    expect(codes(list)).toEqual(['uncarried_effect', 'uncarried_marker']);
    for (const written of [writeFcp7(cut), writeFcpxml(cut)]) {
      expect(codes(written)).toContain('uncarried_effect');
    }
  });

  it('[TL24] a transition goes back into FCPXML as it was, or is told to be another', () => {
    const text = `<fcpxml version="1.11"><resources>
      <format id="r1" frameDuration="1/25s"/><asset id="r2" name="a" start="0s" duration="100s"
      format="r1" hasVideo="1"><media-rep kind="original-media" src="file:///a.mov"/></asset>
      <effect id="r3" name="Band" uid="FxPlug:BAND"/></resources><library><event><project name="p">
      <sequence format="r1" tcStart="0s"><spine><asset-clip ref="r2" offset="0s" duration="4s"/>
      <transition name="Band" offset="3s" duration="2s"><filter-video ref="r3" name="Band">
      <param name="Angle" value="45"/></filter-video></transition>
      <asset-clip ref="r2" offset="4s" start="20s" duration="4s"/></spine></sequence></project>
      </event></library></fcpxml>`;
    const cut = firstTimeline(value(readFcpxml(encode(text))));
    const written = writeFcpxml(cut);
    const again = decode(value(written));
    expect(codes(written)).toEqual([]);
    expect(again).toContain('uid="FxPlug:BAND"');
    expect(again).toContain('value="45"');
    expect(again).not.toContain('Cross Dissolve');
    const half = time(5, rate);
    const flash = transition(half, half, { name: 'Flash', transitionType: 'Custom_Transition' });
    const plain = timeline([track({ children: [shot('a', 0), flash, shot('b', 0)] })]);
    expect(codes(writeFcpxml(plain))).toContain('replaced_transition');
  });

  it('[TL11] labels tell drop frame by their mark, and what the statement denies is told', () => {
    const dotted = LIST.replace(/FCM.*\n/, '').replaceAll(';', '.');
    const cut = value(readEdlText(dotted, { rate: FRAME_RATES['29.97'] }));
    expect(value(writeEdlText(cut))).toContain('FCM: DROP FRAME');
    const denied = readEdlText(LIST.replace('DROP', 'NON-DROP'), { rate: FRAME_RATES['29.97'] });
    expect(codes(denied)).toContain('mixed_drop_frame');
  });

  it('[TL43] another shot on the same clip is a change', () => {
    const cut = (shotName: string) => {
      const metadata = { yinglian: { shot: shotName, reel: 'A001' } };
      return timeline([track({ children: [shot('a', 0, { metadata })] })]);
    };
    const kinds = (old: string, now: string) =>
      value(compareCuts(cut(old), cut(now))).changes.map((each) => each.kinds);
    expect(kinds('SH010', 'SH020')).toEqual([['renamed']]);
    expect(kinds('', 'SH020')).toEqual([[]]);
    const [change] = value(compareCuts(cut('SH010'), cut('SH020'))).changes;
    expect(describeChange(change!, 'en')).toBe('Renamed (SH010 → SH020)');
  });

  it('[TL48] a list is cut down to whom it concerns', () => {
    const on = (reel: string, shotName: string) => ({
      metadata: { yinglian: { reel, shot: shotName } },
    });
    const now = timeline([
      track({ children: [shot('plain', 0, on('A1', '')), shot('comp', 0, on('A2', 'SH010'))] }),
      track({ trackKind: 'Audio', children: [shot('voice', 0, on('S1', ''))] }),
    ]);
    const list = value(compareCuts(timeline([]), now));
    const names = (reader: 'picture' | 'sound' | 'vfx') =>
      changesFor(list, reader).changes.map(({ name }) => name);
    expect(names('picture')).toEqual(['plain', 'comp']);
    expect(names('vfx')).toEqual(['comp']);
    expect(names('sound')).toEqual(['voice']);
  });

  it('[TL60] one of several timelines is chosen, and taking the first is told', () => {
    const cuts = ['one', 'two'].map((name) => timeline([], { name }));
    const file = { kind: 'collection', name: '', metadata: {}, children: cuts } as const;
    const taken = chooseTimeline(file);
    expect([value(taken).name, codes(taken)]).toEqual(['one', ['assumed_sequence']]);
    for (const wanted of ['two', '2']) {
      const chosen = chooseTimeline(file, wanted);
      expect([value(chosen).name, codes(chosen)]).toEqual(['two', []]);
    }
    expect(codes(chooseTimeline(file, '3'))).toEqual(['unknown_sequence']);
    expect(codes(chooseTimeline({ ...file, children: [] }))).toEqual(['missing_sequence']);
  });

  it('[TL47] the angle of a multicam clip that plays is what lists and pulls see', () => {
    const angle = (id: string, ref: string) => `<mc-angle angleID="${id}" name="${id}">
      <asset-clip ref="${ref}" offset="3600s" start="100s" duration="4s"/>
      <asset-clip ref="${ref}" offset="3604s" start="200s" duration="4s"/></mc-angle>`;
    const asset = (id: string) => `<asset id="${id}" name="cam-${id}" start="0s" duration="1000s"
      format="r1" hasVideo="1"><media-rep kind="original-media" src="file:///${id}.mov"/></asset>`;
    const text = `<fcpxml version="1.11"><resources><format id="r1" frameDuration="1/25s"/>
      ${asset('a')}${asset('b')}<media id="r9"><multicam format="r1" tcStart="3600s">
      ${angle('A', 'a')}${angle('B', 'b')}</multicam></media></resources><library><event>
      <project name="p"><sequence format="r1" tcStart="0s"><spine>
      <mc-clip ref="r9" offset="0s" start="3603s" duration="2s"><mc-source angleID="B"/>
      <marker start="3604s" duration="1/25s" value="SQ01_0020"/></mc-clip>
      <gap offset="2s" duration="1s"/></spine></sequence></project></event></library></fcpxml>`;
    const cut = firstTimeline(value(readFcpxml(encode(text))));
    const list = writeEdlText(cut);
    expect(value(list).match(/^\d{3}.*$/gm)?.map((each) => each.slice(29))).toEqual([
      '00:01:43:00 00:01:44:00 00:00:00:00 00:00:01:00',
      '00:03:20:00 00:03:21:00 00:00:01:00 00:00:02:00',
    ]);
    expect(value(list)).toContain('/b.mov');
    expect(value(list)).not.toContain('/a.mov');
    expect(value(list)).toContain('* LOC: 00:00:01:00 PURPLE SQ01_0020');
    expect(codes(list)).not.toContain('uncarried_nesting');
    expect(pullList([cut]).pulls.map(({ url }) => url)).toEqual(['file:///b.mov', 'file:///b.mov']);
    const named = value(nameShots(cut, { template: 'S{number:3}' }));
    const [spine] = named.tracks.children;
    const [shotName] = spine?.kind === 'track' ? spine.children : [];
    const given = shotName?.kind === 'stack' ? shotName.metadata['yinglian'] : undefined;
    expect(given).toEqual({ shot: 'S010' });
    expect(countSheet(named).lines.map((each) => each.shot)).toEqual(['S010', 'S010']);
    const written = writeFcpxml(cut);
    expect(codes(written)).toEqual([]);
    const again = firstTimeline(value(readFcpxml(value(written))));
    const same = writeEdlText(again);
    expect(value(same).match(/^\d{3}.*$/gm)).toEqual(value(list).match(/^\d{3}.*$/gm));
  });

  it('[TL25] alternatives of an audition that were not kept are told', () => {
    const metadata = { fcpx_audition: [{ element: 'asset-clip' }] };
    const media = { DEFAULT_MEDIA: external('file:///a.mov') };
    const cut = timeline([track({ children: [shot('pick', 0, { metadata, media })] })]);
    expect(codes(writeFcpxml(cut))).toEqual(['uncarried_audition']);
  });

  it('[TL47] layers beside the main one are told, and what cannot be unfolded stays', () => {
    const layer = (name: string) => track({ children: [shot(name, 0)] });
    const inside = stack({ name: 'vfx', children: [layer('under'), layer('over')] });
    const list = writeEdlText(timeline([track({ children: [inside] })]));
    expect([value(list).includes('under'), value(list).includes('over')]).toEqual([true, false]);
    expect(codes(list)).toEqual(['merged_nesting']);
    const slow = { ...inside, effects: [timeWarp(0.5)] };
    expect(codes(writeEdlText(timeline([track({ children: [slow] })])))).toEqual([
      'uncarried_nesting',
    ]);
  });

  it('[TL56] pulls count each medium at its own rate', () => {
    const fast = rateOfDouble(50);
    const media = {
      DEFAULT_MEDIA: external('/fast.mov', { availableRange: range(0, 1000, fast) }),
    };
    const cut = timeline([track({ children: [shot('fast', 50, { media })] })]);
    const list = pullList([cut], { handles: { head: 5, tail: 5 } });
    const [head, row] = pullRows(list, 'en');
    const said = Object.fromEntries(head!.map((name, index) => [name, row![index]]));
    expect(said).toMatchObject({
      Rate: '50', In: '00:00:01:40', Out: '00:00:03:10', Frames: '70', 'Head handle': '10',
    });
    const drop = value(readEdlText(LIST, { rate: FRAME_RATES['29.97'] }));
    expect(pullRows(pullList([drop]), 'en')[1]![5]).toContain(';');
  });
});
