import { FilterGraph, Packet, type FilterContext, type Frame } from 'node-av/lib';
import type { Execution, Plan } from '../plan.ts';
import { JobFault, must } from './faults.ts';
import { Output } from './sinks.ts';
import { Input, type Source } from './sources.ts';

/** Frames kept while another stream has not shown its first one; then its header must do. */
const WAITING_FRAMES_MAX = 64;
/** How long the loop runs before it looks at its messages, in milliseconds. */
const BREATH_MS = 200;
const LABEL = /\[(\d+):(\d+)\]/g;

export type Progress = { readonly pictures: number; readonly seconds: number };

/**
 * Carries out a plan with the library's synchronous calls: this process has nothing else to do,
 * a pipe that is full simply waits, and whoever wants to stop it kills the process.
 */
export async function executePlan(
  plan: Plan,
  onProgress: (progress: Progress) => void,
): Promise<Execution> {
  const run = new Run(plan);
  let breathed = performance.now();
  while (run.step()) {
    await run.buildWhenReady();
    if (performance.now() - breathed < BREATH_MS) continue;
    onProgress(run.progress());
    await new Promise((resolve) => setImmediate(resolve));
    breathed = performance.now();
  }
  await run.buildWhenReady();
  return run.finish();
}

class Run {
  private readonly plan: Plan;
  private readonly inputs: Input[];
  private readonly sources: Source[] = [];
  private readonly outputs: Output[];
  private readonly packet = new Packet();
  private graph: FilterGraph | undefined;
  private packets = 0;

  constructor(plan: Plan) {
    this.plan = plan;
    this.packet.alloc();
    this.inputs = plan.inputs.map((each) => new Input(each));
    for (const match of plan.graph.matchAll(LABEL)) {
      const input = this.inputs[Number(match[1])];
      if (input === undefined) throw new JobFault('invalid_job', { reason: match[0] });
      this.sources.push(input.addSource(`${match[1]}:${match[2]}`, Number(match[2])));
    }
    for (const input of this.inputs) input.discardRest();
    this.outputs = plan.outputs.map((each) => new Output(each));
  }

  /** One packet further; false when everything has been read or written. */
  step(): boolean {
    if (this.graph !== undefined && this.outputs.every((each) => each.finished)) return false;
    const input = this.nextInput();
    if (input === undefined) return false;
    const source = input.read(this.packet);
    if (source === false) {
      for (const each of input.sources.values()) this.endSource(each);
      return true;
    }
    this.packets++;
    source.decode(this.packet, (frame) => this.accept(source, frame));
    return true;
  }

  /** The input that has come least far. */
  private nextInput(): Input | undefined {
    let next: Input | undefined;
    for (const input of this.inputs) {
      if (input.ended) continue;
      if (next === undefined || input.positionSeconds < next.positionSeconds) next = input;
    }
    return next;
  }

  private endSource(source: Source): void {
    source.decode(null, (frame) => this.accept(source, frame));
    source.ended = true;
    if (this.graph === undefined) return;
    source.entry!.buffersrcAddFrameSync(null);
    this.drain();
  }

  private accept(source: Source, frame: Frame): void {
    if (this.graph === undefined) {
      const kept = frame.clone();
      if (kept !== null) source.waiting.push(kept);
      return;
    }
    this.push(source, frame);
    this.drain();
  }

  private push(source: Source, frame: Frame): void {
    must(source.entry!.buffersrcAddFrameSync(frame), 'failed_decoding');
  }

  private drain(): void {
    for (const output of this.outputs) output.drain();
  }

  /** The graph stands on the first frame of each stream: only that tells its true format. */
  async buildWhenReady(): Promise<void> {
    if (this.graph !== undefined) return;
    const ready = this.sources.every((each) => each.waiting.length > 0 || each.ended);
    const full = this.sources.some((each) => each.waiting.length >= WAITING_FRAMES_MAX);
    if (!ready && !full) return;
    if (this.sources.every((each) => each.waiting.length === 0)) return;
    await this.build();
    for (const source of this.sources) {
      for (const frame of source.waiting.splice(0)) {
        this.push(source, frame);
        frame.free();
        this.drain();
      }
      if (source.ended) source.entry!.buffersrcAddFrameSync(null);
    }
    this.drain();
  }

  /** Sources and sinks are written into the graph's own text: one parse links everything. */
  private async build(): Promise<void> {
    const sources = this.sources.map((source, at) => {
      const filter = source.kind === 'video' ? 'buffer' : 'abuffer';
      return `${filter}@in${at}=${source.entryArguments()}[${source.label}]`;
    });
    const streams = this.plan.outputs.flatMap((each) => each.streams);
    const sinks = streams.map((stream) => {
      const filter = stream.kind === 'video' ? 'buffersink' : 'abuffersink';
      return `[${stream.label}]${filter}@${stream.label}`;
    });
    const graph = new FilterGraph();
    graph.alloc();
    const facts = { graph: this.plan.graph };
    const text = [...sources, this.plan.graph, ...sinks].join(';');
    must(graph.parsePtr(text, null, null), 'failed_decoding', facts);
    must(graph.configSync(), 'failed_decoding', facts);
    for (const [at, source] of this.sources.entries()) {
      source.entry = find(graph, source.kind === 'video' ? 'buffer' : 'abuffer', `in${at}`);
    }
    const exits = new Map(
      streams.map((stream) => {
        const filter = stream.kind === 'video' ? 'buffersink' : 'abuffersink';
        return [stream.label, find(graph, filter, stream.label)];
      }),
    );
    this.graph = graph;
    for (const output of this.outputs) await output.attach(exits);
  }

  progress(): Progress {
    const sinks = this.outputs.flatMap((each) => each.sinks);
    const pictures = sinks.find((each) => each.plan.kind === 'video')?.frames ?? 0;
    const seconds = Math.max(0, ...this.inputs.map((each) => each.positionSeconds));
    return { pictures, seconds };
  }

  finish(): Execution {
    const damagedPackets = this.sources.reduce((sum, each) => sum + each.damagedPackets, 0);
    if (this.sources.every((each) => each.decodedFrames === 0)) {
      const reason = damagedPackets > 0 ? `${damagedPackets} damaged packets` : 'no frame';
      throw new JobFault('failed_decoding', { reason, packets: this.packets });
    }
    if (this.graph !== undefined) {
      for (const source of this.sources) source.entry!.buffersrcAddFrameSync(null);
      this.drain();
    }
    for (const output of this.outputs) output.finish();
    // Filters that write files themselves hold the last lines until they are freed.
    this.graph?.free();
    const sinks = this.outputs.flatMap((each) => each.sinks);
    for (const input of this.inputs) input.close();
    return {
      pictures: sinks.find((each) => each.plan.kind === 'video')?.frames ?? 0,
      soundSeconds: Math.max(0, ...sinks.map((each) => each.soundSeconds)),
      damagedPackets,
    };
  }
}

/** FFmpeg names an instance `filter@id`. */
function find(graph: FilterGraph, filter: string, id: string): FilterContext {
  const found = graph.getFilter(`${filter}@${id}`);
  if (found === null) throw new JobFault('failed_decoding', { reason: `${filter}@${id}` });
  return found;
}
