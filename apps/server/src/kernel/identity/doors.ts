import { passkey } from '@better-auth/passkey';
import { sso } from '@better-auth/sso';
import { betterAuth } from 'better-auth';
import { APIError } from 'better-auth/api';
import type pg from 'pg';
import { finding } from '@yinglian/core';
import { invalid, notAllowed, Refusal } from '../refusal.ts';
import type { Doors, IdentityOptions, PasskeyRecord, Provider } from './face.ts';
import { heardDatabase, type HeardDatabase } from './heard.ts';
import { authOptions } from './library.ts';
import { passkeyPlace } from './place.ts';

/** A passkey stands for the person alone, so the device has to have asked for them. */
const authenticatorSelection = {
  residentKey: 'required',
  userVerification: 'required',
} as const;

/** The options with every plugin, so that a test can compare our migration with the library. */
export function doorOptions(
  options: IdentityOptions,
  database: HeardDatabase['database'],
  providers: readonly Provider[],
) {
  const shared = authOptions(options, database);
  const place = passkeyPlace(options.publicUrl);
  return {
    ...shared,
    trustedOrigins: [
      ...shared.trustedOrigins,
      ...(place?.origins ?? []),
      ...providers.map((provider) => new URL(provider.issuer).origin),
    ],
    // Persons are made by invitation only; whose address it is the provider of its domain knows.
    account: { accountLinking: { requireLocalEmailVerified: false } },
    databaseHooks: {
      account: {
        create: {
          // Before, as the session of this very sign-in is opened after it.
          before: async ({ userId, providerId }: { userId: string; providerId: string }) => {
            if (providerId !== 'credential') await handOver(options.pool, userId);
          },
        },
      },
      session: {
        create: {
          before: async (session: { userId: string }) => {
            const { rows } = await options.pool.query<{ organisation: string }>(
              `select organisation_id as organisation from kernel.member
               where user_id = $1 order by created_at limit 1`,
              [session.userId],
            );
            return { data: { ...session, organisationId: rows[0]?.organisation ?? null } };
          },
        },
      },
    },
    plugins: [
      ...shared.plugins,
      passkey({
        rpName: 'Yinglian 影联',
        ...(place === undefined ? {} : { rpID: place.rpID, origin: place.origins }),
        authenticatorSelection,
        registration: {
          async afterVerification({ verification }) {
            if (verification.registrationInfo?.userVerified !== true) throw unverified();
          },
        },
        authentication: {
          async afterVerification({ verification }) {
            if (!verification.authenticationInfo.userVerified) throw unverified();
          },
        },
      }),
      sso({
        disableImplicitSignUp: true,
        // A provider that the network's owner added speaks for its domain, and for no other.
        domainVerification: { enabled: true },
        defaultSSO: providers.map((provider) => ({
          providerId: provider.id,
          domain: provider.domain,
          oidcConfig: {
            issuer: provider.issuer,
            clientId: provider.clientId,
            clientSecret: provider.clientSecret,
            discoveryEndpoint: `${provider.issuer}/.well-known/openid-configuration`,
            pkce: true,
            scopes: ['openid', 'email', 'profile'],
          },
        })),
      }),
    ],
  };
}

/**
 * Whoever made the account for this address may not be who the address belongs to. The first
 * sign-in through the provider proves that, and ends every other way in.
 */
async function handOver(pool: pg.Pool, userId: string): Promise<void> {
  const proven = await pool.query(
    `update "user" set "emailVerified" = true where "id" = $1 and not "emailVerified"`,
    [userId],
  );
  if (proven.rowCount === 0) return;
  await pool.query(`delete from "account" where "userId" = $1 and "providerId" = 'credential'`, [
    userId,
  ]);
  await pool.query('delete from "passkey" where "userId" = $1', [userId]);
  await pool.query('delete from "session" where "userId" = $1', [userId]);
}

function unverified(): APIError {
  const message = 'the person was not verified';
  return new APIError('UNAUTHORIZED', { message, code: 'UNVERIFIED' });
}

