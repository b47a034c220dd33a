import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { cellText } from '@yinglian/boxoffice';
import {
  decodeUtf8,
  finding,
  type Finding,
  formatInstant,
  type Outcome,
  parseInstant,
  refused,
  type Uuid,
} from '@yinglian/core';
import { nodeCryptography } from '@yinglian/host';
import {
  checkLog,
  filterLog,
  holeFinding,
  isWhole,
  type LogPiece,
  type LogReport,
  logCoverage,
  piecesOf,
  type Playback,
  playbacksOf,
  readLogReport,
  readPlaybackRows,
  readPlaybackTable,
  type TableClock,
  writePlaybackTable,
} from '@yinglian/playlog';
import { writeXml } from '@yinglian/xml';
import { givenCertificates, givenFiles, taken } from '../distribution/given.ts';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { readGiven } from '../kernel/files.ts';
import { exitFor, sayFindings } from '../kernel/findings.ts';
import { readTable } from '../kernel/table.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';

/** `yinglian playlog …`: security logs of media blocks, on this disk. */
export function registerPlaylog(program: Command, environment: Environment): void {
  const playlog = program.command('playlog').description('security logs of media blocks 放映日志');
  const trusting = (command: Command) =>
    command
      .option('--cert <pem...>', 'certificates of devices, for signatures that carry none')
      .option('--root <pem...>', 'roots that signers must come from')
      .option('--device <thumbprint>', 'thumbprint of the screen’s device')
      .option('--after <hash>', 'hash of the last header before the first of these reports');
  trusting(playlog.command('check <file...>'))
    .description('verify the chain of hashes and the signatures 校验日志')
    .option('--verbose', 'also list the checks that held')
    .action((files: string[], options: CheckCommand) => check(environment, files, options));
  trusting(playlog.command('read <source...>'))
    .description('what was played: logs, or tables of theatre systems 读取放映记录')
    .option('--out <csv>', 'write a table for joining with box office')
    .option('--offset <minutes>', 'clocks of tables that bring no offset, east of UTC', '480')
    .option('--from <instant>', 'only what began at or after')
    .option('--until <instant>', 'only what began at or before')
    .option('--cpl <uuid>', 'only this composition')
    .action((sources: string[], options: ReadCommand) => read(environment, sources, options));
  playlog
    .command('filter <file> <out>')
    .description('take out what others need not see; the chain stays whole 过滤日志')
    .option('--from <instant>', 'events at or after')
    .option('--until <instant>', 'events at or before')
    .option('--types <names...>', 'Playout, Validation, Key, ASM, Operations')
    .option('--cpl <uuid>', 'only this composition')
    .action((file: string, out: string, options: FilterCommand) =>
      filter(environment, file, out, options),
    );
}

type TrustOptions = {
  readonly cert?: readonly string[];
  readonly root?: readonly string[];
  readonly device?: string;
  readonly after?: string;
};
type CheckCommand = TrustOptions & { readonly verbose?: boolean };

async function judge(terminal: Terminal, report: LogReport, options: TrustOptions) {
  const known = options.cert && (await givenCertificates(terminal, options.cert));
  const trusted = options.root && (await givenCertificates(terminal, options.root));
  return checkLog(
    report,
    {
      ...(known === undefined ? {} : { known }),
      ...(trusted === undefined ? {} : { trusted }),
      ...(options.device === undefined ? {} : { deviceThumbprint: options.device }),
      ...(options.after === undefined ? {} : { previousHeaderHash: options.after }),
    },
    nodeCryptography,
  );
}

const placed = (findings: readonly Finding[], file: string): Finding[] =>
  findings.map((each) => ({ ...each, at: { file, ...each.at } }));

async function check(environment: Environment, files: readonly string[], options: CheckCommand) {
  const terminal = environment.terminal();
  const findings: Finding[] = [];
  const reports = [];
  const pieces: LogPiece[] = [];
  for (const { file, report } of await reportsIn(files, findings)) {
    const { device, records } = report;
    const verdict = await judge(terminal, report, pieces.length === 0 ? options : later(options));
    findings.push(...placed(verdict.findings, file));
    pieces.push(...piecesOf(report, verdict.proof.lastHeaderHash));
    const proven = verdict.proof.proven.filter(Boolean).length;
    reports.push({
      file,
      device: { ...device, id: device.id?.value },
      records: records.length,
      proven,
      signer: verdict.proof.signer[0]?.subject.text,
      lastHeaderHash: verdict.proof.lastHeaderHash,
    });
    terminal.say(`${file}  ${device.model ?? ''} ${device.serial ?? device.id?.value ?? ''}`);
    terminal.say(
      terminal.words(
        `  ${records.length} 条记录，其中 ${proven} 条有签名证明`,
        `  ${records.length} records, ${proven} proven by signature`,
      ),
    );
  }
  // Several reports of one device are one log, in whatever order they were named.
  findings.push(...logCoverage(pieces).holes.map(holeFinding));
  terminal.answer({ reports, findings });
  sayFindings(terminal, findings, ALL_TEXTS, options);
  environment.exit(exitFor(findings));
}

/** What comes before the first report says nothing of the others, which follow that one. */
const later = ({ after: _after, ...options }: TrustOptions): TrustOptions => options;

