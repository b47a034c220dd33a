import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { checkRubric, type Rubric } from '@yinglian/opencall';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../kernel/action.ts';
import { api, ask } from '../kernel/api.ts';
import { Findings } from '../kernel/parts/findings.tsx';
import { Empty, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';
import { BarFields, type BarQuotes, barsOf } from '../policy/bars.tsx';
import { FIRST_INSTRUMENT, useItemTitle } from '../policy/words.ts';
import { NoDepartment, useDepartment } from './department.tsx';
import { CheckField, ChoiceField, RowsField, TextField } from './fields.tsx';
import './opencall.css';

/** Weights that calls commonly use; each round may say otherwise. */
const RUBRIC_FIRST = [
  ['innovation', '30%'],
  ['feasibility', '30%'],
  ['foundation', '20%'],
  ['economy', '20%'],
] as const;
const MARK_MAX = 10;
const DAY_MS = 86_400_000;
const VIEWS = ['trimmed', 'mean', 'additive'] as const;
/** The items of the policy that open calls are made under. */
const ITEMS = ['M2.2', 'M2.3'] as const;
const RULES = ['simple', 'guarded'] as const;

type Terms = {
  readonly opensAt: string;
  readonly closesAt: string;
  readonly revealUntil: string;
  readonly openers: readonly string[];
  readonly threshold: string;
  readonly rubric: Rubric;
  readonly view: (typeof VIEWS)[number];
  readonly awards: string;
  readonly checkpoint: string;
  readonly passPoints: string;
  readonly excludedMax: string;
  readonly seats: readonly { readonly field: string; readonly count: string }[];
  readonly organisationMax: string;
  readonly regionMax: string;
  readonly loadMax: string;
  readonly conflictYears: string;
  readonly noticeDays: string;
  readonly acceptance: (typeof RULES)[number];
  readonly item: (typeof ITEMS)[number];
  readonly bars: BarQuotes;
};

/** A moment as the platform's own field writes it, in the reader's zone, on a whole hour. */
function fieldTime(ms: number): string {
  const at = new Date(ms);
  at.setMinutes(0, 0, 0);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function firstTerms(titleOf: (code: string) => string): Terms {
  const now = Date.now();
  return {
    opensAt: fieldTime(now),
    closesAt: fieldTime(now + 30 * DAY_MS),
    revealUntil: fieldTime(now + 32 * DAY_MS),
    openers: [],
    threshold: '0',
    rubric: RUBRIC_FIRST.map(([code, weight]) => ({
      code,
      title: titleOf(code),
      weight,
      max: MARK_MAX,
    })),
    view: 'trimmed',
    awards: '1',
    checkpoint: '',
    passPoints: '60',
    excludedMax: '3',
    seats: [{ field: '*', count: '5' }],
    organisationMax: '1',
    regionMax: '',
    loadMax: '3',
    conflictYears: '3',
    noticeDays: '5',
    acceptance: 'simple',
    item: 'M2.2',
    bars: {},
  };
}

type PartProps = { readonly terms: Terms; readonly put: (part: Partial<Terms>) => void };

/** Everything that is fixed before a task is announced, and cannot be turned afterwards. */
export function NewRoundPage() {
  const { t } = useTranslation('opencall');
  const { organisation } = useSession();
  const { data, error } = useQuery(ask('opencall', 'catalogues'));
  const department = useDepartment();
  const own = (data?.rows ?? []).filter(
    (each) => each.departmentId === organisation?.id && each.edition > 0,
  );
  return (
    <Page title={t('newRound')} lead={t('newRoundLead')}>
      <ProblemNote fault={error} />
      {data === undefined ? (
        error === null ? (
          <Waiting />
        ) : null
      ) : department === false ? (
        <NoDepartment />
      ) : own.length === 0 ? (
        <Empty
          title={t('noPublished')}
          action={
            <Link className="button button-first" to="/policy/opencall/catalogues">
              {t('catalogues')}
            </Link>
          }
        >
          {t('noPublishedText')}
        </Empty>
      ) : (
        <RoundForm catalogues={own} />
      )}
    </Page>
  );
}

function RoundForm({
  catalogues,
}: {
  readonly catalogues: readonly { readonly id: string; readonly title: string }[];
}) {
  const { t } = useTranslation('opencall');
  const asked = useSearch({ from: '/desk/policy/opencall/rounds/new' });
  const navigate = useNavigate();
  const [catalogueId, setCatalogue] = useState(asked.catalogue ?? catalogues[0]!.id);
  const [entry, setEntry] = useState(asked.entry ?? '');
  const [terms, setTerms] = useState(() => firstTerms((code) => t(`criterion.${code}`)));
  const { act, busy, fault } = useAction('opencall');
  const { data } = useQuery(ask('opencall', 'catalogue', { params: { id: catalogueId } }));
  const put = (part: Partial<Terms>) => setTerms({ ...terms, ...part });
  const wrong = checkRubric(terms.rubric);
  const make = () =>
    act(async () => {
      const { id } = await api.opencall.createRound({ body: bodyOf(catalogueId, entry, terms) });
      await navigate({ to: '/policy/opencall/rounds/$id', params: { id } });
    });
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void make();
      }}
    >
      <Section title={t('task')}>
        <div className="panel opencall-form">
          <ChoiceField
            label={t('catalogue')}
            value={catalogueId}
            choices={catalogues.map(({ id, title }) => [id, title])}
            onChange={setCatalogue}
          />
          <label className="field">
            <span className="opencall-required">{t('task')}</span>
            <select
              className="input"
              required
              value={entry}
              onChange={({ target }) => setEntry(target.value)}
            >
              <option value="">—</option>
              {(data?.entries ?? []).map(({ code, title }) => (
                <option key={code} value={code}>
                  {code} {title}
                </option>
              ))}
            </select>
          </label>
        </div>
      </Section>
      <Hours terms={terms} put={put} />
      <Opening terms={terms} put={put} />
      <Judging terms={terms} put={put} />
      {wrong.length === 0 ? null : <Findings findings={wrong} />}
      <Drawing terms={terms} put={put} />
      <Paying terms={terms} put={put} />
      <ProblemNote fault={fault} />
      <p>
        <button className="button button-first" disabled={busy || wrong.length > 0}>
          {t('saveRound')}
        </button>
      </p>
      <p className="muted">{t('saveRoundText')}</p>
    </form>
  );
}

