import { useTranslation } from 'react-i18next';
import { Empty } from '../kernel/parts/page.tsx';

export { useDepartment } from '../kernel/department.ts';

/** What a page of departments says to everybody else. */
export function NoDepartment() {
  const { t } = useTranslation('opencall');
  return <Empty title={t('noDepartment')}>{t('noDepartmentText')}</Empty>;
}
