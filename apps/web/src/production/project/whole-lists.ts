import { type QueryKey, useInfiniteQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api } from '../../kernel/api.ts';

/** The most rows that one page of the network has. */
const PAGE_ROWS = 500;

type ListPage<Row> = { readonly rows: readonly Row[]; readonly next: string | null };
type Asked = { readonly limit: number; readonly after?: string };

/** A list fetched page after page to its end: what is out of sight costs nothing. */
function useWhole<Row>(
  queryKey: QueryKey,
  load: (asked: Asked, signal: AbortSignal) => Promise<ListPage<Row>>,
  enabled: boolean,
) {
  const list = useInfiniteQuery({
    queryKey,
    enabled,
    queryFn: ({ pageParam, signal }) => load({
      limit: PAGE_ROWS, ...(pageParam === undefined ? {} : { after: pageParam }) }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  });
  const { hasNextPage, isFetching, fetchNextPage } = list;
  useEffect(() => {
    if (hasNextPage && !isFetching) void fetchNextPage();
  }, [hasNextPage, isFetching, fetchNextPage]);
  return { list, rows: list.data?.pages.flatMap((each) => each.rows) ?? [] };
}

type ShotQuery = { readonly projectId: string } & Readonly<Record<string, string>>;

/** All shots of a project that fit a query. */
export function useShots(query: ShotQuery, enabled = true) {
  return useWhole(['shots', 'list', query], (asked, signal) =>
    api.shots.list({ query: { ...query, ...asked }, signal }), enabled);
}

/** All media of a film. */
export function useMedia(filmId: string, enabled = true) {
  return useWhole(['production', 'assets', { filmId }], (asked, signal) =>
    api.production.assets({ query: { filmId, ...asked }, signal }), enabled);
}
