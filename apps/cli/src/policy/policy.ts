import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { CHINA_OFFSET_MINUTES, formatInstant, formatYuan, isIsoDate } from '@yinglian/core';
import { nodeCryptography } from '@yinglian/host';
import {
  type Assessment,
  assess,
  type Book,
  type Bound,
  checkInstrument,
  type FactKind,
  type GivenFacts,
  HUNAN_2023_55,
  type Instrument,
  makeReceipt,
  type Match,
  matchItems,
  nextQuestion,
  openBook,
  parseAuthored,
  type ParameterDecision,
  readDecisions,
  readClaim,
  readInstrument,
  receiptText,
  type TraceNode,
  whyNot,
} from '@yinglian/policy';
import { taken } from '../distribution/given.ts';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { readJsonGiven, readTextGiven } from '../kernel/files.ts';
import { exitFor, sayFindings } from '../kernel/findings.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';
import { registerCalls } from './calls.ts';
import { registerObjections } from './objections.ts';
import { claims, type ExportFlags, exportClaims } from './remote.ts';
import { registerOffers } from './offers.ts';
import { registerReturns } from './returns.ts';
import { replay, type ReplayFlags } from './replay.ts';

type Options = {
  readonly on?: string;
  readonly knownOn?: string;
  readonly instrument?: string;
  readonly decisions?: string;
  readonly receipt?: string;
};

/** `yinglian policy …`: what a company may claim, why, and whether a receipt is true. */
export function registerPolicy(program: Command, environment: Environment): void {
  const policy = program.command('policy').description('policy measures 政策措施');
  const asked = (command: Command) =>
    command
      .option('--on <date>', 'day of the event, today when left out 事项日期')
      .option('--known-on <date>', 'with what was known then, today when left out 所知截至')
      .option('--instrument <file>', 'another instrument in the same form 其他政策文件')
      .option('--decisions <file>', 'decisions on readings and rates 读法和比例的决定');
  asked(policy.command('check <facts>'))
    .description('every item for these facts: at most how much 逐项计算最高可得')
    .action((facts: string, options: Options) => check(environment, facts, options));
  asked(policy.command('explain <item> [facts]'))
    .description('one item: its words, its conditions, why and why not 解释一个条目')
    .option('--receipt <out>', 'write the receipt of the answer 写出凭据')
    .action((item: string, facts: string | undefined, options: Options) =>
      explain(environment, item, facts, options),
    );
  policy
    .command('replay <file>')
    .description('compute a receipt, or all of a bundle, again 重算凭据或凭据包')
    .option('--evidence <folder>', 'compare the documents with those of a bundle 核对证明材料')
    .action((path: string, options: ReplayFlags) => replay(environment, path, options));
  registerCalls(policy, environment);
  policy
    .command('claims')
    .description('claims we make or decide 申报')
    .option('--state <state>', 'only in this state 状态')
    .option('--direction <direction>', 'under calls for this direction 方向')
    .option('--after <cursor>', 'the next page 下一页')
    .action((options: { state?: string; direction?: string; after?: string }) =>
      claims(environment, options),
    );
  registerObjections(policy, environment);
  registerReturns(policy, environment);
  registerOffers(policy, environment);
  policy
    .command('export <call>')
    .description('the claims of a call as a file, for other portals 导出申报')
    .option('--format <format>', 'csv, xlsx or json', 'json')
    .requiredOption('--to <file>', 'where to write it 写到')
    .action((call: string, options: ExportFlags) => exportClaims(environment, call, options));
  policy
    .command('instrument <file>')
    .description('find what an author of rules did wrong, JSON or YAML 检查政策文件的规则')
    .option('--text <file>', 'raw text that the quotes come from 原文')
    .action((file: string, options: { text?: string }) => lint(environment, file, options));
}

/** An instrument as its author wrote it, JSON or YAML. */
async function readAuthored(terminal: Terminal, path: string): Promise<Instrument> {
  const document = taken(terminal, await readTextGiven(path));
  return taken(terminal, readInstrument(taken(terminal, parseAuthored(document))));
}

