import type {
  BlockResult,
  BlockTask,
  CinemaFrame,
  CinemaOptions,
  Decoded,
  DecodeOptions,
  EncodeOptions,
  Image,
  RateCurve,
} from '@yinglian/jpeg2000';

/** What a thread of the {@link Crew} can be asked for, and what it answers. */
export type Task =
  | { readonly kind: 'blocks'; readonly task: BlockTask }
  | { readonly kind: 'cinema'; readonly image: Image; readonly options: CinemaOptions }
  | { readonly kind: 'measure'; readonly image: Image; readonly options: CinemaOptions }
  | { readonly kind: 'decode'; readonly bytes: Uint8Array; readonly options: DecodeOptions }
  | { readonly kind: 'general'; readonly image: Image; readonly options: EncodeOptions };

/** The answer to each kind of task. */
export type Answers = {
  readonly blocks: BlockResult;
  readonly cinema: CinemaFrame;
  readonly measure: RateCurve;
  readonly decode: Decoded;
  readonly general: Uint8Array;
};
