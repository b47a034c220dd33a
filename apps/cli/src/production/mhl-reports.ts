import { resolve } from 'node:path';
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { diskTree, openHashPool } from '@yinglian/transfer';
import {
  ascMhlExitCode,
  FINDING_TEXTS,
  type History,
  type KnownFile,
  type Survey,
  surveyTree,
} from '@yinglian/mhl';
import { csvCell } from '@yinglian/offload';
import type { Environment } from '../kernel/environment.ts';
import { expectFolder } from '../kernel/files.ts';
import { sayFindings } from '../kernel/findings.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';

/** Here the words of hash lists are the right ones where another package has the same code. */
export const MHL_TEXTS = { ...ALL_TEXTS, ...FINDING_TEXTS };

/** `mhl info` and `mhl report`: what histories say, without hashing. */
export function registerMhlReports(mhl: Command, environment: Environment): void {
  mhl
    .command('info <folder> [path]')
    .description('the generations, or what is known of one file 查看历史')
    .action(async (folder: string, path: string | undefined) => {
      const terminal = environment.terminal();
      const survey = await surveyOf(folder, terminal);
      const histories = [...survey.histories.values()];
      const known = path === undefined ? undefined : findFile(histories, path);
      terminal.answer({
        histories: histories.map(describeHistory),
        ...(path === undefined ? {} : { file: known ?? null }),
        findings: survey.findings,
        exitCode: ascMhlExitCode(survey.findings),
      });
      if (path === undefined) sayHistories(terminal, histories);
      else if (known === undefined)
        terminal.say(terminal.words('历史中没有', 'not in the history'));
      else sayFile(terminal, known);
      sayFindings(terminal, survey.findings, MHL_TEXTS);
      const unknown = path !== undefined && known === undefined && survey.trusted;
      environment.exit(unknown ? 20 : ascMhlExitCode(survey.findings));
    });
  mhl
    .command('report <folder>')
    .description('every file with its hashes, as CSV 导出文件与散列清单')
    .option('--to <file>', 'a file; by default standard output')
    .action(async (folder: string, options: { readonly to?: string }) => {
      const terminal = environment.terminal();
      const survey = await surveyOf(folder, terminal);
      const text = csvOf([...survey.histories.values()]);
      if (options.to !== undefined) await writeFile(resolve(options.to), text);
      else terminal.say(text.trimEnd());
      terminal.answer({ csv: options.to ?? text, findings: survey.findings });
      if (survey.findings.length > 0) sayFindings(terminal, survey.findings, MHL_TEXTS);
      environment.exit(ascMhlExitCode(survey.findings));
    });
}

async function surveyOf(folder: string, terminal: Terminal): Promise<Survey> {
  await expectFolder(folder);
  const pool = openHashPool(1);
  try {
    return await surveyTree(diskTree(resolve(folder), pool), { signal: terminal.signal });
  } finally {
    await pool.close();
  }
}

function findFile(histories: readonly History[], path: string): KnownFile | undefined {
  for (const { folder, files } of histories.toReversed()) {
    const inside = folder === '' ? path : path.slice(folder.length + 1);
    if (folder !== '' && !path.startsWith(`${folder}/`)) continue;
    const known = files.find(inside);
    if (known !== undefined) return known;
  }
  return undefined;
}

function describeHistory(of: History) {
  return {
    folder: of.folder === '' ? '.' : of.folder,
    fileCount: of.files.size,
    generations: of.generations.map(({ number, name, c4, recordCount, frame }) => ({
      number,
      name,
      c4,
      recordCount,
      process: frame.process.process,
      creator: frame.creator,
      references: frame.references,
    })),
  };
}

function sayHistories(terminal: Terminal, histories: readonly History[]): void {
  for (const { folder, generations, files } of histories) {
    terminal.say(`${folder === '' ? '.' : folder}  ${files.size}`);
    terminal.table(
      ['#', terminal.words('时间', 'made'), terminal.words('过程', 'process'), '', ''],
      generations.map(({ number, frame, recordCount }) => [
        String(number),
        frame.creator.creationDate,
        frame.process.process,
        String(recordCount),
        [frame.creator.tool.name, frame.creator.authors.map(({ name }) => name).join(' ')].join(
          ' ',
        ),
      ]),
    );
  }
}

function sayFile(terminal: Terminal, known: KnownFile): void {
  terminal.say(known.path);
  if (known.previousPath !== undefined) terminal.say(`← ${known.previousPath}`);
  terminal.table(
    [terminal.words('代', 'generation'), '', '', ''],
    known.hashes.map(({ generation, format, action, value }) => [
      String(generation),
      format,
      action,
      value,
    ]),
  );
}

const HEAD = [
  'path',
  'previous path',
  'bytes',
  'modified',
  'format',
  'hash',
  'generation',
  'action',
];

function csvOf(histories: readonly History[]): string {
  const lines = [HEAD.map(csvCell).join(',')];
  for (const { folder, files } of histories) {
    for (const known of files.all()) {
      const path = folder === '' ? known.path : `${folder}/${known.path}`;
      for (const { format, value, generation, action } of known.hashes) {
        const row = [path, known.previousPath ?? '', String(known.sizeBytes ?? '')];
        const rest = [known.modificationDate ?? '', format, value, String(generation), action];
        lines.push([...row, ...rest].map(csvCell).join(','));
      }
    }
  }
  return `\ufeff${lines.join('\r\n')}\r\n`;
}
