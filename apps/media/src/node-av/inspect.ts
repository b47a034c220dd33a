import {
  avChannelLayoutDescribe,
  avGetCodecName,
  avGetMediaTypeString,
  avGetPixFmtName,
  avGetSampleFmtName,
  Codec,
  CodecContext,
  Frame,
  Packet,
  type FormatContext,
  type Stream,
} from 'node-av/lib';
import {
  AV_DISPOSITION_ATTACHED_PIC,
  AV_FRAME_DATA_CONTENT_LIGHT_LEVEL,
  AV_FRAME_DATA_DOVI_METADATA,
  AV_FRAME_DATA_DYNAMIC_HDR_PLUS,
  AV_FRAME_DATA_DYNAMIC_HDR_VIVID,
  AV_FRAME_DATA_MASTERING_DISPLAY_METADATA,
  AV_FRAME_FLAG_INTERLACED,
  AV_FRAME_FLAG_TOP_FIELD_FIRST,
  AV_NOPTS_VALUE,
  AV_PKT_DATA_CONTENT_LIGHT_LEVEL,
  AV_PKT_DATA_DISPLAYMATRIX,
  AV_PKT_DATA_DOVI_CONF,
  AV_PKT_DATA_MASTERING_DISPLAY_METADATA,
  type AVPixelFormat,
  type AVSampleFormat,
} from 'node-av/constants';
import { knownName, MATRICES, PRIMARIES, TRANSFERS, transferKind } from '../colour-names.ts';
import {
  exactRate,
  exactSeconds,
  type HdrInfo,
  isVariable,
  layoutName,
  matrixRotation,
  type PictureStream,
  pixelFacts,
  type Probe,
  type ProbeStream,
  type StreamBase,
  settleRate,
  soundDepth,
  tagText,
} from '../probe.ts';

/** Packets read in search of the first picture; a file without one is not read to its end. */
const FIRST_PICTURE_PACKETS_MAX = 500;
const MICROSECONDS = '1/1000000';

type FirstPicture = {
  readonly interlaced: boolean;
  readonly topFirst: boolean;
  readonly mastering: Buffer | null;
  readonly light: Buffer | null;
  readonly dynamic: HdrInfo['dynamic'];
  readonly colour: {
    readonly primaries: number;
    readonly transfer: number;
    readonly matrix: number;
    readonly range: number;
  };
};

/** Reads the facts of an opened file; `count` is asked where the container does not count. */
export function inspect(
  format: FormatContext,
  sizeBytes: number,
  count: (() => ReadonlyMap<number, number>) | undefined,
): Probe {
  const streams = format.streams;
  const main = streams.find((each) => isPicture(each) && !isCover(each));
  const first = main === undefined ? undefined : decodeFirstPicture(format, main);
  const described = streams.map((each) => describeStream(each, each === main ? first : undefined));
  const wanting = described.some(
    (each) => each.kind === 'picture' && !each.cover && each.framesFrom !== 'container',
  );
  const counted = wanting ? count?.() : undefined;
  const whole =
    format.duration === AV_NOPTS_VALUE || format.duration <= 0n
      ? null
      : exactSeconds(format.duration, MICROSECONDS);
  const metadata = format.metadata?.getAll() ?? {};
  return {
    sizeBytes,
    container: format.iformat?.name ?? 'unknown',
    duration: described.find((each) => each.kind === 'picture')?.duration ?? whole,
    start: exactSeconds(format.startTime === AV_NOPTS_VALUE ? 0n : format.startTime, MICROSECONDS)!,
    startTimecode:
      metadata['timecode'] ?? described.find((each) => each.timecode !== null)?.timecode ?? null,
    metadata,
    streams: counted === undefined ? described : described.map((each) => withCount(each, counted)),
  };
}

function withCount(stream: ProbeStream, counted: ReadonlyMap<number, number>): ProbeStream {
  if (stream.kind !== 'picture' || stream.cover || stream.framesFrom === 'container') return stream;
  const frames = counted.get(stream.index) ?? 0;
  return frames === 0 ? stream : { ...stream, frames, framesFrom: 'counted' };
}

/** FFmpeg calls what it does not know `none`. */
function codecName(name: string | null): string {
  return name === null || name === 'none' ? 'unknown' : name;
}

function isPicture(stream: Stream): boolean {
  return avGetMediaTypeString(stream.codecpar.codecType) === 'video';
}

function isCover(stream: Stream): boolean {
  return (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) !== 0;
}

