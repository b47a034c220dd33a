import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { tokenOf } from '../first/token.ts';
import { api } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Icon } from '../kernel/parts/icon.tsx';
import { Empty, Page, Waiting } from '../kernel/parts/page.tsx';
import { codeOf, ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';

/** What a cinema sees that opens its link: its keys, and one button that takes them. */
export function KeyLinkPage() {
  const { t } = useTranslation('keys');
  const [token] = useState(() => tokenOf(location.href));
  const link = useQuery({
    queryKey: ['keyLink', token],
    queryFn: ({ signal }) => api.keyLink.open({ body: { token }, signal }),
    enabled: token.length >= 20,
  });
  const gone = token.length < 20 || codeOf(link.error) === 'not_found';
  return (
    <Page title={link.data?.cinemaName ?? t('linkLead')} lead={t('linkLead')}>
      {gone && (token.length < 20 || link.isError) ? (
        <Empty title={t('linkGone')}>{t('linkGoneText')}</Empty>
      ) : (
        <ProblemNote fault={link.error} />
      )}
      {link.isPending && token.length >= 20 ? <Waiting /> : null}
      {link.data === undefined ? null : (
        <Held link={link.data} token={token} onTaken={() => void link.refetch()} />
      )}
    </Page>
  );
}

function Held({
  link,
  token,
  onTaken,
}: {
  link: Awaited<ReturnType<typeof api.keyLink.open>>;
  token: string;
  onTaken: () => void;
}) {
  const { t } = useTranslation('keys');
  const format = useFormat();
  const [taken, setTaken] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const take = async () => {
    try {
      const answer = await api.keyLink.fetch({ body: { token } });
      save(await answer.blob());
      setTaken(true);
      onTaken();
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <div className="stack">
      <p className="row">
        <button
          type="button"
          className="button button-first button-large"
          disabled={link.fetchesLeft === 0}
          onClick={() => void take()}
        >
          <Icon name="download" />
          {t('download')}
        </button>
        <span>
          {t('linkLeft', {
            count: link.fetchesLeft,
            time: format.momentIn(link.expiresAt, link.timeZone),
          })}
        </span>
      </p>
      <p className="muted">{t('linkClock', { zone: link.timeZone })}</p>
      {taken ? <p role="status">{t('downloaded')}</p> : null}
      <ProblemNote fault={fault} />
      <Records
        label={t('keysCount')}
        rows={link.keys.toSorted(byScreen)}
        keyOf={(each) => `${each.screenName} ${each.fileName} ${each.notBefore}`}
        columns={[
          {
            title: t('screen'),
            head: true,
            cell: (each) => (
              <>
                {each.screenName}
                <small>{each.filmTitle}</small>
              </>
            ),
          },
          {
            title: t('window'),
            cell: (each) =>
              [each.notBefore, each.notAfter]
                .map((moment) => format.momentIn(moment, link.timeZone))
                .join(' – '),
          },
        ]}
      />
    </div>
  );
}

/** As a projectionist counts: screen 2 before screen 10. */
const byScreen = (a: { screenName: string }, b: { screenName: string }) =>
  a.screenName.localeCompare(b.screenName, 'zh-CN', { numeric: true });

/** The token goes in the body of a request, so that the answer has to be saved by hand. */
function save(file: Blob): void {
  const address = URL.createObjectURL(file);
  const anchor = document.createElement('a');
  anchor.href = address;
  anchor.download = 'keys.zip';
  anchor.click();
  URL.revokeObjectURL(address);
}