function Hours({ terms, put }: PartProps) {
  const { t } = useTranslation('opencall');
  return (
    <Section title={t('hours')}>
      <p className="muted">{t('hoursText')}</p>
      <div className="panel opencall-form">
        {(['opensAt', 'closesAt', 'revealUntil'] as const).map((name) => (
          <TextField
            key={name}
            label={t(`hour.${name}`)}
            hint={t(`hourHint.${name}`)}
            type="datetime-local"
            required
            value={terms[name]}
            onChange={(value) => put({ [name]: value })}
          />
        ))}
        <TextField
          label={t('noticeDays')}
          hint={t('noticeDaysHint')}
          type="number"
          min={1}
          max={60}
          value={terms.noticeDays}
          onChange={(noticeDays) => put({ noticeDays })}
        />
      </div>
    </Section>
  );
}

function Opening({ terms, put }: PartProps) {
  const { t } = useTranslation('opencall');
  const { data, error } = useQuery({ ...ask('opencall', 'openers'), retry: false });
  const rows = data?.rows ?? [];
  const choose = (id: string, yes: boolean) => {
    const openers = yes ? [...terms.openers, id] : terms.openers.filter((each) => each !== id);
    // A majority, until the officer says otherwise.
    put({ openers, threshold: String(openers.length === 0 ? 0 : (openers.length >> 1) + 1) });
  };
  return (
    <Section title={t('openersTitle')}>
      <p className="muted">{t('openersHelp')}</p>
      <div className="panel stack">
        <ProblemNote fault={error} />
        {rows.length === 0 ? <p>{t('noOpenersKnown')}</p> : null}
        {rows.map((each) => (
          <CheckField
            key={each.id}
            label={`${each.name}（${each.department}）`}
            checked={terms.openers.includes(each.id)}
            onChange={(yes) => choose(each.id, yes)}
          />
        ))}
        <TextField
          label={t('thresholdTitle')}
          hint={t('thresholdHint')}
          type="number"
          min={0}
          max={15}
          value={terms.threshold}
          onChange={(threshold) => put({ threshold })}
        />
      </div>
    </Section>
  );
}

