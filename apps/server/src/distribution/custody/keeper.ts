/** Who keeps the key that opens all content keys. */
export const KEEPERS = ['server', 'passphrase', 'token', 'kms'] as const;
/** One of {@link KEEPERS}. */
export type KeeperName = (typeof KEEPERS)[number];

/** A custody key under its keeper: what is stored, and what else opening it takes. */
export type Wrapped = {
  readonly parameters: Readonly<Record<string, string | number>>;
  readonly wrapped: Uint8Array;
};

/** Wraps a key of 32 bytes and unwraps it again; only a passphrase is asked of a person. */
export type Keeper = {
  readonly needsPassphrase: boolean;
  wrap(key: Uint8Array, passphrase?: string): Promise<Wrapped>;
  unwrap(stored: Wrapped, passphrase?: string): Promise<Uint8Array>;
};
