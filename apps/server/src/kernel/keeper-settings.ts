import { readFileSync } from 'node:fs';
import { StartFault } from './start-fault.ts';

/** A PKCS#11 token with an RSA key pair. */
export type TokenSettings = {
  /** The maker's library, `/usr/lib/softhsm/libsofthsm2.so`. */
  readonly module: string;
  readonly label: string;
  /** CKA_LABEL of the key pair. */
  readonly key: string;
  readonly pin: string;
  /** Tokens differ; SHA-1 inside of OAEP is no weakness, and all of them have it. */
  readonly hash: 'sha1' | 'sha256';
};

/** A service that keeps a key and never gives it out, by the API of AWS KMS. */
export type KmsSettings = {
  /** https, except on this machine itself. */
  readonly endpoint: string;
  readonly region: string;
  readonly keyId: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
};

/** What the environment says of keepers outside of this server. */
export type KeeperSettings = {
  readonly token: TokenSettings | undefined;
  readonly kms: KmsSettings | undefined;
  /** Opens the custody at the start, where a machine and no person keeps the passphrase. */
  readonly passphrase: string | undefined;
};

/** Mail that this server sends. */
export type MailSettings = {
  readonly host: string;
  readonly port: number;
  /** `tls` from the first byte; `starttls` or nothing at all; `plain` on this machine only. */
  readonly security: 'tls' | 'starttls' | 'plain';
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** `影联 <keys@example.org>` */
  readonly from: string;
  readonly perMinute: number;
  /** Seconds before each further attempt at a mail that was not taken; there are as many. */
  readonly retrySeconds: readonly number[];
  /** PEM of a further authority, for mail servers with a certificate of their own house. */
  readonly authority: string | undefined;
};

type Environment = { readonly [name: string]: string | undefined };

const PER_MINUTE_DEFAULT = 60;
/** Greylists let the second attempt through after minutes; a mailbox is full for hours. */
const RETRY_DEFAULT = [60, 300, 900, 1800, 3600, 7200, 14_400] as const;

/** A secret from the variable or from the file that `…_FILE` names; never both told. */
function secret(environment: Environment, name: string): string | undefined {
  const file = environment[`${name}_FILE`];
  if (file === undefined || file === '') return environment[name] || undefined;
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch {
    throw new StartFault('invalid_setting', { name: `${name}_FILE`, value: file, reason: 'file' });
  }
}

function urlOf(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

function near(hostname: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]', '::1'].includes(hostname);
}

/** `YINGLIAN_TOKEN_…`, `YINGLIAN_KMS_…` and `YINGLIAN_CUSTODY_PASSPHRASE_FILE`. */
export function readKeepers(environment: Environment): KeeperSettings {
  return {
    token: readToken(environment),
    kms: readKms(environment),
    passphrase: secret(environment, 'YINGLIAN_CUSTODY_PASSPHRASE'),
  };
}

function readDelays(environment: Environment): readonly number[] {
  const name = 'YINGLIAN_SMTP_RETRY_SECONDS';
  const text = environment[name];
  if (text === undefined || text === '') return RETRY_DEFAULT;
  const delays = text.split(',').map(Number);
  if (delays.every((each) => Number.isInteger(each) && each >= 0)) return delays;
  throw new StartFault('invalid_setting', { name, value: text, reason: '60,300,…' });
}

function readToken(environment: Environment): TokenSettings | undefined {
  const module = environment['YINGLIAN_TOKEN_MODULE'];
  if (module === undefined || module === '') return undefined;
  return {
    module,
    pin: secret(environment, 'YINGLIAN_TOKEN_PIN') ?? '',
    label: environment['YINGLIAN_TOKEN_LABEL'] || 'yinglian',
    key: environment['YINGLIAN_TOKEN_KEY'] || 'yinglian-custody',
    hash: environment['YINGLIAN_TOKEN_HASH'] === 'sha256' ? 'sha256' : 'sha1',
  };
}

function readKms(environment: Environment): KmsSettings | undefined {
  const name = 'YINGLIAN_KMS_ENDPOINT';
  const endpoint = environment[name];
  if (endpoint === undefined || endpoint === '') return undefined;
  const url = urlOf(endpoint);
  if (url === undefined || (url.protocol !== 'https:' && !near(url.hostname))) {
    throw new StartFault('invalid_setting', { name, value: endpoint, reason: 'https://…' });
  }
  return {
    endpoint,
    region: environment['YINGLIAN_KMS_REGION'] || 'us-east-1',
    keyId: environment['YINGLIAN_KMS_KEY'] ?? '',
    accessKeyId: environment['YINGLIAN_KMS_ACCESS_KEY_ID'] ?? '',
    secretAccessKey: secret(environment, 'YINGLIAN_KMS_SECRET_ACCESS_KEY') ?? '',
  };
}

/** `YINGLIAN_SMTP_URL` (`smtps://`, `smtp://` with STARTTLS), `…_USER`, `…_PASSWORD`, `…_FROM`. */
export function readMail(environment: Environment): MailSettings | undefined {
  const name = 'YINGLIAN_SMTP_URL';
  const text = environment[name];
  if (text === undefined || text === '') return undefined;
  const url = urlOf(text);
  const from = environment['YINGLIAN_SMTP_FROM'] ?? '';
  const plain = environment['YINGLIAN_SMTP_PLAIN'] === 'yes';
  if (url === undefined || !['smtp:', 'smtps:'].includes(url.protocol) || url.username !== '') {
    throw new StartFault('invalid_setting', { name, value: '…', reason: 'smtp(s)://host:port' });
  }
  if (!from.includes('@')) {
    throw new StartFault('invalid_setting', {
      name: 'YINGLIAN_SMTP_FROM',
      value: from,
      reason: 'name@example.org',
    });
  }
  if (plain && !near(url.hostname)) {
    throw new StartFault('invalid_setting', {
      name: 'YINGLIAN_SMTP_PLAIN',
      value: 'yes',
      reason: 'localhost',
    });
  }
  const security = url.protocol === 'smtps:' ? 'tls' : plain ? 'plain' : 'starttls';
  return {
    host: url.hostname,
    port: url.port === '' ? (security === 'tls' ? 465 : 587) : Number(url.port),
    security,
    user: environment['YINGLIAN_SMTP_USER'] || undefined,
    password: secret(environment, 'YINGLIAN_SMTP_PASSWORD'),
    from,
    perMinute:
      Number(environment['YINGLIAN_SMTP_PER_MINUTE'] || PER_MINUTE_DEFAULT) || PER_MINUTE_DEFAULT,
    retrySeconds: readDelays(environment),
    authority: secret(environment, 'YINGLIAN_SMTP_AUTHORITY'),
  };
}
