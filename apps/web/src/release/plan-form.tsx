import { Button, Form, Input, InputNumber, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, forget } from '../kernel/api.ts';
import { Icon } from '../kernel/parts/icon.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import {
  classesText, fenOfYuan, parseClasses, type Plan, type Release, yuanOfFen,
} from './plan-text.ts';
import { type ZoneValues, Zones, zonesOf, zoneValues } from './plan-zones.tsx';

const MINUTES_AN_HOUR = 60;
const HOURS_MAX = 168;
const PERIODS_MAX = 40;

type Period = { kind: Plan['periods'][number]['kind']; from: string; to: string;
  /** Yuan by `format class`. */
  standards: Record<string, string> };
const PROFILES = ['auto', 'standard', 'smpte', 'interop', 'bv21'] as const;

type Counting = NonNullable<Plan['minimumScreenings'][number]['counted']>;
const COUNTINGS = ['day', 'week', 'range'] as const satisfies readonly Counting[];

type Values = { profile: Plan['packageProfile']['base']; house?: string;
  periods: Period[]; zones?: ZoneValues[]; classes: string;
  perDay?: number | null; counted: Counting; note: string;
  beforeHours: number; afterHours: number };

const nameOf = (format: string, cityClass: string) => `${format} ${cityClass}`;

function valuesOf(plan: Plan): Values {
  return {
    periods: plan.periods.map((each) => ({
      kind: each.kind, from: each.from, to: each.to,
      standards: Object.fromEntries(each.standards.map((one) => [
        nameOf(one.format, one.cityClass), yuanOfFen(one.fen)])),
    })),
    zones: zoneValues(plan),
    classes: classesText(plan),
    perDay: plan.minimumScreenings[0]?.perDay ?? null,
    counted: plan.minimumScreenings[0]?.counted ?? 'day',
    note: plan.note,
    profile: plan.packageProfile.base,
    house: plan.packageProfile.house ?? '',
    beforeHours: plan.keyMargins.beforeMinutes / MINUTES_AN_HOUR,
    afterHours: plan.keyMargins.afterMinutes / MINUTES_AN_HOUR,
  };
}

/** What the form does not show (terms, further minimums) stays as it is. */
function planOf(plan: Plan, values: Values): Plan {
  const cityClasses = parseClasses(values.classes);
  const formats = [...new Set(plan.versions.map((each) => each.format))];
  const periods = values.periods.map(({ kind, from, to, standards }) => ({
    kind, from, to,
    standards: formats.flatMap((format) => cityClasses.flatMap(({ name }) => {
      const fen = fenOfYuan(standards?.[nameOf(format, name)] ?? '');
      return fen === undefined ? [] : [{ format, cityClass: name, fen }];
    })),
  }));
  const run = periods.filter((each) => each.kind !== 'preview');
  const [first] = run;
  const minimum = values.perDay == null || first === undefined ? [] : [{
    from: plan.minimumScreenings[0]?.from ?? first.from,
    to: plan.minimumScreenings[0]?.to ?? run.at(-1)!.to, perDay: values.perDay,
    ...(values.counted === 'day' ? {} : { counted: values.counted }),
  }];
  return {
    ...plan, periods, zones: zonesOf(values.zones), cityClasses, note: values.note ?? '',
    minimumScreenings: [...minimum, ...plan.minimumScreenings.slice(1)],
    packageProfile: profileOf(plan, values),
    keyMargins: {
      beforeMinutes: Math.round(values.beforeHours * MINUTES_AN_HOUR),
      afterMinutes: Math.round(values.afterHours * MINUTES_AN_HOUR),
    },
  };
}

function profileOf({ packageProfile }: Plan, { profile, house = '' }: Values) {
  const { house: _before, ...rest } = packageProfile;
  const asked = { ...rest, base: profile };
  return house.trim() === '' ? asked : { ...asked, house };
}

