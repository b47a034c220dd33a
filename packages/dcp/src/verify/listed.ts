import { type InstantMs, parseInstant, type Place } from '@yinglian/core';
import type { Composition, PackedAsset, PackingList } from '../documents/model.ts';
import type { Standard } from '../documents/namespaces.ts';
import type { FindingCollector } from './findings.ts';
import type { Profile } from './profile.ts';
import type { AssetReport } from './report.ts';

/** How packing lists call what a file turns out to be; parameters after the type are no fault. */
const WANTED_TYPES: Partial<Record<AssetReport['kind'], RegExp>> = {
  composition: /^(?:text|application)\/xml\s*(?:;|$)/i,
  track_file: /mxf/i,
  subtitle: /xml/i,
  image: /image\/png|octet-stream/i,
  font: /font|ttf|opentype|octet-stream/i,
};

/** What a packing list calls a file against what the file is, all of it having been looked at. */
export function checkType(
  asset: PackedAsset,
  report: AssetReport,
  standard: Standard,
  collector: FindingCollector,
): void {
  const place: Place = { file: report.path, asset: asset.id };
  const wanted = WANTED_TYPES[report.kind];
  const wrong = wanted !== undefined && !wanted.test(asset.type);
  const interopInSmpte = standard === 'smpte' && /asdcpKind/i.test(asset.type);
  if (wrong || interopInSmpte) {
    collector.add('unexpected_asset_type', place, { type: asset.type });
  }
  if (report.kind !== 'other' || report.hash === undefined) return;
  // A file that is nothing known is as good as absent where something known was promised.
  if (/mxf/i.test(asset.type)) collector.add('unreadable_track_file', place);
  else if (/xml/i.test(asset.type)) collector.add('unreadable_document', place);
  else if (/png/i.test(asset.type)) {
    collector.add('unexpected_asset_type', place, { type: asset.type });
  }
}

/** Who asks for one standard by its profile is told when the package is of the other. */
export function checkStandard(
  standard: Standard,
  { base }: Profile,
  place: Place,
  collector: FindingCollector,
): void {
  const expected = base === 'bv21' ? 'smpte' : base;
  if ((expected === 'smpte' || expected === 'interop') && expected !== standard) {
    collector.add('unexpected_standard', place, { standard, expected, profile: base });
  }
}

/** Clocks of two houses may differ; a day covers every time zone as well. */
const CLOCK_TOLERANCE_MS = 86_400_000;

/** A document of tomorrow was written by a clock that is wrong, and so are its certificates. */
export function checkIssueDate(
  date: string,
  at: InstantMs | undefined,
  place: Place,
  collector: FindingCollector,
): void {
  if (at === undefined) return;
  const issued = parseInstant(date);
  if (issued.ok && issued.value > at + CLOCK_TOLERANCE_MS) {
    collector.add('premature_issue_date', place, { date });
  }
}

/** RDD 52: with one composition, the packing list carries its title. */
export function checkAnnotation(
  { path, list }: { readonly path: string; readonly list: PackingList },
  compositions: readonly { readonly composition: Composition }[],
  collector: FindingCollector,
): void {
  const ids = new Set(list.assets.map((asset) => asset.id));
  const own = compositions.filter(({ composition }) => ids.has(composition.id));
  const title = own[0]?.composition.title;
  if (own.length !== 1 || list.annotation === title) return;
  const facts = { annotation: list.annotation ?? '', title: title ?? '' };
  collector.add('mismatched_packing_list_annotation', { file: path }, facts);
}
