import type { Place } from '@yinglian/core';
import {
  type CompositionNameFields,
  CONTENT_KINDS,
  parseCompositionName,
} from '../build/naming.ts';
import { type Composition, isPicture, type ReelAssetKind } from '../documents/model.ts';
import { registeredCode } from '../registries/registry.ts';
import type { AssetReport } from './report.ts';
import type { FindingCollector } from './findings.ts';
import { primaryLanguage } from './languages.ts';

/** What a name is judged with. */
export type NameCircumstances = {
  /** Whether assets are missing here: a version file. */
  readonly external: boolean;
  /** Whether no other composition plays the same files. */
  readonly alone: boolean;
  /** Whether the house wants names by the convention. */
  readonly naming: 'required' | undefined;
};

/** What the name says against what the composition holds (ISDCF DCNC 9.6). */
export function checkName(
  composition: Composition,
  assets: readonly AssetReport[],
  { external, alone, naming }: NameCircumstances,
  collector: FindingCollector,
  place: Place,
): void {
  const { fields, findings } = parseCompositionName(composition.title);
  collector.take(findings, place);
  if (fields === undefined) return;
  const claim = (field: string, value: string, expected: string): void => {
    collector.add('mismatched_name', place, { field, value, expected });
  };
  const kind = CONTENT_KINDS[fields.contentType];
  const actual = composition.contentKind.value.toLowerCase().replace('-', '');
  const known = Object.values(CONTENT_KINDS).includes(actual);
  if (kind !== undefined && known && actual !== kind && !SAME_KIND.has(`${actual}/${kind}`)) {
    claim('content_type', fields.contentType, composition.contentKind.value);
  }
  const standard = composition.standard === 'smpte' ? 'SMPTE' : 'IOP';
  if (fields.standard !== standard) claim('standard', fields.standard, standard);
  const picture = assets.find((each) => each.picture !== undefined);
  if (picture?.picture !== undefined) {
    const { width, height } = picture.picture;
    const resolution = width > 2048 ? '4K' : '2K';
    if (fields.resolution !== resolution) claim('resolution', fields.resolution, resolution);
    const scale = width > 2048 ? 2 : 1;
    const shape = SHAPES.get(`${width / scale}x${height / scale}`);
    if (shape !== undefined && fields.aspect !== shape) claim('aspect', fields.aspect, shape);
    const stereoscopic = picture.essence === 'stereoscopic';
    if (fields.stereoscopic !== stereoscopic) {
      claim('stereoscopic', fields.stereoscopic ? '3D' : '2D', stereoscopic ? '3D' : '2D');
    } else if (fields.modifiers.includes('3D') && !stereoscopic) {
      claim('stereoscopic', '3D', '2D');
    }
  }
  const group = assets.find((each) => each.sound?.soundfield !== undefined)?.sound?.soundfield;
  const audio = SOUNDFIELD_CODES.get(group ?? '');
  if (
    audio !== undefined &&
    fields.audio !== audio &&
    !(audio === '71' && fields.audio === 'SDS')
  ) {
    claim('audio', fields.audio, audio);
  }
  checkRegistered(fields, naming, collector, place);
  checkSpoken(composition, fields, claim);
  checkRateWord(composition, fields, claim);
  checkTracks(composition, assets, fields, claim);
  checkCounterparts(composition, fields, claim);
  if (external && fields.packageType.startsWith('OV')) {
    claim('package_type', fields.packageType, 'VF');
  }
  // Beside its original, a version is a version although nothing is missing.
  if (!external && alone && fields.packageType.startsWith('VF')) {
    claim('package_type', fields.packageType, 'OV');
  }
}

/** What stands in a field for nothing, or for a text in the picture beside no other. */
const UNLISTED: readonly string[] = ['', 'XX'];

/** Codes of the name in the registries of ISDCF; small letters are of texts in the picture. */
function checkRegistered(
  fields: CompositionNameFields,
  naming: 'required' | undefined,
  collector: FindingCollector,
  place: Place,
): void {
  const codes = [
    ['language', 'audio_language', fields.audioLanguage],
    ['language', 'subtitle_language', fields.subtitleLanguage],
    ['territory', 'territory', fields.territory],
    ['studio', 'studio', fields.studio],
    ['facility', 'facility', fields.facility],
  ] as const;
  for (const [registry, field, written] of codes) {
    const code = written.toUpperCase();
    // Words of another form have a finding already.
    if (UNLISTED.includes(code) || !/^[A-Z0-9]{2,4}$/.test(code)) continue;
    const registered = registeredCode(registry, code);
    if (registered === undefined) {
      // Houses register every week, and may go without: that is told to who asks for names alone.
      const isHouse = registry === 'studio' || registry === 'facility';
      const rule = isHouse ? 'unregistered_house_code' : 'unregistered_name_code';
      if (!isHouse || naming !== undefined) collector.add(rule, place, { field, value: written });
    } else if (registered.replacedBy !== undefined) {
      const expected = registered.replacedBy.join(', ');
      collector.add('obsolete_name_code', place, { field, value: written, expected });
    }
  }
}

