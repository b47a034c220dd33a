import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { Suspense, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../api.ts';
import { startEvents } from '../events.ts';
import { chooseLanguage, currentLanguage, isLanguageChosen } from '../language.ts';
import { Icon } from '../parts/icon.tsx';
import { Mark } from '../parts/mark.tsx';
import { Waiting } from '../parts/page.tsx';
import { signOut, useSession } from '../session.ts';
import { chooseTheme, isThemeChosen } from '../theme.ts';
import { CastBar } from './cast-bar.tsx';
import { CommandPalette } from './command-palette.tsx';
import { FilmSwitcher } from './film-switcher.tsx';
import { JobTray } from './job-tray.tsx';
import { Menu } from './menu.tsx';
import { OrganisationSwitcher } from './organisation-switcher.tsx';
import { Preferences } from './preferences.tsx';
import { useShownHalls } from './shown.ts';

/** What is around every page: who one is, where one is, what is under way. */
export function Shell() {
  const { t } = useTranslation('kernel');
  const { user, organisation } = useSession();
  const [open, setOpen] = useState(false);
  const path = useRouterState({ select: (state) => state.location.pathname });
  useEffect(() => setOpen(false), [path]);
  useSignedIn(user !== null && organisation !== null, user !== null);
  const inside = user !== null && path !== '/';
  return (
    <div className={inside ? 'shell shell-inside' : 'shell'}>
      <a className="skip" href="#content">
        {t('skip')}
      </a>
      <header className="bar">
        {inside ? (
          <button
            type="button"
            className="bar-button bar-menu"
            aria-expanded={open}
            aria-controls="halls"
            onClick={() => setOpen(!open)}
          >
            <Icon name="menu" />
            <span className="sr-only">{t('menu')}</span>
          </button>
        ) : null}
        <Link to="/" className="brand" aria-label={t('name')}>
          <Mark />
          <span>{t('name')}</span>
        </Link>
        {user === null ? <span className="bar-space" /> : <BarTools />}
        <Preferences />
        {user === null ? null : <PersonMenu name={user.name} />}
        {inside ? <CastBar /> : null}
      </header>
      {inside ? <Navigation open={open} /> : null}
      <main id="content" className="content">
        <Suspense fallback={<Waiting />}>
          <Outlet />
        </Suspense>
      </main>
    </div>
  );
}

function BarTools() {
  return (
    <>
      <FilmSwitcher />
      <span className="bar-space" />
      <CommandPalette />
      <JobTray />
      <OrganisationSwitcher />
    </>
  );
}

/**
 * Brings what the person chose on another machine, where nothing was chosen on this one, and opens
 * the line for live progress.
 */
function useSignedIn(acting: boolean, signedIn: boolean): void {
  const { data } = useQuery({ ...ask('settings', 'get'), enabled: signedIn, staleTime: Infinity });
  useEffect(() => {
    if (data?.saved !== true) return;
    if (!isLanguageChosen() && data.language !== currentLanguage()) {
      void chooseLanguage(data.language);
    }
    if (!isThemeChosen()) chooseTheme(data.theme);
  }, [data]);
  useEffect(() => {
    if (acting) startEvents();
  }, [acting]);
}

function Navigation({ open }: { open: boolean }) {
  const { t } = useTranslation('kernel');
  const shown = useShownHalls();
  const list = useRef<HTMLElement>(null);
  const path = useRouterState({ select: (state) => state.location.pathname });
  useEffect(() => showCurrent(list.current), [path, open]);
  return (
    <nav
      ref={list}
      id="halls"
      className={open ? 'halls halls-open' : 'halls'}
      aria-label={t('halls')}
    >
      {shown.map((hall) => (
        <section key={hall.name}>
          <h2>
            <Icon name={hall.name} />
            {t(`hall.${hall.name}`)}
          </h2>
          <ul>
            {hall.pages.map((page) => (
              <li key={page.to}>
                <Link to={page.to} activeOptions={{ exact: true, includeSearch: false }}>
                  {t(`page.${page.name}`)}
                </Link>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}

/** Of a list longer than the window, the part with the page that one is on. */
function showCurrent(list: HTMLElement | null): void {
  const here = list?.querySelector('[aria-current="page"]')?.getBoundingClientRect();
  const seen = list?.getBoundingClientRect();
  if (list === null || here === undefined || seen === undefined) return;
  if (here.top >= seen.top && here.bottom <= seen.bottom) return;
  list.scrollTop += here.top - seen.top - seen.height / 2;
}

function PersonMenu({ name }: { name: string }) {
  const { t } = useTranslation('kernel');
  const navigate = useNavigate();
  const leave = async () => {
    await signOut();
    await navigate({ to: '/' });
  };
  return (
    <Menu label={t('person', { name })} icon="person" end>
      <p className="menu-title">{name}</p>
      <Link to="/account" className="menu-item">
        {t('account')}
      </Link>
      <button type="button" className="menu-item" onClick={() => void leave()}>
        {t('signOut')}
      </button>
    </Menu>
  );
}
