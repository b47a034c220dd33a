import { describe, expect, it } from 'vitest';
import {
  compareWithEarlier,
  earliestChange,
  type EarlierFile,
  readCsvDelivery,
  readFeedDelivery,
  type ToldDay,
} from '../src/index.ts';

const day = (
  date: string,
  film = '甲',
  gross = 100n,
  cinemaCode = '43019011',
  show = '',
): ToldDay => ({
  cinemaCode,
  film,
  show,
  from: date,
  to: date,
  screenings: 1,
  admissions: 10,
  grossFen: gross,
});
const file = (id: string, days: ToldDay[], over: Partial<EarlierFile> = {}): EarlierFile => ({
  id,
  level: 'day',
  deliveredAt: 1000,
  film: undefined,
  days,
  isAll: true,
  ...over,
});
const beside = (days: ToldDay[], ...earlier: EarlierFile[]) =>
  compareWithEarlier(days, 'day', earlier);

describe('a file beside earlier ones', () => {
  it('[BO36] comes late for a day told of before, and for one before the last', () => {
    const known = file('one', [day('2026-05-02'), day('2026-05-04')]);
    expect(beside([day('2026-05-04')], known)).toMatchObject({
      overlaps: [{ id: 'one', date: '2026-05-04' }],
      late: { date: '2026-05-04', after: ['one'], deliveredAt: 1000 },
    });
    // Another film of a day that was told of, and a day that was left out.
    expect(beside([day('2026-05-04', '乙')], known).late?.date).toBe('2026-05-04');
    expect(beside([day('2026-05-05'), day('2026-05-03')], known)).toMatchObject({
      overlaps: [],
      late: { date: '2026-05-03' },
    });
    expect(beside([day('2026-05-05')], known).late).toBeUndefined();
    expect(beside([day('2026-05-03', '甲', 1n, '43019012')], known).late).toBeUndefined();
  });

  it('[BO36] does not come late beside a file of one other film, or finer files', () => {
    const one = file('one', [day('2026-05-04', '乙')], { film: '乙' });
    expect(beside([day('2026-05-04', '甲')], one).late).toBeUndefined();
    expect(beside([day('2026-05-04', '乙')], one).late).toBeDefined();
    const finer = file('two', [day('2026-05-04')], { level: 'ticket' });
    const summed = beside([day('2026-05-04')], finer);
    expect(summed.overlaps).toEqual([{ id: 'two', date: '2026-05-04' }]);
    expect(summed.late).toBeUndefined();
    const both = beside([day('2026-05-04')], one, file('three', [day('2026-05-04')]));
    expect(both.late?.after).toEqual(['three']);
  });

  it('[BO37] stands for the one file that it tells again as a whole', () => {
    const known = file('one', [day('2026-05-02'), day('2026-05-03')]);
    const again = [day('2026-05-02', '甲', 7n), day('2026-05-03'), day('2026-05-03', '乙')];
    expect(beside(again, known).again).toBe('one');
    expect(beside(again.slice(1), known).again).toBeUndefined();
    expect(beside(again, { ...known, isAll: false }).again).toBeUndefined();
    expect(beside(again, known, file('two', [day('2026-05-03')])).again).toBeUndefined();
  });

  it('[BO37] does not stand for a file of other shows, nor of tickets', () => {
    const show = (name: string) => day('2026-05-02', '甲', 1n, '43019011', name);
    const known = file('one', [show('1 10:00'), show('1 13:00')], { level: 'screening' });
    const beside = (days: ToldDay[], level: EarlierFile['level'], earlier: EarlierFile) =>
      compareWithEarlier(days, level, [earlier]);
    const evening = beside([show('1 19:00')], 'screening', known);
    expect([evening.overlaps, evening.again]).toEqual([[], undefined]);
    expect(beside([...known.days, show('1 19:00')], 'screening', known).again).toBe('one');
    const tickets = file('two', known.days as ToldDay[], { level: 'ticket' });
    expect(beside([...known.days], 'ticket', tickets).again).toBeUndefined();
  });

  it('[BO30] changes its earliest day where figures differ, come or go', () => {
    const before = [day('2026-05-01'), day('2026-05-02'), day('2026-05-03')];
    expect(earliestChange(before, before)).toBeUndefined();
    const changed = [day('2026-05-01'), day('2026-05-02'), day('2026-05-03', '甲', 7n)];
    expect(earliestChange(before, changed)).toBe('2026-05-03');
    expect(earliestChange(before, before.slice(1))).toBe('2026-05-01');
    expect(earliestChange(before, [...before, day('2026-04-30')])).toBe('2026-04-30');
  });
});

describe('a file of one cinema', () => {
  const codes = (text: string, cinemaCode?: string) => {
    const bytes = new TextEncoder().encode(text);
    const options = cinemaCode === undefined ? {} : { cinemaCode };
    const read = text.startsWith('{')
      ? readFeedDelivery(bytes, options)
      : readCsvDelivery(bytes, options);
    return read.ok ? read.value.records.map((each) => each.cinemaCode) : undefined;
  };
  const row = '051a00392026,2026-05-01,2,20,700.00\n';

  it('[BO38] needs no column of cinemas, and keeps what it says itself', () => {
    const head = '影片编码,日期,场次,人次,票房\n';
    expect(codes(head + row)).toBeUndefined();
    expect(codes(head + row, '43019011')).toEqual(['43019011']);
    const both = `影院编码,${head},${row}43019012,${row}`;
    expect(codes(both, '43019011')).toEqual(['43019011', '43019012']);
    const feed =
      '{"format":"yinglian-box-office/1","level":"day","source":"x"}\n' +
      '{"filmCode":"051a00392026","date":"2026-05-01","screenings":2,"admissions":20,' +
      '"grossFen":"70000"}\n';
    expect(codes(feed)).toBeUndefined();
    expect(codes(feed, '43019011')).toEqual(['43019011']);
  });

  it('[BO38] keeps the cinema of one file out of the mapping, which serves others too', () => {
    const bytes = new TextEncoder().encode(`影片编码,日期,场次,人次,票房\n${row}`);
    const first = readCsvDelivery(bytes, { cinemaCode: '43019011' });
    if (!first.ok) throw new Error('refused');
    const { mapping } = first.value;
    expect(mapping).not.toHaveProperty('constants');
    const second = readCsvDelivery(bytes, { mapping, cinemaCode: '43019012' });
    expect(second.ok && second.value.records[0]?.cinemaCode).toBe('43019012');
    const nowhere = readCsvDelivery(bytes, { mapping });
    expect(nowhere.findings.map((each) => each.code)).toEqual(['missing_column']);
  });
});
