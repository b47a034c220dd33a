import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { contract } from '@yinglian/contract';
import { sql } from 'kysely';
import {
  type AccessRule,
  type AccessRules,
  accessOver,
  filmRule,
  ownedRecords,
  type RequireAccess,
} from './access/access.ts';
import { auditRoutes } from './audit/routes.ts';
import { checkDatabase, type Database, openDatabase, openPool } from './database/database.ts';
import { migrate, type Migration, readMigrations } from './database/migrations.ts';
import { type Connection, type EmbeddedDatabase, startEmbedded } from './database/supervisor.ts';
import { type Hub, openHub } from './events/hub.ts';
import { openOutside, type Outside } from './events/outside.ts';
import {
  deliveryJob,
  type DeliveryJob,
  webhookListener,
  type WebhookTimes,
  webhookTimes,
} from './events/webhooks.ts';
import { webhookRoutes } from './events/webhook-routes.ts';
import { fileRegistrar, fileRule, type RegisterFile } from './files/files.ts';
import { fileRoutes } from './files/routes.ts';
import { openUploads, type Uploads } from './files/uploads.ts';
import type { HttpLimits } from './http/limits.ts';
import { mountGroup, type MountedGroup } from './http/routes.ts';
import { newId } from './ids.ts';
import { callers } from './identity/caller.ts';
import type { Identity } from './identity/face.ts';
import { openIdentity } from './identity/identity.ts';
import { settingsRoutes } from './identity/preferences.ts';
import { passkeyPlace } from './identity/place.ts';
import { openSessions, sessionRoutes, type Sessions } from './identity/session.ts';
import { doorsOver, waysInRoutes } from './identity/ways-in.ts';
import type { AnyJob } from './jobs/definition.ts';
import { type Jobs, openJobs } from './jobs/jobs.ts';
import { jobRoutes } from './jobs/routes.ts';
import type { Log } from './log.ts';
import { type Metrics, openMetrics } from './metrics.ts';
import { type Mailer, openMailer } from './mail.ts';
import type { HallModule, Routine } from './module.ts';
import { JOB_FOLDER } from './objects/disk.ts';
import { openObjects } from './objects/open.ts';
import { type DiskSpace, openSpace } from './objects/space.ts';
import type { ObjectStore } from './objects/store.ts';
import { organisationRoutes } from './organisations/organisations.ts';
import { roomRoutes } from './rooms/rooms.ts';
import type { Settings } from './settings.ts';
import { VERSION } from './version.ts';
import { openVault, type Vault } from './vault.ts';
import { type ChangeListener, type Write, writeOver } from './write.ts';

/** What a hall may take from the kernel. A service asks for the few parts that it needs. */
export type Kernel = {
  readonly settings: Settings;
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly objects: ObjectStore;
  readonly registerFile: RegisterFile;
  readonly vault: Vault;
  readonly identity: Identity;
  readonly sessions: Sessions;
  /** Undefined where this server sends no mail. */
  readonly mailer: Mailer | undefined;
  /** Reads and posts to addresses that somebody else wrote down, and never inside. */
  readonly outside: Outside;
  /** Hears what all servers of this network tell each other. */
  readonly hub: Hub;
  readonly newId: () => string;
  readonly now: () => Date;
  readonly log: Log;
};

/** Opens the halls once, with the kernel, in the order in which they build upon each other. */
export type OpenHalls = (kernel: Kernel) => readonly HallModule[] | Promise<readonly HallModule[]>;

/** The kernel with what only the composition in `network.ts` touches. */
export type RunningKernel = {
  readonly kernel: Kernel;
  readonly embedded: EmbeddedDatabase | undefined;
  readonly databaseVersion: string;
  readonly connection: Connection | string;
  readonly metrics: Metrics;
  readonly space: DiskSpace;
  readonly uploads: Uploads;
  readonly routes: readonly MountedGroup[];
  readonly identify: ReturnType<typeof callers>['ofRequest'];
  readonly callback: (request: Request) => Promise<Response>;
  /** Makes the halls' access rules known and starts the workers with their jobs. */
  admit(halls: readonly HallModule[]): Promise<void>;
  isReady(): Promise<boolean>;
  close(): Promise<void>;
};

