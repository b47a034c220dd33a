import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import { formatInstant, type Locale } from '@yinglian/core';
import { createFileSink } from '@yinglian/host';
import { type OffloadResult, runOffload } from '@yinglian/transfer';
import { FINDING_TEXTS as mhlTexts } from '@yinglian/mhl';
import {
  type ClipDetails,
  clipsWithoutTimecode,
  CSV_HEAD,
  csvLines,
  FINDING_TEXTS as offloadTexts,
  type OffloadReport,
  sizeText,
  writeAles,
  writeHtml,
} from '@yinglian/offload';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { sayFindings } from '../kernel/findings.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';
import { lookIntoClips } from './clip-details.ts';
import { creatorOf, formatsOf, several, withCreator } from './mhl.ts';
import { printPage } from './print-pdf.ts';

/** Here the words of the offload are the right ones where another package has the same code. */
const TEXTS = { ...ALL_TEXTS, ...mhlTexts, ...offloadTexts };

type OffloadCommand = {
  readonly to: readonly string[];
  readonly as?: string;
  readonly format?: readonly string[];
  readonly copies: string;
  readonly report?: string;
  readonly thumbnails: boolean;
  readonly pdf?: boolean;
  readonly author?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly role?: string;
  readonly location?: string;
  readonly comment?: string;
};

/** `yinglian offload`: a card to several places, verified, with a clear word at the end. */
export function registerOffload(program: Command, environment: Environment): void {
  withCreator(
    program
      .command('offload <source>')
      .description('copy a camera card to several targets, verified 拷贝摄影机存储卡并校验')
      .requiredOption('--to <folder>', 'a target; give it several times 目标', several)
      .option('--as <name>', 'name of the folder in each target; that of the source')
      .option('-f, --format <name>', 'c4, md5, sha1, xxh128, xxh3, xxh64; xxh64', several)
      .option('--copies <number>', 'verified copies that make a card safe to format', '2')
      .option('--report <folder>', 'where reports go; by default beside each copy')
      .option('--no-thumbnails', 'do not look into clips for pictures and timecode')
      .option('--pdf', 'print the report as PDF too (needs Chromium)'),
  ).action(async (source: string, options: OffloadCommand) => {
    const terminal = environment.terminal();
    const { result, startedAt } = await offload(terminal, source, options);
    const cancelled = terminal.signal.aborted;
    const report = await reportOf(terminal, source, result, options, startedAt);
    const written = cancelled ? [] : await writeReports(terminal, report, result, options);
    tell(terminal, result, written);
    tellWithoutTimecode(terminal, report);
    environment.exit(cancelled ? EXIT.cancelled : result.verdict.safe ? EXIT.done : EXIT.faulty);
  });
}

async function offload(terminal: Terminal, source: string, options: OffloadCommand) {
  const startedAt = Date.now();
  const formats = formatsOf(options.format);
  const minimumCopies = Number(options.copies);
  if (!Number.isInteger(minimumCopies) || minimumCopies < 1) {
    throw new CommandFault(`--copies ${options.copies}`, EXIT.misused);
  }
  if (options.as !== undefined && (/[/\\]/.test(options.as) || /^\.{0,2}$/.test(options.as))) {
    throw new CommandFault(`--as ${options.as}`, EXIT.misused);
  }
  const bar = terminal.progress(terminal.words('拷贝', 'offload'));
  try {
    const result = await runOffload({
      source: resolve(source),
      targets: options.to,
      ...(options.as === undefined ? {} : { name: options.as }),
      formats: formats.length === 0 ? ['xxh64'] : formats,
      creator: creatorOf(options, startedAt),
      startedAt,
      now: Date.now,
      minimumCopies,
      signal: terminal.signal,
      onProgress: ({ phase, bytes, byteCount, path }) =>
        bar.update(phase === 'scan' || byteCount === 0 ? undefined : bytes / byteCount, path),
    });
    return { result, startedAt };
  } finally {
    bar.done();
  }
}

async function reportOf(
  terminal: Terminal,
  source: string,
  result: OffloadResult,
  options: OffloadCommand,
  startedAt: number,
): Promise<OffloadReport> {
  const whole = result.targets.find((each) => each.complete);
  const details: ReadonlyMap<string, ClipDetails> =
    options.thumbnails && whole !== undefined && !terminal.signal.aborted
      ? await lookIntoClips(whole.folder, result.card.clips, terminal.signal)
      : new Map();
  const formats = formatsOf(options.format);
  return {
    name: result.name,
    source: resolve(source),
    startedAt: formatInstant(startedAt),
    finishedAt: formatInstant(Date.now()),
    seconds: result.seconds,
    fileCount: result.fileCount,
    sizeBytes: result.sizeBytes,
    formats: formats.length === 0 ? ['xxh64'] : formats,
    operator: [options.author ?? '', options.role ?? ''].filter(Boolean).join(' · '),
    location: options.location ?? '',
    comment: options.comment ?? '',
    card: result.card,
    details,
    targets: result.targets,
    verdict: result.verdict,
  };
}

