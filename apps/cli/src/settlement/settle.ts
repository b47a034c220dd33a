import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { measuresOf } from '@yinglian/boxoffice';
import { filmCodeKey, formatYuan, hasErrors, type Outcome, toHex } from '@yinglian/core';
import { nodeCryptography, randomBytes, verifyEd25519 } from '@yinglian/host';
import {
  booksOf,
  type BoxOfficeFact,
  buildStatement,
  type CinemaRegister,
  checkTerms,
  explainLine,
  parseTermsText,
  renderedText,
  renderTerms,
  sealPeriod,
  type Settlement,
  type SettlementInput,
  settleTheatrical,
  type Terms,
  termsJsonSchema,
  type TheatricalTerms,
  toJson,
  verifyBundle,
} from '@yinglian/settlement';
import { readBoxOffice } from '../exhibition/box-office-file.ts';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { readJson, readJsonGiven, readTextGiven } from '../kernel/files.ts';
import { exitFor, sayFindings } from '../kernel/findings.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';
import { readInputFiles, settleParties } from './settle-parties.ts';
import { registerReconcile } from './reconcile.ts';
import { readChanges, sayWhatIf } from './settle-what-if.ts';
import { registerStatementPdf } from './statement-pdf.ts';

/** `yinglian terms|settle|statement …`, all on files, without a server. */
export function registerSettlement(program: Command, environment: Environment): void {
  registerTerms(program, environment);
  registerReconcile(program, environment);
  program
    .command('settle')
    .description('apply terms to box-office files 按条款结算')
    .requiredOption('--terms <file>', 'terms as YAML or JSON')
    .option('--boxoffice <file...>', 'CSV or XLSX files of tickets, for sharing and rental')
    .option('--input <kind=file...>', 'incomes, expenses, usage, book, rate, engagement tables')
    .option('--bundle <party>', 'write the statement of this party to --output')
    .option('--output <file>', 'where the bundle is written')
    .requiredOption('--from <date>', 'first day of the period')
    .requiredOption('--to <date>', 'last day of the period')
    .option('--register <file>', 'JSON: cinema code → circuit, province, equipment')
    .option('--explain', 'how every amount came to be')
    .option('--what-if <file>', 'changes of facts as YAML or JSON: who gains, who loses 假如')
    .option('--what-if-terms <file>', 'other terms to compare with 假如条款')
    .action((options: SettleCommand) => settleFiles(environment, options));
  const statement = program.command('statement').description('statements 结算单');
  registerStatementPdf(statement, environment);
  statement
    .command('verify <file>')
    .description('recompute a statement from its proof 离线复核结算单')
    .option('--root <hex>', 'the root of the period, as published')
    .option('--key <base64...>', 'public keys of the organisations that sign')
    .action(async (file: string, options: { root?: string; key?: string[] }) => {
      const terminal = environment.terminal();
      const read = await readJsonGiven(file);
      const outcome = read.ok
        ? verifyBundle(read.value, nodeCryptography, {
            verifyEd25519,
            ...(options.root === undefined ? {} : { publishedRoot: options.root }),
            ...(options.key === undefined ? {} : { trustedKeys: options.key }),
          })
        : read;
      terminal.answer({ ok: outcome.ok, findings: outcome.findings });
      if (outcome.ok) {
        const { statement: verified, lines } = outcome.value;
        const totalFen = 'totals' in verified ? verified.totals.shareFen : verified.totalFen;
        const total = formatYuan(BigInt(totalFen), { grouped: true });
        terminal.say(
          `${verified.id}  ${verified.party}  ${verified.period.from} → ${verified.period.to}`,
        );
        const unproved = 'unprovedLines' in outcome.value ? outcome.value.unprovedLines : 0;
        terminal.say(
          unproved === 0
            ? terminal.words(
                `${lines} 行全部重算一致，合计 ${total} 元`,
                `all ${lines} lines recomputed, total ${total} yuan`,
              )
            : terminal.words(
                `${lines} 行中 ${unproved} 行的金额未能重算，合计 ${total} 元`,
                `${unproved} of ${lines} lines could not be recomputed, total ${total} yuan`,
              ),
        );
      }
      sayFindings(terminal, outcome.findings, ALL_TEXTS);
      environment.exit(outcome.ok ? exitFor(outcome.findings) : EXIT.faulty);
    });
}

