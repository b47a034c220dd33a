import { ratio } from '@yinglian/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCompound } from '../src/aaf/compound.ts';
import { formatSeconds, mappedSeconds, parseSeconds, straightSpeed } from '../src/fcpxml/time.ts';
import {
  addTime,
  detectFormat,
  doubleOfRatio,
  endOf,
  FINDING_TEXTS,
  playedRange,
  rateOf,
  rateOfDouble,
  readAaf,
  readAle,
  readAleTable,
  readFcp7,
  readFcpxml,
  readHls,
  readTimeline,
  secondsOf,
  timelinesOf,
  tracksOf,
  writeAle,
  writeFcp7,
  writeFcpxml,
  writeHls,
  writeOtio,
  writeOtioText,
  writeTimeline,
  zeroTime,
  WRITTEN_FORMATS,
} from '../src/index.ts';
import {
  ABSENT,
  codes,
  cuts,
  damage,
  damaged,
  firstTimeline,
  fixture,
  fixtures,
  golden,
  goldenTimelines,
  shown,
  shownGolden,
  structure,
  value,
} from './support.ts';
import { readFileSync } from 'node:fs';
import { globSources } from './sources.ts';

const ADJECTIVES =
  'missing mismatched invalid unexpected empty excessive unknown uncarried assumed '
    .concat('repeated negative ')
    .concat('truncated malformed overlapping mixed rounded shortened replaced uneven circular ')
    .concat('merged broken escaping unplayed uncompared interrupted unlisted')
    .split(' ');
const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const SHORTENED = /Occlusion2|SyncClipRoles2/;
const RUNS = Number(process.env['TIMELINE_RUNS'] ?? 60);

/** Seconds of an AAF or XML item agree with a recorded one of three decimals. */
function sameTracks(
  path: string,
  ours: readonly (readonly string[])[],
  theirs: readonly (readonly string[])[],
) {
  expect(ours, path).toEqual(theirs);
}

describe.skipIf(ABSENT !== '')('Final Cut Pro 7', () => {
  it('[TL20] reads tracks and items as OpenTimelineIO does', () => {
    const files = fixtures('fcp7xml', /\.xml$/).filter((path) => !path.includes('filter'));
    expect(files.length).toBe(5);
    for (const path of files) {
      const cut = firstTimeline(value(readFcp7(fixture(path))));
      const [tracks] = goldenTimelines(golden(path));
      sameTracks(
        path,
        tracksOf(cut).map(({ track }) => track.children.map(shown)),
        tracks!.map((each) => each.items.map(shownGolden)),
      );
      const again = firstTimeline(value(readFcp7(value(writeFcp7(cut)))));
      expect(structure(again) === structure(cut), path).toBe(true);
    }
    expect(codes(readFcp7(fixture('fcp7xml/premiere_example_filter.xml')))).toEqual([
      'unexpected_root_element',
    ]);
  });
});

describe('random cuts', () => {
  it('[TL22] survive both XML formats', () => {
    fc.assert(
      fc.property(cuts, (cut) => {
        const viaFcp7 = firstTimeline(value(readFcp7(value(writeFcp7(cut)))));
        expect(structure(viaFcp7)).toBe(structure(cut));
        const viaFcpxml = firstTimeline(value(readFcpxml(value(writeFcpxml(cut)))));
        expect(structure(viaFcpxml)).toBe(structure(cut));
      }),
      { numRuns: RUNS },
    );
  });
});

