import { useQuery } from '@tanstack/react-query';
import type { contract, OutputOf, Role } from '@yinglian/contract';
import { ROLE_NAMES } from '@yinglian/contract';
import { Form, Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answers, api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { useAsOpened } from '../kernel/parts/as-opened.ts';
import { Conflict, isConflict } from '../kernel/parts/conflict.tsx';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { Facts, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { useSession } from '../kernel/session.ts';
import { OrganisationFields } from './organisation-fields.tsx';

type Organisation = OutputOf<typeof contract.organisations.get.result>;
type Member = OutputOf<typeof contract.organisations.members.result>['rows'][number];

/** The organisation one acts for: who it is, who belongs to it, what they may do. */
export function OrganisationPage() {
  const { t } = useTranslation('organisation');
  const kernel = useTranslation('kernel').t;
  const { organisation, can } = useSession();
  const id = organisation?.id ?? '';
  const [dialog, setDialog] = useState<'edit' | 'invite' | null>(null);
  const answer = useQuery({
    ...ask('organisations', 'get', { params: { id } }),
    enabled: id !== '',
  });
  if (answer.isPending) return <Waiting />;
  if (answer.isError) return <ProblemNote fault={answer.error} />;
  const { data } = answer;
  const administers = can('organisation.administer');
  return (
    <Page
      title={data.name}
      lead={data.nameEnglish ?? undefined}
      kicker={kernel(`kind.${data.kind}`)}
      actions={
        administers ? (
          <button type="button" className="button" onClick={() => setDialog('edit')}>
            {kernel('edit')}
          </button>
        ) : undefined
      }
    >
      <div className="panel">
        <Facts
          rows={[
            [t('creditCode'), data.creditCode],
            [t('kind'), kernel(`kind.${data.kind}`)],
          ]}
        />
      </div>
      <Section
        title={kernel('page.members')}
        actions={
          administers ? (
            <button
              type="button"
              className="button button-first"
              onClick={() => setDialog('invite')}
            >
              <Icon name="plus" />
              {t('invite')}
            </button>
          ) : undefined
        }
      >
        <Members organisationId={id} administers={administers} />
      </Section>
      <Edit organisation={data} open={dialog === 'edit'} onClose={() => setDialog(null)} />
      <Invite organisationId={id} open={dialog === 'invite'} onClose={() => setDialog(null)} />
    </Page>
  );
}

function roleKey(role: string): string {
  return `role.${role.replace('.', '_')}`;
}

function Members({
  organisationId,
  administers,
}: {
  organisationId: string;
  administers: boolean;
}) {
  const { t } = useTranslation('organisation');
  const kernel = useTranslation('kernel').t;
  const members = useQuery(ask('organisations', 'members', { params: { id: organisationId } }));
  const [changing, setChanging] = useState<Member | null>(null);
  if (members.isPending) return <Waiting />;
  if (members.isError) return <ProblemNote fault={members.error} />;
  return (
    <>
      <Records
        label={kernel('page.members')}
        rows={members.data.rows}
        keyOf={(each) => each.userId}
        columns={[
          {
            title: t('name'),
            head: true,
            cell: (each) => (
              <>
                {each.name}
                <small>{each.email}</small>
              </>
            ),
          },
          {
            title: t('roles'),
            cell: (each) => each.roles.map((role) => kernel(roleKey(role))).join(' · '),
          },
          ...(administers
            ? [
                {
                  title: t('change'),
                  cell: (each: Member) => (
                    <button type="button" className="link-button" onClick={() => setChanging(each)}>
                      {t('setRoles')}
                      <span className="sr-only">: {each.name}</span>
                    </button>
                  ),
                },
              ]
            : []),
        ]}
      />
      {changing === null ? null : (
        <Roles
          organisationId={organisationId}
          member={changing}
          onClose={() => setChanging(null)}
        />
      )}
    </>
  );
}

function RoleSelect(props: { value?: Role[]; onChange?: (roles: Role[]) => void; id?: string }) {
  const { t } = useTranslation('organisation');
  const kernel = useTranslation('kernel').t;
  return (
    <Select<Role[]>
      {...props}
      mode="multiple"
      style={{ inlineSize: '100%' }}
      aria-label={t('roles')}
      options={ROLE_NAMES.map((value) => ({ value, label: kernel(roleKey(value)) }))}
    />
  );
}

function Roles({
  organisationId,
  member,
  onClose,
}: {
  organisationId: string;
  member: Member;
  onClose: () => void;
}) {
  const { t } = useTranslation('organisation');
  const kernel = useTranslation('kernel').t;
  const [roles, setRoles] = useState<Role[]>([...member.roles]);
  const [fault, setFault] = useState<unknown>(null);
  const save = async () => {
    try {
      await api.organisations.setRoles({
        params: { id: organisationId, userId: member.userId },
        body: { roles },
      });
      await forget('organisations', 'session');
      onClose();
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <Dialog
      title={t('rolesOf', { name: member.name })}
      open
      onClose={onClose}
      actions={
        <button
          type="button"
          className="button button-first"
          disabled={roles.length === 0}
          onClick={() => void save()}
        >
          {kernel('save')}
        </button>
      }
    >
      <RoleSelect value={roles} onChange={setRoles} />
      <ProblemNote fault={fault} />
    </Dialog>
  );
}

function Edit({
  organisation: newest,
  open,
  onClose,
}: {
  organisation: Organisation;
  open: boolean;
  onClose: () => void;
}) {
  const organisation = useAsOpened(newest, open);
  const { t } = useTranslation('organisation');
  const kernel = useTranslation('kernel').t;
  const [form] = Form.useForm<Organisation>();
  const [fault, setFault] = useState<unknown>(null);
  const save = async (values: Partial<Organisation>, version: number) => {
    const { name = organisation.name, kind = organisation.kind, nameEnglish, creditCode } = values;
    try {
      const saved = await api.organisations.update({
        params: { id: organisation.id },
        body: {
          name,
          kind,
          nameEnglish: nameEnglish || null,
          creditCode: creditCode || null,
          version,
        },
      });
      answers.setQueryData(
        ask('organisations', 'get', { params: { id: organisation.id } }).queryKey,
        saved,
      );
      setFault(null);
      await forget('session');
      onClose();
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <>
      <Dialog
        title={organisation.name}
        open={open}
        onClose={onClose}
        actions={
          <button type="button" className="button button-first" onClick={() => form.submit()}>
            {kernel('save')}
          </button>
        }
      >
        <Form
          form={form}
          layout="vertical"
          preserve={false}
          initialValues={organisation}
          onFinish={(values) => void save(values, organisation.version)}
        >
          <OrganisationFields />
        </Form>
        {isConflict(fault) ? null : <ProblemNote fault={fault} />}
      </Dialog>
      <Conflict
        fault={fault}
        onClose={() => setFault(null)}
        labels={{
          name: t('organisationName'),
          nameEnglish: t('nameEnglish'),
          kind: t('kind'),
          creditCode: t('creditCode'),
        }}
        onResolve={(merged, version) => void save(merged as Partial<Organisation>, version)}
      />
    </>
  );
}

function Invite({
  organisationId,
  open,
  onClose,
}: {
  organisationId: string;
  open: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation('organisation');
  const format = useFormat();
  const [form] = Form.useForm<{ email: string; roles: Role[] }>();
  const [sent, setSent] = useState<{ email: string; link: string; expiresAt: string }>();
  const [fault, setFault] = useState<unknown>(null);
  const invite = async (body: { email: string; roles: Role[] }) => {
    try {
      setSent(await api.organisations.invite({ params: { id: organisationId }, body }));
      setFault(null);
    } catch (caught) {
      setFault(caught);
    }
  };
  const close = () => {
    setSent(undefined);
    form.resetFields();
    onClose();
  };
  return (
    <Dialog
      title={t('invite')}
      open={open}
      onClose={close}
      actions={
        sent === undefined ? (
          <button type="button" className="button button-first" onClick={() => form.submit()}>
            {t('makeInvitation')}
          </button>
        ) : undefined
      }
    >
      {sent === undefined ? (
        <Form form={form} layout="vertical" onFinish={(values) => void invite(values)}>
          <Form.Item name="email" label={t('email')} rules={[{ required: true, type: 'email' }]}>
            <Input type="email" />
          </Form.Item>
          <Form.Item name="roles" label={t('roles')} rules={[{ required: true }]}>
            <RoleSelect />
          </Form.Item>
        </Form>
      ) : (
        <div className="stack">
          <p>{t('invited', { email: sent.email, until: format.moment(sent.expiresAt) })}</p>
          <input
            className="input mono"
            readOnly
            value={sent.link}
            aria-label={t('link')}
            onFocus={(event) => event.target.select()}
          />
        </div>
      )}
      <ProblemNote fault={fault} />
    </Dialog>
  );
}
