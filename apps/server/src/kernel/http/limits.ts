/** How long a client may take. Each is a name of its own, so that a test can be impatient. */
export type HttpLimits = {
  /** For the head of a request. */
  readonly headWithinMs: number;
  /** For a JSON body from its first byte to its last. */
  readonly bodyWithinMs: number;
  /** A longer body has to bring `trickleBytes` in each of these. */
  readonly trickleWithinMs: number;
  readonly trickleBytes: number;
  /** For a socket on which nothing moves: a reader that does not read, a sender that sleeps. */
  readonly idleMs: number;
};

/**
 * Generous enough for a cinema on a bad line (a quarter of a kilobyte a second), and an end for
 * whoever only holds the line. Live events beat every 15 s, far inside of `idleMs`.
 */
export const HTTP_LIMITS: HttpLimits = {
  headWithinMs: 30_000,
  bodyWithinMs: 60_000,
  trickleWithinMs: 60_000,
  trickleBytes: 16 * 1024,
  idleMs: 5 * 60_000,
};
