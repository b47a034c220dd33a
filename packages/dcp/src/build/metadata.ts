import { type Uuid } from '@yinglian/core';
import {
  type CompositionMetadata,
  isPicture,
  type ReelAsset,
  type SoundLabelElement,
} from '../documents/model.ts';
import { BV21_NAME, BV21_PROPERTY, BV21_SCOPE, BV21_VALUE } from '../documents/namespaces.ts';
import type { SoundInfo, SoundLabel, TrackFileInfo } from '../mxf/track-file.ts';
import { labelUrn } from './assets.ts';
import type { PackagePlan } from './plan.ts';

type Track = { readonly asset: ReelAsset; readonly info: TrackFileInfo | undefined };

/** ST 429-16 metadata from the plan and from what the essence of the first reel says. */
export function compositionMetadata(
  plan: PackagePlan,
  id: Uuid,
  frames: number,
  tracks: readonly Track[],
): CompositionMetadata {
  const picture = tracks.find(({ info }) => info?.picture !== undefined)?.info?.picture;
  const sound = tracks.find(({ info }) => info?.sound !== undefined)?.info?.sound;
  const given = plan.metadata ?? {};
  const stored =
    given.storedArea ??
    (picture && { width: picture.widthPixels, height: picture.heightPixels }) ??
    areaOf(tracks);
  const languages = tracks.flatMap(({ asset }) =>
    asset.kind === 'subtitle' && asset.language !== undefined ? [asset.language] : [],
  );
  return {
    id,
    editRate: plan.editRate,
    intrinsicDuration: frames,
    fullTitle: given.fullTitle ?? plan.title,
    releaseTerritory: given.releaseTerritory,
    version: given.version ?? { number: 1 },
    chain: given.chain,
    distributor: given.distributor,
    facility: given.facility,
    luminance: given.luminance,
    soundConfiguration:
      sound === undefined ? (given.soundConfiguration ?? '-') : soundConfiguration(sound),
    soundSampleRate: sound?.samplingRate ??
      given.soundSampleRate ?? { numerator: 48_000, denominator: 1 },
    storedArea: stored,
    activeArea: given.activeArea ?? stored,
    subtitleLanguages: given.subtitleLanguages ?? languages,
    extensions:
      given.bv21 === false
        ? []
        : [
            {
              scope: BV21_SCOPE,
              name: BV21_NAME,
              properties: [{ name: BV21_PROPERTY, value: BV21_VALUE }],
            },
          ],
    soundLabels: sound === undefined ? (given.soundLabels ?? []) : soundLabelElements(sound),
  };
}

/** What the picture of an original version has, as its reel says it: `1998 1080`. */
function areaOf(tracks: readonly Track[]): { width: number; height: number } | undefined {
  const text = tracks.find(({ asset }) => isPicture(asset))?.asset.aspectRatio;
  const match = /^(\d+) (\d+)$/.exec(text ?? '');
  return match === null ? undefined : { width: Number(match[1]), height: Number(match[2]) };
}

/** ST 429-16:2014 6.10: `51/L,R,C,LFE,Ls,Rs`; a hyphen where a channel carries nothing. */
export function soundConfiguration(sound: SoundInfo): string {
  const group = sound.soundfields[0]?.symbol.replace(/^sg/, '');
  if (group === undefined) return '-';
  const channels = Array.from(
    { length: sound.channelCount },
    (_, index) =>
      sound.channels.find((label) => label.channel === index + 1)?.symbol.replace(/^ch/, '') ?? '-',
  );
  return `${group}/${channels.join(',')}`;
}

/** The labels of a sound file as a CPL repeats them (RDD 52:2020 8.3). */
export function soundLabelElements(sound: SoundInfo): SoundLabelElement[] {
  const convert =
    (group: boolean) =>
    (label: SoundLabel): SoundLabelElement[] =>
      label.instanceId === undefined || label.linkId === undefined
        ? []
        : [
            {
              group,
              instanceId: label.instanceId,
              linkId: label.linkId,
              symbol: label.symbol,
              dictionaryId: labelUrn(label.dictionaryId ?? ''),
              name: label.name,
              channel: label.channel,
              language: label.language,
              groupLinkId: label.groupLinkId,
            },
          ];
  return [...sound.soundfields.flatMap(convert(true)), ...sound.channels.flatMap(convert(false))];
}
