import type { Statement, StatementLine } from './statement.ts';
import { statementTotals } from './statement.ts';

/** Columns of a line that add up over statements. */
const MEASURES = ['screenings', 'admissions', 'grossFen', 'baseFen'] as const;
const AMOUNTS = ['fundFen', 'taxFen', 'shareFen'] as const;
type Stated = StatementLine['toDate'];

const NOTHING: Stated = {
  measures: { screenings: '0', admissions: '0', grossFen: '0', baseFen: '0' },
  fundFen: '0',
  taxFen: '0',
  shareFen: '0',
};

/** What a statement that was issued said of one line, and which statement that was. */
type Issued = { readonly statement: Statement; readonly line: StatementLine };

/**
 * The statement of a period that was stated before: every line less what the earlier statements of
 * the same party and period said. Lines that did not change are left out, lines whose rows are gone
 * come back negative, with what they were computed with. What was issued is never edited; this is
 * its supplement. `issued` is in the order of issuing.
 */
export function supplementStatement(statement: Statement, issued: readonly Statement[]): Statement {
  const earlier = new Map<string, Issued[]>();
  for (const each of issued) {
    for (const line of each.lines) {
      const lines = earlier.get(line.id);
      if (lines === undefined) earlier.set(line.id, [{ statement: each, line }]);
      else lines.push({ statement: each, line });
    }
  }
  if (earlier.size === 0) return statement;
  const lines = statement.lines.map((line) => {
    const before = earlier.get(line.id);
    earlier.delete(line.id);
    return before === undefined ? line : lessStated(line, line.prior ?? NOTHING, before);
  });
  const changed = lines.filter(isChanged);
  const former: Statement[] = [];
  for (const before of earlier.values()) {
    const gone = goneLine(before);
    if (!isChanged(gone)) continue;
    const last = before.at(-1)!.statement;
    if (!former.includes(last)) former.push(last);
    changed.push({ ...gone, former: former.indexOf(last) });
  }
  return {
    ...statement,
    lines: changed,
    totals: statementTotals(changed),
    ...(former.length === 0 ? {} : { former: former.map(computedWith) }),
  };
}

const computedWith = ({ id, terms, schedules }: Statement) => ({
  id,
  termsDigest: terms.digest,
  schedules,
});

/** To date stays what it is; what was stated before grows by what the earlier statements said. */
function lessStated(line: StatementLine, prior: Stated, before: readonly Issued[]): StatementLine {
  const stated = before.reduce((sum, { line: said }) => addLine(sum, said), prior);
  const { measures } = line.toDate;
  const difference = (now: string, was: string) => String(BigInt(now) - BigInt(was));
  const columns = {
    screenings: difference(measures.screenings, stated.measures.screenings),
    admissions: difference(measures.admissions, stated.measures.admissions),
    grossFen: difference(measures.grossFen, stated.measures.grossFen),
    baseFen: difference(measures.baseFen, stated.measures.baseFen),
    fundFen: difference(line.toDate.fundFen, stated.fundFen),
    taxFen: difference(line.toDate.taxFen, stated.taxFen),
    shareFen: difference(line.toDate.shareFen, stated.shareFen),
  };
  const netFen = BigInt(columns.baseFen) - BigInt(columns.fundFen) - BigInt(columns.taxFen);
  return { ...line, ...columns, netFen: String(netFen), kind: 'supplementary', prior: stated };
}

/** The settlement knows the line no longer: it stands again where it stood before the period. */
function goneLine(before: readonly Issued[]): StatementLine {
  const base = before[0]!.line.prior ?? NOTHING;
  const { rowsDigest: _, former: __, ...line } = before.at(-1)!.line;
  return lessStated({ ...line, toDate: base }, base, before);
}

function addLine(stated: Stated, line: StatementLine): Stated {
  const sum = (a: string, b: string) => String(BigInt(a) + BigInt(b));
  return {
    measures: {
      screenings: sum(stated.measures.screenings, line.screenings),
      admissions: sum(stated.measures.admissions, line.admissions),
      grossFen: sum(stated.measures.grossFen, line.grossFen),
      baseFen: sum(stated.measures.baseFen, line.baseFen),
    },
    fundFen: sum(stated.fundFen, line.fundFen),
    taxFen: sum(stated.taxFen, line.taxFen),
    shareFen: sum(stated.shareFen, line.shareFen),
  };
}

const isChanged = (line: StatementLine) =>
  [...MEASURES, ...AMOUNTS].some((column) => BigInt(line[column]) !== 0n);
