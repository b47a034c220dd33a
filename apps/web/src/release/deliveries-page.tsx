import { useQuery } from '@tanstack/react-query';
import { Form, Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { Empty, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { useSession } from '../kernel/session.ts';
import './release.css';

const LOOK_AGAIN_MS = 15_000;
const MINUTE_MS = 60_000;

/** What is on its way to which cinema, and the boxes that fetch it. */
export function DeliveriesPage() {
  const { t } = useTranslation('release');
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  const { can } = useSession();
  const [registering, setRegistering] = useState(false);
  const deliveries = useQuery({
    ...ask('sites', 'deliveries', { query: {} }), refetchInterval: LOOK_AGAIN_MS,
  });
  const rows = deliveries.data?.rows ?? [];
  const register = can('exhibition.write') ? (
    <button type="button" className="button button-first" onClick={() => setRegistering(true)}>
      <Icon name="plus" />{t('register')}
    </button>
  ) : undefined;
  return (
    <Page wide title={kernel('page.deliveries')} lead={t('deliveriesLead')}>
      <Section title={t('deliveries')}>
        {deliveries.isPending ? <Waiting /> : null}
        <ProblemNote fault={deliveries.error} />
        {deliveries.isSuccess && rows.length === 0
          ? <Empty title={t('deliveriesNone')}>{t('deliveriesNoneText')}</Empty>
          : (
            <Records label={t('deliveries')} rows={rows}
              keyOf={(each) => `${each.cinemaId} ${each.packageId}`} columns={[
                { title: t('cinema'), head: true, cell: (each) => each.cinemaName },
                { title: t('package'), cell: (each) => each.title },
                { title: t('days'), cell: (each) => `${each.from} – ${each.to}` },
                { title: t('state'), cell: (each) => t(`deliveryState.${each.state}`) },
                { title: t('held'), figure: true, cell: (each) =>
                  `${format.bytes(each.heldBytes)} / ${format.bytes(each.sizeBytes)}` },
              ]} />
          )}
      </Section>
      <Section title={t('sites')} actions={register}>
        <Sites empty={<Empty title={t('sitesNone')}>{t('sitesNoneText')}</Empty>} />
      </Section>
      <RegisterSite open={registering} onClose={() => setRegistering(false)} />
    </Page>
  );
}

function Sites({ empty }: { empty: React.ReactNode }) {
  const { t } = useTranslation('release');
  const format = useFormat();
  const { can } = useSession();
  const [fault, setFault] = useState<unknown>(null);
  const revoke = (id: string) => api.sites.revoke({ params: { id } })
    .then(() => forget('sites'), setFault);
  return (
    <>
      <ProblemNote fault={fault} />
      <Paged label={t('sites')} name={['sites', 'list']}
        load={(after, signal) => api.sites.list({
          query: after === undefined ? {} : { after }, signal })}
        keyOf={(each) => each.id} empty={empty}
        columns={[
          { title: t('cinema'), head: true, cell: (each) => (
            <>{each.cinemaName}<small>{each.name}</small></>
          ) },
          { title: t('seen'), cell: (each) => (each.lastSeenAt === null
            ? t('never') : format.moment(each.lastSeenAt)) },
          { title: t('clock'), figure: true, cell: (each) => (each.clockOffsetMs === null
            ? '—' : t('minutes', { count: Math.round(each.clockOffsetMs / MINUTE_MS) })) },
          { title: t('free'), figure: true, cell: (each) => (each.freeBytes === null
            ? '—' : format.bytes(each.freeBytes)) },
          { title: t('package'), figure: true,
            cell: (each) => format.number(each.packages.verified) },
          { title: t('key'), figure: true, cell: (each) => format.number(each.keysReceived) },
          { title: '', cell: (each) => (can('exhibition.write') ? (
            <button type="button" className="button" onClick={() => void revoke(each.id)}>
              {t('revoke')}
            </button>
          ) : null) },
        ]} />
    </>
  );
}

const CINEMAS_MAX = 500;

function RegisterSite({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation('release');
  const kernel = useTranslation('kernel').t;
  const [form] = Form.useForm<{ cinemaId: string; name: string }>();
  const [token, setToken] = useState<string>();
  const [fault, setFault] = useState<unknown>(null);
  const cinemas = useQuery({
    ...ask('exhibition', 'cinemas', { query: { limit: CINEMAS_MAX } }), enabled: open,
  });
  const create = async (body: { cinemaId: string; name: string }) => {
    try {
      setToken((await api.sites.create({ body })).token);
      setFault(null);
      await forget('sites');
    } catch (caught) {
      setFault(caught);
    }
  };
  const close = () => {
    // The credential leaves the page with the dialog; nothing else ever shows it again.
    setToken(undefined);
    form.resetFields();
    onClose();
  };
  return (
    <Dialog title={t('register')} open={open} onClose={close} actions={token === undefined ? (
      <button type="button" className="button button-first" onClick={() => form.submit()}>
        {kernel('create')}
      </button>
    ) : undefined}>
      {token === undefined ? (
        <Form form={form} layout="vertical" onFinish={(values) => void create(values)}>
          <Form.Item name="cinemaId" label={t('cinema')} rules={[{ required: true }]}>
            <Select showSearch optionFilterProp="label"
              getPopupContainer={(node) => node.parentElement!}
              options={(cinemas.data?.rows ?? [])
                .map((each) => ({ value: each.id, label: each.name }))} />
          </Form.Item>
          <Form.Item name="name" label={t('siteName')} rules={[{ required: true }]}>
            <Input maxLength={200} />
          </Form.Item>
        </Form>
      ) : (
        <div role="status">
          <p>{t('token')}</p>
          <p className="mono token">{token}</p>
          <p>{t('tokenText')}</p>
          <p className="mono token">npx yinglian agent --server {location.origin}{' '}
            --token-file /etc/yinglian/site-token --window 00:00-08:00</p>
        </div>
      )}
      <ProblemNote fault={fault} />
    </Dialog>
  );
}
