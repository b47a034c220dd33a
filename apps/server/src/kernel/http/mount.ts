import { createHash } from 'node:crypto';
import type { AnySchema, EndpointShape } from '@yinglian/contract';
import { finding } from '@yinglian/core';
import type { Context as HonoContext, Hono } from 'hono';
import { z } from 'zod';
import { requirePermission } from '../access/access.ts';
import type { Context, Idempotency } from '../context.ts';
import type { Database } from '../database/database.ts';
import { invalid, notSignedIn, Refusal } from '../refusal.ts';
import type { Vault } from '../vault.ts';
import { AlreadyDone, jsonText, keepAnswer, openAnswer } from '../write.ts';
import { downloadResponse } from './download.ts';
import { isHeld } from './entity-tag.ts';
import { eventResponse } from './events.ts';
import type { HttpLimits } from './limits.ts';
import { listSheet, SHEET_QUERY, sheetAsked } from './list-sheet.ts';
import { paced } from './pace.ts';
import { invalidInput } from './problems.ts';
import type { Download, Handler, Http, MountedGroup } from './routes.ts';

/** What hono carries from one middleware to the next. */
export type Variables = { requestId: string; remoteAddress: string; context: Context };
export type App = Hono<{ Variables: Variables }>;

export type MountOptions = {
  readonly limits: HttpLimits;
  readonly database: Database;
  readonly vault: Vault;
  /** Finds out who asks. */
  readonly identify: (headers: Headers, requestId: string, signal: AbortSignal) => Promise<Context>;
};

/** A JSON body; what is larger is uploaded as a file. */
const JSON_BYTES_MAX = 8 * 1024 * 1024;
const KEY_LENGTH_MAX = 100;

/** Puts every endpoint of the groups on the app. Fixed paths win over paths with parameters. */
export function mountGroups(
  app: App,
  groups: readonly MountedGroup[],
  options: MountOptions,
): void {
  const entries = groups.flatMap(({ group, handlers }) =>
    Object.entries(group).map(([name, shape]) => ({ shape, handler: handlers[name] })),
  );
  const weight = (path: string): string =>
    path
      .split('/')
      .map((part) => (part.startsWith(':') ? '1' : '0'))
      .join('');
  const ordered = entries.toSorted((a, b) =>
    weight(a.shape.path) < weight(b.shape.path) ? -1 : 1,
  );
  for (const { shape, handler } of ordered) {
    if (handler === undefined) continue;
    app.on(shape.method, shape.path, (c) => serve(c, shape, handler, options));
  }
}

type HandlerInput = Record<'params' | 'query' | 'body' | 'bytes' | 'lengthBytes', unknown>;

async function serve(
  c: HonoContext<{ Variables: Variables }>,
  shape: EndpointShape,
  handler: Handler<never>,
  options: MountOptions,
): Promise<Response> {
  const { headers, signal } = c.req.raw;
  const base = await options.identify(headers, c.get('requestId'), signal);
  c.set('context', base);
  refuseEarly(shape, base);
  const input = await readInput(c, shape, options.limits);
  const idempotency = shape.creates === true ? idempotencyOf(c, shape, base, input) : undefined;
  const context: Context = { ...base, idempotency };
  const cookies: string[] = [];
  const state: State = { etag: undefined, isKnown: false };
  const http: Http = {
    headers,
    remoteAddress: c.get('remoteAddress'),
    setCookie: (line) => void cookies.push(line),
    isKnown(given) {
      state.etag = given;
      state.isKnown = isHeld(c.req.header('if-none-match'), given);
      return state.isKnown;
    },
  };
  const run = handler as unknown as (
    request: HandlerInput,
    context: Context,
    http: Http,
  ) => Promise<unknown>;
  const sheet = sheetAsked(shape, c.req.query(SHEET_QUERY));
  if (sheet !== undefined) {
    const { [SHEET_QUERY]: _, ...query } = c.req.query();
    const load = (page: unknown) => run({ ...input, query: page }, context, http);
    return downloadResponse(c.req.raw, await listSheet(shape, sheet, query, load));
  }
  let answer: unknown;
  let replayed = await repeatOf(options, idempotency);
  if (replayed === undefined) {
    try {
      answer = await run(input, context, http);
    } catch (thrown) {
      if (!(thrown instanceof AlreadyDone)) throw thrown;
      replayed = await repeatOf(options, idempotency);
    }
  }
  if (replayed !== undefined) answer = replayed.answer;
  // Where the handler answers with more than its change gave, that is what a repeat must give.
  else await keepAnswer(options.database, options.vault, idempotency, answer);
  const response = respond(c, shape, answer, state);
  for (const line of cookies) response.headers.append('set-cookie', line);
  if (replayed !== undefined) response.headers.set('idempotency-replayed', 'true');
  return response;
}

/**
 * The role part of the permission, before anything of the request is read. The service asks
 * again, with the ids: this only keeps strangers from learning what a valid request looks like.
 */
