import { stat } from 'node:fs/promises';
import type { FoundMarks, FrameTable, MediaMarks } from './marks.ts';
import { type Tools, watched } from './tools.ts';
import type { MediaFacts } from './repository.ts';
import { hasSlateReader, readSlate } from './slate.ts';
import { ALL_FORMATS, EncodedPacketSink, FilePathSource, Input } from 'mediabunny';

/** A cut every second of a long film, and no more: a list for people. */
const SCENES_MAX = 10_000;
/** Where a slate is held up: the first seconds of a take, one look every half. */
const SLATE_LOOKS = 6;
const SLATE_WIDTH = 1280;
/** Frames of ten hours at 60 a second. */
const TABLE_FRAMES_MAX = 2_160_000;

/** Cuts, the slate and the moments of frames: each a step of its own, none of them a condition. */
export async function lookForMarks(
  tools: Tools,
  facts: MediaFacts,
  proxyDigest: string,
): Promise<FoundMarks> {
  const { job } = tools;
  const scenes = await job.step('scenes', () => findScenes(tools, proxyDigest));
  const slate = (await hasSlateReader())
    ? await job.step('slate', () => findSlate(tools, facts))
    : null;
  const frameTable =
    facts.video?.variableRate === true
      ? await job.step('frame_table', () => readFrameTable(tools, job.signal))
      : null;
  return { scenes, slate, frameTable };
}

/** Cuts are looked for in the proxy: it has the same frames and is quick to read. */
async function findScenes(tools: Tools, proxyDigest: string): Promise<MediaMarks['scenes']> {
  const path = await tools.objects.pathOf(proxyDigest);
  const input = { kind: 'file' as const, path };
  const found = await tools.engine.detect(
    { verb: 'detect', input, kinds: ['scene'] },
    watched(tools),
  );
  if (!found.ok) {
    await tools.job.report(
      ...found.findings.map((each) => ({ ...each, severity: 'warning' as const })),
    );
    return null;
  }
  return found.value.scenes
    .slice(0, SCENES_MAX)
    .map(({ frame, score }) => ({ frame, score: Math.round(score * 10) / 10 }));
}

/** The look with the most words wins: on the others the board was still moving. */
async function findSlate(tools: Tools, facts: MediaFacts): Promise<MediaMarks['slate']> {
  const rate = rateOf(facts);
  const last = (facts.frameCount ?? 1) - 1;
  let best: MediaMarks['slate'] = null;
  for (let look = 0; look < SLATE_LOOKS; look++) {
    const frame = Math.round((look * rate) / 2);
    if (frame > last) break;
    const output = tools.workshop.path(`slate-${look}.png`);
    const made = await tools.engine.thumbnail(
      { verb: 'thumbnail', input: tools.input, output, frame, widthMax: SLATE_WIDTH },
      { signal: tools.job.signal },
    );
    if (!made.ok || (await stat(output).catch(() => undefined)) === undefined) continue;
    const text = await readSlate(output, tools.job.signal);
    if (text !== undefined && text.length > (best?.text.length ?? 0)) best = { frame, text };
  }
  return best;
}

function rateOf(facts: MediaFacts): number {
  const [numerator = 24, denominator = 1] = (facts.video?.frameRate ?? '24').split('/').map(Number);
  return numerator / denominator;
}

/** The moments of all frames in the order in which they are shown, in ticks of the file. */
async function readFrameTable(tools: Tools, signal: AbortSignal): Promise<FrameTable | null> {
  if (tools.input.kind !== 'file') return null;
  const input = new Input({ formats: ALL_FORMATS, source: new FilePathSource(tools.input.path) });
  try {
    if (!(await input.canRead())) return null;
    const track = await input.getPrimaryVideoTrack();
    if (track === null) return null;
    const perSecond = Math.round(await track.getTimeResolution());
    const ticks: number[] = [];
    const packets = new EncodedPacketSink(track).packets(undefined, undefined, {
      metadataOnly: true,
    });
    for await (const { timestamp } of packets) {
      signal.throwIfAborted();
      if (ticks.length >= TABLE_FRAMES_MAX) return null;
      ticks.push(Math.round(timestamp * perSecond));
    }
    return { timeBase: `1/${perSecond}`, ticks: ticks.sort((a, b) => a - b) };
  } finally {
    input.dispose();
  }
}
