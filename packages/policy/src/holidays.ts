// Table: days off and days made up, year by year, as the State Council announces them each autumn.
import type { HolidayYear } from './workdays.ts';

/**
 * Weekdays that are free and weekend days that are worked. Each year is announced by the General
 * Office of the State Council; a year that is not listed is unknown, not without holidays.
 */
export const CHINA_HOLIDAYS: readonly HolidayYear[] = [
  {
    year: 2023,
    source: '国办发明电〔2022〕16号',
    free:
      '01-02 01-23 01-24 01-25 01-26 01-27 04-05 05-01 05-02 05-03 06-22 06-23 09-29 10-02 ' +
      '10-03 10-04 10-05 10-06',
    worked: '01-28 01-29 04-23 05-06 06-25 10-07 10-08',
  },
  {
    year: 2024,
    source: '国办发明电〔2023〕7号',
    free:
      '01-01 02-12 02-13 02-14 02-15 02-16 04-04 04-05 05-01 05-02 05-03 06-10 09-16 09-17 ' +
      '10-01 10-02 10-03 10-04 10-07',
    worked: '02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12',
  },
  {
    year: 2025,
    source: '国办发明电〔2024〕12号',
    free:
      '01-01 01-28 01-29 01-30 01-31 02-03 02-04 04-04 05-01 05-02 05-05 06-02 10-01 10-02 ' +
      '10-03 10-06 10-07 10-08',
    worked: '01-26 02-08 04-27 09-28 10-11',
  },
  {
    year: 2026,
    source: '国办发明电〔2025〕7号',
    free:
      '01-01 01-02 02-16 02-17 02-18 02-19 02-20 02-23 04-06 05-01 05-04 05-05 06-19 09-25 ' +
      '10-01 10-02 10-05 10-06 10-07',
    worked: '01-04 02-14 02-28 05-09 09-20 10-10',
  },
  {
    // Not announced when this was written. The days of the law (国务院令第795号) with the length of
    // the years before, and no weekend worked: a term ends on this calendar never too early.
    // A department enters the announcement, which takes the place of this.
    year: 2027,
    source: '尚未公布；暂按《全国年节及纪念日放假办法》和往年天数从长计算',
    assumed: true,
    free:
      '01-01 02-04 02-05 02-08 02-09 02-10 02-11 02-12 04-05 04-06 04-30 05-03 05-04 05-05 ' +
      '06-09 09-15 10-01 10-04 10-05 10-06 10-07 10-08',
    worked: '',
  },
];
