import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { systemdUnit, TOKEN_FILE, type UnitOptions } from './unit.ts';

export type InstallFlags = { readonly token: string; readonly user: string; readonly root: string };

export type Installed = {
  readonly tokenFile: string;
  readonly unitFile: string;
  readonly folder: string;
};

const UNIT_FILE = '/etc/systemd/system/yinglian-agent.service';
const OWNER_ONLY = 0o600;
const FOLDERS = ['ingest', 'keys', 'outbox/logs', 'outbox/box-office', 'outbox/programme'];

/** Writes the credential, which root alone may read, the unit and the folders of a box. */
export async function installAgent(options: InstallFlags & UnitOptions): Promise<Installed> {
  if (!/^yls_[\w-]{20,200}$/.test(options.token)) {
    throw new CommandFault('不是接收端凭证 this is no credential of a site', EXIT.misused);
  }
  const at = (path: string) => join(options.root, path);
  const [tokenFile, unitFile] = [at(TOKEN_FILE), at(UNIT_FILE)];
  for (const each of FOLDERS) await mkdir(at(join(options.folder, each)), { recursive: true });
  await mkdir(dirname(tokenFile), { recursive: true });
  await writeFile(tokenFile, `${options.token}\n`, { mode: OWNER_ONLY });
  // A file that was there before keeps its rights otherwise.
  await chmod(tokenFile, OWNER_ONLY);
  await mkdir(dirname(unitFile), { recursive: true });
  await writeFile(unitFile, systemdUnit(options));
  return { tokenFile, unitFile, folder: at(options.folder) };
}

/** What is left to a person: an account, its folder, and the start. */
export function whatNext({ tokenFile, unitFile, folder }: Installed, user: string) {
  const lines = [
    `  id ${user} || useradd --system --no-create-home ${user}`,
    `  chown -R ${user}: ${folder}`,
    '  systemctl daemon-reload && systemctl enable --now yinglian-agent',
    '  journalctl -u yinglian-agent -f',
  ].join('\n');
  return [
    `凭证：${tokenFile}\n单元：${unitFile}\n接下来：\n${lines}`,
    `credential: ${tokenFile}\nunit: ${unitFile}\nnext:\n${lines}`,
  ] as const;
}
