import { type HolidayYear, readHolidayFile, workCalendar } from '@yinglian/policy';
import { sql } from 'kysely';
import type { Context } from '../kernel/context.ts';
import { invalid } from '../kernel/refusal.ts';
import { departmentOf, type PolicyParts } from './parts.ts';
import { readHolidays } from './repository.ts';

export type HolidayService = ReturnType<typeof createHolidayService>;

/** Years of holidays: what comes with the program, and what departments entered since. */
export function createHolidayService(parts: PolicyParts) {
  const { database, write, requireAccess } = parts;

  const keep = async (context: Context, given: HolidayYear): Promise<void> => {
    const { organisationId } = await requireAccess(context, 'policy.manage');
    await departmentOf(database, context);
    const { year, source, free, worked } = given;
    await write(context, async (work) => {
      await sql`
        insert into policy.holiday_year (year, source, free, worked, department_id)
        values (${year}, ${source}, ${free}, ${worked}, ${organisationId})
        on conflict (year) do update set source = excluded.source, free = excluded.free,
          worked = excluded.worked, department_id = excluded.department_id, updated_at = now()
      `.execute(work.transaction);
      work.audit({
        action: 'policy.holidays_saved',
        subjectKind: 'policy_holidays',
        subjectId: String(year),
        facts: { source },
      });
    });
  };
  const days = (text: string): string[] => text.split(/\s+/).filter((each) => each !== '');

  return {
    async holidays() {
      const known = await readHolidays(database);
      const { assumed } = workCalendar(known);
      const byYear = new Map(known.map((each) => [each.year, each]));
      return {
        rows: [...byYear.values()]
          .toSorted((a, b) => a.year - b.year)
          .map(({ year, source, free, worked }) => ({
            year,
            source,
            free: days(free),
            worked: days(worked),
            assumed: assumed.has(year),
          })),
      };
    },

    async saveHolidays(
      context: Context,
      year: number,
      given: { source: string; free: readonly string[]; worked: readonly string[] },
    ): Promise<void> {
      const [free, worked] = [given.free.join(' '), given.worked.join(' ')];
      await keep(context, { year, source: given.source, free, worked });
    },

    async importHolidays(context: Context, given: { document: string; source: string }) {
      await requireAccess(context, 'policy.manage');
      const read = readHolidayFile(given.document, given.source);
      if (!read.ok) throw invalid(...read.findings);
      await keep(context, read.value);
      const { year, free, worked } = read.value;
      return { year, free: days(free).length, worked: days(worked).length };
    },
  };
}
