import { randomUUID } from 'node:crypto';
import { contract, openApi } from '@yinglian/contract';
import { finding } from '@yinglian/core';
import { Hono } from 'hono';
import { compress } from 'hono/compress';
import type { Database } from '../database/database.ts';
import { mountTus } from '../files/tus.ts';
import type { Uploads } from '../files/uploads.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { DiskSpace } from '../objects/space.ts';
import { notAllowed, notFound, Refusal } from '../refusal.ts';
import type { Vault } from '../vault.ts';
import { VERSION } from '../version.ts';
import { type Duplicates, refusalOf } from './faults.ts';
import type { HttpLimits } from './limits.ts';
import { type App, mountGroups, type MountOptions, type Variables } from './mount.ts';
import { problemOf, problemResponse } from './problems.ts';
import type { MountedGroup } from './routes.ts';
import { type StaticFiles } from './static.ts';

export type AppOptions = {
  readonly database: Database;
  readonly vault: Vault;
  /** Where a provider of single sign-on sends the browser back to. */
  readonly callback: (request: Request) => Promise<Response>;
  readonly identify: MountOptions['identify'];
  readonly groups: readonly MountedGroup[];
  readonly metrics: Metrics;
  readonly log: Log;
  readonly web: StaticFiles;
  readonly isReady: () => Promise<boolean>;
  readonly space: DiskSpace;
  readonly uploads: Uploads;
  readonly secure: boolean;
  readonly limits: HttpLimits;
  /** What the halls say where a unique index of theirs refuses a row. */
  readonly duplicates: Duplicates;
};

/** Scripts and connections from here only; styles inline, as the component kit writes them. */
const PAGE_POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "worker-src 'self' blob:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** The whole HTTP face. `app.request()` serves tests without a socket. */
export function createApp(options: AppOptions): App {
  const app: App = new Hono<{ Variables: Variables }>();
  accompany(app, options);
  app.use('/api/*', compress());
  app.get('/health', async () => {
    const ready = await options.isReady();
    const disk = await options.space.look().catch(() => undefined);
    const findings = [
      ...(ready ? [] : ['unreachable_database']),
      ...(disk?.full ? ['insufficient_space'] : []),
    ];
    const { freeBytes = null, reserveBytes = null } = disk ?? {};
    const body = { ready, version: VERSION, findings, disk: { freeBytes, reserveBytes } };
    // A full disk is no reason to send people elsewhere: what is stored can still be read.
    return Response.json(body, { status: ready ? 200 : 503 });
  });
  app.get('/metrics', async (c) => {
    if (!isLocal(c.get('remoteAddress'))) {
      const { headers, signal } = c.req.raw;
      const context = await options.identify(headers, c.get('requestId'), signal);
      if (context.user?.operator !== true) throw notAllowed();
    }
    const headers = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' };
    return new Response(await options.metrics.text(), { headers });
  });
  const description = openApi(contract, VERSION);
  app.get('/api/openapi.json', () => Response.json(description));
  app.get('/api/auth/sso/callback/:id', (c) => options.callback(c.req.raw));
  mountGroups(app, options.groups, options);
  mountTus(app, options);
  app.all('/api/*', () => {
    throw notFound();
  });
  app.all('*', async (c) => {
    const file = await options.web(c.req.raw, c.req.path);
    if (file === undefined) throw notFound();
    return file;
  });
  app.onError(async (thrown, c) => {
    const refusal = await withSpace(
      refusalOf(thrown, options.duplicates) ?? new Refusal('unexpected'),
      options.space,
    );
    if (refusal.code === 'unexpected') {
      const { method, path } = c.req;
      options.log.error('request_failed', {
        requestId: c.get('requestId'),
        method,
        path,
        error: thrown.stack ?? String(thrown),
      });
    }
    return problemResponse(problemOf(refusal, c.get('requestId')));
  });
  return app;
}

/** What goes with every request: its number, its log line, its headers, its origin check. */
function accompany(app: App, options: AppOptions): void {
  app.use('*', async (c, next) => {
    const started = performance.now();
    const requestId = randomUUID();
    c.set('requestId', requestId);
    c.set('remoteAddress', remoteAddressOf(c.env));
    await next();
    const seconds = (performance.now() - started) / 1000;
    const { headers } = c.res;
    headers.set('x-request-id', requestId);
    headers.set('x-content-type-options', 'nosniff');
    headers.set('referrer-policy', 'same-origin');
    headers.set('cross-origin-opener-policy', 'same-origin');
    const policy = 'content-security-policy';
    if (!headers.has(policy)) headers.set(policy, PAGE_POLICY);
    if (options.secure) headers.set('strict-transport-security', 'max-age=31536000');
    options.metrics.request(c.req.method, c.res.status, seconds);
    options.log.info('request', {
      requestId,
      method: c.req.method,
      path: c.req.path,
      status: c.res.status,
      ms: Math.round(seconds * 1000),
    });
  });
  app.use('/api/*', async (c, next) => {
    const origin = c.req.header('origin');
    const changes = c.req.method !== 'GET' && c.req.method !== 'HEAD';
    // A page of another site may make a browser send our cookie; it cannot hide where it is from.
    if (
      changes &&
      origin !== undefined &&
      c.req.header('authorization') === undefined &&
      hostOf(origin) !== (c.req.header('host') ?? new URL(c.req.url).host)
    ) {
      throw notAllowed({ reason: 'foreign_origin' });
    }
    await next();
  });
}

function hostOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : '';
}

function remoteAddressOf(environment: unknown): string {
  const { incoming } = (environment ?? {}) as {
    incoming?: { socket?: { remoteAddress?: string } };
  };
  return incoming?.socket?.remoteAddress ?? 'local';
}

function isLocal(address: string): boolean {
  return (
    address === 'local' ||
    address === '127.0.0.1' ||
    address === '::1' ||
    address === '::ffff:127.0.0.1'
  );
}

/** Says how much room there is where the want of it was the reason. */
async function withSpace(refusal: Refusal, space: DiskSpace): Promise<Refusal> {
  const [first] = refusal.findings;
  if (first?.code !== 'insufficient_space' || first.facts['freeBytes'] !== undefined) {
    return refusal;
  }
  const disk = await space.look().catch(() => undefined);
  if (disk === undefined) return refusal;
  const { freeBytes, reserveBytes } = disk;
  const facts = { ...first.facts, freeBytes, reserveBytes };
  return new Refusal('unavailable', { findings: [finding(first.code, 'error', { facts })] });
}
