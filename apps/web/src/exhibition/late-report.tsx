import { ProblemError } from '@yinglian/contract';
import { Input, Radio } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { ProblemNote } from '../kernel/parts/problem.tsx';

type Told = { readonly code: string; readonly facts: Readonly<Record<string, unknown>> };

/** What a file is beside earlier ones of the same days: an addition, or a correction of one. */
export function EarlierChoice({ findings, replaced, onChange }: {
  findings: readonly Told[];
  replaced: string | undefined;
  onChange: (report: string | undefined) => void;
}) {
  const { t } = useTranslation('exhibition');
  const format = useFormat();
  const earlier = findings.filter((each) => each.code === 'overlapping_report');
  if (earlier.length === 0) return null;
  return (
    <Radio.Group value={replaced ?? ''} aria-label={t('earlier.title')}
      onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value)}
      options={[{ value: '', label: t('earlier.adds') }, ...earlier.map(({ facts }) => ({
        value: String(facts['report']),
        label: t('earlier.replaces', {
          date: format.date(String(facts['date'])), name: String(facts['name']) }),
      }))]} />
  );
}

/** Where the free days are over: the application for what this file would change. */
export function LateApplication({ fault, figures }: {
  fault: unknown;
  figures: { rows: number; screenings: number; admissions: number; grossFen: string };
}) {
  const { t } = useTranslation('exhibition');
  const [reason, setReason] = useState('');
  const [refusal, setRefusal] = useState<unknown>(null);
  const [applied, setApplied] = useState(false);
  const late = fault instanceof ProblemError
    ? fault.problem.findings?.find((each) => each.code === 'unapproved_correction') : undefined;
  const reportId = late?.facts['report'];
  if (typeof reportId !== 'string') return null;
  if (applied) return <p role="status">{t('earlier.applied')}</p>;
  const apply = async () => {
    try {
      await api.evidence.applyForCorrection({ body: { reportId, reason: reason.trim(), figures } });
      await forget('evidence');
      setApplied(true);
    } catch (caught) {
      setRefusal(caught);
    }
  };
  return (
    <div className="stack">
      <p>{t('earlier.late')}</p>
      <label className="field"><span>{t('earlier.reason')}</span>
        <Input value={reason} maxLength={500}
          onChange={(event) => setReason(event.target.value)} />
      </label>
      <ProblemNote fault={refusal} />
      <p>
        <button type="button" className="button" disabled={reason.trim() === ''}
          onClick={() => void apply()}>{t('earlier.apply')}</button>
      </p>
    </div>
  );
}
