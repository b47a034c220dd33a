import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Findings } from '../kernel/parts/findings.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { Empty, Facts, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { State } from '../kernel/parts/state.tsx';
import { useSession } from '../kernel/session.ts';
import { CinemaEditor } from './cinema-editor.tsx';
import { CinemaFacts } from './cinema-facts.tsx';
import { DeviceDialog } from './device-dialog.tsx';
import type { Screen } from './screen.ts';
import { ScreenEditor } from './screen-editor.tsx';
import './exhibition.css';

/** One cinema: where it is, its screens, and the device in each with its certificate. */
export function CinemaPage() {
  const { t } = useTranslation('exhibition');
  const kernel = useTranslation('kernel').t;
  const { id } = useParams({ from: '/desk/exhibition/cinemas/$id' });
  const { can } = useSession();
  const [editing, setEditing] = useState(false);
  const cinema = useQuery(ask('exhibition', 'cinema', { params: { id } }));
  if (cinema.isPending) return <Waiting />;
  if (cinema.isError) {
    return <ProblemNote fault={cinema.error} again={() => void cinema.refetch()} />;
  }
  const { data } = cinema;
  return (
    <Page title={data.name} lead={data.nameEnglish ?? undefined}
      kicker={<Link to="/exhibition">{kernel('page.cinemas')}</Link>}
      actions={can('exhibition.write') ? (
        <button type="button" className="button" onClick={() => setEditing(true)}>
          {kernel('edit')}
        </button>
      ) : undefined}>
      <div className="panel stack">
        <Facts rows={[
          [t('field.code'), <span key="code" className="mono">{data.code ?? '—'}</span>],
          [t('circuit'), data.circuitName],
          [t('place'), [data.province, data.city, data.address].filter(Boolean).join(' ') || null],
          [t('field.timeZone'), data.timeZone],
          [t('field.email'), data.email],
          [t('equipment'), data.equipment === null ? null : t(`equipmentKind.${data.equipment}`)],
          [t('taxpayer'), data.taxpayer === null ? null : t(`taxpayerKind.${data.taxpayer}`)],
        ]} />
        <Findings findings={data.findings} />
      </div>
      <Screens cinemaId={id} />
      <CinemaFacts cinemaId={id} />
      <CinemaEditor cinema={data} open={editing} onClose={() => setEditing(false)} />
    </Page>
  );
}

function Screens({ cinemaId }: { cinemaId: string }) {
  const { t } = useTranslation('exhibition');
  const { can } = useSession();
  const [adding, setAdding] = useState(false);
  const screens = useQuery(ask('exhibition', 'screens', { query: { cinemaId, limit: 500 } }));
  const rows = screens.data?.rows ?? [];
  return (
    <Section title={t('screens')} actions={can('exhibition.write') ? (
      <button type="button" className="button" onClick={() => setAdding(true)}>
        <Icon name="plus" />{t('addScreen')}
      </button>
    ) : undefined}>
      <ProblemNote fault={screens.error} />
      {screens.isSuccess && rows.length === 0 ? (
        <Empty title={t('noScreens')}>{t('noScreensText')}</Empty>
      ) : null}
      <ul className="screens">
        {rows.map((each) => <ScreenCard key={each.id} screen={each} />)}
      </ul>
      <ScreenEditor cinemaId={cinemaId} open={adding} onClose={() => setAdding(false)} />
    </Section>
  );
}

function ScreenCard({ screen }: { screen: Screen }) {
  const { t } = useTranslation('exhibition');
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  const { can } = useSession();
  const [dialog, setDialog] = useState<'device' | 'edit' | null>(null);
  const { device } = screen;
  const certificate = device?.certificate ?? null;
  const state = certificate === null ? 'missing'
    : Date.parse(certificate.notAfter) < Date.now() ? 'expired' : 'valid';
  return (
    <li className="panel screen">
      <div className="screen-head">
        <h3>{screen.name}</h3>
        <State state={state} />
      </div>
      <p className="muted">
        {[screen.seats === null ? null : t('seats', { count: screen.seats }), ...screen.formats]
          .filter((each) => each !== null).join(' · ')}
      </p>
      {device === null ? <p>{t('noDevice')}</p> : (
        <dl className="device">
          <dt>{t('device')}</dt>
          <dd>{[device.maker, device.model].filter(Boolean).join(' ')
            || t(`deviceKind.${device.kind}`)}</dd>
          {device.serial === null ? null : (
            <><dt>{t('serial')}</dt><dd className="mono">{device.serial}</dd></>
          )}
          {certificate === null ? null : (
            <>
              <dt>{t('certificateUntil')}</dt><dd>{format.day(certificate.notAfter)}</dd>
              <dt>{t('thumbprint')}</dt><dd className="mono">{certificate.thumbprint}</dd>
            </>
          )}
        </dl>
      )}
      {certificate === null ? null : <Findings findings={certificate.findings} />}
      {can('exhibition.write') ? (
        <p className="row">
          <button type="button" className="button" onClick={() => setDialog('device')}>
            {t(device === null ? 'installDevice' : 'replaceDevice')}
          </button>
          <button type="button" className="button" onClick={() => setDialog('edit')}
            aria-label={`${kernel('edit')}: ${screen.name}`}>
            {kernel('edit')}
          </button>
        </p>
      ) : null}
      <DeviceDialog screen={screen} open={dialog === 'device'} onClose={() => setDialog(null)} />
      <ScreenEditor screen={screen} cinemaId={screen.cinemaId}
        open={dialog === 'edit'} onClose={() => setDialog(null)} />
    </li>
  );
}
