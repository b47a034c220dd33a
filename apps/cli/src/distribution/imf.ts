import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { FindingTexts } from '@yinglian/core';
import { folderReader, nodeCryptography } from '@yinglian/host';
import { FINDING_TEXTS, type ImfReport, verifyImf } from '@yinglian/imf';
import type { Environment } from '../kernel/environment.ts';
import { exitFor, sayFindings } from '../kernel/findings.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';
import { givenCertificates } from './given.ts';

/** Codes that cinema packages have as well are worded for masters here. */
const TEXTS: FindingTexts = { ...ALL_TEXTS, ...FINDING_TEXTS };

/** `yinglian imf …`: interoperable master packages on this disk. */
export function registerImf(program: Command, environment: Environment): void {
  const imf = program.command('imf').description('interoperable master packages 母版包');
  imf
    .command('verify <folder>')
    .description('judge a master package: lists, hashes, compositions, applications 检查母版包')
    .option('--with <folder...>', 'packages that a supplemental one builds on')
    .option('--root <pem...>', 'roots that signers must come from')
    .option('--no-hash', 'documents and headers only')
    .option('--verbose', 'also list the checks that held')
    .action(async (folder: string, options: VerifyCommand) => {
      const terminal = environment.terminal();
      const report = await verify(terminal, folder, options);
      terminal.answer(report);
      describe(terminal, report);
      sayFindings(terminal, report.findings, TEXTS, options);
      environment.exit(exitFor(report.findings));
    });
  imf
    .command('info <folder>')
    .description('what is in a master package 母版包内容')
    .option('--with <folder...>', 'packages that a supplemental one builds on')
    .action(async (folder: string, options: VerifyCommand) => {
      const terminal = environment.terminal();
      const report = await verify(terminal, folder, { ...options, hash: false });
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
        report.assets.map((each) => [each.path, each.type, String(each.sizeBytes)]),
      );
      if (report.compositions.length === 0) {
        const errors = report.findings.filter((each) => each.severity === 'error');
        sayFindings(terminal, errors, TEXTS);
        environment.exit(exitFor(errors));
      }
    });
}

type VerifyCommand = {
  readonly with?: readonly string[];
  readonly root?: readonly string[];
  readonly hash?: boolean;
  readonly verbose?: boolean;
};

async function verify(terminal: Terminal, folder: string, options: VerifyCommand) {
  const trusted = options.root && (await givenCertificates(terminal, options.root));
  const progress = terminal.progress(terminal.words('检查', 'verify'));
  try {
    return await verifyImf(folderReader(resolve(folder)), nodeCryptography, {
      others: (options.with ?? []).map((each) => folderReader(resolve(each))),
      depth: options.hash === false ? 'headers' : 'full',
      at: Date.now(),
      ...(trusted === undefined ? {} : { trusted }),
      signal: terminal.signal,
      onProgress: (file, done, total) => progress.update(done / total, file),
    });
  } finally {
    progress.done();
  }
}

function describe(terminal: Terminal, report: ImfReport): void {
  for (const each of report.compositions) {
    const rate = each.editRate?.replace(/\/1$/, '') ?? '?';
    terminal.say(`${each.title}  ${each.edition}  ${each.duration ?? '?'} @ ${rate}`);
    terminal.say(`  ${each.id ?? '?'}`);
    for (const application of each.applications) terminal.say(`  ${application}`);
    const tracks = each.tracks.map(({ kind, resources }) => `${kind} ${resources}`);
    terminal.say(`  ${tracks.join(', ')}`);
    const external = each.externalAssets.length;
    if (external > 0) {
      terminal.say(
        terminal.words(
          `  补充包：${external} 个资产在别的包里`,
          `  supplemental: ${external} assets in other packages`,
        ),
      );
    }
  }
  const { files, hashes } = report.checked;
  terminal.say(
    terminal.words(
      `检查了 ${files} 个文件、${hashes} 个散列`,
      `looked at ${files} files, ${hashes} hashes`,
    ),
  );
}
