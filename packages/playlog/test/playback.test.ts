import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '@yinglian/core';
import {
  isWhole,
  matchScreenings,
  type Playback,
  playbacksOf,
  playedOf,
  readPlaybackTable,
  writePlaybackTable,
} from '../src/index.ts';
import {
  id,
  NOW,
  MINUTE,
  FILM,
  TRACKS,
  event,
  frames,
  show,
  written,
  read,
  judged,
  codes,
} from './sample.ts';

const PLAYBACK: Playback = {
  device: 'd',
  compositionId: FILM,
  startedAt: NOW,
  endedAt: NOW + 100 * MINUTE,
  offsetMinutes: 480,
  ended: true,
  frames: [],
  exceptions: [],
  proven: true,
  records: [],
};

describe('playbacks', () => {
  it('[PL11] two shows of one film are two playbacks, whole and proven', async () => {
    const bytes = await written();
    const { proof } = judged(bytes);
    const found = playbacksOf(read(bytes).value, proof);
    expect(
      found.map(({ startedAt, endedAt, records }) => [startedAt, endedAt, records.length]),
    ).toEqual([
      [NOW, NOW + 101 * MINUTE, 6],
      [NOW + 150 * MINUTE, NOW + 251 * MINUTE, 6],
    ]);
    expect(found.every((each) => each.proven && isWhole(each))).toBe(true);
    expect(playbacksOf(read(bytes).value).some((each) => each.proven)).toBe(false);
  });

  it('[PL11] a stopped show has no end, a fault spoils it, frames alone will do', async () => {
    const stopped = [event(0, 'CPLStart'), frames(20, TRACKS.picture, 0, 28_799)];
    const again = show(40).map((each, index) =>
      index === 1 ? { ...each, exceptions: [{ name: 'FrameMICError', value: '3' }] } : each,
    );
    const found = playbacksOf(read(await written([...stopped, ...again])).value);
    expect(found.map((each) => [each.ended, isWhole(each)])).toEqual([
      [false, false],
      [true, false],
    ]);
    expect(found[1]!.exceptions).toEqual(['FrameMICError']);
    const bare = [frames(0, TRACKS.picture, 0, 99), frames(900, TRACKS.picture, 0, 99)];
    expect(playbacksOf(read(await written(bare)).value).length).toBe(2);
  });

  it('[PL12] frames count once, within what the composition plays', async () => {
    const [first] = playbacksOf(read(await written()).value);
    const expected = [{ trackFileId: TRACKS.picture, first: 24, frames: 143_976 }];
    expect(playedOf(first!, expected)).toEqual({ played: 143_976, frames: 143_976 });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(99), fc.nat(99)), { maxLength: 12 }), (spans) => {
        const list = spans.map(([a, b]) => ({
          trackFileId: FILM,
          reelId: undefined,
          keyMessageId: undefined,
          first: Math.min(a, b),
          last: Math.max(a, b),
        }));
        const counted = new Set(
          list.flatMap(({ first: from, last }) =>
            Array.from({ length: last - from + 1 }, (_, i) => from + i),
          ),
        );
        const inside = [...counted].filter((frame) => frame >= 10 && frame < 60).length;
        const { played } = playedOf({ frames: list }, [
          { trackFileId: FILM, first: 10, frames: 50 },
        ]);
        expect(played).toBe(inside);
      }),
      { numRuns: 200 },
    );
  });

  it('[PL13] shows meet their playbacks; the rest is told', () => {
    const screening = (name: string, minutes: number, more = {}) => ({
      id: name,
      device: 'd',
      startsAt: NOW + minutes * MINUTE,
      ...more,
    });
    const trailer = {
      ...PLAYBACK,
      compositionId: id(),
      startedAt: NOW + 2 * MINUTE,
      endedAt: NOW + 4 * MINUTE,
    };
    const film = { ...PLAYBACK, startedAt: NOW + 15 * MINUTE };
    const stopped = { ...PLAYBACK, startedAt: NOW + 210 * MINUTE, ended: false };
    const unproven = { ...PLAYBACK, startedAt: NOW + 400 * MINUTE, proven: false };
    const secret = { ...PLAYBACK, startedAt: NOW + 900 * MINUTE };
    const { screenings, unannounced } = matchScreenings(
      [
        screening('b', 200),
        screening('a', 0),
        screening('c', 390),
        screening('d', 600),
        screening('e', 0, { device: 'x' }),
      ],
      [trailer, film, stopped, unproven, secret],
    );
    expect(screenings.map((each) => [each.screening.id, each.verdict, each.delayMinutes])).toEqual([
      ['b', 'broken', 10],
      ['a', 'played', 15],
      ['c', 'unproven', 10],
      ['d', 'missing', undefined],
      ['e', 'missing', undefined],
    ]);
    expect(unannounced).toEqual([trailer, secret]);
    const [other] = matchScreenings(
      [screening('f', 0, { compositionIds: [id()] })],
      [film],
    ).screenings;
    expect(other!.verdict).toBe('missing');
  });

  it('[PL14] tables of theatre systems are read in both languages and prove nothing', () => {
    const chinese =
      '影院放映记录\n影厅,影片名称,CPL UUID,开始时间,结束时间,状态\n' +
      `1,"片名, 上",${FILM},2026/12/1 19:00,2026/12/1 20:40:30,完成\n1,x,,2026/12/1 7点,,\n`;
    const read = readPlaybackTable(encodeUtf8(chinese), 'a.csv', { offsetMinutes: 480 });
    if (!read.ok) throw new Error('refused');
    expect(read.value).toEqual([
      {
        ...PLAYBACK,
        device: '1',
        title: '片名, 上',
        endedAt: NOW + 100.5 * MINUTE,
        proven: false,
        records: [3],
      },
    ]);
    expect(codes(read.findings)).toEqual(['invalid_playback_time']);
    const english =
      'Server Serial;CPL Title;Start Time;End Time\n77;x;2026-12-01T19:00:00+08:00;\n';
    const other = readPlaybackTable(encodeUtf8(english), 'b.csv', { offsetMinutes: 0 });
    expect(other.ok && other.value[0]).toMatchObject({
      device: '77',
      startedAt: NOW,
      ended: false,
    });
    const starts = (...times: string[]) => {
      const text = `Start Time\n${times.join('\n')}\n`;
      const table = readPlaybackTable(encodeUtf8(text), 'e.csv', { offsetMinutes: 480 });
      return table.ok ? table.value.map((each) => each.startedAt) : [];
    };
    // A day above the twelfth shows the order of them all; without one a date could be either.
    expect(starts('01/12/2026 19:00', '13/12/2026 19:00')[0]).toBe(NOW);
    expect(starts('12/01/2026 19:00', '12/13/2026 19:00')[0]).toBe(NOW);
    expect(starts('2026-12-01 07:00 PM', '2026-12-01 12:00:00 am')).toEqual([
      NOW,
      NOW - 19 * 60 * MINUTE,
    ]);
    expect(starts('01/12/2026 19:00')).toEqual([]);
    expect(starts('13/12/2026 19:00', '12/13/2026 19:00')).toEqual([]);
    const none = readPlaybackTable(encodeUtf8('a,b\n1,2\n'), 'c.csv', { offsetMinutes: 0 });
    expect(codes(none.findings)).toEqual(['missing_playback_column']);
    const broken = readPlaybackTable(Uint8Array.of(0xff, 0xfe, 0xfd), 'd.csv', {
      offsetMinutes: 0,
    });
    expect(codes(broken.findings)).toEqual(['unreadable_playback_table']);
  });

  it('[PL15] a written table comes back, and no title becomes a formula', () => {
    const titles = new Map([[FILM, '=HYPERLINK("x"),1']]);
    const table = writePlaybackTable([PLAYBACK, { ...PLAYBACK, proven: false }], titles);
    expect(table).toContain(`"'=HYPERLINK(""x""),1"`);
    const back = readPlaybackTable(encodeUtf8(table), 'a.csv', { offsetMinutes: 480 });
    expect(back.ok && back.value.map((each) => [each.startedAt, each.endedAt])).toEqual(
      Array(2).fill([PLAYBACK.startedAt, PLAYBACK.endedAt]),
    );
  });
});
