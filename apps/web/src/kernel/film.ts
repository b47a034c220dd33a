import { useQuery } from '@tanstack/react-query';
import { useRouterState } from '@tanstack/react-router';
import { ask } from './api.ts';

/** The film chosen in the address, which every hall's lists then speak of. */
export function useFilmId(): string | undefined {
  return useRouterState({
    select: (state) => {
      const page = /^\/films\/([0-9a-f-]{36})$/.exec(state.location.pathname)?.[1];
      const film = (state.location.search as { film?: unknown }).film;
      return page ?? (typeof film === 'string' ? film : undefined);
    },
  });
}

/** Films to choose from in a form. */
export function useFilmChoices(): { value: string; label: string }[] {
  const { data } = useQuery(ask('film', 'list', { query: { limit: 500 } }));
  return (data?.rows ?? []).map((each) => ({ value: each.id, label: each.title }));
}
