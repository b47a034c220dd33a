import {
  CATALOGUE_FIELDS,
  CATALOGUE_PROGRAMMES,
  type CatalogueEntry,
  type Indicator,
} from '@yinglian/opencall';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ChoiceField, MoneyField, TextField } from './fields.tsx';
import { blankIndicator, IndicatorEditor } from './indicator-editor.tsx';

/** A task that nobody has written yet, under the next free code. */
export function blankEntry(known: readonly { readonly code: string }[], year: number) {
  const codes = new Set(known.map(({ code }) => code));
  let number = known.length + 1;
  const codeOf = (place: number) => `GG-${year}-${String(place).padStart(2, '0')}`;
  while (codes.has(codeOf(number))) number += 1;
  return {
    code: codeOf(number),
    title: '',
    need: '',
    field: 'equipment' as const,
    programme: 'key_research' as const,
    indicators: [blankIndicator(0)],
    due: `${year + 2}-12-31`,
    budgetFen: null,
    rights: '',
    proposer: '',
  };
}

/** One task: need, indicators, last day, money, rights. */
export function EntryEditor({
  entry,
  onChange,
  onRemove,
}: {
  readonly entry: CatalogueEntry;
  readonly onChange: (entry: CatalogueEntry) => void;
  readonly onRemove: () => void;
}) {
  const { t } = useTranslation('opencall');
  // What is new stands open, and stays so while its name is typed.
  const [isNew] = useState(entry.title === '');
  const put = (part: Partial<CatalogueEntry>) => onChange({ ...entry, ...part });
  return (
    <details className="panel opencall-entry" open={isNew}>
      <summary>
        <strong>{entry.code}</strong> {entry.title === '' ? t('untitledTask') : entry.title}{' '}
        <small>{t('indicatorCount', { count: entry.indicators.length })}</small>
      </summary>
      <div className="stack">
        <EntryFacts entry={entry} put={put} />
        <TextField
          label={t('need')}
          hint={t('needHint')}
          long={4}
          value={entry.need}
          onChange={(need) => put({ need })}
        />
        <TextField
          label={t('rights')}
          hint={t('rightsHint')}
          long={2}
          value={entry.rights}
          onChange={(rights) => put({ rights })}
        />
        <IndicatorEditor
          indicators={entry.indicators}
          onChange={(indicators: Indicator[]) => put({ indicators })}
        />
        <p>
          <button type="button" className="button" onClick={onRemove}>
            {t('removeTask')}
          </button>
        </p>
      </div>
    </details>
  );
}

function EntryFacts({
  entry,
  put,
}: {
  readonly entry: CatalogueEntry;
  readonly put: (part: Partial<CatalogueEntry>) => void;
}) {
  const { t } = useTranslation('opencall');
  return (
    <div className="opencall-form">
      <TextField label={t('code')} value={entry.code} onChange={(code) => put({ code })} />
      <TextField label={t('taskTitle')} value={entry.title} onChange={(title) => put({ title })} />
      <ChoiceField
        label={t('group')}
        value={entry.field}
        choices={CATALOGUE_FIELDS.map((each) => [each, t(`groups.${each}`)])}
        onChange={(field) => put({ field })}
      />
      <ChoiceField
        label={t('programme')}
        value={entry.programme}
        choices={CATALOGUE_PROGRAMMES.map((each) => [each, t(`programmes.${each}`)])}
        onChange={(programme) => put({ programme })}
      />
      <TextField label={t('due')} type="date" value={entry.due} onChange={(due) => put({ due })} />
      <MoneyField
        label={t('budgetYuan')}
        hint={t('budgetHint')}
        fen={entry.budgetFen}
        onChange={(budgetFen) => put({ budgetFen })}
      />
      <TextField
        label={t('proposer')}
        value={entry.proposer}
        onChange={(proposer) => put({ proposer })}
      />
    </div>
  );
}
