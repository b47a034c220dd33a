import { Link } from '@tanstack/react-router';
import { Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { Empty, Page } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';

/** Circuits, each with its cinemas. */
export function CircuitsPage() {
  const { t } = useTranslation('exhibition');
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  const { can } = useSession();
  const [creating, setCreating] = useState(false);
  return (
    <Page title={kernel('page.circuits')} lead={t('circuitsLead')}
      actions={can('exhibition.write') ? (
        <button type="button" className="button button-first" onClick={() => setCreating(true)}>
          <Icon name="plus" />{t('registerCircuit')}
        </button>
      ) : undefined}>
      <Paged label={kernel('page.circuits')} name={['exhibition', 'circuits']}
        load={(after, signal) => api.exhibition.circuits({
          query: after === undefined ? {} : { after }, signal })}
        keyOf={(each) => each.id}
        empty={<Empty title={t('noCircuits')}>{t('noCircuitsText')}</Empty>}
        columns={[
          { title: t('circuit'), head: true, cell: (each) => (
            <Link to="/exhibition" search={{ circuit: each.id }}>{each.name}</Link>
          ) },
          { title: t('circuitCode'), cell: (each) => (
            <span className="mono">{each.code ?? '—'}</span>
          ) },
          { title: t('cinemas'), figure: true, cell: (each) => format.number(each.cinemas) },
        ]} />
      <CreateCircuit open={creating} onClose={() => setCreating(false)} />
    </Page>
  );
}

function CreateCircuit({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation('exhibition');
  const kernel = useTranslation('kernel').t;
  const [form] = Form.useForm<{ name: string; code?: string }>();
  const [fault, setFault] = useState<unknown>(null);
  const create = async (values: { name: string; code?: string }) => {
    try {
      await api.exhibition.createCircuit({
        body: { name: values.name, code: values.code || null, organisationId: null },
      });
      setFault(null);
      form.resetFields();
      await forget('exhibition');
      onClose();
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <Dialog title={t('registerCircuit')} open={open} onClose={onClose} actions={
      <button type="button" className="button button-first" onClick={() => form.submit()}>
        {kernel('create')}
      </button>
    }>
      <Form form={form} layout="vertical" onFinish={(values) => void create(values)}>
        <Form.Item name="name" label={t('field.name')} rules={[{ required: true }]}>
          <Input maxLength={200} />
        </Form.Item>
        <Form.Item name="code" label={t('circuitCode')}><Input maxLength={40} /></Form.Item>
      </Form>
      <ProblemNote fault={fault} />
    </Dialog>
  );
}
