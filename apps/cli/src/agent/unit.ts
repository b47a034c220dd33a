/** Where the credential lies on an installed box; only root reads it there. */
export const TOKEN_FILE = '/etc/yinglian/site-token';

/** What a unit of a box is made of. */
export type UnitOptions = {
  readonly user: string;
  readonly serverUrl: string;
  /** The program and its first arguments: `/usr/bin/node /opt/yinglian/bin/yinglian.mjs`. */
  readonly program: readonly string[];
  /** Where packages and keys are kept. */
  readonly folder: string;
  /** Other folders that it writes to. */
  readonly writable: readonly string[];
  /** The options of the agent beside folder and credential, as they were given. */
  readonly options: readonly string[];
};

/** A systemd unit that keeps an agent running with the least rights that it needs. */
export function systemdUnit(unit: UnitOptions): string {
  const command = [...unit.program, 'agent', '--folder', unit.folder, ...unit.options];
  return [
    '[Unit]',
    'Description=Yinglian site agent',
    'After=network-online.target',
    'Wants=network-online.target',
    '',
    '[Service]',
    `User=${unit.user}`,
    `Environment=${quoted(`YINGLIAN_SERVER=${unit.serverUrl}`)}`,
    // The credential stays out of the process list and out of the environment.
    `LoadCredential=token:${TOKEN_FILE}`,
    `ExecStart=${command.map(quoted).join(' ')} --token-file \${CREDENTIALS_DIRECTORY}/token`,
    'Restart=always',
    'RestartSec=30',
    'NoNewPrivileges=yes',
    'ProtectSystem=strict',
    `ReadWritePaths=${[unit.folder, ...unit.writable].map(quoted).join(' ')}`,
    'PrivateTmp=yes',
    '',
    '[Install]',
    'WantedBy=multi-user.target',
    '',
  ].join('\n');
}

/** A word of a unit file: systemd reads blanks, quotes, `%` and `$` in its own way. */
function quoted(word: string): string {
  const plain = word.replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[\w@%+=:,./$-]+$/.test(plain) ? plain : JSON.stringify(plain);
}
