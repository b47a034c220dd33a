import { useQuery } from '@tanstack/react-query';
import { contract } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { ListSheet } from '../kernel/parts/list-sheet.tsx';
import { Empty, Page, Section } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';

/** Over a weekend, with a second try for each of two people. */
const LINK_FIRST = { hours: 72, fetchesMax: 3, signedIn: false };

/** How keys travel: links that one cinema opens, and mails with what became of them. */
export function KeyDeliveryPage() {
  const { t } = useTranslation('keys');
  const kernel = useTranslation('kernel').t;
  const { can } = useSession();
  const [making, setMaking] = useState<'link' | 'mail'>();
  const may = can('distribution.issue_keys');
  const button = (what: 'link' | 'mail', words: string) =>
    may ? (
      <button type="button" className="button button-first" onClick={() => setMaking(what)}>
        <Icon name="plus" />
        {words}
      </button>
    ) : undefined;
  return (
    <Page wide title={kernel('page.keyDelivery')} lead={t('deliveryLead')}>
      <Section
        title={t('links')}
        actions={
          <>
            <ListSheet of={contract.keys.links} />
            {button('link', t('newLink'))}
          </>
        }
      >
        <Links />
      </Section>
      <Section
        title={t('mails')}
        actions={
          <>
            <ListSheet of={contract.keys.mails} />
            {button('mail', t('send'))}
          </>
        }
      >
        <Mails />
      </Section>
      <NewLink open={making === 'link'} onClose={() => setMaking(undefined)} />
      <SendMails open={making === 'mail'} onClose={() => setMaking(undefined)} />
    </Page>
  );
}

function Links() {
  const { t } = useTranslation('keys');
  const format = useFormat();
  const { can } = useSession();
  const [fault, setFault] = useState<unknown>(null);
  const revoke = (id: string) =>
    api.keys.revokeLink({ params: { id } }).then(() => forget('keys'), setFault);
  return (
    <>
      <ProblemNote fault={fault} />
      <Paged
        label={t('links')}
        name={['keys', 'links']}
        load={(after, signal) =>
          api.keys.links({
            query: after === undefined ? {} : { after },
            signal,
          })
        }
        keyOf={(each) => each.id}
        empty={<Empty title={t('linksNone')}>{t('linksNoneText')}</Empty>}
        columns={[
          { title: t('cinema'), head: true, cell: (each) => each.cinemaName },
          { title: t('keysCount'), figure: true, cell: (each) => format.number(each.keys) },
          { title: t('expires'), figure: true, cell: (each) => format.moment(each.expiresAt) },
          {
            title: t('fetched'),
            figure: true,
            cell: (each) => (
              <>
                {each.fetches}/{each.fetchesMax}
                <span className="record-sub">
                  {each.lastFetchedAt === null ? '' : format.moment(each.lastFetchedAt)}
                </span>
              </>
            ),
          },
          { title: t('state'), cell: (each) => t(`linkState.${each.state}`) },
          { title: t('by'), cell: (each) => each.createdBy },
          {
            title: t('revoke'),
            cell: (each) =>
              each.state === 'open' && can('distribution.issue_keys') ? (
                <button type="button" className="link-button" onClick={() => void revoke(each.id)}>
                  {t('revoke')}
                  <span className="sr-only">: {each.cinemaName}</span>
                </button>
              ) : (
                '—'
              ),
          },
        ]}
      />
    </>
  );
}

function Mails() {
  const { t } = useTranslation('keys');
  const format = useFormat();
  return (
    <Paged
      label={t('mails')}
      name={['keys', 'mails']}
      load={(after, signal) =>
        api.keys.mails({
          query: after === undefined ? {} : { after },
          signal,
        })
      }
      keyOf={(each) => each.id}
      empty={<Empty title={t('mailsNone')}>{t('mailsNoneText')}</Empty>}
      columns={[
        {
          title: t('cinema'),
          head: true,
          cell: (each) => (
            <>
              {each.cinemaName}
              <small>{each.address}</small>
            </>
          ),
        },
        { title: t('keysCount'), figure: true, cell: (each) => format.number(each.keys) },
        {
          title: t('state'),
          cell: (each) => (
            <>
              {t(`mailState.${each.state}`)}
              <span className="record-sub">{format.moment(each.acceptedAt ?? each.createdAt)}</span>
            </>
          ),
        },
        { title: t('attempts'), figure: true, cell: (each) => format.number(each.attempts) },
        { title: t('answer'), cell: (each) => each.answer },
      ]}
    />
  );
}

function CinemaField({ value, onChange }: { value: string; onChange: (id: string) => void }) {
  const { t } = useTranslation('keys');
  const cinemas = useQuery(ask('exhibition', 'cinemas', { query: { limit: 500 } }));
  return (
    <label className="field">
      <span>{t('chooseCinema')}</span>
      <select className="input" value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">—</option>
        {(cinemas.data?.rows ?? []).map((each) => (
          <option key={each.id} value={each.id}>
            {each.name}
          </option>
        ))}
      </select>
    </label>
  );
}

