import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Command, Option } from 'commander';
import { formatYuan, type Outcome } from '@yinglian/core';
import type { Terms } from '@yinglian/settlement';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { sayFindings } from '../kernel/findings.ts';
import { allRows, download, followJob } from '../kernel/remote.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';
import { registerStatementSteps } from './statement-steps.ts';

/** What a statement is downloaded as, and who hands it out. */
const DOWNLOADS = { xlsx: 'spreadsheet', pdf: 'pdf', print: 'print', proof: 'proof' } as const;

/** How terms are read from a file; the hall of the formats knows. */
export type ReadTerms = (path: string) => Promise<Outcome<Terms>>;

/** `yinglian settlement …`: terms, runs and statements on the network. */
export function registerStatements(
  program: Command,
  environment: Environment,
  readTerms: ReadTerms,
): void {
  const settlement = program.command('settlement').description('settlement hall 结算');
  settlement
    .command('run')
    .description('settle a film for a period 结算')
    .requiredOption('--film <id>', 'the film 影片')
    .requiredOption('--terms <id>', 'agreed terms 已确认的条款')
    .requiredOption('--report <id...>', 'box-office reports 票房报表')
    .requiredOption('--from <date>', 'first day 起')
    .requiredOption('--to <date>', 'last day 止')
    .action((options: RunCommand) => settle(environment, options));
  settlement
    .command('statements')
    .description('statements and their state 列出结算单')
    .option('--film <id>', 'of one film only 只看一部影片')
    .action(async ({ film }: { film?: string }) => {
      await sayStatements(environment, film === undefined ? {} : { filmId: film });
    });
  settlement
    .command('template [code]')
    .description('ready-made terms to start from: list them, or write one 条款范本')
    .option('--film <id>', 'made out to this film 填入影片')
    .option('--to <file>', 'write it as JSON here 写到')
    .action((code: string | undefined, options: TemplateCommand) =>
      sayTemplate(environment, code, options),
    );
  settlement
    .command('terms <file>')
    .description('draw up terms for a film from YAML or JSON 订立条款')
    .requiredOption('--film <id>', 'the film 影片')
    .option('--title <title>', 'by default the file’s name 名称')
    .option('--agree', 'agreed at once 同时确认')
    .action(async (file: string, options: TermsCommand) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const read = await readTerms(file);
      if (!read.ok) {
        sayFindings(terminal, read.findings, ALL_TEXTS);
        throw new CommandFault(terminal.words('条款有误', 'the terms are faulty'), EXIT.faulty);
      }
      const terms = read.value;
      const title = options.title ?? basename(file).replace(/\.(?:json|ya?ml)$/i, '');
      const state = options.agree === true ? 'agreed' : 'draft';
      const body = { filmId: options.film, title, terms, state } as const;
      const stored = await client.settlement.createTerms({ body });
      terminal.answer(stored);
      terminal.say(`${stored.id}  ${stored.state}`);
    });
  registerStatementSteps(settlement, environment);
  settlement
    .command('download <statement>')
    .description('a statement as workbook, PDF, page to print or proof 下载结算单')
    .addOption(new Option('--as <kind>').choices(Object.keys(DOWNLOADS)).default('xlsx'))
    .requiredOption('--to <file>', 'where to write it 写到')
    .action(async (id: string, options: { as: keyof typeof DOWNLOADS; to: string }) => {
      const { settlement: hall } = environment.server().client;
      const language = environment.terminal().locale;
      const response = await hall[DOWNLOADS[options.as]]({ params: { id }, query: { language } });
      await download(environment, response, options.to);
    });
}

type TemplateCommand = { readonly film?: string; readonly to?: string };

async function sayTemplate(
  environment: Environment,
  code: string | undefined,
  { film, to }: TemplateCommand,
): Promise<void> {
  const terminal = environment.terminal();
  const { client } = environment.server();
  const { rows } = await client.settlement.templates();
  if (code === undefined) {
    terminal.answer(rows);
    const named = rows.map(({ code: each, title }) => [each, terminal.words(title.zh, title.en)]);
    terminal.table([terminal.words('代号', 'code'), terminal.words('名称', 'name')], named);
    return;
  }
  const found = rows.find((each) => each.code === code);
  if (found === undefined) {
    const known = rows.map((each) => each.code).join(', ');
    throw new CommandFault(`${code}: ${known}`, EXIT.misused);
  }
  const made = film === undefined ? {} : { film: await filmOf(environment, film) };
  const terms = { ...(found.terms as object), ...made };
  terminal.answer(terms);
  const text = JSON.stringify(terms, null, 2);
  if (to !== undefined) await writeFile(to, `${text}\n`);
  terminal.say(to ?? text);
}

/** The film as terms name it: its title and the codes of its versions. */
async function filmOf(environment: Environment, id: string) {
  const film = await environment.server().client.film.get({ params: { id } });
  const coded = film.versions.flatMap(({ filmCode, format }) =>
    filmCode === null ? [] : [{ code: filmCode, label: format }],
  );
  return { title: { zh: film.title, en: film.titleEnglish ?? film.title }, versions: coded };
}

type TermsCommand = { readonly film: string; readonly title?: string; readonly agree?: boolean };
type RunCommand = {
  readonly film: string;
  readonly terms: string;
  readonly report: string[];
  readonly from: string;
  readonly to: string;
};

async function settle(environment: Environment, options: RunCommand): Promise<void> {
  const { client } = environment.server();
  const run = await client.settlement.settle({
    body: {
      filmId: options.film,
      termsId: options.terms,
      reportIds: options.report,
      from: options.from,
      to: options.to,
    },
  });
  await followJob(client, run.jobId!, environment.terminal());
  await sayStatements(environment, { runId: run.id });
}

async function sayStatements(
  environment: Environment,
  which: { readonly runId?: string; readonly filmId?: string },
): Promise<void> {
  const terminal = environment.terminal();
  const { client } = environment.server();
  const rows = await allRows((after) =>
    client.settlement.statements({ query: { ...which, limit: 500, after } }),
  );
  terminal.answer(rows);
  terminal.table(
    [
      'id',
      terminal.words('单号', 'number'),
      terminal.words('对象', 'with'),
      terminal.words('状态', 'state'),
      terminal.words('合计', 'total'),
    ],
    rows.map((each) => [
      each.id,
      each.number,
      each.counterparty ?? each.party,
      each.state,
      formatYuan(BigInt(each.totalFen), { grouped: true }),
    ]),
  );
}
