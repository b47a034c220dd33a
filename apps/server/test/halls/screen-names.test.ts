import { describe, expect, it } from 'vitest';
import { screenAt } from '../../src/exhibition/evidence/device-places.ts';
import { programmeOf, showStart } from '../../src/exhibition/evidence/programme.ts';
import { screenFinder } from '../../src/exhibition/screen-finder.ts';

const SCREENS = [
  { id: 'one', name: '1号厅', number: 1 },
  { id: 'ten', name: '10号厅', number: 10 },
  { id: 'three', name: '三号厅', number: 3 },
  { id: 'vip', name: 'VIP厅', number: null },
];

describe('screens by the words of other systems', () => {
  it.each([
    ['1', 'one'],
    ['01', 'one'],
    ['第1厅', 'one'],
    ['1号激光厅', 'one'],
    ['Screen 10', 'ten'],
    ['１０号厅', 'ten'],
    ['vip厅', 'vip'],
    ['3', 'three'],
    ['3D厅', undefined],
    ['贵宾厅', undefined],
    ['', undefined],
  ])('[HH20] finds %s', (text, id) => {
    expect(screenFinder(SCREENS)(text)).toBe(id);
  });

  it('[HH21] puts a log where its device stood then', () => {
    const places = new Map([
      [
        'block',
        [
          { screenId: 'three', from: -Infinity, until: 100 },
          { screenId: 'five', from: 100, until: Infinity },
        ],
      ],
    ]);
    expect([99, 100].map((at) => screenAt(places, 'block', at))).toEqual(['three', 'five']);
    expect(screenAt(places, 'other', 1)).toBeUndefined();
  });

  it.each([
    ['a time of day in a workbook', new Date('1899-12-30T19:30:00Z'), '2026-05-01T19:30'],
    ['one beyond midnight', new Date('1899-12-31T01:30:00Z'), '2026-05-02T01:30'],
    ['hours that go on', '24:10', '2026-05-02T00:10'],
    ['a day and its time', new Date('2026-05-03T09:00:00Z'), '2026-05-03T09:00'],
    ['no time', '30:00', undefined],
  ])('[HH22] reads the start of a show from %s', (_, cell, start) => {
    for (const date of ['2026-05-01', '2026年5月1日', new Date('2026-05-01T00:00:00Z')]) {
      expect(showStart(date, cell)).toBe(start);
    }
  });

  it('[HH22] takes of the nights beside a sheet only those that it tells of', () => {
    const of = (...starts: string[]) =>
      programmeOf(starts.map((start) => ({ screen: '1', title: '', start, minutes: 100 }))).span;
    expect(of('2026-05-01T10:00', '2026-05-01T23:00')).toEqual({
      from: '2026-05-01T06:00',
      until: '2026-05-02T00:00',
    });
    expect(of('2026-05-01T10:00', '2026-05-02T00:30')).toEqual({
      from: '2026-05-01T06:00',
      until: '2026-05-02T06:00',
    });
    expect(of('2026-05-01T00:30', '2026-05-01T20:00')).toEqual({
      from: '2026-05-01T00:00',
      until: '2026-05-02T00:00',
    });
  });
});
