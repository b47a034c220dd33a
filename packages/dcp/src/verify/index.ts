export {
  type AssetExaminer,
  type AssetOrder,
  examineAlone,
  type ExaminedAsset,
} from './examination.ts';
export { kindOfMediaType } from './content-kind.ts';
export { readHouseProfile } from './house-file.ts';
export {
  type HouseLimits,
  type MeasureLimits,
  type Profile,
  PROFILE_NAMES,
  type ProfileName,
} from './profile.ts';
export type * from './report.ts';
export { type Rule, type RuleCode, RULES } from './rules.ts';
export { verifyPackage, type VerifyOptions, type VerifyPorts } from './verify.ts';
export { assetPath } from './mapping.ts';
