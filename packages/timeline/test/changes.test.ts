import { createHash } from 'node:crypto';
import { type Cryptography, type FolderReader, FRAME_RATES, memorySource } from '@yinglian/core';
import fc from 'fast-check';
import { unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import {
  buildTurnover,
  type Change,
  changeRows,
  type ChangeList,
  checkReference,
  type Clip,
  clip,
  compareCuts,
  countChanges,
  countSheet,
  effect,
  entriesOf,
  external,
  longestRising,
  missingMedia,
  marker,
  nameShots,
  onlyShots,
  pullList,
  range,
  rateOf,
  rateOfDouble,
  readEdl,
  readEdlText,
  receiveTurnover,
  shotOf,
  stack,
  type Timeline,
  timeline,
  timeWarp,
  track,
  tracksOf,
  transition,
  TURNOVER_MANIFEST,
  writeChangePage,
  writeChangePair,
  writeCsv,
  writeOtio,
  zipTurnover,
} from '../src/index.ts';
import { ABSENT, cuts, fixture, value } from './support.ts';

/** By hand: `TIMELINE_EVENTS=10000`, which a quadratic comparison would not finish. */
const EVENTS = Number(process.env['TIMELINE_EVENTS'] ?? 2000);
const RATE = rateOfDouble(24);

type Use = {
  reel?: string;
  at?: number;
  frames?: number;
  shot?: string;
  speed?: number;
  fx?: string;
  off?: boolean;
  available?: [number, number];
};

function use(of: Use): Clip {
  const { reel = 'A001', at = 1000, frames = 48, shot = '', speed = 1, fx, off = false } = of;
  const available =
    of.available === undefined ? {} : { availableRange: range(...of.available, RATE) };
  return clip({
    name: `${reel}_clip`,
    enabled: !off,
    sourceRange: range(at, frames, RATE),
    effects: [...(speed === 1 ? [] : [timeWarp(speed)]), ...(fx === undefined ? [] : [effect(fx)])],
    metadata: { yinglian: { reel, ...(shot === '' ? {} : { shot }) } },
    media: { DEFAULT_MEDIA: external(`/media/${reel}.mov`, available) },
  });
}

const cutOf = (...uses: Use[]): Timeline =>
  timeline([track({ name: 'V', children: uses.map(use) })], { name: 'cut' });
const compared = (before: Timeline, after: Timeline, options = {}): ChangeList =>
  value(compareCuts(before, after, options));
const kinds = (of: ChangeList) => of.changes.map((each) => each.kinds.join('+'));

describe.skipIf(ABSENT !== '')('recorded pairs', () => {
  type Item = {
    shot: string;
    type: string;
    cut_in: number | null;
    old_cut_in: number | null;
    cut_out: number | null;
    old_cut_out: number | null;
  };
  const type = ({ kinds: found }: Change): string => {
    if (found.includes('new')) return 'NEW';
    if (found.includes('omitted')) return 'OMITTED';
    if (found.includes('rescan')) return 'EXTENDED';
    return found.some((each) => ['trimmed', 'extended', 'slipped', 'retimed'].includes(each))
      ? 'CUT_CHANGE'
      : 'NO_CHANGE';
  };

  it.each([1, 2, 3, 4])(
    '[TL40] pair %d has the shots, types and frames of the reference',
    (number) => {
      const folder = `own/cut-pairs/pair-${number}`;
      const [before, after] = ['v1', 'v2'].map((name) =>
        value(readEdl(fixture(`${folder}/${name}.edl`))),
      );
      const recorded = JSON.parse(
        new TextDecoder().decode(fixture(`${folder}/sg-otio-change-list.json`)),
      ) as { items: Item[] };
      const list = compared(before!, after!);
      const byShot = new Map(list.changes.map((each) => [each.shot.toLowerCase(), each]));
      expect(byShot.size).toBe(recorded.items.length);
      for (const item of recorded.items) {
        const ours = byShot.get(item.shot)!;
        expect([item.shot, type(ours)]).toEqual([item.shot, item.type]);
        expect(ours.oldFrames?.cutIn ?? null).toBe(item.old_cut_in);
        expect(ours.oldFrames?.cutOut ?? null).toBe(item.old_cut_out);
        if (item.type !== 'OMITTED')
          expect([ours.frames?.cutIn, ours.frames?.cutOut]).toEqual([item.cut_in, item.cut_out]);
      }
      expect(kinds(list).filter((each) => each === 'slipped').length).toBe(1);
      expect(kinds(list).filter((each) => each.includes('moved')).length).toBeGreaterThan(0);
    },
  );
});

const cryptography = {
  hash: (name: string) => {
    const running = createHash(name);
    return {
      update: (bytes: Uint8Array) => void running.update(bytes),
      digest: () => new Uint8Array(running.digest()),
    };
  },
} as unknown as Cryptography;

describe('laws', () => {
  it('[TL41] nothing changed between a cut and itself; swapping turns new into omitted', () => {
    fc.assert(
      fc.property(cuts, cuts, (a, b) => {
        expect(kinds(compared(a, a)).filter((each) => each !== '')).toEqual([]);
        const there = countChanges(compared(a, b));
        const back = countChanges(compared(b, a));
        expect(there['new'] ?? 0).toBe(back['omitted'] ?? 0);
        expect(there['omitted'] ?? 0).toBe(back['new'] ?? 0);
      }),
      { numRuns: 100 },
    );
  });

  it('[TL44] blocks cover both programmes exactly once', () => {
    const uses = fc.array(
      fc.record({
        reel: fc.constantFrom('A001', 'A002', 'B001'),
        at: fc.integer({ min: 0, max: 300 }),
        frames: fc.integer({ min: 1, max: 60 }),
      }),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(uses, uses, (a, b) => {
        const { blocks } = compared(cutOf(...a), cutOf(...b));
        const total = (list: Use[]) => list.reduce((sum, each) => sum + each.frames!, 0);
        const covered = (first: 'oldIn' | 'newIn', end: 'oldOut' | 'newOut') => {
          const frames = blocks.flatMap((each) =>
            Array.from(
              { length: (each[end] ?? 0) - (each[first] ?? 0) },
              (_, i) => each[first]! + i,
            ),
          );
          return [frames.length, new Set(frames).size];
        };
        expect(covered('newIn', 'newOut')).toEqual([total(b), total(b)]);
        expect(covered('oldIn', 'oldOut')[1]).toBe(total(a));
      }),
      { numRuns: 200 },
    );
  });

  it('[TL42] the longest run that keeps its order is the longest', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { maxLength: 9 }), (values) => {
        const kept = [...longestRising(values)].sort((a, b) => a - b).map((at) => values[at]!);
        expect(kept.every((each, i) => i === 0 || kept[i - 1]! < each)).toBe(true);
        let best = 0;
        for (let mask = 0; mask < 1 << values.length; mask++) {
          const chosen = values.filter((_, i) => (mask >> i) & 1);
          if (chosen.every((each, i) => i === 0 || chosen[i - 1]! < each))
            best = Math.max(best, chosen.length);
        }
        expect(kept.length).toBe(best);
      }),
      { numRuns: 60 },
    );
  });
});

