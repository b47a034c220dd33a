import { clipText, finding, type Finding } from '@yinglian/core';
import { childElement, elementsWithin, placeOf, textOf, type XmlElement } from '@yinglian/xml';
import { ETM_NAMESPACE, KDM_MESSAGE_TYPE, KDM_NAMESPACE } from './model.ts';

/*
 * The order of elements, as the schemas of ST 430-3 and ST 430-1 have it. Devices that validate a
 * message before they read it refuse one whose parts are all there in another order.
 */

/** Children of an element in their order; `?` may be left out. */
type Order = readonly string[];

/** A message with more of them has one mistake all over. */
const FINDINGS_MAX = 50;

const MESSAGE: Order = ['AuthenticatedPublic', 'AuthenticatedPrivate', 'Signature'];
/** The schema wants NonCriticalExtensions; messages of some makers have none, and play. */
const PUBLIC: Order = [
  'MessageId',
  'MessageType',
  'AnnotationText',
  'IssueDate',
  'Signer',
  'RequiredExtensions',
  'NonCriticalExtensions',
];
const EXTENSIONS: Order = [
  'Recipient',
  'CompositionPlaylistId',
  'ContentTitleText',
  'ContentAuthenticator',
  'ContentKeysNotValidBefore',
  'ContentKeysNotValidAfter',
  'AuthorizedDeviceInfo',
  'KeyIdList',
  'ForensicMarkFlagList',
];
const DEVICES: Order = ['DeviceListIdentifier', 'DeviceListDescription', 'DeviceList'];
const TYPED_KEY: Order = ['KeyType', 'KeyId'];

/** Elements that are read where they are found, so that nothing else tells a second one. */
const ONCE: readonly string[] = [
  'MessageType',
  'AnnotationText',
  'NonCriticalExtensions',
  'ContentAuthenticator',
  'DeviceListDescription',
  'ForensicMarkFlagList',
];
/** The same inside the parts that XML Signature and XML Encryption lend. */
const ONCE_WITHIN: Readonly<Record<string, readonly string[]>> = {
  Signer: ['X509IssuerName', 'X509SerialNumber'],
  X509IssuerSerial: ['X509IssuerName', 'X509SerialNumber'],
  EncryptedKey: ['EncryptionMethod', 'CipherData'],
};

/** What a schema would refuse beside what is missing or doubled, which reading tells. */
export function checkForm(root: XmlElement): Finding[] {
  const findings: Finding[] = [];
  checkOrder(root, MESSAGE, findings);
  for (const part of root.children) {
    if (part.kind !== 'element' || part.local === 'Signature') continue;
    for (const each of elementsWithin(part)) {
      checkOnce(each, ONCE_WITHIN[each.local] ?? [], findings);
      if (findings.length >= FINDINGS_MAX) return findings;
    }
  }
  const part = childElement(root, 'AuthenticatedPublic', ETM_NAMESPACE);
  if (part === undefined) return findings;
  checkOrder(part, PUBLIC, findings);
  checkType(part, findings);
  if (childElement(part, 'NonCriticalExtensions', ETM_NAMESPACE) === undefined) {
    const facts = { name: 'NonCriticalExtensions' };
    const at = placeOf(part);
    findings.push(
      finding('missing_schema_element', 'warning', { facts, at, clause: 'ST 430-3 6.1' }),
    );
  }
  const required = childElement(part, 'RequiredExtensions', ETM_NAMESPACE);
  const extension = required && childElement(required, 'KDMRequiredExtensions', KDM_NAMESPACE);
  if (extension === undefined) return findings;
  checkOrder(extension, EXTENSIONS, findings);
  const devices = childElement(extension, 'AuthorizedDeviceInfo', KDM_NAMESPACE);
  if (devices !== undefined) checkOrder(devices, DEVICES, findings);
  const keys = childElement(extension, 'KeyIdList', KDM_NAMESPACE);
  for (const child of keys?.children ?? []) {
    if (child.kind !== 'element' || child.local !== 'TypedKeyId') continue;
    const before = findings.length;
    checkOrder(child, TYPED_KEY, findings);
    // One key told is enough: who writes one so writes all so.
    if (findings.length > before) break;
  }
  return findings;
}

function checkType(part: XmlElement, findings: Finding[]): void {
  const element = childElement(part, 'MessageType', ETM_NAMESPACE);
  const type = element === undefined ? '' : textOf(element).trim();
  if (type === KDM_MESSAGE_TYPE) return;
  const facts = { type: clipText(type), expected: KDM_MESSAGE_TYPE };
  const at = placeOf(element ?? part);
  findings.push(finding('unexpected_message_type', 'error', { facts, at, clause: 'ST 430-1 5.1' }));
}

function checkOnce(of: XmlElement, names: readonly string[], findings: Finding[]): void {
  for (const name of names) {
    const found = of.children.filter((each) => each.kind === 'element' && each.local === name);
    const second = found[1];
    if (second?.kind !== 'element') continue;
    const at = placeOf(second);
    findings.push(
      finding('duplicate_message_element', 'error', { facts: { name }, at, clause: 'ST 430-3 6' }),
    );
  }
}

function checkOrder(of: XmlElement, order: Order, findings: Finding[]): void {
  const once = order.filter((name) => ONCE.includes(name));
  checkOnce(of, once, findings);
  let furthest = -1;
  for (const child of of.children) {
    if (child.kind !== 'element') continue;
    const index = order.indexOf(child.local);
    const facts = { name: clipText(child.local), parent: of.local };
    const at = placeOf(child);
    if (index < 0) {
      findings.push(
        finding('unexpected_message_element', 'error', { facts, at, clause: 'ST 430-3 6' }),
      );
    } else if (index < furthest) {
      findings.push(
        finding('misplaced_message_element', 'error', { facts, at, clause: 'ST 430-3 6' }),
      );
      return;
    }
    furthest = Math.max(furthest, index);
  }
}
