import { useDepartment } from '../department.ts';
import { useSession } from '../session.ts';
import { type Hall, HALLS } from './halls.ts';

/**
 * The halls and pages that whoever is here can use: those of departments are shown to departments,
 * and a hall of which nothing may be read is not shown at all.
 */
export function useShownHalls(): readonly Hall[] {
  const { can } = useSession();
  const department = useDepartment() ?? false;
  return HALLS.filter((hall) => can(hall.permission)).map((hall) => ({
    ...hall,
    pages: hall.pages.filter(
      ({ only }) =>
        only === undefined || (only === 'department' ? department : can(only) && !department),
    ),
  }));
}
