import { contract } from '@yinglian/contract';
import { finding } from '@yinglian/core';
import type { RequireAccess } from '../access/access.ts';
import type { Database } from '../database/database.ts';
import { type Handlers, type Http, mountGroup, type MountedGroup } from '../http/routes.ts';
import { conflict, found, invalid, notFound } from '../refusal.ts';
import type { Vault } from '../vault.ts';
import type { Write } from '../write.ts';
import type { Doors, Identity, PasskeyRecord, Provider } from './face.ts';
import { attemptLimiter } from './attempts.ts';
import { requirePerson, type Sessions } from './session.ts';

/** Passkeys and single sign-on on the contract; `/api/auth` keeps the provider's way back alone. */

const SECRET_PURPOSE = 'sign-in provider secret';
const DISCOVERY_WITHIN_MS = 10_000;
const DISCOVERY_BYTES_MAX = 256 * 1024;

export type WaysInOptions = {
  readonly database: Database;
  readonly identity: Identity;
  readonly sessions: Sessions;
  readonly vault: Vault;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly publicUrl: string;
  readonly now: () => Date;
};

/** The doors as the providers stand in the database now. */
export function doorsOver(
  parts: Pick<WaysInOptions, 'database' | 'identity' | 'vault'>,
): () => Promise<Doors> {
  return async () => {
    const rows = await parts.database
      .selectFrom('kernel.sign_in_provider')
      .selectAll()
      .orderBy('id')
      .execute();
    const providers = rows.map((row): Provider => ({
      id: row.id,
      issuer: row.issuer,
      domain: row.domain,
      clientId: row.client_id,
      clientSecret: Buffer.from(
        parts.vault.open(SECRET_PURPOSE, Buffer.from(row.client_secret, 'base64')),
      ).toString('utf8'),
    }));
    return parts.identity.doors(providers);
  };
}

export function waysInRoutes(options: WaysInOptions): MountedGroup[] {
  const doors = doorsOver(options);
  return [
    mountGroup('passkeys', contract.passkeys, passkeyHandlers(options, doors)),
    mountGroup('signInProviders', contract.signInProviders, {
      ...entering(options, doors),
      ...administering(options),
    }),
  ];
}

function setCookies(http: Http, lines: readonly string[]): void {
  for (const line of lines) http.setCookie(line);
}

function passkeyHandlers(
  options: WaysInOptions,
  doors: () => Promise<Doors>,
): Handlers<typeof contract.passkeys> {
  const { sessions, write } = options;
  const attempts = attemptLimiter(options.now);
  return {
    async list(_request, context, http) {
      requirePerson(context);
      return { rows: (await (await doors()).passkeys(http.headers)).map(passkeyView) };
    },
    async options(_request, context, http) {
      requirePerson(context);
      const { publicKey, cookies } = await (await doors()).registrationOptions(http.headers);
      setCookies(http, cookies);
      return { publicKey };
    },
    async register({ body }, context, http) {
      const person = requirePerson(context);
      return write(context, async ({ audit }) => {
        const { name, credential } = body;
        const made = await (await doors()).registerPasskey(http.headers, name, credential);
        audit({
          action: 'passkey.register',
          subjectKind: 'person',
          subjectId: person.id,
          facts: { passkey: made.id, name },
        });
        return passkeyView(made);
      });
    },
    async remove({ params }, context, http) {
      const person = requirePerson(context);
      await write(context, async ({ audit }) => {
        const removed = await (await doors()).removePasskey(http.headers, params.id);
        if (!removed) throw notFound({ kind: 'passkey', id: params.id });
        audit({
          action: 'passkey.remove',
          subjectKind: 'person',
          subjectId: person.id,
          facts: { passkey: params.id },
        });
      });
    },
    async signInOptions(_request, _context, http) {
      attempts.count(`passkey ${http.remoteAddress}`);
      const { publicKey, cookies } = await (await doors()).signInOptions();
      setCookies(http, cookies);
      return { publicKey };
    },
    async signIn({ body }, _context, http) {
      attempts.count(`passkey ${http.remoteAddress}`);
      const userId = await (await doors()).signIn(http.headers, { ...body.credential });
      return sessions.open(http, userId);
    },
  };
}

function passkeyView(row: PasskeyRecord) {
  return { ...row, createdAt: row.createdAt.toISOString() };
}

