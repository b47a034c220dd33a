import { openFrameDecoder } from './frame-decoder.ts';
import {
  ALL_FORMATS,
  EncodedPacketSink,
  HLS_FORMATS,
  Input,
  type InputVideoTrack,
  UrlSource,
  type VideoSample,
  VideoSampleSink,
} from 'mediabunny';

/**
 * The pictures of a file by their numbers, decoded by the page itself. A video element shows the
 * frame it likes near a moment; here the moment of every frame is known, and one frame is decoded.
 */
export type Picture = {
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  /** The moment of the first frame in the file, in seconds; streams seldom begin at 0. */
  readonly firstSeconds: number;
  /** The frame, or null where the file ends before it. The caller closes it. */
  frame(number: number): Promise<VideoSample | null>;
  /** Frames from one on, in order, for playing what no video element can play. */
  from(number: number): AsyncGenerator<VideoSample, void, unknown>;
  /** The number of a decoded frame. */
  numberOf(sample: VideoSample): number;
  close(): void;
};

export type PictureOptions = {
  readonly framesPerSecond: number;
  /** Frames do not come evenly: their moments are read from the file instead of reckoned. */
  readonly uneven?: boolean;
};

/** Frames are asked for in their middle, where no rounding of a container reaches. */
const MIDDLE = 0.5;
/** One of a thousand frames of grace: containers round moments to a thousandth of a second. */
const GRACE = 0.1;

/** Opens what lies behind an address; undefined where this browser cannot decode its pictures. */
export async function openPicture(
  url: string,
  options: PictureOptions,
): Promise<Picture | undefined> {
  const input = new Input({
    formats: [...new Set([...ALL_FORMATS, ...HLS_FORMATS])],
    source: new UrlSource(new URL(url, document.baseURI)),
  });
  try {
    const track = await input.getPrimaryVideoTrack();
    if (track !== null && (await isDecodable(track))) {
      return await pictureOf(input, track, options);
    }
  } catch (fault) {
    input.dispose();
    throw fault;
  }
  input.dispose();
  return undefined;
}

async function isDecodable(track: InputVideoTrack): Promise<boolean> {
  if (typeof VideoDecoder === 'undefined') return false;
  const codec = await track.getCodec();
  if (codec === 'prores') {
    const { registerProresDecoder } = await import('@mediabunny/prores');
    registered ||= (registerProresDecoder(), true);
  }
  return track.canDecode();
}

let registered = false;

async function pictureOf(
  input: Input,
  track: InputVideoTrack,
  options: PictureOptions,
): Promise<Picture> {
  const sink = new VideoSampleSink(track);
  const firstSeconds = await track.getFirstTimestamp();
  const decoder = openFrameDecoder(sink, firstSeconds);
  const { framesPerSecond } = options;
  const table = options.uneven === true ? await momentsOf(track) : undefined;
  const middleOf = (frame: number) =>
    table === undefined
      ? firstSeconds + (frame + MIDDLE) / framesPerSecond
      : middleIn(table, frame);
  return {
    codec: (await track.getCodec()) ?? '',
    width: await track.getDisplayWidth(),
    height: await track.getDisplayHeight(),
    firstSeconds,
    async frame(number) {
      const sample = await decoder.at(middleOf(number));
      if (sample === null || numberAt(sample.timestamp) === number) return sample;
      // Past its end a file gives its last frame again: that is another one.
      sample.close();
      return null;
    },
    from: (number) => sink.samples(middleOf(number)),
    numberOf: (sample) => numberAt(sample.timestamp),
    close() {
      decoder.close();
      input.dispose();
    },
  };

  function numberAt(seconds: number): number {
    if (table !== undefined) return indexIn(table, seconds);
    return Math.floor((seconds - firstSeconds) * framesPerSecond + GRACE);
  }
}

/** The moments of all frames in the order in which they are shown. */
async function momentsOf(track: InputVideoTrack): Promise<Float64Array> {
  const moments: number[] = [];
  const packets = new EncodedPacketSink(track).packets(undefined, undefined, {
    metadataOnly: true,
  });
  for await (const { timestamp } of packets) moments.push(timestamp);
  return Float64Array.from(moments).sort();
}

function middleIn(table: Float64Array, frame: number): number {
  const [at, next] = [table[frame], table[frame + 1]];
  if (at === undefined) return Number.POSITIVE_INFINITY;
  return next === undefined ? at : (at + next) / 2;
}

/** The last frame that begins no later than a moment. */
function indexIn(table: Float64Array, seconds: number): number {
  let [low, high] = [0, table.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (table[middle]! <= seconds) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
