import { createHash, randomBytes } from 'node:crypto';
import type { Doors, Identity, IdentityOptions, Provider } from './face.ts';

/**
 * The identity of persons over better-auth, which is loaded by whoever needs it first: a server
 * that starts again answers in the meantime.
 */
export function openIdentity(options: IdentityOptions): Identity {
  let open: { readonly key: string; readonly doors: Promise<Doors> } | undefined;
  /** Another list of providers needs other doors; the same list finds them open. */
  const doorsFor = (providers: readonly Provider[]): Promise<Doors> => {
    const key = JSON.stringify(providers);
    if (open?.key !== key) {
      const doors = import('./doors.ts').then(({ openDoors }) => openDoors(options, providers));
      open = { key, doors };
    }
    return open.doors;
  };
  const library = once(async () => (await import('./library.ts')).openLibrary(options));
  return {
    async recognise(headers) {
      // Without either nobody can be recognised, and there is nothing to load for it.
      if (!headers.has('cookie') && !headers.has('authorization')) return undefined;
      return (await library()).recognise(headers);
    },
    checkPassword: async (email, password) => (await library()).checkPassword(email, password),
    createPerson: async (person) => (await library()).createPerson(person),
    findPerson: async (email) => (await library()).findPerson(email),
    openSession: async (userId) => (await library()).openSession(userId),
    closeSession: async (headers) => (await library()).closeSession(headers),
    createKey: async (key) => (await library()).createKey(key),
    listKeys: async (organisationId) => (await library()).listKeys(organisationId),
    revokeKey: async (organisationId, keyId) => (await library()).revokeKey(organisationId, keyId),
    doors: async (providers) => doorsFor(providers),
    warm: async () => void (await library()),
  };
}

/** Loads at the first call; what failed is tried anew by the next. */
function once<Value>(load: () => Promise<Value>): () => Promise<Value> {
  let loaded: Promise<Value> | undefined;
  return () =>
    (loaded ??= load().catch((thrown: unknown) => {
      loaded = undefined;
      throw thrown;
    }));
}

/** A one-time token: what the person gets, and what is stored of it. */
export function oneTimeToken(): { token: string; hash: string } {
  const token = randomBytes(32).toString('base64url');
  return { token, hash: tokenHash(token) };
}

export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
