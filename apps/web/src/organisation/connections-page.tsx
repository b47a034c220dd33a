import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CHANGE_EVENTS } from '@yinglian/contract';
import { Form, Input, InputNumber, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { Empty, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { useSession } from '../kernel/session.ts';
import { SignInProviders } from './sign-in-providers.tsx';

const DAYS_FIRST = 90;
const DAYS_MOST = 730;
/** Programs that act for the organisation, and addresses that hear of changes. */
export function ConnectionsPage() {
  const { t } = useTranslation('organisation');
  const kernel = useTranslation('kernel').t;
  const { can } = useSession();
  return (
    <Page title={kernel('page.connections')} lead={t('connectionsLead')}>
      {can('network.administer') ? (
        <p>
          <Link to="/organisation/custody">{kernel('page.custody')}</Link>
        </p>
      ) : null}
      {can('network.administer') ? <SignInProviders /> : null}
      {can('organisation.administer') ? (
        <>
          <ApiKeys />
          <Webhooks />
        </>
      ) : (
        <Empty title={t('administersOnly')}>{t('administersOnlyText')}</Empty>
      )}
    </Page>
  );
}

/** Shown once: a key or a secret that nobody can look up again. */
function ShownOnce({ value, label }: { value: string; label: string }) {
  const { t } = useTranslation('organisation');
  return (
    <div className="stack">
      <p>{t('shownOnce')}</p>
      <input
        className="input mono"
        readOnly
        value={value}
        aria-label={label}
        onFocus={(event) => event.target.select()}
      />
    </div>
  );
}

function ApiKeys() {
  const { t } = useTranslation('organisation');
  const format = useFormat();
  const keys = useQuery(ask('session', 'apiKeys'));
  const [creating, setCreating] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const revoke = (id: string) =>
    api.session
      .revokeApiKey({ params: { id } })
      .then(() => forget('session'))
      .catch(setFault);
  return (
    <Section
      title={t('apiKeys')}
      actions={
        <button type="button" className="button" onClick={() => setCreating(true)}>
          <Icon name="plus" />
          {t('newKey')}
        </button>
      }
    >
      <ProblemNote fault={keys.error ?? fault} />
      {keys.isPending ? <Waiting /> : null}
      {keys.data?.rows.length === 0 ? (
        <Empty title={t('noApiKeys')}>{t('noApiKeysText')}</Empty>
      ) : null}
      {keys.data === undefined || keys.data.rows.length === 0 ? null : (
        <Records
          label={t('apiKeys')}
          rows={keys.data.rows}
          keyOf={(each) => each.id}
          columns={[
            { title: t('passkeyName'), head: true, cell: (each) => each.name },
            {
              title: t('keyStart'),
              cell: (each) => (
                <span className="mono">{each.start === null ? '—' : `${each.start}…`}</span>
              ),
            },
            { title: t('expires'), figure: true, cell: (each) => format.day(each.expiresAt) },
            { title: t('lastUsed'), figure: true, cell: (each) => format.moment(each.lastUsedAt) },
            {
              title: t('change'),
              cell: (each) => (
                <button type="button" className="link-button" onClick={() => void revoke(each.id)}>
                  {t('revoke')}
                  <span className="sr-only">: {each.name}</span>
                </button>
              ),
            },
          ]}
        />
      )}
      <CreateKey open={creating} onClose={() => setCreating(false)} />
    </Section>
  );
}

function CreateKey({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation('organisation');
  const kernel = useTranslation('kernel').t;
  const [form] = Form.useForm<{ name: string; expiresInDays: number }>();
  const [key, setKey] = useState<string>();
  const [fault, setFault] = useState<unknown>(null);
  const create = async (body: { name: string; expiresInDays: number }) => {
    try {
      setKey((await api.session.createApiKey({ body })).key);
      setFault(null);
      await forget('session');
    } catch (caught) {
      setFault(caught);
    }
  };
  const close = () => {
    setKey(undefined);
    form.resetFields();
    onClose();
  };
  return (
    <Dialog
      title={t('newKey')}
      open={open}
      onClose={close}
      actions={
        key === undefined ? (
          <button type="button" className="button button-first" onClick={() => form.submit()}>
            {kernel('create')}
          </button>
        ) : undefined
      }
    >
      {key === undefined ? (
        <Form
          form={form}
          layout="vertical"
          initialValues={{ expiresInDays: DAYS_FIRST }}
          onFinish={(values) => void create(values)}
        >
          <Form.Item name="name" label={t('name')} rules={[{ required: true }]}>
            <Input maxLength={200} />
          </Form.Item>
          <Form.Item name="expiresInDays" label={t('days')} rules={[{ required: true }]}>
            <InputNumber min={1} max={DAYS_MOST} />
          </Form.Item>
        </Form>
      ) : (
        <ShownOnce value={key} label={t('newKey')} />
      )}
      <ProblemNote fault={fault} />
    </Dialog>
  );
}

function Webhooks() {
  const { t } = useTranslation('organisation');
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  const hooks = useQuery(ask('webhooks', 'list'));
  const [creating, setCreating] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const remove = (id: string) =>
    api.webhooks
      .remove({ params: { id } })
      .then(() => forget('webhooks'))
      .catch(setFault);
  return (
    <Section
      title={t('webhooks')}
      actions={
        <button type="button" className="button" onClick={() => setCreating(true)}>
          <Icon name="plus" />
          {t('newWebhook')}
        </button>
      }
    >
      <ProblemNote fault={hooks.error ?? fault} />
      {hooks.data?.rows.length === 0 ? (
        <Empty title={t('noWebhooks')}>{t('noWebhooksText')}</Empty>
      ) : null}
      {hooks.data === undefined || hooks.data.rows.length === 0 ? null : (
        <Records
          label={t('webhooks')}
          rows={hooks.data.rows}
          keyOf={(each) => each.id}
          columns={[
            { title: t('url'), head: true, cell: (each) => each.url },
            { title: t('events'), cell: (each) => each.events.join(' · ') },
            {
              title: t('lastDelivery'),
              figure: true,
              cell: (each) =>
                each.lastDelivery === null
                  ? '—'
                  : `${each.lastDelivery.status ?? '×'} · ${format.moment(each.lastDelivery.at)}`,
            },
            {
              title: t('change'),
              cell: (each) => (
                <button type="button" className="link-button" onClick={() => void remove(each.id)}>
                  {kernel('delete')}
                  <span className="sr-only">: {each.url}</span>
                </button>
              ),
            },
          ]}
        />
      )}
      <CreateWebhook open={creating} onClose={() => setCreating(false)} />
    </Section>
  );
}

function CreateWebhook({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation('organisation');
  const kernel = useTranslation('kernel').t;
  const [form] = Form.useForm<{ url: string; events: string[] }>();
  const [secret, setSecret] = useState<string>();
  const [fault, setFault] = useState<unknown>(null);
  const create = async (body: { url: string; events: string[] }) => {
    try {
      setSecret((await api.webhooks.create({ body })).secret);
      setFault(null);
      await forget('webhooks');
    } catch (caught) {
      setFault(caught);
    }
  };
  const close = () => {
    setSecret(undefined);
    form.resetFields();
    onClose();
  };
  return (
    <Dialog
      title={t('newWebhook')}
      open={open}
      onClose={close}
      actions={
        secret === undefined ? (
          <button type="button" className="button button-first" onClick={() => form.submit()}>
            {kernel('create')}
          </button>
        ) : undefined
      }
    >
      {secret === undefined ? (
        <Form form={form} layout="vertical" onFinish={(values) => void create(values)}>
          <Form.Item name="url" label={t('url')} rules={[{ required: true, type: 'url' }]}>
            <Input type="url" placeholder="https://" />
          </Form.Item>
          <Form.Item name="events" label={t('events')} rules={[{ required: true }]}>
            <Select
              mode="multiple"
              options={CHANGE_EVENTS.map((value) => ({
                value,
                label: t(`event.${value === '*' ? 'all' : value}`),
              }))}
            />
          </Form.Item>
        </Form>
      ) : (
        <ShownOnce value={secret} label={t('secret')} />
      )}
      <ProblemNote fault={fault} />
    </Dialog>
  );
}
