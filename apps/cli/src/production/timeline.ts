import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { type Finding, formatTimecode } from '@yinglian/core';
import {
  blockRows,
  CHANGE_READERS,
  changeRows,
  changesFor,
  clipsOf,
  clockFormat,
  compareCuts,
  countChanges,
  CHANGE_WORDS,
  type ChangeKind,
  EDL_FAMILIES,
  type EdlFamily,
  FCPXML_VERSIONS,
  type FcpxmlVersion,
  framesAt,
  missingMedia,
  pullList,
  pullRows,
  rateOf,
  type Timeline,
  timelinesOf,
  tracksOf,
  writeChangePage,
  writeChangePair,
  writeCsv,
  writeTimeline,
  WRITTEN_FORMATS,
} from '@yinglian/timeline';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { exitFor, sayFindings } from '../kernel/findings.ts';
import { wholeNumber } from '../kernel/numbers.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';
import { registerTurnover } from './turnover.ts';
import { printPage } from './print-pdf.ts';
import {
  type CutGiven,
  expectFree,
  formatFor,
  languageOf,
  oneOf,
  rateGiven,
  readCut,
  readOne,
  writeAll,
  writeCut,
} from './cuts.ts';

type RateGiven = CutGiven;

/** `yinglian timeline …`: cuts of every format on this disk. */
export function registerTimeline(program: Command, environment: Environment): void {
  const group = program.command('timeline').description('cuts and logs 剪辑表与日志');
  registerReading(group, environment);
  registerConvert(group, environment);
  registerDiff(group, environment);
  registerPull(group, environment);
  registerTurnover(group, environment);
}

function registerReading(group: Command, environment: Environment): void {
  group
    .command('info <file>')
    .description('what is in a cut 查看剪辑表内容')
    .option('--rate <rate>', 'frames per second, where a list does not say 帧率')
    .action(async (file: string, options: RateGiven) => {
      const terminal = environment.terminal();
      const { made, findings } = await readCut(file, options.rate);
      const cuts = timelinesOf(made).map(describeCut);
      terminal.answer({ kind: made.kind, clips: clipsOf(made).length, timelines: cuts, findings });
      for (const each of cuts) {
        terminal.say(`${each.name}  ${each.rate} fps  ${each.start ?? ''}`);
        terminal.table(
          [
            '#',
            terminal.words('轨道', 'track'),
            terminal.words('种类', 'kind'),
            terminal.words('条目', 'items'),
          ],
          each.tracks.map((one, index) => [String(index), one.name, one.kind, String(one.items)]),
        );
      }
      if (cuts.length === 0) terminal.say(`${clipsOf(made).length} clips`);
      sayFindings(terminal, findings, ALL_TEXTS);
      environment.exit(exitFor(findings));
    });
  group
    .command('check <file>')
    .description('read a cut and say all that is odd 检查剪辑表')
    .option('--rate <rate>', 'frames per second 帧率')
    .option('--media <name...>', 'media at hand; uses of others are missing 现有素材')
    .action(async (file: string, options: RateGiven & { media?: string[] }) => {
      const terminal = environment.terminal();
      const { made, findings } = await readCut(file, options.rate);
      const available = (options.media ?? []).map((name) => ({ name }));
      const missing =
        options.media === undefined
          ? []
          : timelinesOf(made).flatMap((each) => missingMedia(each, available));
      terminal.answer({
        findings,
        missing: missing.map(({ entry, reason, frames }) => ({
          name: entry.name,
          reel: entry.reel,
          reason,
          frames,
        })),
      });
      for (const { entry, frames } of missing) {
        terminal.say(
          `✗ ${terminal.words('缺素材', 'missing media')}: ${entry.reel} ${entry.name} (${frames})`,
        );
      }
      sayFindings(terminal, findings, ALL_TEXTS);
      environment.exit(missing.length > 0 ? EXIT.faulty : exitFor(findings));
    });
}

