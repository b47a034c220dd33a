import {
  avChannelLayoutDescribe,
  avGetMediaTypeString,
  avGetSampleFmtName,
  avRescaleQ,
  Codec,
  CodecContext,
  Frame,
  Packet,
  type FilterContext,
  type FormatContext,
  type Stream,
} from 'node-av/lib';
import {
  AV_NOPTS_VALUE,
  AVDISCARD_ALL,
  AVSEEK_FLAG_BACKWARD,
  type AVSampleFormat,
} from 'node-av/constants';
import type { PlanInput } from '../plan.ts';
import { layoutName } from '../probe.ts';
import { END_OF_FILE, JobFault, must, TRY_AGAIN } from './faults.ts';
import { openInput } from './open.ts';

/** One or two channels without names need no question; more stay numbered. */
const GUESSED: Readonly<Record<number, string>> = { 1: 'mono', 2: 'stereo' };

const MICROSECOND = { num: 1, den: 1_000_000 };

/** One stream that the graph reads: its decoder and the place where its frames enter. */
export class Source {
  readonly label: string;
  readonly stream: Stream;
  readonly kind: 'video' | 'audio';
  readonly decoder: CodecContext;
  readonly timeBase: { readonly num: number; readonly den: number };
  /** Frames decoded before the graph stood; oldest first. */
  readonly waiting: Frame[] = [];
  entry: FilterContext | undefined;
  ended = false;
  damagedPackets = 0;
  decodedFrames = 0;
  private nextPts: bigint | undefined;
  private readonly skipBefore: bigint | undefined;
  private readonly offset: bigint;
  private readonly frame: Frame;

  constructor(label: string, stream: Stream, originMicros: bigint, seekMicros: bigint | undefined) {
    this.label = label;
    this.stream = stream;
    this.kind = kindOf(stream);
    this.timeBase = stream.timeBase;
    const begin = originMicros + (seekMicros ?? 0n);
    this.offset = avRescaleQ(begin, MICROSECOND, this.timeBase);
    this.skipBefore = seekMicros === undefined ? undefined : 0n;
    this.decoder = openDecoder(stream);
    this.frame = new Frame();
    this.frame.alloc();
  }

  /** Sends a packet (null: no more) and hands over what comes out. */
  decode(packet: Packet | null, take: (frame: Frame) => void): void {
    const sent = this.decoder.sendPacketSync(packet);
    if (sent < 0 && sent !== TRY_AGAIN && sent !== END_OF_FILE) this.damagedPackets++;
    for (;;) {
      const received = this.decoder.receiveFrameSync(this.frame);
      if (received === TRY_AGAIN || received === END_OF_FILE) return;
      if (received < 0) {
        this.damagedPackets++;
        if (packet !== null) return;
        continue;
      }
      if (this.stamp(this.frame)) {
        this.decodedFrames++;
        take(this.frame);
      }
      this.frame.unref();
    }
  }

  /** Puts the frame on the film's own time; false when it lies before what was asked. */
  private stamp(frame: Frame): boolean {
    const best = frame.bestEffortTimestamp;
    const pts = best === AV_NOPTS_VALUE ? (this.nextPts ?? 0n) : best - this.offset;
    if (this.kind === 'audio') {
      const perSample = { num: 1, den: frame.sampleRate };
      this.nextPts = pts + avRescaleQ(BigInt(frame.nbSamples), perSample, this.timeBase);
    } else {
      this.nextPts = pts + (frame.duration > 0n ? frame.duration : 1n);
    }
    frame.pts = pts;
    return this.skipBefore === undefined || pts >= this.skipBefore;
  }

