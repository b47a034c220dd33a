import { useQuery } from '@tanstack/react-query';
import { Link, type LinkProps } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useAction } from '../kernel/action.ts';
import { api, ask } from '../kernel/api.ts';
import { Page, Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';
import { useDepartment } from './department.tsx';
import { OwnObjections } from './objections.tsx';
import { browserSealing, keepFile, newKeyFile } from './sealing.ts';
import './opencall.css';

/** Where a signed-in person finds all of one's own: as a bidder, a reviewer, an officer. */
export function OpencallDeskPage() {
  const { t } = useTranslation('opencall');
  return (
    <Page
      title={t('myDesk')}
      lead={t('deskLead')}
      actions={
        <Link className="button" to="/opencall">
          {t('title')}
        </Link>
      }
    >
      <Doors />
      <Section title={t('ownObjections')}>
        <p className="muted">{t('ownObjectionsText')}</p>
        <OwnObjections />
      </Section>
      <Keys />
    </Page>
  );
}

/** One tile for each thing there is to do, with how much of it is waiting. */
function Doors() {
  const { t } = useTranslation('opencall');
  const { can, organisation } = useSession();
  const department = useDepartment() === true;
  const officer = department && (can('policy.manage') || can('policy.decide'));
  const reviews = useQuery(ask('opencall', 'reviews'));
  const projects = useQuery({ ...ask('opencall', 'projects'), enabled: can('policy.read') });
  const rounds = useQuery(ask('opencall', 'rounds'));
  const unread = (reviews.data?.rows ?? [])
    .filter(({ state }) => state === 'drawn')
    .flatMap(({ proposals }) => proposals)
    .filter(({ sheet }) => sheet === null).length;
  const led = (rounds.data?.rows ?? []).filter(
    (each) => each.departmentId === organisation?.id && !['decided', 'void'].includes(each.state),
  ).length;
  const open = (rounds.data?.rows ?? []).filter(({ state }) => state === 'announced').length;
  return (
    <nav className="opencall-doors" aria-label={t('myDesk')}>
      <Door to="/opencall" name="bidding" count={open} />
      <Door to="/policy/opencall/reviews" name="reviews" count={unread} />
      <Door
        to="/policy/opencall/projects"
        name="projects"
        count={(projects.data?.rows ?? []).filter(({ state }) => state === 'running').length}
      />
      <Door to="/policy/opencall/expert" name="expert" />
      {officer ? (
        <>
          <Door to="/policy/opencall/catalogues" name="catalogues" />
          <Door to="/policy/opencall/rounds" name="rounds" count={led} />
        </>
      ) : null}
      {department && can('policy.manage') ? (
        <Door to="/policy/opencall/experts" name="experts" />
      ) : null}
    </nav>
  );
}

function Door({
  to,
  name,
  count = 0,
}: {
  to: NonNullable<LinkProps['to']>;
  name: string;
  count?: number;
}) {
  const { t } = useTranslation('opencall');
  return (
    <Link to={to} className="opencall-door">
      <strong>
        {t(`door.${name}.title`)}
        {count === 0 ? '' : ` ${count}`}
      </strong>
      <span>{t(`door.${name}.text`)}</span>
    </Link>
  );
}

function Keys() {
  const { t } = useTranslation('opencall');
  const { data } = useQuery(ask('opencall', 'ownKey'));
  const { act, busy, fault } = useAction('opencall');
  const sealing = browserSealing();
  const make = () =>
    act(async () => {
      if (sealing === undefined) return;
      const keys = await newKeyFile(sealing);
      // Kept first: a registered key that nobody holds opens nothing.
      keepFile('yinglian.opencall-keys.json', keys);
      const {
        sealing: { publicKey },
        signing,
      } = keys;
      await api.opencall.saveKey({ body: { sealing: publicKey, signing: signing.publicKey } });
    });
  return (
    <Section title={t('keys')}>
      <p>{t('keysText')}</p>
      <p className="opencall-hash">{data?.sealing ?? t('noKeys')}</p>
      {data?.sealing === null || data === undefined ? null : (
        <p className="muted">{t('keysAgain')}</p>
      )}
      {sealing === undefined ? (
        <p className="opencall-note">{t('noCrypto')}</p>
      ) : (
        <p>
          <button type="button" className="button" disabled={busy} onClick={() => void make()}>
            {t('makeKeys')}
          </button>
        </p>
      )}
      <ProblemNote fault={fault} />
    </Section>
  );
}
