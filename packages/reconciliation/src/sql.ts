/**
 * Two books of any size, checksum first: one cheap sum per cinema and day on each side, then rows
 * only of the cinema-days that differ. Both relations have screening_id, business_date,
 * cinema_code, film_code, admissions and gross_fen; the caller reads them partition by partition.
 */
export type TwoBookPlan = {
  /** Creates the temporary table `differing_days` (cinema_code, business_date). */
  readonly checksum: string;
  /**
   * One row per difference: kind, screening_id, cinema_code, business_date, film_code, delta_fen,
   * delta_admissions. Kinds are those of the model.
   */
  readonly drill: string;
};

/** The two relations to compare, and the amounts of fen that decide the kind. */
export type TwoBookOptions = {
  readonly reference: string;
  readonly other: string;
  readonly toleranceFen?: bigint;
  readonly smallFen?: bigint;
};

/**
 * SQL of DuckDB. The checksum holds every compared column, so equal sums mean equal days. Hashes
 * lose a bit: what fits 64 signed bits is summed at half the cost.
 */
export function compileTwoBooks(options: TwoBookOptions): TwoBookPlan {
  const { reference, other } = options;
  const tolerance = String(options.toleranceFen ?? 0n);
  const small = String(options.smallFen ?? 0n);
  return {
    checksum: `CREATE OR REPLACE TEMP TABLE differing_days AS
SELECT coalesce(a.cinema_code, b.cinema_code) AS cinema_code,
  coalesce(a.business_date, b.business_date) AS business_date
FROM (${sums(reference)}) a FULL JOIN (${sums(other)}) b
  ON a.cinema_code = b.cinema_code AND a.business_date = b.business_date
WHERE a.checksum IS DISTINCT FROM b.checksum OR a.fact_rows IS DISTINCT FROM b.fact_rows`,
    drill: `WITH day_a AS (${keysOfDays(reference)}), day_b AS (${keysOfDays(other)}), lone AS (
  (FROM day_a EXCEPT FROM day_b) UNION (FROM day_b EXCEPT FROM day_a)
), a AS (${drilled(reference)}), b AS (${drilled(other)}), joined AS (
  SELECT coalesce(a.key, b.key) AS screening_id,
    coalesce(a.cinema_code, b.cinema_code) AS cinema_code,
    coalesce(a.business_date, b.business_date) AS business_date,
    coalesce(a.film, b.film) AS film_code,
    a.key IS NULL AS only_other, b.key IS NULL AS only_reference,
    a.business_date AS a_date, b.business_date AS b_date, a.film AS a_film, b.film AS b_film,
    coalesce(a.admissions, 0) - coalesce(b.admissions, 0) AS delta_admissions,
    coalesce(a.gross_fen, 0) - coalesce(b.gross_fen, 0) AS delta_fen,
    a.raw AS a_raw, b.raw AS b_raw
  FROM (SELECT * FROM a WHERE turn = 1) a
    FULL JOIN (SELECT * FROM b WHERE turn = 1) b ON a.key = b.key
), kinds AS (
  SELECT *, unnest([
    CASE WHEN only_reference THEN 'missing_row' WHEN only_other THEN 'unexpected_row' END,
    CASE WHEN NOT only_reference AND NOT only_other AND a_date <> b_date
      THEN 'business_day_shift' END,
    CASE WHEN NOT only_reference AND NOT only_other AND a_film <> b_film
      THEN 'film_code_swapped' END,
    CASE WHEN only_reference OR only_other THEN NULL
      WHEN delta_admissions <> 0 THEN 'admissions_differ'
      WHEN abs(delta_fen) <= ${tolerance} THEN NULL
      WHEN abs(delta_fen) <= ${small} THEN 'gross_differs_small' ELSE 'gross_differs' END,
    CASE WHEN a_raw <> screening_id OR b_raw <> screening_id THEN 'id_format_noise' END
  ]) AS kind FROM joined
)
SELECT kind, screening_id, cinema_code, business_date, film_code,
  CASE WHEN kind IN ('business_day_shift', 'film_code_swapped', 'id_format_noise')
    THEN 0 ELSE delta_fen END AS delta_fen,
  CASE WHEN kind IN ('business_day_shift', 'film_code_swapped', 'id_format_noise')
    THEN 0 ELSE delta_admissions END AS delta_admissions
FROM kinds WHERE kind IS NOT NULL
UNION ALL
SELECT 'duplicate_row', key, cinema_code, business_date, film, -gross_fen, -admissions
FROM (SELECT * FROM a UNION ALL SELECT * FROM b) WHERE turn > 1`,
  };
}

function sums(relation: string): string {
  return `SELECT cinema_code, business_date, count(*) AS fact_rows,
  sum((hash(screening_id, film_code, admissions, gross_fen) >> 1)::BIGINT) AS checksum
FROM ${relation} GROUP BY cinema_code, business_date`;
}

function keysOfDays(relation: string): string {
  return `SELECT upper(trim(screening_id)) AS key
  FROM ${relation} SEMI JOIN differing_days USING (cinema_code, business_date)`;
}

/** The rows of days that differ; of screenings that only one side has there, their other days. */
function drilled(relation: string): string {
  return `SELECT upper(trim(screening_id)) AS key, screening_id AS raw,
    upper(trim(film_code)) AS film, cinema_code, business_date, admissions, gross_fen,
    row_number() OVER (PARTITION BY upper(trim(screening_id)) ORDER BY business_date) AS turn
  FROM ${relation} r
  WHERE EXISTS (FROM differing_days d
      WHERE d.cinema_code = r.cinema_code AND d.business_date = r.business_date)
    OR upper(trim(screening_id)) IN (SELECT key FROM lone)`;
}
