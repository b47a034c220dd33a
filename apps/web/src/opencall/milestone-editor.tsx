import type { Indicator, Milestone } from '@yinglian/opencall';
import { useTranslation } from 'react-i18next';
import { RowsField, TextField } from './fields.tsx';
import { IndicatorEditor } from './indicator-editor.tsx';

/** Steps of a plan: what is shown by when, how it is measured, and what part is paid for it. */
export function MilestoneEditor({
  milestones,
  wanted,
  latest,
  onChange,
}: {
  readonly milestones: readonly Milestone[];
  /** The indicators of the task, to be promised by one press. */
  readonly wanted: readonly Indicator[];
  readonly latest: string;
  readonly onChange: (milestones: Milestone[]) => void;
}) {
  const { t } = useTranslation('opencall');
  const promised = new Set(
    milestones.flatMap(({ indicators }) => indicators.map(({ code }) => code)),
  );
  const left = wanted.filter(({ code }) => !promised.has(code));
  return (
    <RowsField
      title={t('milestones')}
      hint={t('milestonesHint')}
      rows={milestones}
      blank={() => blankMilestone(milestones.length, left)}
      onChange={(rows) => onChange([...rows])}
      addLabel={t('addMilestone')}
      limit={20}
    >
      {(row, put) => (
        <>
          <TextField
            label={t('field.milestone')}
            required
            value={row.title}
            onChange={(title) => put({ ...row, title })}
          />
          <TextField
            label={t('field.milestoneDue')}
            type="date"
            max={latest}
            required
            value={row.due}
            onChange={(due) => put({ ...row, due })}
          />
          <TextField
            label={t('payShare')}
            hint={t('payShareHint')}
            required
            value={row.share}
            onChange={(share) => put({ ...row, share })}
          />
          <div className="opencall-wide">
            <IndicatorEditor
              indicators={row.indicators}
              onChange={(indicators) => put({ ...row, indicators })}
            />
            {left.length === 0 ? null : (
              <p className="row">
                {left.map((each) => (
                  <button
                    key={each.code}
                    type="button"
                    className="link-button"
                    onClick={() => put({ ...row, indicators: [...row.indicators, each] })}
                  >
                    {t('promise', { name: each.name })}
                  </button>
                ))}
              </p>
            )}
          </div>
        </>
      )}
    </RowsField>
  );
}

/** A step that nobody has written yet, with what is still promised nowhere. */
export function blankMilestone(at: number, indicators: readonly Indicator[]): Milestone {
  return {
    code: `M${at + 1}`,
    title: '',
    due: '',
    share: at === 0 ? '100%' : '0%',
    indicators: [...indicators],
  };
}
