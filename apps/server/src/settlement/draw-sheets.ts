import { nodeCryptography, randomBytes } from '@yinglian/host';
import { type Finding, finding, toHex } from '@yinglian/core';
import {
  booksOf,
  buildStatement,
  explainLine,
  sealPeriod,
  type Settlement,
  type SettlementLine,
  settleTheatrical,
  type Statement,
  supplementStatement,
  type TheatricalTerms,
} from '@yinglian/settlement';
import type { RowRecord } from '../exhibition/face.ts';
import { readFilms } from '../film/face.ts';
import { found, Refusal } from '../kernel/refusal.ts';
import { storeDerivation, storedDifference, type StoredDerivation } from './derivation.ts';
import { readCurrentInputs } from './input-repository.ts';
import { type IssuedStatement, issuedBefore, lies, overlaps } from './issued.ts';
import { nameOfTaker, readLinks } from './parties.ts';
import type { LineRecord, NewStatement, RunRecord } from './repository.ts';
import {
  type Drawing,
  emptyRun,
  factOf,
  omittedReports,
  readAllRows,
  registerFor,
  registerOf,
  type Run,
  type SettleParts,
} from './facts.ts';

const NONCE_BYTES = 16;

type Kind = NewStatement['kind'];
type Drawn = {
  readonly statement: Statement;
  readonly kind: Kind;
  readonly circuit: string | undefined;
  readonly issued: readonly IssuedStatement[];
};

/** Sharing of tickets: a sheet for each circuit, the whole for the distributor, the returns. */
export async function drawSheets(
  parts: SettleParts,
  run: Run,
  terms: TheatricalTerms,
): Promise<Drawing> {
  const { database } = parts;
  const rows = await readAllRows(database, run.report_ids, run.film_id);
  const register = await registerFor(database, rows);
  const inputs = await readCurrentInputs(database, run.organisation_id, [run.film_id]);
  const facts = rows.map(factOf);
  const settled = settleTheatrical(terms, facts, {
    period: { from: run.first_date, to: run.last_date },
    register: registerOf(register),
    books: booksOf(inputs.map((each) => each.record)),
  });
  if (!settled.ok) throw new Refusal('invalid', { findings: settled.findings });
  const film = found((await readFilms(database, [run.film_id])).get(run.film_id));
  const circuits = new Map(
    register.flatMap((each) =>
      each.circuit === null ? [] : [[each.circuit, each.organisation_id] as const],
    ),
  );
  const links = await readLinks(database, run.terms_id);
  const cinemaNames = Object.fromEntries(register.map((each) => [each.code, each.name]));
  const all = drawUp(settled.value, terms, { facts, cinemaNames });
  const drawn: Drawn[] = [];
  for (const each of all) drawn.push(await lessIssued(parts, run, each));
  const kept = drawn.filter((each) => each.statement.lines.length > 0);
  const unchanged = drawn.filter((each) => each.issued.length > 0 && !kept.includes(each)).length;
  const sealed = sealPeriod(
    kept.map(({ statement }) => ({ statement, terms })),
    nodeCryptography,
  );
  const statements = kept.map((each, index) =>
    newStatement(parts, {
      run,
      ...each,
      film: film.title,
      settlement: settled.value,
      rows,
      proof: sealed.bundles[index],
      partyName: nameOfTaker(terms, each.statement.party),
      partyOrganisationId:
        each.kind === 'circuit'
          ? (circuits.get(each.circuit ?? '') ?? null)
          : (links.get(each.statement.party)?.id ?? null),
    }),
  );
  return {
    statements,
    root: sealed.root,
    grossFen: sumBase(settled.value),
    parties: partiesOf(settled.value, terms),
    findings: [
      ...settled.findings,
      ...settled.value.exceptions.map((each) => each.finding),
      ...emptyRun(rows, settled.value.lines),
      ...(await omittedReports(database, run)),
      ...topUps(settled.value),
      ...(unchanged > 0
        ? [finding('unchanged_statements', 'note', { facts: { count: unchanged } })]
        : []),
    ],
  };
}

