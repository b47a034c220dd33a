import { useQuery } from '@tanstack/react-query';
import { contract, type ResultOf } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { FileImport } from '../kernel/parts/file-import.tsx';
import { FilePicker } from '../kernel/parts/file-picker.tsx';
import { Findings, type WireFinding } from '../kernel/parts/findings.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { ListSheet } from '../kernel/parts/list-sheet.tsx';
import { Empty, Page, Section } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { useSession } from '../kernel/session.ts';
import { startUpload } from '../kernel/uploads.ts';
import { CinemaChoice } from './filters.tsx';
import './evidence.css';

type Log = ResultOf<typeof contract.evidence.logs>['rows'][number];

/** What cinemas hand in about what they played: logs, their holes, playbacks and programmes. */
export function LogsPage() {
  const { t } = useTranslation('exhibition');
  const kernel = useTranslation('kernel').t;
  const { can } = useSession();
  const [open, setOpen] = useState<'log' | 'programme'>();
  const actions = can('exhibition.report') ? (
    <>
      <button type="button" className="button" onClick={() => setOpen('programme')}>
        <Icon name="upload" />
        {t('logs.programme')}
      </button>
      <button type="button" className="button button-first" onClick={() => setOpen('log')}>
        <Icon name="upload" />
        {t('logs.take')}
      </button>
    </>
  ) : undefined;
  return (
    <Page wide title={kernel('page.logs')} lead={t('logs.lead')} actions={actions}>
      <Holes />
      <Received />
      <Playbacks />
      <TakeLog open={open === 'log'} onClose={() => setOpen(undefined)} />
      <FileImport
        open={open === 'programme'}
        title={t('logs.programme')}
        hint={t('logs.programmeHint')}
        accept=".csv,.tsv,.xlsx"
        onClose={() => {
          setOpen(undefined);
          void forget('calendar', 'shows');
        }}
        run={async (fileId, commit) => {
          const { findings, ...counts } = await api.evidence.importProgramme({
            body: { fileId, commit },
          });
          return { counts, findings };
        }}
        words={(name) => t(`logs.count.${name}`)}
      />
    </Page>
  );
}

/** Findings of one row, folded: the list is read for its rows first. */
export function Folded({ findings }: { findings: readonly WireFinding[] }) {
  if (findings.length === 0) return '—';
  return (
    <details>
      <summary>{findings.length}</summary>
      <Findings findings={findings} />
    </details>
  );
}

function Holes() {
  const { t } = useTranslation('exhibition');
  const format = useFormat();
  const holes = useQuery(ask('evidence', 'holes', { query: {} }));
  const rows = holes.data?.rows ?? [];
  if (rows.length === 0) return <ProblemNote fault={holes.error} />;
  return (
    <Section
      title={t('logs.holes', { count: rows.length })}
      actions={<ListSheet of={contract.evidence.holes} />}
    >
      <Records
        label={t('logs.holes', { count: rows.length })}
        rows={rows}
        keyOf={(each) => `${each.device} ${each.from}`}
        columns={[
          {
            title: t('cinema'),
            head: true,
            cell: (each) => `${each.cinemaName} ${each.screenName ?? ''}`,
          },
          { title: t('device'), cell: (each) => <span className="mono">{each.device}</span> },
          {
            title: t('logs.between'),
            cell: (each) => `${each.afterSequence} … ${each.beforeSequence}`,
          },
          { title: t('logs.missing'), figure: true, cell: (each) => format.number(each.missing) },
          {
            title: t('period'),
            cell: (each) => `${format.moment(each.from)} – ${format.moment(each.until)}`,
          },
        ]}
      />
    </Section>
  );
}

function Received() {
  const { t } = useTranslation('exhibition');
  const format = useFormat();
  return (
    <Section title={t('logs.received')} actions={<ListSheet of={contract.evidence.logs} />}>
      <Paged
        label={t('logs.received')}
        name={['evidence', 'logs']}
        load={(after, signal) =>
          api.evidence.logs({ query: after === undefined ? {} : { after }, signal })
        }
        keyOf={(each) => each.id}
        empty={<Empty title={t('logs.none')}>{t('logs.noneText')}</Empty>}
        columns={[
          {
            title: t('cinema'),
            head: true,
            cell: (each) => (
              <>
                {each.cinemaName}
                <small>{each.file.name}</small>
              </>
            ),
          },
          { title: t('logs.kind'), cell: (each) => t(`logs.kindOf.${each.kind}`) },
          {
            title: t('period'),
            cell: (each) => `${format.moment(each.from)} – ${format.moment(each.to)}`,
          },
          {
            title: t('logs.records'),
            figure: true,
            cell: (each) => format.number(each.records),
          },
          { title: t('logs.proven'), figure: true, cell: (each) => format.number(each.proven) },
          {
            title: t('logs.playbacks'),
            figure: true,
            cell: (each) => format.number(each.playbacks),
          },
          {
            title: t('logs.findings'),
            cell: (each) => (
              <>
                <Folded findings={each.findings} />
                <PlaceDevices log={each} />
              </>
            ),
          },
        ]}
      />
    </Section>
  );
}