function Judging({ terms, put }: PartProps) {
  const { t } = useTranslation('opencall');
  return (
    <Section title={t('judging')}>
      <div className="stack">
        <RowsField
          title={t('rubric')}
          hint={t('rubricHint')}
          rows={terms.rubric}
          blank={() => ({
            code: `C${terms.rubric.length + 1}`,
            title: '',
            weight: '10%',
            max: MARK_MAX,
          })}
          onChange={(rubric) => put({ rubric: [...rubric] })}
          addLabel={t('addCriterion')}
        >
          {(row, set) => (
            <>
              <TextField
                label={t('criterionTitle')}
                required
                value={row.title}
                onChange={(title) => set({ ...row, title })}
              />
              <TextField
                label={t('weight')}
                required
                value={row.weight}
                onChange={(weight) => set({ ...row, weight })}
              />
              <TextField
                label={t('markMax')}
                type="number"
                min={1}
                max={1000}
                value={String(row.max)}
                onChange={(max) => set({ ...row, max: Number(max) })}
              />
            </>
          )}
        </RowsField>
        <div className="panel opencall-form">
          <ChoiceField
            label={t('decides')}
            hint={t('decidesHint')}
            value={terms.view}
            choices={VIEWS.map((each) => [each, t(`view.${each}`)])}
            onChange={(view) => put({ view })}
          />
          <TextField
            label={t('awards')}
            hint={t('awardsHint')}
            type="number"
            min={1}
            max={20}
            value={terms.awards}
            onChange={(awards) => put({ awards })}
          />
          {Number(terms.awards) < 2 ? null : (
            <TextField
              label={t('checkpoint')}
              hint={t('checkpointHint')}
              type="date"
              value={terms.checkpoint}
              onChange={(checkpoint) => put({ checkpoint })}
            />
          )}
          <TextField
            label={t('passPoints')}
            inputMode="decimal"
            value={terms.passPoints}
            onChange={(passPoints) => put({ passPoints })}
          />
          <ChoiceField
            label={t('acceptance')}
            hint={t(`acceptanceHint.${terms.acceptance}`)}
            value={terms.acceptance}
            choices={RULES.map((each) => [each, t(`acceptanceRule.${each}`)])}
            onChange={(acceptance) => put({ acceptance })}
          />
        </div>
      </div>
    </Section>
  );
}

/** The measure that awards are paid under, and what bars a bidder. */
function Paying({ terms, put }: PartProps) {
  const { t } = useTranslation('opencall');
  const titleOf = useItemTitle(FIRST_INSTRUMENT);
  return (
    <Section title={t('paying')}>
      <div className="panel stack">
        <ChoiceField
          label={t('paidUnder')}
          hint={t('paidUnderHint')}
          value={terms.item}
          choices={ITEMS.map((each) => [each, titleOf(each)])}
          onChange={(item) => put({ item })}
        />
        <BarFields quotes={terms.bars} onChange={(bars) => put({ bars })} />
      </div>
    </Section>
  );
}

function Drawing({ terms, put }: PartProps) {
  const { t } = useTranslation('opencall');
  const limits = [
    ['organisationMax', 1],
    ['regionMax', 1],
    ['loadMax', 1],
    ['conflictYears', 0],
    ['excludedMax', 0],
  ] as const;
  return (
    <Section title={t('drawing')}>
      <p className="muted">{t('drawingText')}</p>
      <div className="stack">
        <RowsField
          title={t('seats')}
          hint={t('seatsHint')}
          rows={terms.seats}
          blank={() => ({ field: '*', count: '1' })}
          onChange={(seats) => put({ seats })}
          addLabel={t('addSeats')}
        >
          {(row, set) => (
            <>
              <TextField
                label={t('expertField')}
                required
                value={row.field}
                onChange={(field) => set({ ...row, field })}
              />
              <TextField
                label={t('seatCount')}
                type="number"
                min={0}
                max={50}
                value={row.count}
                onChange={(count) => set({ ...row, count })}
              />
            </>
          )}
        </RowsField>
        <div className="panel opencall-form">
          {limits.map(([name, least]) => (
            <TextField
              key={name}
              label={t(`limit.${name}`)}
              hint={t(`limitHint.${name}`)}
              type="number"
              min={least}
              max={50}
              value={terms[name]}
              onChange={(value) => put({ [name]: value })}
            />
          ))}
        </div>
      </div>
    </Section>
  );
}

type Body = NonNullable<Parameters<typeof api.opencall.createRound>[0]>['body'];

function bodyOf(catalogueId: string, entry: string, terms: Terms): Body {
  const instant = (text: string) => new Date(text).toISOString();
  return {
    catalogueId,
    entry,
    opensAt: instant(terms.opensAt),
    closesAt: instant(terms.closesAt),
    revealUntil: instant(terms.revealUntil),
    openers: [...terms.openers],
    threshold: Number(terms.threshold),
    rubric: terms.rubric,
    item: terms.item,
    historyRules: barsOf(terms.bars),
    view: terms.view,
    awards: Number(terms.awards),
    checkpoint: Number(terms.awards) < 2 || terms.checkpoint === '' ? null : terms.checkpoint,
    passPoints: terms.passPoints,
    excludedMax: Number(terms.excludedMax),
    seats: terms.seats.map(({ field, count }) => ({ field: field.trim(), count: Number(count) })),
    organisationMax: Number(terms.organisationMax),
    regionMax: terms.regionMax === '' ? null : Number(terms.regionMax),
    loadMax: Number(terms.loadMax),
    conflictYears: Number(terms.conflictYears),
    noticeDays: Number(terms.noticeDays),
    acceptance: terms.acceptance,
  };
}