/** Tracks that a name promises: texts that are shown, captions, immersive and assisted sound. */
function checkTracks(
  composition: Composition,
  assets: readonly AssetReport[],
  fields: CompositionNameFields,
  claim: Claim,
): void {
  const has = (...kinds: readonly ReelAssetKind[]) =>
    composition.reels.some((reel) => reel.assets.some((asset) => kinds.includes(asset.kind)));
  const shown = /^[A-Z]{2,4}$/.test(fields.subtitleLanguage);
  if (shown && fields.subtitleLanguage !== NO_LANGUAGE && !has('subtitle', 'caption')) {
    claim('subtitle_language', fields.subtitleLanguage, NO_LANGUAGE);
  }
  if (fields.captions === 'CCAP' && !has('closed_caption', 'closed_subtitle')) {
    claim('captions', 'CCAP', NOTHING);
  }
  const immersive = fields.audioExtras.find((each) => IMMERSIVE.includes(each));
  const carried = has('auxiliary_data');
  if (immersive !== undefined && !carried) claim('audio', immersive, NOTHING);
  if (immersive === undefined && assets.some((each) => each.essence === 'atmos')) {
    claim('audio', NOTHING, 'IAB');
  }
  // Without labels nobody can tell what a channel holds.
  const labels = assets.flatMap((each) => each.sound?.labels ?? []);
  if (labels.length === 0) return;
  for (const [word, label] of ASSISTED) {
    // Labelled channels may be silent, so that a name need not speak of them.
    if (fields.audioExtras.includes(word) && !labels.includes(label)) claim('audio', word, NOTHING);
  }
}

/** How a finding says that a name or a package has nothing of a kind. */
const NOTHING = '-';

const IMMERSIVE: readonly string[] = ['IAB', 'ATMOS'];
/** Words of the name and the labels of ST 428-12 that they stand for. */
const ASSISTED = [
  ['HI', 'chHI'],
  ['VI', 'chVIN'],
] as const;

/** Words of the name that stand in the metadata as well (registry of ISDCF, content modifiers). */
function checkCounterparts(
  composition: Composition,
  fields: CompositionNameFields,
  claim: Claim,
): void {
  const metadata = composition.reels.find((reel) => reel.metadata !== undefined)?.metadata;
  const { version, releaseTerritory } = metadata ?? {};
  const [first] = fields.modifiers;
  if (version !== undefined && /^\d{1,2}$/.test(first ?? '') && !RATE_WORDS.includes(first!)) {
    if (Number(first) !== version.number) claim('version', first!, String(version.number));
  }
  for (const [word, status] of VERSION_WORDS) {
    if (!fields.modifiers.includes(word) || version?.status === undefined) continue;
    if (version.status !== status) claim('version_status', word, version.status);
  }
  const territory = releaseTerritory?.value.toUpperCase() ?? '';
  const named = registeredCode('territory', fields.territory)?.tag ?? fields.territory;
  if (PLAIN_CODE.test(territory) && PLAIN_CODE.test(named) && territory !== named) {
    claim('territory', fields.territory, territory);
  }
}

const VERSION_WORDS = [
  ['Temp', 'temp'],
  ['Pre', 'pre'],
] as const;

type Claim = (field: string, value: string, expected: string) => void;

/** Codes of ISO 3166 and ISO 639-1, which mean the same in names where no registry knows them. */
const PLAIN_CODE = /^[A-Z]{2}$/;
const NO_LANGUAGE = 'XX';

function checkSpoken(composition: Composition, fields: CompositionNameFields, claim: Claim): void {
  const assets = composition.reels.flatMap((reel) => reel.assets);
  const languageOf = (kind: ReelAssetKind) =>
    assets.find((asset) => asset.kind === kind && asset.language !== undefined)?.language;
  const differs = (code: string, tag: string | undefined) => {
    const named =
      registeredCode('language', code)?.tag ?? (PLAIN_CODE.test(code) ? code : undefined);
    if (tag === undefined || named === undefined || code === NO_LANGUAGE) return false;
    return primaryLanguage(tag) !== primaryLanguage(named);
  };
  const spoken = languageOf('sound');
  if (differs(fields.audioLanguage, spoken)) {
    claim('audio_language', fields.audioLanguage, spoken!);
  }
  const written = languageOf('subtitle');
  // Small letters are of texts in the picture, beside which others may be shown.
  if (differs(fields.subtitleLanguage, written)) {
    claim('subtitle_language', fields.subtitleLanguage, written!);
  } else if (fields.subtitleLanguage === NO_LANGUAGE && written !== undefined) {
    claim('subtitle_language', NO_LANGUAGE, written);
  }
}

/** A rate among the modifiers (`FTR-1-48`); the first number is that of the version. */
function checkRateWord(
  composition: Composition,
  { modifiers }: CompositionNameFields,
  claim: Claim,
): void {
  const rate = composition.reels.flatMap((reel) => reel.assets).find(isPicture)?.editRate;
  if (rate === undefined) return;
  const actual = Number((rate.numerator / (rate.denominator || 1)).toFixed(3));
  const numbers = modifiers.filter((each) => /^\d+$/.test(each));
  const [, word] = numbers;
  if (word !== undefined && RATE_WORDS.includes(word)) {
    if (Number(word) !== actual) claim('frame_rate', word, String(actual));
  } else if (actual !== 24 && !numbers.includes(String(actual))) {
    // Only 24 frames go without saying.
    claim('frame_rate', '24', String(actual));
  }
}

const RATE_WORDS: readonly string[] = ['24', '25', '30', '48', '50', '60', '96', '100', '120'];

/** Names that registries and documents spell differently for the same kind. */
const SAME_KIND: ReadonlySet<string> = new Set([
  'publicserviceannouncement/psa',
  'publicservice/psa',
]);

const SHAPES: ReadonlyMap<string, string> = new Map([
  ['1998x1080', 'F'],
  ['2048x858', 'S'],
  ['2048x1080', 'C'],
]);

const SOUNDFIELD_CODES: ReadonlyMap<string, string> = new Map([
  ['sg51', '51'],
  ['sg71', '71'],
  ['sgSDS', '71'],
  ['sg61', '61'],
  ['sgM', '10'],
]);
