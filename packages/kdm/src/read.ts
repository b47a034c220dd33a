import {
  accepted,
  clipText,
  finding,
  type Finding,
  fromBase64,
  type Outcome,
  parseUuid,
  refused,
  type Uuid,
} from '@yinglian/core';
import {
  ALGORITHMS,
  attributeValue,
  childElement,
  childElements,
  childText,
  placeOf,
  readXml,
  textOf,
  type XmlDocument,
  XMLDSIG_NAMESPACE,
  type XmlElement,
  XMLENC_NAMESPACE,
} from '@yinglian/xml';
import { ASSUME_TRUST_THUMBPRINT } from '@yinglian/certificates';
import { CIPHER_BYTES, parseKdmTime } from './block.ts';
import { checkForm } from './form.ts';
import {
  ETM_NAMESPACE,
  type Formulation,
  KDM_NAMESPACE,
  type KdmTime,
  PRIVATE_ID,
  PUBLIC_ID,
} from './model.ts';

/** A certificate as a message names it. */
export type KdmIdentity = { readonly issuerName: string; readonly serialNumber: string };

/** One entry of the key list. */
export type TypedKeyId = {
  readonly keyType: string;
  readonly scope: string | undefined;
  readonly keyId: Uuid;
};

/** A key message as read: what it says in the clear, and its closed blocks. Nothing is judged. */
export type Kdm = {
  readonly document: XmlDocument;
  readonly publicPart: XmlElement | undefined;
  readonly privatePart: XmlElement | undefined;
  readonly messageId: Uuid | undefined;
  readonly annotation: string | undefined;
  readonly issueDate: KdmTime | undefined;
  readonly signer: KdmIdentity | undefined;
  readonly recipient: (KdmIdentity & { readonly subjectName: string }) | undefined;
  readonly cplId: Uuid | undefined;
  readonly contentTitle: string | undefined;
  readonly contentAuthenticator: string | undefined;
  /** Undefined also when a time is there without an offset. */
  readonly notBefore: KdmTime | undefined;
  readonly notAfter: KdmTime | undefined;
  readonly deviceListId: Uuid | undefined;
  readonly deviceListDescription: string | undefined;
  /** Undefined when there is no AuthorizedDeviceInfo. */
  readonly devices: readonly string[] | undefined;
  readonly keyIds: readonly TypedKeyId[];
  readonly forensicFlags: readonly string[];
  /** CipherValues in the order written. */
  readonly ciphers: readonly Uint8Array[];
};

/** A key message of a long composition has some hundred kilobytes. */
const KDM_BYTES_MAX = 4 * 1024 * 1024;
const KEYS_MAX = 4096;

/**
 * Reads a key message. A document that is none is refused; everything else that is wrong with its
 * form comes as findings beside what could be read.
 */
export function readKdm(bytes: Uint8Array): Outcome<Kdm> {
  const outcome = readXml(bytes, { bytes: KDM_BYTES_MAX });
  if (!outcome.ok) return outcome;
  const { root } = outcome.value;
  if (root.local !== 'DCinemaSecurityMessage' || root.namespace !== ETM_NAMESPACE) {
    const facts = { name: clipText(root.local), namespace: clipText(root.namespace) };
    return refused(finding('unexpected_message_root', 'error', { facts, clause: 'ST 430-3 6' }));
  }
  const reader = new Reader([...outcome.findings]);
  const kdm = reader.read(outcome.value);
  return accepted(kdm, [...reader.findings, ...checkForm(root)]);
}

const NIL_UUID: Uuid = '00000000-0000-0000-0000-000000000000';

/** Takes elements one by one and notes what is missing, doubled or malformed on the way. */
class Reader {
  readonly findings: Finding[];

  constructor(findings: Finding[]) {
    this.findings = findings;
  }

  read(document: XmlDocument): Kdm {
    const { root } = document;
    if (document.byteOrderMark)
      this.findings.push(finding('unexpected_byte_order_mark', 'warning'));
    const publicPart = this.one(root, 'AuthenticatedPublic', ETM_NAMESPACE);
    const privatePart = this.one(root, 'AuthenticatedPrivate', ETM_NAMESPACE);
    this.checkId(publicPart, PUBLIC_ID);
    this.checkId(privatePart, PRIVATE_ID);
    const required = publicPart && this.one(publicPart, 'RequiredExtensions', ETM_NAMESPACE);
    const extension = required && this.one(required, 'KDMRequiredExtensions', KDM_NAMESPACE);
    return {
      document,
      publicPart,
      privatePart,
      ...this.envelope(publicPart),
      ...this.content(extension),
      ...this.deviceInfo(extension),
      keyIds: this.keyIds(extension),
      forensicFlags: this.forensicFlags(extension),
      ciphers: this.ciphers(privatePart),
    };
  }

