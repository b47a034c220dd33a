import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Derivation } from '@yinglian/contract';
import { useTranslation } from 'react-i18next';
import { ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';

const OPEN_LEVELS = 2;
const ROWS_SHOWN = 30;

/** Why an amount is what it is: each step with its clause, its arithmetic and its rounding. */
export function DerivationTree({ derivation, level = 0 }: {
  derivation: Derivation; level?: number;
}) {
  const { t } = useTranslation('settlement');
  const format = useFormat();
  const { label, clause, inputs, arithmetic, rounding, amountFen, rows, parts } = derivation;
  return (
    <details className="derivation" open={level < OPEN_LEVELS}>
      <summary>
        <span>{label}</span>
        {amountFen === null ? null : <strong className="money">{format.money(amountFen)}</strong>}
      </summary>
      <div className="derivation-body">
        {arithmetic === null ? null : <p className="mono derivation-sum">{arithmetic}</p>}
        {inputs.length === 0 ? null : (
          <dl className="derivation-inputs">
            {inputs.map((each, index) => (
              <div key={`${each.name}${index}`}><dt>{each.name}</dt><dd>{each.value}</dd></div>
            ))}
          </dl>
        )}
        {clause === null && rounding === null ? null : (
          <p className="muted">
            {clause === null ? '' : t('clause', { clause })}
            {clause === null || rounding === null ? '' : ' · '}
            {rounding === null ? '' : t('rounding', { rounding })}
          </p>
        )}
        <SourceRows rows={rows} />
        {parts.map((each, index) => (
          <DerivationTree key={index} derivation={each} level={level + 1} />
        ))}
      </div>
    </details>
  );
}

function SourceRows({ rows }: { rows: Derivation['rows'] }) {
  const { t } = useTranslation('settlement');
  if (rows.length === 0) return null;
  const reports = [...new Set(rows.map((each) => each.reportId))];
  return (
    <div className="source-rows">
      {reports.map((reportId) => {
        const lines = rows.filter((each) => each.reportId === reportId).map((each) => each.line);
        return (
          <p key={reportId}>
            <ReportLink reportId={reportId} />{' '}
            <span className="muted">
              {t('sourceLines', { count: lines.length, lines: lines.slice(0, ROWS_SHOWN).join(', ')
                + (lines.length > ROWS_SHOWN ? ' …' : '') })}
            </span>
          </p>
        );
      })}
    </div>
  );
}

function ReportLink({ reportId }: { reportId: string }) {
  const { t } = useTranslation('settlement');
  const known = /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(reportId);
  const { data } = useQuery({
    ...ask('exhibition', 'report', { params: { id: reportId } }), enabled: known,
  });
  if (!known) return <span>{reportId}</span>;
  return (
    <Link to="/exhibition/reports/$id" params={{ id: reportId }}>
      {data?.file.name ?? t('report')}
    </Link>
  );
}
