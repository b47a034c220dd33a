import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../kernel/action.ts';
import { api } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';
import { ObjectionAnswers } from '../policy/objection-answers.tsx';
import { ObjectionReceipt } from '../policy/objection-receipt.tsx';
import { TextField } from './fields.tsx';

type Subject = { readonly kind: 'catalogue' | 'round'; readonly id: string };

/** While something is on notice anybody who is signed in may object, and sees the answer here. */
export function ObjectForm({ subject, until }: { subject: Subject; until: string | null }) {
  const { t } = useTranslation('opencall');
  const { user } = useSession();
  const format = useFormat();
  const [text, setText] = useState('');
  const [token, setToken] = useState<string | null>(null);
  const { act, busy, fault } = useAction('opencall', 'policyDesk');
  if (user === null) {
    return (
      <Section title={t('object')}>
        <p className="muted">{t('signInToObject', { until: format.date(until) })}</p>
      </Section>
    );
  }
  return (
    <Section title={t('object')}>
      <form
        className="panel stack"
        onSubmit={(event) => {
          event.preventDefault();
          void act(
            async () => setToken((await api.opencall.object({ body: { ...subject, text } })).token),
            () => setText(''),
          );
        }}
      >
        <p>{t('objectText', { until: format.date(until) })}</p>
        <TextField
          label={t('objectionText')}
          long={4}
          required
          value={text}
          onChange={setText}
          maxLength={5000}
        />
        <ProblemNote fault={fault} />
        <p>
          <button className="button button-first" disabled={busy || text.trim().length < 5}>
            {t('send')}
          </button>
        </p>
      </form>
      <ObjectionReceipt token={token} />
      <OwnObjections subjectId={subject.id} />
    </Section>
  );
}

const about = (subjectId: string | undefined, after: string | undefined) => ({
  ...(subjectId === undefined ? {} : { subjectId }),
  ...(after === undefined ? {} : { after }),
});

/** All pages of a short list, one after the other: none is left out without a word. */
async function everyPage<Row>(
  load: (after: string | undefined) => Promise<{ rows: Row[]; next: string | null }>,
): Promise<Row[]> {
  const rows: Row[] = [];
  let after: string | undefined;
  do {
    const page = await load(after);
    rows.push(...page.rows);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return rows;
}

/** What I objected to, with the department's answers. */
export function OwnObjections({ subjectId }: { subjectId?: string }) {
  const { t } = useTranslation('opencall');
  const policy = useTranslation('policy').t;
  const format = useFormat();
  const { data: rows = [] } = useQuery({
    queryKey: ['opencall', 'ownObjections', subjectId ?? ''],
    queryFn: ({ signal }) =>
      everyPage((after) => api.opencall.ownObjections({ query: about(subjectId, after), signal })),
  });
  if (rows.length === 0) return null;
  return (
    <ul className="opencall-list" aria-label={t('ownObjections')}>
      {rows.map((each) => (
        <li key={each.id} className="panel stack">
          <p>
            <span className="muted">{format.moment(each.at)}</span> {each.text}
          </p>
          <p>
            {each.answer === null ? t('waitsForAnswer') : `${t('answered')}：${each.answer}`}
            {each.outcome === null ? null : <strong> {policy(`objected.${each.outcome}`)}</strong>}
          </p>
        </li>
      ))}
    </ul>
  );
}

/** The officer's side: what was objected to, and the answers that let the decision go on. */
export function ObjectionDesk({ subjectId }: { subjectId: string }) {
  const { t } = useTranslation('opencall');
  const { can } = useSession();
  const { data: rows = [] } = useQuery({
    queryKey: ['opencall', 'objections', subjectId],
    queryFn: ({ signal }) =>
      everyPage((after) => api.opencall.objections({ query: about(subjectId, after), signal })),
    enabled: can('policy.manage'),
    retry: false,
  });
  if (rows.length === 0) return null;
  return (
    <Section title={t('objections')}>
      <ObjectionAnswers
        rows={rows}
        group="opencall"
        send={(id, body) => api.opencall.answerObjection({ params: { id }, body })}
      />
    </Section>
  );
}
