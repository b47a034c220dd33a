export type {
  CinemaFrame,
  CinemaOptions,
  Decoded,
  DecodeOptions,
  EncodeOptions,
  EncodeStatistics,
  Image,
  Progression,
  RateState,
  Samples,
  TilePartKey,
} from './model.ts';
export { PROGRESSIONS } from './model.ts';
export { createEncoder, type Encoder } from './encoder.ts';
export {
  type BlockCoder,
  type BlockHelper,
  type BlockResult,
  type BlockTask,
  createBlockCoder,
} from './block-sharing.ts';
export { bytesAtSlope, type RateCurve, sharedSlope } from './rate-control.ts';
export { ByteLimitFault } from './frame-coder.ts';
export { createDecoder, type Decoder } from './decoder.ts';
export { cinemaLimits, type CinemaLimits } from './cinema.ts';
export {
  type Codestream,
  type CodestreamSize,
  type CodingDefault,
  type CodingStyle,
  type ComponentSize,
  type HeaderParameters,
  type MarkerSegment,
  parseCodestream,
  type Quantisation,
  type TilePart,
} from './codestream.ts';
export { transcodeHeaders, type TranscodeOptions } from './transcode.ts';
export { checkCinema, type CinemaCheckOptions } from './check.ts';
export { FINDING_TEXTS, type FindingText } from './codes.ts';
