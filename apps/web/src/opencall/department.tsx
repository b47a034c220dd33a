import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ask } from '../kernel/api.ts';
import { Empty } from '../kernel/parts/page.tsx';
import { useSession } from '../kernel/session.ts';

/** Whether the acting organisation is a department; undefined until the server has said so. */
export function useDepartment(): boolean | undefined {
  const { organisation } = useSession();
  const { data } = useQuery(ask('policy', 'departments'));
  return data?.rows.some(({ id }) => id === organisation?.id);
}

/** What a page of departments says to everybody else. */
export function NoDepartment() {
  const { t } = useTranslation('opencall');
  return <Empty title={t('noDepartment')}>{t('noDepartmentText')}</Empty>;
}
