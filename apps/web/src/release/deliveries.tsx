import { useQuery } from '@tanstack/react-query';
import { contract } from '@yinglian/contract';
import { Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Progress } from '../kernel/parts/job.tsx';
import { ListSheet } from '../kernel/parts/list-sheet.tsx';
import { Empty, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { useSession } from '../kernel/session.ts';

const LOOK_AGAIN_MS = 15_000;
const STATES = ['wanted', 'arriving', 'verified', 'removed'] as const;
type State = (typeof STATES)[number];
type Delivery = Awaited<ReturnType<typeof api.sites.deliveries>>['rows'][number];

/** What is on its way to which cinema: how far, held back or put first, and by whom it may be. */
export function Deliveries() {
  const { t } = useTranslation('release');
  const format = useFormat();
  const [state, setState] = useState<State>();
  const [search, setSearch] = useState('');
  const query = {
    ...(state === undefined ? {} : { state }), ...(search === '' ? {} : { search }),
  };
  const deliveries = useQuery({
    ...ask('sites', 'deliveries', { query }), refetchInterval: LOOK_AGAIN_MS,
  });
  const rows = deliveries.data?.rows ?? [];
  const isFiltered = state !== undefined || search !== '';
  return (
    <Section title={t('deliveries')}
      actions={<ListSheet of={contract.sites.deliveries} query={query} />}>
      <div className="delivery-filters">
        <Select allowClear aria-label={t('state')} placeholder={t('state')} value={state ?? null}
          onChange={(value: State | null | undefined) => setState(value ?? undefined)}
          getPopupContainer={(node) => node.parentElement!}
          options={STATES.map((value) => ({ value, label: t(`deliveryState.${value}`) }))} />
        <Input.Search allowClear aria-label={t('cinema')} placeholder={t('cinema')} maxLength={100}
          onSearch={(value) => setSearch(value.trim())} />
        {deliveries.data === undefined ? null : (
          <p role="status">
            {t('inPlace', {
              complete: format.number(deliveries.data.complete),
              total: format.number(deliveries.data.total),
            })}
          </p>
        )}
      </div>
      {deliveries.isPending ? <Waiting /> : null}
      <ProblemNote fault={deliveries.error} />
      {deliveries.isSuccess && rows.length === 0 && !isFiltered
        ? <Empty title={t('deliveriesNone')}>{t('deliveriesNoneText')}</Empty>
        : <DeliveryRecords rows={rows} />}
    </Section>
  );
}

function DeliveryRecords({ rows }: { rows: readonly Delivery[] }) {
  const { t } = useTranslation('release');
  const format = useFormat();
  const [fault, setFault] = useState<unknown>(null);
  return (
    <>
      <ProblemNote fault={fault} />
      <Records label={t('deliveries')} rows={rows}
        keyOf={(each) => `${each.cinemaId} ${each.packageId}`} columns={[
          { title: t('cinema'), head: true, cell: (each) => each.cinemaName },
          { title: t('package'), cell: (each) => each.title },
          { title: t('needed'), cell: (each) => (
            <>{format.moment(each.neededAt)}<br /><small>{each.from} – {each.to}</small></>
          ) },
          { title: t('state'), cell: (each) => <HowFar delivery={each} /> },
          { title: '', cell: (each) => <Steer delivery={each} onFault={setFault} /> },
        ]} />
    </>
  );
}

function HowFar({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslation('release');
  const format = useFormat();
  const { heldBytes, sizeBytes, state } = delivery;
  const share = sizeBytes === 0 ? 0 : Math.min(1, heldBytes / sizeBytes);
  const words = delivery.paused && state !== 'verified'
    ? t('pausedState')
    : t(`deliveryState.${state}`);
  return (
    <div className="delivery-progress">
      <span>
        {words}{delivery.first && state !== 'verified' ? ` · ${t('firstState')}` : ''}
      </span>
      <Progress value={share} label={`${delivery.cinemaName} ${delivery.title} ${words}`} />
      <small>{format.bytes(heldBytes)} / {format.bytes(sizeBytes)}</small>
    </div>
  );
}

/** Holds a delivery back or puts it first: the sender what it sends, a cinema what it receives. */
function Steer({ delivery, onFault }: {
  delivery: Delivery; onFault: (fault: unknown) => void;
}) {
  const { t } = useTranslation('release');
  const { can } = useSession();
  const [busy, setBusy] = useState(false);
  const { cinemaId, packageId, paused, first, mine, state, cinemaName } = delivery;
  const may = can(mine === 'sender' ? 'distribution.release' : 'exhibition.write');
  if (!may || state === 'verified' || state === 'removed') return null;
  const steer = async (wish: { paused?: boolean; first?: boolean }) => {
    setBusy(true);
    try {
      const call = mine === 'sender' ? api.sites.steer : api.sites.steerArrival;
      await call({ body: { packageId, cinemaIds: [cinemaId], ...wish } });
      onFault(null);
      await forget('sites');
    } catch (caught) {
      onFault(caught);
    } finally {
      setBusy(false);
    }
  };
  const what = `${cinemaName} ${delivery.title}`;
  return (
    <div className="booking-acts">
      <button type="button" className="button" disabled={busy} aria-pressed={paused}
        aria-label={`${t(paused ? 'resume' : 'pause')} ${what}`}
        onClick={() => void steer({ paused: !paused })}>
        {t(paused ? 'resume' : 'pause')}
      </button>
      <button type="button" className="button" disabled={busy} aria-pressed={first}
        aria-label={`${t(first ? 'inOrder' : 'putFirst')} ${what}`}
        onClick={() => void steer({ first: !first })}>
        {t(first ? 'inOrder' : 'putFirst')}
      </button>
    </div>
  );
}
