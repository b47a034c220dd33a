import { clipText, type Place } from '@yinglian/core';
import { soundConfiguration } from '../build/metadata.ts';
import {
  type Composition,
  type CompositionMetadata,
  type SoundLabelElement,
  VERSION_STATES,
} from '../documents/model.ts';
import {
  BV21_NAME,
  BV21_PROPERTY,
  BV21_SCOPE,
  BV21_VALUE,
  CPL_METADATA,
} from '../documents/namespaces.ts';
import { rationalText } from '../documents/reading.ts';
import { sameLabel } from '../mxf/labels.ts';
import type { SoundLabel } from '../mxf/track-file.ts';
import type { CompositionContext } from './composition-context.ts';
import type { FindingCollector } from './findings.ts';
import { isKnownRegion, primaryLanguage } from './languages.ts';
import type { KnownAsset } from './assets.ts';

/**
 * Whether a composition says that it keeps Bv2.1, be it with a slip of the pen: who writes the
 * scope wrong means the profile no less, and is told of the slip.
 */
export function claimsBv21(composition: Composition): boolean {
  return composition.reels.some(({ metadata }) =>
    metadata?.extensions.some((each) =>
      each.properties.some(({ value }) => value.trim() === BV21_VALUE),
    ),
  );
}

function profileOf(metadata: CompositionMetadata | undefined): string | undefined {
  const extension = metadata?.extensions.find(
    (each) => each.scope === BV21_SCOPE && each.name === BV21_NAME,
  );
  return extension?.properties.find((each) => each.name === BV21_PROPERTY)?.value;
}

/** ST 429-16 metadata against the essence of the composition. */
export function checkMetadata(
  composition: Composition,
  context: CompositionContext,
  place: Place,
): void {
  if (composition.standard === 'interop') return;
  const { collector, find } = context;
  const holder = composition.reels.findIndex((reel) => reel.metadata !== undefined);
  if (holder < 0) {
    collector.add('missing_composition_metadata', place);
    return;
  }
  const at = { ...place, reel: holder + 1 };
  if (holder > 0) collector.add('misplaced_composition_metadata', at);
  const metadata = composition.reels[holder]!.metadata!;
  if (metadata.version === undefined) collector.add('missing_version_number', at);
  checkValues(metadata, collector, at);
  const profile = profileOf(metadata);
  if (profile === undefined) collector.add('missing_constraints_profile', at);
  else if (profile !== BV21_VALUE) {
    collector.add('unexpected_constraints_profile', at, { profile, expected: BV21_VALUE });
  }
  const known = composition.reels
    .flatMap((reel) => reel.assets)
    .flatMap((asset) => find(asset.id) ?? []);
  checkAreas(metadata, known, collector, at);
  checkSound(metadata, known, collector, at);
  checkSubtitleLanguages(composition, metadata, collector, at);
}

const LUMINANCE_UNITS: readonly string[] = ['candela-per-square-metre', 'foot-lambert'];

/** Values that ST 429-16 takes from lists. A territory of another scope is somebody else's code. */
function checkValues(
  { releaseTerritory: territory, version, luminance }: CompositionMetadata,
  collector: FindingCollector,
  at: Place,
): void {
  const common = territory?.scope === undefined || territory.scope.startsWith(CPL_METADATA);
  if (territory !== undefined && common && !isKnownRegion(territory.value)) {
    collector.add('unknown_territory', at, { territory: clipText(territory.value) });
  }
  const status = version?.status;
  if (status !== undefined && !VERSION_STATES.includes(status)) {
    const facts = { status: clipText(status), expected: VERSION_STATES };
    collector.add('unknown_version_status', at, facts);
  }
  if (luminance === undefined) return;
  if (luminance.units !== '' && !LUMINANCE_UNITS.includes(luminance.units)) {
    const facts = { unit: clipText(luminance.units), expected: LUMINANCE_UNITS };
    collector.add('unknown_luminance_unit', at, facts);
  }
  if (Number(luminance.value) <= 0) collector.add('empty_luminance', at);
}

/** ST 429-16:2014 6.14: the list names the languages of the subtitles that are there. */
function checkSubtitleLanguages(
  composition: Composition,
  { subtitleLanguages }: CompositionMetadata,
  collector: FindingCollector,
  at: Place,
): void {
  if (subtitleLanguages.length === 0) return;
  const listed = new Set(subtitleLanguages.map(primaryLanguage));
  const shown = composition.reels
    .flatMap((reel) => reel.assets)
    .flatMap((asset) => (asset.kind === 'subtitle' ? (asset.language ?? []) : []));
  const unlisted = [...new Set(shown)].filter((tag) => !listed.has(primaryLanguage(tag)));
  if (unlisted.length > 0) {
    collector.add('mismatched_subtitle_languages', at, {
      languages: subtitleLanguages,
      expected: unlisted,
    });
  }
}

