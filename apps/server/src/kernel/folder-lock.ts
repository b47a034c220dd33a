import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from './database/postmaster.ts';
import { reasonOf, StartFault } from './start-fault.ts';

/** Held while a process uses a data folder. */
export type FolderLock = { release(): void };

const LOCK_FILE = 'server.lock';
const ATTEMPTS_MAX = 5;

type Holder = { readonly pid: number; readonly started: string };

/**
 * Takes the data folder for this process alone. The lock of a dead process is taken over; a
 * living holder is never robbed. A pid that was given to somebody else since is told apart by
 * the start time of the process, where the system shows it.
 */
export function lockFolder(folder: string): FolderLock {
  const lock = join(folder, LOCK_FILE);
  const own = join(folder, `${LOCK_FILE}.${process.pid}`);
  const holder: Holder = { pid: process.pid, started: startOf(process.pid) };
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(own, JSON.stringify(holder));
  } catch (thrown) {
    throw new StartFault('unusable_data_folder', { folder, reason: reasonOf(thrown) }, thrown);
  }
  try {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      if (linked(own, lock)) return { release: () => release(lock, holder) };
      const other = readHolder(lock);
      if (other !== undefined && lives(other)) {
        throw new StartFault('locked_data_folder', { folder, pid: other.pid });
      }
      setAside(lock, other);
    }
    throw new StartFault('locked_data_folder', { folder, pid: '?' });
  } finally {
    rmSync(own, { force: true });
  }
}

/** A hard link either makes the lock or fails: two processes cannot both succeed. */
function linked(own: string, lock: string): boolean {
  try {
    linkSync(own, lock);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw thrown;
  }
}

function readHolder(lock: string): Holder | undefined {
  try {
    const value = JSON.parse(readFileSync(lock, 'utf8')) as Partial<Holder>;
    if (typeof value.pid !== 'number') return undefined;
    return { pid: value.pid, started: String(value.started ?? '') };
  } catch {
    return undefined;
  }
}

function lives(holder: Holder): boolean {
  if (!isAlive(holder.pid)) return false;
  const started = startOf(holder.pid);
  return started === '' || holder.started === '' || started === holder.started;
}

/** Moves a dead lock away and looks again at what was moved: it may be a newer, living one. */
function setAside(lock: string, judged: Holder | undefined): void {
  const aside = `${lock}.stale.${process.pid}`;
  try {
    renameSync(lock, aside);
  } catch {
    return;
  }
  const moved = readHolder(aside);
  if (moved !== undefined && moved.pid !== judged?.pid && lives(moved)) linked(aside, lock);
  rmSync(aside, { force: true });
}

function release(lock: string, holder: Holder): void {
  const found = readHolder(lock);
  if (found?.pid === holder.pid && found.started === holder.started) rmSync(lock, { force: true });
}

/** Boot and start tick of a process on Linux; nothing elsewhere. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program stands in brackets and may contain spaces; field 22 is the start.
    const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${start}`;
  } catch {
    return '';
  }
}