describe('changes', () => {
  it('[TL42] repeats keep their uses, and what is only shifted has not moved', () => {
    const before = cutOf(
      { shot: 's1' },
      { reel: 'B', shot: 's2' },
      { shot: 's1' },
      { reel: 'C', shot: 's3' },
    );
    const inserted = cutOf(
      { reel: 'X', shot: 'x' },
      { shot: 's1' },
      { reel: 'B', shot: 's2' },
      { shot: 's1' },
      { reel: 'C', shot: 's3' },
    );
    expect(kinds(compared(before, inserted))).toEqual(['new', '', '', '', '']);
    expect(compared(before, inserted).changes.map((each) => each.shiftFrames)).toEqual([
      0, 48, 48, 48, 48,
    ]);
    expect(compared(before, inserted).changes.map((each) => each.repeated)).toEqual([
      false,
      true,
      false,
      true,
      false,
    ]);
    const fewer = compared(
      before,
      cutOf({ shot: 's1' }, { reel: 'B', shot: 's2' }, { reel: 'C', shot: 's3' }),
    );
    expect(countChanges(fewer)).toEqual({ unchanged: 3, omitted: 1 });
    const swapped = compared(
      before,
      cutOf({ reel: 'C', shot: 's3' }, { shot: 's1' }, { reel: 'B', shot: 's2' }, { shot: 's1' }),
    );
    expect(kinds(swapped)).toEqual(['moved', '', '', '']);
  });

  it('[TL43] trims, slips, rescans and splits', () => {
    const one = (after: Use) =>
      kinds(compared(cutOf({ shot: 's' }), cutOf({ shot: 's', ...after })))[0];
    expect(one({ at: 1004, frames: 44 })).toBe('trimmed');
    expect(one({ frames: 52 })).toBe('extended');
    expect(one({ frames: 57 })).toBe('rescan+extended');
    expect(one({ at: 1005 })).toBe('slipped');
    expect(one({ at: 980 })).toBe('rescan+slipped');
    expect(one({ at: 1004, frames: 46 })).toBe('trimmed+extended');
    const split = compared(
      cutOf({}),
      cutOf({ frames: 20 }, { reel: 'X' }, { at: 1020, frames: 28 }),
    );
    expect(kinds(split)).toEqual(['new', 'new', 'trimmed']);
  });

  it('[TL43] retimes, effects, new media, coming back, switching off', () => {
    const base = cutOf({ shot: 's' }, { reel: 'B', shot: 't' });
    const with1 = (of: Use) =>
      kinds(compared(base, cutOf({ shot: 's', ...of }, { reel: 'B', shot: 't' })))[0];
    expect(with1({ speed: 2, frames: 24 })).toBe('retimed');
    expect(with1({ fx: 'Blur' })).toBe('effect');
    expect(with1({ off: true })).toBe('disabled');
    expect(with1({ reel: 'Z9' })).toBe('replaced');
    const without = cutOf({ reel: 'B', shot: 't' });
    expect(kinds(compared(without, base, { earlier: [base] }))).toEqual(['reinstated', '']);
  });

  it('[TL43] shots come from locators, then comments', () => {
    const cut = value(
      readEdlText(
        'TITLE: T\n001  A V C 00:00:00:00 00:00:01:00 01:00:00:00 01:00:01:00\n' +
          '* LOC: 01:00:00:10 RED   VFX 117_GUD_0030 add snow\n' +
          '002  B V C 00:00:00:00 00:00:01:00 01:00:01:00 01:00:02:00\n* COMMENT: SH020\n',
        { rate: RATE },
      ),
    );
    expect(tracksOf(cut)[0]!.track.children.map((each) => shotOf(each as Clip))).toEqual([
      '117_GUD_0030',
      'SH020',
    ]);
  });

  it('[TL46] long cuts take n log n', () => {
    const many = (seed: number) =>
      cutOf(
        ...Array.from({ length: EVENTS }, (_, i) => ({
          reel: `R${(i * 7919 + seed) % 50}`,
          at: (i * 31) % 9000,
          frames: 10 + (i % 9),
        })),
      );
    const same = Array.from({ length: EVENTS }, () => ({ at: 5, frames: 9 }));
    expect(compared(many(0), many(1)).changes.length).toBeGreaterThanOrEqual(EVENTS);
    // All alike is the worst there is for matching by source.
    const list = compared(
      cutOf(...same),
      cutOf(...same.map((each, i) => ({ ...each, at: 5 + (i % 3) }))),
    );
    expect(list.changes.length).toBe(EVENTS);
  });
});

