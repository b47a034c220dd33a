import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

export type Column<Row> = {
  title: string;
  cell: (row: Row) => ReactNode;
  /** Figures stand at the right, digit under digit. */
  figure?: boolean;
  /** The name of the row: its header for those who listen, its title on a phone. */
  head?: boolean;
};

type RecordsProps<Row> = {
  label: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  keyOf: (row: Row) => string;
  more?: (() => void) | undefined;
  total?: number | undefined;
};

/** A table of records that becomes a list of cards where a table would not fit. */
export function Records<Row>({ label, rows, columns, keyOf, more, total }: RecordsProps<Row>) {
  const { t } = useTranslation('kernel');
  return (
    <div className="records-frame">
      <div className="records-scroll" role="region" aria-label={label} tabIndex={0}>
        <table className="records">
          <thead>
            <tr>
              {columns.map((each) => (
                <th key={each.title} scope="col" className={each.figure ? 'figure' : undefined}>
                  {each.title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={keyOf(row)}>
                {columns.map((each) => (
                  <Cell key={each.title} column={each} row={row} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {more === undefined && total === undefined ? null : (
        <p className="records-foot">
          {total === undefined ? null : <span>{t('rows', { count: total })}</span>}
          {more === undefined ? null : (
            <button type="button" className="button" onClick={more}>
              {t('more')}
            </button>
          )}
        </p>
      )}
    </div>
  );
}

function Cell<Row>({ column, row }: { column: Column<Row>; row: Row }) {
  const look = column.figure === true ? 'figure' : undefined;
  if (column.head === true)
    return (
      <th scope="row" className="record-head">
        {column.cell(row)}
      </th>
    );
  return (
    <td className={look} data-label={column.title}>
      <div>{column.cell(row)}</div>
    </td>
  );
}
