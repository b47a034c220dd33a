import type { DeliverySpecification, mediaFacts } from '@yinglian/contract';
import { compareRatio, type Facts, type Finding, finding, parseRatio } from '@yinglian/core';
import type { z } from 'zod';

type MediaFacts = z.output<typeof mediaFacts>;
type Loudness = { readonly integratedLufs: number; readonly truePeakDb: number | null };

/** What there is to hold against a specification. */
export type Delivered = {
  readonly media: MediaFacts | null;
  readonly loudness: Loudness | null;
  /** As whoever submits it says; no file tells it reliably. */
  readonly language: string | null;
};

/** EBU R 128 gives half a unit of tolerance where nothing else is agreed (clause: Tech 3341). */
const LOUDNESS_TOLERANCE_LU = 0.5;

const miss = (field: string, expected: string | number, actual: string | number | null) =>
  finding('mismatched_delivery', 'error', {
    facts: { field, expected, found: actual ?? '' } satisfies Facts,
    at: { field },
  });

/** Names of codecs and containers are compared as people write them: case and dots aside. */
const plain = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
const isAmong = (value: string, names: readonly string[]) =>
  names.some((each) => plain(each) === plain(value));

/** Everything in which a delivery is not what was agreed; nothing for what nobody asked for. */
export function checkDelivery(of: DeliverySpecification, delivered: Delivered): Finding[] {
  const { media } = delivered;
  if (media === null) return [finding('unread_media', 'error')];
  return [
    ...checkPicture(of, media),
    ...checkLength(of, media),
    ...checkSound(of, media),
    ...checkLoudness(of, delivered.loudness),
    ...checkLanguage(of, delivered.language),
  ];
}

function checkPicture(of: DeliverySpecification, media: MediaFacts): Finding[] {
  const findings: Finding[] = [];
  if (of.containers !== undefined) {
    // FFmpeg names all demuxers that would do: `mov,mp4,m4a`.
    const names = media.container.split(',');
    if (!names.some((each) => isAmong(each, of.containers!))) {
      findings.push(miss('containers', of.containers.join(' / '), media.container));
    }
  }
  const asks = [of.videoCodecs, of.width, of.height, of.frameRate, of.pixelFormats];
  const { video } = media;
  if (video === null) {
    const isAsked = asks.some((each) => each !== undefined);
    return isAsked
      ? [...findings, miss('videoCodecs', of.videoCodecs?.join(' / ') ?? '', null)]
      : findings;
  }
  if (of.videoCodecs !== undefined && !isAmong(video.codec, of.videoCodecs)) {
    findings.push(miss('videoCodecs', of.videoCodecs.join(' / '), video.codec));
  }
  if (of.width !== undefined && of.width !== video.width) {
    findings.push(miss('width', of.width, video.width));
  }
  if (of.height !== undefined && of.height !== video.height) {
    findings.push(miss('height', of.height, video.height));
  }
  if (of.frameRate !== undefined && !sameRatio(of.frameRate, video.frameRate)) {
    findings.push(miss('frameRate', of.frameRate, video.frameRate));
  }
  if (video.variableRate === true) findings.push(finding('variable_delivery_rate', 'error'));
  if (of.pixelFormats !== undefined && !isAmong(video.pixelFormat ?? '', of.pixelFormats)) {
    findings.push(miss('pixelFormats', of.pixelFormats.join(' / '), video.pixelFormat));
  }
  if (of.startTimecode !== undefined && of.startTimecode !== video.timecode) {
    findings.push(miss('startTimecode', of.startTimecode, video.timecode));
  }
  return findings;
}

function sameRatio(a: string, b: string): boolean {
  const [one, other] = [parseRatio(a), parseRatio(b)];
  return one !== undefined && other !== undefined && compareRatio(one, other) === 0;
}

function checkLength(of: DeliverySpecification, media: MediaFacts): Finding[] {
  const { framesFrom, framesTo } = of;
  if (framesFrom === undefined && framesTo === undefined) return [];
  const frames = media.frameCount;
  const fits =
    frames !== null &&
    (framesFrom === undefined || frames >= framesFrom) &&
    (framesTo === undefined || frames <= framesTo);
  const expected = `${framesFrom ?? ''}–${framesTo ?? ''}`;
  return fits ? [] : [miss('frames', expected, frames)];
}

