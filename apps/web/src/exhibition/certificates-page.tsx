import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { addressOf, contract } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { ExportMenu } from '../kernel/parts/export-menu.tsx';
import { FileImport } from '../kernel/parts/file-import.tsx';
import { Findings } from '../kernel/parts/findings.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { Empty, Page, Section } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { useSession } from '../kernel/session.ts';
import { CircuitChoice } from './filters.tsx';
import './evidence.css';

const CODES = [
  'expired_certificate',
  'expiring_certificate',
  'replaced_certificate',
  'mismatched_role',
  'untrusted_device',
  'unknown_maker',
  'missing_watched_certificate',
] as const;

/** Certificates that need attention before a key fails, and the devices that are trusted. */
export function CertificatesPage() {
  const { t } = useTranslation('exhibition');
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  const [circuitId, setCircuit] = useState<string>();
  const [code, setCode] = useState<string>();
  const filter = {
    ...(circuitId === undefined ? {} : { circuitId }),
    ...(code === undefined ? {} : { code }),
  };
  return (
    <Page
      wide
      title={kernel('page.certificates')}
      lead={t('watch.lead')}
      actions={
        <ExportMenu
          hrefOf={(as) =>
            addressOf(contract.facilities.exportWatch, { query: { ...filter, format: as } })
          }
        />
      }
    >
      <div className="filters">
        <CircuitChoice value={circuitId} onChange={setCircuit} />
        <select
          className="input"
          aria-label={t('watch.problem')}
          value={code ?? ''}
          onChange={(event) => setCode(event.target.value || undefined)}
        >
          <option value="">{t('watch.any')}</option>
          {CODES.map((each) => (
            <option key={each} value={each}>
              {t(`watch.code.${each}`)}
            </option>
          ))}
        </select>
      </div>
      <Paged
        label={kernel('page.certificates')}
        name={['facilities', 'watch', filter]}
        load={(after, signal) =>
          api.facilities.watch({
            query: { ...filter, ...(after === undefined ? {} : { after }) },
            signal,
          })
        }
        keyOf={(each) => each.screenId}
        empty={<Empty title={t('watch.none')}>{t('watch.noneText')}</Empty>}
        columns={[
          {
            title: t('cinema'),
            head: true,
            cell: (each) => (
              <Link to="/exhibition/cinemas/$id" params={{ id: each.cinemaId }}>
                {each.cinemaName} {each.screenName}
                <small>{each.circuitName}</small>
              </Link>
            ),
          },
          { title: t('watch.maker'), cell: (each) => each.maker ?? '—' },
          { title: t('certificateUntil'), cell: (each) => format.day(each.notAfter) },
          { title: t('watch.problem'), cell: (each) => <Findings findings={each.findings} /> },
        ]}
      />
      <Trusted />
    </Page>
  );
}

function Trusted() {
  const { t } = useTranslation('exhibition');
  const format = useFormat();
  const { can, user } = useSession();
  const [importing, setImporting] = useState(false);
  const versions = useQuery(ask('facilities', 'trustedVersions'));
  const rows = versions.data?.rows ?? [];
  return (
    <Section
      title={t('trusted.title')}
      actions={
        <>
          {rows.length === 0 ? null : (
            <a
              className="button"
              download
              href={addressOf(contract.facilities.exportTrusted, { query: {} })}
            >
              <Icon name="download" />
              {t('export')}
            </a>
          )}
          {can('network.administer') ? (
            <button type="button" className="button" onClick={() => setImporting(true)}>
              <Icon name="upload" />
              {t('trusted.import')}
            </button>
          ) : null}
        </>
      }
    >
      <p className="muted">{t('trusted.text')}</p>
      {rows.length === 0 ? (
        <Empty title={t('trusted.none')} />
      ) : (
        <Records
          label={t('trusted.title')}
          rows={rows}
          keyOf={(each) => String(each.version)}
          columns={[
            {
              title: t('trusted.version'),
              head: true,
              cell: (each) => (
                <>
                  {each.version}
                  <small>{each.reason}</small>
                </>
              ),
            },
            { title: t('trusted.at'), cell: (each) => `${format.moment(each.at)} ${each.by}` },
            {
              title: t('trusted.devices'),
              figure: true,
              cell: (each) => format.number(each.devices),
            },
            { title: t('trusted.change'), cell: (each) => `+${each.added} −${each.removed}` },
          ]}
        />
      )}
      <FileImport
        open={importing}
        title={t('trusted.import')}
        hint={t('trusted.hint')}
        accept=".csv,.xlsx,.pem,.crt"
        onClose={() => {
          setImporting(false);
          void forget('facilities');
        }}
        run={async (fileId, commit) => {
          const reason = t('trusted.reasonOf', { name: user?.name ?? '' });
          const { findings, ...counts } = await api.facilities.importTrusted({
            body: { fileId, commit, reason },
          });
          return { counts, findings };
        }}
        words={(name) => t(`trusted.count.${name}`)}
      />
    </Section>
  );
}