describe.skipIf(ABSENT !== '')('FCPXML', () => {
  const files = fixtures('fcpxml', /\.fcpxml$/);

  it('[TL21] reads every sample, and the spine is as long as it says', () => {
    expect(files.length).toBe(42);
    let checked = 0;
    for (const path of files) {
      const outcome = readFcpxml(fixture(path));
      expect(
        outcome.findings.filter((each) => each.severity === 'error'),
        path,
      ).toEqual([]);
      for (const cut of timelinesOf(value(outcome))) {
        const told = (cut.metadata['fcpx'] ?? {}) as { sequence?: { '@duration'?: string } };
        const stated = told.sequence?.['@duration'];
        const spine = tracksOf(cut).find(
          ({ track }) => track.trackKind === 'Video' && track.metadata['fcpx'] === undefined,
        );
        // Two samples were shortened by hand and say the length they had.
        if (stated === undefined || SHORTENED.test(path)) continue;
        if (spine === undefined || spine.track.children.length === 0) continue;
        const lengths = tracksOf(cut).map(({ track }) => {
          let end = zeroTime(rateOf(cut)!);
          for (const each of track.children) {
            if (each.kind === 'transition' || each.kind === 'unknown') continue;
            end = addTime(end, playedRange(each)!.duration);
          }
          return formatSeconds(secondsOf(end));
        });
        // What is connected may last longer than the spine; the sequence then does too.
        const own = formatSeconds(parseSeconds(stated)!);
        expect(lengths, path).toContain(own);
        checked++;
      }
    }
    expect(checked).toBeGreaterThan(30);
  });

  it.each([
    ['29.97', 29.97],
    ['29.97d', 29.97],
    ['59.94', 59.94],
    ['24', 24],
    ['360Video', 59.94],
    ['Complex', 25],
  ])('[TL21] %s has its exact rate', (name, rate) => {
    const outcome = readFcpxml(fixture(`fcpxml/openfcpxmlkit/${name}.fcpxml`));
    const found = rateOf(firstTimeline(value(outcome)))!;
    // A sample called 24 may be cut at 23.976: its own format decides.
    const text = decode(fixture(`fcpxml/openfcpxmlkit/${name}.fcpxml`));
    const [, frame] = /frameDuration="([^"]+)"/.exec(text)!;
    expect(doubleOfRatio(found)).toBeCloseTo(1 / doubleOfRatio(parseSeconds(frame!)!), 9);
    expect(Math.abs(doubleOfRatio(found) - doubleOfRatio(rateOfDouble(rate)))).toBeLessThan(0.05);
  });

  it('[TL22] what is written has the same structure', () => {
    // Tracks of secondary storylines end in transitions that the format cannot hold by themselves.
    const except =
      /TimelineSample|SecondaryStoryline|GeneralDemo|Multicam|SyncClipRoles2|fcpx_(?:example|library)/;
    let same = 0;
    for (const path of files) {
      for (const cut of timelinesOf(value(readFcpxml(fixture(path))))) {
        const again = firstTimeline(value(readFcpxml(value(writeFcpxml(cut)))));
        if (except.test(path)) continue;
        expect(structure(again), path).toBe(structure(cut));
        same++;
      }
    }
    expect(same).toBeGreaterThan(30);
  });
});

describe('times of FCPXML', () => {
  it('[TL21] are exact both ways', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }),
        fc.bigInt({ min: 1n, max: 2n ** 32n }),
        (n, d) => {
          expect(parseSeconds(formatSeconds(ratio(n, d)))).toEqual(ratio(n, d));
        },
      ),
    );
    expect(parseSeconds('1.5s')).toEqual(ratio(3, 2));
    expect(parseSeconds('1/0s')).toBeUndefined();
    expect(parseSeconds('soon')).toBeUndefined();
  });

  it('[TL21] maps are lines or curves', () => {
    const point = (time: number, at: number) => ({ time: ratio(time), value: ratio(at) });
    expect(straightSpeed([point(0, 0), point(10, 20)])).toBe(2);
    expect(straightSpeed([point(0, 0), point(10, 20), point(20, 25)])).toBeUndefined();
    expect(mappedSeconds([point(0, 0), point(10, 20), point(20, 25)], ratio(15))).toEqual(
      ratio(45, 2),
    );
  });
});

