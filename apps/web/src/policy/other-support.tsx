import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatYuan } from '@yinglian/core';
import { api, forget } from '../kernel/api.ts';
import { Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { fenOf } from './words.ts';

type Claim = Awaited<ReturnType<typeof api.policy.claim>>;
type Row = {
  readonly key: number;
  readonly instrument: string;
  readonly jurisdiction: 'nation' | 'province' | 'city';
  readonly amount: string;
  readonly paid: string;
};

const JURISDICTIONS = ['province', 'city', 'nation'] as const;

/** What the applicant has or wants from elsewhere for the same thing: not both, the higher wins. */
export function OtherSupport({ claim }: { claim: Claim }) {
  const { t } = useTranslation('policy');
  const [rows, setRows] = useState<readonly Row[]>(claim.others.map((each, key) => ({
    key, instrument: each.instrument, jurisdiction: each.jurisdiction,
    amount: formatYuan(BigInt(each.amountFen)), paid: formatYuan(BigInt(each.paidFen)),
  })));
  const [fault, setFault] = useState<unknown>(null);
  const change = (key: number, part: Partial<Row>) => setRows((before) => (
    before.map((each) => (each.key === key ? { ...each, ...part } : each))));
  const right = rows.every(({ instrument, amount, paid }) => instrument.trim() !== ''
    && fenOf(amount) !== undefined && fenOf(paid) !== undefined);
  const save = async () => {
    try {
      setFault(null);
      await api.policy.updateClaim({ params: { id: claim.id }, body: {
        version: claim.version, item: claim.item, object: claim.object, label: claim.label,
        eventDate: claim.eventDate, facts: claim.facts as never,
        recommenderId: claim.recommenderId,
        others: rows.map(({ instrument, jurisdiction, amount, paid }) => ({
          instrument: instrument.trim(), jurisdiction, amountFen: fenOf(amount) ?? '0',
          paidFen: fenOf(paid) ?? '0',
        })),
      } });
    } catch (caught) {
      setFault(caught);
    }
    await forget('policy');
  };
  return (
    <Section title={t('otherSupport')} actions={
      <button type="button" className="button" disabled={!right} onClick={() => void save()}>
        {t('save')}</button>
    }>
      <p className="muted">{t('otherSupportLead')}</p>
      {rows.map((row) => (
        <fieldset key={row.key} className="register-row">
          <label className="field"><span>{t('otherName')}</span>
            <input className="input" value={row.instrument} maxLength={200}
              onChange={({ target }) => change(row.key, { instrument: target.value })} /></label>
          <label className="field"><span>{t('otherOf')}</span>
            <select className="input" value={row.jurisdiction}
              onChange={({ target }) => change(row.key, {
                jurisdiction: target.value as Row['jurisdiction'] })}>
              {JURISDICTIONS.map((each) => (
                <option key={each} value={each}>{t(`jurisdiction.${each}`)}</option>
              ))}
            </select></label>
          <Money label={t('otherAmount')} value={row.amount}
            onChange={(amount) => change(row.key, { amount })} />
          <Money label={t('otherPaid')} value={row.paid}
            onChange={(paid) => change(row.key, { paid })} />
          <button type="button" className="button" onClick={() => setRows((before) => (
            before.filter(({ key }) => key !== row.key)))}>{t('removeRow')}</button>
        </fieldset>
      ))}
      <p><button type="button" className="button" onClick={() => setRows((before) => [...before, {
        key: (before.at(-1)?.key ?? -1) + 1, instrument: '', jurisdiction: 'province',
        amount: '', paid: '0',
      }])}>{t('addRow')}</button></p>
      <ProblemNote fault={fault} />
    </Section>
  );
}

function Money({ label, value, onChange }: {
  label: string; value: string; onChange: (value: string) => void;
}) {
  return (
    <label className="field"><span>{label}</span>
      <input className="input" inputMode="decimal" value={value}
        aria-invalid={value !== '' && fenOf(value) === undefined}
        onChange={({ target }) => onChange(target.value)} /></label>
  );
}
