import { nodeCryptography, randomBytes } from '@yinglian/host';
import { filmCodeKey, type Finding, finding, toHex } from '@yinglian/core';
import {
  type BoxOfficeFact,
  buildStatement,
  type CinemaRegister,
  explainLine,
  parseTerms,
  sealPeriod,
  type Settlement,
  settleTheatrical,
  type Statement,
  type TheatricalTerms,
} from '@yinglian/settlement';
import { z } from 'zod';
import { listRows, type RowRecord } from '../exhibition/face.ts';
import { readFilms } from '../film/face.ts';
import type { Database } from '../kernel/database/database.ts';
import { defineJob, type JobDefinition, type JobRun } from '../kernel/jobs/definition.ts';
import { found, Refusal } from '../kernel/refusal.ts';
import type { Write } from '../kernel/write.ts';
import { storeDerivation } from './derivation.ts';
import {
  insertStatement,
  type LineRecord,
  type NewStatement,
  readRegister,
  readRun,
  type RunRecord,
  setRunResult,
} from './repository.ts';
import { readTermsVersion } from './terms-repository.ts';

export type SettleParts = {
  readonly database: Database;
  readonly write: Write;
  readonly newId: () => string;
};

export const settleInput = z.object({ runId: z.uuid() });
type SettleInput = z.output<typeof settleInput>;

const ROWS_A_READ = 5000;
const NONCE_BYTES = 16;
const FINDINGS_MAX = 500;

/** Applies one version of terms to chosen reports and draws up every party's statement. */
export function settleJob(parts: SettleParts): JobDefinition<SettleInput> {
  return defineJob({
    kind: 'settlement.settle',
    lane: 'heavy',
    input: settleInput,
    run: async (job) => {
      try {
        return await settleRun(parts, job);
      } catch (thrown) {
        if (thrown instanceof Refusal) {
          await parts.write(job.context, async (work) => {
            await setRunResult(work.transaction, job.input.runId, {
              state: 'failed',
              grossFen: 0n,
              parties: [],
              findings: thrown.findings,
            });
            work.audit({
              action: 'settlement.run_failed',
              subjectKind: 'run',
              subjectId: job.input.runId,
            });
            work.changed({ kind: 'run', id: job.input.runId, filmId: job.filmId });
          });
        }
        throw thrown;
      }
    },
  });
}

async function settleRun(parts: SettleParts, job: JobRun<SettleInput>) {
  const run = found(await readRun(parts.database, job.input.runId));
  const version = await readTermsVersion(parts.database, run.terms_id, run.terms_version);
  const terms = parseTerms(version.terms);
  if (!terms.ok) throw new Refusal('invalid', { findings: terms.findings });
  if (terms.value.kind !== 'theatrical') {
    const facts = { kind: terms.value.kind };
    throw new Refusal('invalid', { findings: [finding('unsuitable_terms', 'error', { facts })] });
  }
  const used = terms.value;
  const rows = await readAllRows(parts.database, run.report_ids, run.film_id);
  const register = await readRegister(parts.database, [
    ...new Set(rows.flatMap((row) => row.cinemaCode ?? [])),
  ]);
  const facts = rows.map(factOf);
  const settled = settleTheatrical(used, facts, {
    period: { from: run.first_date, to: run.last_date },
    register: registerOf(register),
  });
  if (!settled.ok) throw new Refusal('invalid', { findings: settled.findings });
  const film = found((await readFilms(parts.database, [run.film_id])).get(run.film_id));
  const circuitOrganisations = new Map(
    register.flatMap((each) =>
      each.circuit === null ? [] : [[each.circuit, each.organisation_id] as const],
    ),
  );
  const findings = [
    ...settled.findings,
    ...settled.value.exceptions.map((each) => each.finding),
    ...refusedRows(rows, settled.value),
  ].slice(0, FINDINGS_MAX);
  const cinemaNames = Object.fromEntries(register.map((each) => [each.code, each.name]));
  const drawn = drawUp(settled.value, used, facts, cinemaNames);
  const sealed = sealPeriod(
    drawn.map(({ statement }) => ({ statement, terms: used })),
    nodeCryptography,
  );
  return job.write('record', async (work) => {
    for (const [index, { statement, kind, circuit }] of drawn.entries()) {
      const made = newStatement(parts, {
        run,
        statement,
        kind,
        film: film.title,
        settlement: settled.value,
        rows,
        number: statement.id,
        proof: sealed.bundles[index],
        partyOrganisationId:
          kind === 'circuit' ? (circuitOrganisations.get(circuit ?? '') ?? null) : null,
      });
      await insertStatement(work.transaction, made);
    }
    await setRunResult(work.transaction, run.id, {
      state: 'done',
      findings,
      grossFen: sumBase(settled.value),
      parties: partiesOf(settled.value, used),
    });
    work.audit({
      action: 'settlement.run_settled',
      subjectKind: 'run',
      subjectId: run.id,
      facts: { root: sealed.root, statements: drawn.length, terms: version.digest },
    });
    work.changed({ kind: 'run', id: run.id, filmId: run.film_id });
    return { runId: run.id, statements: drawn.length, root: sealed.root };
  });
}

