import { useQuery } from '@tanstack/react-query';
import type { contract, ResultOf } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';
import './keys.css';

type Policy = ResultOf<typeof contract.keys.policy>;
const LIMITS = ['screensMax', 'daysMax', 'earlyDaysMax'] as const;

/** The limits above which a second person agrees, and whom an alarm wakes. */
export function PolicySection() {
  const { t } = useTranslation('keys');
  const policy = useQuery(ask('keys', 'policy'));
  return (
    <Section title={t('policy')}>
      <p>{t('policyLead')}</p>
      <ProblemNote fault={policy.error} />
      {policy.data === undefined ? null : (
        <PolicyForm key={policy.data.version} policy={policy.data} />
      )}
    </Section>
  );
}

/** An empty field is no limit. */
function numberOf(text: string): number | null {
  return text === '' ? null : Math.max(0, Math.trunc(Number(text)));
}

type FieldsProps = { draft: Policy; onChange: (part: Partial<Policy>) => void };

function LimitFields({ draft, onChange }: FieldsProps) {
  const { t } = useTranslation('keys');
  return (
    <>
      {LIMITS.map((name) => (
        <label key={name} className="field">
          <span>{t(name)}</span>
          <input
            className="input"
            type="number"
            min={0}
            value={draft[name] ?? ''}
            onChange={(event) => onChange({ [name]: numberOf(event.target.value) })}
          />
        </label>
      ))}
      <label className="field">
        <span>{t('follow')}</span>
        <select
          className="input"
          value={draft.follow}
          onChange={(event) => onChange({ follow: event.target.value as Policy['follow'] })}
        >
          {(['issue', 'propose', 'leave'] as const).map((value) => (
            <option key={value} value={value}>
              {t(`followChoice.${value}`)}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}

function AlarmFields({
  draft,
  onChange,
  emails,
  onEmails,
}: FieldsProps & { emails: string; onEmails: (text: string) => void }) {
  const { t } = useTranslation('keys');
  return (
    <>
      <label className="field">
        <span>{t('alarmHours')}</span>
        <input
          className="input"
          type="number"
          min={0}
          max={336}
          value={draft.alarmHours}
          onChange={(event) => onChange({ alarmHours: numberOf(event.target.value) ?? 0 })}
        />
      </label>
      <label className="field">
        <span>{t('alarmEmails')}</span>
        <input
          className="input"
          value={emails}
          onChange={(event) => onEmails(event.target.value)}
        />
      </label>
    </>
  );
}

function CorrespondenceFields({ draft, onChange }: FieldsProps) {
  const { t } = useTranslation('keys');
  return (
    <>
      <label className="field">
        <span>{t('contact')}</span>
        <input
          className="input"
          maxLength={200}
          value={draft.contact}
          onChange={(event) => onChange({ contact: event.target.value })}
        />
      </label>
      <label className="field">
        <span>{t('language')}</span>
        <select
          className="input"
          value={draft.language}
          onChange={(event) => onChange({ language: event.target.value as Policy['language'] })}
        >
          <option value="zh-CN">中文</option>
          <option value="en">English</option>
        </select>
      </label>
    </>
  );
}

function PolicyForm({ policy }: { policy: Policy }) {
  const { t } = useTranslation('keys');
  const { can } = useSession();
  const [draft, setDraft] = useState(policy);
  const [emails, setEmails] = useState(policy.alarmEmails.join(', '));
  const [saved, setSaved] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const locked = !can('organisation.administer');
  const change = (part: Partial<Policy>) => {
    setSaved(false);
    setDraft({ ...draft, ...part });
  };
  const save = async () => {
    try {
      const alarmEmails = emails.split(/[\s,，;；]+/).filter((each) => each !== '');
      await api.keys.setPolicy({ body: { ...draft, alarmEmails } });
      setFault(null);
      setSaved(true);
      await forget('keys');
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <form
      className="panel stack"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <fieldset className="field-group" disabled={locked}>
        <LimitFields draft={draft} onChange={change} />
        <AlarmFields
          draft={draft}
          onChange={change}
          emails={emails}
          onEmails={(text) => {
            setSaved(false);
            setEmails(text);
          }}
        />
        <CorrespondenceFields draft={draft} onChange={change} />
      </fieldset>
      <ProblemNote fault={fault} />
      {saved ? <p role="status">{t('saved')}</p> : null}
      {locked ? (
        <p>{t('policyOnly')}</p>
      ) : (
        <p>
          <button type="submit" className="button button-first">
            {t('save')}
          </button>
        </p>
      )}
    </form>
  );
}
