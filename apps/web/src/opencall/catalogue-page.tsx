import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { addressOf, contract } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../kernel/action.ts';
import { api, ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { ExportMenu } from '../kernel/parts/export-menu.tsx';
import { Empty, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { useSession } from '../kernel/session.ts';
import { TextField } from './fields.tsx';
import { IndicatorList } from './indicator-list.tsx';
import { ObjectForm, OwnObjections } from './objections.tsx';
import './opencall.css';

/** 攻关目录 and 榜单, for everybody. */
export function OpencallPage() {
  const { t } = useTranslation('opencall');
  const { user } = useSession();
  const [wanted, setWanted] = useState('');
  const rounds = useQuery(ask('opencall', 'rounds'));
  const catalogues = useQuery(ask('opencall', 'catalogues'));
  const shown = (rounds.data?.rows ?? []).filter(
    (each) =>
      each.state !== 'draft' &&
      `${each.entry.code} ${each.title} ${each.entry.need}`.includes(wanted.trim()),
  );
  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      actions={
        user === null ? null : (
          <Link className="button" to="/policy/opencall">
            {t('myDesk')}
          </Link>
        )
      }
    >
      <ProblemNote fault={rounds.error ?? catalogues.error} />
      <Section title={t('rounds')}>
        {rounds.isPending ? (
          <Waiting />
        ) : (rounds.data?.rows.length ?? 0) === 0 ? (
          <Empty title={t('noRounds')}>{t('noRoundsText')}</Empty>
        ) : (
          <>
            <div className="opencall-search">
              <TextField label={t('search')} value={wanted} onChange={setWanted} />
            </div>
            <RoundTable rounds={shown} />
          </>
        )}
      </Section>
      {(catalogues.data?.rows ?? []).map(({ id }) => (
        <Catalogue key={id} id={id} />
      ))}
      <HowItGoes />
    </Page>
  );
}

type Rounds = Awaited<ReturnType<typeof api.opencall.rounds>>['rows'];

function RoundTable({ rounds }: { rounds: Rounds }) {
  const { t } = useTranslation('opencall');
  const format = useFormat();
  if (rounds.length === 0) return <p role="status">{t('nothingFound')}</p>;
  return (
    <Records
      label={t('rounds')}
      rows={rounds}
      keyOf={(each) => each.id}
      columns={[
        {
          title: t('task'),
          head: true,
          cell: (each) => (
            <Link to="/opencall/$id" params={{ id: each.id }}>
              {each.entry.code} {each.title}
            </Link>
          ),
        },
        { title: t('department'), cell: (each) => each.department },
        { title: t('stateTitle'), cell: (each) => t(`state.${each.state}`) },
        {
          title: t('budget'),
          figure: true,
          cell: (each) =>
            each.entry.budgetFen === null ? t('ownMoney') : format.money(each.entry.budgetFen),
        },
        { title: t('closes'), figure: true, cell: (each) => format.moment(each.closesAt) },
      ]}
    />
  );
}

/** The whole way in a few sentences, for whoever hears of it for the first time. */
function HowItGoes() {
  const { t } = useTranslation('opencall');
  return (
    <Section title={t('howTitle')}>
      <ol className="opencall-how">
        {(['demand', 'announce', 'seal', 'open', 'draw', 'read', 'notice', 'measure'] as const).map(
          (each) => (
            <li key={each}>
              <strong>{t(`how.${each}.title`)}</strong> {t(`how.${each}.text`)}
            </li>
          ),
        )}
      </ol>
    </Section>
  );
}

function Catalogue({ id }: { id: string }) {
  const { t } = useTranslation('opencall');
  const format = useFormat();
  const { can } = useSession();
  const { data } = useQuery(ask('opencall', 'catalogue', { params: { id } }));
  if (data === undefined) return null;
  const proposes = data.state === 'collecting' && can('policy.apply');
  if (data.entries.length === 0 && !proposes && data.state !== 'collecting') return null;
  const told =
    data.state === 'on_notice'
      ? t('onNoticeUntil', { date: format.date(data.noticeUntil) })
      : data.edition === 0
        ? t(`catalogueState.${data.state}`)
        : t('edition', { number: data.edition });
  return (
    <Section
      title={`${data.year} ${data.title}`}
      actions={
        data.entries.length === 0 ? null : (
          <ExportMenu
            hrefOf={(format) =>
              addressOf(contract.opencall.exportCatalogue, { params: { id }, query: { format } })
            }
          />
        )
      }
    >
      <p className="muted">
        {data.department} · {told}
      </p>
      <div className="opencall-entries">
        {data.entries.map((entry) => (
          <article key={entry.code} className="panel stack">
            <h3>
              {entry.code} {entry.title}
            </h3>
            <p className="muted">
              {t(`groups.${entry.field}`)} · {t(`programmes.${entry.programme}`)}
            </p>
            <p className="opencall-proposal">{entry.need}</p>
            <IndicatorList indicators={entry.indicators} />
            <p className="muted">
              {t('due')} {format.date(entry.due)} · {entry.rights}
            </p>
          </article>
        ))}
      </div>
      {data.state === 'collecting' ? (
        proposes ? (
          <Propose id={id} />
        ) : (
          <p className="muted">{t('collectingText')}</p>
        )
      ) : null}
      {data.state === 'on_notice' ? (
        <ObjectForm subject={{ kind: 'catalogue', id }} until={data.noticeUntil} />
      ) : (
        <OwnObjections subjectId={id} />
      )}
    </Section>
  );
}

function Propose({ id }: { id: string }) {
  const { t } = useTranslation('opencall');
  const [need, setNeed] = useState('');
  const { act, busy, fault } = useAction('opencall');
  const own = useQuery(ask('opencall', 'ownDemands'));
  const rows = (own.data?.rows ?? []).filter(({ catalogueId }) => catalogueId === id);
  return (
    <form
      className="panel stack"
      onSubmit={(event) => {
        event.preventDefault();
        void act(
          () => api.opencall.propose({ params: { id }, body: { need } }),
          () => setNeed(''),
        );
      }}
    >
      <h3>{t('proposeTitle')}</h3>
      <TextField
        label={t('need')}
        hint={t('needHint')}
        long={4}
        required
        maxLength={5000}
        value={need}
        onChange={setNeed}
      />
      <ProblemNote fault={fault} />
      <p>
        <button className="button button-first" disabled={busy || need.trim().length < 10}>
          {t('propose')}
        </button>
      </p>
      {rows.length === 0 ? null : (
        <ul className="opencall-list" aria-label={t('ownDemands')}>
          {rows.map((each) => (
            <li key={each.id}>
              {each.need} <small className="muted">{each.entry ?? t('notYetMerged')}</small>
            </li>
          ))}
        </ul>
      )}
    </form>
  );
}
