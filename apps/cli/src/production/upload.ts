import { createHash } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { formatRatio } from '@yinglian/core';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { expectFolder } from '../kernel/files.ts';
import { rateGiven } from './cuts.ts';
import { watchRolls } from './upload-rolls.ts';
import { Run } from './upload-run.ts';

const LOOK_EVERY_MS = 3000;

type Options = {
  readonly film: string;
  readonly name?: string;
  readonly ingest?: boolean;
  readonly frameRate?: string;
  readonly known?: boolean;
  readonly watch?: boolean;
  readonly rolls?: boolean;
  readonly sealAfter: string;
  readonly state?: string;
};

/** `yinglian upload FOLDER`: a roll to the network, with its lists, proven there. */
export function registerUpload(program: Command, environment: Environment): void {
  program
    .command('upload <path>')
    .description(
      'send a roll, folder or file and prove it there; goes on where it broke off 上传素材',
    )
    .requiredOption('--film <id>', 'the film it belongs to 所属影片')
    .option('--name <name>', 'what it is called; default: the name of the folder 名称')
    .option('--ingest', 'make its pictures watchable when it is proven 核对后处理成可观看的素材')
    .option('--frame-rate <rate>', 'of picture sequences whose headers tell none 图片序列的帧率')
    .option('--known', 'hash first, and send no content that is there already 已有内容不再传')
    .option('--watch', 'go on sending what comes into the folder 监视文件夹')
    .option('--rolls', 'every folder in it is a roll, for as long as it runs 逐卷监视')
    .option('--seal-after <seconds>', 'when watching: prove it when nothing came so long', '300')
    .option('--state <file>', 'where to keep what was sent; a folder for --rolls 进度文件')
    .action((path: string, options: Options) => uploadAll(environment, path, options));
}

/** Where what was sent is kept unless somebody says: apart for each place, network, film, name. */
function journalPath(environment: Environment, root: string, of: Options): string {
  const { baseUrl } = environment.server();
  const named = [root, baseUrl, of.film, of.name ?? basename(root)];
  const key = createHash('sha256').update(JSON.stringify(named)).digest('hex').slice(0, 32);
  const home = process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state');
  return join(home, 'yinglian', 'uploads', `${key}${of.rolls === true ? '' : '.json'}`);
}

async function uploadAll(environment: Environment, path: string, options: Options): Promise<void> {
  const root = resolve(path);
  const stats = await lstat(root).catch(() => undefined);
  if (stats === undefined) throw new CommandFault(`${path}: not there`, EXIT.misused);
  const sealAfterMs = Number(options.sealAfter) * 1000;
  if (!Number.isFinite(sealAfterMs) || sealAfterMs < 0) {
    throw new CommandFault(`--seal-after ${options.sealAfter}`, EXIT.misused);
  }
  // A rate that the network would refuse is told before hours of sending.
  const { frameRate: said } = options;
  const frameRate = said && formatRatio(rateGiven(said, '--frame-rate'));
  const state = options.state ?? journalPath(environment, root, options);
  if (options.rolls === true) {
    await expectFolder(root);
    return watchRolls(environment, root, { ...options, state, sealAfterMs, frameRate });
  }
  const given = { ...options, journalFile: state };
  const run = new Run(environment, root, stats.isDirectory(), given);
  await run.send(options.watch === true, await run.open());
  let idleSince = Date.now();
  while (options.watch === true) {
    await pause(LOOK_EVERY_MS, undefined, { signal: environment.terminal().signal });
    if (await run.send(true, await run.look())) idleSince = Date.now();
    if (run.hasWaiting) idleSince = Date.now();
    if (run.hasFiles && Date.now() - idleSince >= sealAfterMs) break;
  }
  await run.seal(options.ingest === true, frameRate);
}
