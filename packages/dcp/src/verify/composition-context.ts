import type { Uuid } from '@yinglian/core';
import type { KnownAsset } from './assets.ts';
import type { FindingCollector } from './findings.ts';
import type { HouseLimits } from './profile.ts';

/** What the checks of a composition look at. */
export type CompositionContext = {
  readonly collector: FindingCollector;
  readonly path: string;
  /** Assets of the package, of originals, and of stored reports. */
  readonly find: (id: Uuid) => KnownAsset | undefined;
  /** Whether an asset belongs to this package's packing list. */
  readonly packed: ReadonlySet<Uuid>;
  /** Whether no other composition of the package plays any of the same assets. */
  readonly alone: boolean;
  /** What a house asks beyond the standards. */
  readonly limits: HouseLimits | undefined;
};
