import type { Place } from '@yinglian/core';
import { rationalText } from '../documents/reading.ts';
import { CHANNELS, SOUNDFIELDS } from '../mxf/channels.ts';
import type { SoundInfo, TrackFileInfo } from '../mxf/track-file.ts';
import type { FindingCollector } from './findings.ts';

/** RDD 52 7.1. */
const SIZES_BV21: readonly string[] = ['1998x1080', '2048x858', '3996x2160', '4096x1716'];
/** The containers themselves, which every standard allows (DCSS 1.4.4 3.2.1). */
const CHANNELS_MAX = 16;
const SAMPLING_RATES: readonly number[] = [48_000, 96_000];

/** Size, rate and sound format of one track file. */
export function checkEssence(info: TrackFileInfo, collector: FindingCollector, place: Place): void {
  const { picture, sound } = info;
  if (picture !== undefined) checkPicture(info, collector, place);
  if (sound !== undefined) checkSound(sound, info, collector, place);
}

function checkPicture(info: TrackFileInfo, collector: FindingCollector, place: Place): void {
  const { widthPixels: width, heightPixels: height } = info.picture!;
  const size = `${width}x${height}`;
  if (!SIZES_BV21.includes(size)) collector.add('unexpected_picture_size', place, { size });
  const rate = info.editRate;
  if (rate === undefined) return;
  const fourK = width > 2048;
  const stereoscopic = info.essence === 'stereoscopic';
  const perSecond = rate.numerator / rate.denominator;
  // RDD 52 7.2: 24, 25 and 48 for 2K, 24 and 25 for each eye, 24 for 4K, never 4K in 3D.
  const allowed = fourK ? [24] : stereoscopic ? [24, 25] : [24, 25, 48];
  if (!allowed.includes(perSecond) || (fourK && stereoscopic)) {
    collector.add('unexpected_picture_rate', place, {
      rate: rationalText(rate),
      size,
      stereoscopic,
    });
  }
}

function checkSound(
  sound: SoundInfo,
  info: TrackFileInfo,
  collector: FindingCollector,
  place: Place,
): void {
  const rate = sound.samplingRate;
  const hertz = rate === undefined ? 0 : rate.numerator / rate.denominator;
  if (!SAMPLING_RATES.includes(hertz)) {
    collector.add('unexpected_sampling_rate', place, { rate: hertz, expected: 48_000 });
  }
  if (sound.bits !== 24)
    collector.add('unexpected_bit_depth', place, { bits: sound.bits, expected: 24 });
  if (sound.channelCount < 1 || sound.channelCount > CHANNELS_MAX) {
    collector.add('unexpected_channel_count', place, {
      channels: sound.channelCount,
      limit: CHANNELS_MAX,
    });
  } else if (sound.channelCount % 2 !== 0) {
    collector.add('odd_channel_count', place, { channels: sound.channelCount });
  }
  if (info.labels === 'interop') return;
  if (sound.configuration !== 4) {
    collector.add('unexpected_channel_configuration', place, {
      configuration: sound.configuration ?? 0,
      expected: 4,
    });
  }
  checkLabels(sound, collector, place);
}

/** ST 377-4 labels: known, in range, one channel each, and the whole of the soundfield. */
function checkLabels(sound: SoundInfo, collector: FindingCollector, place: Place): void {
  if (sound.channels.length === 0 || sound.soundfields.length === 0) {
    collector.add('missing_channel_labels', place);
    return;
  }
  const seen = new Set<number>();
  for (const label of sound.channels) {
    const channel = label.channel ?? 0;
    if (channel < 1 || channel > sound.channelCount || seen.has(channel)) {
      collector.add('invalid_channel_label', place, { symbol: label.symbol, channel });
    }
    seen.add(channel);
    const known = Object.values(CHANNELS).find((each) => each.symbol === label.symbol);
    if (known === undefined) continue;
    const same =
      label.dictionaryId === undefined || known.label.slice(16) === label.dictionaryId.slice(16);
    if (!same) collector.add('invalid_channel_label', place, { symbol: label.symbol, channel });
  }
  for (const group of sound.soundfields) {
    const row = Object.values(SOUNDFIELDS).find((each) => each.symbol === group.symbol);
    const missing = (row?.channels ?? []).filter(
      (name) => !sound.channels.some((label) => label.symbol === CHANNELS[name].symbol),
    );
    if (missing.length > 0) {
      collector.add('incomplete_soundfield', place, { soundfield: group.symbol, missing });
    }
  }
  if (
    !sound.soundfields.some((group) => group.language !== undefined) &&
    !sound.channels.some((label) => label.language !== undefined)
  ) {
    collector.add('missing_language', place);
  }
}
