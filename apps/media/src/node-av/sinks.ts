import {
  avGetPixFmtName,
  avRescaleQ,
  Codec,
  CodecContext,
  Dictionary,
  FormatContext,
  Frame,
  Packet,
  Rational,
  type FilterContext,
  type Stream,
} from 'node-av/lib';
import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_NOPTS_VALUE,
  AV_PICTURE_TYPE_NONE,
  AVFMT_GLOBALHEADER,
  AVFMT_NOFILE,
  type AVPixelFormat,
  type AVSampleFormat,
} from 'node-av/constants';
import type { PlanOutput, PlanStream } from '../plan.ts';
import { END_OF_FILE, JobFault, must, TRY_AGAIN } from './faults.ts';

/** One stream being written: from the end of the graph through its encoder to the muxer. */
class Sink {
  readonly plan: PlanStream;
  readonly encoder: CodecContext;
  readonly stream: Stream;
  exit: FilterContext | undefined;
  frames = 0;
  soundSeconds = 0;
  finished = false;

  constructor(plan: PlanStream, encoder: CodecContext, stream: Stream) {
    this.plan = plan;
    this.encoder = encoder;
    this.stream = stream;
  }
}

/** A file, folder or pipe that is written, with its streams. */
export class Output {
  readonly plan: PlanOutput;
  readonly sinks: Sink[] = [];
  private readonly format = new FormatContext();
  private readonly frame = new Frame();
  private readonly packet = new Packet();
  private headerWritten = false;

  constructor(plan: PlanOutput) {
    this.plan = plan;
    const path = plan.url;
    must(this.format.allocOutputContext2(null, plan.format, plan.url), 'unsupported_codec', {
      codec: plan.format,
    });
    this.frame.alloc();
    this.packet.alloc();
    const needsFile = ((this.format.oformat?.flags ?? 0) & AVFMT_NOFILE) === 0;
    if (needsFile) must(this.format.openOutputSync(), 'failed_writing', { path });
  }

  get finished(): boolean {
    return this.headerWritten && this.sinks.every((each) => each.finished);
  }

  /** Encoders are opened by the graph's own word on size, format and rate. */
  async attach(exits: ReadonlyMap<string, FilterContext>): Promise<void> {
    if (this.headerWritten) {
      for (const sink of this.sinks) sink.exit = exits.get(sink.plan.label);
      return;
    }
    for (const plan of this.plan.streams) {
      const exit = exits.get(plan.label);
      if (exit === undefined) throw new JobFault('invalid_job', { reason: `[${plan.label}]` });
      const stream = this.format.newStream(null);
      const encoder = await this.openEncoder(plan, exit);
      must(stream.codecpar.fromContext(encoder), 'failed_encoding', { codec: plan.codec });
      stream.timeBase = encoder.timeBase;
      if (plan.kind === 'video') stream.avgFrameRate = exit.buffersinkGetFrameRate();
      const sink = new Sink(plan, encoder, stream);
      sink.exit = exit;
      this.sinks.push(sink);
    }
    if (Object.keys(this.plan.metadata).length > 0) {
      this.format.metadata = Dictionary.fromObject({ ...this.plan.metadata });
    }
    const options = Dictionary.fromObject({ ...this.plan.options });
    must(this.format.writeHeaderSync(options), 'failed_writing', { path: this.plan.url });
    this.headerWritten = true;
  }

  private async openEncoder(plan: PlanStream, exit: FilterContext): Promise<CodecContext> {
    const codec = Codec.findEncoderByName(plan.codec as never);
    if (codec === null) throw new JobFault('unsupported_codec', { codec: plan.codec });
    const encoder = new CodecContext();
    encoder.allocContext3(codec);
    if (plan.kind === 'video') {
      const rate = exit.buffersinkGetFrameRate();
      encoder.width = exit.buffersinkGetWidth();
      encoder.height = exit.buffersinkGetHeight();
      encoder.pixelFormat = exit.buffersinkGetFormat() as AVPixelFormat;
      encoder.sampleAspectRatio = exit.buffersinkGetSampleAspectRatio();
      encoder.colorSpace = exit.buffersinkGetColorspace();
      encoder.colorRange = exit.buffersinkGetColorRange();
      if (rate.num > 0) {
        encoder.framerate = rate;
        encoder.timeBase = new Rational(rate.den, rate.num);
      } else {
        encoder.timeBase = exit.buffersinkGetTimeBase();
      }
    } else {
      encoder.sampleRate = exit.buffersinkGetSampleRate();
      encoder.sampleFormat = exit.buffersinkGetFormat() as AVSampleFormat;
      encoder.channelLayout = exit.buffersinkGetChannelLayout();
      encoder.timeBase = new Rational(1, encoder.sampleRate);
    }
    if (((this.format.oformat?.flags ?? 0) & AVFMT_GLOBALHEADER) !== 0) {
      encoder.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
    }
    const options = Dictionary.fromObject({ threads: 'auto', ...plan.options });
    const format = plan.kind === 'video' ? avGetPixFmtName(encoder.pixelFormat) : '';
    // Not open2Sync: in node-av 6.1.1 it frees the options twice and the process dies.
    const opened = await encoder.open2(codec, options);
    must(opened, 'failed_encoding', { codec: `${plan.codec} ${format}` });
    return encoder;
  }

  /** Takes everything the graph has ready. */
  drain(): void {
    for (const sink of this.sinks) {
      while (!sink.finished) {
        const got = sink.exit!.buffersinkGetFrameSync(this.frame);
        if (got === TRY_AGAIN || got === END_OF_FILE) break;
        must(got, 'failed_decoding');
        this.encode(sink);
        this.frame.unref();
      }
    }
  }

  private encode(sink: Sink): void {
    const { frame } = this;
    const from = sink.exit!.buffersinkGetTimeBase();
    frame.pts =
      frame.pts === AV_NOPTS_VALUE
        ? BigInt(sink.frames)
        : avRescaleQ(frame.pts, from, sink.encoder.timeBase);
    if (sink.plan.kind === 'video') frame.pictType = AV_PICTURE_TYPE_NONE;
    else sink.soundSeconds += frame.nbSamples / frame.sampleRate;
    must(sink.encoder.sendFrameSync(frame), 'failed_encoding', { codec: sink.plan.codec });
    sink.frames++;
    this.write(sink);
    if (sink.frames === sink.plan.frameLimit) this.finishSink(sink);
  }

  private write(sink: Sink): void {
    const { packet } = this;
    for (;;) {
      const got = sink.encoder.receivePacketSync(packet);
      if (got === TRY_AGAIN || got === END_OF_FILE) return;
      must(got, 'failed_encoding', { codec: sink.plan.codec });
      packet.streamIndex = sink.stream.index;
      packet.rescaleTs(sink.encoder.timeBase, sink.stream.timeBase);
      must(this.format.interleavedWriteFrameSync(packet), 'failed_writing', {
        path: this.plan.url,
      });
      packet.unref();
    }
  }

  private finishSink(sink: Sink): void {
    if (sink.finished) return;
    sink.finished = true;
    if (sink.frames === 0) return;
    sink.encoder.sendFrameSync(null);
    this.write(sink);
  }

  /** Empties the encoders and closes the file. */
  finish(): void {
    if (!this.headerWritten) return;
    for (const sink of this.sinks) this.finishSink(sink);
    must(this.format.writeTrailerSync(), 'failed_writing', { path: this.plan.url });
    this.format.closeOutputSync();
    for (const sink of this.sinks) sink.encoder.freeContext();
    this.frame.free();
    this.packet.free();
  }
}
