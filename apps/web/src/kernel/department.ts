import { useQuery } from '@tanstack/react-query';
import { ask } from './api.ts';
import { useSession } from './session.ts';

/** Whether the acting organisation is a department; undefined until the server has said so. */
export function useDepartment(): boolean | undefined {
  const { can, organisation } = useSession();
  const { data } = useQuery({ ...ask('policy', 'departments'), enabled: can('policy.read') });
  return data?.rows.some(({ id }) => id === organisation?.id);
}