  envelope(
    part: XmlElement | undefined,
  ): Pick<Kdm, 'messageId' | 'annotation' | 'issueDate' | 'signer'> {
    const signer = part && this.one(part, 'Signer', ETM_NAMESPACE);
    return {
      messageId: this.uuid(part, 'MessageId', ETM_NAMESPACE),
      annotation: part && childText(part, 'AnnotationText', ETM_NAMESPACE),
      issueDate: this.time(part, 'IssueDate', ETM_NAMESPACE),
      signer: signer && identityOf(signer),
    };
  }

  content(
    extension: XmlElement | undefined,
  ): Pick<
    Kdm,
    'recipient' | 'cplId' | 'contentTitle' | 'contentAuthenticator' | 'notBefore' | 'notAfter'
  > {
    const recipient = extension && this.one(extension, 'Recipient', KDM_NAMESPACE);
    const issuerSerial = recipient && this.one(recipient, 'X509IssuerSerial', KDM_NAMESPACE);
    const subject = recipient && this.one(recipient, 'X509SubjectName', KDM_NAMESPACE);
    const title = extension && this.one(extension, 'ContentTitleText', KDM_NAMESPACE);
    return {
      recipient: issuerSerial &&
        subject && { ...identityOf(issuerSerial), subjectName: textOf(subject) },
      cplId: this.uuid(extension, 'CompositionPlaylistId', KDM_NAMESPACE),
      contentTitle: title && textOf(title),
      contentAuthenticator:
        extension && childText(extension, 'ContentAuthenticator', KDM_NAMESPACE),
      notBefore: this.time(extension, 'ContentKeysNotValidBefore', KDM_NAMESPACE),
      notAfter: this.time(extension, 'ContentKeysNotValidAfter', KDM_NAMESPACE),
    };
  }

  deviceInfo(
    extension: XmlElement | undefined,
  ): Pick<Kdm, 'deviceListId' | 'deviceListDescription' | 'devices'> {
    const info = extension && this.one(extension, 'AuthorizedDeviceInfo', KDM_NAMESPACE);
    const list = info && this.one(info, 'DeviceList', KDM_NAMESPACE);
    return {
      deviceListId: info && this.uuid(info, 'DeviceListIdentifier', KDM_NAMESPACE),
      deviceListDescription: info && childText(info, 'DeviceListDescription', KDM_NAMESPACE),
      devices: list && childElements(list, 'CertificateThumbprint', KDM_NAMESPACE).map(textOf),
    };
  }

  keyIds(extension: XmlElement | undefined): TypedKeyId[] {
    const list = extension && this.one(extension, 'KeyIdList', KDM_NAMESPACE);
    const elements = list === undefined ? [] : childElements(list, 'TypedKeyId', KDM_NAMESPACE);
    if (elements.length > KEYS_MAX) {
      const facts = { count: elements.length, limit: KEYS_MAX };
      this.findings.push(finding('excessive_key_count', 'error', { facts }));
    }
    return elements.slice(0, KEYS_MAX).flatMap((element) => {
      const type = this.one(element, 'KeyType', KDM_NAMESPACE);
      const keyId = this.uuid(element, 'KeyId', KDM_NAMESPACE);
      if (type === undefined || keyId === undefined) return [];
      return [{ keyType: textOf(type), scope: attributeValue(type, 'scope'), keyId }];
    });
  }

  forensicFlags(extension: XmlElement | undefined): string[] {
    const list = extension && childElement(extension, 'ForensicMarkFlagList', KDM_NAMESPACE);
    if (list === undefined) return [];
    const flags = childElements(list, 'ForensicMarkFlag', KDM_NAMESPACE).map(textOf);
    const [at, clause] = [placeOf(list), 'ST 430-1 6.1.8'];
    if (flags.length === 0) {
      this.findings.push(finding('empty_flag_list', 'error', { at, clause }));
    }
    for (const flag of flags.filter((each, index) => flags.indexOf(each) < index)) {
      const facts = { flag: clipText(flag) };
      this.findings.push(finding('duplicate_forensic_flag', 'warning', { facts, at, clause }));
    }
    return flags;
  }

  ciphers(part: XmlElement | undefined): Uint8Array[] {
    const keys = part === undefined ? [] : childElements(part, 'EncryptedKey', XMLENC_NAMESPACE);
    return keys.slice(0, KEYS_MAX).map((key, index) => this.cipher(key, index));
  }

