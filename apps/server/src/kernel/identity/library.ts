import { apiKey } from '@better-auth/api-key';
import { betterAuth } from 'better-auth';
import { serializeSignedCookie } from 'better-call';
import type { Identity, IdentityOptions, Recognised } from './face.ts';
import { heardDatabase, type HeardDatabase } from './heard.ts';

/**
 * The part of better-auth that every request of a person needs. It is loaded when the server
 * answers already: its modules take longer to load than the rest of the server together.
 */
const SESSION_SECONDS = 30 * 24 * 3600;
const SECONDS_PER_DAY = 24 * 3600;
const KEY_PREFIX = 'yl_';
const PASSWORD_LENGTH_MIN = 10;
const PASSWORD_LENGTH_MAX = 200;

/** The options alone, so that a test can compare our migration with what the library expects. */
export function authOptions(options: IdentityOptions, database: HeardDatabase['database']) {
  const secure = options.publicUrl.startsWith('https://');
  return {
    appName: 'Yinglian 影联',
    baseURL: options.publicUrl,
    basePath: '/api/auth',
    secret: Buffer.from(options.vault.derive('session cookies')).toString('base64url'),
    database: { db: database, type: 'postgres' as const },
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
          type: 'string' as const,
          required: false,
          input: false,
          fieldName: 'organisation_id',
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
    ],
  };
}

/** All of {@link Identity} but the doors that `doors.ts` opens. */
export type Library = Omit<Identity, 'doors' | 'warm'>;

/** Opens better-auth over the schema `identity`. */
export async function openLibrary(options: IdentityOptions): Promise<Library> {
  const { ask, database } = heardDatabase(options.pool);
  const auth = betterAuth(authOptions(options, database));
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

  const library: Library = {
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
      const user = await context.internalAdapter.createUser(
        {
          email: person.email.toLowerCase(),
          name: person.name,
          emailVerified: false,
        },
        { method: 'email-password' },
      );
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
      const cookie = await serializeSignedCookie(cookieName, session.token, context.secret, {
        ...attributes,
        maxAge: SESSION_SECONDS,
      });
      return { cookie, token: session.token };
    },
    async closeSession(headers) {
      const found = await sessionOf(headers);
      if (found?.token) await context.internalAdapter.deleteSession(found.token);
      const cookie = await serializeSignedCookie(cookieName, '', context.secret, {
        ...attributes,
        maxAge: 0,
      });
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
      const own = await library.listKeys(organisationId);
      if (!own.some((key) => key.id === keyId)) return false;
      const removed = await options.pool.query('delete from "apikey" where "id" = $1', [keyId]);
      return removed.rowCount === 1;
    },
  };
  return {
    recognise: (headers) => ask(() => library.recognise(headers)),
    checkPassword: (email, password) => ask(() => library.checkPassword(email, password)),
    createPerson: (person) => ask(() => library.createPerson(person)),
    findPerson: (email) => ask(() => library.findPerson(email)),
    openSession: (userId) => ask(() => library.openSession(userId)),
    closeSession: (headers) => ask(() => library.closeSession(headers)),
    createKey: (key) => ask(() => library.createKey(key)),
    listKeys: (organisationId) => library.listKeys(organisationId),
    revokeKey: (organisationId, keyId) => library.revokeKey(organisationId, keyId),
  };
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
