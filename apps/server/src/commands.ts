import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type BackupReport, restoreBackup, takeBackup } from './kernel/backup/base.ts';
import { startEmbedded } from './kernel/database/supervisor.ts';
import { type FolderLock, lockFolder } from './kernel/folder-lock.ts';
import type { Settings } from './kernel/settings.ts';
import { StartFault } from './kernel/start-fault.ts';

/** `backup <folder>` and `restore <folder>`, beside the server or while it works. */
export async function runCommand(
  [command, folder]: readonly string[],
  settings: Settings,
): Promise<number> {
  if ((command !== 'backup' && command !== 'restore') || folder === undefined) {
    process.stderr.write('用法 / usage: main.js [backup <folder> | restore <folder>]\n');
    return 2;
  }
  if (settings.databaseUrl !== undefined) {
    process.stderr.write('外部数据库请用其自带工具备份。\n'
      + 'Back an external database up with its own tools.\n');
    return 2;
  }
  return command === 'backup'
    ? backup(settings, resolve(folder))
    : restore(settings, resolve(folder));
}

async function backup(settings: Settings, target: string): Promise<number> {
  if (existsSync(target)) {
    process.stderr.write(`${target} 已存在 / exists already\n`);
    return 1;
  }
  const lock = lockUnlessServed(settings.dataFolder);
  try {
    // A working server's database is adopted, and left running when we did not start it.
    const embedded = await startEmbedded({ folder: settings.dataFolder });
    let report: BackupReport;
    try {
      report = await takeBackup({
        dataFolder: settings.dataFolder, connection: embedded.connection,
        clusterFolder: embedded.dataFolder, target, now: () => new Date(),
      });
    } finally {
      if (lock !== undefined) await embedded.stop();
    }
    process.stdout.write(`${JSON.stringify({ target, ...report })}\n`);
    return 0;
  } finally {
    lock?.release();
  }
}

/** Undefined when a server holds the folder: then its database runs, and we only read. */
function lockUnlessServed(dataFolder: string): FolderLock | undefined {
  try {
    return lockFolder(dataFolder);
  } catch (thrown) {
    if (thrown instanceof StartFault && thrown.code === 'locked_data_folder') return undefined;
    throw thrown;
  }
}

async function restore(settings: Settings, source: string): Promise<number> {
  const lock = lockFolder(settings.dataFolder);
  try {
    const report = await restoreBackup(source, settings.dataFolder);
    process.stdout.write(`${JSON.stringify({ source, ...report })}\n`);
    return report.findings.length === 0 ? 0 : 1;
  } finally {
    lock.release();
  }
}
