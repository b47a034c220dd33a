import { assert } from '@yinglian/core';
import { PCM_SAMPLE_BYTES } from '../mxf/descriptors.ts';

/**
 * Interleaved 24-bit PCM from one order of channels into another: `slots` names, for every channel
 * of the result, the channel of the source that it carries, or undefined for silence. A source
 * channel may be used twice.
 *
 * @param pcm whole sample frames of `sourceChannels` channels
 */
export function mapChannels(
  pcm: Uint8Array,
  sourceChannels: number,
  slots: readonly (number | undefined)[],
): Uint8Array {
  const sourceFrame = sourceChannels * PCM_SAMPLE_BYTES;
  assert(pcm.length % sourceFrame === 0, 'PCM holds whole sample frames');
  assert(
    slots.every((slot) => slot === undefined || (slot >= 0 && slot < sourceChannels)),
    'every slot names a channel of the source',
  );
  const samples = pcm.length / sourceFrame;
  const targetFrame = slots.length * PCM_SAMPLE_BYTES;
  const mapped = new Uint8Array(samples * targetFrame);
  for (const [slot, channel] of slots.entries()) {
    if (channel === undefined) continue;
    let from = channel * PCM_SAMPLE_BYTES;
    let to = slot * PCM_SAMPLE_BYTES;
    for (let i = 0; i < samples; i++, from += sourceFrame, to += targetFrame) {
      mapped[to] = pcm[from]!;
      mapped[to + 1] = pcm[from + 1]!;
      mapped[to + 2] = pcm[from + 2]!;
    }
  }
  return mapped;
}

/**
 * The slots of a layout for a source in the usual order of WAV files (L R C LFE Ls Rs, or L R C LFE
 * Lrs Rrs Lss Rss for 7.1; Microsoft's order of speakers). Undefined when the counts do not fit.
 */
export function usualSlots(
  layoutSlots: readonly (string | undefined)[],
  sourceChannels: number,
): (number | undefined)[] | undefined {
  const order = SOURCE_ORDERS.get(sourceChannels);
  if (order === undefined) return undefined;
  return layoutSlots.map((name) => {
    const index = name === undefined ? -1 : order.indexOf(name);
    return index < 0 ? undefined : index;
  });
}

const SOURCE_ORDERS: ReadonlyMap<number, readonly string[]> = new Map([
  [1, ['C']],
  [2, ['L', 'R']],
  [3, ['L', 'R', 'C']],
  [6, ['L', 'R', 'C', 'LFE', 'Ls', 'Rs']],
  [8, ['L', 'R', 'C', 'LFE', 'Lrs', 'Rrs', 'Lss', 'Rss']],
]);
