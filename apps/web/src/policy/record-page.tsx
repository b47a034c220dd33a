import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { addressOf, contract } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../kernel/action.ts';
import { api, ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { ExportMenu } from '../kernel/parts/export-menu.tsx';
import { Empty, Page, Section } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';
import { type ObjectionOutcome, OutcomeField } from './objection-answers.tsx';
import './policy.css';

type Answering = { readonly kind: 'objection' | 'appeal'; readonly id: string };

const listOf = (list: 'objections' | 'appeals') => (format: 'xlsx' | 'csv') => (
  addressOf(contract.policyDesk.list, { params: { list }, query: { format } })
);

/** What people said against proposals and refusals, and what they were answered. */
export function RecordPage() {
  const { t } = useTranslation('policy');
  const kernel = useTranslation('kernel').t;
  const { organisation } = useSession();
  const departments = useQuery(ask('policy', 'departments'));
  const department = departments.data?.rows.some(({ id }) => id === organisation?.id) === true;
  const [answering, setAnswering] = useState<Answering | null>(null);
  return (
    <Page title={kernel('page.policyRecord')} lead={t('recordLead')}>
      {department ? (
        <Section title={t('objections')}
          actions={<ExportMenu hrefOf={listOf('objections')} />}>
          <Objections onAnswer={(id) => setAnswering({ kind: 'objection', id })} />
        </Section>
      ) : null}
      <Section title={t('appeals')} actions={<ExportMenu hrefOf={listOf('appeals')} />}>
        <Appeals onAnswer={(id) => setAnswering({ kind: 'appeal', id })} />
      </Section>
      <Answer answering={answering} onClose={() => setAnswering(null)} />
    </Page>
  );
}

function Objections({ onAnswer }: { onAnswer: (id: string) => void }) {
  const { t } = useTranslation('policy');
  const format = useFormat();
  const { can } = useSession();
  const [open, setOpen] = useState(false);
  return (
    <>
      <label className="row check"><input type="checkbox" checked={open}
        onChange={({ target }) => setOpen(target.checked)} /> {t('onlyOpen')}</label>
      <Paged label={t('objections')} name={['policyDesk', 'objections', open]}
        load={(after, signal) => api.policyDesk.objections({ signal, query: {
          ...(after === undefined ? {} : { after }), ...(open ? { open: 'true' } : {}),
        } })}
        keyOf={(each) => each.id}
        empty={<Empty title={t('noObjections')}>{t('noObjectionsText')}</Empty>}
        columns={[
          { title: t('thing'), head: true, cell: (each) => (
            <Link to="/policy/claims/$id" params={{ id: each.claimId }}>
              {each.object}<small>{each.applicant}</small></Link>
          ) },
          { title: t('by'), cell: (each) => `${each.by} · ${format.day(each.at)}` },
          { title: t('objection'), cell: (each) => each.text },
          { title: t('answerDue'), figure: true, cell: (each) => format.date(each.answerBy) },
          { title: t('outcome'), cell: (each) => (
            each.outcome === null ? '—' : t(`objected.${each.outcome}`)) },
          { title: t('answer'), cell: (each) => each.answer ?? (can('policy.manage') ? (
            <button type="button" className="link-button"
              onClick={() => onAnswer(each.id)}>{t('answer')}</button>
          ) : '—') },
        ]} />
    </>
  );
}

function Appeals({ onAnswer }: { onAnswer: (id: string) => void }) {
  const { t } = useTranslation('policy');
  const format = useFormat();
  const { can } = useSession();
  return (
    <Paged label={t('appeals')} name={['policyDesk', 'appeals']}
      load={(after, signal) => api.policyDesk.appeals({ signal,
        query: after === undefined ? {} : { after } })}
      keyOf={(each) => each.id}
      empty={<Empty title={t('noAppeals')}>{t('noAppealsText')}</Empty>}
      columns={[
        { title: t('thing'), head: true, cell: (each) => (
          <Link to="/policy/claims/$id" params={{ id: each.claimId }}>
            {each.object}<small>{each.applicant}</small></Link>
        ) },
        { title: t('by'), cell: (each) => `${each.by} · ${format.date(each.madeOn)}` },
        { title: t('appeal'), cell: (each) => each.text },
        { title: t('outcome'), cell: (each) => t(each.upheld === null ? 'appealOpen'
          : each.upheld ? 'upheld' : 'dismissed') },
        { title: t('answer'), cell: (each) => each.answer ?? (can('policy.decide') ? (
          <button type="button" className="link-button"
            onClick={() => onAnswer(each.id)}>{t('dismiss')}</button>
        ) : '—') },
      ]} />
  );
}

function Answer({ answering, onClose }: { answering: Answering | null; onClose: () => void }) {
  const { t } = useTranslation('policy');
  const [answer, setAnswer] = useState('');
  const [outcome, setOutcome] = useState<ObjectionOutcome>('dismissed');
  const { act, busy, fault } = useAction('policyDesk', 'policy');
  const params = { id: answering?.id ?? '' };
  const send = () => act(
    () => (answering?.kind === 'appeal'
      ? api.policyDesk.dismissAppeal({ params, body: { answer } })
      : api.policy.answerObjection({ params, body: { outcome, answer } })),
    () => {
      setAnswer('');
      onClose();
    },
  );
  return (
    <Dialog title={t(answering?.kind === 'appeal' ? 'dismiss' : 'answer')}
      open={answering !== null} onClose={onClose} actions={
        <button type="button" className="button button-first"
          disabled={busy || answer.trim().length < 2}
          onClick={() => void send()}>{t('send')}</button>
      }>
      {answering?.kind === 'appeal' ? <p className="muted">{t('upholdHint')}</p> : (
        <OutcomeField value={outcome} onChange={setOutcome} />
      )}
      <label className="field"><span>{t('answer')}</span>
        <textarea className="input" rows={5} value={answer}
          onChange={({ target }) => setAnswer(target.value)} /></label>
      <ProblemNote fault={fault} />
    </Dialog>
  );
}
