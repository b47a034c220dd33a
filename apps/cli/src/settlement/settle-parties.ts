import { formatYuan, type Outcome, refused, toHex } from '@yinglian/core';
import { nodeCryptography, randomBytes } from '@yinglian/host';
import {
  buildPartyStatement,
  clauseTitle,
  type CinemaRegister,
  INPUT_KINDS,
  inputCells,
  type InputKind,
  inputRowOf,
  NOTHING_STATED,
  partiesDue,
  type PartySettlement,
  type PartyTerms,
  readInputTable,
  type RentalFact,
  type SettlementInput,
  settleInputs,
} from '@yinglian/settlement';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { exitFor, sayFindings } from '../kernel/findings.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';
import { readTableFile } from './table-file.ts';

/** Files of inputs as the command names them: `income=FILE`, `expense=FILE`, `usage=FILE` … */
export async function readInputFiles(
  terminal: Terminal,
  given: readonly string[],
  film: string | undefined,
): Promise<SettlementInput[]> {
  const records: SettlementInput[] = [];
  for (const each of given) {
    const at = each.indexOf('=');
    const kind = each.slice(0, Math.max(0, at)) as InputKind;
    if (!INPUT_KINDS.includes(kind)) {
      const kinds = INPUT_KINDS.join(', ');
      throw new CommandFault(
        terminal.words(`${each}：应为 类别=文件（${kinds}）`, `${each}: give kind=file (${kinds})`),
        EXIT.misused,
      );
    }
    const read = await readTable(kind, each.slice(at + 1), film);
    if (read.ok) {
      records.push(...read.value);
      continue;
    }
    sayFindings(terminal, read.findings, ALL_TEXTS);
    throw new CommandFault(
      terminal.words(
        `${each}：有看不懂的格，未结算`,
        `${each}: not understood; nothing was settled`,
      ),
      EXIT.faulty,
    );
  }
  return records;
}

async function readTable(
  kind: InputKind,
  path: string,
  film: string | undefined,
): Promise<Outcome<SettlementInput[]>> {
  const lines = await readTableFile(path);
  if (!lines.ok) return refused(...lines.findings);
  return readInputTable(
    kind,
    inputCells(
      kind,
      lines.value.map((each) => each.cells),
      film,
    ),
  );
}

export type PartiesGiven = {
  readonly records: readonly SettlementInput[];
  readonly facts: readonly RentalFact[];
  readonly register: CinemaRegister;
  readonly period: { readonly from: string; readonly to: string };
  /** A party whose statement is written out as a bundle. */
  readonly bundle?: string;
};

/** A waterfall, a rental or a streaming contract from files, to date; nothing is issued here. */
export function settleParties(
  environment: Environment,
  terms: PartyTerms,
  given: PartiesGiven,
): object | undefined {
  const terminal = environment.terminal();
  const inputs = {
    records: [...given.records],
    rows: given.facts.map((fact) => inputRowOf(fact, given.register[fact.cinemaCode]?.circuit)),
  };
  const outcome = settleInputs(terms, inputs, given.period);
  if (!outcome.ok) {
    terminal.answer({ findings: outcome.findings });
    sayFindings(terminal, outcome.findings, ALL_TEXTS);
    environment.exit(EXIT.faulty);
    return undefined;
  }
  const settled = outcome.value;
  const statements = partiesDue(settled).map((party) => drawn(settled, inputs, party));
  const findings = [
    ...outcome.findings,
    ...(settled.kind === 'rental' ? settled.exceptions.map((each) => each.finding) : []),
  ];
  terminal.answer({
    preview: true,
    statements: statements.map((each) => each.statement),
    findings,
  });
  terminal.say(terminal.words('试算，不是结算单', 'a trial calculation; not a statement'));
  sayTable(terminal, terms, statements);
  sayFindings(terminal, findings, ALL_TEXTS);
  environment.exit(exitFor(findings));
  if (given.bundle === undefined) return undefined;
  const chosen = statements.find((each) => each.statement.party === given.bundle);
  if (chosen === undefined) {
    throw new CommandFault(
      terminal.words(`${given.bundle} 没有应得`, `${given.bundle} is due nothing`),
      EXIT.faulty,
    );
  }
  const { statement, inputs: own } = chosen;
  return { format: 'yinglian-party-statement-bundle/1', statement, terms, inputs: own };
}

type Statements = readonly ReturnType<typeof drawn>[];

function drawn(
  settled: PartySettlement,
  inputs: Parameters<typeof buildPartyStatement>[1],
  party: string,
) {
  const nonce = toHex(randomBytes(16));
  const selection = { id: `preview-${party}`, nonce, party };
  return buildPartyStatement(settled, inputs, selection, NOTHING_STATED, nodeCryptography);
}

function sayTable(terminal: Terminal, terms: PartyTerms, statements: Statements): void {
  const language = terminal.locale === 'en' ? 'en' : 'zh';
  const yuan = (fen: string) => formatYuan(BigInt(fen), { grouped: true });
  const nameOf = (id: string) => terms.parties.find((each) => each.id === id)?.name[language] ?? id;
  terminal.table(
    [
      terminal.words('方', 'party'),
      terminal.words('事项', 'for'),
      terminal.words('累计', 'to date'),
    ],
    statements.flatMap(({ statement }) =>
      statement.lines.map((line) => [
        nameOf(statement.party),
        [line.cinemaCode, clauseTitle(terms, line.clause, line.week)[language]]
          .filter((each) => each !== undefined)
          .join(' '),
        yuan(line.toDateFen),
      ]),
    ),
  );
  for (const { statement } of statements) {
    const { payableFen, withheldToDateFen } = statement.account;
    const total = `${nameOf(statement.party)} ${yuan(statement.totalFen)}`;
    terminal.say(
      withheldToDateFen === '0'
        ? total
        : terminal.words(
            `${total}，代扣 ${yuan(withheldToDateFen)}，应付 ${yuan(payableFen)}`,
            `${total}, withheld ${yuan(withheldToDateFen)}, payable ${yuan(payableFen)}`,
          ),
    );
  }
}
