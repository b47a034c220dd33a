import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** What `postmaster.pid` says: pid, data folder, start, port, socket folder (PostgreSQL 10+). */
export type PidFile = {
  readonly pid: number;
  readonly dataFolder: string;
  readonly port: number;
  readonly socketFolder: string;
};

/** Undefined when there is no file, or when it is not one of PostgreSQL's. */
export function readPidFile(dataFolder: string): PidFile | undefined {
  let lines: string[];
  try {
    lines = readFileSync(join(dataFolder, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return undefined;
  }
  const pid = Number(lines[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  return {
    pid,
    dataFolder: lines[1] ?? '',
    port: Number(lines[3] ?? 0),
    socketFolder: (lines[4] ?? '').trim(),
  };
}

/** A pid may have been given to somebody else since: only a postmaster of this folder counts. */
export function isPostmasterOf(pid: number, dataFolder: string): boolean {
  if (!isAlive(pid)) return false;
  if (process.platform === 'linux') return isLinuxPostmaster(pid, dataFolder);
  return commandOf(pid).includes('postgres') && commandOf(pid).includes(dataFolder);
}

function isLinuxPostmaster(pid: number, dataFolder: string): boolean {
  try {
    // A postmaster makes its data folder the working directory.
    const folder = readlinkSync(`/proc/${pid}/cwd`);
    const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
    return name === 'postgres' && folder === realpathSync(dataFolder);
  } catch {
    return commandOf(pid).includes(dataFolder);
  }
}

/** The full command line, or nothing where it cannot be read. */
export function commandOf(pid: number): string {
  try {
    if (process.platform === 'linux') {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    }
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}

/** A process of another account counts as alive, as signalling it is refused with EPERM. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}
