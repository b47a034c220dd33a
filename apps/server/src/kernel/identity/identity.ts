import { createHash, randomBytes } from 'node:crypto';
import { apiKey } from '@better-auth/api-key';
import { passkey } from '@better-auth/passkey';
import { sso } from '@better-auth/sso';
import { betterAuth } from 'better-auth';
import { serializeSignedCookie } from 'better-call';
import type pg from 'pg';
import type { Vault } from '../vault.ts';

/**
 * Everything of better-auth that the rest may know. Organisations, members and roles are the
 * kernel's own tables: they change in one transaction with their audit entry and are joined in
 * every access check, which a library with its own connection cannot offer.
 */
export type Identity = {
  /** Who sends these headers: a session cookie, or `Authorization: Bearer` with an API key. */
  recognise(headers: Headers): Promise<Recognised | undefined>;
  /** Checks an e-mail address and a password. Undefined when they do not fit. */
  checkPassword(email: string, password: string): Promise<string | undefined>;
  /** Makes a person. The password is absent for those who will sign in by passkey or OIDC. */
  createPerson(person: NewPerson): Promise<string>;
  findPerson(email: string): Promise<string | undefined>;
  /** Opens a session and gives the `Set-Cookie` line that carries it. */
  openSession(userId: string): Promise<{ cookie: string; token: string }>;
  closeSession(headers: Headers): Promise<{ cookie: string }>;
  createKey(key: NewKey): Promise<{ id: string; key: string }>;
  listKeys(organisationId: string): Promise<readonly KeyRecord[]>;
  revokeKey(organisationId: string, keyId: string): Promise<boolean>;
  /** The endpoints of passkeys and OIDC, under `/api/auth/`. */
  handle(request: Request): Promise<Response>;
};

export type Recognised = {
  readonly userId: string;
  /** The organisation the session or key acts for; a session may have none yet. */
  readonly organisationId: string | null;
  readonly via: 'session' | 'key';
  readonly token: string | null;
};

export type NewPerson = {
  readonly name: string;
  readonly email: string;
  readonly password?: string | undefined;
};
export type NewKey = {
  readonly userId: string;
  readonly organisationId: string;
  readonly name: string;
  readonly expiresInDays: number;
};
export type KeyRecord = {
  readonly id: string;
  readonly name: string;
  readonly start: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
};

export type IdentityOptions = {
  /** With PostgreSQL's plain types and `search_path=identity`. */
  readonly pool: pg.Pool;
  readonly vault: Vault;
  readonly publicUrl: string;
};

const SESSION_SECONDS = 30 * 24 * 3600;
const SECONDS_PER_DAY = 24 * 3600;
const KEY_PREFIX = 'yl_';
const PASSWORD_LENGTH_MIN = 10;
const PASSWORD_LENGTH_MAX = 200;

/** The options alone, so that a test can compare our migration with what the library expects. */
export function authOptions(options: IdentityOptions) {
  const secure = options.publicUrl.startsWith('https://');
  return {
    appName: 'Yinglian 影联',
    baseURL: options.publicUrl,
    basePath: '/api/auth',
    secret: Buffer.from(options.vault.derive('session cookies')).toString('base64url'),
    database: options.pool,
    telemetry: { enabled: false },
    logger: { disabled: true },
    trustedOrigins: [options.publicUrl],
    emailAndPassword: {
      enabled: true,
      // Nobody signs up alone: an owner's link or an invitation makes a person.
      disableSignUp: true,
      minPasswordLength: PASSWORD_LENGTH_MIN,
      maxPasswordLength: PASSWORD_LENGTH_MAX,
    },
    session: {
      expiresIn: SESSION_SECONDS,
      additionalFields: {
        organisationId: {
          type: 'string' as const, required: false, input: false, fieldName: 'organisation_id',
        },
      },
    },
    advanced: {
      database: { generateId: 'uuid' as const },
      useSecureCookies: secure,
      disableOriginCheck: false,
    },
    plugins: [
      apiKey({
        defaultPrefix: KEY_PREFIX,
        enableMetadata: true,
        rateLimit: { enabled: false },
        keyExpiration: { maxExpiresIn: 730 },
      }),
      passkey({ rpName: 'Yinglian 影联' }),
      sso({ disableImplicitSignUp: true }),
    ],
  };
}