function registerTerms(program: Command, environment: Environment): void {
  const group = program.command('terms').description('terms of settlement 结算条款');
  group
    .command('check <file>')
    .description('find what is wrong with terms 检查条款')
    .action(async (file: string) => {
      const terminal = environment.terminal();
      const outcome = await readTerms(file);
      const findings = outcome.ok
        ? [...outcome.findings, ...checkTerms(outcome.value)]
        : [...outcome.findings];
      terminal.answer({ findings });
      sayFindings(terminal, findings, ALL_TEXTS);
      environment.exit(exitFor(findings));
    });
  group
    .command('explain <file>')
    .description('terms in plain words with worked examples 用白话解释条款')
    .action(async (file: string) => {
      const terminal = environment.terminal();
      const terms = usable(terminal, await readTerms(file));
      const rendered = renderTerms(terms, terminal.locale);
      terminal.answer(rendered);
      terminal.say(renderedText(rendered));
    });
  group
    .command('schema')
    .description('the JSON Schema of the terms language 条款语言的 JSON Schema')
    .action(() => void process.stdout.write(`${JSON.stringify(termsJsonSchema(), null, 2)}\n`));
}

type SettleCommand = {
  readonly terms: string;
  readonly boxoffice?: readonly string[];
  readonly input?: readonly string[];
  readonly bundle?: string;
  readonly output?: string;
  readonly from: string;
  readonly to: string;
  readonly register?: string;
  readonly explain?: boolean;
  readonly whatIf?: string;
  readonly whatIfTerms?: string;
};

/** Stands for whichever circuit sent the sheet. */
const UNNAMED_CIRCUIT = '—';

async function settleFiles(environment: Environment, options: SettleCommand): Promise<void> {
  const terminal = environment.terminal();
  const terms = usable(terminal, await readTerms(options.terms));
  const ofTickets = terms.kind === 'theatrical' || terms.kind === 'rental';
  if (ofTickets && (options.boxoffice ?? []).length === 0) {
    throw new CommandFault(
      terminal.words('请用 --boxoffice 给出票房文件', 'give box-office files with --boxoffice'),
      EXIT.misused,
    );
  }
  const facts: (BoxOfficeFact & { readonly start?: string })[] = [];
  for (const path of options.boxoffice ?? []) facts.push(...(await readFacts(terminal, path)));
  // Offline, a cinema that no register names is taken at its word: its row is its record.
  const register: CinemaRegister = {
    ...Object.fromEntries(facts.map((fact) => [fact.cinemaCode, { circuit: UNNAMED_CIRCUIT }])),
    ...(options.register === undefined
      ? {}
      : ((await readJson(options.register)) as CinemaRegister)),
  };
  const film = terms.kind === 'waterfall' && terms.films.length === 1 ? terms.films[0] : undefined;
  const records = await readInputFiles(terminal, options.input ?? [], film);
  const period = { from: options.from, to: options.to };
  const { bundle: party, output } = options;
  if (options.whatIf !== undefined || options.whatIfTerms !== undefined) {
    const others =
      options.whatIfTerms === undefined
        ? terms
        : usable(terminal, await readTerms(options.whatIfTerms));
    const thought = { terms: others, changes: await readChanges(terminal, options.whatIf) };
    return sayWhatIf(environment, terms, thought, { records, facts, register, period });
  }
  const chosen = party === undefined ? {} : { bundle: party };
  const given = { records, facts, register, period, ...chosen };
  const made =
    terms.kind === 'theatrical'
      ? settleTickets(environment, terms, given, options.explain === true)
      : settleParties(environment, terms, given);
  if (made !== undefined && output !== undefined)
    await writeFile(output, `${JSON.stringify(toJson(made), null, 1)}\n`);
}

type Tickets = {
  readonly facts: readonly BoxOfficeFact[];
  readonly register: CinemaRegister;
  readonly records: readonly SettlementInput[];
  readonly period: { readonly from: string; readonly to: string };
  /** A party whose statement is written out as a bundle. */
  readonly bundle?: string;
};

