import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A small provider of OpenID Connect with real RS256 tokens, authorization code and PKCE. */
export type OidcProvider = {
  readonly issuer: string;
  /** What the next person that signs in there is. */
  person: { sub: string; email: string; name: string };
  /** Changes the claims of the next token, to lie with. */
  spoil: (claims: Record<string, unknown>) => Record<string, unknown>;
  /** Signs the next tokens with a key that its own list does not hold. */
  foreignKey: boolean;
  close(): Promise<void>;
};

export const CLIENT = { id: 'yinglian', secret: 'a secret of the provider' };

type Grant = { readonly challenge: string; readonly redirect: string; used: boolean };

export async function startOidcProvider(): Promise<OidcProvider> {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const others = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const grants = new Map<string, Grant>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', provider.issuer);
    const send = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => void chunks.push(chunk));
    request.on('end', () => {
      if (url.pathname === '/.well-known/openid-configuration') {
        return send(200, {
          issuer: provider.issuer,
          authorization_endpoint: `${provider.issuer}/authorize`,
          token_endpoint: `${provider.issuer}/token`,
          jwks_uri: `${provider.issuer}/keys`,
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256'],
          token_endpoint_auth_methods_supported: ['client_secret_basic'],
        });
      }
      if (url.pathname === '/keys') {
        const jwk = keys.publicKey.export({ format: 'jwk' });
        return send(200, { keys: [{ ...jwk, kid: 'one', alg: 'RS256', use: 'sig' }] });
      }
      if (url.pathname === '/authorize') return authorize(url, response);
      if (url.pathname !== '/token') return send(404, {});
      const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
      const grant = grants.get(form.get('code') ?? '');
      // RFC 6749 section 2.3.1: both halves are form-encoded before they are joined.
      const secret = new URLSearchParams({ '': CLIENT.secret }).toString().slice(1);
      const basic = Buffer.from(`${CLIENT.id}:${secret}`).toString('base64');
      const given = request.headers.authorization ?? '';
      const known = given === `Basic ${basic}`;
      const verifier = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url');
      if (!known) return send(401, { error: 'invalid_client' });
      if (
        grant === undefined ||
        grant.used ||
        grant.challenge !== verifier ||
        grant.redirect !== form.get('redirect_uri')
      ) {
        return send(400, { error: 'invalid_grant' });
      }
      grant.used = true;
      send(200, { access_token: randomUUID(), token_type: 'Bearer', id_token: token() });
    });
  });

  function authorize(url: URL, response: import('node:http').ServerResponse): void {
    const redirect = new URL(url.searchParams.get('redirect_uri') ?? '');
    const code = randomUUID();
    grants.set(code, {
      challenge: url.searchParams.get('code_challenge') ?? '',
      redirect: redirect.href,
      used: false,
    });
    redirect.searchParams.set('code', code);
    redirect.searchParams.set('state', url.searchParams.get('state') ?? '');
    response.writeHead(302, { location: redirect.href });
    response.end();
  }

  function token(): string {
    const seconds = Math.floor(Date.now() / 1000);
    const claims = provider.spoil({
      iss: provider.issuer,
      aud: CLIENT.id,
      iat: seconds,
      exp: seconds + 300,
      ...provider.person,
    });
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const body = `${part({ alg: 'RS256', kid: 'one', typ: 'JWT' })}.${part(claims)}`;
    const { privateKey } = provider.foreignKey ? others : keys;
    return `${body}.${sign('sha256', Buffer.from(body), privateKey).toString('base64url')}`;
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const provider: OidcProvider = {
    issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    person: { sub: 'nobody', email: 'nobody@example.org', name: '' },
    spoil: (claims) => claims,
    foreignKey: false,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return provider;
}