/** Passkeys and single sign-on. A change of the providers opens new doors. */
export function openDoors(options: IdentityOptions, providers: readonly Provider[]): Doors {
  const { ask, database } = heardDatabase(options.pool);
  const auth = betterAuth(doorOptions(options, database, providers));
  const { api } = auth;
  return {
    passkeys: (headers) =>
      ask(async () => (await allowed(api.listPasskeys({ headers }))).map(passkeyRecord)),
    registrationOptions: (headers) =>
      ask(async () => {
        const { headers: sent, response } = await allowed(
          api.generatePasskeyRegistrationOptions({ headers, query: {}, returnHeaders: true }),
        );
        return { publicKey: { ...response }, cookies: sent.getSetCookie() };
      }),
    registerPasskey: (headers, name, credential) =>
      ask(async () => {
        const made = await api
          .verifyPasskeyRegistration({
            headers,
            body: { name, response: credential },
          })
          .catch((thrown: unknown) => {
            throw (
              refusalOfLibrary(thrown) ??
              invalid(
                finding('unverified_passkey', 'error', {
                  at: { part: 'body', field: 'credential' },
                }),
              )
            );
          });
        return passkeyRecord(made);
      }),
    removePasskey: (headers, id) =>
      ask(async () => {
        const own = await allowed(api.listPasskeys({ headers }));
        if (!own.some((each) => each.id === id)) return false;
        await api.deletePasskey({ headers, body: { id } });
        return true;
      }),
    signInOptions: () =>
      ask(async () => {
        const { headers: sent, response } = await api.generatePasskeyAuthenticationOptions({
          headers: new Headers(),
          returnHeaders: true,
        });
        const publicKey = { ...response, userVerification: 'required' };
        return { publicKey, cookies: sent.getSetCookie() };
      }),
    signIn: (headers, credential) =>
      ask(async () => {
        const { session } = await api
          .verifyPasskeyAuthentication({
            headers,
            body: { response: credential as never },
          })
          .catch((thrown: unknown) => {
            throw thrown instanceof APIError ? notAllowed({ reason: 'unknown_passkey' }) : thrown;
          });
        // Sessions are opened at one place, with the organisation that the person acts for.
        await (await auth.$context).internalAdapter.deleteSession(session.token);
        return session.userId;
      }),
    beginSingleSignOn: (id, returnTo, errorTo) =>
      ask(async () => {
        const { headers: sent, response } = await api
          .signInSSO({
            headers: new Headers(),
            body: {
              providerId: id,
              callbackURL: options.publicUrl + returnTo,
              errorCallbackURL: options.publicUrl + errorTo,
            },
            returnHeaders: true,
          })
          .catch(() => {
            throw new Refusal('unavailable', {
              findings: [finding('unreachable_provider', 'error')],
            });
          });
        return { url: response.url, cookies: sent.getSetCookie() };
      }),
    callback: (request) => ask(() => auth.handler(request)),
  };
}

/** What the library refuses for want of a session; undefined for what it could not verify. */
function refusalOfLibrary(thrown: unknown): Refusal | undefined {
  const { code } = (thrown as { body?: { code?: unknown } }).body ?? {};
  if (code === 'SESSION_NOT_FRESH') return notAllowed({ reason: 'old_session' });
  const { status } = thrown as { status?: unknown };
  return status === 'UNAUTHORIZED' && code !== 'UNVERIFIED'
    ? notAllowed({ reason: 'no_session' })
    : undefined;
}

/** Whatever the library refuses here is for want of a (young) session in a browser. */
async function allowed<Answer>(call: Promise<Answer>): Promise<Answer> {
  try {
    return await call;
  } catch (thrown) {
    throw thrown instanceof APIError
      ? (refusalOfLibrary(thrown) ?? notAllowed({ reason: 'no_session' }))
      : thrown;
  }
}

type LibraryPasskey = {
  readonly id: string;
  readonly name?: string | undefined;
  readonly createdAt?: Date | undefined;
  readonly backedUp: boolean;
};

function passkeyRecord(row: LibraryPasskey): PasskeyRecord {
  return {
    id: row.id,
    name: row.name ?? '',
    createdAt: row.createdAt ?? new Date(0),
    synced: row.backedUp,
  };
}