/** Opens better-auth over the schema `identity`. */
export async function openIdentity(options: IdentityOptions): Promise<Identity> {
  const auth = betterAuth(authOptions(options));
  const context = await auth.$context;
  const { name: cookieName, attributes } = context.authCookies.sessionToken;

  async function sessionOf(headers: Headers): Promise<Recognised | undefined> {
    const found = await auth.api.getSession({ headers });
    if (found === null) return undefined;
    const session = found.session as { organisationId?: string | null; token: string };
    return {
      userId: found.user.id,
      organisationId: session.organisationId ?? null,
      via: 'session',
      token: session.token,
    };
  }

  async function keyOf(key: string): Promise<Recognised | undefined> {
    const found = await auth.api.verifyApiKey({ body: { key } }).catch(() => undefined);
    if (found?.valid !== true || found.key === null) return undefined;
    const metadata = metadataOf(found.key.metadata);
    if (metadata.organisationId === undefined) return undefined;
    return {
      userId: found.key.referenceId,
      organisationId: metadata.organisationId,
      via: 'key',
      token: null,
    };
  }

  const identity: Identity = {
    recognise(headers) {
      const authorization = headers.get('authorization');
      if (authorization === null) return sessionOf(headers);
      const bearer = /^Bearer\s+(\S+)$/i.exec(authorization);
      return bearer === null ? Promise.resolve(undefined) : keyOf(bearer[1]!);
    },
    async checkPassword(email, password) {
      const found = await context.internalAdapter.findUserByEmail(email.toLowerCase(), {
        includeAccounts: true,
      });
      const account = found?.accounts?.find((each) => each.providerId === 'credential');
      const hash = account?.password;
      if (found === null || hash === undefined || hash === null) {
        // The same work for an unknown address, so that the time taken tells nothing.
        await context.password.hash(password);
        return undefined;
      }
      return (await context.password.verify({ hash, password })) ? found.user.id : undefined;
    },
    async createPerson(person) {
      const user = await context.internalAdapter.createUser({
        email: person.email.toLowerCase(),
        name: person.name,
        emailVerified: false,
      }, { method: 'email-password' });
      if (person.password !== undefined) {
        await context.internalAdapter.linkAccount({
          userId: user.id,
          providerId: 'credential',
          accountId: user.id,
          password: await context.password.hash(person.password),
        });
      }
      return user.id;
    },
    async findPerson(email) {
      return (await context.internalAdapter.findUserByEmail(email.toLowerCase()))?.user.id;
    },
    async openSession(userId) {
      const session = await context.internalAdapter.createSession(userId, false);
      const cookie = await serializeSignedCookie(
        cookieName, session.token, context.secret, { ...attributes, maxAge: SESSION_SECONDS },
      );
      return { cookie, token: session.token };
    },
    async closeSession(headers) {
      const found = await sessionOf(headers);
      if (found?.token) await context.internalAdapter.deleteSession(found.token);
      const cookie = await serializeSignedCookie(
        cookieName, '', context.secret, { ...attributes, maxAge: 0 },
      );
      return { cookie };
    },
    async createKey(key) {
      const made = await auth.api.createApiKey({
        body: {
          name: key.name,
          userId: key.userId,
          expiresIn: key.expiresInDays * SECONDS_PER_DAY,
          metadata: { organisationId: key.organisationId },
        },
      });
      return { id: made.id, key: made.key };
    },
    async listKeys(organisationId) {
      const { rows } = await options.pool.query<KeyRow>(
        `select "id", "name", "start", "createdAt", "expiresAt", "lastRequest", "metadata"
         from "apikey" where "metadata" like $1 order by "createdAt" desc`,
        [`%${organisationId}%`],
      );
      return rows
        .filter((row) => metadataOf(row.metadata).organisationId === organisationId)
        .map((row) => ({
          id: row.id,
          name: row.name ?? '',
          start: row.start,
          createdAt: row.createdAt,
          expiresAt: row.expiresAt,
          lastUsedAt: row.lastRequest,
        }));
    },
    async revokeKey(organisationId, keyId) {
      const own = await identity.listKeys(organisationId);
      if (!own.some((key) => key.id === keyId)) return false;
      const removed = await options.pool.query('delete from "apikey" where "id" = $1', [keyId]);
      return removed.rowCount === 1;
    },
    handle: (request) => auth.handler(request),
  };
  return identity;
}

type KeyRow = {
  readonly id: string;
  readonly name: string | null;
  readonly start: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastRequest: Date | null;
  readonly metadata: string | null;
};

/** The library keeps metadata as JSON text, sometimes encoded twice. */
function metadataOf(value: unknown): { organisationId?: string } {
  let found = value;
  for (let depth = 0; depth < 2 && typeof found === 'string'; depth++) {
    try {
      found = JSON.parse(found);
    } catch {
      return {};
    }
  }
  if (typeof found !== 'object' || found === null) return {};
  const { organisationId } = found as { organisationId?: unknown };
  return typeof organisationId === 'string' ? { organisationId } : {};
}

/** A one-time token: what the person gets, and what is stored of it. */
export function oneTimeToken(): { token: string; hash: string } {
  const token = randomBytes(32).toString('base64url');
  return { token, hash: tokenHash(token) };
}

export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
