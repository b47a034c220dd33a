import type { contract, InputOf } from '@yinglian/contract';
import { api } from './api.ts';

/**
 * Passkeys in the browser (WebAuthn level 3). Browsers know them on `https:` and on localhost only;
 * elsewhere nothing of this is offered.
 */
export function knowsPasskeys(): boolean {
  return (
    typeof PublicKeyCredential === 'function' &&
    typeof PublicKeyCredential.parseCreationOptionsFromJSON === 'function'
  );
}

/** The person said no, or took too long: that is no fault to speak of. */
export function isGivenUp(fault: unknown): boolean {
  return (
    fault instanceof DOMException &&
    (fault.name === 'NotAllowedError' || fault.name === 'AbortError')
  );
}

type NewCredential = InputOf<typeof contract.passkeys.register.body>['credential'];
type ShownCredential = InputOf<typeof contract.passkeys.signIn.body>['credential'];

/** Makes a passkey on this device for the person who is signed in, and registers it. */
export async function registerPasskey(name: string) {
  const { publicKey } = await api.passkeys.options();
  const made = await navigator.credentials.create({
    publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(
      publicKey as unknown as PublicKeyCredentialCreationOptionsJSON,
    ),
  });
  return api.passkeys.register({
    body: {
      name,
      credential: jsonOf(made) as unknown as NewCredential,
    },
  });
}

/** Lets the person choose a passkey and signs in with it. */
export async function signInWithPasskey() {
  const { publicKey } = await api.passkeys.signInOptions();
  const shown = await navigator.credentials.get({
    publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(
      publicKey as unknown as PublicKeyCredentialRequestOptionsJSON,
    ),
  });
  return api.passkeys.signIn({ body: { credential: jsonOf(shown) as unknown as ShownCredential } });
}

function jsonOf(credential: Credential | null): object {
  if (!(credential instanceof PublicKeyCredential)) {
    throw new DOMException('no credential', 'NotAllowedError');
  }
  return credential.toJSON() as object;
}