function registerConvert(group: Command, environment: Environment): void {
  group
    .command('convert <file> <target>')
    .description('write a cut in another format 转换格式')
    .option('--to <format>', `${WRITTEN_FORMATS.join(', ')}; by the ending unless given 目标格式`)
    .option('--rate <rate>', 'frames per second, where a list does not say 帧率')
    .option('--family <family>', `of edit lists: ${Object.keys(EDL_FAMILIES).join(', ')}`)
    .option('--drop', 'edit lists count drop frame 丢帧')
    .option('--no-drop', 'edit lists count no drop frame 不丢帧')
    .option('--tracks <index...>', 'of edit lists, as info numbers them 轨道')
    .option('--timeline <name>', 'by name, or number from 1, of several 时间线')
    .option('--fcpxml <version>', `of FCPXML: ${FCPXML_VERSIONS.join(', ')}`)
    .option('--force', 'write over a file that is there 覆盖已有文件')
    .action(async (file: string, target: string, options: ConvertOptions) => {
      const terminal = environment.terminal();
      const format = formatFor(target, options.to);
      expectFree(target, options.force);
      const { made, findings } = await readConverted(file, options);
      const family = oneOf(options.family, Object.keys(EDL_FAMILIES) as EdlFamily[], '--family');
      const version = oneOf(
        options.fcpxml,
        FCPXML_VERSIONS as readonly FcpxmlVersion[],
        '--fcpxml',
      );
      const written = writeTimeline(made, format, {
        ...(family === undefined ? {} : { family }),
        ...(version === undefined ? {} : { version }),
        ...(options.rate === undefined ? {} : { rate: rateGiven(options.rate) }),
        ...(options.drop === undefined ? {} : { dropFrame: options.drop }),
        ...(options.tracks === undefined
          ? {}
          : { tracks: options.tracks.map((each) => wholeNumber(each, '--tracks')) }),
      });
      const all = [...findings, ...written.findings];
      if (written.ok) await writeCut(target, written.value, made);
      terminal.answer({ format, target: written.ok ? target : null, findings: all });
      if (written.ok) terminal.say(`${target}  ${written.value.length} bytes`);
      sayFindings(terminal, all, ALL_TEXTS);
      environment.exit(exitFor(all));
    });
}

/** The one timeline that is asked for, else all that the file holds. */
async function readConverted(file: string, options: ConvertOptions) {
  if (options.timeline === undefined) return readCut(file, options.rate);
  const { cut, findings } = await readOne(file, options);
  return { made: cut, findings };
}

type ConvertOptions = RateGiven & {
  drop?: boolean;
  tracks?: string[];
  to?: string;
  family?: string;
  fcpxml?: string;
  force?: boolean;
};

function registerDiff(group: Command, environment: Environment): void {
  group
    .command('diff <before> <after>')
    .description('what changed between two cuts 比较两版剪辑')
    .option('--rate <rate>', 'frames per second 帧率')
    .option('--timeline <name>', 'by name, or number from 1, of several 时间线')
    .option('--handles <frames>', 'scanned before and after what is used 余量帧数', '8')
    .option('--first <number>', 'number of the first scanned frame 首帧编号', '1001')
    .option('--earlier <file...>', 'cuts before the old one, for what is reinstated 更早的版本')
    .option('--department <name>', `only what concerns it: ${CHANGE_READERS.join(', ')} 部门`)
    .option('--out <folder>', 'write the list as CSV, HTML, EDL pair and moves 输出文件夹')
    .option('--pdf', 'print the HTML page too, with an installed browser 另存 PDF')
    .action(async (before: string, after: string, options: DiffOptions) => {
      const terminal = environment.terminal();
      const [old, now] = [await readOne(before, options), await readOne(after, options)];
      const earlier = [];
      for (const each of options.earlier ?? []) earlier.push((await readOne(each, options)).cut);
      const handles = wholeNumber(options.handles, '--handles');
      const compared = compareCuts(old.cut, now.cut, {
        handles: { head: handles, tail: handles },
        firstFrame: wholeNumber(options.first, '--first'),
        earlier,
      });
      const findings = [...old.findings, ...now.findings, ...compared.findings];
      if (!compared.ok) {
        sayFindings(terminal, findings, ALL_TEXTS);
        environment.exit(exitFor(findings));
        return;
      }
      const reader = oneOf(options.department, CHANGE_READERS, '--department');
      const list = reader === undefined ? compared.value : changesFor(compared.value, reader);
      const language = languageOf(terminal);
      const rows = changeRows(list, language);
      if (options.out !== undefined) {
        const pair = writeChangePair(list);
        await writeAll(options.out, {
          'changes.csv': writeCsv(rows),
          'blocks.csv': writeCsv(blockRows(list, language)),
          'changes.html': writeChangePage(list, language),
          'old.edl': pair.old,
          'new.edl': pair.new,
          'moves.edl': pair.moves,
        });
        if (options.pdf === true) await printPage(join(options.out, 'changes'), terminal);
      } else if (options.pdf === true) throw new CommandFault('--pdf: --out', EXIT.misused);
      terminal.answer({
        counts: countChanges(list),
        changes: changesAnswer(rows),
        blocks: list.blocks,
        findings,
      });
      const [head, ...body] = rows;
      terminal.table(
        head!.slice(1, 9),
        body.map((row) => row.slice(1, 9)),
      );
      for (const [kind, count] of Object.entries(countChanges(list))) {
        const words = CHANGE_WORDS[kind as ChangeKind | 'unchanged'];
        terminal.say(`${terminal.words(words.zh, words.en)} ${count}`);
      }
      sayFindings(terminal, findings, ALL_TEXTS);
      environment.exit(exitFor(findings));
    });
}

