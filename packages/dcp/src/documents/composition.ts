import { accepted, type Outcome, uuidUrn } from '@yinglian/core';
import {
  attributeValue,
  childElement,
  childElements,
  childText,
  documentOf,
  element,
  indentElement,
  textOf,
  type XmlDocument,
  type XmlElement,
} from '@yinglian/xml';
import type { Rational } from '../mxf/property-types.ts';
import { metadataElement, readMetadata } from './composition-metadata.ts';
import { COMPOSITION_RULES } from './composition-rules.ts';
import type { Composition, MarkerAsset, Reel, ReelAsset, ReelAssetKind } from './model.ts';
import { DOLBY_AUXILIARY, NAMESPACES, type Standard } from './namespaces.ts';
import type { ReadDocument } from './packing-list.ts';
import {
  countIn,
  NO_ID,
  openDocument,
  rationalIn,
  rationalText,
  textIn,
  uuidIn,
} from './reading.ts';
import { checkSchema } from './schema.ts';

/** Where the form of a composition is laid down. */
export const COMPOSITION_CLAUSE = 'ST 429-7:2006 6';

const ROOT = /<(?:[\w-]+:)?CompositionPlaylist[\s>]/;
/** Where the root element of a document stands. */
const LOOK_BYTES = 4096;

/** Whether the root of a document is that of a composition, whatever lists call it. */
export function isComposition(bytes: Uint8Array): boolean {
  return ROOT.test(String.fromCharCode(...bytes.subarray(0, LOOK_BYTES)));
}

const NO_RATE: Rational = { numerator: 0, denominator: 1 };

/** Kinds by element name; the namespace is left aside, as makers use several for the same thing. */
const KINDS: ReadonlyMap<string, ReelAssetKind> = new Map<string, ReelAssetKind>([
  ['MainPicture', 'picture'],
  ['MainStereoscopicPicture', 'stereoscopic_picture'],
  ['MainSound', 'sound'],
  ['MainSubtitle', 'subtitle'],
  ['MainCaption', 'caption'],
  ['MainClosedCaption', 'closed_caption'],
  ['ClosedCaption', 'closed_caption'],
  ['ClosedSubtitle', 'closed_subtitle'],
  ['AuxData', 'auxiliary_data'],
]);

/** Reads a CPL; the document comes along for its signature. */
export function readComposition(
  bytes: Uint8Array,
  file: string,
): Outcome<ReadDocument<Composition>> {
  const opened = openDocument(bytes, 'composition', 'CompositionPlaylist', file);
  if (!opened.ok) return opened;
  const { root, standard, document } = opened.value;
  const kind = childElement(root, 'ContentKind');
  const version = childElement(root, 'ContentVersion');
  const ratings = childElement(root, 'RatingList');
  const reels = childElement(root, 'ReelList');
  const model: Composition = {
    standard,
    id: uuidIn(root, 'Id') ?? NO_ID,
    annotation: textIn(root, 'AnnotationText'),
    issueDate: childText(root, 'IssueDate') ?? '',
    issuer: textIn(root, 'Issuer'),
    creator: textIn(root, 'Creator'),
    title: childText(root, 'ContentTitleText') ?? '',
    contentKind: {
      value: kind === undefined ? '' : textOf(kind),
      scope: kind === undefined ? undefined : attributeValue(kind, 'scope'),
    },
    contentVersion:
      version === undefined
        ? undefined
        : {
            id: childText(version, 'Id') ?? '',
            label: childText(version, 'LabelText') ?? '',
          },
    ratings:
      ratings === undefined
        ? []
        : childElements(ratings, 'Rating').map((rating) => ({
            agency: childText(rating, 'Agency') ?? '',
            label: childText(rating, 'Label') ?? '',
          })),
    reels: reels === undefined ? [] : childElements(reels, 'Reel').map(readReel),
    signed: childElement(root, 'Signature') !== undefined,
  };
  return accepted({ model, document }, [
    ...opened.findings,
    ...checkSchema(root, COMPOSITION_RULES[standard], COMPOSITION_CLAUSE, file),
  ]);
}