/** Devices that stand in no screen: whoever knows says where, and their playbacks follow. */
function PlaceDevices({ log }: { log: Log }) {
  const { t } = useTranslation('exhibition');
  const { can } = useSession();
  const [fault, setFault] = useState<unknown>(null);
  const [opened, setOpened] = useState(false);
  const devices = log.findings
    .filter((each) => each.code === 'unknown_log_device')
    .map((each) => String(each.facts['device']));
  const screens = useQuery({
    ...ask('exhibition', 'screens', { query: { cinemaId: log.cinemaId, limit: 500 } }),
    enabled: opened,
  });
  if (devices.length === 0 || !can('exhibition.report')) return null;
  const place = async (device: string, screenId: string) => {
    try {
      await api.evidence.placeLog({ params: { id: log.id }, body: { screenId, device } });
      setFault(null);
      await forget('evidence');
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <details onToggle={(event) => setOpened(event.currentTarget.open)}>
      <summary>{t('logs.place', { count: devices.length })}</summary>
      {devices.map((device) => (
        <label key={device} className="field">
          <span className="mono">{device}</span>
          <select
            className="input"
            aria-label={`${t('screen')} ${device}`}
            value=""
            onChange={(event) => void place(device, event.target.value)}
          >
            <option value="">{t('logs.chooseScreen')}</option>
            {(screens.data?.rows ?? []).map((each) => (
              <option key={each.id} value={each.id}>
                {each.name}
              </option>
            ))}
          </select>
        </label>
      ))}
      <ProblemNote fault={fault} />
    </details>
  );
}

function Playbacks() {
  const { t } = useTranslation('exhibition');
  return (
    <Section title={t('logs.played')} actions={<ListSheet of={contract.evidence.playbacks} />}>
      <Paged
        label={t('logs.played')}
        name={['evidence', 'playbacks']}
        load={(after, signal) =>
          api.evidence.playbacks({ query: after === undefined ? {} : { after }, signal })
        }
        keyOf={(each) => each.id}
        empty={<Empty title={t('logs.nothingPlayed')} />}
        columns={[
          {
            title: t('cases.film'),
            head: true,
            cell: (each) => each.filmTitle ?? each.title ?? each.compositionId ?? '—',
          },
          { title: t('cinema'), cell: (each) => `${each.cinemaName} ${each.screenName ?? '—'}` },
          { title: t('cases.begins'), cell: (each) => each.localStart.replace('T', ' ') },
          { title: t('logs.whole'), cell: (each) => t(each.whole ? 'logs.yes' : 'logs.no') },
          { title: t('logs.signed'), cell: (each) => t(each.proven ? 'logs.yes' : 'logs.no') },
        ]}
      />
    </Section>
  );
}

function TakeLog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation('exhibition');
  const [cinemaId, setCinema] = useState<string>();
  const [screenId, setScreen] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const [taken, setTaken] = useState<Awaited<ReturnType<typeof api.evidence.takeLog>>>();
  const screens = useQuery({
    ...ask('exhibition', 'screens', { query: { cinemaId: cinemaId ?? '', limit: 500 } }),
    enabled: cinemaId !== undefined,
  });
  const send = async (file: File) => {
    if (cinemaId === undefined) return;
    setBusy(true);
    try {
      const fileId = await startUpload(file, { kind: 'hold' });
      const body = { fileId, cinemaId, ...(screenId === undefined ? {} : { screenId }) };
      setTaken(await api.evidence.takeLog({ body }));
      setFault(null);
      await forget('evidence');
    } catch (caught) {
      setFault(caught);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog title={t('logs.take')} open={open} onClose={onClose}>
      <div className="stack">
        <p>{t('logs.takeText')}</p>
        <CinemaChoice value={cinemaId} onChange={setCinema} none={t('logs.chooseCinema')} />
        <select
          className="input"
          aria-label={t('screen')}
          value={screenId ?? ''}
          onChange={(event) => setScreen(event.target.value || undefined)}
        >
          <option value="">{t('logs.byDevice')}</option>
          {(screens.data?.rows ?? []).map((each) => (
            <option key={each.id} value={each.id}>
              {each.name}
            </option>
          ))}
        </select>
        {cinemaId === undefined ? null : (
          <FilePicker
            accept=".xml,.csv,.tsv,.txt,.xlsx"
            busy={busy}
            onChoose={(file) => void send(file)}
          />
        )}
        {taken === undefined ? null : (
          <>
            <p role="status">
              {t(taken.repeated ? 'logs.repeated' : 'logs.taken', {
                records: taken.records,
                playbacks: taken.playbacks,
                fresh: taken.fresh,
              })}
            </p>
            <Findings findings={taken.findings} />
          </>
        )}
        <ProblemNote fault={fault} />
      </div>
    </Dialog>
  );
}