/** The plan as its distributor works on it; nobody else sees it before it is announced. */
export function PlanForm({ release }: { release: Release }) {
  const { t } = useTranslation('release');
  const [form] = Form.useForm<Values>();
  const [fault, setFault] = useState<unknown>(null);
  const classes = Form.useWatch('classes', form) ?? classesText(release.plan);
  const save = async (values: Values) => {
    try {
      await api.releases.update({
        params: { id: release.id },
        body: { plan: planOf(release.plan, values), version: release.version },
      });
      setFault(null);
      await forget('releases');
    } catch (caught) {
      setFault(caught);
    }
  };
  if (release.plan.versions.length === 0) return <p>{t('noVersions')}</p>;
  return (
    <Form form={form} layout="vertical" className="panel" initialValues={valuesOf(release.plan)}
      onFinish={(values) => void save(values as Values)}>
      <p>{t('versions')}: {release.plan.versions
        .map((each) => `${each.format} ${each.filmCode ?? '—'}`).join(' · ')}</p>
      <Form.Item name="classes" label={t('classes')} extra={t('classesHint')}>
        <Input.TextArea autoSize={{ minRows: 2, maxRows: 8 }} />
      </Form.Item>
      <Periods plan={release.plan} classes={parseClasses(classes).map((each) => each.name)} />
      <Zones zones={release.plan.zones} />
      <div className="field-row">
        <Form.Item name="perDay" label={t('minimum')}>
          <InputNumber min={1} max={50} precision={0} />
        </Form.Item>
        <Form.Item name="counted" label={t('countedLabel')}>
          <Select options={COUNTINGS.map((value) => ({ value, label: t(`counted.${value}`) }))} />
        </Form.Item>
        <Form.Item name="beforeHours" label={t('beforeHours')}>
          <InputNumber min={0} max={HOURS_MAX} />
        </Form.Item>
        <Form.Item name="afterHours" label={t('afterHours')}>
          <InputNumber min={0} max={HOURS_MAX} />
        </Form.Item>
        <Form.Item name="profile" label={t('profileLabel')} extra={t('profileHint')}>
          <Select options={PROFILES.map((value) => ({ value, label: t(`profile.${value}`) }))} />
        </Form.Item>
      </div>
      <Form.Item name="house" label={t('houseLabel')} extra={t('houseHint')}>
        <Input.TextArea autoSize={{ minRows: 2, maxRows: 20 }} maxLength={20_000}
          className="mono" spellCheck={false} placeholder={'limits:\n  pictureMbitPeak: 230'} />
      </Form.Item>
      <Form.Item name="note" label={t('note')}>
        <Input.TextArea autoSize={{ minRows: 2, maxRows: 12 }} maxLength={10_000} />
      </Form.Item>
      <ProblemNote fault={fault} />
      <Button type="primary" htmlType="submit">{t('save')}</Button>
    </Form>
  );
}

function Periods({ plan, classes }: { plan: Plan; classes: readonly string[] }) {
  const { t } = useTranslation('release');
  const formats = [...new Set(plan.versions.map((each) => each.format))];
  const day = { required: true, pattern: /^\d{4}-\d{2}-\d{2}$/ };
  return (
    <Form.List name="periods">
      {(fields, { add, remove }) => (
        <>
          <h3>{t('periods')}</h3>
          {fields.map((field) => (
            <fieldset key={field.key} className="period">
              <legend>{field.name + 1}</legend>
              <div className="field-row">
                <Form.Item name={[field.name, 'kind']} label={t('kindLabel')}>
                  <Select options={(['run', 'extension', 'preview'] as const)
                    .map((value) => ({ value, label: t(`kind.${value}`) }))} />
                </Form.Item>
                <Form.Item name={[field.name, 'from']} label={t('from')} rules={[day]}>
                  <Input type="date" />
                </Form.Item>
                <Form.Item name={[field.name, 'to']} label={t('to')} rules={[day]}>
                  <Input type="date" />
                </Form.Item>
                {formats.flatMap((format) => classes.map((cityClass) => (
                  <Form.Item key={nameOf(format, cityClass)}
                    name={[field.name, 'standards', nameOf(format, cityClass)]}
                    label={t('standard', { format, cityClass })}
                    rules={[{ pattern: /^\d{1,6}(\.\d{1,2})?$/ }]}>
                    <Input inputMode="decimal" />
                  </Form.Item>
                )))}
              </div>
              {fields.length < 2 ? null : (
                <button type="button" className="button" onClick={() => remove(field.name)}>
                  {t('remove')}
                </button>
              )}
            </fieldset>
          ))}
          {fields.length >= PERIODS_MAX ? null : (
            <p>
              <button type="button" className="button"
                onClick={() => add({ kind: 'extension', from: '', to: '', standards: {} })}>
                <Icon name="plus" />{t('addPeriod')}
              </button>
            </p>
          )}
        </>
      )}
    </Form.List>
  );
}
