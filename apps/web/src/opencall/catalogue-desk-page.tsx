import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { CATALOGUE_FLOW, type CatalogueEntry, checkEntries } from '@yinglian/opencall';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../kernel/action.ts';
import { api, ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Findings } from '../kernel/parts/findings.tsx';
import { Empty, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { useSession } from '../kernel/session.ts';
import { blankEntry, EntryEditor } from './entry-editor.tsx';
import { TextField } from './fields.tsx';
import { IndicatorList } from './indicator-list.tsx';
import { ObjectionDesk } from './objections.tsx';
import { StepList, Way } from './step-list.tsx';
import './opencall.css';

type Desk = Awaited<ReturnType<typeof api.opencall.catalogueDesk>>;

/** Stages in which the draft may be written. */
const DRAFTING: ReadonlySet<string> = new Set(['collecting', 'merging', 'arguing', 'revising']);
const STATIONS = ['collecting', 'merging', 'arguing', 'on_notice', 'published', 'closed'];

/** One catalogue: its demands, its draft that is tested as it is written, its way to the public. */
export function CatalogueDeskPage() {
  const { id } = useParams({ from: '/desk/policy/opencall/catalogues/$id' });
  const { t } = useTranslation('opencall');
  const { data, error } = useQuery(ask('opencall', 'catalogueDesk', { params: { id } }));
  if (error !== null) {
    return (
      <Page title={t('catalogue')}>
        <ProblemNote fault={error} />
      </Page>
    );
  }
  if (data === undefined) return <Waiting />;
  const { catalogue } = data;
  return (
    <Page
      title={catalogue.title}
      kicker={`${t('catalogues')} · ${catalogue.year}`}
      lead={t(`catalogueNext.${catalogue.state}`)}
      actions={
        <Link className="button" to="/policy/opencall/catalogues">
          {t('catalogues')}
        </Link>
      }
    >
      <Way
        label={t('way')}
        at={catalogue.state === 'revising' ? 'arguing' : catalogue.state}
        stations={STATIONS.map((each) => [each, t(`catalogueState.${each}`)])}
      />
      <Acts desk={data} />
      {DRAFTING.has(catalogue.state) ? (
        <Draft key={catalogue.version} desk={data} />
      ) : (
        <Published desk={data} />
      )}
      <ObjectionDesk subjectId={catalogue.id} />
      <Editions desk={data} />
      <Section title={t('history')}>
        <StepList steps={data.steps} words={(action) => t(`catalogueAction.${action}`)} />
      </Section>
    </Page>
  );
}

function Acts({ desk }: { desk: Desk }) {
  const { t } = useTranslation('opencall');
  const format = useFormat();
  const { can } = useSession();
  const [reason, setReason] = useState('');
  const { act, busy, fault } = useAction('opencall');
  const { catalogue } = desk;
  const roleOf = (action: string) =>
    CATALOGUE_FLOW.find((each) => each.action === action)?.role ?? 'officer';
  const may = (action: string) =>
    can(roleOf(action) === 'approver' ? 'policy.decide' : 'policy.manage');
  const others = desk.actions.filter((action) => !may(action));
  const take = (action: string) =>
    act(
      () =>
        api.opencall.actCatalogue({
          params: { id: catalogue.id },
          body: { version: catalogue.version, action, reason },
        }),
      () => setReason(''),
    );
  return (
    <Section title={t('nextStep')}>
      <div className="panel stack">
        {catalogue.noticeUntil === null || catalogue.state !== 'on_notice' ? null : (
          <p>{t('onNoticeUntil', { date: format.date(catalogue.noticeUntil) })}</p>
        )}
        <TextField label={t('reason')} hint={t('reasonHint')} value={reason} onChange={setReason} />
        <div className="row">
          {desk.actions.filter(may).map((action) => (
            <button
              key={action}
              type="button"
              disabled={busy}
              className={['take_back', 'close'].includes(action) ? 'button' : 'button button-first'}
              onClick={() => void take(action)}
            >
              {t(`catalogueAction.${action}`)}
            </button>
          ))}
        </div>
        {others.length === 0 ? null : (
          <p className="muted">
            {t('othersDo', {
              actions: others.map((action) => t(`catalogueAction.${action}`)).join('、'),
              role: t(`roles.${roleOf(others[0]!)}`),
            })}
          </p>
        )}
        <ProblemNote fault={fault} />
      </div>
    </Section>
  );
}

function Draft({ desk }: { desk: Desk }) {
  const { t } = useTranslation('opencall');
  const { can } = useSession();
  const { catalogue } = desk;
  const [entries, setEntries] = useState(desk.draft as readonly CatalogueEntry[]);
  const [merged, setMerged] = useState<Readonly<Record<string, string>>>({});
  const { act, busy, fault } = useAction('opencall');
  const findings = entries.length === 0 ? [] : checkEntries(entries);
  const save = () =>
    act(() =>
      api.opencall.saveCatalogue({
        params: { id: catalogue.id },
        body: { version: catalogue.version, entries: [...entries], merged },
      }),
    );
  return (
    <>
      <Demands desk={desk} entries={entries} merged={merged} onMerge={setMerged} />
      <Section
        title={t('tasks', { count: entries.length })}
        actions={
          can('policy.manage') ? (
            <button
              type="button"
              className="button button-first"
              disabled={busy}
              onClick={() => void save()}
            >
              {t('saveDraft')}
            </button>
          ) : null
        }
      >
        {entries.length === 0 ? (
          <Empty title={t('noTasks')}>{t('noTasksText')}</Empty>
        ) : (
          entries.map((entry, at) => (
            // A code may be typed anew, so the place is what a task is known by here.
            <EntryEditor
              key={`${at}`}
              entry={entry}
              onChange={(next) => setEntries(entries.with(at, next))}
              onRemove={() => setEntries(entries.filter((_, other) => other !== at))}
            />
          ))
        )}
        <p>
          <button
            type="button"
            className="button"
            onClick={() => setEntries([...entries, blankEntry(entries, catalogue.year)])}
          >
            {t('addTask')}
          </button>
        </p>
        <ProblemNote fault={fault} />
        {entries.length === 0 ? null : findings.length === 0 ? (
          <p role="status">{t('allTestable')}</p>
        ) : (
          <Findings findings={findings} />
        )}
      </Section>
    </>
  );
}

function Demands({
  desk,
  entries,
  merged,
  onMerge,
}: {
  readonly desk: Desk;
  readonly entries: readonly CatalogueEntry[];
  readonly merged: Readonly<Record<string, string>>;
  readonly onMerge: (merged: Readonly<Record<string, string>>) => void;
}) {
  const { t } = useTranslation('opencall');
  const place = new Map(desk.demands.map(({ id }, at) => [id, at + 1]));
  if (desk.demands.length === 0) {
    return (
      <Section title={t('demands', { count: 0 })}>
        <p className="muted">{t('noDemands')}</p>
      </Section>
    );
  }
  return (
    <Section title={t('demands', { count: desk.demands.length })}>
      <p>{t('demandsText')}</p>
      <ul className="opencall-list">
        {desk.demands.map((each) => {
          const alike = desk.similar.filter(({ one, other }) => [one, other].includes(each.id));
          return (
            <li key={each.id} className="panel stack">
              <p>
                <strong>
                  {place.get(each.id)}. {each.by}
                </strong>
                {alike.map(({ one, other }) => {
                  const twin = place.get(one === each.id ? other : one);
                  return (
                    <span key={`${one} ${other}`} className="opencall-alike">
                      {t('alike', { number: twin })}
                    </span>
                  );
                })}
              </p>
              <p className="opencall-proposal">{each.need}</p>
              <label className="field">
                <span>{t('goesInto')}</span>
                <select
                  className="input"
                  value={merged[each.id] ?? each.entry ?? ''}
                  onChange={({ target }) => onMerge({ ...merged, [each.id]: target.value })}
                >
                  <option value="">{t('intoNothing')}</option>
                  {entries.map(({ code, title }, at) => (
                    <option key={`${at}`} value={code}>
                      {code} {title}
                    </option>
                  ))}
                </select>
              </label>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

function Published({ desk }: { desk: Desk }) {
  const { t } = useTranslation('opencall');
  const format = useFormat();
  const { can } = useSession();
  const { catalogue } = desk;
  return (
    <Section title={t('tasks', { count: catalogue.entries.length })}>
      {catalogue.entries.map((entry) => (
        <article key={entry.code} className="panel stack">
          <h3>
            {entry.code} {entry.title}
          </h3>
          <p className="opencall-proposal">{entry.need}</p>
          <IndicatorList indicators={entry.indicators} />
          <p className="muted">
            {t('due')} {format.date(entry.due)} ·{' '}
            {entry.budgetFen === null ? t('ownMoney') : format.money(entry.budgetFen)} ·{' '}
            {entry.rights}
          </p>
          {catalogue.state === 'published' && can('policy.manage') ? (
            <p>
              <Link
                className="button button-first"
                to="/policy/opencall/rounds/new"
                search={{ catalogue: catalogue.id, entry: entry.code }}
              >
                {t('draftRound')}
              </Link>
            </p>
          ) : null}
        </article>
      ))}
    </Section>
  );
}

function Editions({ desk }: { desk: Desk }) {
  const { t } = useTranslation('opencall');
  const format = useFormat();
  if (desk.editions.length === 0) return null;
  return (
    <Section title={t('editions')}>
      <Records
        label={t('editions')}
        rows={desk.editions}
        keyOf={(each) => String(each.number)}
        columns={[
          { title: '№', head: true, cell: (each) => t('edition', { number: each.number }) },
          { title: t('published'), cell: (each) => format.moment(each.publishedAt) },
          {
            title: t('changes'),
            cell: (each) =>
              each.changes.map(({ code, change }) => `${code} ${t(`change.${change}`)}`).join('、'),
          },
          {
            title: t('digest'),
            cell: (each) => <span className="opencall-hash">{each.digest.slice(0, 16)}…</span>,
          },
        ]}
      />
    </Section>
  );
}
