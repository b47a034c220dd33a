import { readFileSync } from 'node:fs';
import { StartFault } from '../start-fault.ts';

/** Whom the database server runs as. Undefined: as ourselves. */
export type Account = { readonly name: string; readonly uid: number; readonly gid: number };

/** A dedicated account is preferred: `nobody` is shared with other services. */
const ACCOUNT_NAMES = ['yinglian', 'postgres', 'nobody'] as const;

/** PostgreSQL refuses to run as root, so root lends it an unprivileged account. */
export function unprivilegedAccount(passwdFile = '/etc/passwd'): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readAccounts(passwdFile);
  for (const name of ACCOUNT_NAMES) {
    const account = accounts.get(name);
    if (account !== undefined && account.uid !== 0) return account;
  }
  throw new StartFault('missing_unprivileged_account', {});
}

function readAccounts(passwdFile: string): Map<string, Account> {
  const accounts = new Map<string, Account>();
  for (const line of readFileSync(passwdFile, 'utf8').split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if (name === undefined || uid === undefined || gid === undefined) continue;
    accounts.set(name, { name, uid: Number(uid), gid: Number(gid) });
  }
  return accounts;
}