describe('hostile XML', () => {
  const bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>';

  it('[TL23] documents that declare entities are refused, plain types are not', () => {
    expect(codes(readFcpxml(encode(`${bomb}<fcpxml version="1.11">&b;</fcpxml>`)))).toEqual([
      'unexpected_document_type',
    ]);
    expect(codes(readFcp7(encode(`${bomb}<xmeml/>`)))).toEqual(['unexpected_document_type']);
    expect(codes(readFcp7(encode('<!DOCTYPE xmeml><xmeml/>')))).toEqual(['missing_sequence']);
  });

  it('[TL23] sequences that hold themselves are found', () => {
    const inner =
      '<media><video><track><clipitem><start>0</start><end>5</end><sequence id="s"/>' +
      '</clipitem></track></video></media>';
    const base = '<rate><timebase>25</timebase></rate>';
    const circle = `<xmeml><sequence id="s">${base}${inner}</sequence></xmeml>`;
    expect(codes(readFcp7(encode(circle)))).toContain('circular_nesting');
    const media =
      '<media id="m"><sequence><spine><ref-clip ref="m" duration="1s"/></spine></sequence></media>';
    const spine = '<spine><ref-clip ref="m" duration="1s"/></spine>';
    const project = `<project><sequence>${spine}</sequence></project>`;
    const fcpx = `<fcpxml version="1.11"><resources>${media}</resources>${project}</fcpxml>`;
    expect(codes(readFcpxml(encode(fcpx)))).toContain('circular_nesting');
  });

  it('[TL23] nesting that would unfold without end stops', () => {
    const level = (n: number) =>
      `<sequence id="s${n}"><media><video><track>${Array.from(
        { length: 10 },
        (_, i) =>
          `<clipitem><start>${i}</start><end>${i + 1}</end>` +
          `${n === 0 ? '' : `<sequence id="s${n - 1}"/>`}</clipitem>`,
      ).join('')}</track></video></media></sequence>`;
    const levels = Array.from({ length: 12 }, (_, n) => level(n)).join('');
    const bombs = `<xmeml><bin>${levels}</bin></xmeml>`;
    expect(codes(readFcp7(encode(bombs)))).toContain('excessive_item_count');
  });
});

describe.skipIf(ABSENT !== '')('logs', () => {
  it('[TL30] are read as OpenTimelineIO does and come back the same', () => {
    for (const name of ['sample', 'sampleUHD', 'sample_blanks', 'sample_no_blanks']) {
      const log = value(readAle(fixture(`ale/${name}.ale`)));
      const theirs = golden(`ale/${name}.ale`).result!.children!.map(shownGolden);
      expect(
        log.children.map((each) => shown(each as never)),
        name,
      ).toEqual(theirs);
      const again = value(readAle(value(writeAle(log))));
      expect(writeOtioText(again), name).toBe(writeOtioText(log));
    }
  });
});

describe('odd logs', () => {
  it('[TL30] rows that are too long are kept, tabs never leak', () => {
    const text =
      'Heading\nFPS\t25\nColumn\nName\tStart\tEnd\tASC_SOP\nData\n' +
      'a\t01:00:00:00\t01:00:01:00\t(1 1 1)(0 0 0)(1 1 1)\textra\n';
    const outcome = readAle(encode(text));
    expect(codes(outcome)).toEqual(['excessive_field_count']);
    expect(value(outcome).children[0]!).toMatchObject({
      metadata: { ALE: { '#fields': ['extra'] }, cdl: { asc_sop: { slope: [1, 1, 1] } } },
    });
    expect(codes(readAleTable(encode('x')))).toEqual(['missing_ale_columns', 'unknown_ale_line']);
    const wrong = readAle(encode(text.replace('01:00:01:00', '01:00:99:00')));
    expect(codes(wrong)).toContain('invalid_ale_time');
    const log = value(outcome);
    const [first] = log.children;
    const named = { ...log, children: [{ ...first!, name: 'a\tb' }] } as typeof log;
    expect(decode(value(writeAle(named)))).toContain('a b\t01:00:00:00');
  });
});