function NewLink({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation('keys');
  const [cinemaId, setCinemaId] = useState('');
  const [fields, setFields] = useState(LINK_FIRST);
  const [address, setAddress] = useState<string>();
  const [copied, setCopied] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const create = async () => {
    try {
      const body = { cinemaId, ...fields };
      setAddress((await api.keys.createLink({ body })).address);
      setFault(null);
      await forget('keys');
    } catch (caught) {
      setFault(caught);
    }
  };
  const close = () => {
    setAddress(undefined);
    setCopied(false);
    setFault(null);
    onClose();
  };
  return (
    <Dialog
      title={t('newLink')}
      open={open}
      onClose={close}
      actions={
        address === undefined ? (
          <button
            type="button"
            className="button button-first"
            disabled={cinemaId === ''}
            onClick={() => void create()}
          >
            {t('newLink')}
          </button>
        ) : (
          <button
            type="button"
            className="button button-first"
            onClick={() => {
              void navigator.clipboard?.writeText(address).then(() => setCopied(true));
            }}
          >
            {copied ? t('copied') : t('copy')}
          </button>
        )
      }
    >
      {address === undefined ? (
        <div className="stack">
          <CinemaField value={cinemaId} onChange={setCinemaId} />
          <LinkFields fields={fields} onChange={setFields} />
        </div>
      ) : (
        <div className="stack">
          <p>{t('linkOnce')}</p>
          <input
            className="input mono"
            readOnly
            value={address}
            aria-label={t('links')}
            onFocus={(event) => event.target.select()}
          />
        </div>
      )}
      <ProblemNote fault={fault} />
    </Dialog>
  );
}

function LinkFields({
  fields,
  onChange,
}: {
  fields: typeof LINK_FIRST;
  onChange: (fields: typeof LINK_FIRST) => void;
}) {
  const { t } = useTranslation('keys');
  return (
    <>
      <label className="field">
        <span>{t('hours')}</span>
        <input
          className="input"
          type="number"
          min={1}
          max={720}
          value={fields.hours}
          onChange={(event) => onChange({ ...fields, hours: Number(event.target.value) })}
        />
      </label>
      <label className="field">
        <span>{t('fetchesMax')}</span>
        <input
          className="input"
          type="number"
          min={1}
          max={100}
          value={fields.fetchesMax}
          onChange={(event) => onChange({ ...fields, fetchesMax: Number(event.target.value) })}
        />
      </label>
      <label className="row">
        <input
          type="checkbox"
          checked={fields.signedIn}
          onChange={(event) => onChange({ ...fields, signedIn: event.target.checked })}
        />
        <span>{t('signedIn')}</span>
      </label>
    </>
  );
}

function SendMails({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation('keys');
  const packages = useQuery({
    ...ask('distribution', 'packages', { query: { limit: 200 } }),
    enabled: open,
  });
  const rows = (packages.data?.rows ?? []).filter((each) => each.encrypted);
  const [chosen, setChosen] = useState('');
  const [cinemaId, setCinemaId] = useState('');
  const [said, setSaid] = useState<string>();
  const [fault, setFault] = useState<unknown>(null);
  const packageId = chosen === '' ? rows[0]?.id : chosen;
  const send = async () => {
    if (packageId === undefined) return;
    try {
      const done = await api.keys.send({
        body: {
          packageId,
          cinemaIds: cinemaId === '' ? [] : [cinemaId],
        },
      });
      setSaid(
        [
          t('sent', { count: done.mails }),
          ...(done.withoutAddress.length === 0
            ? []
            : [t('withoutAddress', { names: done.withoutAddress.join('、') })]),
        ].join(' · '),
      );
      setFault(null);
      await forget('keys', 'jobs');
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <Dialog
      title={t('send')}
      open={open}
      onClose={() => {
        setSaid(undefined);
        onClose();
      }}
      actions={
        <button
          type="button"
          className="button button-first"
          disabled={packageId === undefined}
          onClick={() => void send()}
        >
          {t('send')}
        </button>
      }
    >
      <div className="stack">
        <label className="field">
          <span>{t('package')}</span>
          <select
            className="input"
            value={packageId ?? ''}
            onChange={(event) => setChosen(event.target.value)}
          >
            {rows.map((each) => (
              <option key={each.id} value={each.id}>
                {each.title}
              </option>
            ))}
          </select>
        </label>
        <CinemaField value={cinemaId} onChange={setCinemaId} />
        {said === undefined ? null : <p role="status">{said}</p>}
        <ProblemNote fault={fault} />
      </div>
    </Dialog>
  );
}