/** Reports stand beside the copy, not in it: a copy holds what the card held and its history. */
async function writeReports(
  terminal: Terminal,
  report: OffloadReport,
  result: OffloadResult,
  options: OffloadCommand,
): Promise<readonly string[]> {
  const stamp = report.startedAt.slice(0, 19).replaceAll(':', '').replace('T', '_');
  const written: string[] = [];
  for (const folder of reportFolders(report, result, options)) {
    const base = join(folder, `${report.name}_${stamp}`);
    try {
      await mkdir(folder, { recursive: true });
      written.push(...(await writeReport(base, report, result, terminal.locale)));
    } catch (fault) {
      if (options.report !== undefined) throw fault;
      // A target that is lost or full takes no report; what happened is said here all the same.
      const why = terminal.words('无法写入报告', 'no report could be written');
      terminal.remark(`${folder}: ${why} (${(fault as Error).message})`);
      continue;
    }
    if (options.pdf === true && (await printPage(base, terminal))) written.push(`${base}.pdf`);
  }
  return written;
}

async function writeReport(
  base: string,
  report: OffloadReport,
  result: OffloadResult,
  locale: Locale,
): Promise<readonly string[]> {
  await writeFile(`${base}.html`, writeHtml(report, locale, TEXTS));
  await writeCsv(`${base}.csv`, result);
  const written = [`${base}.html`, `${base}.csv`];
  for (const [index, { rate, text }] of writeAles(report).entries()) {
    const path = index === 0 ? `${base}.ale` : `${base}_${rate}.ale`;
    await writeFile(path, text);
    written.push(path);
  }
  return written;
}

/**
 * Where reports go unless told: beside every whole copy; where there is none, beside every target
 * that can take one, since what went wrong is to be kept most of all.
 */
function reportFolders(
  { source }: OffloadReport,
  result: OffloadResult,
  options: OffloadCommand,
): readonly string[] {
  if (options.report !== undefined) return [resolve(options.report)];
  const whole = result.targets.filter((each) => each.complete);
  const chosen = (whole.length > 0 ? whole : result.targets).map(({ folder }) => folder);
  // Never onto the card, whatever was named as a target.
  const isOutside = (folder: string) => !`${folder}${sep}`.startsWith(`${source}${sep}`);
  const folders = chosen.filter((each) => existsSync(dirname(each)) && isOutside(each));
  return [...new Set(folders)].map((each) => `${each}_reports`);
}

/** File by file, so that a card of a million frames does not become one text. */
async function writeCsv(path: string, result: OffloadResult): Promise<void> {
  const sink = await createFileSink(path);
  await sink.write(Buffer.from(CSV_HEAD));
  for (const { path: file, sizeBytes, modifiedMs, hashes } of result.files()) {
    const modified = formatInstant(modifiedMs);
    await sink.write(Buffer.from(csvLines({ path: file, sizeBytes, modified, hashes })));
  }
  await sink.close();
}

function tell(terminal: Terminal, result: OffloadResult, reports: readonly string[]): void {
  const { verdict, card, targets, fileCount, sizeBytes, seconds, resumedCount } = result;
  terminal.answer({
    safe: verdict.safe,
    reasons: verdict.reasons,
    findings: result.findings,
    name: result.name,
    card,
    targets,
    fileCount,
    sizeBytes,
    resumedCount,
    seconds,
    reports,
  });
  const kind = [card.name, card.reel ?? ''].filter(Boolean).join(' · ');
  const [size, time] = [sizeText(sizeBytes), seconds.toFixed(1)];
  terminal.say(
    terminal.words(
      `${result.name}  ${kind}  ${fileCount} 个文件，${size}，${time} 秒`,
      `${result.name}  ${kind}  ${fileCount} files, ${size}, ${time} s`,
    ),
  );
  if (resumedCount > 0) {
    terminal.say(
      terminal.words(
        `其中 ${resumedCount} 个在上次运行中已完成`,
        `${resumedCount} of them were finished by an earlier run`,
      ),
    );
  }
  for (const { folder, complete, fileCount: count, readBack } of targets) {
    const from = {
      medium: terminal.words('已从介质回读', 'read back from the medium'),
      cache: terminal.words('回读可能来自缓存', 'read back, perhaps from the cache'),
      'not-read': terminal.words('未回读', 'not read back'),
    }[readBack];
    terminal.say(`${complete ? '✓' : '✗'} ${folder}  ${count}/${fileCount}  ${from}`);
  }
  for (const path of reports) terminal.say(`  ${path}`);
  sayFindings(terminal, [...result.findings, ...extraReasons(result)], TEXTS);
  terminal.say(
    verdict.safe
      ? terminal.words('可以格式化原卡。', 'SAFE to format the card.')
      : terminal.words('不可格式化原卡！', 'NOT safe to format the card!'),
  );
}

function tellWithoutTimecode(terminal: Terminal, report: OffloadReport): void {
  const left = clipsWithoutTimecode(report).length;
  if (left === 0 || terminal.signal.aborted) return;
  const words = terminal.words(
    `${left} 条素材读不到时码，未列入 ALE`,
    `${left} clips are not in the ALE: their timecode is not known`,
  );
  terminal.remark(words);
}

/** Reasons that are not findings of the work itself but follow from it. */
function extraReasons({ verdict, findings }: OffloadResult) {
  return verdict.reasons.filter((each) => !findings.includes(each));
}