function readReel(of: XmlElement): Reel {
  const list = childElement(of, 'AssetList');
  const assets: ReelAsset[] = [];
  let markers: MarkerAsset | undefined;
  let metadata: Reel['metadata'];
  for (const child of list === undefined ? [] : childElements(list)) {
    if (child.local === 'MainMarkers') markers = readMarkers(child);
    else if (child.local === 'CompositionMetadataAsset') metadata = readMetadata(child);
    else assets.push(readAsset(child));
  }
  return {
    id: uuidIn(of, 'Id') ?? NO_ID,
    annotation: textIn(of, 'AnnotationText'),
    assets,
    markers,
    metadata,
  };
}

function readAsset(of: XmlElement): ReelAsset {
  return {
    kind: KINDS.get(of.local) ?? 'unknown',
    id: uuidIn(of, 'Id') ?? NO_ID,
    annotation: textIn(of, 'AnnotationText'),
    editRate: rationalIn(of, 'EditRate') ?? NO_RATE,
    intrinsicDuration: countIn(of, 'IntrinsicDuration') ?? 0,
    entryPoint: countIn(of, 'EntryPoint'),
    duration: countIn(of, 'Duration'),
    keyId: uuidIn(of, 'KeyId'),
    hash: textIn(of, 'Hash')?.replace(/\s+/g, ''),
    language: textIn(of, 'Language'),
    frameRate: rationalIn(of, 'FrameRate'),
    aspectRatio: textIn(of, 'ScreenAspectRatio'),
    dataType: textIn(of, 'DataType'),
  };
}

function readMarkers(of: XmlElement): MarkerAsset {
  const list = childElement(of, 'MarkerList');
  return {
    id: uuidIn(of, 'Id') ?? NO_ID,
    editRate: rationalIn(of, 'EditRate') ?? NO_RATE,
    intrinsicDuration: countIn(of, 'IntrinsicDuration') ?? 0,
    entryPoint: countIn(of, 'EntryPoint'),
    duration: countIn(of, 'Duration'),
    markers:
      list === undefined
        ? []
        : childElements(list, 'Marker').map((marker) => ({
            label: childText(marker, 'Label') ?? '',
            offset: countIn(marker, 'Offset') ?? 0,
          })),
  };
}

/** The document of a CPL, not yet signed. */
export function compositionDocument(composition: Composition): XmlDocument {
  const { standard } = composition;
  const namespace = NAMESPACES[standard].composition;
  const leaf = leafMaker(namespace);
  const { contentKind, contentVersion } = composition;
  return documentOf(
    indentElement(
      element('CompositionPlaylist', namespace, {
        declarations: { '': namespace },
        children: [
          leaf('Id', uuidUrn(composition.id)),
          leaf('AnnotationText', composition.annotation),
          leaf('IssueDate', composition.issueDate),
          leaf('Issuer', composition.issuer),
          leaf('Creator', composition.creator),
          leaf('ContentTitleText', composition.title),
          element('ContentKind', namespace, {
            attributes: { scope: contentKind.scope },
            children: [contentKind.value],
          }),
          contentVersion !== undefined &&
            element('ContentVersion', namespace, {
              children: [leaf('Id', contentVersion.id), leaf('LabelText', contentVersion.label)],
            }),
          element('RatingList', namespace, {
            children: composition.ratings.map((rating) =>
              element('Rating', namespace, {
                children: [leaf('Agency', rating.agency), leaf('Label', rating.label)],
              }),
            ),
          }),
          element('ReelList', namespace, {
            children: composition.reels.map((reel) => reelElement(reel, standard)),
          }),
        ],
      }),
    ),
  );
}

/** Makes an element with text, or nothing where there is no text. */
export type LeafMaker = (name: string, text: string | number | undefined) => XmlElement | undefined;

/** A maker of leaves in one namespace. */
export function leafMaker(namespace: string): LeafMaker {
  return (name, text) =>
    text === undefined ? undefined : element(name, namespace, { children: [String(text)] });
}