describe('reports', () => {
  const before = cutOf({ shot: '=cmd()' }, { reel: 'B', shot: '<script>' });
  const after = cutOf({ reel: 'B', shot: '<script>', at: 1010 }, { reel: 'C', shot: 'neu "x", y' });
  const list = compared(before, after);

  it('[TL45] tables escape what would run, and quote what would break', () => {
    const csv = writeCsv(changeRows(list, 'en'));
    expect(csv).toContain(`'=cmd()`);
    expect(csv).toContain('"neu ""x"", y"');
    expect(csv.split('\r\n').length).toBe(list.changes.length + 2);
    const page = writeChangePage(list, 'zh');
    expect(page).not.toContain('<script');
    expect(page).toContain('&lt;script&gt;');
    expect(page).toContain('剪辑变更单');
    expect(page).not.toMatch(/(?:src|href)=/);
  });

  it('[TL45] the pair and the moves are lists that are read', () => {
    const pair = writeChangePair(list);
    const [old, now, moves] = [pair.old, pair.new, pair.moves].map((text) =>
      value(readEdlText(text, { rate: RATE })),
    );
    const count = (of: Timeline) =>
      tracksOf(of).flatMap(({ track: each }) => each.children.filter((one) => one.kind === 'clip'))
        .length;
    const changed = list.changes.filter((each) => each.kinds.length > 0);
    expect(count(old!)).toBe(changed.filter((each) => each.old !== undefined).length);
    expect(count(now!)).toBe(changed.filter((each) => each.new !== undefined).length);
    expect(count(moves!)).toBe(list.blocks.filter((each) => each.kind === 'kept').length);
  });
});

