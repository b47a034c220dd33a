import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Findings } from '../kernel/parts/findings.tsx';
import { Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';
import { useAction } from '../kernel/action.ts';

/** What the last nights' recomputations found; the newest stands first. */
export function NightChecks() {
  const { t } = useTranslation('settlement');
  const format = useFormat();
  const { can } = useSession();
  const { act, busy, fault } = useAction('ledger');
  const checks = useQuery(ask('ledger', 'nightChecks', { query: { limit: 3 } }));
  const rows = checks.data?.rows ?? [];
  return (
    <Section title={t('night.title')}>
      <p className="muted">{t('night.lead')}</p>
      <ProblemNote fault={fault ?? checks.error} />
      {checks.isSuccess && rows.length === 0 ? <p>{t('night.none')}</p> : null}
      {rows.map((each) => {
        const bad = each.findings.some((found) => found.severity === 'error');
        const facts = { date: format.moment(each.at), entries: format.number(each.entries),
          statements: format.number(each.statements) };
        return (
          <div key={`${each.date}/${each.number}`} className="panel stack">
            <p role={bad ? 'alert' : undefined} className={bad ? 'field-fault' : undefined}>
              {t(bad ? 'night.bad' : 'night.good', facts)}
            </p>
            {each.findings.length === 0 ? null : <Findings findings={each.findings} />}
            {each.root === null ? null : <p className="mono hash">{each.root}</p>}
          </div>
        );
      })}
      {can('settlement.write') ? (
        <p>
          <button type="button" className="button" disabled={busy}
            onClick={() => void act(() => api.ledger.runNightCheck())}>{t('night.run')}</button>
        </p>
      ) : null}
    </Section>
  );
}
