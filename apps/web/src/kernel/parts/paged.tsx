import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ProblemNote } from './problem.tsx';
import { Waiting } from './page.tsx';
import { type Column, Records } from './records.tsx';

type Answer<Row> = { rows: Row[]; next: string | null; total?: number | undefined };
type PagedProps<Row> = {
  label: string;
  /** Begins with group and name, as every key of an answer does. */
  name: readonly unknown[];
  load: (after: string | undefined, signal: AbortSignal) => Promise<Answer<Row>>;
  columns: readonly Column<Row>[];
  keyOf: (row: Row) => string;
  empty: ReactNode;
};

/** A list of the API page by page: waiting, refused, empty or rows with a way to see more. */
export function Paged<Row>({ label, name, load, columns, keyOf, empty }: PagedProps<Row>) {
  const list = useInfiniteQuery({
    queryKey: [...name, 'pages'],
    queryFn: ({ pageParam, signal }) => load(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  });
  if (list.isPending) return <Waiting />;
  if (list.isError) return <ProblemNote fault={list.error} again={() => void list.refetch()} />;
  const rows = list.data.pages.flatMap((each) => each.rows);
  if (rows.length === 0) return empty;
  return (
    <Records
      label={label}
      rows={rows}
      columns={columns}
      keyOf={keyOf}
      total={list.data.pages[0]?.total}
      more={list.hasNextPage ? () => void list.fetchNextPage() : undefined}
    />
  );
}