describe.skipIf(ABSENT !== '')('playlists', () => {
  it('[TL31] keep durations, ranges and tags', () => {
    const cut = value(readHls(fixture('hls/v1_prog_index.m3u8')));
    const [{ track }] = tracksOf(cut) as [ReturnType<typeof tracksOf>[0]];
    expect(track.children.length).toBe(50);
    expect(secondsOf(playedRange(track.children[0] as never)!.duration)).toEqual(ratio(1001, 1000));
    const again = value(readHls(value(writeHls(cut))));
    expect(writeOtioText(again)).toBe(writeOtioText(cut));
    expect(codes(readHls(encode('hello')))).toEqual(['missing_playlist_mark']);
    expect(codes(readHls(encode('#EXTM3U\n#EXTINF:x,\na.ts\n')))).toEqual([
      'invalid_segment_duration',
      'missing_segment_duration',
    ]);
  });
});

/** Where the recorded answers are wrong or say otherwise, and why. */
const AAF_EXCEPT: Readonly<Record<string, string>> = {
  multiple_top_level_mobs: 'sound is shifted by samples taken for frames, a 60 frame clock for 30',
  nested_stack: 'a stack of three is named after one clip of it',
  normalclip_sourceclip_references_compositionmob_with_usercomments_no_mastermob_usercomments:
    'the start within a nested composition is dropped',
  subclip_sourceclip_references_compositionmob_with_mastermob:
    'the start within a nested composition is dropped',
};

describe.skipIf(ABSENT !== '')('AAF', () => {
  const files = fixtures('aaf', /\.aaf$/);

  it('[TL32] reads tracks, items, ranges and transitions as OpenTimelineIO does', () => {
    expect(files.length).toBe(18);
    const different: string[] = [];
    for (const path of files) {
      const name = path.slice(4, -4);
      const cuts = timelinesOf(value(readAaf(fixture(path))));
      const theirs = goldenTimelines(golden(path));
      expect(cuts.length, path).toBe(theirs.length);
      const ours = cuts.map((cut) => tracksOf(cut).map(({ track }) => track.children.map(shown)));
      const recorded = theirs.map((each) => each.map((one) => one.items.map(shownGolden)));
      if (JSON.stringify(ours) !== JSON.stringify(recorded)) different.push(name);
    }
    expect(different.filter((name) => AAF_EXCEPT[name] === undefined)).toEqual([]);
  });

  it('[TL32] follows clips to the timecode of the tape, and keeps markers and starts', () => {
    const cut = firstTimeline(value(readAaf(fixture('aaf/marker-over-transition.aaf'))));
    expect(cut.globalStart?.value).toBe(86_400);
    const [first, over] = tracksOf(cut)[0]!.track.children;
    expect(over?.kind).toBe('transition');
    expect(first?.kind === 'clip' && first.sourceRange?.start.value).toBe(87_201);
    expect(first?.kind === 'clip' && first.markers.map((each) => each.name)).toEqual([
      's999_1.gt_2',
      's999_1.gt_2',
    ]);
    const drop = firstTimeline(value(readAaf(fixture('aaf/2997fps-DFTC.aaf'))));
    expect(drop.globalStart).toMatchObject({ value: 539_460, rate: ratio(30_000, 1001) });
  });

  it('[TL33] broken compound files are refused, soon', () => {
    const whole = fixture('aaf/one_clip.aaf');
    expect(codes(readAaf(whole.subarray(0, 100)))).toEqual(['truncated_compound_file']);
    expect(codes(readAaf(encode('x'.repeat(600))))).toEqual(['missing_compound_mark']);
    fc.assert(
      fc.property(damage, (how) => {
        const outcome = readAaf(damaged(whole, how));
        expect(outcome.ok || outcome.findings.length > 0).toBe(true);
      }),
      { numRuns: RUNS },
    );
    // A table whose every sector points to itself.
    const looped = whole.slice();
    const view = new DataView(looped.buffer);
    const fat = (view.getUint32(76, true) + 1) * (1 << view.getUint16(30, true));
    for (let i = 0; i < 128; i++) view.setUint32(fat + 4 * i, i, true);
    expect(readCompound(looped).ok).toBe(false);
  });
});

