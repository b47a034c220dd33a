import { useTranslation } from 'react-i18next';
import { Menu } from '../shell/menu.tsx';

const FORMATS = ['xlsx', 'csv'] as const;

/** What a list can be taken away as. */
export type ExportFormat = (typeof FORMATS)[number];

/** A list to take away, as a workbook or as text, or as what else its trade exchanges. */
export function ExportMenu<Further extends string = never>({
  hrefOf,
  further = [],
}: {
  hrefOf: (format: ExportFormat | Further) => string;
  /** Further formats with their names. */
  further?: readonly (readonly [format: Further, label: string])[];
}) {
  const { t } = useTranslation('kernel');
  return (
    <Menu label={t('export')} icon="download" text={t('export')} end>
      {FORMATS.map((format) => (
        <a key={format} className="menu-item" download href={hrefOf(format)}>
          {t(`exportAs.${format}`)}
        </a>
      ))}
      {further.map(([format, label]) => (
        <a key={format} className="menu-item" download href={hrefOf(format)}>
          {label}
        </a>
      ))}
    </Menu>
  );
}
