import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useRouterState } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ask } from '../api.ts';
import { useFilmId } from '../film.ts';
import { useSession } from '../session.ts';
import { Menu } from './menu.tsx';

const FILMS_SHOWN = 30;

/** The film whose work is on the desk; choosing another keeps the page and changes the film. */
export function FilmSwitcher() {
  const { t } = useTranslation('kernel');
  const { can } = useSession();
  const navigate = useNavigate();
  const film = useFilmId();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const { data } = useQuery({
    ...ask('film', 'list', { query: { limit: FILMS_SHOWN } }),
    enabled: can('film.read'),
  });
  const rows = data?.rows ?? [];
  const chosen = rows.find((each) => each.id === film);
  const choose = (id: string | undefined) => {
    if (path.startsWith('/films/') && id !== undefined) {
      return navigate({ to: '/films/$id', params: { id }, search: { film: id } });
    }
    // An explicit undefined takes the film out; leaving it away would keep the former one.
    return navigate({ to: '.', search: { film: id } as never });
  };
  if (rows.length === 0) return null;
  return (
    <Menu
      label={t('filmSwitcher')}
      icon="film"
      text={<span className="bar-film">{chosen?.title ?? t('allFilms')}</span>}
    >
      <button
        type="button"
        className="menu-item"
        aria-pressed={chosen === undefined}
        onClick={() => void choose(undefined)}
      >
        {t('allFilms')}
      </button>
      {rows.map((each) => (
        <button
          key={each.id}
          type="button"
          className="menu-item"
          aria-pressed={each.id === film}
          onClick={() => void choose(each.id)}
        >
          {each.title}
        </button>
      ))}
      <Link to="/films" className="menu-item menu-foot">
        {t('page.films')}
      </Link>
    </Menu>
  );
}
