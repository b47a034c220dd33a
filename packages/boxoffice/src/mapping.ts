import { accepted, finding, type Finding, type Outcome, refused } from '@yinglian/core';
import { type Cell, cellText, type SheetRow, toHalfWidth } from './cells.ts';
import {
  FIELD_NAMES,
  type FieldName,
  FIELDS,
  type Level,
  LEVELS,
  type MoneyUnit,
  type RateUnit,
  REQUIRED,
} from './fields.ts';

/**
 * Which column holds what, as data: saved once per sender and used for every later delivery.
 * Columns are found by heading, so that a moved column is found and a renamed one is refused.
 */
export type Mapping = {
  readonly format: 'yinglian-mapping/1';
  readonly name: string;
  readonly level: Level;
  /** Field → the heading exactly as the sender writes it. */
  readonly columns: { readonly [Name in FieldName]?: string };
  /** Values that the file says only once, or nowhere: the circuit of a sheet, for example. */
  readonly constants?: { readonly [Name in FieldName]?: string };
  readonly moneyUnit: MoneyUnit;
  readonly rateUnit: RateUnit;
};

/** The heading row is looked for among the first rows, below titles and header blocks. */
export const HEADING_ROWS_MAX = 30;

/** A mapping as it was found from the headings. */
export type DetectedMapping = {
  readonly mapping: Mapping;
  /** Index of the heading row in the rows given. */
  readonly headingIndex: number;
  /** Headings that were not understood; their cells are kept as evidence only. */
  readonly unknownHeadings: readonly string[];
};

/** A heading without what senders vary: spaces, case, brackets with their content, underscores. */
export function headingKey(cell: Cell): string {
  return toHalfWidth(cellText(cell))
    .replace(/[(（[【].*?[)）\]】]/g, '')
    .replace(/[\s_\-/:]/g, '')
    .toLowerCase();
}

const FIELD_BY_KEY: ReadonlyMap<string, FieldName> = new Map(
  FIELD_NAMES.flatMap((name) =>
    FIELDS[name].synonyms.map((synonym) => [headingKey(synonym), name] as const),
  ),
);

/**
 * Finds the heading row and a mapping for it. The level is the most detailed one whose required
 * fields are all there; with none, the refusal names what the nearest level lacks. Fields that are
 * `given` beside this one file count as there and stay out of the mapping, which is of all files.
 */
export function detectMapping(
  rows: readonly SheetRow[],
  options: { name?: string; level?: Level; given?: readonly FieldName[] } = {},
): Outcome<DetectedMapping> {
  const headingIndex = bestHeading(rows);
  if (headingIndex === undefined) return refused(noHeading(rows));
  const findings: Finding[] = [];
  const columns: { [Name in FieldName]?: string } = {};
  const unknownHeadings: string[] = [];
  for (const cell of rows[headingIndex]!) {
    const heading = cellText(cell);
    if (heading === '') continue;
    const name = FIELD_BY_KEY.get(headingKey(heading));
    if (name === undefined) unknownHeadings.push(heading);
    else if (columns[name] === undefined) columns[name] = heading;
    else {
      const facts = { field: name, first: columns[name], second: heading };
      findings.push(finding('ambiguous_heading', 'warning', { facts }));
    }
  }
  const { given = [] } = options;
  const level = options.level ?? detectLevel(new Set([...fieldsOf(columns), ...given]));
  const mapping: Mapping = {
    format: 'yinglian-mapping/1',
    name: options.name ?? 'detected',
    level,
    columns,
    moneyUnit: moneyUnit(columns),
    rateUnit: rateUnit(columns, rows.slice(headingIndex)),
  };
  const missing = missingFields(mapping, given);
  if (missing.length > 0) return refused(...findings, ...missing);
  return accepted({ mapping, headingIndex, unknownHeadings }, findings);
}

/**
 * Checks that a mapping (saved, or sent by somebody) can give the rows of its level, with the
 * fields that are `given` beside the file.
 */
export function missingFields(mapping: Mapping, given: readonly FieldName[] = []): Finding[] {
  const { columns, constants = {} } = mapping;
  const known = new Set([...fieldsOf(columns), ...fieldsOf(constants), ...given]);
  return REQUIRED[mapping.level]
    .filter((group) => !group.some((name) => known.has(name)))
    .map((group) => {
      const facts = { level: mapping.level, fields: [...group] };
      return finding('missing_column', 'error', { facts });
    });
}

/** Characters of a file's first row that a finding repeats. */
const SHOWN_MAX = 60;

