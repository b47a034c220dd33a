import { VERSION_FORMATS } from '@yinglian/contract';
import { Form, Input, InputNumber, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, forget } from '../kernel/api.ts';
import { useAsOpened } from '../kernel/parts/as-opened.ts';
import { Conflict, isConflict } from '../kernel/parts/conflict.tsx';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import type { Screen } from './screen.ts';

type Values = Pick<Screen, 'name'> & Partial<Pick<Screen, 'number' | 'seats' | 'formats'>>;

/** Registers a screen, or changes one that is given. */
export function ScreenEditor({ screen: newest, cinemaId, open, onClose }: {
  screen?: Screen; cinemaId: string; open: boolean; onClose: () => void;
}) {
  const screen = useAsOpened(newest, open);
  const { t } = useTranslation('exhibition');
  const kernel = useTranslation('kernel').t;
  const [form] = Form.useForm<Values>();
  const [fault, setFault] = useState<unknown>(null);
  const save = async (values: Values, version: number | undefined) => {
    const body = { cinemaId, name: values.name, number: values.number ?? null,
      seats: values.seats ?? null, formats: values.formats ?? [] };
    try {
      if (screen === undefined || version === undefined) {
        await api.exhibition.createScreen({ body });
      } else {
        await api.exhibition.updateScreen({ params: { id: screen.id },
          body: { ...body, version } });
      }
      setFault(null);
      await forget('exhibition');
      onClose();
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <>
      <Dialog title={screen?.name ?? t('addScreen')} open={open} onClose={onClose} actions={
        <button type="button" className="button button-first" onClick={() => form.submit()}>
          {kernel('save')}
        </button>
      }>
        <Form form={form} layout="vertical" preserve={false} initialValues={screen ?? {}}
          onFinish={(values) => void save(values, screen?.version)}>
          <Form.Item name="name" label={t('screenName')} rules={[{ required: true }]}>
            <Input maxLength={60} />
          </Form.Item>
          <Form.Item name="number" label={t('screenNumber')}><InputNumber min={1} /></Form.Item>
          <Form.Item name="seats" label={t('screenSeats')}><InputNumber min={0} /></Form.Item>
          <Form.Item name="formats" label={t('screenFormats')}>
            <Select mode="tags"
              options={VERSION_FORMATS.map((value) => ({ value, label: value }))} />
          </Form.Item>
        </Form>
        {isConflict(fault) ? null : <ProblemNote fault={fault} />}
      </Dialog>
      <Conflict fault={fault} onClose={() => setFault(null)}
        labels={{ name: t('screenName'), number: t('screenNumber'), seats: t('screenSeats'),
          formats: t('screenFormats') }}
        onResolve={(merged, version) => void save(merged as Values, version)} />
    </>
  );
}
