import { useQuery } from '@tanstack/react-query';
import { addressOf, contract } from '@yinglian/contract';
import type { Expert } from '@yinglian/opencall';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../kernel/action.ts';
import { api, ask } from '../kernel/api.ts';
import { ExportMenu } from '../kernel/parts/export-menu.tsx';
import { Empty, Facts, Page, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { NoDepartment, useDepartment } from './department.tsx';
import { ChoiceField, TextField } from './fields.tsx';
import './opencall.css';

const STATES = ['all', 'applied', 'admitted', 'dismissed', 'left'] as const;
type Row = Awaited<ReturnType<typeof api.opencall.experts>>['rows'][number];

/** The pool of experts 专家库: who declared what, and who was admitted. */
export function ExpertsPage() {
  const { t } = useTranslation('opencall');
  const [state, setState] = useState<(typeof STATES)[number]>('all');
  const [wanted, setWanted] = useState('');
  const department = useDepartment();
  const { data, error } = useQuery({
    ...ask('opencall', 'experts'),
    enabled: department === true,
    retry: false,
  });
  const rows = (data?.rows ?? []).filter((each) => {
    const { name, employer, fields, region } = each.profile as Expert;
    const text = `${name} ${employer.name} ${fields.join(' ')} ${region}`;
    return (state === 'all' || each.state === state) && text.includes(wanted.trim());
  });
  return (
    <Page
      title={t('expertsPage')}
      lead={t('expertsLead')}
      actions={
        department !== true ? null : (
          <ExportMenu
            hrefOf={(format) => addressOf(contract.opencall.exportExperts, { query: { format } })}
          />
        )
      }
    >
      <ProblemNote fault={error} />
      {department === false ? (
        <NoDepartment />
      ) : data === undefined ? (
        error === null ? (
          <Waiting />
        ) : null
      ) : data.rows.length === 0 ? (
        <Empty title={t('noExperts')}>{t('noExpertsText')}</Empty>
      ) : (
        <>
          <div className="opencall-form">
            <TextField label={t('search')} value={wanted} onChange={setWanted} />
            <ChoiceField
              label={t('stateTitle')}
              value={state}
              choices={STATES.map((each) => [each, t(`poolState.${each}`)])}
              onChange={setState}
            />
          </div>
          {rows.length === 0 ? <p role="status">{t('nothingFound')}</p> : null}
          {rows.map((each) => (
            <OneExpert key={each.id} row={each} />
          ))}
        </>
      )}
    </Page>
  );
}

function OneExpert({ row }: { row: Row }) {
  const { t } = useTranslation('opencall');
  const [reason, setReason] = useState('');
  const { act, busy, fault } = useAction('opencall');
  const expert = row.profile as Expert;
  const decide = (admitted: boolean) =>
    act(() => api.opencall.admitExpert({ params: { id: row.id }, body: { admitted, reason } }));
  const organisations = (list: readonly { readonly name: string }[]) =>
    list.length === 0 ? '—' : list.map(({ name }) => name).join('、');
  return (
    <details className="panel" open={row.state === 'applied'}>
      <summary>
        <strong>{expert.name}</strong> {expert.employer.name} · {expert.fields.join('、')} ·{' '}
        {t(`poolState.${row.state}`)}
      </summary>
      <div className="stack">
        <Facts
          rows={[
            [t('region'), expert.region],
            [t('titles'), expert.titles.length === 0 ? '—' : expert.titles.join('、')],
            [t('formerEmployers'), organisations(expert.history)],
            [t('funding'), organisations(expert.funding)],
            [t('holdings'), organisations(expert.holdings)],
            [
              t('kin'),
              expert.kin.length === 0
                ? '—'
                : expert.kin.map(({ name, employer }) => `${name}（${employer}）`).join('、'),
            ],
            [
              t('works'),
              expert.works.length === 0
                ? '—'
                : expert.works.map(({ title, on }) => `${title}（${on}）`).join('、'),
            ],
          ]}
        />
        {row.state === 'left' ? null : (
          <>
            <TextField label={t('reason')} value={reason} onChange={setReason} />
            <div className="row">
              {row.state === 'admitted' ? null : (
                <button
                  type="button"
                  className="button button-first"
                  disabled={busy}
                  onClick={() => void decide(true)}
                >
                  {t('admit')}
                </button>
              )}
              {row.state === 'dismissed' ? null : (
                <button
                  type="button"
                  className="button"
                  disabled={busy}
                  onClick={() => void decide(false)}
                >
                  {t('dismiss')}
                </button>
              )}
            </div>
            <ProblemNote fault={fault} />
          </>
        )}
      </div>
    </details>
  );
}