type Group = Handlers<typeof contract.signInProviders>;

function entering(
  { database }: WaysInOptions,
  doors: () => Promise<Doors>,
): Pick<Group, 'list' | 'begin'> {
  return {
    async list() {
      const rows = await database
        .selectFrom('kernel.sign_in_provider')
        .select(['id', 'name'])
        .orderBy('name')
        .execute();
      return { rows };
    },
    async begin({ params, body }, _context, http) {
      found(
        await database
          .selectFrom('kernel.sign_in_provider')
          .select('id')
          .where('id', '=', params.id)
          .executeTakeFirst(),
        { kind: 'provider', id: params.id },
      );
      const { url, cookies } = await (
        await doors()
      ).beginSingleSignOn(params.id, body.returnTo, body.errorTo);
      setCookies(http, cookies);
      return { url };
    },
  };
}

function administering(options: WaysInOptions): Pick<Group, 'all' | 'add' | 'remove'> {
  const { database, requireAccess, vault, write } = options;
  const view = (row: ProviderRow) => ({
    id: row.id,
    name: row.name,
    issuer: row.issuer,
    domain: row.domain,
    clientId: row.client_id,
    callbackUrl: `${options.publicUrl}/api/auth/sso/callback/${row.id}`,
    createdAt: row.created_at.toISOString(),
  });
  return {
    async all(_request, context) {
      await requireAccess(context, 'network.administer');
      const rows = await database
        .selectFrom('kernel.sign_in_provider')
        .selectAll()
        .orderBy('id')
        .execute();
      return { rows: rows.map(view) };
    },
    async add({ body }, context) {
      await requireAccess(context, 'network.administer');
      const issuer = body.issuer.replace(/\/+$/, '');
      await proveIssuer(issuer);
      return write(context, async ({ transaction, audit }) => {
        const sealed = vault.seal(SECRET_PURPOSE, Buffer.from(body.clientSecret, 'utf8'));
        const row = await transaction
          .insertInto('kernel.sign_in_provider')
          .values({
            id: body.id,
            name: body.name,
            issuer,
            domain: body.domain,
            client_id: body.clientId,
            client_secret: Buffer.from(sealed).toString('base64'),
          })
          .onConflict((on) => on.column('id').doNothing())
          .returningAll()
          .executeTakeFirst();
        if (row === undefined) {
          const at = { part: 'body', field: 'id' };
          throw conflict(finding('duplicate_record', 'error', { at, facts: { text: body.id } }));
        }
        audit({
          action: 'sign_in_provider.add',
          subjectKind: 'sign_in_provider',
          subjectId: body.id,
          facts: { issuer, domain: body.domain },
        });
        return view(row);
      });
    },
    async remove({ params }, context) {
      await requireAccess(context, 'network.administer');
      await write(context, async ({ transaction, audit }) => {
        const removed = await transaction
          .deleteFrom('kernel.sign_in_provider')
          .where('id', '=', params.id)
          .returning('id')
          .executeTakeFirst();
        if (removed === undefined) throw notFound({ kind: 'provider', id: params.id });
        audit({
          action: 'sign_in_provider.remove',
          subjectKind: 'sign_in_provider',
          subjectId: params.id,
        });
      });
    },
  };
}

type ProviderRow = {
  readonly id: string;
  readonly name: string;
  readonly issuer: string;
  readonly domain: string;
  readonly client_id: string;
  readonly created_at: Date;
};

/** Asks the provider for its own description (OpenID Connect Discovery 1.0 section 4). */
async function proveIssuer(issuer: string): Promise<void> {
  const at = { part: 'body', field: 'issuer' };
  let said: unknown;
  try {
    const response = await fetch(`${issuer}/.well-known/openid-configuration`, {
      redirect: 'error',
      signal: AbortSignal.timeout(DISCOVERY_WITHIN_MS),
    });
    const text = response.ok ? await response.text() : '';
    if (text.length > DISCOVERY_BYTES_MAX) throw new Error('too long');
    said = (JSON.parse(text) as { issuer?: unknown }).issuer;
  } catch {
    throw invalid(finding('unreachable_provider', 'error', { at }));
  }
  // Section 4.3: the two MUST be identical.
  if (said === issuer) return;
  const facts = { expected: issuer, found: String(said).slice(0, 200) };
  throw invalid(finding('mismatched_issuer', 'error', { at, facts }));
}