function describeStream(stream: Stream, first: FirstPicture | undefined): ProbeStream {
  const parameters = stream.codecpar;
  const metadata = stream.metadata?.getAll() ?? {};
  const timeBase = `${stream.timeBase.num}/${stream.timeBase.den}`;
  const known = (ticks: bigint) => (ticks === AV_NOPTS_VALUE ? null : ticks);
  const duration = known(stream.duration);
  const base = {
    index: stream.index,
    codec: codecName(avGetCodecName(parameters.codecId)),
    tag: tagText(parameters.codecTagString),
    timeBase,
    duration: duration === null || duration <= 0n ? null : exactSeconds(duration, timeBase),
    start: exactSeconds(known(stream.startTime), timeBase),
    language: metadata['language'] === 'und' ? null : (metadata['language'] ?? null),
    timecode: metadata['timecode'] ?? null,
    bitRate: parameters.bitRate > 0n ? Number(parameters.bitRate) : null,
  };
  const kind = avGetMediaTypeString(parameters.codecType);
  if (kind === 'video') return { ...base, ...describePicture(stream, first) };
  if (kind === 'audio') {
    const bits = parameters.bitsPerRawSample || parameters.bitsPerCodedSample;
    return {
      ...base,
      kind: 'sound',
      sampleRate: parameters.sampleRate,
      channels: parameters.channels,
      layout: layoutName(avChannelLayoutDescribe(parameters.channelLayout)),
      sampleFormat: avGetSampleFmtName(parameters.format as AVSampleFormat),
      bitDepth: soundDepth(base.codec, bits),
    };
  }
  return { ...base, kind: kind === 'subtitle' ? 'subtitle' : kind === 'data' ? 'data' : 'other' };
}

function describePicture(
  stream: Stream,
  first: FirstPicture | undefined,
): Omit<PictureStream, keyof StreamBase> {
  const parameters = stream.codecpar;
  const average = exactRate(String(stream.avgFrameRate));
  const base = exactRate(String(stream.rFrameRate));
  const frameRate = settleRate(average ?? base);
  const pixelFormat = avGetPixFmtName(parameters.format as AVPixelFormat);
  const profile = Codec.findDecoder(parameters.codecId)?.profiles?.find(
    (each) => each.profile === Number(parameters.profile),
  );
  const colour = first?.colour;
  const transfer = knownName(TRANSFERS[colour?.transfer || Number(parameters.colorTrc)]);
  const range = colour?.range || Number(parameters.colorRange);
  const aspect =
    stream.sampleAspectRatio.num > 0 ? stream.sampleAspectRatio : parameters.sampleAspectRatio;
  const frames = Number(stream.nbFrames);
  return {
    kind: 'picture',
    profile: profile?.name ?? null,
    width: parameters.width,
    height: parameters.height,
    frameRate,
    variableRate: isVariable(average, base),
    frames: frames > 0 ? frames : null,
    framesFrom: frames > 0 ? 'container' : null,
    pixelFormat,
    ...pixelFacts(pixelFormat),
    colour: {
      primaries: knownName(PRIMARIES[colour?.primaries || Number(parameters.colorPrimaries)]),
      transfer,
      matrix: matrixName(colour?.matrix ?? 2, Number(parameters.colorSpace)),
      range: range === 1 ? 'limited' : range === 2 ? 'full' : null,
    },
    hdr: describeHdr(stream, first, transferKind(transfer)),
    pixelAspect: aspect.num > 0 ? `${aspect.num}/${aspect.den}` : '1/1',
    rotation: rotationOf(stream),
    scan: scanOf(first),
    cover: isCover(stream),
  };
}

/** Zero means RGB and two means unspecified; the picture's own word is worth more. */
function matrixName(fromPicture: number, fromContainer: number): string | null {
  return knownName(MATRICES[fromPicture === 2 ? fromContainer : fromPicture]);
}

function scanOf(first: FirstPicture | undefined): PictureStream['scan'] {
  if (first === undefined) return null;
  if (!first.interlaced) return 'progressive';
  return first.topFirst ? 'top-first' : 'bottom-first';
}

function rotationOf(stream: Stream): PictureStream['rotation'] {
  const data = stream.codecpar.getCodedSideData(AV_PKT_DATA_DISPLAYMATRIX);
  if (data === null || data.length < 36) return 0;
  return matrixRotation(Array.from({ length: 9 }, (_, at) => data.readInt32LE(4 * at)));
}

