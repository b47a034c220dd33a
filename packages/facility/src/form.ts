import { clipText, finding, type Finding, parseUuid } from '@yinglian/core';
import {
  attributeValue,
  childElement,
  childText,
  elementsWithin,
  placeOf,
  textOf,
  type XmlElement,
} from '@yinglian/xml';
import { FLM_NAMESPACE, FLMX_NAMESPACE } from './model.ts';

/*
 * What the form of a list says of itself, whatever its edition. No schema of ST 430-16 is public:
 * only what stands once by its meaning is held to standing once, and nothing optional is missed.
 */

/** By parent: of two of them a reader would take one, and nobody could say which. */
const ONCE: Readonly<Record<string, readonly string[]>> = {
  FacilityListMessage: [
    'MessageId',
    'IssueDate',
    'AnnotationText',
    'FacilityInfo',
    'AuditoriumList',
  ],
  FacilityInfo: [
    'FacilityID',
    'FacilityName',
    'FacilityTimeZone',
    'Circuit',
    'ContactList',
    'AddressList',
    'DeviceList',
    'Capabilities',
    'AlternateFacilityIDList',
  ],
  Contact: ['Name', 'Email', 'Type'],
  AddressList: ['Physical', 'Shipping', 'Billing'],
  Physical: ['City', 'Province', 'Country', 'PostalCode'],
  Capabilities: ['KDMDeliveryMethodList', 'DCPDeliveryMethodList'],
  Auditorium: [
    'AuditoriumNumberOrName',
    'SuiteList',
    'ScreenWidth',
    'SeatingCapacity',
    'Capabilities',
    'NonSecurityDeviceList',
  ],
  Device: [
    'DeviceTypeID',
    'DeviceSerial',
    'Manufacturer',
    'ModelNumber',
    'InstallDate',
    'IsActive',
    'KeyInfoList',
    'ComponentList',
  ],
};

/** Texts that say nothing when they are empty; to leave them out says the same honestly. */
const FILLED: ReadonlySet<string> = new Set([
  'Circuit',
  'Name',
  'Email',
  'City',
  'Country',
  'DeviceSerial',
  'Manufacturer',
  'ModelNumber',
  'EmailAddress',
]);
const IDENTIFIER_TYPES: readonly string[] = ['CertThumbprint', 'DeviceUID'];
/** A list with more of them has one mistake all over. */
const FINDINGS_MAX = 50;

/** Doubled and empty elements, ids and namespaces of a list. */
export function checkListForm(message: XmlElement): Finding[] {
  const findings: Finding[] = [];
  const clause = 'ST 430-16';
  const { namespace } = message;
  if (namespace !== FLM_NAMESPACE && /\/430-16\//.test(namespace)) {
    const facts = { namespace: clipText(namespace), expected: FLM_NAMESPACE };
    findings.push(finding('unknown_list_namespace', 'error', { facts, clause }));
  }
  const messageId = childText(message, 'MessageId');
  if (messageId !== undefined && !isUuidUrn(messageId)) {
    const facts = { id: clipText(messageId) };
    findings.push(finding('unusual_message_id', 'warning', { facts, clause }));
  }
  for (const each of elementsWithin(message)) {
    if (findings.length >= FINDINGS_MAX) break;
    if (each.namespace !== namespace) continue;
    findings.push(...checkOnce(each, clause));
    if (FILLED.has(each.local) && each.children.length === 0) {
      const facts = { name: each.local };
      const at = placeOf(each);
      findings.push(finding('empty_list_element', 'warning', { facts, at, clause }));
    }
    if (namespace !== FLMX_NAMESPACE) findings.push(...checkIdentifier(each, clause));
  }
  return findings.slice(0, FINDINGS_MAX);
}

function isUuidUrn(text: string): boolean {
  return text.startsWith('urn:uuid:') && parseUuid(text).ok;
}

function checkOnce(of: XmlElement, clause: string): Finding[] {
  const names = ONCE[of.local] ?? [];
  const seen = new Set<string>();
  const findings: Finding[] = [];
  for (const child of of.children) {
    if (child.kind !== 'element' || !names.includes(child.local)) continue;
    if (seen.has(child.local)) {
      const facts = { name: child.local, parent: of.local };
      const at = placeOf(child);
      findings.push(finding('duplicate_list_element', 'error', { facts, at, clause }));
    }
    seen.add(child.local);
  }
  return findings;
}

function checkIdentifier(of: XmlElement, clause: string): Finding[] {
  if (of.local === 'Device' && of.namespace === FLM_NAMESPACE) {
    if (childElement(of, 'DeviceIdentifier') !== undefined) return [];
    const facts = { serial: clipText(childText(of, 'DeviceSerial') ?? '') };
    const at = placeOf(of);
    return [finding('missing_device_identifier', 'warning', { facts, at, clause })];
  }
  if (of.local !== 'DeviceIdentifier') return [];
  const type = attributeValue(of, 'idtype') ?? '';
  if (IDENTIFIER_TYPES.includes(type)) return [];
  const facts = { type: clipText(type), identifier: clipText(textOf(of)) };
  const at = placeOf(of);
  return [finding('unknown_identifier_type', 'warning', { facts, at, clause })];
}