export type KernelOptions = {
  readonly settings: Settings;
  readonly log: Log;
  readonly masterKeyHex?: string | undefined;
  readonly onProgress?: (event: string, facts: Record<string, unknown>) => void;
  readonly migrations?: readonly Migration[];
  readonly now?: () => Date;
  /** Other limits than the usual ones for slow clients, for tests. */
  readonly limits?: Partial<HttpLimits>;
  /** Other times than the usual ones for webhooks, for tests. */
  readonly webhookTimes?: Partial<WebhookTimes>;
  /** The embedded database, where the caller began to start it already. */
  readonly embedded?: Promise<EmbeddedDatabase>;
};

const IDENTITY_CONNECTIONS_MAX = 4;
const LIGHT_JOBS = 4;
const HOUSEKEEPING_MS = 3600 * 1000;
const IDEMPOTENCY_DAYS = 7;
/** The log of deliveries serves whoever looks for one that went missing. */
const DELIVERY_DAYS = 30;

/** The database with its pools, brought forward by the migrations. */
async function openRecords(options: KernelOptions, opened: (() => Promise<void>)[]) {
  const { settings } = options;
  const report = options.onProgress ?? ((): void => {});
  const embedded =
    settings.databaseUrl === undefined
      ? await (options.embedded ??
          startEmbedded({ folder: settings.dataFolder, log: report, watch: true }))
      : undefined;
  if (embedded !== undefined) opened.push(() => embedded.stop());
  const connection = embedded?.connection ?? settings.databaseUrl ?? '';
  const pool = openPool(connection);
  opened.push(() => pool.end());
  const address = embedded === undefined ? hostOf(settings.databaseUrl ?? '') : 'embedded';
  const databaseVersion = await checkDatabase(pool, address);
  await migrate(pool, options.migrations ?? readMigrations(), (migration) =>
    report('database_migrated', { migration }),
  );
  const plainPool = openPool(connection, {
    plainTypes: true,
    searchPath: 'identity',
    connections: IDENTITY_CONNECTIONS_MAX,
  });
  opened.push(() => plainPool.end());
  return { connection, databaseVersion, embedded, plainPool, pool };
}

/** Opens the kernel over a data folder whose lock the caller holds. */
export async function openKernel(options: KernelOptions): Promise<RunningKernel> {
  const { settings, log } = options;
  const now = options.now ?? ((): Date => new Date());
  const opened: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const each of opened.splice(0).toReversed()) await each();
  };
  try {
    const records = await openRecords(options, opened);
    const { connection, databaseVersion, embedded, plainPool, pool } = records;
    const database = openDatabase(pool);
    const vault = openVault(settings.dataFolder, options.masterKeyHex);
    const hub = await openHub(connection);
    opened.push(() => hub.close());
    const slots = { light: LIGHT_JOBS, heavy: settings.heavyJobs };
    const space = openSpace(settings.dataFolder, settings.diskReserveBytes);
    const isDiskFull = async (): Promise<boolean> => (await space.look()).full;
    const jobs = await openJobs({ database, pool, hub, newId, slots, isDiskFull });
    opened.push(() => jobs.stop());
    const identity = openIdentity({ pool: plainPool, vault, publicUrl: settings.publicUrl });
    const times = webhookTimes(options.webhookTimes);
    const { withinMs } = times;
    const outside = openOutside({ allowInside: settings.webhooksInside, withinMs });
    const job = deliveryJob({ database, vault, outside, times, now });
    const listeners: ChangeListener[] = [webhookListener({ queue: jobs, job, newId, now })];
    const write = writeOver({ database, queue: jobs, vault, now, listeners });
    const rules: Record<string, AccessRule> = kernelRules();
    const requireAccess = accessOver(database, rules);
    const objects = await openObjects(settings);
    await clearEndedJobs(database, objects.workFolder);
    const registerFile = fileRegistrar(newId);
    const folder = join(settings.dataFolder, 'uploads');
    const keeping = { database, write, requireAccess, objects, space, registerFile };
    const uploads = await openUploads({ ...keeping, newId, now, folder });
    const sessions = openSessions({ database, identity });
    const mailer = openMailer(settings.mail);
    if (mailer !== undefined) opened.push(async () => mailer.close());
    const { ofRequest, ofJob } = callers(database, identity);
    const stores = { database, write, requireAccess, objects, registerFile, vault };
    const doorways = { identity, sessions, mailer, outside, hub };
    const kernel: Kernel = { settings, ...stores, ...doorways, newId, now, log };
    const passkeys = passkeyPlace(settings.publicUrl) !== undefined;
    const capabilities: Record<string, boolean> = { passkeys };
    const doors = doorsOver({ database, identity, vault });
    const parts = { kernel, hub, jobs, uploads, capabilities, outside, deliveries: job };
    const routes = kernelRoutes(parts);
    const keeper = setInterval(() => {
      tidy(database, now())
        .then(() => uploads.clean())
        .catch((thrown: unknown) => log.warn('housekeeping_failed', { reason: String(thrown) }));
    }, HOUSEKEEPING_MS);
    opened.push(async () => clearInterval(keeper));
    return {
      kernel,
      embedded,
      databaseVersion,
      connection,
      routes,
      identify: ofRequest,
      close,
      callback: async (request) => (await doors()).callback(request),
      space,
      uploads,
      metrics: kernelMetrics({ database, pool, space }),
      admit: (halls) =>
        admitHalls(halls, { ...parts, rules, listeners, write, opened, contextOf: ofJob }),
      isReady: () =>
        sql`select 1`.execute(database).then(
          () => true,
          () => false,
        ),
    };
  } catch (thrown) {
    await close().catch(() => {});
    throw thrown;
  }
}

