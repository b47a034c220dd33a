import { parseTimecode } from '@yinglian/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clockOf } from '../src/edl/clock.ts';
import {
  clip,
  effect,
  type EdlReading,
  encodeUtf16,
  external,
  gap,
  marker,
  mediaOf,
  range,
  rateOf,
  rateOfDouble,
  readEdl,
  readEdlText,
  speedOf,
  stack,
  time,
  timeline,
  tracksOf,
  track,
  transition,
  writeEdl,
  writeEdlText,
  writeOtioText,
} from '../src/index.ts';
import {
  ABSENT,
  codes,
  cuts,
  fixture,
  fixtures,
  golden,
  goldenTimelines,
  shown,
  shownGolden,
  structure,
  value,
} from './support.ts';

const encode = (text: string) => new TextEncoder().encode(text);

function read(path: string, reading: EdlReading = {}) {
  return value(readEdl(fixture(path), reading));
}

function items(of: ReturnType<typeof read>, at = 0): string[] {
  const found = tracksOf(of)[at];
  return found === undefined ? [] : found.track.children.map(shown);
}

/** Lists that OpenTimelineIO misreads: a speed with equal durations, a freeze of a frame. */
const MISREAD = new Set([
  'edl/guerilla-di/45S_SAMPLE.EDL',
  'edl/otio-adapter/speed_effects.edl',
  'edl/pycmx/ISSUE_14_conform_edl_issue_01.edl',
]);

describe.skipIf(ABSENT !== '')('public lists', () => {
  const lists = fixtures('edl', /\.edl$/i);

  it('[TL10] are all read, without an error', () => {
    expect(lists.length).toBe(35);
    for (const path of lists) {
      const outcome = readEdl(fixture(path));
      expect(outcome.ok, path).toBe(true);
      expect(
        outcome.findings.filter((each) => each.severity === 'error'),
        path,
      ).toEqual([]);
    }
  });

  it('[TL10] as OpenTimelineIO does where it is right', () => {
    let compared = 0;
    for (const path of lists) {
      const recorded = golden(path);
      if (recorded.error !== undefined || MISREAD.has(path)) continue;
      const [tracks] = goldenTimelines(recorded);
      const ours = read(path, { rate: rateOfDouble(recorded.rate!) });
      expect(
        tracksOf(ours).map(({ track: each }) => each.children.map(shown)),
        path,
      ).toEqual(tracks!.map((each) => each.items.map(shownGolden)));
      compared++;
    }
    expect(compared).toBeGreaterThanOrEqual(18);
  });

  it.each([
    ['edl/guerilla-di/SIMPLE_DISSOLVE.EDL', 25],
    ['edl/guerilla-di/SPEEDUP_AND_FADEOUT.EDL', 25],
    ['edl/guerilla-di/TRAILER_EDL.edl', 25],
    ['edl/otio-adapter/25fps.edl', 25],
    ['edl/otio-adapter/gap_test.edl', 24],
    ['edl/pycmx/test_25.edl', 25],
  ])('[TL10] %s is at %d', (path, rate) => {
    expect(rateOf(read(path))).toEqual(rateOfDouble(rate));
  });

  it('[TL12] come back the same, with every line that is no event', () => {
    const all = [
      ...lists,
      ...fixtures('own/edl-edge', /\.edl$/),
      ...fixtures('own/cut-pairs', /\.edl$/),
    ];
    const remarks = (bytes: Uint8Array) =>
      new TextDecoder('latin1')
        .decode(bytes)
        .split(/\r\n|\r|\n/)
        .map((line) => line.trim())
        .filter((line) => line !== '' && !/^(?:FCM|TITLE|\u001a|\d)/.test(line))
        .sort();
    for (const path of all) {
      const once = read(path);
      const written = value(writeEdl(once));
      const rate = rateOf(once);
      const again = value(readEdl(written, rate === undefined ? {} : { rate }));
      expect(writeOtioText(again) === writeOtioText(once), path).toBe(true);
      expect(remarks(written), path).toEqual(remarks(fixture(path)));
    }
  });
});

