import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { type Finding, parseRatio } from '@yinglian/core';
import { createFileSink, folderReader, nodeCryptography } from '@yinglian/host';
import { createMediaEngine, mainPicture } from '@yinglian/media';
import {
  buildTurnover,
  checkReference,
  countRows,
  countSheet,
  nameShots,
  receiveTurnover,
  type Timeline,
  type TurnoverDepartment,
  type TurnoverFile,
} from '@yinglian/timeline';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { expectFolder } from '../kernel/files.ts';
import { exitFor, inFile, sayFindings } from '../kernel/findings.ts';
import { wholeNumber } from '../kernel/numbers.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';
import { expectFree, languageOf, oneOf, readOne, writeAll } from './cuts.ts';

type ConformOptions = {
  timeline?: string;
  earlier?: string;
  reserved?: string[];
  for: string;
  out: string;
  rate?: string;
  handles: string;
  names?: string;
  sequence: string;
  versionName: string;
  reference?: string;
  with?: string[];
};

/** `yinglian timeline conform|receive`: packages for departments, made and proven. */
export function registerTurnover(group: Command, environment: Environment): void {
  group
    .command('conform <file>')
    .description('make a package for a department: lists, counts, manifest 交接包')
    .requiredOption('--for <department>', 'vfx, sound or colour 部门')
    .requiredOption('--out <folder>', 'where to 输出文件夹')
    .option('--rate <rate>', 'frames per second 帧率')
    .option('--handles <frames>', 'before and after what is used 余量帧数', '8')
    .option('--names <template>', 'name the shots, {sequence}_{number:4} 镜头命名')
    .option('--earlier <file>', 'a cut whose names stay with their shots 上一版已命名的剪辑表')
    .option('--reserved <name...>', 'names that no new shot gets 保留的镜头名')
    .option('--timeline <name>', 'by name, or number from 1, of several 时间线')
    .option('--sequence <name>', 'for the names of shots 场次名', '')
    .option('--version-name <name>', 'said in the manifest 版本说明', '')
    .option('--reference <video>', 'of this cut; its length and rate are compared 参考视频')
    .option('--with <file...>', 'media and sound to go with it 随包文件')
    .action((file: string, options: ConformOptions) => conform(environment, file, options));
  group
    .command('receive <folder>')
    .description('prove that a package arrived as it was made 核对收到的交接包')
    .action((folder: string) => proveTurnover(environment, folder));
}

async function conform(environment: Environment, file: string, options: ConformOptions) {
  const terminal = environment.terminal();
  const read = await readOne(file, options);
  const findings = [...read.findings];
  const departments: readonly TurnoverDepartment[] = ['vfx', 'sound', 'colour'];
  const department = oneOf(options.for, departments, '--for')!;
  const handles = wholeNumber(options.handles, '--handles');
  let { cut } = read;
  if (options.names !== undefined) {
    const { rate, earlier, reserved = [] } = options;
    const given = rate === undefined ? {} : { rate };
    const before = earlier === undefined ? undefined : await readOne(earlier, given);
    const named = nameShots(cut, {
      template: options.names,
      sequence: options.sequence,
      reserved,
      ...(before === undefined ? {} : { earlier: before.cut }),
    });
    findings.push(...named.findings);
    if (named.ok) cut = named.value;
  }
  if (options.reference !== undefined) {
    findings.push(...(await referenceFindings(cut, options.reference, terminal)));
  }
  const attachments = await attachAll(options, terminal);
  const made = buildTurnover(
    cut,
    {
      department,
      language: languageOf(terminal),
      version: options.versionName,
      handles: { head: handles, tail: handles },
      attachments,
    },
    nodeCryptography,
  );
  findings.push(...made.findings);
  const lists = made.ok ? [...made.value.files.keys()] : [];
  const files = [...lists, ...attachments.map(({ path }) => path)];
  if (made.ok) await writeAll(options.out, Object.fromEntries(made.value.files));
  terminal.answer({ files, findings });
  for (const each of files) terminal.say(join(options.out, each));
  const counts = countRows(countSheet(cut), languageOf(terminal));
  terminal.table(
    counts[0]!.slice(0, 7),
    counts.slice(1).map((row) => row.slice(0, 7)),
  );
  sayFindings(terminal, findings, ALL_TEXTS);
  environment.exit(exitFor(findings));
}

