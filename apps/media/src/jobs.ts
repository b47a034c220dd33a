/**
 * Job descriptions: what is wanted, as plain JSON. They carry no function, no handle and no
 * engine's dialect, so that both implementations take the same and a queue can keep them.
 */

/** Where the sound and pictures are. Paths are absolute and are given by the host. */
export type MediaInput =
  | { readonly kind: 'file'; readonly path: string }
  | {
      /** Numbered pictures: DPX, TIFF, PNG, EXR, JPEG 2000 … in one folder. */
      readonly kind: 'sequence';
      /** `/roll/take.%06d.dpx`: one `%0Nd` in the last part of the path. */
      readonly pattern: string;
      readonly firstNumber: number;
      readonly count: number;
      /** Exact, for example `24` or `24000/1001`. A picture sequence does not know its rate. */
      readonly frameRate: string;
      /** Of the first picture, where its header or a list tells it. */
      readonly startTimecode?: string;
      /** Of raw pictures: what neutral light gives in red, green and blue (DNG AsShotNeutral). */
      readonly neutral?: readonly number[];
      /** The same by the camera's own matrix, in daylight (DNG ColorMatrix times D65). */
      readonly daylight?: readonly number[];
    };

export type PictureSize = { readonly width: number; readonly height: number };

/**
 * - `pad`: the whole picture, centred, with black around it.
 * - `crop`: the whole target, what hangs over is cut.
 * - `stretch`: shape is not kept.
 * - `none`: every pixel as it is, cut and padded about the centre.
 */
export type Fit = 'pad' | 'crop' | 'stretch' | 'none';

export type ProbeJob = {
  readonly verb: 'probe';
  readonly input: MediaInput;
  /** Read the whole file to count pictures where the container does not say. Default true. */
  readonly count?: boolean;
};

export type ProxyJob = {
  readonly verb: 'proxy';
  readonly input: MediaInput;
  readonly output: string;
  /** Sound in a file of its own, laid under the picture from its beginning. */
  readonly sound?: string;
  /** Larger pictures are made smaller, smaller ones are kept. Default 540. */
  readonly heightMax?: number;
  /** x264's constant rate factor. Default 23. */
  readonly quality?: number;
  /** Pictures between two places to which a player can jump. Default half a second. */
  readonly groupFrames?: number;
  /** Default `mp4`: progressive with the index first. `fmp4`: fragments, playable while growing. */
  readonly container?: 'mp4' | 'fmp4';
  /**
   * Lines laid all over the picture, so that a copy tells whose it was. Latin capitals, digits and
   * common marks are drawn with an own bitmap font; other letters take a font of the machine with
   * Chinese letters, and a line that cannot be written is told.
   */
  readonly stamp?: readonly string[];
};

export type HlsJob = {
  readonly verb: 'hls';
  readonly input: MediaInput;
  /** A folder that exists; it receives `index.m3u8`, `init.mp4` and the segments. */
  readonly outputFolder: string;
  readonly heightMax?: number;
  readonly quality?: number;
  readonly segmentSeconds?: number;
};

export type FilmstripJob = {
  readonly verb: 'filmstrip';
  readonly input: MediaInput;
  /** A folder that exists; it receives `sheet-0001.jpg` … and `index.json`. */
  readonly outputFolder: string;
  readonly format?: 'jpeg' | 'webp';
  readonly tileWidth?: number;
  readonly columns?: number;
  readonly rows?: number;
  /** Whole pictures between two tiles. Default: as many as give about 100 tiles. */
  readonly everyFrames?: number;
};

export type WaveformJob = {
  readonly verb: 'waveform';
  readonly input: MediaInput;
  /** JSON in the shape of BBC audiowaveform version 2, with one entry more for the mix. */
  readonly output: string;
  readonly peaksPerSecond?: number;
};

export type ThumbnailJob = {
  readonly verb: 'thumbnail';
  readonly input: MediaInput;
  /** `.jpg`, `.png`, `.webp` or `.tif`; PNG and TIFF keep 16 bits where the source has them. */
  readonly output: string;
  /** The exact picture, counted from 0. Default: one tenth into the film. */
  readonly frame?: number;
  readonly widthMax?: number;
};

export type RawPixelFormat =
  | 'rgb48le'
  | 'rgb24'
  | 'gray'
  | 'yuv420p'
  | 'yuv422p10le'
  | 'yuv444p16le';

/** A rectangle of a picture, in pixels of the file once it stands upright. */
export type PictureArea = PictureSize & { readonly left: number; readonly top: number };

