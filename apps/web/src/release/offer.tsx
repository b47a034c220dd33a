import { useQuery } from '@tanstack/react-query';
import type { contract, ResultOf } from '@yinglian/contract';
import { Form, Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { Findings } from '../kernel/parts/findings.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import type { Release } from './plan-text.ts';

type Values = { filmVersionId: string; circuitIds?: string[]; cinemaIds?: string[];
  from?: string; to?: string };
const ROWS_MAX = 500;

/** A release goes to circuits and cinemas in one step. */
export function OfferDialog({ release, open, onClose }: {
  release: Release; open: boolean; onClose: () => void;
}) {
  const { t } = useTranslation('release');
  const [form] = Form.useForm<Values>();
  const [fault, setFault] = useState<unknown>(null);
  const [done, setDone] = useState<ResultOf<typeof contract.bookings.offer>>();
  const circuits = useQuery({
    ...ask('exhibition', 'circuits', { query: { limit: ROWS_MAX } }), enabled: open,
  });
  const cinemas = useQuery({
    ...ask('exhibition', 'cinemas', { query: { limit: ROWS_MAX } }), enabled: open,
  });
  const offer = async (values: Values) => {
    try {
      const { filmVersionId, circuitIds = [], cinemaIds = [], from = '', to = '' } = values;
      setDone(await api.bookings.offer({ body: {
        releaseId: release.id, filmVersionId, circuitIds, cinemaIds,
        ...(from === '' ? {} : { from }), ...(to === '' ? {} : { to }),
      } }));
      setFault(null);
      await forget('bookings', 'releases');
    } catch (caught) {
      setFault(caught);
    }
  };
  const choose = (rows: readonly { id: string; name: string }[] | undefined) => (
    <Select mode="multiple" optionFilterProp="label" maxTagCount="responsive"
      getPopupContainer={(node) => node.parentElement!}
      options={(rows ?? []).map((each) => ({ value: each.id, label: each.name }))} />
  );
  return (
    <Dialog title={t('offer')} open={open} onClose={onClose} actions={
      <button type="button" className="button button-first" onClick={() => form.submit()}>
        {t('offer')}
      </button>
    }>
      <Form form={form} layout="vertical" onFinish={(values) => void offer(values)}
        initialValues={{ filmVersionId: release.plan.versions[0]?.filmVersionId }}>
        <Form.Item name="filmVersionId" label={t('offerVersion')} rules={[{ required: true }]}>
          <Select getPopupContainer={(node) => node.parentElement!}
            options={release.plan.versions.map((each) => ({
              value: each.filmVersionId, label: `${each.format} ${each.filmCode ?? ''}` }))} />
        </Form.Item>
        <Form.Item name="circuitIds" label={t('offerCircuits')} extra={t('offerHint')}>
          {choose(circuits.data?.rows)}
        </Form.Item>
        <Form.Item name="cinemaIds" label={t('offerCinemas')}>
          {choose(cinemas.data?.rows)}
        </Form.Item>
        <div className="field-row">
          <Form.Item name="from" label={t('offerFrom')}><Input type="date" /></Form.Item>
          <Form.Item name="to" label={t('offerTo')}><Input type="date" /></Form.Item>
        </div>
      </Form>
      {done === undefined ? null : (
        <div role="status">
          <p>{t('offered', { count: done.offered })}{done.skipped.length === 0
            ? '' : ` · ${t('skipped', { count: done.skipped.length })}`}</p>
          <Findings findings={done.skipped.flatMap((each) => each.findings)} />
        </div>
      )}
      <ProblemNote fault={fault ?? circuits.error ?? cinemas.error} />
    </Dialog>
  );
}
