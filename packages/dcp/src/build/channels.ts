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
 * The slots of a layout for a source in the usual order of WAV files, Microsoft's order of
 * speakers: L R C LFE Ls Rs; for 7.1 L R C LFE Lrs Rrs Lss Rss; for SDS L R C LFE Ls Rs Lc Rc;
 * for 6.1 L R C LFE Cs Ls Rs. Undefined when there is no such order, or a channel of it would
 * find no slot.
 */
export function usualSlots(
  layoutSlots: readonly (string | undefined)[],
  sourceChannels: number,
): (number | undefined)[] | undefined {
  const fits = (each: readonly string[]) => each.every((name) => layoutSlots.includes(name));
  const order = SOURCE_ORDERS.find((each) => each.length === sourceChannels && fits(each));
  if (order === undefined) return undefined;
  return layoutSlots.map((name) => {
    const index = name === undefined ? -1 : order.indexOf(name);
    return index < 0 ? undefined : index;
  });
}

const SOURCE_ORDERS: readonly (readonly string[])[] = [
  ['C'],
  ['L', 'R'],
  ['L', 'R', 'C'],
  ['L', 'R', 'C', 'LFE', 'Ls', 'Rs'],
  ['L', 'R', 'C', 'LFE', 'Cs', 'Ls', 'Rs'],
  ['L', 'R', 'C', 'LFE', 'Lrs', 'Rrs', 'Lss', 'Rss'],
  ['L', 'R', 'C', 'LFE', 'Ls', 'Rs', 'Lc', 'Rc'],
];
