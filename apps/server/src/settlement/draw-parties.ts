import { nodeCryptography, randomBytes } from '@yinglian/host';
import { finding, type Finding, sumFen, toHex } from '@yinglian/core';
import {
  buildPartyStatement,
  clauseTitle,
  type DrawnPartyStatement,
  inputRowOf,
  partiesDue,
  type PartyLine,
  type PartySettlement,
  type PartyTerms,
  proveMembership,
  settleInputs,
  type SettlementInputs,
} from '@yinglian/settlement';
import { readFilms } from '../film/face.ts';
import { found, Refusal } from '../kernel/refusal.ts';
import { storeDerivation } from './derivation.ts';
import { kindOf, lineIdOf } from './draw-sheets.ts';
import { readIncomes } from './incomes.ts';
import { readCurrentInputs } from './input-repository.ts';
import { type IssuedStatement, issuedBefore, statedTo } from './issued.ts';
import { type Link, nameOfTaker, readLinks } from './parties.ts';
import type { LineRecord, NewStatement, RunRecord } from './repository.ts';
import {
  type Drawing,
  factOf,
  readAllRows,
  registerFor,
  type Run,
  type SettleParts,
} from './facts.ts';

const NONCE_BYTES = 16;

type Kind = NewStatement['kind'];
/** One statement to draw up: for whom, of which cinemas. */
type Wanted = {
  readonly kind: Kind;
  readonly party: string;
  readonly circuit?: string;
  readonly counterparty: string | null;
  readonly organisationId: string | null;
};

/** Everything that terms other than those of tickets are settled from, gathered once. */
export async function gatherInputs(
  parts: Pick<SettleParts, 'database'>,
  run: Run,
  terms: PartyTerms,
): Promise<{
  inputs: SettlementInputs;
  statementIds: string[];
  circuits: ReadonlyMap<string, string | null>;
  names: ReadonlyMap<string, string>;
  findings: readonly Finding[];
}> {
  const { database } = parts;
  const circuits = new Map<string, string | null>();
  if (terms.kind === 'waterfall') {
    const { records, statementIds, findings } = await readIncomes(database, run, terms);
    const inputs = { records, rows: [] };
    return { inputs, statementIds, circuits, names: new Map(), findings };
  }
  const own = await readCurrentInputs(database, run.organisation_id, [run.film_id]);
  const records = own.map((each) => each.record);
  const rows = await readAllRows(database, run.report_ids, run.film_id);
  const register = await registerFor(database, rows);
  const byCode = new Map(register.map((each) => [each.code, each]));
  for (const each of register)
    if (each.circuit !== null) circuits.set(each.circuit, each.organisation_id);
  return {
    inputs: {
      records,
      rows: rows
        .map(factOf)
        .map((fact) => inputRowOf(fact, byCode.get(fact.cinemaCode)?.circuit ?? undefined)),
    },
    statementIds: [],
    circuits,
    names: new Map(register.map((each) => [each.code, each.name])),
    findings: [],
  };
}

/** A waterfall, a rental or a streaming contract: a statement for each party, to date. */
export async function drawParties(
  parts: SettleParts,
  run: Run,
  terms: PartyTerms,
): Promise<Drawing> {
  const { database } = parts;
  const gathered = await gatherInputs(parts, run, terms);
  const { inputs, statementIds, circuits, names } = gathered;
  const period = { from: run.first_date, to: run.last_date };
  const settled = settleInputs(terms, inputs, period);
  if (!settled.ok) throw new Refusal('invalid', { findings: settled.findings });
  const film = found((await readFilms(database, [run.film_id])).get(run.film_id));
  const links = await readLinks(database, run.terms_id);
  const wanted = wantedOf(settled.value, { inputs, links, circuits, own: run.organisation_id });
  const drawn: Drawn[] = [];
  for (const each of wanted) {
    const issued = await issuedBefore(database, {
      organisationId: run.organisation_id,
      filmId: run.film_id,
      termsKind: terms.kind,
      kind: each.kind,
      party: each.party,
      counterparty: each.counterparty,
    });
    drawn.push({ ...each, issued, made: draw(settled.value, inputs, each, issued) });
  }
  const kept = drawn.filter(({ made }) => made.lines.some(({ line }) => line.fen !== '0'));
  const documents = kept.map(({ made }) => made.statement);
  const { root, proofs } = proveMembership(documents, nodeCryptography);
  const unchanged = drawn.filter((each) => each.issued.length > 0 && !kept.includes(each)).length;
  return {
    statements: kept.map((each, index) => {
      const proof = {
        format: 'yinglian-party-statement-bundle/1',
        statement: each.made.statement,
        terms,
        inputs: each.made.inputs,
        proof: proofs[index],
      };
      return newStatement(parts, { ...each, run, terms, proof, film: film.title, names });
    }),
    root,
    ...flowOf(settled.value, inputs),
    statementIds,
    findings: [
      ...settled.findings,
      ...gathered.findings,
      ...exceptionsOf(settled.value),
      ...(inputs.records.length + inputs.rows.length === 0
        ? [finding('missing_inputs', 'error')]
        : []),
      ...(unchanged > 0
        ? [finding('unchanged_statements', 'note', { facts: { count: unchanged } })]
        : []),
    ],
  };
}

