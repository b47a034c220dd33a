import { addDays, finding, type Finding } from '@yinglian/core';
import type { SettlementInput } from '@yinglian/settlement';

/** A statement as an income: its sums, and of one for all circuits what it says of each. */
export type Issued = {
  readonly id: string;
  readonly number: string;
  readonly film_id: string;
  readonly kind: string;
  readonly terms_kind: string;
  readonly counterparty: string | null;
  readonly first_date: string;
  readonly last_date: string;
  readonly total_fen: bigint;
  readonly gross_fen: bigint;
  readonly admissions: string | null;
  readonly conceded: string;
  readonly circuits:
    | readonly {
        readonly circuit: string | null;
        readonly fen: string;
        readonly gross: string;
        readonly admissions: string;
      }[]
    | null;
};

type Incomes = {
  readonly incomes: SettlementInput[];
  readonly statementIds: string[];
  readonly findings: Finding[];
};

/**
 * A statement of all circuits stands for the sheets of its days; without one the sheets count
 * themselves. A sheet of more days counts less what the statements within it say of its circuit.
 * What was conceded on a sheet is taken off whichever of them counts.
 */
export function issuedIncomes(
  issued: readonly Issued[],
  filmOf: (filmId: string) => string,
): Incomes {
  const made: Incomes = { incomes: [], statementIds: [], findings: [] };
  const lessened = new Set<string>();
  for (const each of issued) {
    const film = filmOf(each.film_id);
    const wholes = isSheet(each) ? issued.filter((other) => isWholeOf(other, each)) : [];
    const counts = !areAllDays(each, wholes);
    const crossing = wholes.find((whole) => !liesWithin(whole, each));
    if (counts && crossing !== undefined) {
      const facts = { number: each.number, other: crossing.number };
      made.findings.push(finding('crossing_statement', 'warning', { facts }));
    }
    if (counts && crossing === undefined) {
      made.incomes.push(incomeOf(each, film));
      for (const whole of wholes) {
        const key = `covered/${whole.number}/${each.counterparty ?? ''}`;
        if (lessened.has(key)) continue;
        lessened.add(key);
        made.incomes.push(...coveredOf(whole, each, { key, film }));
      }
    }
    if (each.conceded !== '0') {
      const amountFen = `-${each.conceded}`;
      made.incomes.push({ ...headOf(each, film), key: `conceded/${each.number}`, amountFen });
    }
    if (each.conceded !== '0' || (counts && crossing === undefined))
      made.statementIds.push(each.id);
  }
  return made;
}

const isSheet = (each: Issued) => each.terms_kind === 'theatrical' && each.kind === 'circuit';

/** Whether a statement of all circuits states some of the days of a sheet too. */
const isWholeOf = (each: Issued, sheet: Issued) =>
  each.terms_kind === 'theatrical' &&
  each.kind === 'distributor' &&
  each.film_id === sheet.film_id &&
  each.first_date <= sheet.last_date &&
  each.last_date >= sheet.first_date;

const liesWithin = (each: Issued, sheet: Issued) =>
  sheet.first_date <= each.first_date && each.last_date <= sheet.last_date;

/** Whether statements together state every day of a sheet. */
function areAllDays(sheet: Issued, wholes: readonly Issued[]): boolean {
  let next = sheet.first_date;
  for (const each of wholes.toSorted((a, b) => (a.first_date < b.first_date ? -1 : 1))) {
    if (each.first_date > next) return false;
    if (each.last_date >= next) next = addDays(each.last_date, 1);
  }
  return next > sheet.last_date;
}

const headOf = (statement: Issued, film: string) => ({
  kind: 'income' as const,
  date: statement.last_date,
  source: statement.terms_kind,
  film,
});

function incomeOf(statement: Issued, film: string): SettlementInput {
  return {
    ...headOf(statement, film),
    key: `statement/${statement.number}`,
    amountFen: String(statement.total_fen),
    grossFen: String(statement.gross_fen),
    ...(statement.admissions === null ? {} : { admissions: statement.admissions }),
  };
}

/** What the statement of all circuits has of the sheet's circuit already. */
function coveredOf(
  whole: Issued,
  sheet: Issued,
  { key, film }: { readonly key: string; readonly film: string },
): SettlementInput[] {
  const own = whole.circuits?.find((each) => each.circuit === sheet.counterparty);
  if (own === undefined || own.fen === '0') return [];
  const [amountFen, grossFen, admissions] = [own.fen, own.gross, own.admissions].map((text) =>
    String(-BigInt(text)),
  );
  return [
    {
      ...headOf(sheet, film),
      key,
      amountFen: amountFen!,
      grossFen: grossFen!,
      admissions: admissions!,
    },
  ];
}
