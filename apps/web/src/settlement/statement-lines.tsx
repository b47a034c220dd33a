import { useInfiniteQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import type { contract, OutputOf } from '@yinglian/contract';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import type { Statement } from './statement-table.tsx';

export type Line = OutputOf<typeof contract.settlement.lines.result>['rows'][number];
type Format = ReturnType<typeof useFormat>;

const ROW_PX = 44;
const PAGE_ROWS = 200;
/** Rows kept above and below what is seen, so that scrolling meets no white. */
const OVERSCAN = 12;

/** The 17 columns of the monthly sheet, in its order. A figure can be asked why it is so. */
const COLUMNS = [
  { name: 'number', width: 64, figure: true, text: (line: Line) => String(line.number) },
  { name: 'cinemaName', width: 220, text: (line: Line) => line.cinemaName ?? '—' },
  { name: 'cinemaCode', width: 100, text: (line: Line) => line.cinemaCode ?? '—' },
  { name: 'filmName', width: 160, text: (line: Line) => line.filmName },
  { name: 'filmCode', width: 140, text: (line: Line) => line.filmCode ?? '—' },
  { name: 'equipment', width: 90, words: true, text: (line: Line) => line.equipment ?? '' },
  { name: 'from', width: 134, text: (line: Line, f: Format) => f.date(line.from) },
  { name: 'to', width: 134, text: (line: Line, f: Format) => f.date(line.to) },
  { name: 'screenings', width: 90, figure: true,
    text: (line: Line, f: Format) => f.number(line.screenings) },
  { name: 'admissions', width: 100, figure: true,
    text: (line: Line, f: Format) => f.number(line.admissions) },
  { name: 'gross', width: 140, figure: true, money: true,
    text: (line: Line, f: Format) => f.money(line.grossFen) },
  { name: 'fund', width: 130, figure: true, money: true,
    text: (line: Line, f: Format) => f.money(line.fundFen) },
  { name: 'vat', width: 110, figure: true,
    text: (line: Line, f: Format) => f.percent(line.vatMethod) },
  { name: 'tax', width: 130, figure: true, money: true,
    text: (line: Line, f: Format) => f.money(line.taxFen) },
  { name: 'net', width: 140, figure: true, money: true,
    text: (line: Line, f: Format) => f.money(line.netFen) },
  { name: 'share', width: 100, figure: true,
    text: (line: Line, f: Format) => f.percent(line.share) },
  { name: 'shareFen', width: 150, figure: true, money: true,
    text: (line: Line, f: Format) => f.money(line.shareFen) },
] as const;
type ColumnShape = {
  name: string; width: number; figure?: boolean; money?: boolean; words?: boolean;
  text: (line: Line, format: Format, language: 'zh' | 'en') => string;
};

/** What is due stands first: on a narrow screen it is what is seen. */
const AMOUNTS: readonly ColumnShape[] = [
  { name: 'dueFen', width: 130, figure: true, money: true,
    text: (line, f) => f.money(line.shareFen) },
  { name: 'toDateFen', width: 140, figure: true, money: true,
    text: (line, f) => f.money(line.toDateFen ?? '0') },
  { name: 'priorFen', width: 140, figure: true, money: true,
    text: (line, f) => f.money(line.priorFen ?? '0') },
];
const TITLE: ColumnShape = { name: 'title', width: 170,
  text: (line, _, language) => line.title?.[language] ?? line.filmName };

const column = (name: string): ColumnShape[] =>
  (COLUMNS as readonly ColumnShape[]).filter((each) => each.name === name);

/** Rental is by cinema and week; waterfalls and platforms state sums to date. */
const COLUMNS_OF: Readonly<Record<Statement['termsKind'], readonly ColumnShape[]>> = {
  theatrical: COLUMNS,
  rental: [
    ...column('number'), ...column('cinemaName'), ...column('cinemaCode'), TITLE,
    ...column('from'), ...column('to'), ...column('screenings'), ...column('admissions'),
    ...column('gross'), ...AMOUNTS,
  ],
  waterfall: [...column('number'), TITLE, ...AMOUNTS],
  streaming: [...column('number'), TITLE, ...AMOUNTS],
};
const templateOf = (columns: readonly ColumnShape[]) =>
  columns.map((each) => `minmax(${each.width}px, ${each.width}fr)`).join(' ');

/** Lines of a statement; only the ones in view are drawn, so that ten thousand scroll as ten. */
export function StatementLines({ statement, onAsk }: {
  statement: Statement; onAsk: (line: Line) => void;
}) {
  const { t } = useTranslation('settlement');
  const scroll = useRef<HTMLDivElement>(null);
  const lines = useLines(statement.id);
  const rows = lines.data?.pages.flatMap((each) => each.rows) ?? [];
  const virtual = useVirtualizer({
    count: rows.length, getScrollElement: () => scroll.current, estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = lines;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && last >= rows.length - OVERSCAN) void fetchNextPage();
  }, [last, rows.length, hasNextPage, isFetchingNextPage, fetchNextPage]);
  if (lines.isPending) return <Waiting />;
  if (lines.isError) return <ProblemNote fault={lines.error} />;
  const columns = COLUMNS_OF[statement.termsKind];
  const label = t(statement.termsKind === 'theatrical' ? 'linesLabel' : 'linesLabelPlain');
  return (
    <div ref={scroll} className="lines" role="region" aria-label={label} tabIndex={0}>
      <div role="table" aria-label={label} aria-rowcount={statement.lines + 2}>
        <div role="row" aria-rowindex={1} className="lines-head"
          style={{ gridTemplateColumns: templateOf(columns) }}>
          {columns.map((each) => (
            <span key={each.name} role="columnheader" className={each.figure ? 'figure' : ''}>
              {t(`column.${each.name}`)}
            </span>
          ))}
        </div>
        <div role="rowgroup" className="lines-body"
          style={{ blockSize: virtual.getTotalSize() }}>
          {items.map((item) => (
            <LineRow key={item.key} line={rows[item.index]!} index={item.index} onAsk={onAsk}
              top={item.start} columns={columns} />
          ))}
        </div>
        <Totals statement={statement} />
      </div>
    </div>
  );
}