export type FramesJob = {
  readonly verb: 'frames';
  readonly input: MediaInput;
  readonly pixelFormat: RawPixelFormat;
  readonly size?: PictureSize;
  readonly fit?: Fit;
  /** What of the upright picture is taken, in pixels of the file; everything unless told. */
  readonly crop?: PictureArea;
  readonly firstFrame?: number;
  readonly count?: number;
  /** Brings PQ and HLG down to BT.709; a preview, not a grade. Default false. */
  readonly toneMap?: boolean;
  /**
   * Another rate than the film's own: time is kept, pictures are repeated or left out. Pictures
   * are then counted at this rate.
   */
  readonly frameRate?: string;
  /** A folder that exists: each picture becomes `frame-00000000.raw` there, not the consumer's. */
  readonly outputFolder?: string;
};

/** One output channel: where it comes from, or silence. */
export type ChannelSource = { readonly stream: number; readonly channel: number } | null;
export type SoundLayout = '1.0' | '2.0' | '5.1' | '7.1';

export type PcmJob = {
  readonly verb: 'pcm';
  readonly input: MediaInput;
  readonly output: string;
  readonly container?: 'wav' | 'raw';
  /**
   * Order of the channels in the output is that of ST 428-12 and ST 429-2: L R C LFE Ls Rs, and
   * for 7.1 L R C LFE Lss Rss Lrs Rrs.
   */
  readonly layout: SoundLayout;
  /** One entry per output channel; default: by the meaning of the input's channels. */
  readonly map?: readonly ChannelSource[];
  readonly sampleRate?: 48_000 | 96_000;
  /**
   * How much faster it plays than the input, `1001/1000` for 23.976 to 24: length and pitch change
   * together, exactly. The sampling rate times this must be whole.
   */
  readonly speed?: string;
  /** Exact length of the result: silence is added or the rest is cut. */
  readonly samples?: number;
};

export type LoudnessJob = { readonly verb: 'loudness'; readonly input: MediaInput };

export type DetectJob = {
  readonly verb: 'detect';
  readonly input: MediaInput;
  readonly kinds: readonly ('scene' | 'black' | 'freeze' | 'silence')[];
  /** Percent of change that makes a cut, FFmpeg's scdet scale. Default 10. */
  readonly sceneThreshold?: number;
  readonly silenceDecibels?: number;
  /** The shortest black, frozen or silent passage told, in seconds. Default 0.5. */
  readonly leastSeconds?: number;
};

export type RenderPreset =
  | 'h264-mp4'
  | 'hevc10-mp4'
  | 'prores-mov'
  | 'mpeg2-mxf'
  | 'dnxhd-mxf'
  | 'h264-ts'
  | 'ffv1-mkv'
  | 'wav'
  | 'dpx'
  | 'tiff'
  | 'png'
  | 'exr';

export type RenderJob = {
  readonly verb: 'render';
  /** A file; for picture sequences a pattern with `%0Nd`, numbered from 0. */
  readonly output: string;
  readonly preset: RenderPreset;
  readonly size: PictureSize;
  readonly frameRate: string;
  readonly frames: number;
  /** Latin capitals, digits and common marks: drawn with an own bitmap font. */
  readonly title: string;
  readonly subtitle?: string;
  /** Timecode of the first picture, counted without dropping. Default `01:00:00:00`. */
  readonly startTimecode?: string;
  readonly channels?: 0 | 1 | 2 | 6 | 8;
  /** `film`: title card, bars, shapes; `bars`: only bars with the clock; `black`; `still`. */
  readonly programme?: 'film' | 'bars' | 'black' | 'still';
  /** B-frames of the inter-coded presets. */
  readonly bFrames?: number;
  /** Marks the file as PQ or HLG with mastering data: only `hevc10-mp4`. */
  readonly transfer?: 'sdr' | 'pq' | 'hlg';
  readonly seed?: number;
};

export type MediaJobDescription =
  | ProbeJob
  | ProxyJob
  | HlsJob
  | FilmstripJob
  | WaveformJob
  | ThumbnailJob
  | FramesJob
  | PcmJob
  | LoudnessJob
  | DetectJob
  | RenderJob;

export type Verb = MediaJobDescription['verb'];
export const VERBS: readonly Verb[] = [
  'probe',
  'proxy',
  'hls',
  'filmstrip',
  'waveform',
  'thumbnail',
  'frames',
  'pcm',
  'loudness',
  'detect',
  'render',
];
