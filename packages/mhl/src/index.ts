export { FINDING_TEXTS } from './codes.ts';
export {
  createGeneration,
  type CreateOptions,
  type CreateResult,
  formatsFor,
  type MhlProgress,
} from './create.ts';
export { detectEncoding, type DetectedEncoding } from './decode.ts';
export { type FolderHash, folderHasher, type FolderHasher, hashOfList } from './directory-hash.ts';
export { ASC_MHL_EXIT_CODES, ASC_MHL_EXIT_OTHER, ascMhlExitCode } from './exit-code.ts';
export { flattenHistory, type FlattenOptions, type FlattenResult } from './flatten.ts';
export * from './formats.ts';
export { fileSafeName, manifestName, type WrittenGeneration } from './generation.ts';
export { type Generation, hasHistory, type History, readHistory } from './history.ts';
export { type IgnoreRules, ignoreRules, PATTERNS_MAX } from './ignore.ts';
export { type KnownFile, KnownFiles, type KnownHash } from './known.ts';
export * from './manifest1.ts';
export * from './model.ts';
export { compareNames, composedPath, isScopedPath } from './paths.ts';
export { orderedPipeline, type Pipeline } from './pipeline.ts';
export * from './ports.ts';
export {
  type ChainReading,
  type ManifestReading,
  readChain,
  readManifest,
  readWholeManifest,
} from './read.ts';
export { renameInHistory, type RenameHistoryOptions } from './rename.ts';
export { findKnown, missingFiles, type Survey, type SurveyOptions, surveyTree } from './survey.ts';
export {
  diffTree,
  verifyAgainst,
  type VerifyAgainstOptions,
  type VerifyOptions,
  type VerifyResult,
  verifyTree,
} from './verify.ts';
export { type WalkEvent, type WalkOptions, walkTree } from './walk.ts';
export {
  hashDate,
  manifestDate,
  type ManifestWriter,
  openManifestWriter,
  writeChain,
  writeManifest,
} from './write.ts';