type DiffOptions = RateGiven & {
  department?: string;
  handles: string;
  first: string;
  earlier?: string[];
  out?: string;
  pdf?: boolean;
};

function registerPull(group: Command, environment: Environment): void {
  group
    .command('pull <file...>')
    .description('what to scan or copy for some cuts, with handles 调片单')
    .option('--rate <rate>', 'frames per second 帧率')
    .option('--timeline <name>', 'by name, or number from 1, of several 时间线')
    .option('--handles <frames>', 'before and after what is used 余量帧数', '8')
    .option('--join <frames>', 'ranges no further apart are one 合并间隔', '0')
    .option('--csv <file>', 'write the list as CSV 输出 CSV')
    .action(async (files: string[], options: PullOptions) => {
      const terminal = environment.terminal();
      const cuts: Timeline[] = [];
      const findings: Finding[] = [];
      for (const file of files) {
        const read = await readOne(file, options);
        cuts.push(read.cut);
        findings.push(...read.findings);
      }
      const handles = wholeNumber(options.handles, '--handles');
      const list = pullList(cuts, {
        handles: { head: handles, tail: handles },
        joinFrames: wholeNumber(options.join, '--join'),
      });
      findings.push(...list.findings);
      const rows = pullRows(list, languageOf(terminal));
      if (options.csv !== undefined) await writeFile(options.csv, writeCsv(rows));
      terminal.answer({ frames: list.frames, pulls: changesAnswer(rows), findings });
      terminal.table(rows[0]!, rows.slice(1));
      sayFindings(terminal, findings, ALL_TEXTS);
      environment.exit(exitFor(findings));
    });
}

type PullOptions = RateGiven & { handles: string; join: string; csv?: string };
function describeCut(of: Timeline) {
  const rate = rateOf(of);
  const fps = rate === undefined ? '?' : String(Number(rate.numerator) / Number(rate.denominator));
  const start =
    of.globalStart === undefined || rate === undefined
      ? null
      : formatTimecode(BigInt(framesAt(of.globalStart, rate).frames), clockFormat(of, rate));
  const tracks = tracksOf(of).map(({ track }) => ({
    name: track.name,
    kind: track.trackKind,
    items: track.children.length,
  }));
  return { name: of.name, rate: fps, start, tracks };
}

/** Rows with their heading as records, for those who read JSON. */
function changesAnswer(rows: readonly (readonly string[])[]): Record<string, string>[] {
  const [head, ...body] = rows;
  return body.map((row) =>
    Object.fromEntries(head!.map((name, index) => [name, row[index] ?? ''])),
  );
}
