import type { Place } from '@yinglian/core';
import { CONTENT_KINDS, parseCompositionName } from '../build/naming.ts';
import type { Composition } from '../documents/model.ts';
import type { AssetReport } from './report.ts';
import type { FindingCollector } from './findings.ts';

/** What the name says against what the composition holds (ISDCF DCNC 9.6). */
export function checkName(
  composition: Composition,
  assets: readonly AssetReport[],
  external: boolean,
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
  if (external && fields.packageType.startsWith('OV'))
    claim('package_type', fields.packageType, 'VF');
}

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
