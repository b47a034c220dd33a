import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../api.ts';
import { beginSession, useSession } from '../session.ts';

/** Addresses of the demonstration's cast; nobody else can have one (RFC 2606). */
const CAST = '@demonstration.invalid';

/** Says that all this is the demonstration, and lets one be somebody else with one press. */
export function CastBar() {
  const { t } = useTranslation('kernel');
  const { user } = useSession();
  const navigate = useNavigate();
  const acting = user?.email.endsWith(CAST) === true;
  const { data } = useQuery({ ...ask('network', 'demonstration'), enabled: acting });
  const people = data?.people ?? [];
  if (!acting || people.length === 0) return null;
  const become = async (userId: string) => {
    const film = data?.filmId ?? null;
    beginSession(await api.network.enterDemonstration({ body: { userId } }));
    if (film === null) await navigate({ to: '/films' });
    else await navigate({ to: '/films/$id', params: { id: film }, search: { film } });
  };
  return (
    <aside className="cast" aria-label={t('cast.title')}>
      <Link to="/demonstration">{t('cast.title')}</Link>
      <label>
        <span>{t('cast.as')}</span>
        <select value={user?.id} onChange={(event) => void become(event.target.value)}>
          {people.map((each) => (
            <option key={each.userId} value={each.userId}>
              {`${t(`kind.${each.kind}`)} · ${each.name}`}
            </option>
          ))}
        </select>
      </label>
    </aside>
  );
}
