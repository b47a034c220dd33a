import { useNavigate } from '@tanstack/react-router';
import type { contract, InputOf } from '@yinglian/contract';
import { Button, Form } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../kernel/api.ts';
import { Page } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { beginSession } from '../kernel/session.ts';
import { OrganisationFields } from './organisation-fields.tsx';

type Write = InputOf<typeof contract.organisations.create.body>;

/** Sets up an organisation; whoever does so owns it and acts for it from then on. */
export function NewOrganisationPage() {
  const { t } = useTranslation('organisation');
  const navigate = useNavigate();
  const [fault, setFault] = useState<unknown>(null);
  const create = async (values: Write) => {
    try {
      const made = await api.organisations.create({
        body: {
          name: values.name,
          kind: values.kind,
          nameEnglish: values.nameEnglish || null,
          creditCode: values.creditCode || null,
        },
      });
      beginSession(await api.session.chooseOrganisation({ body: { organisationId: made.id } }));
      await navigate({ to: '/films', search: {} });
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <Page title={t('setUp')} lead={t('setUpLead')}>
      <Form className="panel" layout="vertical" onFinish={(values: Write) => void create(values)}>
        <OrganisationFields />
        <ProblemNote fault={fault} />
        <Button type="primary" htmlType="submit" size="large">
          {t('setUpSubmit')}
        </Button>
      </Form>
    </Page>
  );
}
