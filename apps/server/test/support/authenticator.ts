import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** A passkey device in software: real ES256 keys, the byte layouts of WebAuthn level 3. */
export type Authenticator = {
  create(publicKey: Record<string, unknown>, origin: string): Created;
  get(publicKey: Record<string, unknown>, origin: string): Shown;
  /** A copy that does not know how far the counter of this one went. */
  clone(): Authenticator;
};

type Base = {
  readonly id: string;
  readonly rawId: string;
  readonly type: 'public-key';
  readonly clientExtensionResults: Record<string, unknown>;
};
export type Created = Base & {
  readonly response: {
    readonly clientDataJSON: string;
    readonly attestationObject: string;
    readonly transports: string[];
  };
};
export type Shown = Base & {
  readonly response: {
    readonly clientDataJSON: string;
    readonly authenticatorData: string;
    readonly signature: string;
    readonly userHandle: string | null;
  };
};

type State = {
  readonly credentialId: Buffer;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  counter: number;
};

/** Section 6.1: user present, user verified, attested credential data. */
const PRESENT = 0x01;
const VERIFIED = 0x04;
const ATTESTED = 0x40;

export function createAuthenticator(options: { readonly verifiesPerson?: boolean } = {}) {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return authenticatorOf(
    { ...pair, credentialId: randomBytes(32), counter: 0 },
    options.verifiesPerson ?? true,
  );
}

function authenticatorOf(state: State, verifiesPerson: boolean): Authenticator {
  const id = state.credentialId.toString('base64url');
  const base: Base = { id, rawId: id, type: 'public-key', clientExtensionResults: {} };
  const flags = PRESENT | (verifiesPerson ? VERIFIED : 0);

  function dataFor(rpId: string, more: number, rest: Buffer): Buffer {
    state.counter += 1;
    const head = Buffer.alloc(37);
    createHash('sha256').update(rpId).digest().copy(head);
    head[32] = flags | more;
    head.writeUInt32BE(state.counter, 33);
    return Buffer.concat([head, rest]);
  }
  return {
    create(publicKey, origin) {
      const { rp, challenge } = publicKey as { rp: { id: string }; challenge: string };
      const attested = Buffer.concat([
        Buffer.alloc(16),
        Buffer.from([0, state.credentialId.length]),
        state.credentialId,
        coseKey(state.publicKey),
      ]);
      const attestationObject = Buffer.concat([
        Buffer.from([0xa3]),
        cborText('fmt'),
        cborText('none'),
        cborText('attStmt'),
        Buffer.from([0xa0]),
        cborText('authData'),
        cborBytes(dataFor(rp.id, ATTESTED, attested)),
      ]);
      return {
        ...base,
        response: {
          clientDataJSON: clientData('webauthn.create', challenge, origin).toString('base64url'),
          attestationObject: attestationObject.toString('base64url'),
          transports: ['internal'],
        },
      };
    },
    get(publicKey, origin) {
      const { rpId, challenge } = publicKey as { rpId: string; challenge: string };
      const authenticatorData = dataFor(rpId, 0, Buffer.alloc(0));
      const client = clientData('webauthn.get', challenge, origin);
      const hash = createHash('sha256').update(client).digest();
      const signature = sign('sha256', Buffer.concat([authenticatorData, hash]), state.privateKey);
      return {
        ...base,
        response: {
          clientDataJSON: client.toString('base64url'),
          authenticatorData: authenticatorData.toString('base64url'),
          signature: signature.toString('base64url'),
          userHandle: null,
        },
      };
    },
    clone: () => authenticatorOf({ ...state }, verifiesPerson),
  };
}

function clientData(type: string, challenge: string, origin: string): Buffer {
  return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
}

/** RFC 9052 and 9053: EC2, ES256, P-256, x and y. */
function coseKey(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  return Buffer.concat([
    Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]),
    cborBytes(Buffer.from(x, 'base64url')),
    Buffer.from([0x22]),
    cborBytes(Buffer.from(y, 'base64url')),
  ]);
}

function cborText(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x60 + text.length]), Buffer.from(text)]);
}

function cborBytes(bytes: Buffer): Buffer {
  // The shortest head, as CTAP2 wants it: readers write it anew and compare lengths.
  const head =
    bytes.length < 256 ? [0x58, bytes.length] : [0x59, bytes.length >> 8, bytes.length & 255];
  return Buffer.concat([Buffer.from(head), bytes]);
}