function checkAreas(
  { storedArea, activeArea }: CompositionMetadata,
  known: readonly KnownAsset[],
  collector: FindingCollector,
  at: Place,
): void {
  const picture = known.find((each) => each.report.picture !== undefined)?.report.picture;
  if (
    picture !== undefined &&
    storedArea !== undefined &&
    (picture.width !== storedArea.width || picture.height !== storedArea.height)
  ) {
    collector.add('mismatched_stored_area', at, {
      area: `${storedArea.width}x${storedArea.height}`,
      expected: `${picture.width}x${picture.height}`,
    });
  }
  if (storedArea === undefined || activeArea === undefined) return;
  if (activeArea.width > storedArea.width || activeArea.height > storedArea.height) {
    collector.add('excessive_active_area', at, {
      area: `${activeArea.width}x${activeArea.height}`,
      limit: `${storedArea.width}x${storedArea.height}`,
    });
  } else if (activeArea.width % 2 !== 0 || activeArea.height % 2 !== 0) {
    collector.add('odd_active_area', at, { area: `${activeArea.width}x${activeArea.height}` });
  }
}

function checkSound(
  metadata: CompositionMetadata,
  known: readonly KnownAsset[],
  collector: FindingCollector,
  at: Place,
): void {
  const sound = known.find((each) => each.info?.sound !== undefined)?.info?.sound;
  if (sound === undefined) return;
  const written = metadata.soundConfiguration;
  if (written !== undefined && sound.soundfields.length > 0) {
    const expected = soundConfiguration(sound);
    // Trailing silent channels may be left out.
    const trimmed = (text: string) => text.replace(/\s+/g, '').replace(/(,-)+$/, '');
    if (trimmed(written) !== trimmed(expected)) {
      collector.add('mismatched_sound_configuration', at, { configuration: written, expected });
    }
  }
  const rate = metadata.soundSampleRate;
  if (
    rate !== undefined &&
    sound.samplingRate !== undefined &&
    rate.numerator * sound.samplingRate.denominator !==
      sound.samplingRate.numerator * rate.denominator
  ) {
    collector.add('mismatched_sound_sample_rate', at, {
      rate: rationalText(rate),
      expected: rationalText(sound.samplingRate),
    });
  }
  if (sound.channels.length === 0) return;
  if (metadata.soundLabels.length === 0) {
    collector.add('missing_sound_labels', at);
    return;
  }
  const inFile = [...sound.soundfields, ...sound.channels];
  const expected = inFile.map(placeOfLabel).sort();
  const labels = metadata.soundLabels.map(placeOfLabel).sort();
  if (expected.join() !== labels.join()) {
    collector.add('mismatched_sound_labels', at, { labels, expected });
    return;
  }
  const odd = metadata.soundLabels.filter((label) => !sameInFile(label, metadata, inFile));
  if (odd.length > 0) {
    collector.add('mismatched_sound_labels', at, {
      labels: odd.map(labelText),
      expected: inFile
        .filter((each) => odd.some((label) => placeOfLabel(label) === placeOfLabel(each)))
        .map(labelText),
    });
  }
}

type AnyLabel = {
  readonly symbol: string;
  readonly channel?: number | undefined;
  readonly language?: string | undefined;
};

function placeOfLabel({ symbol, channel }: AnyLabel): string {
  return `${symbol}@${channel ?? ''}`;
}

function labelText(label: AnyLabel): string {
  return `${placeOfLabel(label)} ${label.language ?? ''}`.trim();
}

/** Whether a label of the list says what the file says, as far as both say it. */
function sameInFile(
  label: SoundLabelElement,
  { soundLabels }: CompositionMetadata,
  inFile: readonly SoundLabel[],
): boolean {
  const found = inFile.find((each) => placeOfLabel(each) === placeOfLabel(label));
  if (found === undefined) return false;
  const { language, dictionaryId: named } = found;
  if (language !== undefined && label.language !== undefined && language !== label.language) {
    return false;
  }
  const listed = label.dictionaryId.replace(/^urn:smpte:ul:/i, '').replaceAll('.', '');
  if (named !== undefined && listed !== '' && !sameLabel(named, listed.toLowerCase())) return false;
  const { groupLinkId: group } = label;
  return group === undefined || soundLabels.some((each) => each.group && each.linkId === group);
}
