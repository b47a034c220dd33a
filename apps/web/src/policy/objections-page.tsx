import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../kernel/action.ts';
import { api } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Empty, Page, Section } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';
import './policy.css';

type Case = Awaited<ReturnType<typeof api.policyDesk.findObjection>>;

/** What whoever objected follows: by a receipt, or as the list of a person who signed in. */
export function ObjectionsPage() {
  const { t } = useTranslation('policy');
  const { user } = useSession();
  return (
    <Page title={t('ownObjections')} lead={t('ownObjectionsLead')}>
      {user === null ? null : <OwnCases />}
      <FindCase />
    </Page>
  );
}

function OwnCases() {
  const { t } = useTranslation('policy');
  const format = useFormat();
  return (
    <Paged label={t('ownObjections')} name={['policyDesk', 'ownObjections']}
      load={(after, signal) => api.policyDesk.ownObjections({ signal,
        query: after === undefined ? {} : { after } })}
      keyOf={(each) => each.id}
      empty={<Empty title={t('noOwnObjections')}>
        <Link to="/policy/notices">{t('notices')}</Link></Empty>}
      columns={[
        { title: t('thing'), head: true, cell: (each) => each.about },
        { title: t('made'), figure: true, cell: (each) => format.day(each.at) },
        { title: t('objection'), cell: (each) => each.text },
        { title: t('outcome'), cell: (each) => <Outcome objection={each} /> },
        { title: t('answer'), cell: (each) => each.answer ?? '—' },
      ]} />
  );
}

function FindCase() {
  const { t } = useTranslation('policy');
  const format = useFormat();
  const [token, setToken] = useState('');
  const [shown, setShown] = useState<Case | null>(null);
  const { act, busy, fault } = useAction();
  return (
    <Section title={t('findAnswer')}>
      <form className="panel stack" onSubmit={(event) => {
        event.preventDefault();
        void act(async () => {
          setShown(null);
          setShown(await api.policyDesk.findObjection({ body: { token: token.trim() } }));
        });
      }}>
        <label className="field"><span>{t('receiptToken')}</span>
          <input className="input" required minLength={20} maxLength={100} autoComplete="off"
            value={token} onChange={({ target }) => setToken(target.value)} /></label>
        <ProblemNote fault={fault} />
        <p><button className="button button-first" disabled={busy}>{t('find')}</button></p>
      </form>
      {shown === null ? null : (
        <div className="panel stack" role="status">
          <p><strong>{shown.about}</strong> {format.day(shown.at)}</p>
          <p>{shown.text}</p>
          <p><Outcome objection={shown} /> {shown.answer}</p>
        </div>
      )}
    </Section>
  );
}

/** What came of it, or until when an answer is to come. */
function Outcome({ objection }: { objection: Case }) {
  const { t } = useTranslation('policy');
  const format = useFormat();
  const { outcome, answer, answerBy } = objection;
  if (outcome !== null) return <>{t(`objected.${outcome}`)}</>;
  if (answer !== null) return <>{t('answer')}</>;
  if (answerBy === null) return <>{t('appealOpen')}</>;
  return <>{t('answerBy', { on: format.date(answerBy) })}</>;
}
