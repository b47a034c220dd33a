import { addressOf, contract, type ResultOf } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { ExportMenu } from '../kernel/parts/export-menu.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { Empty, Page, Section } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';
import { Folded } from './logs-page.tsx';
import './evidence.css';

type Conflict = ResultOf<typeof contract.facilities.conflicts>['rows'][number];

/** Where facts of cinemas come from, and where the sources disagree. */
export function SourcesPage() {
  const { t } = useTranslation('exhibition');
  const kernel = useTranslation('kernel').t;
  const { can } = useSession();
  const [resolving, setResolving] = useState<Conflict>();
  const [subscribing, setSubscribing] = useState(false);
  const write = can('exhibition.write');
  return (
    <Page
      wide
      title={kernel('page.sources')}
      lead={t('facts.lead')}
      actions={
        <>
          <ExportMenu
            hrefOf={(as) =>
              addressOf(contract.facilities.exportConflicts, { query: { format: as } })
            }
          />
          {write ? (
            <button
              type="button"
              className="button button-first"
              onClick={() => setSubscribing(true)}
            >
              <Icon name="plus" />
              {t('facts.subscribe')}
            </button>
          ) : null}
        </>
      }
    >
      <Conflicts write={write} onResolve={setResolving} />
      <Sources write={write} />
      <ResolveDialog conflict={resolving} onClose={() => setResolving(undefined)} />
      <SubscribeDialog open={subscribing} onClose={() => setSubscribing(false)} />
    </Page>
  );
}

function Conflicts({
  write,
  onResolve,
}: {
  write: boolean;
  onResolve: (conflict: Conflict) => void;
}) {
  const { t } = useTranslation('exhibition');
  return (
    <Section title={t('facts.conflicts')}>
      <Paged
        label={t('facts.conflicts')}
        name={['facilities', 'conflicts']}
        load={(after, signal) =>
          api.facilities.conflicts({ query: after === undefined ? {} : { after }, signal })
        }
        keyOf={(each) => `${each.subjectId} ${each.fact}`}
        empty={<Empty title={t('facts.agree')}>{t('facts.agreeText')}</Empty>}
        columns={[
          {
            title: t('cinema'),
            head: true,
            cell: (each) => (
              <>
                {each.cinemaName}
                <small>{each.screenName}</small>
              </>
            ),
          },
          { title: t('facts.fact'), cell: (each) => t(`facts.name.${each.fact}`) },
          {
            title: t('facts.words'),
            cell: (each) => (
              <ul className="fact-words">
                {each.words.map((word) => (
                  <li key={word.sourceId}>
                    <b>{word.value ?? '—'}</b>
                    <small className="muted">
                      {t(`facts.kind.${word.kind}`)} · {word.source}
                    </small>
                  </li>
                ))}
              </ul>
            ),
          },
          {
            title: '',
            cell: (each) =>
              write ? (
                <button type="button" className="button" onClick={() => onResolve(each)}>
                  {t('facts.resolve')}
                </button>
              ) : null,
          },
        ]}
      />
    </Section>
  );
}

function Sources({ write }: { write: boolean }) {
  const { t } = useTranslation('exhibition');
  const format = useFormat();
  return (
    <Section title={t('facts.sources')}>
      <Paged
        label={t('facts.sources')}
        name={['facilities', 'sources']}
        load={(after, signal) =>
          api.facilities.sources({ query: after === undefined ? {} : { after }, signal })
        }
        keyOf={(each) => each.id}
        empty={<Empty title={t('facts.noSources')} />}
        columns={[
          {
            title: t('facts.source'),
            head: true,
            cell: (each) => (
              <>
                {each.name || t(`facts.kind.${each.kind}`)}
                <small>{each.url ?? t(`facts.kind.${each.kind}`)}</small>
              </>
            ),
          },
          { title: t('facts.precedence'), figure: true, cell: (each) => each.precedence },
          { title: t('facts.count'), figure: true, cell: (each) => format.number(each.facts) },
          {
            title: t('facts.polled'),
            cell: (each) =>
              each.kind === 'feed' ? `${format.moment(each.polledAt)} ${each.outcome ?? ''}` : '—',
          },
          { title: t('logs.findings'), cell: (each) => <Folded findings={each.findings} /> },
          {
            title: '',
            cell: (each) => (each.kind === 'feed' && write ? <Poll id={each.id} /> : null),
          },
        ]}
      />
    </Section>
  );
}