describe('all formats', () => {
  it('[TL60] are told by their content', () => {
    const cut = fc
      .sample(cuts, { numRuns: 20, seed: 7 })
      .find((each) => tracksOf(each).length > 0)!;
    for (const format of ['otio', 'otioz', 'edl', 'fcp7', 'fcpxml'] as const) {
      const written = value(writeTimeline(cut, format));
      expect(detectFormat(written)).toBe(format);
      expect(timelinesOf(value(readTimeline(written, { rate: rateOf(cut)! }))).length).toBe(1);
    }
    expect(detectFormat(value(writeTimeline(cut, 'ale')))).toBe('ale');
    expect(codes(readTimeline(encode('good morning')))).toEqual(['unknown_timeline_format']);
    expect(endOf(playedRange(tracksOf(cut)[0]!.track)!).value).toBeGreaterThan(0);
  });

  it('[TL61] no damage makes a reader throw or hang', () => {
    const cut = fc
      .sample(cuts, { numRuns: 20, seed: 9 })
      .find((each) => tracksOf(each).length > 0)!;
    const whole = (['otio', 'otioz', 'edl', 'fcp7', 'fcpxml', 'ale'] as const).map((format) =>
      value(writeTimeline(cut, format)),
    );
    fc.assert(
      fc.property(fc.constantFrom(...whole), damage, (bytes, how) => {
        const broken = damaged(bytes, how);
        const outcome = readTimeline(broken);
        if (!outcome.ok) {
          expect(outcome.findings.some((each) => each.severity === 'error')).toBe(true);
          return;
        }
        // What was read can be written, whatever it is.
        writeOtio(outcome.value);
        for (const each of timelinesOf(outcome.value)) {
          writeTimeline(each, 'edl');
          writeTimeline(each, 'fcp7');
          writeTimeline(each, 'fcpxml');
        }
      }),
      { numRuns: RUNS * 4 },
    );
  });

  it('[TL61] a log with two lists of columns is read, and can be written', () => {
    const text =
      'Heading\nFPS\t24\nColumn\nName\tTracks\nData\nA\tV\n' +
      'Column\nName\tTracks\tTape\nData\nB\tV\tR\n';
    const log = value(readTimeline(new TextEncoder().encode(text)));
    for (const format of WRITTEN_FORMATS) writeTimeline(log, format);
    expect(new TextDecoder().decode(writeOtio(log))).toContain('"Tape": "R"');
  });

  it.each(['23.976', '1e309', '-0.1', 'NaN', '', '1e-320', '9'.repeat(40)])(
    '[TL61] a lane of %j is told and read on',
    (lane) => {
      const text = `<fcpxml version="1.11"><resources><format id="r1" frameDuration="1/24s"/>
        </resources><project name="p"><sequence format="r1" duration="48/24s"><spine>
        <gap offset="0s" duration="48/24s"><title lane="${lane}" offset="0s" duration="24/24s"/>
        </gap></spine></sequence></project></fcpxml>`;
      const outcome = readTimeline(new TextEncoder().encode(text));
      expect(value(outcome)).toBeDefined();
      expect(codes(outcome)).toContain('invalid_lane');
    },
  );

  it.each([
    ['version="1.15"', '', 'unknown_fcpxml_version'],
    [
      'version="1.11"',
      '<mc-clip ref="m1" offset="0s" duration="1s"><mc-source angleID="Z"/></mc-clip>',
      'missing_angle',
    ],
    ['version="1.11"', '<asset-clip ref="a1" offset="0s" duration="-1s"/>', 'negative_duration'],
    [
      'version="1.11"',
      '<asset-clip ref="a1" offset="0s" duration="1s"><conform-rate/></asset-clip>',
      'uncarried_conform_rate',
    ],
  ])('[TL21] tells what has no place in a cut: %s %s', (version, spine, code) => {
    const read = (inside: string) =>
      readTimeline(
        new TextEncoder().encode(`<fcpxml ${version}><resources><format id="r1"
        frameDuration="1/24s"/><format id="r2" frameDuration="1/25s"/><asset id="a1" start="0s"
        duration="9s" hasVideo="1" format="r2"/><media id="m1"><multicam format="r1"><mc-angle
        angleID="A"><gap duration="9s"/></mc-angle></multicam></media></resources><project name="p">
        <sequence format="r1" duration="1s"><spine>${inside}</spine></sequence></project></fcpxml>`),
      );
    expect(codes(read(spine))).toContain(code);
    const sound = spine
      .replace('angleID="Z"', 'angleID="A"')
      .replace('-1s', '1s')
      .replace('<conform-rate/>', '<conform-rate scaleEnabled="0" srcFrameRate="25"/>');
    if (spine !== '') expect(codes(read(sound))).toEqual([]);
  });

  it.each([
    ['01:00:00:00\t01:00:01:00', '01:00:02:00\t01:00:01:00', 'invalid_ale_time'],
    ['TABS', 'COMMAS', 'unexpected_ale_delimiter'],
    ['\nData\nA\t01:00:00:00\t01:00:01:00\n', '', 'missing_ale_data'],
  ])('[TL30] tells what makes no sense in a log: %j as %j', (from, to, code) => {
    const sound =
      'Heading\nFIELD_DELIM\tTABS\nFPS\t24\n\nColumn\nName\tStart\tEnd\n\nData\nA\t01:00:00:00\t01:00:01:00\n';
    const read = (text: string) => codes(readTimeline(new TextEncoder().encode(text)));
    expect(read(sound)).toEqual([]);
    expect(read(sound.replace(from, to))).toEqual([code]);
  });

  it.each([
    ['<out>50</out>', '<out>24</out>', 'mismatched_clip_duration'],
    [
      '<enabled>TRUE</enabled>',
      '<subclipinfo><startoffset>9</startoffset></subclipinfo>',
      'assumed_subclip_origin',
    ],
    ['<rate><timebase>24</timebase></rate>', '', 'missing_frame_rate'],
  ])('[TL20] tells what another reader may take otherwise: %s as %s', (from, to, code) => {
    const sound = `<xmeml version="5"><sequence id="s"><rate><timebase>24</timebase></rate><media>
      <video><track><clipitem id="c"><enabled>TRUE</enabled><start>0</start><end>50</end><in>0</in>
      <out>50</out></clipitem></track></video></media></sequence></xmeml>`;
    const read = (text: string) => codes(readTimeline(new TextEncoder().encode(text)));
    expect(read(sound)).toEqual([]);
    expect(read(sound.replace(from, to))).toEqual([code]);
  });

  it('[TL62] every code has its text in both languages', () => {
    const known = FINDING_TEXTS as Readonly<Record<string, { zh: string; en: string }>>;
    const used = new Set<string>();
    const prefixes = new RegExp(`'((?:${ADJECTIVES.join('|')})_[a-z_]+)'`, 'g');
    for (const path of globSources()) {
      if (path.endsWith('codes.ts')) continue;
      for (const [, code] of readFileSync(path, 'utf8').matchAll(prefixes)) used.add(code!);
    }
    const inputs = new Set(['missing_frame_policy']);
    expect([...used].filter((code) => known[code] === undefined && !inputs.has(code))).toEqual([]);
    expect(Object.keys(known).filter((code) => !used.has(code))).toEqual([]);
    for (const { zh, en } of Object.values(known)) expect(zh !== '' && en !== '').toBe(true);
  });
});
