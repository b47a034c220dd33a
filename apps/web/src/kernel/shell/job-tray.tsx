import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ask } from '../api.ts';
import { JobLine } from '../parts/job.tsx';
import { useSession } from '../session.ts';
import { useUploads } from '../uploads.ts';
import { UploadLine } from '../parts/upload.tsx';
import { Menu } from './menu.tsx';

const JOBS_SHOWN = 12;
const ALIVE = ['queued', 'running', 'retrying'];

/** What is under way for this organisation: uploads of this browser and jobs of the server. */
export function JobTray() {
  const { t } = useTranslation('kernel');
  const { can } = useSession();
  const uploads = useUploads();
  const { data } = useQuery({
    ...ask('jobs', 'list', { query: { limit: JOBS_SHOWN } }),
    enabled: can('organisation.read'),
  });
  const jobs = data?.rows ?? [];
  const alive =
    jobs.filter((each) => ALIVE.includes(each.state)).length +
    uploads.filter((each) => each.state === 'sending').length;
  return (
    <Menu
      label={t('jobTray', { count: alive })}
      icon="jobs"
      end
      text={alive === 0 ? undefined : <span className="badge">{alive}</span>}
    >
      <div className="tray" onClick={(event) => event.stopPropagation()}>
        <p className="menu-title">{t('jobs')}</p>
        {uploads.map((each) => (
          <UploadLine key={each.key} upload={each} />
        ))}
        {jobs.map((each) => (
          <JobLine key={each.id} job={each} />
        ))}
        {jobs.length + uploads.length === 0 ? <p className="tray-empty">{t('noJobs')}</p> : null}
      </div>
      <Link to="/jobs" className="menu-item menu-foot">
        {t('page.jobs')}
      </Link>
    </Menu>
  );
}
