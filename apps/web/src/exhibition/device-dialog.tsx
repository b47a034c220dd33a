import { Form, Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, forget } from '../kernel/api.ts';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { FilePicker } from '../kernel/parts/file-picker.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import type { Screen } from './screen.ts';

const KINDS = ['media_block', 'projector', 'server', 'other'] as const;
type Values = {
  kind: (typeof KINDS)[number]; maker?: string; model?: string; serial?: string;
  certificatePem: string;
};

/** A device with its certificate takes the place of the one before. */
export function DeviceDialog({ screen, open, onClose }: {
  screen: Screen; open: boolean; onClose: () => void;
}) {
  const { t } = useTranslation('exhibition');
  const kernel = useTranslation('kernel').t;
  const [form] = Form.useForm<Values>();
  const [fault, setFault] = useState<unknown>(null);
  const install = async (values: Values) => {
    try {
      await api.exhibition.installDevice({ params: { id: screen.id }, body: {
        ...values, maker: values.maker || null, model: values.model || null,
        serial: values.serial || null,
      } });
      setFault(null);
      await forget('exhibition', 'distribution');
      onClose();
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <Dialog title={t('deviceOf', { screen: screen.name })} open={open} onClose={onClose} actions={
      <button type="button" className="button button-first" onClick={() => form.submit()}>
        {kernel('save')}
      </button>
    }>
      <p className="muted">{t('deviceText')}</p>
      <Form form={form} layout="vertical" initialValues={{ kind: 'media_block' }}
        onFinish={(values) => void install(values)}>
        <FilePicker accept=".pem,.crt,.cer,.txt" label={t('choosePem')}
          onChoose={(file) => void file.text().then((text) =>
            form.setFieldValue('certificatePem', text))} />
        <Form.Item name="certificatePem" label={t('pem')} rules={[{ required: true }]}
          className="pem">
          <Input.TextArea rows={5} maxLength={100_000} className="mono"
            placeholder="-----BEGIN CERTIFICATE-----" />
        </Form.Item>
        <Form.Item name="kind" label={t('deviceKindLabel')}>
          <Select
            options={KINDS.map((value) => ({ value, label: t(`deviceKind.${value}`) }))} />
        </Form.Item>
        <Form.Item name="maker" label={t('maker')}><Input maxLength={80} /></Form.Item>
        <Form.Item name="model" label={t('model')}><Input maxLength={80} /></Form.Item>
        <Form.Item name="serial" label={t('serial')}><Input maxLength={80} /></Form.Item>
      </Form>
      <ProblemNote fault={fault} />
    </Dialog>
  );
}
