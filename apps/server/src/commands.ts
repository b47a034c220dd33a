import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Finding } from '@yinglian/core';
import { restoreBackup, takeBackup } from './kernel/backup/base.ts';
import { exportNetwork } from './kernel/backup/export.ts';
import { importNetwork } from './kernel/backup/import.ts';
import {
  type Connection,
  type EmbeddedDatabase,
  startEmbedded,
} from './kernel/database/supervisor.ts';
import { type FolderLock, lockFolder } from './kernel/folder-lock.ts';
import { openObjects } from './kernel/objects/open.ts';
import type { Settings } from './kernel/settings.ts';
import { StartFault } from './kernel/start-fault.ts';

/**
 * Work on a whole network beside the server or while it works: `backup` and `restore` of a folder,
 * `export` and `import` of one file that fits every version of PostgreSQL. The answer is one line
 * of JSON; 0 is done, 1 has findings, 2 was written wrongly.
 */
export type CommandOptions = {
  readonly masterKeyGiven: boolean;
  readonly write: (line: string) => void;
  readonly remark: (text: string) => void;
  readonly now: () => Date;
};

const USAGE = `用法 / usage: main.js
  backup <folder> [--without-objects]
  restore <folder>
  export <file> [--without-objects]
  import <file>
`;
/** In a backup of an external database, which has no files of ours. */
const BUNDLE_FILE = 'network.tar';
const DONE = 0;
const FAULTY = 1;
const MISUSED = 2;

export async function runCommand(
  words: readonly string[],
  settings: Settings,
  options: CommandOptions,
): Promise<number> {
  const [command, place, ...more] = words.filter((word) => word !== '--without-objects');
  const withObjects = !words.includes('--without-objects');
  if (place === undefined || more.length > 0) return misused(options);
  const path = resolve(place);
  switch (command) {
    case 'backup':
      return backup(settings, options, path, withObjects);
    case 'restore':
      return restore(settings, options, path);
    case 'export':
      return withTarget(options, path, () => exportTo(settings, options, path, withObjects));
    case 'import':
      return importFrom(settings, options, path);
    default:
      return misused(options);
  }
}

function misused({ remark }: CommandOptions): number {
  remark(USAGE);
  return MISUSED;
}

async function withTarget(
  { remark }: CommandOptions,
  target: string,
  work: () => Promise<number>,
): Promise<number> {
  if (!existsSync(target)) return work();
  remark(`${target} 已存在 / exists already\n`);
  return FAULTY;
}

function backup(
  settings: Settings,
  options: CommandOptions,
  target: string,
  withObjects: boolean,
): Promise<number> {
  return withTarget(options, target, async () => {
    if (settings.databaseUrl !== undefined) {
      await mkdir(target, { mode: 0o700 });
      return exportTo(settings, options, join(target, BUNDLE_FILE), withObjects);
    }
    const isBucket = settings.objectStore.kind === 's3';
    return besideServer(settings, async (embedded) => {
      const report = await takeBackup({
        dataFolder: settings.dataFolder,
        connection: embedded.connection,
        clusterFolder: embedded.dataFolder,
        target,
        now: options.now,
        withObjects,
        bucket: isBucket ? await openObjects(settings, 'beside') : undefined,
      });
      options.write(JSON.stringify({ target, ...report }));
      return DONE;
    });
  });
}

async function exportTo(
  settings: Settings,
  options: CommandOptions,
  target: string,
  withObjects: boolean,
): Promise<number> {
  const work = async (connection: Connection | string): Promise<number> => {
    const report = await exportNetwork({
      connection,
      dataFolder: settings.dataFolder,
      target,
      withObjects,
      now: options.now,
      objects: await openObjects(settings, 'beside'),
    });
    options.write(JSON.stringify({ target, ...report }));
    return DONE;
  };
  return settings.databaseUrl === undefined
    ? besideServer(settings, ({ connection }) => work(connection))
    : work(settings.databaseUrl);
}

/** A working server's database is adopted, and left running when we did not start it. */
async function besideServer(
  settings: Settings,
  work: (embedded: EmbeddedDatabase) => Promise<number>,
): Promise<number> {
  const lock = lockUnlessServed(settings.dataFolder);
  try {
    const embedded = await startEmbedded({ folder: settings.dataFolder });
    try {
      return await work(embedded);
    } finally {
      if (lock !== undefined) await embedded.stop();
    }
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

async function restore(
  settings: Settings,
  options: CommandOptions,
  source: string,
): Promise<number> {
  const bundle = join(source, BUNDLE_FILE);
  if (existsSync(bundle)) return importFrom(settings, options, bundle);
  const lock = lockFolder(settings.dataFolder);
  try {
    const bucket = settings.objectStore.kind === 's3' ? await openObjects(settings) : undefined;
    const report = await restoreBackup(source, settings.dataFolder, bucket);
    return tell(options, { source, ...report });
  } finally {
    lock.release();
  }
}

async function importFrom(
  settings: Settings,
  options: CommandOptions,
  source: string,
): Promise<number> {
  const lock = lockFolder(settings.dataFolder);
  try {
    const embedded =
      settings.databaseUrl === undefined
        ? await startEmbedded({ folder: settings.dataFolder })
        : undefined;
    try {
      const report = await importNetwork({
        source,
        dataFolder: settings.dataFolder,
        masterKeyGiven: options.masterKeyGiven,
        connection: embedded?.connection ?? settings.databaseUrl ?? '',
        objects: await openObjects(settings),
      });
      return tell(options, { source, ...report });
    } finally {
      await embedded?.stop();
    }
  } finally {
    lock.release();
  }
}

function tell(
  { write }: CommandOptions,
  report: { readonly source: string; readonly findings: readonly Finding[] },
): number {
  write(JSON.stringify(report));
  return report.findings.some(({ severity }) => severity === 'error') ? FAULTY : DONE;
}
