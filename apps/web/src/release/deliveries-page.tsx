import { useQuery } from '@tanstack/react-query';
import { contract } from '@yinglian/contract';
import { Checkbox, Form, Input, QRCode, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { ListSheet } from '../kernel/parts/list-sheet.tsx';
import { Empty, Page, Section } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';
import { Deliveries } from './deliveries.tsx';
import { Recalls } from './recalls.tsx';
import './release.css';

const MINUTE_MS = 60_000;

/** What is on its way to which cinema, and the boxes that fetch it. */
export function DeliveriesPage() {
  const { t } = useTranslation('release');
  const kernel = useTranslation('kernel').t;
  const { can } = useSession();
  const [registering, setRegistering] = useState(false);
  const register = can('exhibition.write') ? (
    <button type="button" className="button button-first" onClick={() => setRegistering(true)}>
      <Icon name="plus" />{t('register')}
    </button>
  ) : undefined;
  return (
    <Page wide title={kernel('page.deliveries')} lead={t('deliveriesLead')}>
      <Deliveries />
      <Recalls />
      <Section title={t('sites')}
        actions={<><ListSheet of={contract.sites.list} />{register}</>}>
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
            <>
              {each.cinemaName}
              <small>{each.forCircuit ? `${each.name} · ${t('cache')}` : each.name}</small>
            </>
          ) },
          { title: t('seen'), cell: (each) => (each.lastSeenAt === null
            ? t('never') : format.moment(each.lastSeenAt)) },
          { title: t('clock'), figure: true, cell: (each) => (
            <ClockOffset offsetMs={each.clockOffsetMs} />
          ) },
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

const CLOCK_WRONG_MS = 5 * MINUTE_MS;

/** A box that is hours off keeps the cinema's hours, but its files bear wrong times. */
function ClockOffset({ offsetMs }: { offsetMs: number | null }) {
  const { t } = useTranslation('release');
  if (offsetMs === null) return '—';
  const text = t('minutes', { count: Math.round(offsetMs / MINUTE_MS) });
  return Math.abs(offsetMs) < CLOCK_WRONG_MS
    ? text
    : <span className="light light-red"><Icon name="warning" />{text} · {t('clockWrong')}</span>;
}

const CINEMAS_MAX = 500;

type SiteForm = { cinemaId: string; name: string; forCircuit: boolean };

function RegisterSite({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation('release');
  const kernel = useTranslation('kernel').t;
  const [form] = Form.useForm<SiteForm>();
  const [token, setToken] = useState<string>();
  const [fault, setFault] = useState<unknown>(null);
  const cinemas = useQuery({
    ...ask('exhibition', 'cinemas', { query: { limit: CINEMAS_MAX } }), enabled: open,
  });
  const create = async (body: SiteForm) => {
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
          <Form.Item name="forCircuit" valuePropName="checked" initialValue={false}>
            <Checkbox>{t('forCircuit')}</Checkbox>
          </Form.Item>
        </Form>
      ) : <Instructions token={token} />}
      <ProblemNote fault={fault} />
    </Dialog>
  );
}

/** One line that sets a box up; a telephone may carry it there as a picture. */
function Instructions({ token }: { token: string }) {
  const { t } = useTranslation('release');
  const [copied, setCopied] = useState(false);
  const line = `sudo npx yinglian --server ${location.origin} agent install --token ${token}`;
  return (
    <div role="status">
      <p>{t('token')}</p>
      <p className="mono token">{token}</p>
      <p>{t('installText')}</p>
      <p className="mono token">{line}</p>
      <p>
        <button type="button" className="button" onClick={() => {
          void navigator.clipboard.writeText(line).then(() => setCopied(true), () => undefined);
        }}>{t(copied ? 'copied' : 'copy')}</button>
      </p>
      <p>{t('qrText')}</p>
      <div className="site-code" role="img" aria-label={t('qrText')}>
        <div aria-hidden="true">
          <QRCode value={line} type="svg" size={220} color="#000000" bgColor="#ffffff" />
        </div>
      </div>
      <p>{t('installAfter')}</p>
    </div>
  );
}
