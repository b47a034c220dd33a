export type {
  CinemaFrame, CinemaOptions, Decoded, DecodeOptions, EncodeOptions, EncodeStatistics, Image,
  Progression, RateState, Samples,
} from './model.ts';
export { createEncoder, type Encoder } from './encoder.ts';
export { cinemaLimits, type CinemaLimits } from './cinema.ts';
