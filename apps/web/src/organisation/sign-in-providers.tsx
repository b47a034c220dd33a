import { useQuery } from '@tanstack/react-query';
import type { contract, InputOf } from '@yinglian/contract';
import { Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { Empty, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';

type Provider = InputOf<typeof contract.signInProviders.add.body>;

/** Single sign-on by OpenID Connect, for who looks after this server. */
export function SignInProviders() {
  const { t } = useTranslation('organisation');
  const kernel = useTranslation('kernel').t;
  const providers = useQuery(ask('signInProviders', 'all'));
  const [adding, setAdding] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const remove = (id: string) =>
    api.signInProviders
      .remove({ params: { id } })
      .then(() => forget('signInProviders'))
      .catch(setFault);
  const rows = providers.data?.rows ?? [];
  return (
    <Section
      title={t('providers')}
      actions={
        <button type="button" className="button" onClick={() => setAdding(true)}>
          <Icon name="plus" />
          {t('addProvider')}
        </button>
      }
    >
      <ProblemNote fault={providers.error ?? fault} />
      {providers.isPending ? <Waiting /> : null}
      {providers.isSuccess && rows.length === 0 ? (
        <Empty title={t('noProviders')}>{t('noProvidersText')}</Empty>
      ) : null}
      {rows.length === 0 ? null : (
        <Records
          label={t('providers')}
          rows={rows}
          keyOf={(each) => each.id}
          columns={[
            {
              title: t('name'),
              head: true,
              cell: (each) => (
                <>
                  {each.name}
                  <small>{each.domain}</small>
                </>
              ),
            },
            { title: t('issuer'), cell: (each) => each.issuer },
            {
              title: t('callbackUrl'),
              cell: (each) => <span className="mono">{each.callbackUrl}</span>,
            },
            {
              title: t('change'),
              cell: (each) => (
                <button type="button" className="link-button" onClick={() => void remove(each.id)}>
                  {kernel('delete')}
                  <span className="sr-only">: {each.name}</span>
                </button>
              ),
            },
          ]}
        />
      )}
      <AddProvider open={adding} onClose={() => setAdding(false)} />
    </Section>
  );
}

const FIELDS = ['name', 'id', 'issuer', 'domain', 'clientId', 'clientSecret'] as const;

function AddProvider({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation('organisation');
  const kernel = useTranslation('kernel').t;
  const [form] = Form.useForm<Provider>();
  const [fault, setFault] = useState<unknown>(null);
  const add = async (body: Provider) => {
    try {
      await api.signInProviders.add({ body });
      setFault(null);
      await forget('signInProviders');
      onClose();
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <Dialog
      title={t('addProvider')}
      open={open}
      onClose={onClose}
      actions={
        <button type="button" className="button button-first" onClick={() => form.submit()}>
          {kernel('save')}
        </button>
      }
    >
      <p>{t('addProviderText')}</p>
      <Form form={form} layout="vertical" preserve={false} onFinish={(values) => void add(values)}>
        {FIELDS.map((field) => (
          <Form.Item
            key={field}
            name={field}
            label={t(`provider.${field}`)}
            extra={t(`provider.${field}Hint`, { defaultValue: '' }) || undefined}
            rules={[{ required: true }]}
          >
            {field === 'clientSecret' ? (
              <Input.Password autoComplete="off" />
            ) : (
              <Input autoComplete="off" />
            )}
          </Form.Item>
        ))}
      </Form>
      <ProblemNote fault={fault} />
    </Dialog>
  );
}