async function referenceFindings(
  cut: Timeline,
  path: string,
  terminal: Terminal,
): Promise<Finding[]> {
  const probed = await createMediaEngine().probe(
    { verb: 'probe', input: { kind: 'file', path: resolve(path) } },
    { signal: terminal.signal },
  );
  if (!probed.ok) return [...probed.findings];
  const picture = mainPicture(probed.value);
  const rate = parseRatio(picture?.frameRate ?? '');
  return inFile(path, checkReference(cut, { frames: picture?.frames ?? null, rate }));
}

/** Copies what goes with the lists; two files of one name would be one, which is a fault. */
async function attachAll(options: ConformOptions, terminal: Terminal): Promise<TurnoverFile[]> {
  const wanted = [
    ...(options.reference === undefined ? [] : [{ from: options.reference, under: 'reference' }]),
    ...(options.with ?? []).map((from) => ({ from, under: 'media' })),
  ].map((each) => ({ ...each, path: `${each.under}/${basename(each.from)}` }));
  const twice = wanted.find(({ path }, index) => wanted.findIndex((w) => w.path === path) < index);
  if (twice !== undefined) throw new CommandFault(`--with ${twice.from}`, EXIT.misused);
  const progress = terminal.progress(terminal.words('复制', 'copying'));
  const made: TurnoverFile[] = [];
  try {
    for (const [index, { from, path }] of wanted.entries()) {
      progress.update(index / wanted.length, path);
      made.push({ path, ...(await copyHashed(from, join(options.out, path), terminal.signal)) });
    }
  } finally {
    progress.done();
  }
  return made;
}

/** One read gives both the copy and its digest; a file that is there is not written over. */
async function copyHashed(from: string, to: string, signal: AbortSignal) {
  expectFree(to, false);
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const sink = await createFileSink(to);
  try {
    for await (const piece of createReadStream(from, { signal }) as AsyncIterable<Buffer>) {
      hash.update(piece);
      await sink.write(piece);
      sizeBytes += piece.length;
    }
    await sink.close();
  } catch (fault) {
    await sink.abort();
    throw fault;
  }
  return { sizeBytes, sha256: hash.digest('hex') };
}

/** Proves a package in a folder, and says what is whole. */
export async function proveTurnover(environment: Environment, folder: string): Promise<void> {
  const terminal = environment.terminal();
  await expectFolder(folder);
  const progress = terminal.progress(terminal.words('核对', 'checking'));
  const received = await receiveTurnover(folderReader(folder), nodeCryptography, {
    signal: terminal.signal,
    onProgress: ({ bytes, byteCount }) => progress.update(byteCount === 0 ? 1 : bytes / byteCount),
  });
  progress.done();
  if (terminal.signal.aborted) throw new CommandFault('', EXIT.cancelled);
  if (!received.ok) throw new CommandFault('', EXIT.faulty, received.findings);
  const { files, title, department, version, whole } = received.value;
  terminal.answer({ ...received.value, findings: received.findings });
  terminal.say([title, department, version].filter((each) => each !== '').join('  '));
  terminal.table(
    ['', terminal.words('文件', 'file'), terminal.words('字节', 'bytes')],
    files.map(({ path, sizeBytes, sound }) => [sound ? '✓' : '✗', path, String(sizeBytes)]),
  );
  sayFindings(terminal, received.findings, ALL_TEXTS);
  environment.exit(whole ? exitFor(received.findings) : EXIT.faulty);
}