  /** Arguments of `buffer` or `abuffer` for what this stream gives. */
  entryArguments(): string {
    const sample = this.waiting[0];
    const { num, den } = this.timeBase;
    const parameters = this.stream.codecpar;
    if (this.kind === 'audio') {
      const format = Number(sample?.format ?? this.decoder.sampleFormat);
      const layout = sample?.channelLayout ?? parameters.channelLayout;
      const said = layoutName(avChannelLayoutDescribe(layout)) ?? GUESSED[layout.nbChannels];
      return [
        `time_base=${num}/${den}`,
        `sample_rate=${sample?.sampleRate ?? parameters.sampleRate}`,
        `sample_fmt=${avGetSampleFmtName(format as AVSampleFormat)}`,
        said === undefined ? `channels=${layout.nbChannels}` : `channel_layout=${said}`,
      ].join(':');
    }
    const rate =
      this.stream.avgFrameRate.num > 0 ? this.stream.avgFrameRate : this.stream.rFrameRate;
    const aspect = sample?.sampleAspectRatio ?? this.stream.sampleAspectRatio;
    return [
      `video_size=${sample?.width ?? parameters.width}x${sample?.height ?? parameters.height}`,
      `pix_fmt=${Number(sample?.format ?? parameters.format)}`,
      `time_base=${num}/${den}`,
      ...(rate.num > 0 ? [`frame_rate=${rate.num}/${rate.den}`] : []),
      `pixel_aspect=${aspect.num > 0 ? `${aspect.num}/${aspect.den}` : '1/1'}`,
      `colorspace=${Number(sample?.colorSpace ?? parameters.colorSpace)}`,
      `range=${Number(sample?.colorRange ?? parameters.colorRange)}`,
    ].join(':');
  }

  close(): void {
    for (const frame of this.waiting.splice(0)) frame.free();
    this.frame.free();
    this.decoder.freeContext();
  }
}

function kindOf(stream: Stream): 'video' | 'audio' {
  const kind = avGetMediaTypeString(stream.codecpar.codecType);
  if (kind === 'video' || kind === 'audio') return kind;
  throw new JobFault('missing_stream', { kind: 'picture or sound' });
}

function openDecoder(stream: Stream): CodecContext {
  const parameters = stream.codecpar;
  const codec = Codec.findDecoder(parameters.codecId);
  if (codec === null) {
    throw new JobFault('unsupported_codec', { codec: String(parameters.codecTagString) });
  }
  const decoder = new CodecContext();
  decoder.allocContext3(codec);
  must(decoder.parametersToContext(parameters), 'failed_decoding');
  decoder.pktTimebase = stream.timeBase;
  decoder.threadCount = 0;
  must(decoder.open2Sync(codec, null), 'failed_decoding');
  return decoder;
}

/** One opened file and the sources that the graph wants from it. */
export class Input {
  readonly format: FormatContext;
  readonly sources = new Map<number, Source>();
  ended = false;
  /** How far reading has come, to keep several inputs side by side. */
  positionSeconds = 0;
  private readonly originMicros: bigint;
  private readonly seekMicros: bigint | undefined;

  constructor(input: PlanInput) {
    this.format = openInput(input);
    const start = this.format.startTime;
    this.originMicros = start === AV_NOPTS_VALUE ? 0n : start;
    this.seekMicros =
      input.seekSeconds === undefined
        ? undefined
        : BigInt(Math.round(Number(input.seekSeconds) * 1_000_000));
    if (this.seekMicros !== undefined) {
      const target = this.originMicros + this.seekMicros;
      must(this.format.seekFrameSync(-1, target, AVSEEK_FLAG_BACKWARD), 'failed_decoding');
    }
  }

  addSource(label: string, index: number): Source {
    const stream = this.format.streams[index];
    if (stream === undefined) throw new JobFault('missing_stream', { kind: `number ${index}` });
    const source = new Source(label, stream, this.originMicros, this.seekMicros);
    this.sources.set(index, source);
    return source;
  }

  /** Streams nobody asked for are not even read. */
  discardRest(): void {
    for (const stream of this.format.streams) {
      if (!this.sources.has(stream.index)) stream.discard = AVDISCARD_ALL;
    }
  }

  /** The next packet of a wanted stream; false at the end. */
  read(packet: Packet): Source | false {
    for (;;) {
      packet.unref();
      if (this.format.readFrameSync(packet) < 0) {
        this.ended = true;
        return false;
      }
      const source = this.sources.get(packet.streamIndex);
      if (source === undefined) continue;
      const at = packet.dts === AV_NOPTS_VALUE ? packet.pts : packet.dts;
      if (at !== AV_NOPTS_VALUE) {
        this.positionSeconds = (Number(at) * source.timeBase.num) / source.timeBase.den;
      }
      return source;
    }
  }

  close(): void {
    for (const source of this.sources.values()) source.close();
    this.format.closeInputSync();
  }
}
