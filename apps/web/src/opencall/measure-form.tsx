import { toHex } from '@yinglian/core';
import { type Indicator, judgeMeasurement, type Measurement } from '@yinglian/opencall';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../kernel/action.ts';
import { api } from '../kernel/api.ts';
import { Findings } from '../kernel/parts/findings.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { sendFile } from '../policy/send-file.ts';
import { TextField } from './fields.tsx';
import { browserSealing } from './sealing.ts';
import type { Project, Step } from './project.ts';

type Report = { readonly fileId: string; readonly name: string; readonly digest: string };

/**
 * Values as a laboratory measured them, each with the report that proves it. The verdict is
 * computed here as it will be computed there; nobody sets it.
 */
export function MeasureForm({
  project,
  milestone,
}: {
  readonly project: Project;
  readonly milestone: Step;
}) {
  const { t } = useTranslation('opencall');
  const known = milestone.measurements as readonly Measurement[];
  const [values, setValues] = useState(() =>
    milestone.indicators.map(
      (each): Measurement =>
        known.findLast(({ indicator }) => indicator === each.code) ?? blankValue(each),
    ),
  );
  const [laboratory, setLaboratory] = useState(known.at(-1)?.laboratory ?? '');
  const [report, setReport] = useState<Report | null>(null);
  const { act, busy, fault } = useAction('opencall');
  const evidence = report?.digest ?? known.at(-1)?.evidence ?? '';
  const whole = values
    .filter(({ value }) => value.trim() !== '')
    .map((each) => ({ ...each, laboratory, evidence }));
  const judged = milestone.indicators.flatMap((each) => {
    const value = whole.find(({ indicator }) => indicator === each.code);
    return value === undefined
      ? []
      : judgeMeasurement(each as Indicator, value, project.acceptance).findings;
  });
  const attach = (file: File | undefined) =>
    act(async () => {
      if (file === undefined) return;
      const sealing = browserSealing();
      if (sealing === undefined) return;
      const digest = toHex(await sealing.sha256(new Uint8Array(await file.arrayBuffer())));
      setReport({ fileId: await sendFile(file), name: file.name, digest });
    });
  const send = () =>
    act(() =>
      api.opencall.measure({
        params: { id: project.id },
        body: {
          version: project.version,
          milestone: milestone.code,
          measurements: whole,
          files: report === null ? [] : [report.fileId],
        },
      }),
    );
  return (
    <details className="opencall-measure">
      <summary>{t('enterValues')}</summary>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <p className="muted">{t('enterValuesText')}</p>
        {browserSealing() === undefined ? <p className="opencall-note">{t('noCrypto')}</p> : null}
        <TextField
          label={t('laboratory')}
          hint={t('laboratoryHint')}
          required
          value={laboratory}
          onChange={setLaboratory}
        />
        <label className="field">
          <span>{t('report')}</span>
          <input type="file" onChange={({ target }) => void attach(target.files?.[0])} />
          <small role="status">
            {report === null ? t(evidence === '' ? 'reportWanted' : 'reportKept') : report.name}
          </small>
        </label>
        {milestone.indicators.map((each, at) => (
          <ValueRow
            key={each.code}
            name={`${each.name}（${each.unit}）`}
            value={values[at]!}
            onChange={(next) => setValues(values.with(at, next))}
          />
        ))}
        {judged.length === 0 ? null : <Findings findings={judged} />}
        <ProblemNote fault={fault} />
        <p>
          <button className="button button-first" disabled={busy || evidence === ''}>
            {t('saveValues')}
          </button>
        </p>
      </form>
    </details>
  );
}

function blankValue({ code, unit, method }: Step['indicators'][number]): Measurement {
  return {
    indicator: code,
    value: '',
    unit,
    uncertainty: null,
    method,
    laboratory: '',
    evidence: '',
  };
}

function ValueRow({
  name,
  value,
  onChange,
}: {
  readonly name: string;
  readonly value: Measurement;
  readonly onChange: (value: Measurement) => void;
}) {
  const { t } = useTranslation('opencall');
  return (
    <fieldset className="opencall-rows">
      <legend>{name}</legend>
      <div className="opencall-form">
        <TextField
          label={t('measured')}
          inputMode="decimal"
          required
          value={value.value}
          onChange={(text) => onChange({ ...value, value: text })}
        />
        <TextField
          label={t('uncertainty')}
          hint={t('uncertaintyHint')}
          inputMode="decimal"
          value={value.uncertainty ?? ''}
          onChange={(text) => onChange({ ...value, uncertainty: text === '' ? null : text })}
        />
        <TextField
          label={t('method')}
          required
          value={value.method}
          onChange={(method) => onChange({ ...value, method })}
        />
      </div>
    </fieldset>
  );
}
