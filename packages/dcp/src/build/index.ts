export {
  aspectText,
  type BuiltFile,
  type ContentKey,
  labelUrn,
  TIMED_TEXT_NAMESPACE,
} from './assets.ts';
export { soundConfiguration } from './metadata.ts';
export { mapChannels, usualSlots } from './channels.ts';
export * from './naming.ts';
export { buildPackage, type BuildOptions, type BuiltPackage } from './package.ts';
export type * from './plan.ts';
export {
  rewrapPackage,
  type RewrapPackageOptions,
  type RewrappedPackage,
} from './rewrap-package.ts';
export { derivedRandom, hashSource, streamSource } from './sinks.ts';
