/**
 * A plan says how a job is done in FFmpeg's own terms (filter graph, encoders, muxers) without
 * saying who runs it: the add-on in a worker, or the program on the command line. The verbs write
 * plans; each implementation only carries them out.
 */

/** Names of AVOptions and their values, as both the library and the command line read them. */
export type Options = { readonly [name: string]: string };

export type PlanInput = {
  readonly url: string;
  /** Demuxer by name; probed when absent. */
  readonly format?: string;
  readonly options: Options;
  /** Pictures and sound before this moment are read but not used; decimal seconds. */
  readonly seekSeconds?: string;
};

export type PlanStream = {
  /** Label of the graph without brackets. */
  readonly label: string;
  readonly kind: 'video' | 'audio';
  readonly codec: string;
  readonly options: Options;
  /** Stop after so many pictures. */
  readonly frameLimit?: number;
};

export type PlanOutput = {
  readonly url: string;
  readonly format: string;
  readonly options: Options;
  readonly metadata: Options;
  readonly streams: readonly PlanStream[];
};

export type Plan = {
  readonly inputs: readonly PlanInput[];
  /** Sources are written `[input:stream]` with absolute stream numbers, each at most once. */
  readonly graph: string;
  readonly outputs: readonly PlanOutput[];
};

/** What a run tells of itself; `undefined` where the implementation cannot know. */
export type Execution = {
  /** Pictures of the first picture stream that was written. */
  readonly pictures: number;
  /** Seconds of sound written, the longest stream. */
  readonly soundSeconds: number;
  /** Packets that could not be decoded. */
  readonly damagedPackets: number;
};

/** The first descriptor on which a child may write data: 0–2 are standard, 3 is the channel. */
export const FIRST_TAP = 4;
/** Data pipes a child has; no verb needs more. */
export const TAPS_MAX = 4;

export function tapUrl(tap: number): string {
  return `pipe:${FIRST_TAP + tap}`;
}

/** Keeps `concat:`, `http:` and the like out: what the host gives is a path, never an address. */
export function fileUrl(path: string): string {
  return `file:${path}`;
}

/** Demuxers that read one file and nothing else. Playlists may name other files or hosts. */
export const FORMAT_WHITELIST = [
  'mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,mpeg,mpegvideo,mxf,gxf,lxf,dv,avi,asf,flv',
  'wav,w64,aiff,caf,au,flac,ogg,mp3,aac,ac3,eac3,dts,dtshd,truehd,loas,amr,ape,tta,wv,iamf',
  'h264,hevc,vvc,obu,av1,ivf,m4v,avs2,avs3,ingenient,dirac,vc1,yuv4mpegpipe,rawvideo,nut',
  'image2,png_pipe,jpeg_pipe,jpegls_pipe,tiff_pipe,dpx_pipe,exr_pipe,j2k_pipe,bmp_pipe',
  'webp_pipe,pam_pipe,ppm_pipe,pgm_pipe,sgi_pipe,hdr_pipe,gif,apng,s24le,s16le,f32le',
].join(',');

export const INPUT_OPTIONS: Options = {
  protocol_whitelist: 'file,pipe',
  format_whitelist: FORMAT_WHITELIST,
};
