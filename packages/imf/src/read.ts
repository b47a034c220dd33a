import {
  accepted,
  clipText,
  type Finding,
  finding,
  type Outcome,
  parseUuid,
  ratio,
  type Ratio,
  refused,
  type Uuid,
} from '@yinglian/core';
import {
  attributeValue,
  childElement,
  childElements,
  childText,
  elementsWithin,
  placeOf,
  readXml,
  textOf,
  type XmlDocument,
  type XmlElement,
} from '@yinglian/xml';
import {
  CORE_EDITIONS,
  CPL_EDITIONS,
  type EssenceDescriptor,
  type ImfAsset,
  type ImfComposition,
  type ImfPackingList,
  OPL_NAMESPACE,
  type OutputProfile,
  PKL_NAMESPACES,
  type Resource,
  type Segment,
  type Sequence,
} from './model.ts';

const DOCUMENT_BYTES_MAX = 64 * 1024 * 1024;

/** A document with what was read from it. */
export type ReadImf<Model> = { readonly model: Model; readonly document: XmlDocument };

type Opened = { readonly document: XmlDocument; readonly findings: Finding[] };

function open(bytes: Uint8Array, rootName: string, file: string): Outcome<Opened> {
  const read = readXml(bytes, { bytes: DOCUMENT_BYTES_MAX });
  const findings = read.findings.map((each) => ({ ...each, at: { file, ...each.at } }));
  if (!read.ok) return refused(...findings);
  const { root } = read.value;
  if (root.local !== rootName) {
    const facts = { element: root.local, expected: rootName };
    return refused(
      ...findings,
      finding('unexpected_root_element', 'error', { at: { file }, facts }),
    );
  }
  return accepted({ document: read.value, findings });
}

function unknownNamespace(root: XmlElement, file: string): Finding {
  const facts = { namespace: clipText(root.namespace) };
  // A cinema package has the same asset map, so that it is met here by mistake.
  return /\/429-7\/|digicine\.com/.test(root.namespace)
    ? finding('unexpected_cinema_document', 'error', { at: { file }, facts })
    : finding('unknown_namespace', 'error', { at: { file }, facts });
}

/** A UUID in a child; undefined when it is absent or none. */
function uuidIn(of: XmlElement, name: string): Uuid | undefined {
  const outcome = parseUuid(childText(of, name) ?? '');
  return outcome.ok ? outcome.value : undefined;
}

