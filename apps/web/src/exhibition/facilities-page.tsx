import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, forget } from '../kernel/api.ts';
import { FileImportSteps } from '../kernel/parts/file-import.tsx';
import { Page } from '../kernel/parts/page.tsx';

/** Cinemas, screens and devices from a facility list. */
export function FacilitiesPage() {
  const { t } = useTranslation('exhibition');
  const kernel = useTranslation('kernel').t;
  const navigate = useNavigate();
  return (
    <Page title={kernel('do.importFacilities')}
      kicker={<Link to="/exhibition">{kernel('page.cinemas')}</Link>}>
      <div className="panel">
        <FileImportSteps hint={t('facilitiesHint')} accept=".xml,.flmx,.csv,.xlsx"
          onClose={() => void navigate({ to: '/exhibition' })}
          words={(name) => t(`counts.${name}`)}
          run={async (fileId, commit) => {
            const { findings, ...counts } = await api.exhibition.importFacilities({
              body: { fileId, commit },
            });
            if (commit) await forget('exhibition', 'distribution');
            return { counts, findings };
          }} />
      </div>
    </Page>
  );
}