describe.skipIf(ABSENT !== '')('edge cases', () => {
  const at = (rate: number) => ({ rate: rateOfDouble(rate) });
  const edge = (name: string, rate = 24) => read(`own/edl-edge/${name}.edl`, at(rate));

  it('[TL11] fades from and to black', () => {
    expect(items(edge('fade-in-from-black'))).toEqual([
      'transition SMPTE_Dissolve 0+12',
      'clip opening 2.000+2.000 fx0',
      'clip second 10.000+1.000 fx0',
    ]);
    expect(items(edge('fade-out-to-black')).slice(0, 2)).toEqual([
      'clip last 2.000+2.000 fx0',
      'transition SMPTE_Dissolve 0+24',
    ]);
  });

  it('[TL11] keys stand above their background', () => {
    const cut = edge('key-background-foreground');
    expect(items(cut, 0)).toEqual(['clip 001 3600.000+2.000 fx0']);
    expect(items(cut, 1)).toEqual(['clip overlay 7200.000+2.000 fx0']);
  });

  it('[TL11] speeds: slow, frozen, in drop frame, with equal durations', () => {
    const speeds = [
      edge('m2-slow-motion'),
      edge('m2-freeze'),
      edge('m2-drop-frame', 29.97),
      edge('m2-resolve-equal-durations'),
    ].map((cut) => speedOf(tracksOf(cut)[0]!.track.children[0] as ReturnType<typeof clip>));
    expect(speeds).toEqual([0.5, 0, 2, 2]);
  });

  it('[TL11] drop frame, midnight, wipes, long reels, sequences, many events', () => {
    expect(items(edge('drop-frame-semicolon', 29.97))).toEqual(['clip minute 59.993+0.133 fx0']);
    expect(items(edge('midnight'))).toEqual(['clip 001 86399.000+2.000 fx0']);
    expect(items(edge('wipe-001'))[1]).toBe('transition SMPTE_Wipe 0+15');
    const [long] = tracksOf(edge('file128-long-reels'))[0]!.track.children;
    expect(long?.kind === 'clip' && long.metadata['cmx_3600']).toMatchObject({
      reel: 'A_0095C008_250116_182427_h1DQ9',
    });
    const [numbered] = tracksOf(edge('image-sequence'))[0]!.track.children;
    expect(numbered?.kind === 'clip' && mediaOf(numbered)).toMatchObject({
      kind: 'images',
      startFrame: 1001n,
    });
    expect(items(edge('over-999-events')).length).toBe(1005);
    expect(tracksOf(edge('split-audio-delay')).map(({ track: each }) => each.name)).toEqual([
      'V',
      'A1',
    ]);
    expect(codes(readEdl(fixture('own/edl-edge/header-comments.edl')))).toEqual([
      'assumed_frame_rate',
    ]);
  });
});

const LIST =
  'TITLE: T\nFCM: NON-DROP FRAME\n001  AX V C 00:00:00:00 00:00:01:00 01:00:00:00 01:00:01:00\n';

