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
  /** Passkeys and single sign-on with these providers, loaded by whoever asks first. */
  doors(providers: readonly Provider[]): Promise<Doors>;
  /** Loads the library before somebody waits for it. */
  warm(): Promise<void>;
};

export type Recognised = {
  readonly userId: string;
  /** The organisation the session or key acts for; a session may have none yet. */
  readonly organisationId: string | null;
  readonly via: 'session' | 'key';
  readonly token: string | null;
};

/** An answer for a page, and the cookies that carry its challenge or state. */
export type Carried<Answer> = Answer & { readonly cookies: readonly string[] };
type PublicKey = { readonly publicKey: Record<string, unknown> };

export type Doors = {
  passkeys(headers: Headers): Promise<readonly PasskeyRecord[]>;
  registrationOptions(headers: Headers): Promise<Carried<PublicKey>>;
  registerPasskey(headers: Headers, name: string, credential: unknown): Promise<PasskeyRecord>;
  removePasskey(headers: Headers, id: string): Promise<boolean>;
  signInOptions(): Promise<Carried<PublicKey>>;
  /** Gives the person whom the passkey proves. */
  signIn(headers: Headers, credential: Record<string, unknown>): Promise<string>;
  beginSingleSignOn(
    id: string,
    returnTo: string,
    errorTo: string,
  ): Promise<Carried<{ readonly url: string }>>;
  /** Where the provider sends the browser back to. */
  callback(request: Request): Promise<Response>;
};

export type PasskeyRecord = {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly synced: boolean;
};
/** A provider of OpenID Connect with its secret in clear; it never leaves the identity. */
export type Provider = {
  readonly id: string;
  readonly issuer: string;
  readonly domain: string;
  readonly clientId: string;
  readonly clientSecret: string;
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
