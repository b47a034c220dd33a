import { useQuery } from '@tanstack/react-query';
import { Form, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { ask } from '../kernel/api.ts';
import { Icon } from '../kernel/parts/icon.tsx';
import { namesIn, type Plan } from './plan-text.ts';

type Zone = Plan['zones'][number];

/** A zone as the form has it: names of places are one text. */
export type ZoneValues = Pick<Zone, 'name' | 'from' | 'to' | 'circuitIds'> & {
  readonly provinces: string; readonly cities: string;
  /** Kept as they are: single cinemas come with a plan in a file. */
  readonly cinemaIds?: Zone['cinemaIds'];
};

const ROWS_MAX = 500;
const ZONES_MAX = 200;

/** The zones of a plan for the form. */
export const zoneValues = ({ zones }: Plan): ZoneValues[] => zones.map((zone) => ({
  ...zone, provinces: zone.provinces.join(' '), cities: zone.cities.join(' '),
}));

/** The zones as the form leaves them. */
export const zonesOf = (values: readonly ZoneValues[] | undefined): Zone[] =>
  (values ?? []).map(({ name, from, to, provinces, cities, circuitIds, cinemaIds }) => ({
    name, from, to, provinces: namesIn(provinces ?? ''), cities: namesIn(cities ?? ''),
    circuitIds: circuitIds ?? [], cinemaIds: cinemaIds ?? [],
  }));

/** Regions and circuits whose dates differ from the run's. */
export function Zones({ zones }: { zones: Plan['zones'] }) {
  const { t } = useTranslation('release');
  const circuits = useQuery(ask('exhibition', 'circuits', { query: { limit: ROWS_MAX } }));
  const options = (circuits.data?.rows ?? []).map(({ id, name }) => ({ value: id, label: name }));
  const day = { required: true, pattern: /^\d{4}-\d{2}-\d{2}$/ };
  return (
    <details open={zones.length > 0}>
      <summary>{t('zones', { count: zones.length })}</summary>
      <p className="muted">{t('zonesHint')}</p>
      <Form.List name="zones">
        {(fields, { add, remove }) => (
          <>
            {fields.map(({ key, name: at }) => (
              <fieldset key={key} className="period">
                <legend>{at + 1}</legend>
                <div className="field-row">
                  <Form.Item name={[at, 'name']} label={t('zoneName')} rules={[{ required: true }]}>
                    <Input maxLength={60} />
                  </Form.Item>
                  <Form.Item name={[at, 'from']} label={t('from')} rules={[day]}>
                    <Input type="date" />
                  </Form.Item>
                  <Form.Item name={[at, 'to']} label={t('to')} rules={[day]}>
                    <Input type="date" />
                  </Form.Item>
                  <Form.Item name={[at, 'provinces']} label={t('zoneProvinces')}>
                    <Input />
                  </Form.Item>
                  <Form.Item name={[at, 'cities']} label={t('zoneCities')}><Input /></Form.Item>
                  <Form.Item name={[at, 'circuitIds']} label={t('offerCircuits')}>
                    <Select mode="multiple" optionFilterProp="label" maxTagCount="responsive"
                      options={options} />
                  </Form.Item>
                  <Form.Item name={[at, 'cinemaIds']} hidden><Select mode="multiple" /></Form.Item>
                </div>
                <button type="button" className="button" onClick={() => remove(at)}>
                  {t('remove')}
                </button>
              </fieldset>
            ))}
            {fields.length >= ZONES_MAX ? null : (
              <p>
                <button type="button" className="button" onClick={() => add({ circuitIds: [] })}>
                  <Icon name="plus" />{t('addZone')}
                </button>
              </p>
            )}
          </>
        )}
      </Form.List>
    </details>
  );
}
