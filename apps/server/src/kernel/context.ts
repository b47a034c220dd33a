import type { Permission, Role } from '@yinglian/contract';

/** Who asks. Everything a service may know about the request; nothing of HTTP. */
export type Context = {
  readonly user: Person | undefined;
  readonly organisation: Acting | undefined;
  /** What the roles in the acting organisation permit, `network.administer` for operators. */
  readonly permissions: ReadonlySet<Permission>;
  readonly requestId: string;
  /** Ends when the caller hangs up or the job is cancelled. */
  readonly signal: AbortSignal;
  /** Present where the caller sent `Idempotency-Key` to an endpoint that creates. */
  readonly idempotency: Idempotency | undefined;
};

export type Person = {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  /** Runs the network as such. */
  readonly operator: boolean;
};

/** The organisation that the caller acts for. */
export type Acting = {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly roles: readonly Role[];
};

export type Idempotency = {
  readonly scope: string;
  readonly key: string;
  readonly requestHash: string;
};

/** The context of the server itself: jobs without a person, first start, housekeeping. */
export function systemContext(signal: AbortSignal = new AbortController().signal): Context {
  return {
    user: undefined,
    organisation: undefined,
    permissions: new Set(),
    requestId: 'system',
    signal,
    idempotency: undefined,
  };
}