/** What the halls add to, before anything asks for it. */
type Admission = {
  readonly jobs: Jobs;
  readonly deliveries: AnyJob;
  readonly rules: Record<string, AccessRule>;
  readonly capabilities: Record<string, boolean>;
  readonly listeners: ChangeListener[];
  readonly write: Write;
  readonly contextOf: ReturnType<typeof callers>['ofJob'];
  readonly opened: (() => Promise<void>)[];
  readonly kernel: Kernel;
};

/** Makes the halls' rules, listeners and routines known and starts the workers with their jobs. */
async function admitHalls(halls: readonly HallModule[], to: Admission): Promise<void> {
  const { log } = to.kernel;
  const definitions: AnyJob[] = [to.deliveries];
  for (const hall of halls) {
    Object.assign(to.rules, hall.access ?? {});
    Object.assign(to.capabilities, hall.capabilities ?? {});
    definitions.push(...(hall.jobs ?? []));
    if (hall.onChange !== undefined) to.listeners.push(hall.onChange);
    for (const routine of hall.routines ?? []) to.opened.push(begin(routine, log));
  }
  await to.jobs.start({
    definitions,
    write: to.write,
    contextOf: to.contextOf,
    // Who runs the network should see a job's fault without asking for more words.
    log: (event, facts) => (facts['error'] === undefined ? log.info : log.warn)(event, facts),
  });
}

/** Runs do not overlap; the last one ends before the database closes. Gives what stops it. */
function begin(routine: Routine, log: Log): () => Promise<void> {
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= routine
      .run()
      .catch((thrown: unknown) => {
        log.warn('routine_failed', { routine: routine.name, reason: String(thrown) });
      })
      .finally(() => {
        running = undefined;
      });
  }, routine.everyMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}

type RouteParts = {
  readonly kernel: Kernel;
  readonly hub: Hub;
  readonly jobs: Jobs;
  readonly uploads: Uploads;
  readonly capabilities: Readonly<Record<string, boolean>>;
  readonly outside: Outside;
  readonly deliveries: DeliveryJob;
};

function kernelRoutes(parts: RouteParts): MountedGroup[] {
  const { hub, jobs, uploads, capabilities } = parts;
  const { database, write, requireAccess, objects, vault, identity, sessions, now, settings } =
    parts.kernel;
  const { publicUrl } = settings;
  return [
    networkRoutes(database, capabilities),
    sessionRoutes({ database, identity, sessions, write, requireAccess, now }),
    organisationRoutes({
      database,
      write,
      requireAccess,
      identity,
      sessions,
      newId,
      now,
      publicUrl,
    }),
    roomRoutes({ database, write, requireAccess }),
    jobRoutes({ database, hub, jobs, write, requireAccess }),
    fileRoutes({ database, objects, uploads, requireAccess }),
    auditRoutes({ database, requireAccess }),
    webhookRoutes({
      database,
      write,
      requireAccess,
      vault,
      newId,
      outside: parts.outside,
      job: parts.deliveries,
    }),
    settingsRoutes(database),
    ...waysInRoutes({
      database,
      identity,
      sessions,
      vault,
      write,
      requireAccess,
      publicUrl,
      now,
    }),
  ];
}

