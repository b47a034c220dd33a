import { type Indicator, INDICATOR_OPERATORS } from '@yinglian/opencall';
import { useTranslation } from 'react-i18next';
import { ChoiceField, RowsField, TextField } from './fields.tsx';

/** An indicator that nobody has written yet. */
export function blankIndicator(at: number): Indicator {
  return {
    code: `I${at + 1}`,
    name: '',
    unit: '',
    operator: 'at_least',
    threshold: '',
    upper: null,
    method: '',
  };
}

/** Indicators that can be tested: a quantity, a unit, a number, and how it is measured. */
export function IndicatorEditor({
  indicators,
  onChange,
}: {
  readonly indicators: readonly Indicator[];
  readonly onChange: (indicators: Indicator[]) => void;
}) {
  const { t } = useTranslation('opencall');
  return (
    <RowsField
      title={t('indicators')}
      hint={t('indicatorHint')}
      rows={indicators}
      blank={() => blankIndicator(indicators.length)}
      onChange={(rows) => onChange([...rows])}
      addLabel={t('addIndicator')}
    >
      {(row, put) => (
        <>
          <TextField
            label={t('code')}
            value={row.code}
            onChange={(code) => put({ ...row, code })}
            maxLength={31}
          />
          <TextField
            label={t('quantity')}
            value={row.name}
            onChange={(name) => put({ ...row, name })}
          />
          <ChoiceField
            label={t('operator')}
            value={row.operator}
            choices={INDICATOR_OPERATORS.map((each) => [each, t(`operators.${each}`)])}
            onChange={(operator) => put({ ...row, operator, upper: upperOf(operator, row.upper) })}
          />
          <TextField
            label={t('number')}
            inputMode="decimal"
            value={row.threshold}
            onChange={(threshold) => put({ ...row, threshold })}
          />
          {row.operator === 'between' ? (
            <TextField
              label={t('upper')}
              inputMode="decimal"
              value={row.upper ?? ''}
              onChange={(upper) => put({ ...row, upper })}
            />
          ) : null}
          <TextField
            label={t('unit')}
            hint={t('unitHint')}
            value={row.unit}
            onChange={(unit) => put({ ...row, unit })}
          />
          <div className="opencall-wide">
            <TextField
              label={t('method')}
              hint={t('methodHint')}
              value={row.method}
              onChange={(method) => put({ ...row, method })}
            />
          </div>
        </>
      )}
    </RowsField>
  );
}

function upperOf(operator: Indicator['operator'], upper: string | null): string | null {
  return operator === 'between' ? (upper ?? '') : null;
}
