import type { Command } from 'commander';
import { parseYuan } from '@yinglian/core';
import { type Book, reconcile } from '@yinglian/reconciliation';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { sayFindings } from '../kernel/findings.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';
import { bookReader } from './reconcile-books.ts';
import { reconcilePlan } from './reconcile-plan.ts';
import { sayReconciliation } from './reconcile-words.ts';

type ReconcileCommand = {
  readonly plan?: string;
  readonly reference?: readonly string[];
  readonly other?: readonly string[];
  readonly also?: readonly string[];
  readonly channel?: readonly string[];
  readonly level: string;
  readonly tolerance: string;
  readonly small: string;
};

/** `yinglian reconcile`: parties' files side by side, without a server. */
export function registerReconcile(program: Command, environment: Environment): void {
  program
    .command('reconcile')
    .description('compare what parties report 对账')
    .option('--plan <yaml>', 'parties by role, columns, tolerances and levels, banks and logs too')
    .option('--reference <file...>', 'files of the party that the others are compared with')
    .option('--other <file...>', 'files of the other party')
    .option('--also <name=file...>', 'files of further parties that must say the same')
    .option('--channel <name=file...>', 'files of sellers, who cannot exceed the reference')
    .option('--level <level>', 'day: cinema, film and days; screening: each show', 'day')
    .option('--tolerance <yuan>', 'differences up to this are silent', '0')
    .option('--small <yuan>', 'differences up to this are small', '1')
    .action((options: ReconcileCommand, command: Command) => {
      const given = Object.keys(options).filter(
        (name) => command.getOptionValueSource(name) === 'cli',
      );
      return reconcileFiles(environment, options, given);
    });
}

async function reconcileFiles(
  environment: Environment,
  options: ReconcileCommand,
  given: readonly string[],
): Promise<void> {
  const terminal = environment.terminal();
  const { reference, other } = options;
  if (options.plan !== undefined) {
    const beside = given.filter((name) => name !== 'plan').map((name) => `--${name}`);
    if (beside.length === 0) return reconcilePlan(environment, options.plan);
    throw new CommandFault(
      terminal.words(
        `方案已写明一切，不能再给出 ${beside.join(' ')}`,
        `the plan says everything; ${beside.join(' ')} cannot stand beside it`,
      ),
      EXIT.misused,
    );
  }
  if (reference === undefined || other === undefined) {
    const wanted = ['--plan', '--reference --other'] as const;
    throw new CommandFault(
      terminal.words(`请给出 ${wanted.join(' 或 ')}`, `Give ${wanted.join(' or ')}`),
      EXIT.misused,
    );
  }
  const [toleranceFen, smallFen] = [options.tolerance, options.small].map((text) => {
    const fen = parseYuan(text);
    if (fen !== undefined && fen >= 0n) return fen;
    throw new CommandFault(
      terminal.words(`“${text}”不是金额`, `“${text}” is no amount`),
      EXIT.misused,
    );
  });
  const read = await bookReader(terminal, options.level);
  const also = named(terminal, options.also);
  const channels = named(terminal, options.channel);
  const twice = [...also.keys()].find((name) => channels.has(name));
  if (twice !== undefined) {
    throw new CommandFault(
      terminal.words(
        `“${twice}”既在 --also 又在 --channel`,
        `“${twice}” stands in --also and in --channel`,
      ),
      EXIT.misused,
    );
  }
  const sources = [
    ['reference', reference] as const,
    ['other', other] as const,
    ...also,
    ...channels,
  ];
  const books: Book[] = [];
  for (const [source, paths] of sources) books.push({ source, rows: await read(paths) });
  const equals = ['other', ...also.keys()].map((source) => ({
    source,
    toleranceFen: toleranceFen!,
    smallFen: smallFen!,
  }));
  const outcome = reconcile(books, {
    reference: 'reference',
    equals,
    channels: [...channels.keys()].map((source) => ({ source })),
  });
  if (!outcome.ok) {
    sayFindings(terminal, outcome.findings, ALL_TEXTS);
    environment.exit(EXIT.faulty);
    return;
  }
  sayReconciliation(environment, { ...outcome.value, levels: {} });
}

/** `name=file` → the files by their party; a name is a party of its own. */
function named(
  terminal: Terminal,
  given: readonly string[] | undefined,
): ReadonlyMap<string, readonly string[]> {
  const files = new Map<string, string[]>();
  for (const text of given ?? []) {
    const [name = '', ...path] = text.split('=');
    if (name === '' || path.length === 0 || name === 'reference' || name === 'other') {
      throw new CommandFault(
        terminal.words(`“${text}”应写作 名称=文件`, `“${text}” is not of the form name=file`),
        EXIT.misused,
      );
    }
    files.set(name, [...(files.get(name) ?? []), path.join('=')]);
  }
  return files;
}
