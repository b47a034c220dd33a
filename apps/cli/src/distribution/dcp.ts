import { writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import { type FolderReader, formatInstant, formatTimecode, ratio, type Uuid } from '@yinglian/core';
import {
  type AssetReport,
  comparePackages,
  joinVolumes,
  mountVolumes,
  type Profile,
  PROFILE_NAMES,
  type ProfileName,
  readHouseProfile,
  reportHtml,
  reportPdf,
  reportPictures,
  type VerificationReport,
  verifyPackage,
} from '@yinglian/dcp';
import { folderReader, nodeCryptography } from '@yinglian/host';
import { openExaminerCrew } from '@yinglian/transfer';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { readJson, readTextGiven } from '../kernel/files.ts';
import { exitFor, sayFindings } from '../kernel/findings.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';
import { registerDcpBuild } from './dcp-build.ts';
import { registerDcpEssence, soundOfPackage } from './dcp-essence.ts';
import { givenCertificates, givenKeys, type KeyOptions, taken } from './given.ts';

const VOLUME = 'further volumes of a package on several disks';

/** `yinglian dcp …`: packages on this disk, without a server. */
export function registerDcp(program: Command, environment: Environment): void {
  const dcp = program.command('dcp').description('digital cinema packages 数字电影发行包');
  registerDcpBuild(dcp, environment);
  registerDcpEssence(dcp, environment);
  judging(dcp.command('verify <folder>'))
    .description('judge a package: structure, hashes, signatures, every frame 检查发行包')
    .option('--report <file...>', 'also write the verdict as .html, .pdf or .json')
    .option('--verbose', 'also list the checks that held')
    .action(async (folder: string, options: VerifyCommand) => {
      const terminal = environment.terminal();
      const report = await verify(terminal, folder, options);
      await writeReports(terminal, folder, report, options);
      terminal.answer(report);
      describe(terminal, report);
      sayFindings(terminal, report.findings, ALL_TEXTS, options);
      environment.exit(exitFor(report.findings));
    });
  judging(dcp.command('report <folder> <file...>'))
    .description('the verdict as a page to pass on: .html, .pdf, .json 校验报告')
    .option('--no-pictures', 'leave pictures out')
    .option('--loudness', 'measure the sound as well')
    .option('--verbose', 'also list the checks that held')
    .action(async (folder: string, files: string[], options: VerifyCommand) => {
      const terminal = environment.terminal();
      const report = await verify(terminal, folder, options);
      await writeReports(terminal, folder, report, { ...options, report: files });
      terminal.answer({ files, findings: report.findings });
      for (const file of files) terminal.say(resolve(file));
      sayFindings(terminal, report.findings, ALL_TEXTS, options);
      environment.exit(exitFor(report.findings));
    });
  dcp
    .command('info <folder>')
    .description('what is in a package, without reading all of it 发行包内容')
    .option('--volume <folder...>', VOLUME)
    .action(async (folder: string, { volume }: Pick<VerifyCommand, 'volume'>) => {
      const terminal = environment.terminal();
      const volumes = volume === undefined ? {} : { volume };
      const report = await verify(terminal, folder, {
        profile: 'auto',
        depth: 'headers',
        ...volumes,
      });
      terminal.answer(
        report.compositions.length === 0 ? report : { ...report, findings: undefined },
      );
      describe(terminal, report);
      terminal.table(
        [
          terminal.words('文件', 'file'),
          terminal.words('种类', 'kind'),
          terminal.words('字节', 'bytes'),
        ],
        report.assets.map((each) => [each.path, each.essence ?? each.kind, String(each.sizeBytes)]),
      );
      if (report.compositions.length === 0) {
        const errors = report.findings.filter((each) => each.severity === 'error');
        sayFindings(terminal, errors, ALL_TEXTS);
        environment.exit(exitFor(errors));
      }
    });
  dcp
    .command('compare <a> <b>')
    .description('what differs between two packages 比较两个发行包')
    .option('--keys <file>', 'content keys of both')
    .option('--kdm <file...>', 'key messages, instead of --keys')
    .option('--kdm-key <file>', 'private key that opens them')
    .option('--no-essence', 'documents only')
    .action(async (a: string, b: string, options: KeyOptions & { essence: boolean }) => {
      const terminal = environment.terminal();
      const findings = await comparePackages(folderReader(resolve(a)), folderReader(resolve(b)), {
        cryptography: nodeCryptography,
        keys: await givenKeys(terminal, options),
        essence: options.essence,
        signal: terminal.signal,
      });
      terminal.answer({ findings });
      sayFindings(terminal, findings, ALL_TEXTS, { verbose: true });
      environment.exit(exitFor(findings));
    });
}

/** A package on one disk or several. */
function volumesOf(folder: string, { volume = [] }: Pick<VerifyCommand, 'volume'>): FolderReader {
  return mountVolumes([folder, ...volume].map((each) => folderReader(resolve(each))));
}

/** Options of every command that judges. */
function judging(command: Command): Command {
  return command
    .option(
      '--profile <name>',
      `${PROFILE_NAMES.join(', ')}, or a house profile: .yaml, .json`,
      'auto',
    )
    .option('--volume <folder...>', VOLUME)
    .option('--ov <folder...>', 'folders of original versions')
    .option('--known <report...>', 'stored reports (JSON) of originals that are not at hand')
    .option('--root <pem...>', 'roots that signers must come from')
    .option('--keys <file>', 'content keys: encrypted frames are opened and authenticated')
    .option('--kdm <file...>', 'key messages, instead of --keys')
    .option('--kdm-key <file>', 'private key that opens them');
}

type VerifyCommand = KeyOptions & {
  readonly profile: string;
  readonly depth?: 'full' | 'headers';
  readonly volume?: readonly string[];
  readonly ov?: readonly string[];
  readonly known?: readonly string[];
  readonly root?: readonly string[];
  readonly report?: readonly string[];
  readonly pictures?: boolean;
  readonly loudness?: boolean;
  readonly verbose?: boolean;
};

/** A name, or a house profile in a file. */
async function givenProfile(terminal: Terminal, text: string): Promise<ProfileName | Profile> {
  if ((PROFILE_NAMES as readonly string[]).includes(text)) return text as ProfileName;
  if (!/\.(?:json|ya?ml)$/i.test(text)) {
    throw new CommandFault(`--profile ${PROFILE_NAMES.join(' | ')} | *.yaml`, EXIT.misused);
  }
  const read = taken(terminal, await readTextGiven(text));
  return taken(terminal, readHouseProfile(read), text);
}

async function verify(terminal: Terminal, folder: string, options: VerifyCommand) {
  const reader = volumesOf(folder, options);
  const entries = await reader.list();
  const known: AssetReport[] = [];
  for (const path of options.known ?? []) {
    const { assets } = (await readJson(path)) as Partial<VerificationReport>;
    if (!Array.isArray(assets)) throw new CommandFault(`${path}: assets`, EXIT.misused);
    known.push(...(assets as AssetReport[]));
  }
  const trusted = options.root && (await givenCertificates(terminal, options.root));
  const keys = await givenKeys(terminal, options);
  const profile = await givenProfile(terminal, options.profile);
  const progress = terminal.progress(terminal.words('检查', 'verify'));
  const total = entries.reduce((sum, each) => sum + each.sizeBytes, 0);
  const done = new Map<string, number>();
  const examiner = openExaminerCrew();
  try {
    return await verifyPackage(
      reader,
      { cryptography: nodeCryptography, examiner },
      {
        profile,
        depth: options.depth ?? 'full',
        ovFolders: (options.ov ?? []).map((each) => folderReader(resolve(each))),
        knownAssets: known,
        keys,
        ...(trusted === undefined ? {} : { trusted }),
        at: Date.now(),
        signal: terminal.signal,
        onProgress: (each) => {
          if (each.unit === 'bytes') done.set(each.file, each.done);
          const bytes = [...done.values()].reduce((sum, value) => sum + value, 0);
          progress.update(total === 0 ? undefined : bytes / total, each.file);
        },
      },
    );
  } finally {
    await examiner.close();
    progress.done();
  }
}

async function writeReports(
  terminal: Terminal,
  path: string,
  report: VerificationReport,
  options: VerifyCommand,
): Promise<void> {
  const files = options.report ?? [];
  if (files.length === 0) return;
  const wrong = files.find((file) => !/\.(?:html?|pdf|json)$/i.test(file));
  if (wrong !== undefined) throw new CommandFault(`${wrong}: .html .pdf .json`, EXIT.misused);
  const { folder } = await joinVolumes(volumesOf(path, options));
  const keys: ReadonlyMap<Uuid, Uint8Array> = await givenKeys(terminal, options);
  const paged = files.some((file) => !/\.json$/i.test(file));
  const pictures =
    paged && options.pictures !== false
      ? await reportPictures(folder, report, { cryptography: nodeCryptography, keys })
      : [];
  const loudness =
    options.loudness === true ? await soundOfPackage(terminal, folder, report, keys) : [];
  const extras = {
    madeAt: formatInstant(Math.floor(Date.now() / 1000) * 1000),
    subject: basename(resolve(path)),
    pictures,
    loudness,
    verbose: options.verbose === true,
  };
  for (const file of files) {
    if (/\.html?$/i.test(file)) await writeFile(file, reportHtml(report, extras, terminal.locale));
    else if (/\.pdf$/i.test(file)) {
      await writeFile(file, reportPdf(report, extras, terminal.locale));
    } else await writeFile(file, `${JSON.stringify({ ...report, loudness }, null, 2)}\n`);
  }
}

function describe(terminal: Terminal, report: VerificationReport): void {
  for (const each of report.compositions) {
    const { composition, durationFrames, editRate } = each;
    const rate =
      editRate === undefined ? undefined : ratio(editRate.numerator, editRate.denominator);
    const length =
      durationFrames === undefined || rate === undefined
        ? '?'
        : formatTimecode(BigInt(durationFrames), { rate, dropFrame: false });
    terminal.say(
      `${composition.title}  ${composition.standard}  ${length}  ${
        each.encrypted ? terminal.words('加密', 'encrypted') : terminal.words('未加密', 'plain')
      }`,
    );
    terminal.say(`  ${composition.id}`);
  }
  const { checked, profile } = report;
  const { files, frames, hashes, signatures } = checked;
  terminal.say(
    terminal.words(
      `检查了 ${files} 个文件、${frames} 帧、${hashes} 个散列、${signatures} 个签名（规范 ${profile}）`,
      `looked at ${files} files, ${frames} frames, ${hashes} hashes, ` +
        `${signatures} signatures (profile ${profile})`,
    ),
  );
}
