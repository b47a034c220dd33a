import { addressOf, contract, type OutputOf } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../kernel/format.ts';
import { type Column, Records } from '../kernel/parts/records.tsx';
import { Receipts } from '../keys/key-acts.tsx';

type Key = OutputOf<typeof contract.distribution.keys.result>['rows'][number];

/** What there is to say of a key: for which screen, for when, and the file itself. */
export function useKeyColumns(): readonly Column<Key>[] {
  const { t } = useTranslation('distribution');
  const words = useTranslation('keys').t;
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  return [
    { title: t('screen'), head: true, cell: (key) => (
      <>{key.cinemaName}<small>{key.screenName}</small></>
    ) },
    { title: t('from'), figure: true, cell: (key) => format.moment(key.notBefore) },
    { title: t('until'), figure: true, cell: (key) => format.moment(key.notAfter) },
    { title: t('device'), cell: (key) => (
      <span className="mono" title={key.deviceThumbprint}>
        {key.deviceThumbprint.slice(0, 12)}…
      </span>
    ) },
    { title: t('issued'), cell: (key) => (
      <>{format.moment(key.issuedAt)}<span className="record-sub">{key.issuedBy}</span></>
    ) },
    { title: words('state'), cell: (key) => (
      <>{words(`keyState.${key.state}`)}<span className="record-sub">
        {key.withdrawnReason ?? ''}
      </span></>
    ) },
    { title: words('receipts'), cell: (key) => <Receipt of={key} /> },
    { title: t('file'), cell: (key) => (key.state !== 'valid' ? '—' : (
      <a href={addressOf(contract.files.download, { params: { id: key.file.id } })} download
        aria-label={t('downloadKey', { screen: `${key.cinemaName} ${key.screenName}` })}>
        {kernel('download')}
      </a>
    )) },
  ];
}

/** What is known of a key's arrival; pressed, every word of it. */
function Receipt({ of }: { of: Key }) {
  const { t } = useTranslation('keys');
  const [open, setOpen] = useState(false);
  const name = `${of.cinemaName} ${of.screenName}`;
  return (
    <>
      <button type="button" className="link-button" onClick={() => setOpen(true)}>
        {t(`receiptState.${of.receipt}`)}<span className="sr-only">: {name}</span>
      </button>
      <Receipts id={open ? of.id : undefined} name={name} onClose={() => setOpen(false)} />
    </>
  );
}

/** Keys as a table, each to be taken alone. */
export function KeyTable({ keys }: { keys: readonly Key[] }) {
  const kernel = useTranslation('kernel').t;
  return (
    <Records label={kernel('page.keys')} rows={keys} keyOf={(key) => key.id}
      columns={useKeyColumns()} />
  );
}