function useLines(id: string) {
  return useInfiniteQuery({
    queryKey: ['settlement', 'lines', id, 'pages'],
    queryFn: ({ pageParam, signal }) => api.settlement.lines({ params: { id },
      query: { limit: PAGE_ROWS, ...(pageParam === undefined ? {} : { after: pageParam }) },
      signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

function LineRow({ line, index, top, columns, onAsk }: {
  line: Line; index: number; top: number; columns: readonly ColumnShape[];
  onAsk: (line: Line) => void;
}) {
  const { t, i18n } = useTranslation('settlement');
  const format = useFormat();
  const language = i18n.language === 'en' ? 'en' : 'zh';
  const differs = Object.keys(line.stated).length > 0;
  return (
    <div role="row" aria-rowindex={index + 2} className={differs ? 'line line-differs' : 'line'}
      style={{ gridTemplateColumns: templateOf(columns), transform: `translateY(${top}px)` }}>
      {columns.map((each) => {
        const text = each.text(line, format, language);
        const name = t(`column.${each.name}`);
        return (
          <span key={each.name} role="cell" className={each.figure ? 'figure' : ''} title={text}>
            {each.money === true ? (
              <button type="button" className="why" onClick={() => onAsk(line)}
                aria-label={t('whyFigure', { column: name, amount: text })}>
                {text}
              </button>
            ) : each.words === true && text !== ''
              ? t(`equipment.${text}`, { defaultValue: text }) : text}
          </span>
        );
      })}
    </div>
  );
}

function Totals({ statement }: { statement: Statement }) {
  const { t } = useTranslation('settlement');
  const format = useFormat();
  const totals: Readonly<Record<string, string>> = {
    gross: format.money(statement.grossFen),
    fund: format.money(statement.fundFen), tax: format.money(statement.taxFen),
    net: format.money(statement.netFen), shareFen: format.money(statement.totalFen),
    dueFen: format.money(statement.totalFen),
  };
  const columns = COLUMNS_OF[statement.termsKind];
  const first = columns.find((each) => each.figure !== true)?.name;
  return (
    <div role="row" aria-rowindex={statement.lines + 2} className="lines-foot"
      style={{ gridTemplateColumns: templateOf(columns) }}>
      {columns.map((each) => (
        <span key={each.name} role="cell" className={each.figure ? 'figure' : ''}>
          {each.name === first ? t('totals') : totals[each.name] ?? ''}
        </span>
      ))}
    </div>
  );
}
