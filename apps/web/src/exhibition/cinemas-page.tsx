import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { addressOf, contract } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { ExportMenu } from '../kernel/parts/export-menu.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { Empty, Page } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { useSession } from '../kernel/session.ts';
import { CinemaEditor } from './cinema-editor.tsx';
import './exhibition.css';

/** Cinemas of the network, and how many of their screens are ready. */
export function CinemasPage() {
  const { t } = useTranslation('exhibition');
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  const { can } = useSession();
  const { circuit } = useSearch({ from: '/desk/exhibition' });
  const [search, setSearch] = useState('');
  const [creating, setCreating] = useState(false);
  const write = can('exhibition.write');
  return (
    <Page wide title={kernel('page.cinemas')} lead={t('lead')} actions={
      <>
        <ExportMenu further={[['flm', t('exportAs.flm')]]} hrefOf={(format) =>
          addressOf(contract.exhibition.exportFacilities, { query: { format } })} />
        {write ? (
          <>
            <Link to="/exhibition/import" className="button">
              <Icon name="upload" />{kernel('do.importFacilities')}
            </Link>
            <button type="button" className="button button-first" onClick={() => setCreating(true)}>
              <Icon name="plus" />{t('register')}
            </button>
          </>
        ) : null}
      </>
    }>
      <div className="filters">
        <input className="input" type="search" aria-label={t('search')} placeholder={t('search')}
          value={search} onChange={(event) => setSearch(event.target.value)} />
        <CircuitFilter circuit={circuit} />
      </div>
      <Paged label={kernel('page.cinemas')} name={['exhibition', 'cinemas', circuit, search]}
        load={(after, signal) => api.exhibition.cinemas({ query: {
          ...(after === undefined ? {} : { after }), ...(search === '' ? {} : { search }),
          ...(circuit === undefined ? {} : { circuitId: circuit }),
        }, signal })}
        keyOf={(each) => each.id}
        empty={<Empty title={t('none')}>{t('noneText')}</Empty>}
        columns={[
          { title: t('cinema'), head: true, cell: (each) => (
            <Link to="/exhibition/cinemas/$id" params={{ id: each.id }}>
              {each.name}<small className="mono">{each.code}</small>
            </Link>
          ) },
          { title: t('circuit'), cell: (each) => each.circuitName ?? '—' },
          { title: t('place'), cell: (each) => [each.province, each.city]
            .filter(Boolean).join(' ') || '—' },
          { title: t('equipment'),
            cell: (each) => (each.equipment === null ? '—'
              : t(`equipmentKind.${each.equipment}`)) },
          { title: t('screens'), figure: true, cell: (each) => format.number(each.screens) },
          { title: t('devicesReady'), figure: true, cell: (each) => (
            <span className={each.devicesReady < each.screens ? 'lacking' : undefined}>
              {format.number(each.devicesReady)} / {format.number(each.screens)}
            </span>
          ) },
        ]} />
      <CinemaEditor open={creating} onClose={() => setCreating(false)} />
    </Page>
  );
}

function CircuitFilter({ circuit }: { circuit: string | undefined }) {
  const { t } = useTranslation('exhibition');
  const navigate = useNavigate();
  const { data } = useQuery(ask('exhibition', 'circuits', { query: { limit: 500 } }));
  return (
    <select className="input" aria-label={t('circuit')} value={circuit ?? ''}
      onChange={(event) => void navigate({ to: '/exhibition',
        search: event.target.value === '' ? {} : { circuit: event.target.value } })}>
      <option value="">{t('allCircuits')}</option>
      {(data?.rows ?? []).map((each) => (
        <option key={each.id} value={each.id}>{each.name}</option>
      ))}
    </select>
  );
}