function kernelRules(): AccessRules {
  return {
    film: filmRule,
    file: fileRule,
    job: ownedRecords('kernel.job'),
    upload: ownedRecords('kernel.upload'),
  };
}

function networkRoutes(
  database: Database,
  capabilities: Readonly<Record<string, boolean>>,
): MountedGroup {
  const { state } = contract.network;
  return mountGroup(
    'network',
    { state },
    {
      async state() {
        const operator = await database
          .selectFrom('kernel.operator')
          .select('user_id')
          .limit(1)
          .executeTakeFirst();
        return {
          name: 'Yinglian 影联',
          version: VERSION,
          state: operator === undefined ? ('new' as const) : ('ready' as const),
          capabilities: { ...capabilities },
        };
      },
    },
  );
}

/** Folders of jobs that are over; those of jobs under way, or that may be tried again, stay. */
async function clearEndedJobs(database: Database, workFolder: string): Promise<void> {
  const names = (await readdir(workFolder)).filter((name) => name.startsWith(JOB_FOLDER));
  if (names.length === 0) return;
  const ids = names.map((name) => name.slice(JOB_FOLDER.length));
  const kept = await sql<{ id: string }>`
    select id from kernel.job
    where id::text = any(${ids}::text[]) and state not in ('done', 'cancelled')
  `.execute(database);
  const keep = new Set(kept.rows.map((row) => `${JOB_FOLDER}${row.id}`));
  for (const name of names.filter((each) => !keep.has(each))) {
    await rm(join(workFolder, name), { recursive: true, force: true });
  }
}

/** Keys of idempotency serve repeats after a fault, not for ever. */
async function tidy(database: Database, now: Date): Promise<void> {
  const before = new Date(now.getTime() - IDEMPOTENCY_DAYS * 24 * 3600 * 1000);
  await database.deleteFrom('kernel.idempotency').where('created_at', '<', before).execute();
  const old = new Date(now.getTime() - DELIVERY_DAYS * 24 * 3600 * 1000);
  await database
    .deleteFrom('kernel.webhook_delivery')
    .where('at', '<', old)
    .where((is) => is.or([is('delivered_at', 'is not', null), is('given_up_at', 'is not', null)]))
    .execute();
}

type PoolNumbers = { readonly totalCount: number; readonly waitingCount: number };

type Measured = {
  readonly database: Database;
  readonly pool: PoolNumbers;
  readonly space: DiskSpace;
};

function kernelMetrics({ database, pool, space }: Measured): Metrics {
  const metrics = openMetrics();
  metrics.gauge('yinglian_disk_bytes', 'The disk of the data folder.', async () => {
    const { freeBytes, totalBytes, reserveBytes } = await space.look();
    return [
      { labels: { kind: 'free' }, value: freeBytes },
      { labels: { kind: 'total' }, value: totalBytes },
      { labels: { kind: 'reserve' }, value: reserveBytes },
    ];
  });
  metrics.gauge('yinglian_jobs', 'Jobs by state.', async () => {
    const rows = await database
      .selectFrom('kernel.job')
      .select(['state', sql<bigint>`count(*)`.as('count')])
      .groupBy('state')
      .execute();
    return rows.map((row) => ({ labels: { state: row.state }, value: Number(row.count) }));
  });
  metrics.gauge('yinglian_database_bytes', 'Size of the records database.', async () => {
    const result = await sql<{ bytes: bigint }>`
      select pg_database_size(current_database()) as bytes`.execute(database);
    return [{ value: Number(result.rows[0]?.bytes ?? 0n) }];
  });
  metrics.gauge('yinglian_database_connections', 'Connections of the pool.', () => [
    { labels: { state: 'open' }, value: pool.totalCount },
    { labels: { state: 'waiting' }, value: pool.waitingCount },
  ]);
  metrics.gauge('yinglian_memory_bytes', 'Memory of the server process.', () => {
    const { rss, heapUsed } = process.memoryUsage();
    return [
      { labels: { kind: 'resident' }, value: rss },
      { labels: { kind: 'heap' }, value: heapUsed },
    ];
  });
  metrics.gauge('yinglian_up_seconds', 'Time since the start.', () => [
    { value: process.uptime() },
  ]);
  return metrics;
}

function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return '?';
  }
}