/** A sharing of tickets from files; nothing is issued here. */
function settleTickets(
  environment: Environment,
  terms: TheatricalTerms,
  { facts, register, records, period, bundle }: Tickets,
  explained: boolean,
): object | undefined {
  const terminal = environment.terminal();
  const outcome = settleTheatrical(terms, facts, { period, register, books: booksOf(records) });
  if (!outcome.ok) {
    terminal.answer({ findings: outcome.findings });
    sayFindings(terminal, outcome.findings, ALL_TEXTS);
    environment.exit(EXIT.faulty);
    return undefined;
  }
  const settled = outcome.value;
  terminal.answer(
    toJson({
      // Nothing is issued here: a statement that binds comes from the network.
      preview: true,
      totals: settled.totals,
      lines: settled.lines,
      exceptions: settled.exceptions,
      findings: outcome.findings,
      ...(explained ? { explained: settled.lines.map((line) => explainLine(settled, line)) } : {}),
    }),
  );
  const yuan = (fen: bigint) => formatYuan(fen, { grouped: true });
  const language = terminal.locale === 'en' ? 'en' : 'zh';
  terminal.say(terminal.words('试算，不是结算单', 'a trial calculation; not a statement'));
  terminal.table(
    [
      terminal.words('方', 'party'),
      terminal.words('经办', 'holder'),
      terminal.words('金额', 'amount'),
    ],
    settled.totals.map((each) => [
      terms.parties.find((party) => party.id === each.party)?.name[language] ?? each.party,
      each.holder ?? '',
      yuan(each.fen),
    ]),
  );
  const findings = [...outcome.findings, ...settled.exceptions.map((each) => each.finding)];
  sayFindings(terminal, findings, ALL_TEXTS);
  environment.exit(exitFor(findings));
  return bundle === undefined ? undefined : bundleOf(terminal, settled, facts, bundle);
}

/** The statement of one party with what its receiver recomputes it from. */
function bundleOf(
  terminal: Terminal,
  settled: Settlement,
  facts: readonly BoxOfficeFact[],
  party: string,
): object {
  const nonce = toHex(randomBytes(16));
  const selection = { id: `preview-${party}`, nonce, party, facts };
  const statement = buildStatement(settled, selection, nodeCryptography);
  if (statement.lines.length === 0) {
    throw new CommandFault(
      terminal.words(`${party} 没有应得`, `${party} is due nothing`),
      EXIT.faulty,
    );
  }
  return sealPeriod([{ statement, terms: settled.terms }], nodeCryptography).bundles[0]!;
}

/** Rows of a file as facts; a file with rows that are not understood settles nothing. */
async function readFacts(
  terminal: Terminal,
  path: string,
): Promise<(BoxOfficeFact & { readonly start?: string })[]> {
  const read = await readBoxOffice(path);
  if (!read.ok || read.value.quarantined.length > 0) {
    sayFindings(terminal, read.ok ? read.value.findings : read.findings, ALL_TEXTS);
    throw new CommandFault(
      terminal.words(
        `${path}：有看不懂的行，未结算`,
        `${path}: some rows are not understood; nothing was settled`,
      ),
      EXIT.faulty,
    );
  }
  const measures = measuresOf(read.value.records);
  return read.value.records.map((record, index) => {
    const { screenings, admissions, grossFen, serviceFeeFen } = measures[index]!;
    const first = (record.from ?? record.date)!;
    const last = (record.to ?? record.date)!;
    return {
      id: `${path}:${record.sourceRow}`,
      date: first,
      ...(last === first ? {} : { lastDate: last }),
      filmCode: filmCodeKey(record.filmCode ?? ''),
      cinemaCode: record.cinemaCode ?? '',
      ...(record.hall === undefined ? {} : { hall: record.hall }),
      ...(record.start === undefined ? {} : { start: record.start }),
      ...(record.ticketType === undefined ? {} : { ticketType: record.ticketType }),
      ...(record.priceFen === undefined ? {} : { priceFen: record.priceFen }),
      ...(record.equipment === undefined ? {} : { equipment: record.equipment }),
      screenings,
      admissions,
      grossFen,
      ...(record.serviceFeeFen === undefined ? {} : { serviceFeeFen }),
    };
  });
}

/** Terms in a file, YAML or JSON. */
export async function readTerms(path: string): Promise<Outcome<Terms>> {
  const text = await readTextGiven(path);
  return text.ok ? parseTermsText(text.value) : text;
}

function usable(terminal: Terminal, outcome: Outcome<Terms>): Terms {
  if (outcome.ok && !hasErrors(outcome.findings)) return outcome.value;
  sayFindings(terminal, outcome.findings, ALL_TEXTS);
  throw new CommandFault(terminal.words('条款有误', 'the terms are faulty'), EXIT.faulty);
}
