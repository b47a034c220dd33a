import { useQuery } from '@tanstack/react-query';
import { Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { Empty, Facts, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { isGivenUp, knowsPasskeys, registerPasskey } from '../kernel/passkeys.ts';
import { useSession } from '../kernel/session.ts';

/** One's own account: who one is here, and how one gets in. */
export function AccountPage() {
  const { t } = useTranslation('organisation');
  const kernel = useTranslation('kernel').t;
  const { user, organisations } = useSession();
  return (
    <Page title={kernel('account')} lead={t('accountLead')}>
      <div className="panel">
        <Facts
          rows={[
            [t('name'), user?.name],
            [t('email'), user?.email],
            [t('organisations'), organisations.map((each) => each.name).join(' · ') || '—'],
          ]}
        />
      </div>
      <Passkeys />
    </Page>
  );
}

function Passkeys() {
  const { t } = useTranslation('organisation');
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  const network = useQuery(ask('network', 'state'));
  const passkeys = useQuery(ask('passkeys', 'list'));
  const [naming, setNaming] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const possible = network.data?.capabilities['passkeys'] === true && knowsPasskeys();
  const remove = (id: string) =>
    api.passkeys
      .remove({ params: { id } })
      .then(() => forget('passkeys'))
      .catch(setFault);
  const add = possible ? (
    <button type="button" className="button button-first" onClick={() => setNaming(true)}>
      <Icon name="plus" />
      {t('addPasskey')}
    </button>
  ) : undefined;
  const rows = passkeys.data?.rows ?? [];
  return (
    <Section title={t('passkeys')} actions={rows.length === 0 ? undefined : add}>
      <ProblemNote fault={passkeys.error ?? fault} />
      {passkeys.isPending || network.isPending ? <Waiting /> : null}
      {passkeys.isSuccess && network.isSuccess && rows.length === 0 ? (
        <Empty title={t('noPasskeys')} action={add}>
          {t(possible ? 'noPasskeysText' : 'noPasskeysHere')}
        </Empty>
      ) : null}
      {rows.length === 0 ? null : (
        <Records
          label={t('passkeys')}
          rows={rows}
          keyOf={(each) => each.id}
          columns={[
            {
              title: t('name'),
              head: true,
              cell: (each) => (
                <>
                  {each.name}
                  {each.synced ? <small>{t('syncedPasskey')}</small> : null}
                </>
              ),
            },
            { title: t('created'), figure: true, cell: (each) => format.moment(each.createdAt) },
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
      <NewPasskey open={naming} onClose={() => setNaming(false)} />
    </Section>
  );
}

function NewPasskey({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation('organisation');
  const [form] = Form.useForm<{ name: string }>();
  const [fault, setFault] = useState<unknown>(null);
  const make = async ({ name }: { name: string }) => {
    try {
      await registerPasskey(name);
      setFault(null);
      await forget('passkeys');
      onClose();
    } catch (caught) {
      if (!isGivenUp(caught)) setFault(caught);
    }
  };
  return (
    <Dialog
      title={t('addPasskey')}
      open={open}
      onClose={onClose}
      actions={
        <button type="button" className="button button-first" onClick={() => form.submit()}>
          <Icon name="key" />
          {t('makePasskey')}
        </button>
      }
    >
      <p>{t('addPasskeyText')}</p>
      <Form form={form} layout="vertical" preserve={false} onFinish={(values) => void make(values)}>
        <Form.Item name="name" label={t('passkeyName')} rules={[{ required: true }]}>
          <Input maxLength={200} placeholder={t('passkeyNameHint')} />
        </Form.Item>
      </Form>
      <ProblemNote fault={fault} />
    </Dialog>
  );
}