function checkSound(of: DeliverySpecification, media: MediaFacts): Finding[] {
  const findings: Finding[] = [];
  const { audio } = media;
  if (of.channels !== undefined) {
    const found = audio.map((each) => each.channels);
    const fits =
      found.length === of.channels.length && found.every((n, i) => n === of.channels![i]);
    if (!fits) findings.push(miss('channels', of.channels.join(' + '), found.join(' + ')));
  } else if (audio.length === 0 && (of.audioCodecs ?? of.sampleRateHz) !== undefined) {
    findings.push(miss('audioCodecs', of.audioCodecs?.join(' / ') ?? '', null));
  }
  for (const each of audio) {
    if (of.audioCodecs !== undefined && !isAmong(each.codec, of.audioCodecs)) {
      findings.push(miss('audioCodecs', of.audioCodecs.join(' / '), each.codec));
      break;
    }
  }
  const other = audio.find(
    (each) => of.sampleRateHz !== undefined && each.sampleRateHz !== of.sampleRateHz,
  );
  if (other !== undefined)
    findings.push(miss('sampleRateHz', of.sampleRateHz!, other.sampleRateHz));
  return findings;
}

function checkLoudness(of: DeliverySpecification, loudness: Loudness | null): Finding[] {
  const findings: Finding[] = [];
  if (of.loudnessLufs !== undefined) {
    const tolerance = of.loudnessToleranceLu ?? LOUDNESS_TOLERANCE_LU;
    const actual = loudness?.integratedLufs ?? null;
    if (actual === null || Math.abs(actual - of.loudnessLufs) > tolerance) {
      findings.push(miss('loudnessLufs', `${of.loudnessLufs} ±${tolerance}`, actual));
    }
  }
  if (of.truePeakMaxDb !== undefined) {
    const actual = loudness?.truePeakDb ?? null;
    if (actual === null || actual > of.truePeakMaxDb) {
      findings.push(miss('truePeakMaxDb', `≤ ${of.truePeakMaxDb}`, actual));
    }
  }
  return findings;
}

function checkLanguage(of: DeliverySpecification, language: string | null): Finding[] {
  if (of.languages === undefined) return [];
  const isKnown =
    language !== null && of.languages.some((each) => each.toLowerCase() === language.toLowerCase());
  return isKnown ? [] : [miss('languages', of.languages.join(' / '), language)];
}

type Preset = {
  readonly code: string;
  readonly zh: string;
  readonly en: string;
  readonly kind: string;
  readonly specification: DeliverySpecification;
};

/** Specifications that houses ask for every week; each is a beginning, to be changed. */
export const DELIVERY_PRESETS: readonly Preset[] = [
  {
    code: 'theatrical_2k_flat',
    zh: '影院母版 2K 遮幅（ProRes 4444）',
    en: 'Theatrical master, 2K flat (ProRes 4444)',
    kind: 'master',
    specification: {
      containers: ['mov'],
      videoCodecs: ['prores'],
      width: 1998,
      height: 1080,
      frameRate: '24',
      audioCodecs: ['pcm_s24le'],
      sampleRateHz: 48_000,
      channels: [6],
    },
  },
  {
    code: 'theatrical_2k_scope',
    zh: '影院母版 2K 宽银幕（ProRes 4444）',
    en: 'Theatrical master, 2K scope (ProRes 4444)',
    kind: 'master',
    specification: {
      containers: ['mov'],
      videoCodecs: ['prores'],
      width: 2048,
      height: 858,
      frameRate: '24',
      audioCodecs: ['pcm_s24le'],
      sampleRateHz: 48_000,
      channels: [6],
    },
  },
  {
    code: 'television_hd',
    zh: '电视播出 1080/25（EBU R 128）',
    en: 'Television, 1080/25 (EBU R 128)',
    kind: 'master',
    specification: {
      videoCodecs: ['prores', 'dnxhd', 'mpeg2video'],
      width: 1920,
      height: 1080,
      frameRate: '25',
      sampleRateHz: 48_000,
      loudnessLufs: -23,
      loudnessToleranceLu: 0.5,
      truePeakMaxDb: -1,
    },
  },
  {
    code: 'streaming_uhd',
    zh: '流媒体母版 UHD（−27 LUFS ±2）',
    en: 'Streaming master, UHD (−27 LUFS ±2)',
    kind: 'master',
    specification: {
      videoCodecs: ['prores'],
      width: 3840,
      height: 2160,
      sampleRateHz: 48_000,
      loudnessLufs: -27,
      loudnessToleranceLu: 2,
      truePeakMaxDb: -2,
    },
  },
  {
    code: 'review_h264',
    zh: '送审样片 1080p（H.264）',
    en: 'Review copy, 1080p (H.264)',
    kind: 'review',
    specification: {
      containers: ['mov', 'mp4'],
      videoCodecs: ['h264'],
      width: 1920,
      height: 1080,
    },
  },
];