function countIn(of: XmlElement, name: string): number | undefined {
  const text = childText(of, name);
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** `24000 1001`, `24/1` or `24`. */
export function ratioOf(text: string | undefined): Ratio | undefined {
  const match = /^(\d{1,10})(?:\s*[\s/:]\s*(\d{1,10}))?$/.exec(text?.trim() ?? '');
  if (match === null || Number(match[1]) === 0 || Number(match[2] ?? 1) === 0) return undefined;
  return ratio(BigInt(match[1]!), BigInt(match[2] ?? '1'));
}

function optional(of: XmlElement, name: string): string | undefined {
  const text = childText(of, name);
  return text === '' ? undefined : text;
}

/** Reads a packing list of either namespace. */
export function readImfPackingList(
  bytes: Uint8Array,
  file: string,
): Outcome<ReadImf<ImfPackingList>> {
  const opened = open(bytes, 'PackingList', file);
  if (!opened.ok) return opened;
  const { document, findings } = opened.value;
  const { root } = document;
  if (!PKL_NAMESPACES.includes(root.namespace)) {
    return refused(...findings, unknownNamespace(root, file));
  }
  requireChildren(root, ['Id', 'IssueDate', 'Issuer', 'Creator', 'AssetList'], file, findings);
  const list = childElement(root, 'AssetList');
  const assets = list === undefined ? [] : childElements(list, 'Asset');
  for (const asset of assets)
    requireChildren(asset, ['Id', 'Hash', 'Size', 'Type'], file, findings);
  const model: ImfPackingList = {
    id: uuidIn(root, 'Id'),
    annotation: optional(root, 'AnnotationText'),
    assets: assets.map(readAsset),
    signed: childElement(root, 'Signature') !== undefined,
  };
  return accepted({ model, document }, findings);
}

function readAsset(of: XmlElement): ImfAsset {
  const algorithm = childElement(of, 'HashAlgorithm');
  const uri =
    algorithm === undefined ? '' : (attributeValue(algorithm, 'Algorithm') ?? textOf(algorithm));
  return {
    id: uuidIn(of, 'Id'),
    hash: (childText(of, 'Hash') ?? '').replace(/\s+/g, ''),
    hashName: /sha256$/i.test(uri) ? 'sha256' : 'sha1',
    sizeBytes: countIn(of, 'Size'),
    type: childText(of, 'Type') ?? '',
    fileName: optional(of, 'OriginalFileName'),
  };
}

function requireChildren(
  of: XmlElement,
  names: readonly string[],
  file: string,
  findings: Finding[],
): void {
  for (const element of names) {
    if (childElement(of, element) !== undefined || findings.length >= FINDINGS_MAX) continue;
    const facts = { element, parent: of.local };
    findings.push(finding('missing_element', 'error', { at: { file, ...placeOf(of) }, facts }));
  }
}

/** Findings of form kept of one document. */
const FINDINGS_MAX = 200;

/** Children of a CPL in their order (ST 2067-3:2016 6). */
const CPL_ORDER: readonly string[] = [
  'Id',
  'Annotation',
  'IssueDate',
  'Issuer',
  'Creator',
  'ContentOriginator',
  'ContentTitle',
  'ContentKind',
  'ContentVersionList',
  'EssenceDescriptorList',
  'CompositionTimecode',
  'EditRate',
  'TotalRunningTime',
  'LocaleList',
  'ExtensionProperties',
  'SegmentList',
  'Signer',
  'Signature',
];

/** Reads a composition playlist of any edition. */
export function readImfComposition(
  bytes: Uint8Array,
  file: string,
): Outcome<ReadImf<ImfComposition>> {
  const opened = open(bytes, 'CompositionPlaylist', file);
  if (!opened.ok) return opened;
  const { document, findings } = opened.value;
  const { root } = document;
  const edition = CPL_EDITIONS[root.namespace];
  if (edition === undefined) return refused(...findings, unknownNamespace(root, file));
  requireChildren(
    root,
    ['Id', 'IssueDate', 'ContentTitle', 'EditRate', 'SegmentList'],
    file,
    findings,
  );
  checkOrder(root, file, findings);
  const list = childElement(root, 'SegmentList');
  const segments = (list === undefined ? [] : childElements(list, 'Segment')).map((each) =>
    readSegment(each, file, findings),
  );
  const cores = segments.flatMap(({ sequences }) =>
    sequences.flatMap(({ namespace }) => CORE_EDITIONS[namespace] ?? []),
  );
  const model: ImfComposition = {
    root,
    edition,
    core: cores[0],
    id: uuidIn(root, 'Id'),
    title: childText(root, 'ContentTitle') ?? '',
    annotation: optional(root, 'Annotation'),
    kind: optional(root, 'ContentKind'),
    issueDate: childText(root, 'IssueDate') ?? '',
    issuer: optional(root, 'Issuer'),
    creator: optional(root, 'Creator'),
    editRate: ratioOf(childText(root, 'EditRate')),
    applications: applicationsOf(root),
    descriptors: descriptorsOf(root, file, findings),
    segments,
    signed: childElement(root, 'Signature') !== undefined,
  };
  return accepted({ model, document }, findings);
}

function checkOrder(root: XmlElement, file: string, findings: Finding[]): void {
  let furthest = -1;
  for (const child of childElements(root)) {
    const index = CPL_ORDER.indexOf(child.local);
    const facts = { element: child.local, parent: root.local };
    const at = { file, ...placeOf(child) };
    if (index < 0) findings.push(finding('unexpected_element', 'error', { at, facts }));
    else if (index < furthest) findings.push(finding('misplaced_element', 'error', { at, facts }));
    furthest = Math.max(furthest, index);
  }
}

function applicationsOf(root: XmlElement): string[] {
  const properties = childElement(root, 'ExtensionProperties');
  if (properties === undefined) return [];
  return childElements(properties, 'ApplicationIdentification').flatMap((each) =>
    textOf(each)
      .split(/\s+/)
      .filter((uri) => uri !== ''),
  );
}

function descriptorsOf(root: XmlElement, file: string, findings: Finding[]): EssenceDescriptor[] {
  const list = childElement(root, 'EssenceDescriptorList');
  if (list === undefined) return [];
  return childElements(list, 'EssenceDescriptor').flatMap((each) => {
    const inner = childElements(each).find(({ local }) => local !== 'Id');
    requireChildren(each, ['Id'], file, findings);
    if (inner === undefined) {
      const facts = { element: 'descriptor', parent: each.local };
      findings.push(finding('missing_element', 'error', { at: { file, ...placeOf(each) }, facts }));
      return [];
    }
    return [{ id: uuidIn(each, 'Id'), kind: inner.local, element: inner }];
  });
}

function readSegment(of: XmlElement, file: string, findings: Finding[]): Segment {
  requireChildren(of, ['Id', 'SequenceList'], file, findings);
  const list = childElement(of, 'SequenceList');
  const sequences = list === undefined ? [] : childElements(list);
  return {
    id: uuidIn(of, 'Id'),
    sequences: sequences.map((each) => {
      requireChildren(each, ['Id', 'TrackId', 'ResourceList'], file, findings);
      return readSequence(each);
    }),
  };
}

function readSequence(of: XmlElement): Sequence {
  const list = childElement(of, 'ResourceList');
  return {
    element: of,
    kind: of.local,
    namespace: of.namespace,
    trackId: uuidIn(of, 'TrackId'),
    resources: (list === undefined ? [] : childElements(list, 'Resource')).map(readResource),
  };
}

function readResource(of: XmlElement): Resource {
  return {
    element: of,
    id: uuidIn(of, 'Id'),
    editRate: ratioOf(childText(of, 'EditRate')),
    intrinsicDuration: countIn(of, 'IntrinsicDuration'),
    entryPoint: countIn(of, 'EntryPoint') ?? 0,
    sourceDuration: countIn(of, 'SourceDuration'),
    repeatCount: countIn(of, 'RepeatCount') ?? 1,
    sourceEncoding: uuidIn(of, 'SourceEncoding'),
    trackFileId: uuidIn(of, 'TrackFileId'),
    hash: childText(of, 'Hash')?.replace(/\s+/g, ''),
    keyId: uuidIn(of, 'KeyId'),
  };
}

/** Reads an output profile list. */
export function readOutputProfile(
  bytes: Uint8Array,
  file: string,
): Outcome<ReadImf<OutputProfile>> {
  const opened = open(bytes, 'OutputProfileList', file);
  if (!opened.ok) return opened;
  const { document, findings } = opened.value;
  const { root } = document;
  if (root.namespace !== OPL_NAMESPACE) return refused(...findings, unknownNamespace(root, file));
  requireChildren(root, ['Id', 'IssueDate', 'CompositionPlaylistId', 'MacroList'], file, findings);
  const macros = childElement(root, 'MacroList');
  const aliases = childElement(root, 'AliasList');
  const elements = macros === undefined ? [] : childElements(macros, 'Macro');
  const nameOf = (of: XmlElement) => childText(of, 'Name') ?? '';
  const model: OutputProfile = {
    id: uuidIn(root, 'Id'),
    compositionId: uuidIn(root, 'CompositionPlaylistId'),
    annotation: optional(root, 'Annotation'),
    aliases: (aliases === undefined ? [] : childElements(aliases, 'Alias')).map((each) => ({
      name: textOf(each),
      handle: attributeValue(each, 'handle') ?? '',
    })),
    macros: elements.map((each) => ({
      name: nameOf(each),
      type: (each.attributes.find(({ local }) => local === 'type')?.value ?? '').replace(
        /^.*:/,
        '',
      ),
    })),
    inputs: elements.flatMap((each) =>
      [...elementsWithin(each)]
        .filter(({ local }) => local.startsWith('Input') && local !== 'InputEntityList')
        .flatMap((input) => {
          const handle = childText(input, 'Handle');
          return handle === undefined ? [] : [{ macro: nameOf(each), handle }];
        }),
    ),
  };
  return accepted({ model, document }, findings);
}
