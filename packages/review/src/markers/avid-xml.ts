import { decodeText, encodeUtf8, finding, type Finding } from '@yinglian/core';
import { readCutXml } from '@yinglian/timeline';
import {
  childElements,
  documentOf,
  element,
  indentElement,
  onlyXmlText,
  rawText,
  writeXml,
  type XmlElement,
} from '@yinglian/xml';
import {
  colourOf,
  frameOfLabel,
  labelOf,
  type MarkerScope,
  mergedByFrame,
  oneLine,
  type ReviewMarker,
} from './model.ts';

/** The XML that Media Composer's markers window exports and takes. */

const AVID = 'http://www.avid.com';
/** Media Composer's own document type; it refuses files without it. */
const DOCUMENT_TYPE = '<!DOCTYPE Avid:StreamItems SYSTEM "AvidSettingsFile.dtd">';

/** Attributes of a marker: what they are called, and whether they are numbers or words. */
const FIELDS = {
  colour: ['_ATN_CRM_COLOR', 'word'],
  author: ['_ATN_CRM_USER', 'word'],
  text: ['_ATN_CRM_COM', 'word'],
  time: ['_ATN_CRM_TC', 'word'],
  track: ['_ATN_CRM_TRK', 'word'],
  length: ['_ATN_CRM_LENGTH', 'number'],
} as const;

/** Writes the markers as Media Composer exports them, one for each frame. */
export function writeAvidXml(markers: readonly ReviewMarker[], scope: MarkerScope): Uint8Array {
  const root = element('Avid:StreamItems', AVID, {
    declarations: { Avid: AVID },
    children: [
      element('Avid:XMLFileData', AVID, {
        children: [
          property('DomainMagic', 'string', 'Domain', null),
          property('DomainKey', 'char4', '58424a44', null),
          ...mergedByFrame(markers).map((each) => markerElement(each, scope)),
        ],
      }),
    ],
  });
  const text = decodeText(writeXml(documentOf(indentElement(root))), 'utf-8') ?? '';
  return encodeUtf8(text.replace(/\?>\s*/, `?>\n${DOCUMENT_TYPE}\n`));
}

function property(name: string, type: string, value: string, id: string | null): XmlElement {
  return element('AvProp', '', {
    attributes: { id: id ?? undefined, name, type },
    children: [onlyXmlText(value)],
  });
}

function markerElement(of: ReviewMarker, scope: MarkerScope): XmlElement {
  const values = {
    colour: `${of.colour.charAt(0).toUpperCase()}${of.colour.slice(1)}`,
    author: oneLine(of.author),
    text: oneLine(of.text),
    time: labelOf(of.frame, scope),
    track: 'V1',
    length: String(of.length),
  };
  const fields = Object.entries(FIELDS) as [keyof typeof FIELDS, (typeof FIELDS)['text']][];
  const items = fields.map(([field, [name, kind]]) => {
    const isNumber = (kind as string) === 'number';
    return element('ListElem', '', {
      children: [
        property('OMFI:ATTB:Kind', 'int32', isNumber ? '1' : '2', 'ATTR'),
        property('OMFI:ATTB:Name', 'string', name, 'ATTR'),
        isNumber
          ? property('OMFI:ATTB:IntAttribute', 'int32', values[field], 'ATTR')
          : property('OMFI:ATTB:StringAttribute', 'string', values[field], 'ATTR'),
      ],
    });
  });
  return element('AvClass', '', {
    attributes: { id: 'ATTR' },
    children: [
      property('__OMFI:ATTR:NumItems', 'int32', String(items.length), 'ATTR'),
      element('List', '', {
        attributes: { id: 'OMFI:ATTR:AttrRefs' },
        children: [...items, element('ListElem', '')],
      }),
    ],
  });
}

/** Whether a text is the XML of Media Composer's markers. */
export function isAvidXml(text: string): boolean {
  return /<(?:\w+:)?StreamItems[\s>]/.test(text.slice(0, 4000));
}

/** Reads the XML of Media Composer's markers; times are timecodes, or frames from the first. */
export function readAvidXml(
  bytes: Uint8Array,
  scope: MarkerScope,
  findings: Finding[],
): ReviewMarker[] {
  const read = readCutXml(bytes);
  if (!read.ok) {
    findings.push(...read.findings);
    return [];
  }
  const data = childElements(read.value.root, 'XMLFileData');
  return data
    .flatMap((each) => childElements(each, 'AvClass'))
    .flatMap((each) => markerOf(each, scope, findings));
}

function markerOf(of: XmlElement, scope: MarkerScope, findings: Finding[]): ReviewMarker[] {
  const values = new Map<string, string>();
  for (const item of childElements(of, 'List').flatMap((each) => childElements(each, 'ListElem'))) {
    const parts = new Map(
      childElements(item, 'AvProp').map((each) => [
        each.attributes.find(({ local }) => local === 'name')?.value ?? '',
        rawText(each),
      ]),
    );
    const name = parts.get('OMFI:ATTB:Name')?.trim();
    const value = parts.get('OMFI:ATTB:StringAttribute') ?? parts.get('OMFI:ATTB:IntAttribute');
    if (name !== undefined && value !== undefined) values.set(name, value.trim());
  }
  const label = values.get(FIELDS.time[0]);
  // Settings stand in files of the same kind; what has no time is no marker.
  if (label === undefined) return [];
  const frame = /^\d+$/.test(label) ? Number(label) : frameOfLabel(label, scope);
  if (frame === undefined || !Number.isSafeInteger(frame)) {
    const facts = { text: label.slice(0, 80) };
    findings.push(finding('invalid_marker_time', 'warning', { facts, at: { line: of.line } }));
    return [];
  }
  const author = values.get(FIELDS.author[0]) ?? '';
  const text = values.get(FIELDS.text[0]) ?? '';
  return [
    {
      frame,
      author,
      text: text === '' ? author : text,
      id: null,
      colour: colourOf(values.get(FIELDS.colour[0]) ?? ''),
      length: Math.max(1, Number.parseInt(values.get(FIELDS.length[0]) ?? '1', 10) || 1),
    },
  ];
}
