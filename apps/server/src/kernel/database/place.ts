import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Account } from './account.ts';

/** Where the parts of one embedded database lie. */
export type Place = {
  readonly root: string;
  readonly dataFolder: string;
  readonly socketFolder: string;
  readonly logFile: string;
  /** Belongs to us, not to the account: the password of the database's owner. */
  readonly secretFile: string;
  readonly binariesFolder: string;
};

/** `sockaddr_un.sun_path` holds 104 bytes on the narrowest system, the final zero included. */
const SOCKET_PATH_BYTES_MAX = 100;
const SOCKET_FILE = '.s.PGSQL.5432.lock';
/** Where an account that may not enter our folder keeps its files. */
const SHARED_FOLDER = '/var/lib/yinglian';

/**
 * The data folder itself where the account can enter it; otherwise a folder of its own under
 * `/var/lib/yinglian`, whose name is written down in the data folder so that it moves with it.
 */
export function choosePlace(
  folder: string,
  account: Account | undefined,
  sharedFolder = SHARED_FOLDER,
): Place {
  mkdirSync(folder, { recursive: true });
  const real = realpathSync(folder);
  const name = createHash('sha256').update(real).digest('hex').slice(0, 12);
  const pointer = join(real, 'database.place');
  let root = join(real, 'database');
  if (existsSync(pointer)) root = readFileSync(pointer, 'utf8').trim();
  else if (account !== undefined && !canEnter(real, account)) {
    root = join(sharedFolder, name);
    mkdirSync(sharedFolder, { recursive: true, mode: 0o755 });
    writeFileSync(pointer, `${root}\n`);
  }
  const near = join(root, 'socket');
  const short = Buffer.byteLength(join(near, SOCKET_FILE)) <= SOCKET_PATH_BYTES_MAX;
  return {
    root,
    dataFolder: join(root, 'cluster'),
    socketFolder: short ? near : join('/tmp', `yinglian-${name}`),
    logFile: join(root, 'postgres.log'),
    secretFile: join(real, 'database.secret'),
    binariesFolder: join(sharedFolder, 'postgresql'),
  };
}

/** Whether every folder on the way lets the account pass. */
function canEnter(folder: string, account: Account): boolean {
  for (let at = folder; ; at = dirname(at)) {
    const { mode, uid, gid } = statSync(at);
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (dirname(at) === at) return true;
  }
}