function exceptionsOf(settlement: PartySettlement): readonly Finding[] {
  return settlement.kind === 'rental' ? settlement.exceptions.map((each) => each.finding) : [];
}

type Known = {
  readonly inputs: SettlementInputs;
  readonly links: ReadonlyMap<string, Link>;
  readonly circuits: ReadonlyMap<string, string | null>;
  readonly own: string;
};

function wantedOf(settlement: PartySettlement, known: Known): Wanted[] {
  const { terms } = settlement;
  const nameOf = (party: string) =>
    known.links.get(party)?.name ?? nameOfTaker(terms, party)?.zh ?? party;
  switch (terms.kind) {
    case 'streaming':
      return [
        {
          kind: 'platform',
          party: terms.licensor,
          counterparty: nameOf(terms.platform),
          organisationId: known.links.get(terms.platform)?.id ?? null,
        },
      ];
    case 'rental': {
      const circuits = new Set(known.inputs.rows.map((row) => row.circuit ?? ''));
      return [...circuits].toSorted().map((circuit): Wanted => {
        const unnamed = circuit === '';
        return {
          kind: 'exhibitor',
          party: terms.distributor,
          circuit,
          counterparty: unnamed ? nameOf(terms.exhibitor) : circuit,
          organisationId: unnamed
            ? (known.links.get(terms.exhibitor)?.id ?? null)
            : (known.circuits.get(circuit) ?? null),
        };
      });
    }
    case 'waterfall':
      return partiesDue(settlement).map((party): Wanted => {
        const organisationId = known.links.get(party)?.id ?? null;
        const role = terms.parties.find((each) => each.id === party)?.role ?? 'other';
        // What stays with whoever draws the statement up is nobody's debt.
        const kind = organisationId === known.own ? 'distributor' : kindOf(role);
        return {
          kind,
          party,
          counterparty: nameOf(party),
          organisationId: organisationId === known.own ? null : organisationId,
        };
      });
  }
}

function draw(
  settlement: PartySettlement,
  inputs: SettlementInputs,
  wanted: Wanted,
  issued: readonly IssuedStatement[],
): DrawnPartyStatement {
  const nonce = toHex(randomBytes(NONCE_BYTES));
  const month = settlement.period.to.slice(0, 7).replace('-', '');
  return buildPartyStatement(
    settlement,
    inputs,
    {
      id: `${month}-${wanted.kind}-${nonce.slice(0, 6)}`,
      nonce,
      party: wanted.party,
      ...(wanted.circuit === undefined ? {} : { circuit: wanted.circuit }),
    },
    statedTo(issued),
    nodeCryptography,
  );
}

type Drawn = Wanted & {
  readonly issued: readonly IssuedStatement[];
  readonly made: DrawnPartyStatement;
};
type Making = Drawn & {
  readonly run: Run;
  readonly terms: PartyTerms;
  readonly film: string;
  readonly proof: unknown;
  readonly names: ReadonlyMap<string, string>;
};

