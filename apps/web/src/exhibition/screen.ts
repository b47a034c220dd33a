import type { contract, OutputOf } from '@yinglian/contract';

/** A screen with the device in it, as the API tells it. */
export type Screen = OutputOf<typeof contract.exhibition.screens.result>['rows'][number];
