import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { sessionSchema } from './network.ts';
import { byId, id, instant, name } from './shapes.ts';

/**
 * Ways in beside the password: passkeys, and the sign-in of an organisation's own (OpenID Connect).
 *
 * Passkeys for a page: `passkeys.options` → `navigator.credentials.create({ publicKey:
 * PublicKeyCredential.parseCreationOptionsFromJSON(answer.publicKey) })` → `passkeys.register` with
 * `credential.toJSON()`. To sign in: `passkeys.signInOptions` → `navigator.credentials.get` →
 * `passkeys.signIn`. Browsers know passkeys on `https:` and on `http://localhost` only, never on an
 * address of digits: `capabilities['passkeys']` of `network.state` says whether the server's own
 * address allows them. A challenge lives five minutes and serves once.
 *
 * Single sign-on for a page: one button for each row of `signInProviders.list`; `begin` answers
 * with the address to go to. The provider leads back to `/api/auth/sso/callback/<id>`, which signs
 * in and leads on to `returnTo`, or, with `?error=…`, to `errorTo`. The first time it proves whose
 * the address is: a password that was set for it before ends.
 */

/** The JSON forms of WebAuthn level 3 section 5.1; the server looks into every part. */
const base64url = z.string().regex(/^[\w-]+={0,2}$/).max(100_000);
const credentialBase = {
  id: base64url.max(2000),
  rawId: base64url.max(2000),
  type: z.literal('public-key'),
  authenticatorAttachment: z.string().max(40).nullish(),
  clientExtensionResults: z.record(z.string(), z.unknown()),
};
const newCredential = z.object({
  ...credentialBase,
  response: z.object({
    clientDataJSON: base64url, attestationObject: base64url,
    authenticatorData: base64url.optional(), publicKey: base64url.optional(),
    publicKeyAlgorithm: z.number().int().optional(),
    transports: z.array(z.string().max(40)).max(10).optional(),
  }),
});
const shownCredential = z.object({
  ...credentialBase,
  response: z.object({
    clientDataJSON: base64url, authenticatorData: base64url, signature: base64url,
    userHandle: z.string().max(2000).nullish(),
  }),
});
const publicKeyOptions = z.object({ publicKey: z.record(z.string(), z.unknown()) });

export const passkeySchema = z.object({
  id, name: z.string(), createdAt: instant,
  /** Kept on several devices of the person by their maker's cloud. */
  synced: z.boolean(),
});

export const passkeys = {
  list: endpoint({
    method: 'GET', path: '/api/passkeys', permission: 'signed_in',
    summary: { zh: '我的通行密钥', en: 'My passkeys' },
    result: z.object({ rows: z.array(passkeySchema) }),
  }),
  options: endpoint({
    method: 'POST', path: '/api/passkeys/options', permission: 'signed_in',
    summary: { zh: '开始登记通行密钥', en: 'Begin to register a passkey' },
    result: publicKeyOptions, errors: ['not_allowed'],
  }),
  register: endpoint({
    method: 'POST', path: '/api/passkeys', permission: 'signed_in',
    summary: { zh: '登记通行密钥', en: 'Register a passkey' },
    body: z.object({ name, credential: newCredential }), result: passkeySchema,
    errors: ['not_allowed', 'invalid'],
  }),
  remove: endpoint({
    method: 'DELETE', path: '/api/passkeys/:id', permission: 'signed_in',
    summary: { zh: '删除通行密钥', en: 'Remove a passkey' }, params: byId, errors: ['not_found'],
  }),
  signInOptions: endpoint({
    method: 'POST', path: '/api/session/passkey/options', permission: 'public',
    summary: { zh: '开始用通行密钥登录', en: 'Begin to sign in with a passkey' },
    result: publicKeyOptions,
  }),
  signIn: endpoint({
    method: 'POST', path: '/api/session/passkey', permission: 'public',
    summary: { zh: '用通行密钥登录', en: 'Sign in with a passkey' },
    body: z.object({ credential: shownCredential }), result: sessionSchema,
    errors: ['not_allowed', 'too_many'],
  }),
};

/** Part of an address: letters, digits and hyphens. */
const providerId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/);
/** A place of this application, never of another. */
const place = z.string().max(500).regex(/^\/(?![/\\])/);

export const signInProviderSchema = z.object({
  id: providerId, name: z.string(), issuer: z.string(), domain: z.string(), clientId: z.string(),
  /** To be entered at the provider as the allowed redirect address. */
  callbackUrl: z.string(), createdAt: instant,
});

export const signInProviders = {
  list: endpoint({
    method: 'GET', path: '/api/session/providers', permission: 'public',
    summary: { zh: '可用的单点登录', en: 'Providers one may sign in with' },
    result: z.object({ rows: z.array(z.object({ id: providerId, name: z.string() })) }),
  }),
  begin: endpoint({
    method: 'POST', path: '/api/session/providers/:id', permission: 'public',
    summary: { zh: '开始单点登录', en: 'Begin to sign in with a provider' },
    params: z.object({ id: providerId }),
    body: z.object({ returnTo: place.default('/'), errorTo: place.default('/') }),
    result: z.object({ url: z.string() }), errors: ['not_found', 'unavailable'],
  }),
  all: endpoint({
    method: 'GET', path: '/api/sign-in-providers', permission: 'network.administer',
    summary: { zh: '单点登录设置', en: 'Providers with their settings' },
    result: z.object({ rows: z.array(signInProviderSchema) }),
  }),
  add: endpoint({
    method: 'POST', path: '/api/sign-in-providers', permission: 'network.administer', creates: true,
    summary: { zh: '添加单点登录（OpenID Connect）', en: 'Add a provider (OpenID Connect)' },
    body: z.object({
      id: providerId, name, issuer: z.url({ protocol: /^https?$/ }).max(500),
      /** Whoever has an address of this domain may sign in; nobody else through this provider. */
      domain: z.string().regex(/^(?:[a-z0-9-]+\.)+[a-z0-9-]{2,}$/).max(200),
      clientId: z.string().min(1).max(500), clientSecret: z.string().min(1).max(2000),
    }),
    result: signInProviderSchema, errors: ['conflict', 'invalid'],
  }),
  remove: endpoint({
    method: 'DELETE', path: '/api/sign-in-providers/:id', permission: 'network.administer',
    summary: { zh: '删除单点登录', en: 'Remove a provider' },
    params: z.object({ id: providerId }), errors: ['not_found'],
  }),
};
