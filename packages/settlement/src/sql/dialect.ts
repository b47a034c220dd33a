/** What differs between engines; everything else is written once in plain SQL. */
export type Dialect = {
  readonly name: 'duckdb' | 'clickhouse';
  /** Signed integer of at least 127 bits: gross × numerator must fit. */
  readonly wide: string;
  /** Bits of `wide` that a product may use. */
  readonly wideBits: number;
  readonly text: string;
  readonly nullableText: string;
  readonly whole: string;
  readonly date: string;
  /** Counts a handful of takers, never money; the type whose sums the engine works fastest. */
  readonly count: string;
  /** Said of a WITH query that is read twice and must be worked once. */
  readonly materialized: string;
  /** Said at the end of a query so that the engine reads it by the standard. */
  readonly settings: string;
  /** Each day from one to the other as rows of a SELECT list. */
  daysBetween(from: string, to: string): string;
  /** 1 where true, 0 where false. */
  flag(condition: string): string;
  /** Division toward zero. */
  divide(a: string, b: string): string;
  cast(value: string, type: string): string;
};

/** The dialect of DuckDB, with wide integers of 128 bits. */
export const DUCKDB: Dialect = Object.freeze({
  name: 'duckdb',
  wide: 'HUGEINT',
  wideBits: 126,
  text: 'VARCHAR',
  nullableText: 'VARCHAR',
  whole: 'BIGINT',
  date: 'DATE',
  count: 'DOUBLE',
  materialized: 'MATERIALIZED ',
  settings: '',
  daysBetween: (from, to) =>
    `CAST(unnest(generate_series(${from}, ${to}, INTERVAL 1 DAY)) AS DATE)`,
  flag: (condition) => `CAST(${condition} AS TINYINT)`,
  divide: (a, b) => `(${a} // ${b})`,
  cast: (value, type) => `CAST(${value} AS ${type})`,
});

/** The dialect of ClickHouse, with wide integers of 256 bits. */
export const CLICKHOUSE: Dialect = Object.freeze({
  name: 'clickhouse',
  wide: 'Int256',
  wideBits: 254,
  text: 'String',
  nullableText: 'Nullable(String)',
  whole: 'Int64',
  date: 'Date32',
  count: 'Int8',
  materialized: '',
  // A row without a partner has nulls, not zeros; a name means the column before the alias.
  settings: '\nSETTINGS join_use_nulls = 1, prefer_column_name_to_alias = 1',
  daysBetween: (from, to) =>
    `arrayJoin(arrayMap(d -> addDays(${from}, d),
      range(toUInt32(dateDiff('day', ${from}, ${to})) + 1)))`,
  flag: (condition) => `toInt8(${condition})`,
  divide: (a, b) => `intDiv(${a}, ${b})`,
  cast: (value, type) => `CAST(${value} AS ${type})`,
});

/** A text constant. ClickHouse reads backslashes as escapes, the standard does not. */
export function quoted(dialect: Dialect, value: string): string {
  const escaped = dialect.name === 'clickhouse' ? value.replaceAll('\\', '\\\\') : value;
  return `'${escaped.replaceAll("'", "''")}'`;
}

/** A small table that the query joins; the host loads it under its name. */
export type PlanTable = {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly (string | bigint | null)[])[];
};