describe('conform', () => {
  it('[TL50] pulls merge with handles, within the medium', () => {
    const cut = cutOf(
      { at: 1000 },
      { at: 1050 },
      { at: 2000 },
      { reel: 'B', at: 3, frames: 10, available: [0, 15] },
    );
    const list = pullList([cut, cut], { handles: { head: 8, tail: 8 } });
    expect(list.pulls.map((each) => [each.reel, each.first, each.end, each.uses.length])).toEqual([
      ['A001', 992, 1106, 4],
      ['A001', 1992, 2056, 2],
      ['B', 0, 15, 2],
    ]);
    expect(list.pulls[2]).toMatchObject({ headHandle: 3, tailHandle: 2 });
    expect(list.findings.map((each) => each.code)).toEqual(['shortened_handle']);
    expect(list.frames).toBe(114 + 64 + 15);
    const beyond = pullList([cutOf({ at: 0, frames: 20, available: [0, 15] })]);
    expect(beyond.findings.map((each) => each.code)).toContain('missing_media_frames');
    expect(pullList([cutOf({ at: 0 }, { at: 100 })], { joinFrames: 40 }).pulls.length).toBe(1);
  });

  it('[TL51] counts number frames from the first that is scanned', () => {
    const { lines } = countSheet(cutOf({ shot: 's' }, { reel: 'B', speed: 2 }));
    expect(lines.map((each) => [each.firstFrame, each.cutIn, each.cutOut, each.lastFrame])).toEqual(
      [
        [1001, 1009, 1056, 1064],
        [1001, 1009, 1104, 1112],
      ],
    );
  });

  it('[TL52] names keep, and new ones fit between', () => {
    const names = (of: Timeline) =>
      tracksOf(of)[0]!.track.children.map((each) => shotOf(each as Clip));
    const told = { template: '{sequence}_{number:4}', sequence: 'SQ01' };
    const first = value(nameShots(cutOf({ reel: 'A' }, { reel: 'B' }), told));
    expect(names(first)).toEqual(['SQ01_0010', 'SQ01_0020']);
    const later = cutOf({ reel: 'A' }, { reel: 'N' }, { reel: 'B' }, { reel: 'M' });
    expect(names(value(nameShots(later, { ...told, earlier: first })))).toEqual([
      'SQ01_0010',
      'SQ01_0015',
      'SQ01_0020',
      'SQ01_0030',
    ]);
    const tight = value(
      nameShots(cutOf({ reel: 'A' }, { reel: 'B' }), { ...told, step: 1, first: 1 }),
    );
    const between = cutOf({ reel: 'A' }, { reel: 'N' }, { reel: 'M' }, { reel: 'B' });
    expect(
      names(value(nameShots(between, { ...told, step: 1, first: 1, earlier: tight }))),
    ).toEqual(['SQ01_0001', 'SQ01_0001A', 'SQ01_0001B', 'SQ01_0002']);
    expect(nameShots(first, { template: 'x' }).ok).toBe(false);
  });

  it('[TL53] missing and short media are found', () => {
    const cut = cutOf({ reel: 'A', at: 100 }, { reel: 'B' });
    expect(
      missingMedia(cut, [{ name: 'a.mov', first: 0, end: 120 }]).map((each) => [
        each.entry.reel,
        each.reason,
        each.frames,
      ]),
    ).toEqual([
      ['A', 'short', 28],
      ['B', 'absent', 48],
    ]);
    expect(missingMedia(cut, [{ name: '/x/A.MXF' }, { name: 'B' }])).toEqual([]);
  });

  it('[TL54] a turnover proves its files', () => {
    const made = value(
      buildTurnover(
        cutOf({ shot: 's' }),
        { department: 'vfx', language: 'zh', version: 'v3' },
        cryptography,
      ),
    );
    const manifest = JSON.parse(new TextDecoder().decode(made.files.get(TURNOVER_MANIFEST))) as {
      files: { path: string; sha256: string; sizeBytes: number }[];
    };
    expect(manifest.files.map((each) => each.path)).toEqual([
      'cut.otio',
      'cut.edl',
      'cut.xml',
      'cut.fcpxml',
      'cut-pulls.csv',
      'cut-counts.csv',
    ]);
    for (const each of manifest.files) {
      const bytes = made.files.get(each.path)!;
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(each.sha256);
      expect(bytes.length).toBe(each.sizeBytes);
    }
  });

  it('[TL54] each picture track has its list, and shots have their names in all of them', () => {
    const metadata = { yinglian: { shot: 'SQ01_0010', reel: 'A001' } };
    const item = clip({ name: 'a', sourceRange: range(0, 24, rateOfDouble(24)), metadata });
    const tracks = [{}, {}, { enabled: false }].map((more) => track({ children: [item], ...more }));
    const cut = timeline(tracks, { name: 'cut' });
    const how = { department: 'vfx', language: 'zh', version: 'v1' } as const;
    const { files } = value(buildTurnover(cut, how, cryptography));
    const lists = [...files.keys()].filter((each) => each.endsWith('.edl'));
    expect(lists).toEqual(['cut-V1.edl', 'cut-V2.edl']);
    const compound = stack({
      name: 'b',
      sourceRange: range(0, 24, rateOfDouble(24)),
      metadata: { yinglian: { shot: 'SQ01_0020' } },
      children: [track({ children: [clip({ ...item, metadata: {} })] })],
    });
    const nested = timeline([track({ children: [item, compound] })], { name: 'cut' });
    const names = ['cut.edl', 'cut.xml', 'cut.fcpxml', 'cut.otio'];
    const told = value(buildTurnover(nested, how, cryptography)).files;
    for (const name of [...lists, ...names.slice(1)]) {
      expect(new TextDecoder().decode(files.get(name)), name).toContain('SQ01_0010');
    }
    for (const name of names) {
      expect(new TextDecoder().decode(told.get(name)), name).toContain('SQ01_0020');
    }
  });

  it('[TL57] whoever gets some shots sees nothing of the others', () => {
    const rate = rateOfDouble(24);
    const named = (shot: string, length: number) =>
      clip({
        name: `clip ${shot}`,
        sourceRange: range(100, length, rate),
        metadata: { yinglian: { shot }, cmx_3600: { lines: ['* FROM CLIP NAME: SECRET'] } },
      });
    const half = range(0, 4, rate).duration;
    const dissolve = transition(half, half, { metadata: { from: 'SECRET' } });
    const children = [named('A', 10), named('B', 20), named('C', 30), dissolve, named('D', 40)];
    const noted = marker(range(0, 1, rate), { name: 'SECRET' });
    const whole = timeline([track({ children, markers: [noted], metadata: { a: 'SECRET' } })], {
      name: 'cut',
      metadata: { cmx_3600: { drop_frame: true, header: ['SECRET'] } },
    });
    const { cut, findings } = onlyShots(whole, new Set(['D', 'X']));
    expect(findings.map(({ code, facts }) => [code, facts['name']])).toEqual([
      ['missing_cut_shot', 'X'],
    ]);
    const items = tracksOf(cut)[0]!.track.children;
    expect(items.map((each) => each.kind)).toEqual(['gap', 'transition', 'clip']);
    const entries = (of: Timeline) => entriesOf(of, rate, []).map((each) => each.recordIn);
    expect(entries(cut)).toEqual(entries(whole).slice(3));
    const text = new TextDecoder().decode(writeOtio(cut));
    for (const word of ['SECRET', 'clip A', 'clip C']) expect(text).not.toContain(word);
    expect(text).toContain('drop_frame');
  });

  it('[TL58] a turnover packs into one ZIP, the same every time', () => {
    const how = { department: 'vfx', language: 'zh', version: 'v3' } as const;
    const made = value(buildTurnover(cutOf({ shot: 's' }), how, cryptography));
    const packed = zipTurnover(made);
    expect(packed).toEqual(zipTurnover(made));
    expect(Object.keys(unzipSync(packed))).toEqual([...made.files.keys()]);
  });

  it('[TL55] a turnover that arrived is proven file by file', async () => {
    const attachments = [
      {
        path: 'media/a.wav',
        sizeBytes: 3,
        sha256: createHash('sha256').update('abc').digest('hex'),
      },
    ];
    const made = value(
      buildTurnover(
        cutOf({ shot: 's' }),
        { department: 'sound', language: 'en', version: 'v3', attachments },
        cryptography,
      ),
    );
    const bytes = (text: string) => new TextEncoder().encode(text);
    const whole = new Map([...made.files, ['media/a.wav', bytes('abc')]]);
    const folderOf = (files: ReadonlyMap<string, Uint8Array>): FolderReader => ({
      list: async () => [...files].map(([path, each]) => ({ path, sizeBytes: each.length })),
      open: async (path) => (files.has(path) ? memorySource(files.get(path)!) : undefined),
    });
    const receive = async (change: (files: Map<string, Uint8Array>) => void) => {
      const files = new Map(whole);
      change(files);
      const received = await receiveTurnover(folderOf(files), cryptography);
      const codes = received.findings.map(({ code }) => code);
      return [received.ok && received.value.whole, ...codes];
    };
    expect(await receive(() => {})).toEqual([true]);
    expect(await receive((files) => files.delete('cut.edl'))).toEqual([
      false,
      'missing_turnover_file',
    ]);
    expect(await receive((files) => files.set('media/a.wav', bytes('abd')))).toEqual([
      false,
      'mismatched_turnover_hash',
    ]);
    expect(await receive((files) => files.set('media/a.wav', bytes('ab')))).toEqual([
      false,
      'mismatched_turnover_size',
    ]);
    expect(await receive((files) => files.set('more.txt', bytes('x')))).toEqual([
      true,
      'unlisted_turnover_file',
    ]);
    expect(await receive((files) => files.delete(TURNOVER_MANIFEST))).toEqual([
      false,
      'missing_turnover_manifest',
    ]);
    const sha256 = '0'.repeat(64);
    for (const file of [
      { path: '../secret', sizeBytes: 1, sha256 },
      { path: '/etc/passwd', sizeBytes: 1, sha256 },
      { path: 'a', sizeBytes: -1, sha256 },
      { path: 'a', sizeBytes: 1, sha256: 'x' },
    ]) {
      const manifest = bytes(JSON.stringify({ files: [file] }));
      expect(await receive((files) => files.set(TURNOVER_MANIFEST, manifest))).toEqual([
        false,
        'invalid_turnover_manifest',
      ]);
    }
    const stopped = await receiveTurnover(folderOf(whole), cryptography, {
      signal: { aborted: true },
    });
    expect(stopped.findings.map(({ code }) => code)).toEqual(['interrupted_turnover']);
  });

  it('[TL54] a reference video plays as long and as fast as its cut', () => {
    const cut = cutOf({ shot: 's' });
    const rate = rateOf(cut)!;
    const [entry] = entriesOf(cut, rate, []).toSorted((a, b) => b.recordOut - a.recordOut);
    const frames = entry!.recordOut - Number(cut.globalStart?.value ?? 0);
    const codes = (video: Parameters<typeof checkReference>[1]) =>
      checkReference(cut, video).map(({ code }) => code);
    expect(codes({ frames, rate })).toEqual([]);
    expect(codes({ frames: frames + 1, rate })).toEqual(['mismatched_reference_length']);
    expect(codes({ frames, rate: FRAME_RATES['59.94'] })).toEqual(['mismatched_reference_rate']);
    expect(codes({ frames: null, rate: undefined })).toEqual([]);
  });
});