/** Reports by the time of their first record. */
async function reportsIn(files: readonly string[], findings: Finding[]) {
  const found: { readonly file: string; readonly report: LogReport }[] = [];
  for (const file of files) {
    const read = readLogReport(await readGiven(file));
    findings.push(...placed(read.findings, file));
    if (read.ok) found.push({ file, report: read.value });
  }
  const begins = ({ records }: LogReport) => records[0]?.header.time ?? 0;
  return found.sort((a, b) => begins(a.report) - begins(b.report));
}

type ReadCommand = TrustOptions & {
  readonly out?: string;
  readonly offset: string;
  readonly from?: string;
  readonly until?: string;
  readonly cpl?: string;
};

/** What logs and tables tell was played; what is wrong with them goes to the findings. */
async function playbacksIn(
  terminal: Terminal,
  files: readonly { readonly path: string; readonly bytes: Uint8Array }[],
  options: ReadCommand,
  offsetMinutes: number,
  findings: Finding[],
): Promise<Playback[]> {
  const found: Playback[] = [];
  let reports = 0;
  for (const { path, bytes } of files) {
    if (/\.(?:csv|tsv|txt|xlsx)$/i.test(path)) {
      const table = await readPlaybacks(bytes, path, { offsetMinutes });
      findings.push(...table.findings);
      if (table.ok) found.push(...table.value);
      continue;
    }
    const report = readLogReport(bytes);
    findings.push(...placed(report.findings, path));
    if (!report.ok) continue;
    const verdict = await judge(terminal, report.value, reports++ > 0 ? later(options) : options);
    findings.push(...placed(verdict.findings, path));
    found.push(...playbacksOf(report.value, verdict.proof));
  }
  return found;
}

/** Text in UTF-8; what is not is a workbook, or of an older encoding, as Chinese systems write. */
async function readPlaybacks(
  bytes: Uint8Array,
  file: string,
  clock: TableClock,
): Promise<Outcome<readonly Playback[]>> {
  if (decodeUtf8(bytes) !== undefined) return readPlaybackTable(bytes, file, clock);
  const table = await readTable(bytes);
  if (!table.ok) return refused(...placed(table.findings, file));
  return readPlaybackRows(
    table.value.map(({ cells }) => cells.map(cellText)),
    file,
    clock,
  );
}

async function read(environment: Environment, sources: readonly string[], options: ReadCommand) {
  const terminal = environment.terminal();
  const { files, findings } = await givenFiles(terminal, sources);
  const offsetMinutes = Number(options.offset);
  if (!Number.isInteger(offsetMinutes) || Math.abs(offsetMinutes) > 14 * 60) {
    throw new CommandFault('--offset -840…840', EXIT.misused);
  }
  if (files.length === 0) {
    throw new CommandFault(
      terminal.words('这里没有文件：给出日志或放映记录表', 'no file here: name logs or tables'),
      EXIT.faulty,
    );
  }
  const found = await playbacksIn(terminal, files, options, offsetMinutes, findings);
  // Nothing played and nothing wrong would look like success.
  if (found.length === 0 && !findings.some((each) => each.code === 'empty_log')) {
    const facts = { files: files.length };
    findings.push(finding('missing_playback', 'warning', { facts }));
  }
  const [from, until] = [instant(options.from), instant(options.until)];
  const playbacks = found
    .filter(
      (each) =>
        (from === undefined || each.startedAt >= from) &&
        (until === undefined || each.startedAt <= until) &&
        (options.cpl === undefined || each.compositionId === uuid(options.cpl)),
    )
    .sort((a, b) => a.startedAt - b.startedAt);
  const shown = playbacks.map((each) => ({
    ...each,
    startedAt: formatInstant(each.startedAt, each.offsetMinutes),
    endedAt: formatInstant(each.endedAt, each.offsetMinutes),
    whole: isWhole(each),
  }));
  terminal.answer({ playbacks: shown, findings });
  terminal.table(
    [
      terminal.words('设备', 'device'),
      terminal.words('影片', 'film'),
      terminal.words('开始', 'start'),
      terminal.words('结束', 'end'),
      terminal.words('完整', 'whole'),
      terminal.words('已证明', 'proven'),
    ],
    shown.map((each) => [
      each.device,
      each.title ?? each.compositionId ?? '?',
      each.startedAt,
      each.endedAt,
      each.whole ? '✓' : '–',
      each.proven ? '✓' : '–',
    ]),
  );
  if (options.out !== undefined)
    await writeFile(options.out, `\ufeff${writePlaybackTable(playbacks)}`);
  sayFindings(terminal, findings, ALL_TEXTS);
  environment.exit(exitFor(findings));
}

function instant(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const parsed = parseInstant(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00+08:00` : text);
  if (!parsed.ok) throw new CommandFault(`${text}: 2026-12-01T10:00:00+08:00`, EXIT.misused);
  return parsed.value;
}

const uuid = (text: string): Uuid => text.replace(/^urn:uuid:/i, '').toLowerCase();

type FilterCommand = {
  readonly from?: string;
  readonly until?: string;
  readonly types?: readonly string[];
  readonly cpl?: string;
};

async function filter(environment: Environment, file: string, out: string, options: FilterCommand) {
  const terminal = environment.terminal();
  const report = taken(terminal, readLogReport(await readGiven(file)));
  const [from, until] = [instant(options.from), instant(options.until)];
  const document = filterLog(report, {
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    ...(options.types === undefined ? {} : { types: options.types }),
    ...(options.cpl === undefined ? {} : { compositionId: uuid(options.cpl) }),
  });
  await writeFile(out, writeXml(document));
  terminal.answer({ out: resolve(out), findings: [] });
  terminal.say(resolve(out));
}
