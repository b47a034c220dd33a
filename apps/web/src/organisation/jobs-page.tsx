import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '../kernel/api.ts';
import { useFilmId } from '../kernel/film.ts';
import { JobLine } from '../kernel/parts/job.tsx';
import { Empty, Page, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';

/** All jobs of the organisation, or of the chosen film. */
export function JobsPage() {
  const { t } = useTranslation('organisation');
  const kernel = useTranslation('kernel').t;
  const filmId = useFilmId();
  const jobs = useInfiniteQuery({
    queryKey: ['jobs', 'list', filmId, 'pages'],
    queryFn: ({ pageParam, signal }) =>
      api.jobs.list({
        query: {
          ...(pageParam === undefined ? {} : { after: pageParam }),
          ...(filmId === undefined ? {} : { filmId }),
        },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  });
  const rows = jobs.data?.pages.flatMap((each) => each.rows) ?? [];
  return (
    <Page title={kernel('page.jobs')} lead={t('jobsLead')}>
      {jobs.isPending ? <Waiting /> : null}
      <ProblemNote fault={jobs.error} />
      {jobs.isSuccess && rows.length === 0 ? (
        <Empty title={t('noJobs')}>{kernel('noJobs')}</Empty>
      ) : null}
      {rows.length === 0 ? null : (
        <div className="panel">
          {rows.map((each) => (
            <JobLine key={each.id} job={each} />
          ))}
        </div>
      )}
      {jobs.hasNextPage ? (
        <p>
          <button type="button" className="button" onClick={() => void jobs.fetchNextPage()}>
            {kernel('more')}
          </button>
        </p>
      ) : null}
    </Page>
  );
}
