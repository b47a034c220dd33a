import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { addressOf, contract, type ResultOf } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answers, api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { fenOf } from '../kernel/money.ts';
import { FilePicker } from '../kernel/parts/file-picker.tsx';
import { useFindingTexts } from '../kernel/parts/findings.tsx';
import { Facts, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { useSession } from '../kernel/session.ts';
import { startUpload } from '../kernel/uploads.ts';
import { CaseState, wordsOf } from './cases-page.tsx';
import './evidence.css';

type Case = ResultOf<typeof contract.cases.get>;
type Take = (step: Promise<Case>) => Promise<boolean>;

/** One case: what the rule saw, what was said about it, and what may be done next. */
export function CasePage() {
  const { t } = useTranslation('exhibition');
  const kernel = useTranslation('kernel').t;
  const texts = useFindingTexts();
  const format = useFormat();
  const { id } = useParams({ from: '/desk/exhibition/cases/$id' });
  const question = ask('cases', 'get', { params: { id } });
  const one = useQuery(question);
  const [fault, setFault] = useState<unknown>(null);
  if (one.isPending) return <Waiting />;
  if (one.isError) return <ProblemNote fault={one.error} again={() => void one.refetch()} />;
  const { data } = one;
  const take: Take = async (step) => {
    try {
      answers.setQueryData(question.queryKey, await step);
      setFault(null);
      await forget('cases');
      return true;
    } catch (caught) {
      setFault(caught);
      return false;
    }
  };
  return (
    <Page
      wide
      title={t(`cases.ruleName.${data.rule}`)}
      kicker={<Link to="/exhibition/cases">{kernel('page.cases')}</Link>}
      lead={wordsOf({ code: data.rule, facts: data.facts, at: {} }, texts)}
    >
      <div className="panel">
        <Facts
          rows={[
            [t('state'), <CaseState key="state" state={data.state} verdict={data.verdict} />],
            [t('cinema'), `${data.cinemaName} ${data.screenName}`],
            [t('cases.film'), data.filmTitle],
            [t('cases.time'), data.localAt.replace('T', ' ')],
            [t('cases.owner'), data.owner],
            [t('cases.answerBy'), data.answerBy === null ? null : format.moment(data.answerBy)],
            [t('cases.amount'), data.amountFen === '0' ? null : format.money(data.amountFen)],
            [t('cases.edition'), data.edition],
          ]}
        />
      </div>
      <Evidence data={data} />
      {data.rows.length === 0 ? null : <Rows data={data} />}
      <Section title={t('cases.talk')}>
        <ol className="talk">
          {data.events.map((event, index) => (
            <li key={index} className={event.side === 'cinema' ? 'cinema-word' : undefined}>
              <small>
                {[format.moment(event.at), `${event.organisation} ${event.person}`.trim(),
                  t(`cases.action.${event.action}`)].filter(Boolean).join(' · ')}
              </small>
              {event.text === '' ? null : <p>{event.text}</p>}
              {event.files.map((file) => (
                <p key={file.id}>
                  <a
                    download
                    href={addressOf(contract.files.download, { params: { id: file.id } })}
                  >
                    {file.name}
                  </a>
                </p>
              ))}
            </li>
          ))}
        </ol>
      </Section>
      <ProblemNote fault={fault} />
      <Steps data={data} take={take} />
    </Page>
  );
}

/** An instant on the cinema's clock, which the case itself is told on. */
function onCinemaClock({ at, localAt }: Case, instant: string): string {
  const offset = Date.parse(`${localAt}:00Z`) - Date.parse(at);
  // The case's own time is told to the minute.
  const quarter = 15 * 60_000;
  const shifted = Date.parse(instant) + Math.round(offset / quarter) * quarter;
  return new Date(shifted).toISOString().slice(0, 16).replace('T', ' ');
}

function Evidence({ data }: { data: Case }) {
  const { t } = useTranslation('exhibition');
  const format = useFormat();
  return (
    <Section title={t('cases.evidence')}>
      <Records
        label={t('cases.evidence')}
        rows={data.evidence}
        keyOf={(each) => `${each.kind} ${each.id}`}
        columns={[
          { title: t('cases.kind'), head: true, cell: (each) => t(`cases.record.${each.kind}`) },
          { title: t('cases.film'), cell: (each) => each.title },
          { title: t('cases.begins'), cell: (each) => onCinemaClock(data, each.startsAt) },
          {
            title: t('cases.ends'),
            cell: (each) => (each.endsAt === null ? '—' : onCinemaClock(data, each.endsAt)),
          },
          {
            title: t('admissions'),
            figure: true,
            cell: (each) => (each.admissions === null ? '—' : format.number(each.admissions)),
          },
          {
            title: t('gross'),
            figure: true,
            cell: (each) => (each.grossFen === null ? '—' : format.money(each.grossFen)),
          },
        ]}
      />
    </Section>
  );
}

function Rows({ data }: { data: Case }) {
  const { t } = useTranslation('exhibition');
  const format = useFormat();
  return (
    <Section title={t('cases.rows')}>
      <Records
        label={t('cases.rows')}
        rows={data.rows}
        keyOf={(each) => `${each.reportId}:${each.line}`}
        columns={[
          {
            title: t('cases.line'),
            head: true,
            cell: (each) => (
              <Link to="/exhibition/reports/$id" params={{ id: each.reportId }}>
                {t('cases.lineOf', { line: each.line })}
              </Link>
            ),
          },
          {
            title: t('cases.stated'),
            figure: true,
            cell: (each) =>
              `${format.number(each.statedAdmissions)} · ${format.money(each.statedGrossFen)}`,
          },
          {
            title: t('cases.counts'),
            figure: true,
            cell: (each) =>
              each.standing === 'excluded'
                ? '—'
                : `${format.number(each.admissions)} · ${format.money(each.grossFen)}`,
          },
          { title: t('state'), cell: (each) => t(`cases.standing.${each.standing}`) },
        ]}
      />
    </Section>
  );
}

function Steps({ data, take }: { data: Case; take: Take }) {
  const { can } = useSession();
  const examines = data.side === 'examiner' && can('settlement.write');
  const undecided = ['open', 'asked', 'answered'].includes(data.state);
  return (
    <>
      {examines && undecided ? <AskForm data={data} take={take} /> : null}
      {data.side === 'cinema' && can('exhibition.report')
        && ['asked', 'answered'].includes(data.state) ? (
          <AnswerForm data={data} take={take} />
        ) : null}
      {examines && undecided ? <DecideForm data={data} take={take} /> : null}
      {data.side === 'examiner' && can('settlement.issue') && data.state === 'proposed' ? (
        <ConfirmForm data={data} take={take} />
      ) : null}
    </>
  );
}

function Words({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (text: string) => void;
}) {
  return (
    <label className="field-row">
      <span>{label}</span>
      <textarea
        className="input"
        value={value}
        maxLength={10_000}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}

function AskForm({ data, take }: { data: Case; take: Take }) {
  const { t } = useTranslation('exhibition');
  const [text, setText] = useState('');
  if (data.state === 'asked') return null;
  const send = () =>
    void take(
      api.cases.ask({ params: { id: data.id }, body: { version: data.version, text } }),
    ).then((done) => done && setText(''));
  return (
    <Section title={t('cases.ask')}>
      <div className="case-form">
        <Words label={t('cases.askText')} value={text} onChange={setText} />
        <div>
          <button type="button" className="button button-first" onClick={send}>
            {t('cases.askNow')}
          </button>
        </div>
      </div>
    </Section>
  );
}

function AnswerForm({ data, take }: { data: Case; take: Take }) {
  const { t } = useTranslation('exhibition');
  const [text, setText] = useState('');
  const [files, setFiles] = useState<{ id: string; name: string }[]>([]);
  const [fault, setFault] = useState<unknown>(null);
  const attach = async (file: File) => {
    try {
      const id = await startUpload(file, { kind: 'hold' });
      setFiles((before) => [...before, { id, name: file.name }]);
      setFault(null);
    } catch (caught) {
      setFault(caught);
    }
  };
  const send = () =>
    void take(
      api.cases.answer({
        params: { id: data.id },
        body: { version: data.version, text, fileIds: files.map((each) => each.id) },
      }),
    ).then((done) => {
      if (!done) return;
      setText('');
      setFiles([]);
    });
  return (
    <Section title={t('cases.answer')}>
      <div className="case-form">
        <Words label={t('cases.answerText')} value={text} onChange={setText} />
        <FilePicker
          accept="*/*"
          label={t('cases.attach')}
          onChoose={(file) => void attach(file)}
        />
        {files.map((file) => (
          <p key={file.id}>{file.name}</p>
        ))}
        <ProblemNote fault={fault} />
        <div>
          <button
            type="button"
            className="button button-first"
            disabled={text.trim() === ''}
            onClick={send}
          >
            {t('cases.answerNow')}
          </button>
        </div>
      </div>
    </Section>
  );
}

type Verdict = NonNullable<Case['verdict']>;
const VERDICTS: readonly Verdict[] = ['dismissed', 'tolerated', 'upheld'];

function DecideForm({ data, take }: { data: Case; take: Take }) {
  const { t } = useTranslation('exhibition');
  const [verdict, setVerdict] = useState<Verdict>('dismissed');
  const [text, setText] = useState('');
  const [changes, setChanges] = useState<Record<string, { admissions: string; yuan: string }>>({});
  const keyOf = (row: Case['rows'][number]) => `${row.reportId}:${row.line}`;
  const rows = data.rows.flatMap((row) => {
    const change = changes[keyOf(row)];
    if (change === undefined || change.yuan === '' || change.admissions === '') return [];
    const fen = fenOf(change.yuan);
    if (fen === undefined) return [];
    const { reportId, line } = row;
    return [{ reportId, line, admissions: Number(change.admissions), grossFen: fen }];
  });
  const send = () =>
    void take(
      api.cases.decide({
        params: { id: data.id },
        body: { version: data.version, verdict, text, rows: verdict === 'upheld' ? rows : [] },
      }),
    );
  return (
    <Section title={t('cases.decide')}>
      <div className="case-form">
        <label className="field-row">
          <span>{t('cases.verdictLabel')}</span>
          <select
            className="input"
            value={verdict}
            onChange={(event) => setVerdict(event.target.value as Verdict)}
          >
            {VERDICTS.map((each) => (
              <option key={each} value={each}>
                {t(`cases.verdict.${each}`)}
              </option>
            ))}
          </select>
        </label>
        {verdict === 'upheld' && data.rows.length > 0 ? (
          <fieldset className="case-form">
            <legend>{t('cases.asItShouldBe')}</legend>
            {data.rows.map((row) => (
              <div key={keyOf(row)} className="filters">
                {(['admissions', 'yuan'] as const).map((name) => (
                  <label key={name} className="field-row">
                    <span>
                      {t('cases.lineOf', { line: row.line })} · {t(`cases.correct.${name}`)}
                    </span>
                    <input
                      className="input"
                      inputMode="decimal"
                      value={changes[keyOf(row)]?.[name] ?? ''}
                      onChange={(event) =>
                        setChanges((before) => ({
                          ...before,
                          [keyOf(row)]: {
                            ...(before[keyOf(row)] ?? { admissions: '', yuan: '' }),
                            [name]: event.target.value,
                          },
                        }))
                      }
                    />
                  </label>
                ))}
              </div>
            ))}
          </fieldset>
        ) : null}
        <Words label={t('cases.why')} value={text} onChange={setText} />
        <div>
          <button type="button" className="button button-first" onClick={send}>
            {t('cases.decideNow')}
          </button>
        </div>
      </div>
    </Section>
  );
}

function ConfirmForm({ data, take }: { data: Case; take: Take }) {
  const { t } = useTranslation('exhibition');
  const [text, setText] = useState('');
  if (data.proposedByMe) return <p className="muted">{t('cases.anotherPerson')}</p>;
  const send = (agree: boolean) =>
    void take(
      api.cases.confirm({
        params: { id: data.id },
        body: { version: data.version, agree, text },
      }),
    );
  return (
    <Section title={t('cases.confirm')}>
      <div className="case-form">
        <Words label={t('cases.why')} value={text} onChange={setText} />
        <div className="row">
          <button type="button" className="button button-first" onClick={() => send(true)}>
            {t('cases.confirmNow')}
          </button>
          <button type="button" className="button" onClick={() => send(false)}>
            {t('cases.sendBack')}
          </button>
        </div>
      </div>
    </Section>
  );
}
