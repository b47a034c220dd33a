import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A real file system of a few megabytes that tests may fill. */
export type SmallDisk = {
  readonly folder: string;
  /** Leaves about so many bytes free. */
  fill(leaveBytes: number): void;
  empty(): void;
  remove(): void;
};

const FILLER = 'filler';

/** Why no file system can be mounted here; undefined where one can. */
export function mountFault(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'it needs root on Linux';
  try {
    makeSmallDisk(1).remove();
    return undefined;
  } catch (thrown) {
    return String((thrown as Error).message).split('\n')[0];
  }
}

export function makeSmallDisk(megabytes: number): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), 'yinglian-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'tmpfs', folder], {
      stdio: 'pipe',
    });
  } catch (thrown) {
    rmSync(folder, { recursive: true });
    throw thrown;
  }
  chmodSync(folder, 0o755);
  const filler = join(folder, FILLER);
  return {
    folder,
    fill(leaveBytes) {
      rmSync(filler, { force: true });
      const { bavail, bsize } = statfsSync(folder);
      writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - leaveBytes)));
    },
    empty: () => rmSync(filler, { force: true }),
    remove() {
      execFileSync('umount', ['-l', folder], { stdio: 'pipe' });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