/** What promoters owe up to the settlement standard is a receivable of its own, not a share. */
function topUps({ receivables, terms }: Settlement): Finding[] {
  const sums = new Map<string, bigint>();
  for (const each of receivables) sums.set(each.from, (sums.get(each.from) ?? 0n) + each.fen);
  return [...sums].map(([party, fen]) =>
    finding('owed_top_up', 'note', {
      facts: { party: nameOfTaker(terms, party)?.zh ?? party, fen: String(fen) },
    }),
  );
}

type Rows = {
  readonly facts: readonly ReturnType<typeof factOf>[];
  readonly cinemaNames: Readonly<Record<string, string>>;
};

/** Of the parties that are one organisation, each has its statement; the cinemas have sheets. */
function drawUp(
  settlement: Settlement,
  terms: TheatricalTerms,
  { facts, cinemaNames }: Rows,
): Omit<Drawn, 'issued'>[] {
  const drawn: Omit<Drawn, 'issued'>[] = [];
  const month = settlement.period.from.slice(0, 7).replace('-', '');
  const make = (kind: Kind, party: string, circuit?: string) => {
    const nonce = toHex(randomBytes(NONCE_BYTES));
    const statement = buildStatement(
      settlement,
      {
        id: `${month}-${kind}-${nonce.slice(0, 6)}`,
        nonce,
        party,
        facts,
        cinemaNames,
        ...(circuit === undefined ? {} : { circuit }),
      },
      nodeCryptography,
    );
    drawn.push({ statement, kind, circuit });
  };
  const receiver =
    terms.parties.find((each) => each.role === 'distributor') ??
    terms.parties.find((each) => each.role === 'producer');
  const circuits = new Set(settlement.lines.flatMap((line) => line.circuit ?? []));
  if (receiver !== undefined) {
    for (const circuit of [...circuits].toSorted()) make('circuit', receiver.id, circuit);
    make('distributor', receiver.id);
  }
  for (const { id, role } of terms.parties) {
    if (id === receiver?.id || role === 'cinema' || role === 'circuit') continue;
    if (settlement.totals.some((total) => total.party === id)) make(kindOf(role), id);
  }
  return drawn;
}

/** The kind of statement that a party of this role gets. */
export function kindOf(role: string): Kind {
  switch (role) {
    case 'film_fund':
      return 'fund';
    case 'tax_office':
      return 'tax';
    case 'producer':
    case 'investor':
    case 'distributor':
      return role;
    default:
      return 'party';
  }
}

/** Of a period that was stated before, only what changed. */
async function lessIssued(
  { database }: SettleParts,
  run: Run,
  drawn: Omit<Drawn, 'issued'>,
): Promise<Drawn> {
  const { statement, kind } = drawn;
  const before = await issuedBefore(database, {
    organisationId: run.organisation_id,
    filmId: run.film_id,
    termsKind: 'theatrical',
    kind,
    party: statement.party,
    counterparty: statement.circuit ?? null,
  });
  const days = { from: run.first_date, to: run.last_date };
  const issued = before.filter((each) => overlaps(each, days));
  const within = issued.filter((each) => lies(each, days)).map((each) => each.statement);
  const sheets = within.filter((each): each is Statement => each.format === 'yinglian-statement/1');
  return { ...drawn, issued, statement: supplementStatement(statement, sheets) };
}

type Making = Drawn & {
  readonly run: Run;
  readonly film: string;
  readonly settlement: Settlement;
  readonly rows: readonly RowRecord[];
  readonly proof: unknown;
  readonly partyName: NewStatement['partyName'];
  readonly partyOrganisationId: string | null;
};