/** All rows of reports that speak of a film. */
export async function readAllRows(
  database: Database,
  reportIds: readonly string[],
  filmId: string,
): Promise<RowRecord[]> {
  const all: RowRecord[] = [];
  let after: readonly [string, number] | undefined;
  for (;;) {
    const rows = await listRows(database, { reportIds, filmId, after, limit: ROWS_A_READ });
    const shown = rows.slice(0, ROWS_A_READ);
    all.push(...shown);
    const last = shown.at(-1);
    if (rows.length <= ROWS_A_READ || last === undefined) return all;
    after = [last.reportId, last.line];
  }
}

/** The id says where the row stands, so that a figure on a statement opens down to it. */
export function factOf(row: RowRecord): BoxOfficeFact {
  return {
    id: `${row.reportId}:${row.line}`,
    date: row.from,
    ...(row.to === row.from ? {} : { lastDate: row.to }),
    filmCode: filmCodeKey(row.filmCode ?? ''),
    cinemaCode: row.cinemaCode ?? '',
    ...(row.hall === null ? {} : { hall: row.hall }),
    ...(row.equipment === null ? {} : { equipment: row.equipment }),
    screenings: row.screenings,
    admissions: row.admissions,
    grossFen: row.grossFen,
    serviceFeeFen: row.serviceFeeFen,
  };
}

/** What registers say, as the terms read it. */
export function registerOf(rows: Awaited<ReturnType<typeof readRegister>>): CinemaRegister {
  return Object.fromEntries(
    rows.map((row) => [
      row.code,
      {
        name: row.name,
        ...(row.circuit === null ? {} : { circuit: row.circuit }),
        ...(row.equipment === null ? {} : { equipment: row.equipment as 'owned' | 'leased' }),
      },
    ]),
  );
}

/** Rows of the reports that speak of the film but came into no line and no exception. */
function refusedRows(rows: readonly RowRecord[], settlement: Settlement): Finding[] {
  if (rows.length > 0 || settlement.lines.length > 0) return [];
  return [finding('missing_rows', 'error')];
}

type Drawn = {
  readonly statement: Statement;
  readonly kind: NewStatement['kind'];
  readonly circuit: string | undefined;
};

/** A monthly sheet for each circuit, the distributor's statement of all, and the fund's return. */
function drawUp(
  settlement: Settlement,
  terms: TheatricalTerms,
  facts: readonly BoxOfficeFact[],
  cinemaNames: Readonly<Record<string, string>>,
): Drawn[] {
  const drawn: Drawn[] = [];
  const month = settlement.period.from.slice(0, 7).replace('-', '');
  const make = (kind: Drawn['kind'], party: string, circuit?: string) => {
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
    if (statement.lines.length > 0) drawn.push({ statement, kind, circuit });
  };
  const receiver =
    terms.parties.find((each) => each.role === 'distributor') ??
    terms.parties.find((each) => each.role === 'producer');
  const circuits = new Set(settlement.lines.flatMap((line) => line.circuit ?? []));
  if (receiver !== undefined) {
    for (const circuit of [...circuits].toSorted()) make('circuit', receiver.id, circuit);
    make('distributor', receiver.id);
  }
  const fund = terms.parties.find((each) => each.role === 'film_fund');
  if (fund !== undefined) make('fund', fund.id);
  return drawn;
}

type Making = {
  readonly run: NonNullable<Awaited<ReturnType<typeof readRun>>>;
  readonly statement: Statement;
  readonly kind: NewStatement['kind'];
  readonly film: string;
  readonly settlement: Settlement;
  readonly rows: readonly RowRecord[];
  readonly number: string;
  readonly proof: unknown;
  readonly partyOrganisationId: string | null;
};

function newStatement(parts: SettleParts, making: Making): NewStatement {
  const { run, statement, settlement, rows } = making;
  const { totals } = statement;
  const byId = new Map(rows.map((row) => [`${row.reportId}:${row.line}`, row]));
  const lines = new Map(settlement.lines.map((line) => [line.id, line]));
  return {
    id: parts.newId(),
    runId: run.id,
    organisationId: run.organisation_id,
    filmId: run.film_id,
    number: making.number,
    kind: making.kind,
    party: statement.party,
    partyOrganisationId: making.partyOrganisationId,
    counterparty: statement.circuit ?? null,
    from: statement.period.from,
    to: statement.period.to,
    grossFen: totals.grossFen,
    fundFen: totals.fundFen,
    taxFen: totals.taxFen,
    netFen: totals.netFen,
    totalFen: totals.shareFen,
    termsId: run.terms_id,
    termsVersion: run.terms_version,
    findings: [],
    proof: making.proof,
    lines: statement.lines.map((line, index) => {
      const source = found(lines.get(line.id));
      const own = explainLine(settlement, source).filter((part) => line.nodes.includes(part.node));
      return {
        line: lineRecord(
          line,
          index + 1,
          making.film,
          source.factIds.flatMap((id) => byId.get(id) ?? []),
        ),
        derivation: storeDerivation(own, source.factIds),
      };
    }),
  };
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
  };
}

/** Addresses need short ids; the package's own may name many clauses. */
function lineIdOf(id: string, number: number): string {
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
    const known = terms.parties.find((each) => each.id === party);
    return { party: known?.name.zh ?? party, role: known?.role ?? party, amountFen: String(fen) };
  });
}

function sumBase(settlement: Settlement): bigint {
  return settlement.lines.reduce((sum, line) => sum + line.measures.baseFen, 0n);
}