  cipher(key: XmlElement, index: number): Uint8Array {
    const at = { ...placeOf(key), block: index + 1 };
    const method = childElement(key, 'EncryptionMethod', XMLENC_NAMESPACE);
    const algorithm = method === undefined ? '' : (attributeValue(method, 'Algorithm') ?? '');
    const digestMethod = method && childElement(method, 'DigestMethod', XMLDSIG_NAMESPACE);
    const hash = digestMethod === undefined ? undefined : attributeValue(digestMethod, 'Algorithm');
    // Without a DigestMethod it is SHA-1 (xmlenc-core 5.4.2).
    if (algorithm !== ALGORITHMS.rsaOaepMgf1p || (hash ?? ALGORITHMS.sha1) !== ALGORITHMS.sha1) {
      const facts = { algorithm: clipText(hash ?? algorithm) };
      this.findings.push(
        finding('unexpected_key_encryption', 'error', { facts, at, clause: 'ST 430-3 6.2' }),
      );
    }
    const data = childElement(key, 'CipherData', XMLENC_NAMESPACE);
    const value = data && this.one(data, 'CipherValue', XMLENC_NAMESPACE);
    let bytes = new Uint8Array(0);
    try {
      bytes = fromBase64(value === undefined ? '' : textOf(value)) as Uint8Array<ArrayBuffer>;
    } catch {
      // An empty block says it all: its length is found wrong below.
    }
    if (bytes.length !== CIPHER_BYTES) {
      const facts = { bytes: bytes.length, expected: CIPHER_BYTES };
      this.findings.push(
        finding('invalid_cipher_size', 'error', { facts, at, clause: 'ST 430-1 6.2.2' }),
      );
    }
    return bytes;
  }

  /** The one child of that name; none or several are findings, and of several the first counts. */
  one(parent: XmlElement, local: string, namespace: string): XmlElement | undefined {
    const found = childElements(parent, local, namespace);
    if (found.length !== 1) {
      const code = found.length === 0 ? 'missing_message_element' : 'duplicate_message_element';
      const facts = { name: local };
      const at = placeOf(found[1] ?? parent);
      this.findings.push(finding(code, 'error', { facts, at, clause: 'ST 430-1 6' }));
    }
    return found[0];
  }

  checkId(part: XmlElement | undefined, expected: string): void {
    if (part === undefined || attributeValue(part, 'Id') === expected) return;
    const facts = { id: clipText(attributeValue(part, 'Id') ?? ''), expected };
    this.findings.push(finding('mismatched_part_id', 'error', { facts, at: placeOf(part) }));
  }

  uuid(parent: XmlElement | undefined, local: string, namespace: string): Uuid | undefined {
    const element = parent && this.one(parent, local, namespace);
    if (element === undefined) return undefined;
    const outcome = parseUuid(textOf(element));
    if (outcome.ok) {
      const text = textOf(element);
      if (!text.startsWith('urn:uuid:') || outcome.value === NIL_UUID) {
        const facts = { name: local, text: clipText(text) };
        const at = placeOf(element);
        this.findings.push(
          finding('unconventional_identifier', 'warning', { facts, at, clause: 'ST 430-3 6.1' }),
        );
      }
      return outcome.value;
    }
    this.findings.push(...outcome.findings.map((each) => ({ ...each, at: placeOf(element) })));
    return undefined;
  }

  time(parent: XmlElement | undefined, local: string, namespace: string): KdmTime | undefined {
    const element = parent && this.one(parent, local, namespace);
    if (element === undefined) return undefined;
    const text = textOf(element);
    const time = parseKdmTime(text);
    const at = placeOf(element);
    const facts = { name: local, text: clipText(text) };
    if (time === undefined) {
      const code = parseKdmTime(`${text}Z`) ? 'missing_window_offset' : 'invalid_message_time';
      this.findings.push(finding(code, 'error', { facts, at, clause: 'ST 430-1 6.1.5' }));
    } else if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/.test(text)) {
      const clause = 'ST 430-1 6.2.2';
      this.findings.push(finding('unusual_message_time', 'warning', { facts, at, clause }));
    }
    return time;
  }
}

function identityOf(of: XmlElement): KdmIdentity {
  return {
    issuerName: childText(of, 'X509IssuerName', XMLDSIG_NAMESPACE) ?? '',
    serialNumber: childText(of, 'X509SerialNumber', XMLDSIG_NAMESPACE) ?? '',
  };
}

/** The formulation a message has; undefined when its device list is missing or empty. */
export function formulationOf(
  kdm: Pick<Kdm, 'devices' | 'contentAuthenticator'>,
): Formulation | undefined {
  if (kdm.devices === undefined || kdm.devices.length === 0) return undefined;
  const assumes = kdm.devices.length === 1 && kdm.devices[0] === ASSUME_TRUST_THUMBPRINT;
  if (kdm.contentAuthenticator === undefined) {
    return assumes ? 'modified-transitional-1' : 'multiple-modified-transitional-1';
  }
  return assumes ? 'dci-any' : 'dci-specific';
}
