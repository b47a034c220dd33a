import { Link, useNavigate } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { contract } from '@yinglian/contract';
import { Select } from 'antd';
import dayjs from 'dayjs';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFilmId } from '../kernel/film.ts';
import { useFormat } from '../kernel/format.ts';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { ListSheet } from '../kernel/parts/list-sheet.tsx';
import { Empty, Page } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';
import { firstPlan, runText } from './plan-text.ts';

/** Releases: drafts, announced ones and those that were withdrawn. */
export function ReleasesPage() {
  const { t } = useTranslation('release');
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  const filmId = useFilmId();
  const { can } = useSession();
  const [planning, setPlanning] = useState(false);
  const plan = can('distribution.release') ? (
    <button type="button" className="button button-first" onClick={() => setPlanning(true)}>
      <Icon name="plus" />{t('plan')}
    </button>
  ) : null;
  return (
    <Page title={kernel('page.releases')} lead={t('releasesLead')} actions={
      <><ListSheet of={contract.releases.list} query={{ filmId }} />{plan}</>
    }>
      <Paged label={kernel('page.releases')} name={['releases', 'list', filmId]}
        load={(after, signal) => api.releases.list({
          query: { ...(after === undefined ? {} : { after }),
            ...(filmId === undefined ? {} : { filmId }) }, signal })}
        keyOf={(each) => each.id}
        empty={<Empty title={t('releasesNone')} action={plan}>{t('releasesNoneText')}</Empty>}
        columns={[
          { title: t('film'), head: true, cell: (each) => (
            <Link to="/distribution/releases/$id" params={{ id: each.id }}>{each.filmTitle}</Link>
          ) },
          { title: t('state'), cell: (each) => t(`releaseState.${each.state}`) },
          { title: t('revision'), cell: (each) => (each.revision === 0
            ? t('revisionNone') : t('revisionOf', { number: each.revision })) },
          { title: t('run'), cell: (each) => runText(each.plan) },
          { title: t('confirmed'), figure: true,
            cell: (each) => format.number(each.bookings.confirmed) },
        ]} />
      <PlanDialog open={planning} onClose={() => setPlanning(false)} />
    </Page>
  );
}

const FILMS_MAX = 500;

function PlanDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation('release');
  const kernel = useTranslation('kernel').t;
  const navigate = useNavigate();
  const current = useFilmId();
  const [chosen, setChosen] = useState<string>();
  const [fault, setFault] = useState<unknown>(null);
  const films = useQuery({
    ...ask('film', 'list', { query: { limit: FILMS_MAX } }), enabled: open,
  });
  const rows = films.data?.rows ?? [];
  const film = rows.find((each) => each.id === (chosen ?? current)) ?? rows[0];
  const create = async () => {
    if (film === undefined) return;
    try {
      const plan = firstPlan(film.versions, dayjs().format('YYYY-MM-DD'));
      const made = await api.releases.create({ body: { filmId: film.id, plan } });
      await forget('releases');
      await navigate({ to: '/distribution/releases/$id', params: { id: made.id } });
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <Dialog title={t('plan')} open={open} onClose={onClose} actions={
      <button type="button" className="button button-first" disabled={film === undefined}
        onClick={() => void create()}>{kernel('create')}</button>
    }>
      <label className="field"><span>{t('chooseFilm')}</span>
        <Select aria-label={t('chooseFilm')} value={film?.id} onChange={setChosen} showSearch
          optionFilterProp="label" getPopupContainer={(node) => node.parentElement!}
          options={rows.map((each) => ({ value: each.id, label: each.title }))} />
      </label>
      <ProblemNote fault={fault ?? films.error} />
    </Dialog>
  );
}