async function openGiven(terminal: Terminal, options: Options) {
  const instrument: Instrument =
    options.instrument === undefined
      ? HUNAN_2023_55
      : await readAuthored(terminal, options.instrument);
  const decisions: readonly ParameterDecision[] =
    options.decisions === undefined
      ? []
      : taken(terminal, readDecisions(taken(terminal, await readJsonGiven(options.decisions))));
  // Terms of the administration are counted in China, wherever this is run.
  const today = formatInstant(Date.now(), CHINA_OFFSET_MINUTES).slice(0, 10);
  const eventDate = options.on ?? today;
  if (!isIsoDate(eventDate)) throw new CommandFault(`--on ${eventDate}`, EXIT.misused);
  const knownOn = options.knownOn ?? today;
  if (!isIsoDate(knownOn)) throw new CommandFault(`--known-on ${knownOn}`, EXIT.misused);
  const book = openBook(instrument, { eventDate, knownOn, decisions });
  return { instrument, decisions, eventDate, knownOn, book };
}

/** `{ name: value }` as people write it, or `{ name: { value, source … } }`; `-` is the input. */
async function readFacts(
  terminal: Terminal,
  path: string | undefined,
  { definitions }: Book,
): Promise<GivenFacts> {
  const given = path === undefined ? {} : taken(terminal, await readJsonGiven(path));
  const plain =
    typeof given === 'object' && given !== null && !Array.isArray(given)
      ? Object.fromEntries(
          Object.entries(given as Record<string, unknown>).map(([name, value]) => [
            name,
            typeof value === 'object' && value !== null && !Array.isArray(value)
              ? value
              : { value: plainValue(definitions.get(name)?.kind, value) },
          ]),
        )
      : given;
  const claim = readClaim({ item: '-', appliedOn: null, facts: plain });
  return taken(terminal, claim).facts;
}

/** Fen without quotes mean the same, as long as they are whole and exact. */
function plainValue(kind: FactKind | undefined, value: unknown): unknown {
  return kind === 'money' && typeof value === 'number' && Number.isSafeInteger(value)
    ? String(value)
    : value;
}

async function check(environment: Environment, path: string, options: Options): Promise<void> {
  const terminal = environment.terminal();
  const { book } = await openGiven(terminal, options);
  const matches = matchItems(book, await readFacts(terminal, path, book));
  const claimable = matches.filter(({ status }) => status !== 'no_claim');
  terminal.answer({ on: book.eventDate, ask: nextQuestion(matches), matches: matches.map(shown) });
  const head = [
    terminal.words('条目', 'item'),
    terminal.words('名称', 'title'),
    terminal.words('结果', 'status'),
    terminal.words('最高', 'at most'),
    terminal.words('还缺', 'missing'),
  ];
  terminal.table(
    head,
    claimable.map(({ item, status, missing, assessment }) => [
      item,
      titleOf(terminal, book, item),
      STATUS[status][terminal.locale === 'en' ? 'en' : 'zh'],
      boundText(terminal, assessment.bound),
      missing.join(' '),
    ]),
  );
  terminal.say(
    terminal.words(
      '金额是条文规定的上限，不构成承诺。',
      'Amounts are ceilings of the text, never a promise.',
    ),
  );
  const found = matches[0]?.assessment.findings ?? [];
  const errors = found.filter(({ severity }) => severity === 'error');
  // A name that no rule asks for is most often a slip of the pen.
  const told = found.filter((each) => errors.includes(each) || TOLD.has(each.code));
  sayFindings(terminal, told, ALL_TEXTS);
  environment.exit(exitFor(errors));
}

/** What is told of facts besides errors. */
const TOLD: ReadonlySet<string> = new Set(['unknown_fact', 'doubtful_date']);

const STATUS: Readonly<Record<Assessment['status'], { readonly zh: string; readonly en: string }>> =
  {
    eligible: { zh: '符合', en: 'met' },
    not_eligible: { zh: '不符合', en: 'not met' },
    unknown: { zh: '信息不足', en: 'unknown' },
    to_human: { zh: '人工判断', en: 'to a person' },
    no_claim: { zh: '无需申报', en: 'no claim' },
  };

function shown({ item, status, missing, atMostFen, assessment }: Match) {
  const { rule, bound, trace } = assessment;
  const why = trace === null ? [] : whyNot(trace);
  return {
    item,
    rule,
    status,
    bound: bound.state,
    atMostFen,
    missing,
    whyNot: why.map(({ leaf }) => ({ fact: leaf.fact, found: leaf.found, quote: leaf.quote })),
  };
}

function titleOf(terminal: Terminal, book: Book, item: string): string {
  const rule = book.instrument.rules.find((each) => each.item === item);
  return rule === undefined ? '' : terminal.words(rule.title.zh, rule.title.en);
}

