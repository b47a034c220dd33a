import {
  clipText,
  type Facts,
  type Finding,
  finding,
  parseInstant,
  parseUuid,
} from '@yinglian/core';
import {
  childElement,
  childElements,
  childText,
  placeOf,
  textOf,
  type XmlElement,
} from '@yinglian/xml';
import type { ImfComposition } from './model.ts';

/*
 * What the schema of ST 2067-3 would refuse beside missing elements, and what a reader of elements
 * alone cannot see: ids that are none or name two things, times without a form, markers beyond.
 */

const CLAUSE = 'ST 2067-3 6';
/** Findings of form kept of one composition. */
const FINDINGS_MAX = 200;
const UUIDS: readonly string[] = ['Id', 'TrackId', 'SourceEncoding', 'TrackFileId', 'KeyId'];
/** ST 2067-3:2016 6.11: hours, minutes, seconds and frames. */
const RUNNING_TIME = /^\d{2,}:[0-5]\d:[0-5]\d:\d{2,}$/;

/** Judges ids, times and markers of a composition; `units` is how long it plays. */
export function checkCompositionForm(
  composition: ImfComposition,
  units: bigint | undefined,
  file: string,
): Finding[] {
  const { root } = composition;
  const findings: Finding[] = [];
  const tell: Tell = (code, of, facts = {}, severity = 'error') => {
    if (findings.length >= FINDINGS_MAX) return;
    const at = { file, ...placeOf(of) };
    findings.push(finding(code, severity, { facts, at, clause: CLAUSE }));
  };
  const seen = new Set<string>();
  const takeId = (of: XmlElement) => {
    const id = childText(of, 'Id')?.trim().toLowerCase();
    if (id === undefined) return;
    if (seen.has(id)) tell('reused_id', of, { id: clipText(id), element: of.local });
    seen.add(id);
  };
  checkUuids(root, tell);
  takeId(root);
  const issued = childText(root, 'IssueDate');
  if (issued !== undefined && !isDateTime(issued.trim())) {
    tell('invalid_value', root, { element: 'IssueDate', value: clipText(issued) });
  }
  checkRunningTime(root, composition, units, tell);
  const descriptors = childElement(root, 'EssenceDescriptorList');
  for (const each of descriptors === undefined ? [] : childElements(descriptors)) {
    checkUuids(each, tell);
  }
  const list = childElement(root, 'SegmentList');
  for (const segment of list === undefined ? [] : childElements(list, 'Segment')) {
    checkUuids(segment, tell);
    takeId(segment);
    const sequences = childElement(segment, 'SequenceList');
    for (const sequence of sequences === undefined ? [] : childElements(sequences)) {
      checkUuids(sequence, tell);
      takeId(sequence);
      const resources = childElement(sequence, 'ResourceList');
      for (const each of resources === undefined ? [] : childElements(resources, 'Resource')) {
        checkUuids(each, tell);
        if (childElement(each, 'Id') === undefined) {
          tell('missing_element', each, { element: 'Id', parent: 'Resource' });
        }
        takeId(each);
        checkMarkers(each, tell);
      }
    }
  }
  return findings;
}

type Tell = (code: string, of: XmlElement, facts?: Facts, severity?: Finding['severity']) => void;

/** The schema's dateTime may leave its offset out. */
function isDateTime(text: string): boolean {
  return parseInstant(text).ok || parseInstant(`${text}Z`).ok;
}

function checkUuids(of: XmlElement, tell: Tell): void {
  for (const child of childElements(of)) {
    if (!UUIDS.includes(child.local)) continue;
    const text = textOf(child);
    if (parseUuid(text).ok && /^\s*urn:uuid:/i.test(text)) continue;
    tell('invalid_value', child, { element: child.local, value: clipText(text) });
  }
}

function checkRunningTime(
  root: XmlElement,
  { editRate }: ImfComposition,
  units: bigint | undefined,
  tell: Tell,
): void {
  const element = childElement(root, 'TotalRunningTime');
  if (element === undefined) return;
  const value = textOf(element).trim();
  if (!RUNNING_TIME.test(value)) {
    tell('invalid_value', element, { element: 'TotalRunningTime', value: clipText(value) });
    return;
  }
  if (editRate === undefined || units === undefined) return;
  const [hours, minutes, seconds, frames] = value.split(':').map(BigInt);
  const rounded = (editRate.numerator + editRate.denominator - 1n) / editRate.denominator;
  const told = ((hours! * 60n + minutes!) * 60n + seconds!) * rounded + frames!;
  // The standard says it is for people; a second covers every way of counting and rounding.
  const drift = (units * editRate.denominator) / editRate.numerator / 500n + 1n;
  const difference = told > units ? told - units : units - told;
  if (difference > drift * rounded) {
    const facts = { value, units: String(units) };
    tell('mismatched_running_time', element, facts, 'warning');
  }
}

function checkMarkers(resource: XmlElement, tell: Tell): void {
  const length = Number(childText(resource, 'IntrinsicDuration') ?? Number.NaN);
  for (const marker of childElements(resource, 'Marker')) {
    const offset = Number(childText(marker, 'Offset') ?? Number.NaN);
    if (!(offset >= length)) continue;
    const label = clipText(childText(marker, 'Label') ?? '');
    tell('excessive_marker_place', marker, { label, offset, limit: length });
  }
}
