import { useTranslation } from 'react-i18next';
import type { api } from '../kernel/api.ts';
import { Section } from '../kernel/parts/page.tsx';
import { MARKS } from './words.ts';

const BARS = ['same_year', 'years_in_a_row', 'same_object', 'same_type', 'mark'] as const;
/** Two years in a row are the bar that departments print. */
const YEARS_IN_A_ROW = 2;

/** The words of each bar, as a call names it. */
export type BarQuotes = { readonly [Bar in (typeof BARS)[number]]?: string };
type Rules = NonNullable<Parameters<typeof api.policy.createCall>[0]['body']['historyRules']>;

/** The bars whose words somebody wrote down; without words there is no bar. */
export function barsOf(quotes: BarQuotes): Rules {
  return BARS.flatMap((bar): Rules => {
    const quote = quotes[bar]?.trim() ?? '';
    if (quote === '') return [];
    switch (bar) {
      case 'same_year':
        return [{ bar, exempt: ['reward'], quote }];
      case 'years_in_a_row':
        return [{ bar, years: YEARS_IN_A_ROW, exempt: [], quote }];
      case 'mark':
        return [{ bar, marks: [...MARKS], quote }];
      default:
        return [{ bar, quote }];
    }
  });
}

/** Cool-downs and marks, each with the words that it comes from. */
export function BarFields({ quotes, onChange }: {
  quotes: BarQuotes; onChange: (quotes: BarQuotes) => void;
}) {
  const { t } = useTranslation('policy');
  return (
    <fieldset className="call-items">
      <legend>{t('bars')}</legend>
      <p className="muted">{t('barsHint')}</p>
      {BARS.map((each) => (
        <label key={each} className="field"><span>{t(`bar.${each}`)}</span>
          <input className="input" maxLength={500} placeholder={t('barQuote')}
            value={quotes[each] ?? ''}
            onChange={({ target }) => onChange({ ...quotes, [each]: target.value })} /></label>
      ))}
    </fieldset>
  );
}

/** The bars that a call names. */
export function BarList({ rules }: {
  rules: readonly { readonly bar: string; readonly quote: string }[];
}) {
  const { t } = useTranslation('policy');
  if (rules.length === 0) return null;
  return (
    <Section title={t('bars')}>
      <ul>
        {rules.map(({ bar, quote }) => (
          <li key={`${bar} ${quote}`}>{t(`bar.${bar as (typeof BARS)[number]}`)}{' '}
            <q lang="zh-CN">{quote}</q></li>
        ))}
      </ul>
    </Section>
  );
}