function boundText(terminal: Terminal, bound: Bound): string {
  switch (bound.state) {
    case 'known':
      return formatYuan(bound.fen, { grouped: true });
    case 'unset':
      return terminal.words('标准待定', 'to be set');
    case 'unknown':
      return bound.ceilingFen === null
        ? '?'
        : `≤ ${formatYuan(bound.ceilingFen, { grouped: true })}`;
    case 'none':
      return '–';
  }
}

async function explain(
  environment: Environment,
  item: string,
  path: string | undefined,
  options: Options,
): Promise<void> {
  const terminal = environment.terminal();
  const opened = await openGiven(terminal, options);
  const { instrument, book } = opened;
  const rule = book.chosen.get(item)?.rule;
  if (!instrument.rules.some((each) => each.item === item)) {
    const known = [...new Set(instrument.rules.map((each) => each.item))].join(' ');
    const told = terminal.words(
      `没有条目 ${item}；有 ${known}`,
      `no item ${item}; there are ${known}`,
    );
    throw new CommandFault(told, EXIT.misused);
  }
  const claim = { item, appliedOn: null, facts: await readFacts(terminal, path, book) };
  const assessment = assess(book, claim);
  terminal.answer({ ...assessment, clause: rule?.clause });
  const measure = instrument.measures.find(({ number }) => number === rule?.measure);
  terminal.say(`${item}  ${titleOf(terminal, book, item)}  ${assessment.rule ?? ''}`);
  if (rule !== undefined) terminal.say(`“${rule.clause.quote.replaceAll('\n', '')}”`);
  if (measure !== undefined) {
    terminal.say(terminal.words(`牵头：${measure.lead}`, `lead: ${measure.lead}`));
  }
  const { state, from, to } = assessment.validity;
  terminal.say(`${assessment.validity.date}: ${state} (${from ?? '…'} – ${to ?? '…'})`);
  if (assessment.trace !== null) sayTrace(terminal, assessment.trace, 0);
  const status = STATUS[assessment.status][terminal.locale === 'en' ? 'en' : 'zh'];
  terminal.say(`${status}  ${boundText(terminal, assessment.bound)}`);
  for (const { code, value } of assessment.parameters) {
    const definition = instrument.parameters.find((each) => each.code === code)!;
    const { title, reason } = definition;
    terminal.say(
      `${code} ${terminal.words(title.zh, title.en)} = ${value || '–'} ` +
        `(${terminal.words(reason.zh, reason.en)})`,
    );
  }
  sayFindings(terminal, assessment.findings, ALL_TEXTS);
  if (options.receipt !== undefined) {
    const { decisions, eventDate, knownOn } = opened;
    const input = { instrument, decisions, eventDate, knownOn, claim };
    const receipt = makeReceipt(nodeCryptography, 'bound', input);
    await writeFile(options.receipt, `${receiptText(receipt)}\n`);
    terminal.remark(resolve(options.receipt));
  }
  environment.exit(exitFor(assessment.findings));
}

const MARKS = { true: '✓', false: '✗', unknown: '?' } as const;

function sayTrace(terminal: Terminal, node: TraceNode, depth: number): void {
  const what =
    node.fact !== undefined
      ? `${node.fact} ${node.compare ?? ''} ${text(node.wanted)}  [${text(node.found)}]`
      : node.parameter !== undefined
        ? `${node.parameter} = ${text(node.wanted)}  [${text(node.found)}]`
        : node.test;
  const quote = node.quote === undefined ? '' : `  “${node.quote}”`;
  terminal.say(`${'  '.repeat(depth)}${MARKS[node.verdict]} ${what}${quote}`);
  for (const part of node.parts ?? []) sayTrace(terminal, part, depth + 1);
}

function text(value: TraceNode['found']): string {
  if (value === undefined) return '–';
  return typeof value === 'object' ? value.join(', ') : String(value);
}

async function lint(
  environment: Environment,
  path: string,
  options: { text?: string },
): Promise<void> {
  const terminal = environment.terminal();
  const instrument = await readAuthored(terminal, path);
  const raw =
    options.text === undefined ? undefined : taken(terminal, await readTextGiven(options.text));
  const findings = checkInstrument(instrument, [], raw);
  terminal.answer({ code: instrument.code, rules: instrument.rules.length, findings });
  if (findings.length === 0) {
    terminal.say(terminal.words('没有发现规则上的错误', 'no mistake was found in the rules'));
  }
  sayFindings(terminal, findings, ALL_TEXTS);
  environment.exit(exitFor(findings));
}
