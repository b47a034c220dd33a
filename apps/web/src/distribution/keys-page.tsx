import { Link, useSearch } from '@tanstack/react-router';
import { addressOf, contract } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../kernel/api.ts';
import { useFilmId } from '../kernel/film.ts';
import { Icon } from '../kernel/parts/icon.tsx';
import { Empty, Page } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { useSession } from '../kernel/session.ts';
import { KeyActs } from '../keys/key-acts.tsx';
import { useKeyColumns } from './key-table.tsx';

/** Keys that were issued, to whom, and for when. */
export function KeysPage() {
  const { t } = useTranslation('distribution');
  const kernel = useTranslation('kernel').t;
  const columns = useKeyColumns();
  const filmId = useFilmId();
  const { package: packageId } = useSearch({ from: '/desk/distribution/keys' });
  const { can } = useSession();
  const words = useTranslation('keys').t;
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const choose = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  const issue = can('distribution.issue_keys') ? (
    <Link to="/distribution/keys/issue" className="button button-first"
      search={packageId === undefined ? {} : { package: packageId }}>
      <Icon name="key" />{kernel('do.issueKeys')}
    </Link>
  ) : null;
  return (
    <Page wide title={kernel('page.keys')} lead={t('keysLead')} actions={
      <>
        {packageId === undefined ? null : (
          <a className="button" download href={addressOf(contract.distribution.keyArchive,
            { query: { packageId } })}>
            <Icon name="download" />{t('keysArchive')}
          </a>
        )}
        <a className="button" download href={addressOf(contract.keys.sheet, { query: {
          format: 'xlsx', ...(filmId === undefined ? {} : { filmId }),
          ...(packageId === undefined ? {} : { packageId }),
        } })}>
          <Icon name="download" />{words('sheet')}
        </a>
        {issue}
      </>
    }>
      <KeyActs chosen={chosen} onDone={() => setChosen(new Set())} />
      <Paged label={kernel('page.keys')} name={['distribution', 'keys', filmId, packageId]}
        load={(after, signal) => api.distribution.keys({ query: {
          ...(after === undefined ? {} : { after }), ...(filmId === undefined ? {} : { filmId }),
          ...(packageId === undefined ? {} : { packageId }),
        }, signal })}
        keyOf={(key) => key.id}
        empty={<Empty title={t('noKeys')} action={issue}>{t('noKeysText')}</Empty>}
        columns={can('distribution.issue_keys') ? [...columns, {
          title: words('choose'), cell: (key) => (key.state !== 'valid' ? '—' : (
            <input type="checkbox" checked={chosen.has(key.id)} onChange={() => choose(key.id)}
              aria-label={`${words('choose')} ${key.cinemaName} ${key.screenName}`} />
          )),
        }] : columns} />
    </Page>
  );
}