function Poll({ id }: { id: string }) {
  const { t } = useTranslation('exhibition');
  const [fault, setFault] = useState<unknown>(null);
  const [asked, setAsked] = useState(false);
  const poll = async () => {
    try {
      await api.facilities.pollSource({ params: { id }, body: {} });
      setAsked(true);
      setFault(null);
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <>
      <button type="button" className="button" disabled={asked} onClick={() => void poll()}>
        {t(asked ? 'facts.asked' : 'facts.poll')}
      </button>
      <ProblemNote fault={fault} />
    </>
  );
}

function ResolveDialog({
  conflict,
  onClose,
}: {
  conflict: Conflict | undefined;
  onClose: () => void;
}) {
  const { t } = useTranslation('exhibition');
  const [reason, setReason] = useState('');
  const [fault, setFault] = useState<unknown>(null);
  const choose = async (value: string | null) => {
    if (conflict === undefined) return;
    try {
      const { subjectKind, subjectId, fact } = conflict;
      await api.facilities.resolve({ body: { subjectKind, subjectId, fact, value, reason } });
      setFault(null);
      setReason('');
      await forget('facilities', 'exhibition');
      onClose();
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <Dialog title={t('facts.resolve')} open={conflict !== undefined} onClose={onClose}>
      {conflict === undefined ? null : (
        <div className="stack">
          <p>
            {conflict.cinemaName} {conflict.screenName} · {t(`facts.name.${conflict.fact}`)}
          </p>
          <label className="field-row">
            <span>{t('facts.reason')}</span>
            <input
              className="input"
              value={reason}
              maxLength={1000}
              onChange={(event) => setReason(event.target.value)}
            />
          </label>
          <ul className="fact-words">
            {conflict.words.map((word) => (
              <li key={word.sourceId}>
                <button
                  type="button"
                  className="button"
                  disabled={reason.trim() === ''}
                  onClick={() => void choose(word.value)}
                >
                  {t('facts.take', { value: word.value ?? '—' })}
                </button>
                <small className="muted">
                  {t(`facts.kind.${word.kind}`)} · {word.source}
                </small>
              </li>
            ))}
          </ul>
          <ProblemNote fault={fault} />
        </div>
      )}
    </Dialog>
  );
}

function SubscribeDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation('exhibition');
  const [name, setName] = useState('');
  const [url, setUrl] = useState('');
  const [fault, setFault] = useState<unknown>(null);
  const send = async () => {
    try {
      await api.facilities.createFeed({ body: { name, url } });
      setFault(null);
      await forget('facilities');
      onClose();
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <Dialog
      title={t('facts.subscribe')}
      open={open}
      onClose={onClose}
      actions={
        <button
          type="button"
          className="button button-first"
          disabled={name.trim() === '' || url.trim() === ''}
          onClick={() => void send()}
        >
          {t('facts.subscribe')}
        </button>
      }
    >
      <div className="stack">
        <p>{t('facts.subscribeText')}</p>
        <label className="field-row">
          <span>{t('facts.feedName')}</span>
          <input className="input" value={name} onChange={(event) => setName(event.target.value)} />
        </label>
        <label className="field-row">
          <span>{t('facts.feedUrl')}</span>
          <input
            className="input"
            type="url"
            value={url}
            onChange={(event) => setUrl(event.target.value)}
          />
        </label>
        <ProblemNote fault={fault} />
      </div>
    </Dialog>
  );
}
