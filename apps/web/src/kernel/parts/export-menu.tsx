import { useTranslation } from 'react-i18next';
import { Menu } from '../shell/menu.tsx';

const FORMATS = ['xlsx', 'csv'] as const;

/** What a list can be taken away as. */
export type ExportFormat = (typeof FORMATS)[number];

/** A list to take away, as a workbook or as text. */
export function ExportMenu({ hrefOf }: { hrefOf: (format: ExportFormat) => string }) {
  const { t } = useTranslation('kernel');
  return (
    <Menu label={t('export')} icon="download" text={t('export')} end>
      {FORMATS.map((format) => (
        <a key={format} className="menu-item" download href={hrefOf(format)}>
          {t(`exportAs.${format}`)}
        </a>
      ))}
    </Menu>
  );
}
