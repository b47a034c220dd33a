import type { Severity } from '@yinglian/core';

/**
 * What a package is judged by.
 * - `auto`: Bv2.1 where a composition claims it; otherwise the standard of the package alone.
 * - `standard`: the standard of the package, whichever it is, without Bv2.1.
 * - `smpte`, `interop`: the same by name.
 * - `bv21`: Bv2.1, whatever the package claims.
 */
export type ProfileName = 'auto' | 'standard' | 'smpte' | 'interop' | 'bv21';

/** A house profile: one of the above, with severities of single codes changed or taken out. */
export type Profile = {
  readonly base: ProfileName;
  readonly severities?: Readonly<Record<string, Severity | 'ignored'>>;
};

/** The package says what it wants to be. */
export const DEFAULT_PROFILE: Profile = { base: 'auto' };
