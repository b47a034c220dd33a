/** Where the credential lies on an installed box; only root reads it there. */
export const TOKEN_FILE = '/etc/yinglian/site-token';

/** A systemd unit that keeps an agent running with the least rights that it needs. */
export function systemdUnit(options: {
  readonly user: string;
  readonly folder: string;
  readonly serverUrl: string;
  readonly windows: readonly string[];
}): string {
  const windows = options.windows.map((each) => ` --window ${each}`).join('');
  return [
    '[Unit]',
    'Description=Yinglian site agent',
    'After=network-online.target',
    'Wants=network-online.target',
    '',
    '[Service]',
    `User=${options.user}`,
    `Environment=YINGLIAN_URL=${options.serverUrl}`,
    // The credential stays out of the process list and out of the environment.
    `LoadCredential=token:${TOKEN_FILE}`,
    `ExecStart=/usr/bin/env npx yinglian agent --folder ${options.folder}` +
      ` --token-file \${CREDENTIALS_DIRECTORY}/token${windows}`,
    'Restart=always',
    'RestartSec=30',
    'NoNewPrivileges=yes',
    'ProtectSystem=strict',
    `ReadWritePaths=${options.folder}`,
    'PrivateTmp=yes',
    '',
    '[Install]',
    'WantedBy=multi-user.target',
    '',
  ].join('\n');
}
