import { resolve } from 'node:path';
import type { Command } from 'commander';
import { formatTimecode, ratio } from '@yinglian/core';
import { comparePackages, type VerificationReport, verifyPackage } from '@yinglian/dcp';
import { folderReader, nodeCryptography } from '@yinglian/host';
import type { Environment } from '../kernel/environment.ts';
import { exitFor, sayFindings } from '../kernel/findings.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';
import { registerDcpBuild } from './dcp-build.ts';
import { registerDcpEssence } from './dcp-essence.ts';

/** `yinglian dcp …`: packages on this disk, without a server. */
export function registerDcp(program: Command, environment: Environment): void {
  const dcp = program.command('dcp').description('digital cinema packages 数字电影发行包');
  registerDcpBuild(dcp, environment);
  registerDcpEssence(dcp, environment);
  dcp
    .command('verify <folder>')
    .description('judge a package: structure, hashes, signatures, every frame 检查发行包')
    .option('--profile <name>', 'auto, bv21, standard, interop', 'auto')
    .option('--ov <folder...>', 'folders of original versions')
    .option('--verbose', 'also list the checks that held')
    .action(async (folder: string, options: VerifyCommand) => {
      const terminal = environment.terminal();
      const report = await verify(terminal, folder, options);
      terminal.answer(report);
      describe(terminal, report);
      sayFindings(terminal, report.findings, ALL_TEXTS, options);
      environment.exit(exitFor(report.findings));
    });
  dcp
    .command('info <folder>')
    .description('what is in a package 发行包内容')
    .action(async (folder: string) => {
      const terminal = environment.terminal();
      const report = await verify(terminal, folder, { profile: 'auto' });
      terminal.answer({ ...report, findings: undefined });
      describe(terminal, report);
      terminal.table(
        [
          terminal.words('文件', 'file'),
          terminal.words('种类', 'kind'),
          terminal.words('字节', 'bytes'),
        ],
        report.assets.map((each) => [each.path, each.essence ?? each.kind, String(each.sizeBytes)]),
      );
    });
  dcp
    .command('compare <a> <b>')
    .description('what differs between two packages 比较两个发行包')
    .action(async (a: string, b: string) => {
      const terminal = environment.terminal();
      const findings = await comparePackages(folderReader(resolve(a)), folderReader(resolve(b)), {
        cryptography: nodeCryptography,
        signal: terminal.signal,
      });
      terminal.answer({ findings });
      sayFindings(terminal, findings, ALL_TEXTS, { verbose: true });
      environment.exit(exitFor(findings));
    });
}

type VerifyCommand = {
  readonly profile: string;
  readonly ov?: readonly string[];
  readonly verbose?: boolean;
};

async function verify(terminal: Terminal, folder: string, options: VerifyCommand) {
  const progress = terminal.progress(terminal.words('检查', 'verify'));
  const reader = folderReader(resolve(folder));
  const total = (await reader.list()).reduce((sum, each) => sum + each.sizeBytes, 0);
  const done = new Map<string, number>();
  try {
    return await verifyPackage(
      reader,
      { cryptography: nodeCryptography },
      {
        profile: options.profile as 'auto',
        ovFolders: (options.ov ?? []).map((each) => folderReader(resolve(each))),
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
    progress.done();
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