function refuseEarly(shape: EndpointShape, context: Context): void {
  if (shape.permission === 'public') return;
  if (shape.permission !== 'signed_in') {
    requirePermission(context, shape.permission);
  } else if (context.user === undefined) {
    throw notSignedIn();
  }
}

async function readInput(
  c: HonoContext<{ Variables: Variables }>,
  shape: EndpointShape,
  limits: HttpLimits,
): Promise<HandlerInput> {
  const input: HandlerInput = {
    params: parse('params', shape.params, c.req.param()),
    query: parse('query', shape.query, c.req.query()),
    body: undefined,
    bytes: undefined,
    lengthBytes: undefined,
  };
  if (shape.bytesIn === true) {
    const length = c.req.header('content-length');
    input.bytes = paced(c.req.raw.body ?? new Blob([]).stream(), {
      withinMs: limits.trickleWithinMs,
      leastBytes: limits.trickleBytes,
    });
    input.lengthBytes = length === undefined ? undefined : Number(length);
  } else if (shape.body !== undefined) {
    input.body = parse('body', shape.body, await readJson(c.req.raw, limits));
  }
  return input;
}

function parse(part: string, schema: AnySchema | undefined, value: unknown): unknown {
  if (schema === undefined) return undefined;
  const parsed = (schema as unknown as z.ZodType).safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalidInput(part, parsed.error.issues as never);
}

async function readJson(request: Request, limits: HttpLimits): Promise<unknown> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(type)) {
    const facts = { expected: 'application/json', found: type.slice(0, 100) };
    throw new Refusal('invalid', { findings: [finding('invalid_media_type', 'error', { facts })] });
  }
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  const body =
    request.body === null
      ? []
      : paced(request.body, { withinMs: limits.bodyWithinMs, leastBytes: Infinity });
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    sizeBytes += chunk.length;
    if (sizeBytes > JSON_BYTES_MAX) {
      const facts = { limitBytes: JSON_BYTES_MAX };
      throw new Refusal('too_large', { findings: [finding('excessive_body', 'error', { facts })] });
    }
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch {
    throw new Refusal('invalid', { findings: [finding('invalid_json', 'error')] });
  }
}

/** The key counts per organisation (or person); the hash covers the endpoint and the input. */
function idempotencyOf(
  c: HonoContext<{ Variables: Variables }>,
  shape: EndpointShape,
  context: Context,
  input: HandlerInput,
): Idempotency | undefined {
  const key = c.req.header('idempotency-key');
  if (key === undefined || key === '') return undefined;
  if (key.length > KEY_LENGTH_MAX) {
    const at = { part: 'header', field: 'Idempotency-Key' };
    const facts = { maximum: KEY_LENGTH_MAX };
    throw invalid(finding('excessive_value', 'error', { facts, at }));
  }
  const scope = `${context.organisation?.id ?? '-'} ${context.user?.id ?? 'public'}`;
  const { params, query, body } = input;
  const covered = jsonText([shape.method, shape.path, params, query, body]);
  return { scope, key, requestHash: createHash('sha256').update(covered).digest('hex') };
}

/** The kept answer of an earlier request with this key. */
async function repeatOf(
  { database, vault }: MountOptions,
  idempotency: Idempotency | undefined,
): Promise<{ answer: unknown } | undefined> {
  if (idempotency === undefined) return undefined;
  const row = await database
    .selectFrom('kernel.idempotency')
    .select(['request_hash', 'answer'])
    .where('scope', '=', idempotency.scope)
    .where('key', '=', idempotency.key)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  if (row.request_hash !== idempotency.requestHash) throw new Refusal('reused_idempotency_key');
  return { answer: openAnswer(vault, row.answer) };
}

function respond(
  c: HonoContext<{ Variables: Variables }>,
  shape: EndpointShape,
  answer: unknown,
  state: State,
): Response {
  if (state.isKnown) return unchanged(state.etag!);
  if (shape.bytesOut !== undefined) return downloadResponse(c.req.raw, answer as Download);
  if (shape.events !== undefined) {
    return eventResponse(answer as AsyncIterable<unknown>, c.req.raw.signal);
  }
  if (shape.result === undefined) return new Response(null, { status: 204 });
  // The schema is the gate outwards too: a column that the contract does not name stays here.
  const checked = (shape.result as unknown as z.ZodType).parse(answer);
  const text = jsonText(checked);
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    // Whoever compresses learns by it that a short answer is not worth it.
    'content-length': String(Buffer.byteLength(text)),
  };
  if (shape.method !== 'GET') return new Response(text, { headers });
  const etag =
    state.etag ?? `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
  if (isHeld(c.req.header('if-none-match'), etag)) return unchanged(etag);
  return new Response(text, { headers: { ...headers, 'cache-control': KEPT, etag } });
}

/** What the handler said of the state that it answers with. */
type State = { etag: string | undefined; isKnown: boolean };

/** Kept by the caller, and asked for again each time. */
const KEPT = 'private, no-cache';

const unchanged = (etag: string): Response =>
  new Response(null, { status: 304, headers: { 'cache-control': KEPT, etag } });