function newStatement(parts: SettleParts, making: Making): NewStatement {
  const { run, terms, made, issued } = making;
  const { statement } = made;
  const { account } = statement;
  const grossFen = sumFen(statement.lines.map((line) => BigInt(line.grossFen ?? '0')));
  return {
    id: parts.newId(),
    runId: run.id,
    organisationId: run.organisation_id,
    filmId: run.film_id,
    number: statement.id,
    kind: making.kind,
    termsKind: terms.kind,
    party: making.party,
    partyName: nameOfTaker(terms, making.party),
    partyOrganisationId: making.organisationId,
    counterparty: making.counterparty,
    from: statement.period.from,
    to: statement.period.to,
    grossFen: String(grossFen),
    fundFen: '0',
    taxFen: '0',
    netFen: String(grossFen),
    totalFen: statement.totalFen,
    account:
      terms.kind === 'waterfall'
        ? {
            withheldFen: String(
              BigInt(account.withheldToDateFen) - BigInt(account.withheldPriorFen),
            ),
            payableFen: account.payableFen,
            carriedForwardFen: account.carriedForwardFen,
          }
        : null,
    follows: issued.map((each) => each.id),
    supplementary: issued.length > 0,
    termsId: run.terms_id,
    termsVersion: run.terms_version,
    findings: [],
    proof: making.proof,
    lines: made.lines.map((line, index) => ({
      line: lineRecord(line, index + 1, making),
      derivation: storeDerivation([line], []),
    })),
  };
}

function lineRecord({ line }: PartyLine, number: number, making: Making): LineRecord {
  const { cinemaCode } = line;
  return {
    id: lineIdOf(line.id, number),
    number,
    cinemaName: cinemaCode === undefined ? null : (making.names.get(cinemaCode) ?? null),
    cinemaCode: cinemaCode ?? null,
    filmName: making.film,
    filmCode: null,
    equipment: null,
    from: line.from,
    to: line.to,
    screenings: Number(line.screenings ?? '0'),
    admissions: Number(line.admissions ?? '0'),
    grossFen: line.grossFen ?? '0',
    fundFen: '0',
    vatMethod: '0',
    taxFen: '0',
    netFen: line.grossFen ?? '0',
    share: '0',
    shareFen: line.fen,
    stated: {},
    title: clauseTitle(making.terms, line.clause, line.week),
    toDateFen: line.toDateFen,
    priorFen: line.priorFen,
  };
}

/** Where the money that came in went, to date. */
function flowOf(
  settlement: PartySettlement,
  { records, rows }: SettlementInputs,
): { grossFen: bigint; parties: RunRecord['parties'] } {
  const { terms } = settlement;
  const shown = (party: string, fen: bigint) => {
    const name = nameOfTaker(terms, party);
    const role = terms.parties.find((each) => each.id === party)?.role ?? party;
    return {
      party: name?.zh ?? party,
      ...(name === null ? {} : { name }),
      role,
      amountFen: String(fen),
    };
  };
  switch (settlement.kind) {
    case 'waterfall': {
      const sums = new Map<string, bigint>();
      for (const line of settlement.lines)
        sums.set(line.party, (sums.get(line.party) ?? 0n) + line.toDateFen);
      const parties = [...sums].map(([party, fen]) => shown(party, fen));
      return { grossFen: sumFen(sums.values()), parties };
    }
    case 'rental': {
      const grossFen = sumFen(rows.map((row) => BigInt(row.grossFen)));
      const { exhibitor, distributor } = settlement.terms;
      const { rentalFen } = settlement;
      return {
        grossFen,
        parties: [shown(distributor, rentalFen), shown(exhibitor, grossFen - rentalFen)],
      };
    }
    case 'streaming': {
      const fen = settlement.toDateFen;
      const incomes = sumFen(
        records.flatMap((each) =>
          each.kind === 'usage' ? Object.values(each.incomesFen ?? {}).map(BigInt) : [],
        ),
      );
      const grossFen = incomes > fen ? incomes : fen;
      const rest = grossFen - fen;
      return {
        grossFen,
        parties: [
          shown(settlement.terms.licensor, fen),
          ...(rest > 0n ? [shown(settlement.terms.platform, rest)] : []),
        ],
      };
    }
  }
}
