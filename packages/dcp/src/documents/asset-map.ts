import { accepted, type Outcome, uuidUrn } from '@yinglian/core';
import {
  childElement,
  childElements,
  childText,
  documentOf,
  element,
  indentElement,
  writeXml,
  type XmlElement,
} from '@yinglian/xml';
import type { AssetMap, MappedAsset } from './model.ts';
import { NAMESPACES, type Standard } from './namespaces.ts';
import { countIn, NO_ID, openDocument, textIn, uuidIn } from './reading.ts';
import { checkSchema, type ElementRule } from './schema.ts';

const ASSET: ElementRule = {
  name: 'Asset',
  many: true,
  children: [
    { name: 'Id', type: 'uuid' },
    { name: 'AnnotationText', optional: true },
    { name: 'PackingList', optional: true, type: 'flag' },
    {
      name: 'ChunkList',
      children: [
        {
          name: 'Chunk',
          many: true,
          children: [
            { name: 'Path' },
            { name: 'VolumeIndex', optional: true, type: 'positive' },
            { name: 'Offset', optional: true, type: 'count' },
            { name: 'Length', optional: true, type: 'count' },
          ],
        },
      ],
    },
  ],
};

const HEAD = {
  id: { name: 'Id', type: 'uuid' },
  annotation: { name: 'AnnotationText', optional: true },
  creator: { name: 'Creator' },
  volumes: { name: 'VolumeCount', type: 'positive' },
  date: { name: 'IssueDate', type: 'date_time' },
  issuer: { name: 'Issuer' },
  assets: { name: 'AssetList', children: [ASSET] },
} as const satisfies Record<string, ElementRule>;

/** ST 429-9:2014 7; Interop has the same children in another order. */
const RULES: Record<Standard, ElementRule> = {
  smpte: {
    name: 'AssetMap',
    children: [
      HEAD.id,
      HEAD.annotation,
      HEAD.creator,
      HEAD.volumes,
      HEAD.date,
      HEAD.issuer,
      HEAD.assets,
    ],
  },
  interop: {
    name: 'AssetMap',
    children: [
      HEAD.id,
      HEAD.annotation,
      HEAD.volumes,
      HEAD.date,
      { ...HEAD.issuer, optional: true },
      { ...HEAD.creator, optional: true },
      HEAD.assets,
    ],
  },
};

/** Where the form of an asset map is laid down. */
export const ASSET_MAP_CLAUSE = 'ST 429-9:2014 7';

const MAP_PATH = /^(?:.*\/)?ASSETMAP(?:\.xml)?$/i;

/** Whether a file is named as the map of a package, of either standard, at any depth. */
export function isAssetMapPath(path: string): boolean {
  return MAP_PATH.test(path);
}

/** Reads an ASSETMAP; its findings speak of form only. */
export function readAssetMap(bytes: Uint8Array, file: string): Outcome<AssetMap> {
  const opened = openDocument(bytes, 'assetMap', 'AssetMap', file);
  if (!opened.ok) return opened;
  const { root, standard } = opened.value;
  const list = childElement(root, 'AssetList');
  return accepted(
    {
      standard,
      id: uuidIn(root, 'Id') ?? NO_ID,
      annotation: textIn(root, 'AnnotationText'),
      creator: textIn(root, 'Creator'),
      issuer: textIn(root, 'Issuer'),
      issueDate: childText(root, 'IssueDate') ?? '',
      volumeCount: countIn(root, 'VolumeCount') ?? 1,
      assets: list === undefined ? [] : childElements(list, 'Asset').map(readAsset),
    },
    [...opened.findings, ...checkSchema(root, RULES[standard], ASSET_MAP_CLAUSE, file)],
  );
}