/** The schema's order: markers, picture, sound, subtitle, then what other namespaces bring. */
const ORDER: readonly ReelAssetKind[] = [
  'picture',
  'sound',
  'subtitle',
  'stereoscopic_picture',
  'caption',
  'closed_caption',
  'closed_subtitle',
  'auxiliary_data',
  'unknown',
];

function reelElement(reel: Reel, standard: Standard): XmlElement {
  const namespace = NAMESPACES[standard].composition;
  const leaf = leafMaker(namespace);
  const assets = [...reel.assets].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  return element('Reel', namespace, {
    children: [
      leaf('Id', uuidUrn(reel.id)),
      leaf('AnnotationText', reel.annotation),
      element('AssetList', namespace, {
        children: [
          reel.markers && markersElement(reel.markers, namespace),
          ...assets.map((asset) => assetElement(asset, standard)),
          reel.metadata && metadataElement(reel.metadata, namespace),
        ],
      }),
    ],
  });
}

function markersElement(markers: MarkerAsset, namespace: string): XmlElement {
  const leaf = leafMaker(namespace);
  return element('MainMarkers', namespace, {
    children: [
      ...genericChildren(markers, leaf),
      element('MarkerList', namespace, {
        children: markers.markers.map(({ label, offset }) =>
          element('Marker', namespace, {
            children: [leaf('Label', label), leaf('Offset', offset)],
          }),
        ),
      }),
    ],
  });
}

function genericChildren(
  asset: Pick<
    ReelAsset,
    'id' | 'annotation' | 'editRate' | 'intrinsicDuration' | 'entryPoint' | 'duration'
  >,
  leaf: LeafMaker,
): (XmlElement | undefined)[] {
  return [
    leaf('Id', uuidUrn(asset.id)),
    leaf('AnnotationText', asset.annotation),
    leaf('EditRate', rationalText(asset.editRate)),
    leaf('IntrinsicDuration', asset.intrinsicDuration),
    leaf('EntryPoint', asset.entryPoint),
    leaf('Duration', asset.duration),
  ];
}

/** Element name, prefix and namespace of an asset in either standard. */
function assetName(kind: ReelAssetKind, standard: Standard): { name: string; namespace: string } {
  const names = NAMESPACES[standard];
  switch (kind) {
    case 'picture':
      return { name: 'MainPicture', namespace: names.composition };
    case 'sound':
      return { name: 'MainSound', namespace: names.composition };
    case 'subtitle':
      return { name: 'MainSubtitle', namespace: names.composition };
    case 'stereoscopic_picture':
      return { name: 'msp-cpl:MainStereoscopicPicture', namespace: names.stereoscopic };
    case 'caption':
      return { name: 'tt:MainCaption', namespace: names.closedCaption };
    case 'closed_caption':
      return {
        name: standard === 'smpte' ? 'tt:ClosedCaption' : 'cc-cpl:MainClosedCaption',
        namespace: names.closedCaption,
      };
    case 'closed_subtitle':
      return { name: 'tt:ClosedSubtitle', namespace: names.closedCaption };
    case 'auxiliary_data':
    case 'unknown':
      return { name: 'axd:AuxData', namespace: DOLBY_AUXILIARY };
  }
}

function assetElement(asset: ReelAsset, standard: Standard): XmlElement {
  const own = NAMESPACES[standard].composition;
  const leaf = leafMaker(own);
  const { name, namespace } = assetName(asset.kind, standard);
  const prefix = name.includes(':') ? name.slice(0, name.indexOf(':')) : undefined;
  return element(name, namespace, {
    ...(prefix === undefined ? {} : { declarations: { [prefix]: namespace } }),
    children: [
      ...genericChildren(asset, leaf),
      leaf('KeyId', asset.keyId === undefined ? undefined : uuidUrn(asset.keyId)),
      leaf('Hash', asset.hash),
      leaf('FrameRate', asset.frameRate && rationalText(asset.frameRate)),
      leaf('ScreenAspectRatio', asset.aspectRatio),
      leaf('Language', asset.language),
      asset.dataType !== undefined &&
        element('axd:DataType', DOLBY_AUXILIARY, { children: [asset.dataType] }),
    ],
  });
}