describe('text', () => {
  it('[TL13] is found in its encoding, whatever ends its lines', () => {
    const named = `${LIST}* FROM CLIP NAME: 影片镜头\n`;
    const name = (bytes: Uint8Array) => tracksOf(value(readEdl(bytes)))[0]!.track.children[0]!.name;
    expect(name(encode(named))).toBe('影片镜头');
    expect(name(encodeUtf16(named))).toBe('影片镜头');
    expect(name(encode(named.replaceAll('\n', '\r\n')))).toBe('影片镜头');
    expect(name(encode(named.replaceAll('\n', '\r')))).toBe('影片镜头');
    const start = encode(`${LIST}* FROM CLIP NAME: `);
    const bytes = (...tail: number[]) => Uint8Array.from([...start, ...tail, 10]);
    // 影片中国 in GBK, and é in Windows-1252.
    expect(name(bytes(0xd3, 0xb0, 0xc6, 0xac, 0xd6, 0xd0, 0xb9, 0xfa))).toBe('影片中国');
    expect(name(bytes(0x63, 0x61, 0x66, 0xe9))).toBe('café');
    // 朱镕基, whose second character ends below 0x80; 喆, which no GB 2312 has; four bytes; Été.
    expect(name(bytes(0xd6, 0xec, 0xe9, 0x46, 0xbb, 0xf9))).toBe('朱镕基');
    expect(name(bytes(0x86, 0xb4))).toBe('喆');
    expect(name(bytes(0x81, 0x39, 0xef, 0x30, 0xd6, 0xd0))).toBe('㐁中');
    expect(name(bytes(0xc9, 0x74, 0xe9))).toBe('Été');
  });
});

