import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import {
  contract, EQUIPMENT, type InputOf, type OutputOf, TAXPAYERS,
} from '@yinglian/contract';
import { Form, Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useAsOpened } from '../kernel/parts/as-opened.ts';
import { Conflict, isConflict } from '../kernel/parts/conflict.tsx';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';

export type Cinema = OutputOf<typeof contract.exhibition.cinema.result>;
type CinemaWrite = InputOf<typeof contract.exhibition.createCinema.body>;

const FIELDS = ['name', 'nameEnglish', 'code', 'circuitId', 'province', 'city', 'address',
  'timeZone', 'email', 'equipment', 'taxpayer', 'organisationId'] as const;

/** Registers a cinema, or changes one that is given. */
export function CinemaEditor({ cinema: newest, open, onClose }: {
  cinema?: Cinema; open: boolean; onClose: () => void;
}) {
  const cinema = useAsOpened(newest, open);
  const { t } = useTranslation('exhibition');
  const kernel = useTranslation('kernel').t;
  const navigate = useNavigate();
  const [form] = Form.useForm<CinemaWrite>();
  const [fault, setFault] = useState<unknown>(null);
  const save = async (values: Partial<CinemaWrite>, version: number | undefined) => {
    const body = written({ ...cinema, ...values });
    try {
      const saved = cinema === undefined || version === undefined
        ? await api.exhibition.createCinema({ body })
        : await api.exhibition.updateCinema({ params: { id: cinema.id },
          body: { ...body, version } });
      setFault(null);
      await forget('exhibition');
      onClose();
      await navigate({ to: '/exhibition/cinemas/$id', params: { id: saved.id } });
    } catch (caught) {
      setFault(caught);
    }
  };
  const labels = Object.fromEntries(FIELDS.map((each) => [each, t(`field.${each}`)]));
  return (
    <>
      <Dialog title={cinema?.name ?? t('register')} open={open} onClose={onClose} actions={
        <button type="button" className="button button-first" onClick={() => form.submit()}>
          {kernel('save')}
        </button>
      }>
        <Form form={form} layout="vertical" className="cinema-form" preserve={false}
          initialValues={cinema ?? { timeZone: 'Asia/Shanghai' }}
          onFinish={(values) => void save(values, cinema?.version)}>
          <CinemaFields />
        </Form>
        {isConflict(fault) ? null : <ProblemNote fault={fault} />}
      </Dialog>
      <Conflict fault={fault} labels={labels} onClose={() => setFault(null)}
        onResolve={(merged, version) => void save(merged, version)} />
    </>
  );
}

function CinemaFields() {
  const { t } = useTranslation('exhibition');
  const circuits = useQuery(ask('exhibition', 'circuits', { query: { limit: 500 } }));
  return (
    <>
      <Form.Item name="name" label={t('field.name')} rules={[{ required: true }]}>
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item name="nameEnglish" label={t('field.nameEnglish')}><Input /></Form.Item>
      <Form.Item name="code" label={t('field.code')}
        rules={[{ pattern: /^\d{8}$/, message: t('codeRule') }]}>
        <Input inputMode="numeric" maxLength={8} className="mono" />
      </Form.Item>
      <Form.Item name="circuitId" label={t('field.circuitId')}>
        <Select allowClear options={(circuits.data?.rows ?? []).map((each) => ({
          value: each.id, label: each.name }))} />
      </Form.Item>
      <Form.Item name="province" label={t('field.province')}><Input /></Form.Item>
      <Form.Item name="city" label={t('field.city')}><Input /></Form.Item>
      <Form.Item name="address" label={t('field.address')}><Input /></Form.Item>
      <Form.Item name="timeZone" label={t('field.timeZone')} extra={t('timeZoneHint')}>
        <Input />
      </Form.Item>
      <Form.Item name="email" label={t('field.email')} rules={[{ type: 'email' }]}>
        <Input type="email" />
      </Form.Item>
      <Form.Item name="equipment" label={t('field.equipment')}>
        <Select allowClear
          options={EQUIPMENT.map((value) => ({ value, label: t(`equipmentKind.${value}`) }))} />
      </Form.Item>
      <Form.Item name="taxpayer" label={t('taxpayer')} extra={t('taxpayerHelp')}>
        <Select allowClear
          options={TAXPAYERS.map((value) => ({ value, label: t(`taxpayerKind.${value}`) }))} />
      </Form.Item>
    </>
  );
}

function written(values: Partial<CinemaWrite>): CinemaWrite {
  const blank = (name: (typeof FIELDS)[number]) => {
    const value = values[name];
    return value === undefined || value === '' ? null : value;
  };
  return {
    ...Object.fromEntries(FIELDS.map((name) => [name, blank(name)])),
    name: values.name ?? '', timeZone: values.timeZone ?? 'Asia/Shanghai',
  } as CinemaWrite;
}
