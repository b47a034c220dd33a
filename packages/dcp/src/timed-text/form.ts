import { finding, type Finding } from '@yinglian/core';
import { attributeValue, elementsWithin, type XmlElement } from '@yinglian/xml';
import type { Standard } from '../documents/namespaces.ts';
import { checkSchema, type ElementRule } from '../documents/schema.ts';

/** ST 428-7:2014 5; the editions before it have the same head without DisplayType. */
const SMPTE: ElementRule = {
  name: 'SubtitleReel',
  children: [
    { name: 'Id', type: 'uuid' },
    { name: 'ContentTitleText' },
    { name: 'AnnotationText', optional: true },
    { name: 'IssueDate', type: 'date_time' },
    { name: 'ReelNumber', optional: true, type: 'positive' },
    { name: 'Language', optional: true, type: 'language' },
    { name: 'EditRate', type: 'rational' },
    { name: 'TimeCodeRate', type: 'positive' },
    { name: 'StartTime', optional: true },
    { name: 'DisplayType', optional: true },
    { name: 'LoadFont', optional: true, many: true },
    { name: 'SubtitleList' },
  ],
};

/** CineCanvas 1.1, as Interop packages have it. */
const INTEROP: ElementRule = {
  name: 'DCSubtitle',
  children: [
    { name: 'SubtitleID' },
    { name: 'MovieTitle' },
    { name: 'ReelNumber' },
    { name: 'Language' },
    { name: 'LoadFont', optional: true, many: true },
    { name: 'Subtitle', optional: true, many: true },
    { name: 'Font', optional: true, many: true },
  ],
};

const POSITION = /^[+-]?(?:100(?:\.0*)?|\d{1,2}(?:\.\d*)?|\.\d+)$/;
const COLOR = /^[0-9a-f]{8}$/i;

/** What attributes may say, by their names in small letters: Interop writes some otherwise. */
const ATTRIBUTES: Readonly<Record<string, RegExp>> = {
  valign: /^(?:top|center|bottom)$/,
  halign: /^(?:left|center|right)$/,
  vposition: POSITION,
  hposition: POSITION,
  zposition: POSITION,
  color: COLOR,
  effectcolor: COLOR,
  script: /^(?:normal|super|sub)$/,
  effect: /^(?:none|border|shadow)$/,
  italic: /^(?:yes|no|left|right)$/,
  underline: /^(?:yes|no)$/,
  underlined: /^(?:yes|no)$/,
  weight: /^(?:bold|normal)$/,
  direction: /^(?:ltr|rtl|ttb|btt|horizontal|vertical)$/,
  size: /^\d{1,4}(?:\.\d*)?$/,
};
const ATTRIBUTED: readonly string[] = ['Text', 'Image', 'Font'];
const PLACE_NAMES: readonly string[] = [
  'halign',
  'hposition',
  'valign',
  'vposition',
  'zposition',
  'variablez',
  'direction',
];
/** What attributes there are, in both standards. Any other is a slip that players pass over. */
const ATTRIBUTE_NAMES: Readonly<Record<string, readonly string[]>> = {
  Subtitle: ['spotnumber', 'timein', 'timeout', 'fadeuptime', 'fadedowntime', 'lang'],
  Text: [...PLACE_NAMES, 'lang', 'space'],
  Image: PLACE_NAMES,
  Font: [
    'id',
    'script',
    'effect',
    'effectcolor',
    'effectsize',
    'italic',
    'underline',
    'underlined',
    'weight',
    'size',
    'color',
    'aspectadjust',
    'spacing',
    'feather',
    'lang',
    'space',
  ],
};
/** A document with more of them has one mistake all over. */
const FINDINGS_MAX = 50;

/**
 * The form of a subtitle document: its head by the schema, attributes by what they may say. Of
 * Interop documents, whose makers differ, everything is a warning.
 */
export function checkTextForm(root: XmlElement, standard: Standard, file: string): Finding[] {
  const clause = standard === 'smpte' ? 'ST 428-7:2014 5' : 'CineCanvas 1.1';
  const findings = [
    ...checkSchema(root, standard === 'smpte' ? SMPTE : INTEROP, clause, file),
    ...checkAttributes(root, clause, file),
    ...checkSpots(root, clause, file),
  ].slice(0, FINDINGS_MAX);
  if (standard === 'smpte') return findings;
  return findings.map((each) =>
    each.severity === 'error' ? { ...each, severity: 'warning' as const } : each,
  );
}

function checkAttributes(root: XmlElement, clause: string, file: string): Finding[] {
  const findings: Finding[] = [];
  for (const each of elementsWithin(root)) {
    const names = ATTRIBUTE_NAMES[each.local];
    if (names === undefined) continue;
    for (const { local: attribute, namespace, value } of each.attributes) {
      if (namespace === '' && !names.includes(attribute.toLowerCase())) {
        const facts = { element: each.local, attribute: attribute.slice(0, 60) };
        const at = { file, line: each.line };
        findings.push(finding('unexpected_text_attribute', 'warning', { facts, at, clause }));
      }
      if (!ATTRIBUTED.includes(each.local)) continue;
      const allowed = ATTRIBUTES[attribute.toLowerCase()];
      if (allowed === undefined || allowed.test(value)) continue;
      const facts = { element: each.local, attribute, value: value.slice(0, 60) };
      const at = { file, line: each.line };
      findings.push(finding('invalid_text_attribute', 'error', { facts, at, clause }));
      if (findings.length >= FINDINGS_MAX) return findings;
    }
  }
  return findings;
}

/** Numbers by which people speak of single texts; two of one number cannot be told apart. */
function checkSpots(root: XmlElement, clause: string, file: string): Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const each of elementsWithin(root)) {
    const spot = each.local === 'Subtitle' ? attributeValue(each, 'SpotNumber') : undefined;
    if (spot === undefined) continue;
    if (seen.has(spot) && findings.length < FINDINGS_MAX) {
      const facts = { spot: spot.slice(0, 30) };
      const at = { file, line: each.line };
      findings.push(finding('duplicate_spot_number', 'note', { facts, at, clause }));
    }
    seen.add(spot);
  }
  return findings;
}
