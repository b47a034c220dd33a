import { useQuery } from '@tanstack/react-query';
import { contract, type ResultOf } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Findings } from '../kernel/parts/findings.tsx';
import { ListSheet } from '../kernel/parts/list-sheet.tsx';
import { Empty, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';
import '../release/release.css';

type Help = ResultOf<typeof contract.help.list>['rows'][number];
const LOOK_AGAIN_MS = 15_000;

/** Calls for help from the boards of cinemas, and the answers of the film's desk. */
export function HelpPage() {
  const { t } = useTranslation('keys');
  const kernel = useTranslation('kernel').t;
  const calls = useQuery({
    ...ask('help', 'list', { query: { limit: 200 } }),
    refetchInterval: LOOK_AGAIN_MS,
  });
  const rows = calls.data?.rows ?? [];
  const open = rows.filter((each) => each.answeredAt === null);
  const done = rows.filter((each) => each.answeredAt !== null);
  return (
    <Page
      title={kernel('page.help')}
      lead={t('helpLead')}
      actions={<ListSheet of={contract.help.list} />}
    >
      <ProblemNote fault={calls.error} />
      {calls.isPending ? <Waiting /> : null}
      {calls.isSuccess && rows.length === 0 ? (
        <Empty title={t('helpNone')}>{t('helpNoneText')}</Empty>
      ) : null}
      {open.length === 0 ? null : (
        <Section title={t('helpOpen')}>
          <ul className="shows">
            {open.map((each) => (
              <Call key={each.id} call={each} />
            ))}
          </ul>
        </Section>
      )}
      {done.length === 0 ? null : (
        <Section title={t('helpDone')}>
          <ul className="shows">
            {done.map((each) => (
              <Call key={each.id} call={each} />
            ))}
          </ul>
        </Section>
      )}
    </Page>
  );
}

function Call({ call }: { call: Help }) {
  const { t } = useTranslation('keys');
  const format = useFormat();
  const [day, clock] = call.localStart.split('T') as [string, string];
  return (
    <li className={`show show-${call.answeredAt === null ? 'red' : 'green'}`}>
      <div className="show-time">
        {clock}
        <small>{format.date(day)}</small>
      </div>
      <div className="show-main">
        <h3>{call.filmTitle}</h3>
        <p>
          {call.cinemaName} · {call.screenName}
        </p>
        <p>
          {t('asked', { who: call.askedBy })} · {format.moment(call.createdAt)}
        </p>
        {call.note === '' ? null : <p className="show-why">“{call.note}”</p>}
        <Findings findings={call.findings} />
        {call.answer === null ? null : (
          <p className="show-why">
            {t('replied', { who: call.answeredBy ?? '' })}: {call.answer}
          </p>
        )}
        {call.mine ? <Reply id={call.id} /> : null}
      </div>
    </li>
  );
}

function Reply({ id }: { id: string }) {
  const { t } = useTranslation('keys');
  const { can } = useSession();
  const [answer, setAnswer] = useState('');
  const [fault, setFault] = useState<unknown>(null);
  if (!can('distribution.issue_keys')) return null;
  const send = async () => {
    try {
      await api.help.answer({ params: { id }, body: { answer } });
      await forget('help', 'shows');
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <label className="field">
        <span>{t('reply')}</span>
        <textarea
          className="input"
          rows={2}
          maxLength={1000}
          value={answer}
          required
          onChange={(event) => setAnswer(event.target.value)}
        />
      </label>
      <p>
        <button type="submit" className="button button-first" disabled={answer.trim() === ''}>
          {t('reply')}
        </button>
      </p>
      <ProblemNote fault={fault} />
    </form>
  );
}