/** Nothing was read as a heading: the first row tells the sender which file it was. */
function noHeading(rows: readonly SheetRow[]): Finding {
  const first = rows.find((row) => row.some((cell) => cellText(cell) !== ''));
  if (first === undefined) return finding('empty_delivery', 'error');
  const text = first
    .map(cellText)
    .filter((each) => each !== '')
    .join(', ');
  const found = text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
  return finding('unknown_heading', 'error', { facts: { found } });
}

/** Headings at most, and characters of one: more is no heading row. */
const HEADINGS_MAX = 100;
const HEADING_CHARACTERS_MAX = 200;

/**
 * What most looks like headings in a file whose mapping is not found, so that somebody can say what
 * they mean: the row of the most words among the first.
 */
export function likelyHeadings(rows: readonly SheetRow[]): string[] {
  const first = rows.slice(0, HEADING_ROWS_MAX);
  const words = (row: SheetRow) => row.filter((cell) => /\p{L}/u.test(cellText(cell))).length;
  const known = bestHeading(rows);
  const likely =
    known === undefined
      ? first.reduce((best, row) => (words(row) > words(best) ? row : best), first[0] ?? [])
      : rows[known]!;
  return likely
    .map(cellText)
    .filter((each) => each !== '' && each.length <= HEADING_CHARACTERS_MAX)
    .slice(0, HEADINGS_MAX);
}

function bestHeading(rows: readonly SheetRow[]): number | undefined {
  let best: number | undefined;
  let bestCount = 1;
  for (const [index, row] of rows.slice(0, HEADING_ROWS_MAX).entries()) {
    const known = new Set(row.map((cell) => FIELD_BY_KEY.get(headingKey(cell))));
    known.delete(undefined);
    if (known.size > bestCount) {
      best = index;
      bestCount = known.size;
    }
  }
  return best;
}

function fieldsOf(values: { readonly [Name in FieldName]?: string }): FieldName[] {
  return FIELD_NAMES.filter((name) => values[name] !== undefined);
}

function detectLevel(known: ReadonlySet<FieldName>): Level {
  const lacking = (level: Level) =>
    REQUIRED[level].filter((group) => !group.some((name) => known.has(name))).length;
  return LEVELS.toSorted((a, b) => lacking(a) - lacking(b))[0]!;
}

/** Headings that say 分 or fen, in brackets or at the end, hold fen; others hold yuan. */
function moneyUnit(columns: { readonly [Name in FieldName]?: string }): MoneyUnit {
  const headings = FIELD_NAMES.filter((name) => FIELDS[name].kind === 'money').flatMap((name) =>
    columns[name] === undefined ? [] : [columns[name]],
  );
  const inFen = headings.filter((heading) => /[（(]分[)）]|fen$/i.test(heading.trim()));
  return headings.length > 0 && inFen.length === headings.length ? 'fen' : 'yuan';
}

/**
 * A heading that says per cent, above plain numbers of which one is more than the whole, holds per
 * cents. A cell that carries its own sign says itself what it is.
 */
function rateUnit(
  columns: { readonly [Name in FieldName]?: string },
  [heading = [], ...body]: readonly SheetRow[],
): RateUnit {
  const marked = FIELD_NAMES.filter((name) => FIELDS[name].kind === 'rate').flatMap((name) => {
    const written = columns[name];
    return written !== undefined && /[%％]|百分/.test(written) ? [written] : [];
  });
  const places = marked.map((written) => heading.map(cellText).indexOf(written));
  const isPercent = body.some((row) => places.some((place) => Number(cellText(row[place])) > 1));
  return isPercent ? 'percent' : 'fraction';
}

/** Field → column index for one heading row; a heading of the mapping that is gone is a finding. */
export function placeColumns(mapping: Mapping, heading: SheetRow): Outcome<ColumnPlaces> {
  const places: { [Name in FieldName]?: number } = {};
  const findings: Finding[] = [];
  const written = heading.map(cellText);
  const keys = heading.map(headingKey);
  for (const name of FIELD_NAMES) {
    const wanted = mapping.columns[name];
    if (wanted === undefined) continue;
    const exact = written.indexOf(wanted);
    const index = exact === -1 ? keys.indexOf(headingKey(wanted)) : exact;
    if (index === -1) {
      const facts = { field: name, heading: wanted };
      findings.push(finding('missing_heading', 'error', { facts }));
    } else places[name] = index;
  }
  return findings.length > 0 ? refused(...findings) : accepted(places);
}

/** The index of each field’s column in a row, from 0. */
export type ColumnPlaces = { readonly [Name in FieldName]?: number };