function readAsset(of: XmlElement): MappedAsset {
  const chunks = childElement(of, 'ChunkList');
  const flag = childText(of, 'PackingList');
  return {
    id: uuidIn(of, 'Id') ?? NO_ID,
    // Interop writes an empty element, SMPTE a boolean.
    packingList: flag !== undefined && flag !== 'false' && flag !== '0',
    chunks:
      chunks === undefined
        ? []
        : childElements(chunks, 'Chunk').map((chunk) => ({
            path: childText(chunk, 'Path') ?? '',
            volume: countIn(chunk, 'VolumeIndex') ?? 1,
            offsetBytes: countIn(chunk, 'Offset') ?? 0,
            lengthBytes: countIn(chunk, 'Length'),
          })),
  };
}

/** The bytes of an ASSETMAP of either standard. */
export function writeAssetMap(map: AssetMap): Uint8Array {
  const namespace = NAMESPACES[map.standard].assetMap;
  const leaf = (name: string, text: string | undefined) =>
    text === undefined ? undefined : element(name, namespace, { children: [text] });
  const head = {
    creator: leaf('Creator', map.creator ?? ''),
    volumes: leaf('VolumeCount', String(map.volumeCount)),
    date: leaf('IssueDate', map.issueDate),
    issuer: leaf('Issuer', map.issuer ?? ''),
  };
  const assets = map.assets.map((asset) =>
    element('Asset', namespace, {
      children: [
        leaf('Id', uuidUrn(asset.id)),
        asset.packingList && leaf('PackingList', 'true'),
        element('ChunkList', namespace, {
          children: asset.chunks.map((chunk) =>
            element('Chunk', namespace, {
              children: [
                leaf('Path', chunk.path),
                leaf('VolumeIndex', String(chunk.volume)),
                leaf('Offset', String(chunk.offsetBytes)),
                leaf(
                  'Length',
                  chunk.lengthBytes === undefined ? undefined : String(chunk.lengthBytes),
                ),
              ],
            }),
          ),
        }),
      ],
    }),
  );
  return writeXml(
    documentOf(
      indentElement(
        element('AssetMap', namespace, {
          declarations: { '': namespace },
          children: [
            leaf('Id', uuidUrn(map.id)),
            leaf('AnnotationText', map.annotation),
            ...(map.standard === 'smpte'
              ? [head.creator, head.volumes, head.date, head.issuer]
              : [head.volumes, head.date, head.issuer, head.creator]),
            element('AssetList', namespace, { children: assets }),
          ],
        }),
      ),
    ),
  );
}

/** SMPTE maps have a suffix, Interop ones have none (ST 429-9:2014 A.4). */
export function assetMapFileName(standard: Standard): string {
  return standard === 'smpte' ? 'ASSETMAP.xml' : 'ASSETMAP';
}

/** The name of a volume index, with or without its suffix. */
export function volumeIndexFileName(standard: Standard): string {
  return standard === 'smpte' ? 'VOLINDEX.xml' : 'VOLINDEX';
}

/** The number of a volume, from its VOLINDEX. */
export function readVolumeIndex(bytes: Uint8Array, file: string): Outcome<number> {
  const opened = openDocument(bytes, 'volumeIndex', 'VolumeIndex', file);
  if (!opened.ok) return opened;
  const rule: ElementRule = {
    name: 'VolumeIndex',
    children: [{ name: 'Index', type: 'positive' }],
  };
  return accepted(countIn(opened.value.root, 'Index') ?? 1, [
    ...opened.findings,
    ...checkSchema(opened.value.root, rule, 'ST 429-9:2014 8', file),
  ]);
}

/** The bytes of a VOLINDEX of either standard. */
export function writeVolumeIndex(standard: Standard, volume: number): Uint8Array {
  const namespace = NAMESPACES[standard].volumeIndex;
  return writeXml(
    documentOf(
      indentElement(
        element('VolumeIndex', namespace, {
          declarations: { '': namespace },
          children: [element('Index', namespace, { children: [String(volume)] })],
        }),
      ),
    ),
  );
}
