import { useQuery } from '@tanstack/react-query';
import type { contract, OutputOf } from '@yinglian/contract';
import { Form, Radio } from 'antd';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../kernel/api.ts';
import { Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';

type Choice = OutputOf<typeof contract.distribution.rates.result>['choices'][number];
/** As many ways as one can weigh at a glance; the rest is for the command line. */
const SHOWN_MAX = 5;

/** How the master's frame rate becomes the package's: always shown, chosen where it matters. */
export function RateField() {
  const { t } = useTranslation('distribution');
  const form = Form.useFormInstance();
  const assetId = Form.useWatch<string | undefined>('assetId', form);
  const standard = Form.useWatch<'smpte' | 'interop' | undefined>('standard', form) ?? 'smpte';
  const resolution = Form.useWatch<'2k' | '4k' | undefined>('resolution', form) ?? '2k';
  const rates = useQuery({
    ...ask('distribution', 'rates', { params: { id: assetId ?? '' },
      query: { standard, resolution } }),
    enabled: assetId !== undefined,
  });
  const first = rates.data?.choices[0];
  useEffect(() => {
    form.setFieldValue('way', first === undefined ? undefined : nameOf(first));
  }, [form, first]);
  if (rates.isError) return <ProblemNote fault={rates.error} />;
  if (rates.data === undefined) return assetId === undefined ? null : <Waiting />;
  const { sourceRate, variable, choices } = rates.data;
  const shown = choices.slice(0, first?.conform === 'keep' ? 1 : SHOWN_MAX);
  return (
    <Form.Item name="way" label={t(variable ? 'rate.variable' : 'rate.label', {
      rate: rateText(sourceRate),
    })}>
      <Radio.Group className="rates">
        {shown.map((each) => (
          <Radio key={nameOf(each)} value={nameOf(each)}>
            <strong>{t(`rate.${each.conform}`, { rate: each.frameRate })}</strong>
            {each.recommended && each.conform !== 'keep' ? (
              <span className="tag">{t('rate.recommended')}</span>
            ) : null}
            <small>
              {t(`rate.${each.conform}Text`, { change: changeText(each.speed) })}
              {each.everywhere ? '' : ` ${t('rate.notEverywhere')}`}
            </small>
          </Radio>
        ))}
      </Radio.Group>
    </Form.Item>
  );
}

function nameOf({ conform, frameRate }: Choice): string {
  return `${conform} ${frameRate}`;
}

/** `24000/1001` as people say it. */
export function rateText(rate: string): string {
  const value = valueOf(rate);
  return Number.isInteger(value) ? String(value) : value.toFixed(3).replace(/0+$/, '');
}

const PERCENT = new Intl.NumberFormat('en', {
  style: 'percent', maximumFractionDigits: 1, signDisplay: 'exceptZero',
});

function changeText(speed: string): string {
  return PERCENT.format(valueOf(speed) - 1);
}

function valueOf(ratio: string): number {
  const [above, below = '1'] = ratio.split('/');
  return Number(above) / Number(below);
}