function newStatement(parts: SettleParts, making: Making): NewStatement {
  const { run, statement, issued } = making;
  const { totals } = statement;
  const byId = new Map(making.rows.map((row) => [`${row.reportId}:${row.line}`, row]));
  const sources = new Map(making.settlement.lines.map((line) => [line.id, line]));
  return {
    id: parts.newId(),
    runId: run.id,
    organisationId: run.organisation_id,
    filmId: run.film_id,
    number: statement.id,
    kind: making.kind,
    termsKind: 'theatrical',
    party: statement.party,
    partyName: making.partyName,
    partyOrganisationId: making.partyOrganisationId,
    counterparty: statement.circuit ?? null,
    from: statement.period.from,
    to: statement.period.to,
    grossFen: totals.grossFen,
    fundFen: totals.fundFen,
    taxFen: totals.taxFen,
    netFen: totals.netFen,
    totalFen: totals.shareFen,
    account: null,
    follows: issued.map((each) => each.id),
    supplementary: issued.length > 0,
    termsId: run.terms_id,
    termsVersion: run.terms_version,
    findings: [],
    proof: making.proof,
    lines: statement.lines.map((line, index) => {
      const source = sources.get(line.id);
      const rows = (source?.factIds ?? []).flatMap((id) => byId.get(id) ?? []);
      return {
        line: lineRecord(line, index + 1, making.film, rows),
        derivation: derivationOf(making.settlement, line, source),
      };
    }),
  };
}

/** Of a supplement, what the period comes to now and what was stated of it stand side by side. */
function derivationOf(
  settlement: Settlement,
  line: Statement['lines'][number],
  source: SettlementLine | undefined,
): StoredDerivation {
  const own =
    source === undefined
      ? []
      : explainLine(settlement, source).filter((part) => line.nodes.includes(part.node));
  const stored = storeDerivation(own, source?.factIds ?? []);
  const now = own.reduce((sum, part) => sum + part.fen, 0n);
  const shareFen = BigInt(line.shareFen);
  return now === shareFen ? stored : storedDifference(stored, now, shareFen);
}

function lineRecord(
  line: Statement['lines'][number],
  number: number,
  filmName: string,
  rows: readonly RowRecord[],
): LineRecord {
  return {
    id: lineIdOf(line.id, number),
    number,
    cinemaName: line.cinemaName ?? null,
    cinemaCode: line.cinemaCode,
    filmName,
    filmCode: line.filmCode,
    equipment: line.equipment ?? null,
    from: line.from,
    to: line.to,
    screenings: Number(line.screenings),
    admissions: Number(line.admissions),
    grossFen: line.grossFen,
    fundFen: line.fundFen,
    vatMethod: line.vatRate,
    taxFen: line.taxFen,
    netFen: line.netFen,
    share: line.shareRate,
    shareFen: line.shareFen,
    stated: statedOf(rows),
    title: null,
    toDateFen: line.toDate.shareFen,
    priorFen: line.prior?.shareFen ?? '0',
  };
}

/** Addresses need short ids; the package's own may name many clauses. */
export function lineIdOf(id: string, number: number): string {
  return id.length <= 160 && /^[\w./-]+$/.test(id)
    ? `${number}-${id.replaceAll('/', '~')}`
    : String(number);
}

/** What the sender's own rows said of the same line, summed where all of them said it. */
function statedOf(rows: readonly RowRecord[]): Record<string, string> {
  const stated: Record<string, string> = {};
  for (const name of ['fundFen', 'taxFen', 'netFen', 'shareFen']) {
    const values = rows.map((row) => row.stated[name]);
    if (values.length === 0 || values.some((value) => value === undefined)) continue;
    stated[name] = String(values.reduce((sum, value) => sum + BigInt(value!), 0n));
  }
  return stated;
}

function partiesOf(settlement: Settlement, terms: TheatricalTerms): RunRecord['parties'] {
  const sums = new Map<string, bigint>();
  for (const total of settlement.totals) {
    sums.set(total.party, (sums.get(total.party) ?? 0n) + total.fen);
  }
  return [...sums].map(([party, fen]) => {
    const name = nameOfTaker(terms, party);
    const role = terms.parties.find((each) => each.id === party)?.role ?? party;
    return {
      party: name?.zh ?? party,
      ...(name === null ? {} : { name }),
      role,
      amountFen: String(fen),
    };
  });
}

function sumBase(settlement: Settlement): bigint {
  return settlement.lines.reduce((sum, line) => sum + line.measures.baseFen, 0n);
}
