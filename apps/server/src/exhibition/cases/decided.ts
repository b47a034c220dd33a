import { finding, type Finding } from '@yinglian/core';
import { sql } from 'kysely';
import type { Queryable } from '../../kernel/database/database.ts';
import type { RowRecord } from '../report-repository.ts';

/**
 * Rows as the cases over them decided: those of an upheld case as they should be, or not at all. A
 * settlement leaves out what is held while a cinema is being heard; a comparison keeps it.
 */
export function asDecided(rows: readonly RowRecord[], held: 'leave' | 'keep'): RowRecord[] {
  return rows.flatMap((row) => {
    if (row.standing === 'excluded') return [];
    if (row.standing === 'held') return held === 'keep' ? [row] : [];
    return [row.standing === 'adjusted' ? { ...row, ...row.decided } : row];
  });
}

/** What a settlement of these reports says of rows that it left out or took otherwise. */
export async function standingFindings(
  database: Queryable,
  reportIds: readonly string[],
  filmId: string,
): Promise<Finding[]> {
  const result = await sql<{ standing: string; rows: bigint; gross: bigint }>`
    select kept.standing, count(*) as rows, sum(row.gross_fen)::bigint as gross
    from (select distinct on (report_id, line) report_id, line, standing
      from exhibition.row_standing where report_id = any(${[...reportIds]}::uuid[])
      order by report_id, line,
        array_position(array['excluded', 'held', 'adjusted', 'confirmed'], standing)) as kept
    join exhibition.report_row as row using (report_id, line)
    where kept.standing <> 'confirmed' and row.film_id = ${filmId}
    group by kept.standing order by kept.standing`.execute(database);
  return result.rows.map(({ standing, rows, gross }) => {
    const facts = { rows: Number(rows), gross: String(gross) };
    if (standing === 'held') return finding('held_case_rows', 'warning', { facts });
    if (standing === 'adjusted') return finding('adjusted_case_rows', 'warning', { facts });
    return finding('excluded_case_rows', 'warning', { facts });
  });
}
