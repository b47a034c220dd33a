import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useId, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../api.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Icon, type IconName } from '../parts/icon.tsx';
import { useSession } from '../session.ts';
import { ACTIONS } from './halls.ts';
import { useShownHalls } from './shown.ts';
import { closeness } from './closeness.ts';

type Entry = { key: string; text: string; kind: string; icon: IconName; go: () => unknown };

const ENTRIES_SHOWN = 12;

/** Everything one can go to, found by a few letters: Ctrl-K or ⌘-K from anywhere. */
export function CommandPalette() {
  const { t } = useTranslation('kernel');
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      setOpen((before) => !before);
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);
  return (
    <>
      <button
        type="button"
        className="bar-button bar-search"
        onClick={() => setOpen(true)}
        aria-label={t('palette.open')}
        aria-keyshortcuts="Control+K Meta+K"
      >
        <Icon name="search" />
        <span className="bar-search-text">{t('palette.open')}</span>
        <kbd>Ctrl K</kbd>
      </button>
      <Dialog title={t('palette.title')} open={open} onClose={() => setOpen(false)}>
        <Chooser onDone={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function Chooser({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation('kernel');
  const [words, setWords] = useState('');
  const [at, setAt] = useState(0);
  const list = useId();
  const entries = useEntries();
  const found = useMemo(
    () =>
      entries
        .map((entry) => ({ entry, score: closeness(words, entry.text) }))
        .filter((each) => each.score > 0)
        .sort((a, b) => b.score - a.score)
        .slice(0, ENTRIES_SHOWN)
        .map((each) => each.entry),
    [entries, words],
  );
  const go = (entry: Entry | undefined) => {
    if (entry === undefined) return;
    onDone();
    entry.go();
  };
  const press = (key: string) => {
    if (key === 'ArrowDown') setAt((at + 1) % Math.max(1, found.length));
    else if (key === 'ArrowUp') setAt((at + found.length - 1) % Math.max(1, found.length));
    else if (key === 'Enter') go(found[at]);
    else return false;
    return true;
  };
  return (
    <div className="palette">
      <input
        className="palette-input"
        autoFocus
        role="combobox"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={found[at] === undefined ? undefined : `${list}-${at}`}
        aria-label={t('palette.open')}
        placeholder={t('palette.hint')}
        value={words}
        onChange={(event) => {
          setWords(event.target.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (press(event.key)) event.preventDefault();
        }}
      />
      <ul id={list} role="listbox" aria-label={t('palette.title')}>
        {found.map((entry, index) => (
          <li
            key={entry.key}
            id={`${list}-${index}`}
            role="option"
            aria-selected={index === at}
            onClick={() => go(entry)}
            onPointerMove={() => setAt(index)}
          >
            <Icon name={entry.icon} />
            <span>{entry.text}</span>
            <small>{entry.kind}</small>
          </li>
        ))}
      </ul>
      {found.length === 0 ? <p role="status">{t('palette.nothing')}</p> : null}
    </div>
  );
}

function useEntries(): Entry[] {
  const { t } = useTranslation('kernel');
  const navigate = useNavigate();
  const { can } = useSession();
  const shown = useShownHalls();
  const count = shown.reduce((sum, { pages }) => sum + pages.length, 0);
  const { data } = useQuery({
    ...ask('film', 'list', { query: { limit: 200 } }),
    enabled: can('film.read'),
  });
  return useMemo(() => {
    const films: Entry[] = (data?.rows ?? []).map((each) => ({
      key: each.id,
      kind: t('hall.film'),
      icon: 'film',
      text: [each.title, each.titleEnglish].filter(Boolean).join(' · '),
      go: () => navigate({ to: '/films/$id', params: { id: each.id }, search: { film: each.id } }),
    }));
    const pages: Entry[] = shown.flatMap((hall) =>
      hall.pages.map((page) => ({
        key: page.to,
        kind: t(`hall.${hall.name}`),
        icon: hall.name,
        text: t(`page.${page.name}`),
        go: () => navigate({ to: page.to }),
      })),
    );
    const actions: Entry[] = ACTIONS.filter((each) => can(each.permission)).map((each) => ({
      key: `do ${each.to}`,
      kind: t('palette.action'),
      icon: 'arrow',
      text: t(`do.${each.name}`),
      go: () => navigate({ to: each.to }),
    }));
    return [...films, ...actions, ...pages];
    // What may be seen is made anew on each render; it changes with `t`, the films or its length.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [data, t, navigate, count]);
}
