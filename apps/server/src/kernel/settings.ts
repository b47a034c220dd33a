import { resolve } from 'node:path';
import {
  type KeeperSettings,
  type MailSettings,
  readKeepers,
  readMail,
} from './keeper-settings.ts';
import { StartFault } from './start-fault.ts';

/** What the environment decides. Everything else is a record in the database. */
export type Settings = {
  readonly port: number;
  readonly host: string;
  /** The address people type, for links and for the passkey origin. */
  readonly publicUrl: string;
  readonly dataFolder: string;
  /** An external PostgreSQL; undefined means the embedded one. */
  readonly databaseUrl: string | undefined;
  readonly objectStore: ObjectStoreSettings;
  readonly logLevel: LogLevel;
  /** Jobs that load the machine (encoding, packaging) at once. */
  readonly heavyJobs: number;
  /** Free bytes of the data folder's disk that uploads leave to the database and to jobs. */
  readonly diskReserveBytes: number;
  /** Webhooks may go to this machine and its neighbourhood: for closed networks. */
  readonly webhooksInside: boolean;
  /** Who else may keep the key of the content keys. */
  readonly keepers: KeeperSettings;
  /** Undefined where this server sends no mail. */
  readonly mail: MailSettings | undefined;
};

export type ObjectStoreSettings =
  | { readonly kind: 'disk' }
  | {
      readonly kind: 's3';
      readonly endpoint: string;
      readonly bucket: string;
      readonly region: string;
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
      readonly prefix: string;
    };

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const DEFAULT_PORT = 4300;
const DEFAULT_HEAVY_JOBS = 1;
const HEAVY_JOBS_MAX = 64;
const DEFAULT_DISK_RESERVE_MB = 512;
const DISK_RESERVE_MB_MAX = 1_000_000;
const BYTES_PER_MB = 1024 * 1024;

type Environment = { readonly [name: string]: string | undefined };

/** Reads and checks the environment; a wrong value stops the start with its name. */
export function readSettings(environment: Environment): Settings {
  const port = readNumber(environment, 'PORT', DEFAULT_PORT, 0, 65_535);
  const host = environment['YINGLIAN_HOST'] || '127.0.0.1';
  return {
    port,
    host,
    publicUrl: readUrl(environment, 'YINGLIAN_PUBLIC_URL') ?? `http://127.0.0.1:${port}`,
    dataFolder: resolve(environment['YINGLIAN_DATA'] || './.yinglian'),
    databaseUrl: readDatabaseUrl(environment),
    objectStore: readObjectStore(environment),
    logLevel: readChoice(environment, 'YINGLIAN_LOG', LOG_LEVELS, 'info'),
    heavyJobs: readNumber(
      environment,
      'YINGLIAN_HEAVY_JOBS',
      DEFAULT_HEAVY_JOBS,
      1,
      HEAVY_JOBS_MAX,
    ),
    webhooksInside:
      readChoice(environment, 'YINGLIAN_WEBHOOKS_INSIDE', ['yes', 'no'], 'no') === 'yes',
    keepers: readKeepers(environment),
    mail: readMail(environment),
    diskReserveBytes:
      BYTES_PER_MB *
      readNumber(
        environment,
        'YINGLIAN_DISK_RESERVE_MB',
        DEFAULT_DISK_RESERVE_MB,
        0,
        DISK_RESERVE_MB_MAX,
      ),
  };
}

function readNumber(
  environment: Environment,
  name: string,
  otherwise: number,
  least: number,
  most: number,
): number {
  const text = environment[name];
  if (text === undefined || text === '') return otherwise;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw invalid(name, text, `${least}–${most}`);
  }
  return value;
}

function readChoice<const Choice extends string>(
  environment: Environment,
  name: string,
  choices: readonly Choice[],
  otherwise: Choice,
): Choice {
  const text = environment[name];
  if (text === undefined || text === '') return otherwise;
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw invalid(name, text, choices.join(' | '));
  return found;
}

function readUrl(environment: Environment, name: string): string | undefined {
  const text = environment[name];
  if (text === undefined || text === '') return undefined;
  if (!/^https?:\/\/[^\s/]+/.test(text)) throw invalid(name, text, 'http(s)://…');
  return text.replace(/\/+$/, '');
}

function readDatabaseUrl(environment: Environment): string | undefined {
  const name = 'YINGLIAN_DATABASE_URL';
  const text = environment[name];
  if (text === undefined || text === '') return undefined;
  // The value may carry a password: it is never repeated.
  if (!/^postgres(ql)?:\/\//.test(text)) throw invalid(name, '…', 'postgresql://…');
  return text;
}

function readObjectStore(environment: Environment): ObjectStoreSettings {
  const endpoint = readUrl(environment, 'YINGLIAN_S3_ENDPOINT');
  if (endpoint === undefined) return { kind: 'disk' };
  return {
    kind: 's3',
    endpoint,
    bucket: required(environment, 'YINGLIAN_S3_BUCKET'),
    region: environment['YINGLIAN_S3_REGION'] || 'us-east-1',
    accessKeyId: required(environment, 'YINGLIAN_S3_ACCESS_KEY_ID'),
    secretAccessKey: required(environment, 'YINGLIAN_S3_SECRET_ACCESS_KEY'),
    prefix: environment['YINGLIAN_S3_PREFIX'] ?? '',
  };
}

function required(environment: Environment, name: string): string {
  const text = environment[name];
  if (text === undefined || text === '') throw invalid(name, '', 'YINGLIAN_S3_ENDPOINT needs it');
  return text;
}

function invalid(name: string, value: string, reason: string): StartFault {
  return new StartFault('invalid_setting', { name, value, reason });
}
