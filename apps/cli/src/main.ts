import { randomUUID } from 'node:crypto';
import { Command, CommanderError } from 'commander';
import { contract, createClient, ProblemError } from '@yinglian/contract';
import {
  type Finding,
  type FindingTexts,
  isLocale,
  joinTexts,
  localeFor,
  type Locale,
} from '@yinglian/core';
import { registerCommands } from './commands.ts';
import type { Environment } from './kernel/environment.ts';
import { CommandFault, EXIT } from './kernel/exit-codes.ts';
import { sayFileFault } from './kernel/file-faults.ts';
import { remarkFindings } from './kernel/findings.ts';
import { JobFault } from './kernel/remote.ts';
import { createTerminal, type Terminal } from './kernel/terminal.ts';
import { ALL_TEXTS } from './kernel/texts.ts';

const VERSION = '0.1.0';
const DEFAULT_SERVER = 'http://127.0.0.1:4300';

/** Runs one command line and answers with its exit code; never throws, never ends the process. */
export async function main(argv: readonly string[]): Promise<number> {
  let exitCode: number = EXIT.done;
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  const { program, environment } = createProgram(interruption.signal, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    exitCode = await reportFault(error, environment, interruption.signal);
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
  return exitCode;
}

/** All commands with their options; nothing runs before a command line is parsed. */
export function createProgram(signal: AbortSignal, exit: (code: number) => void) {
  const program = new Command('yinglian');
  const environment = createEnvironment(program, signal, exit);
  program
    .description('影联 Yinglian: the open network for a film’s whole life 影片一生的开放网络')
    .version(VERSION)
    .option('--json', 'answer as JSON on standard output 以 JSON 输出')
    .option('--language <tag>', 'zh-CN or en; by default from LANG 语言')
    .option(
      '--server <url>',
      'the network to talk to 服务器',
      process.env['YINGLIAN_SERVER'] ?? DEFAULT_SERVER,
    )
    .option('--key <key>', 'API key; better given as YINGLIAN_KEY 接口密钥')
    .exitOverride()
    .showHelpAfterError();
  registerCommands(program, environment);
  return { program, environment };
}

function createEnvironment(
  program: Command,
  signal: AbortSignal,
  exit: (code: number) => void,
): Environment {
  let terminal: Terminal | undefined;
  const environment: Environment = {
    exit,
    terminal: () =>
      (terminal ??= createTerminal({
        locale: chosenLocale(program.opts()['language']),
        json: program.opts()['json'] === true,
        signal,
        stdout: process.stdout,
        stderr: process.stderr,
      })),
    server: () => {
      const options = program.opts();
      const baseUrl = String(options['server']).replace(/\/+$/, '');
      const key = (options['key'] as string | undefined) ?? process.env['YINGLIAN_KEY'];
      const client = createClient(contract, {
        baseUrl,
        headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
        newKey: randomUUID,
      });
      return { client, baseUrl, ...(key === undefined ? {} : { key }) };
    },
    // An older server, or one out of reach, has no words to give; codes speak for themselves.
    texts: async () => {
      const { client } = environment.server();
      return joinTexts(
        ALL_TEXTS,
        (await client.network.wordings().catch(() => ({}))) as FindingTexts,
      );
    },
  };
  return environment;
}

function chosenLocale(asked: unknown): Locale {
  if (typeof asked === 'string' && isLocale(asked)) return asked;
  const set = process.env['LC_ALL'] || process.env['LC_MESSAGES'] || process.env['LANG'] || '';
  return localeFor([set]);
}

async function reportFault(
  error: unknown,
  environment: Environment,
  signal: AbortSignal,
): Promise<number> {
  const terminal = environment.terminal();
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.misused;
  if (signal.aborted) {
    terminal.remark(terminal.words('已取消', 'cancelled'));
    return EXIT.cancelled;
  }
  if (error instanceof CommandFault) {
    if (error.message !== '') terminal.remark(error.message);
    if (error.findings.length === 0) return error.exitCode;
    terminal.answer({ fault: error.message, findings: error.findings });
    // What a job found is worded by the server that ran it.
    const texts = error instanceof JobFault ? await environment.texts() : ALL_TEXTS;
    remarkFindings(terminal, error.findings, texts);
    return error.exitCode;
  }
  if (error instanceof ProblemError) {
    const { status, code, findings = [] } = error.problem;
    terminal.answer({ problem: error.problem });
    terminal.remark(`${status} ${code}: ${error.message}`);
    const texts = findings.length === 0 ? ALL_TEXTS : await environment.texts();
    remarkFindings(terminal, findings as Finding[], texts);
    return EXIT.refused;
  }
  if (error instanceof TypeError && error.message === 'fetch failed') {
    terminal.remark(
      terminal.words(
        '连不上服务器。先运行 npm start，或用 --server 指定地址。',
        'The server does not answer. Run npm start first, or name it with --server.',
      ),
    );
    return EXIT.refused;
  }
  const said = sayFileFault(error as NodeJS.ErrnoException, terminal.locale);
  if (said !== undefined) {
    terminal.remark(said);
    return EXIT.misused;
  }
  terminal.remark(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return EXIT.broken;
}