describe('writing', () => {
  it('[TL14] any cut that a list can hold survives it', () => {
    fc.assert(
      fc.property(cuts, (cut) => {
        const rate = rateOf(cut)!;
        const written = value(writeEdl(cut));
        const again = value(readEdl(written, { rate }));
        expect(structure(again)).toBe(structure(cut));
        const files = (of: typeof cut) =>
          tracksOf(of).flatMap(({ track: each }) =>
            each.children.flatMap((one) => (one.kind === 'clip' ? [mediaOf(one)?.kind] : [])),
          );
        expect(files(again)).toEqual(files(cut));
      }),
      { numRuns: 150 },
    );
  });

  it('[TL15] says what is lost, and where', () => {
    const rate = rateOfDouble(24);
    const one = clip({
      name: 'a',
      enabled: false,
      effects: [effect('Blur')],
      sourceRange: range(0, 24, rate),
      markers: [marker(range(0, 5, rate), { name: 'long' })],
    });
    const cut = timeline([
      track({ children: [one, stack({ name: 'inside', sourceRange: range(0, 24, rate) })] }),
      track({ trackKind: 'Caption', children: [gap(time(5, rate))] }),
    ]);
    expect(codes(writeEdlText(cut))).toEqual([
      'uncarried_disabling',
      'uncarried_effect',
      'uncarried_marker_length',
      'uncarried_nesting',
      'uncarried_track',
    ]);
    const places = writeEdlText(cut).findings.map((each) => each.at['element']);
    expect(places).toContain('tracks/0/1');
  });

  it('[TL15] shortens reels without letting two become one', () => {
    const rate = rateOfDouble(24);
    const made = (reel: string, at: number) =>
      clip({ name: reel, sourceRange: range(at, 24, rate), metadata: { yinglian: { reel } } });
    const cut = timeline([track({ children: [made('A123456789', 0), made('A123456799', 24)] })]);
    const written = writeEdlText(cut, { family: 'cmx3600' });
    expect(codes(written)).toEqual(['shortened_reel']);
    const reels = value(written).match(/^\d{3} {2}(\S+)/gm);
    expect(new Set(reels?.map((each) => each.slice(5))).size).toBe(2);
  });

  it('[TL14] a centred dissolve is written where the new clip begins', () => {
    const rate = rateOfDouble(25);
    const cut = timeline([
      track({
        children: [
          clip({
            name: 'a',
            sourceRange: range(100, 50, rate),
            media: { DEFAULT_MEDIA: external('/a.mov') },
          }),
          transition(time(6, rate), time(6, rate)),
          clip({ name: 'b', sourceRange: range(200, 50, rate) }),
        ],
      }),
    ]);
    const again = value(readEdlText(value(writeEdlText(cut)), { rate }));
    expect(items(again)).toEqual([
      'clip a 4.000+1.760 fx0',
      'transition SMPTE_Dissolve 0+12',
      'clip b 7.760+2.240 fx0',
    ]);
  });

  it('[TL15] two titles, lines without meaning and impossible labels are found', () => {
    const odd = readEdlText(
      `${LIST}WHAT IS THIS\n002  AX V C 00:00:00:00 00:00:01:00 01:00:61:00 01:00:02:00\n`,
    );
    expect(codes(odd)).toContain('unknown_edl_line');
    expect(odd.findings.find((each) => each.severity === 'error')?.at).toEqual({ line: 5 });
    expect(readEdlText('hello').ok).toBe(false);
  });

  it.each([
    ['001  R1 V C 00:00:00:00 00:00:01:00 01:00:00:00', 'malformed_edl_event', 3],
    ['001  R1 V C 00:00:00:xx 00:00:01:00 01:00:00:00 01:00:01:00', 'malformed_edl_event', 3],
    ['M2   R1 048.0 00:00:00:00', 'unknown_edl_line', 3],
  ])('[TL15] a line above the first event that is about one: %s', (line, code, at) => {
    const odd = readEdlText(LIST.replace('001', `${line}\n002`));
    const found = odd.findings.find((each) => each.code === code);
    expect(found?.at).toEqual({ line: at });
  });

  it('[TL15] speeds of other reels, transitions without a length or longer than theirs', () => {
    const rate = rateOfDouble(24);
    const line = (text: string) => readEdlText(`${LIST}${text}\n`, { rate });
    expect(codes(line('M2   R9   048.0   00:00:00:00'))).toContain('mismatched_speed_reel');
    expect(codes(line('M2   AX   048.0   00:00:00:00'))).not.toContain('mismatched_speed_reel');
    const times = '00:00:00:00 00:00:01:00 01:00:01:00 01:00:02:00';
    expect(codes(line(`002  BX V D     ${times}`))).toContain('missing_transition_duration');
    expect(codes(line(`002  BX V D 025 ${times}`))).toContain('excessive_transition_duration');
    expect(codes(line(`002  BX V D 024 ${times}`))).toEqual([]);
  });

  it('[TL11] a record that passes midnight goes on, in either order of its events', () => {
    const early = '001  R1 V C 00:00:00:00 00:00:02:00 23:59:58:00 00:00:00:00';
    const late =
      '002  R2 V C 00:00:00:00 00:00:02:00 00:00:00:00 00:00:02:00\n* LOC: 00:00:01:00 RED x';
    for (const lines of [
      [early, late],
      [late, early],
    ]) {
      const cut = value(readEdlText(`TITLE: N\n${lines.join('\n')}\n`));
      expect(cut.globalStart?.value).toBe(86_398 * 24);
      expect(items(cut)).toEqual(['clip 001 0.000+2.000 fx0', 'clip 002 0.000+2.000 fx0']);
      const marked = tracksOf(cut)[0]!.track.children[1]!;
      expect(marked.kind === 'clip' && marked.markers[0]).toMatchObject({
        markedRange: { start: { value: 24 } },
      });
      expect(items(value(readEdlText(value(writeEdlText(cut)))))).toEqual(items(cut));
    }
  });

  it('[TL16] the fast clock agrees with the shared one', () => {
    const parts = fc.tuple(
      fc.nat(25),
      fc.nat(62),
      fc.nat(62),
      fc.nat(62),
      fc.constantFrom(':', ';', '.'),
    );
    fc.assert(
      fc.property(
        parts,
        fc.constantFrom(24, 25, 29.97, 59.94),
        fc.boolean(),
        ([h, m, s, f, mark], double, drop) => {
          const two = (part: number) => String(part).padStart(2, '0');
          const label = `${two(h)}:${two(m)}:${two(s)}${mark}${two(f)}`;
          const clock = clockOf(rateOfDouble(double), drop);
          const shared = parseTimecode(label, clock.format);
          expect(clock.frames(label)).toBe(shared.ok ? Number(shared.value) : Number.NaN);
        },
      ),
      { numRuns: 500 },
    );
  });
});
