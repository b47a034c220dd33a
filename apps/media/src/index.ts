export type { EngineName, JobProgress, Limits } from './backend.ts';
export { DEFAULT_LIMITS } from './backend.ts';
export type { Capabilities, Feature } from './capabilities.ts';
export { checkDescription } from './check.ts';
export { FINDING_TEXTS } from './codes.ts';
export * from './engine.ts';
export type { JobOptions } from './job-runner.ts';
export * from './jobs.ts';
export {
  mainPicture,
  type HdrInfo,
  type OtherStream,
  type PictureStream,
  type Probe,
  type ProbeStream,
  type SoundStream,
  soundStreams,
} from './probe.ts';
export {
  frameBytesOf,
  type FrameConsumer,
  type FramesResult,
  type RawFrame,
  type ThumbnailResult,
} from './verbs/frames.ts';
export type { LoudnessResult, PcmResult, WaveformResult } from './verbs/listen.ts';
export type { Cut, DetectResult, FilmstripResult, FilmstripTile, Passage } from './verbs/look.ts';
export type { HlsResult, ProxyResult } from './verbs/proxy.ts';
export type { RenderResult } from './verbs/render.ts';
export { croppedPicture } from './verbs/picture-chain.ts';
export { programmeSound } from './verbs/sound-chain.ts';
export {
  cinemaActiveArea,
  type CinemaFrameEntry,
  type CinemaFramesResult,
  type CinemaJob,
  type CinemaMode,
  type CinemaOptions,
  encodeCinemaFrames,
} from './cinema/encode.ts';
export { CINEMA_ENCODERS, type CinemaEncoderName } from './cinema/programs.ts';
export type { CinemaSpace } from './cinema/messages.ts';