function describeHdr(
  stream: Stream,
  first: FirstPicture | undefined,
  kind: HdrInfo['kind'],
): HdrInfo {
  const coded = stream.codecpar;
  const mastering =
    first?.mastering ?? coded.getCodedSideData(AV_PKT_DATA_MASTERING_DISPLAY_METADATA);
  const light = first?.light ?? coded.getCodedSideData(AV_PKT_DATA_CONTENT_LIGHT_LEVEL);
  const dynamic = new Set(first?.dynamic ?? []);
  if (coded.getCodedSideData(AV_PKT_DATA_DOVI_CONF) !== null) dynamic.add('dolby-vision');
  const luminance = mastering === null ? undefined : masteringLuminance(mastering);
  return {
    kind,
    dynamic: [...dynamic],
    masteringPeak: luminance?.peak ?? null,
    masteringBlack: luminance?.black ?? null,
    maxContentLight: light === null || light.length < 8 ? null : light.readUInt32LE(0),
    maxFrameAverageLight: light === null || light.length < 8 ? null : light.readUInt32LE(4),
  };
}

/** AVMasteringDisplayMetadata: 8 rationals of primaries, then black, peak and two flags. */
function masteringLuminance(data: Buffer): { peak: number; black: number } | undefined {
  const [black, peak, hasLuminance] = [64, 72, 84];
  if (data.length < 88 || data.readInt32LE(hasLuminance) === 0) return undefined;
  const fraction = (at: number) => data.readInt32LE(at) / data.readInt32LE(at + 4);
  return { peak: fraction(peak), black: fraction(black) };
}

function decodeFirstPicture(format: FormatContext, stream: Stream): FirstPicture | undefined {
  const codec = Codec.findDecoder(stream.codecpar.codecId);
  if (codec === null) return undefined;
  const decoder = new CodecContext();
  decoder.allocContext3(codec);
  decoder.parametersToContext(stream.codecpar);
  decoder.pktTimebase = stream.timeBase;
  decoder.threadCount = 1;
  const packet = new Packet();
  packet.alloc();
  const frame = new Frame();
  frame.alloc();
  try {
    if (decoder.open2Sync(codec, null) < 0) return undefined;
    for (let read = 0; read < FIRST_PICTURE_PACKETS_MAX; read++) {
      const ended = format.readFrameSync(packet) < 0;
      if (ended) decoder.sendPacketSync(null);
      else if (packet.streamIndex === stream.index) decoder.sendPacketSync(packet);
      packet.unref();
      if (decoder.receiveFrameSync(frame) >= 0) return readFirstPicture(frame);
      if (ended) return undefined;
    }
    return undefined;
  } finally {
    packet.free();
    frame.free();
    decoder.freeContext();
  }
}

function readFirstPicture(frame: Frame): FirstPicture {
  const copy = (data: Buffer | null) => (data === null ? null : Buffer.from(data));
  const dynamic: HdrInfo['dynamic'][number][] = [];
  if (frame.getSideData(AV_FRAME_DATA_DYNAMIC_HDR_PLUS) !== null) dynamic.push('hdr10+');
  if (frame.getSideData(AV_FRAME_DATA_DOVI_METADATA) !== null) dynamic.push('dolby-vision');
  if (frame.getSideData(AV_FRAME_DATA_DYNAMIC_HDR_VIVID) !== null) dynamic.push('hdr-vivid');
  return {
    interlaced: (frame.flags & AV_FRAME_FLAG_INTERLACED) !== 0,
    topFirst: (frame.flags & AV_FRAME_FLAG_TOP_FIELD_FIRST) !== 0,
    mastering: copy(frame.getSideData(AV_FRAME_DATA_MASTERING_DISPLAY_METADATA)),
    light: copy(frame.getSideData(AV_FRAME_DATA_CONTENT_LIGHT_LEVEL)),
    dynamic,
    colour: {
      primaries: unlessUnspecified(Number(frame.colorPrimaries)),
      transfer: unlessUnspecified(Number(frame.colorTrc)),
      matrix: Number(frame.colorSpace),
      range: Number(frame.colorRange),
    },
  };
}

/** Code point 2 of H.273 says nothing; zero lets the container speak. */
function unlessUnspecified(codePoint: number): number {
  return codePoint === 2 ? 0 : codePoint;
}

/** Packets per stream from the beginning to the end; only headers are looked at. */
export function countPackets(format: FormatContext): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  const packet = new Packet();
  packet.alloc();
  while (format.readFrameSync(packet) >= 0) {
    counts.set(packet.streamIndex, (counts.get(packet.streamIndex) ?? 0) + 1);
    packet.unref();
  }
  packet.free();
  return counts;
}
