import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { contract, InputOf } from '@yinglian/contract';
import { Button, Form, Input, InputNumber, Select, Switch } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFilmId } from '../kernel/film.ts';
import { Empty, Page } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { RateField } from './rate-field.tsx';
import './distribution.css';

type Build = InputOf<typeof contract.distribution.build.body>;
/** `way` is the choice of a frame rate, `speed 24`. */
type Values = Omit<Build, 'filmId' | 'conform' | 'frameRate'> & { way?: string };
const BIT_RATE_LEAST = 20;
const BIT_RATE_MOST = 250;

/** A master becomes a package: few choices, each with a good default. */
export function BuildPage() {
  const { t } = useTranslation('distribution');
  const kernel = useTranslation('kernel').t;
  const navigate = useNavigate();
  const filmId = useFilmId();
  const { asset } = useSearch({ from: '/desk/distribution/build' });
  const [fault, setFault] = useState<unknown>(null);
  const assets = useQuery(ask('production', 'assets', {
    query: { limit: 500, ...(filmId === undefined ? {} : { filmId }) },
  }));
  const masters = (assets.data?.rows ?? []).filter((each) => each.state === 'accepted');
  const build = async (values: Values) => {
    const master = masters.find((each) => each.id === values.assetId);
    if (master === undefined) return;
    try {
      const { way, ...rest } = values;
      const [conform, frameRate] = (way?.split(' ') ?? []) as [Build['conform'], string?];
      const made = await api.distribution.build({ body: {
        ...defined({ ...rest, conform, frameRate }), filmId: master.filmId,
      } });
      await forget('distribution', 'jobs', 'film');
      await navigate({ to: '/distribution/packages/$id', params: { id: made.id } });
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <Page title={kernel('do.build')} lead={t('buildLead')}
      kicker={<Link to="/distribution">{kernel('page.packages')}</Link>}>
      <ProblemNote fault={assets.error} />
      {assets.isSuccess && masters.length === 0 ? (
        <Empty title={t('noMaster')}
          action={<Link to="/production" className="button">{kernel('page.assets')}</Link>}>
          {t('noMasterText')}
        </Empty>
      ) : (
        <Form className="panel" layout="vertical" key={masters[0]?.id ?? 'none'}
          onFinish={(values) => void build(values as Values)}
          initialValues={{
            assetId: asset ?? masters[0]?.id, container: 'flat', resolution: '2k', encrypt: true,
            standard: 'smpte', bitRateMbit: 200, audioLanguage: 'zh', territory: 'CN',
          }}>
          <BuildFields masters={masters} />
          <RateField />
          <ProblemNote fault={fault} />
          <Button type="primary" htmlType="submit">{t('begin')}</Button>
        </Form>
      )}
    </Page>
  );
}

function BuildFields({ masters }: { masters: readonly { id: string; title: string }[] }) {
  const { t } = useTranslation('distribution');
  const choice = (name: string, values: readonly string[]) => (
    <Form.Item name={name} label={t(`build.${name}`)}>
      <Select options={values.map((value) => ({ value, label: t(`choice.${value}`) }))} />
    </Form.Item>
  );
  return (
    <>
      <Form.Item name="assetId" label={t('build.assetId')} rules={[{ required: true }]}>
        <Select options={masters.map((each) => ({ value: each.id, label: each.title }))} />
      </Form.Item>
      <Form.Item name="title" label={t('build.title')} extra={t('build.titleHint')}>
        <Input maxLength={200} className="mono" />
      </Form.Item>
      <div className="field-row">
        {choice('container', ['flat', 'scope', 'full'])}
        {choice('resolution', ['2k', '4k'])}
        {choice('standard', ['smpte', 'interop'])}
        <Form.Item name="bitRateMbit" label={t('build.bitRateMbit')}>
          <InputNumber min={BIT_RATE_LEAST} max={BIT_RATE_MOST} />
        </Form.Item>
        <Form.Item name="audioLanguage" label={t('build.audioLanguage')}><Input /></Form.Item>
        <Form.Item name="territory" label={t('build.territory')}><Input /></Form.Item>
        <Form.Item name="rating" label={t('build.rating')}><Input /></Form.Item>
      </div>
      <Form.Item name="encrypt" label={t('build.encrypt')} valuePropName="checked"
        extra={t('build.encryptHint')}>
        <Switch />
      </Form.Item>
    </>
  );
}

/** What was left empty is not sent. */
function defined<Fields extends object>(values: Fields) {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== ''),
  ) as { [Key in keyof Fields]: Exclude<Fields[Key], undefined> };
}
