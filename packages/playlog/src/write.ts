import { type Certificate, keyInfoOf, thumbprintOf } from '@yinglian/certificates';
import {
  assert,
  type Cryptography,
  digest,
  formatInstant,
  type InstantMs,
  type PrivateKeyBytes,
  toBase64,
  type Uuid,
  uuidUrn,
} from '@yinglian/core';
import {
  ALGORITHMS,
  base64Lines,
  canonicalBytes,
  documentOf,
  element,
  writeXml,
  XMLDSIG_NAMESPACE,
  type XmlElement,
  type XmlNode,
} from '@yinglian/xml';
import { partHash } from './hashes.ts';
import {
  DCML_NAMESPACE,
  type EventType,
  LOG_NAMESPACE,
  type LogValue,
  SECURITY_CLASS,
} from './model.ts';

/** One event to be logged. */
export type LogEvent = {
  readonly eventId: Uuid;
  readonly time: InstantMs;
  readonly type: EventType;
  readonly subtype: string;
  readonly contentId?: Uuid;
  readonly parameters?: readonly LogValue[];
  readonly exceptions?: readonly LogValue[];
  readonly references?: readonly LogValue[];
};

/** What a report says beside its events. */
export type LogPlan = {
  readonly reportDate: InstantMs;
  /** Minutes east of UTC that times are written with. */
  readonly offsetMinutes?: number;
  readonly device: {
    readonly type: string;
    readonly serial: string;
    readonly manufacturer?: string;
    readonly name?: string;
    readonly model?: string;
  };
  /** Number of the first record. */
  readonly firstSequence: number;
  /** Hash of the header of the record before the first, where there is one. */
  readonly previousHeaderHash?: string;
  readonly events: readonly LogEvent[];
};

/** Whose log it is: the device signs for itself. */
export type LogSigner = {
  /** Leaf first. */
  readonly chain: readonly Certificate[];
  readonly privateKey: PrivateKeyBytes;
};

const AUTH_DATA_ID = 'ID_RecordAuthData';
/** What the first record of all carries where no record was before it: a hash of nothing known. */
const NO_HASH = toBase64(new Uint8Array(20));

const lr = (name: string, children: readonly (XmlNode | string | undefined)[], attributes = {}) =>
  element(`lr:${name}`, LOG_NAMESPACE, { children, attributes });
const dcml = (name: string, children: readonly (XmlNode | string)[], attributes = {}) =>
  element(`dcml:${name}`, DCML_NAMESPACE, { children, attributes });
const ds = (name: string, children: readonly (XmlNode | string)[], attributes = {}) =>
  element(`ds:${name}`, XMLDSIG_NAMESPACE, { children, attributes });

/**
 * Writes a log report as a media block does: every record with the hashes of its body and of the
 * header before it, and one signature in the last record, which by the chain stands for all.
 */
export async function writeLogReport(
  plan: LogPlan,
  signer: LogSigner,
  cryptography: Cryptography,
): Promise<Uint8Array> {
  assert(plan.events.length > 0, 'a report has a record to sign');
  const empty = element('lr:LogReport', LOG_NAMESPACE, {
    declarations: {
      lr: LOG_NAMESPACE,
      dcml: DCML_NAMESPACE,
      ds: XMLDSIG_NAMESPACE,
      xs: 'http://www.w3.org/2001/XMLSchema',
      xsi: 'http://www.w3.org/2001/XMLSchema-instance',
    },
  });
  const thumbprint = thumbprintOf(signer.chain[0]!, cryptography);
  const shell = lr('LogRecordElement', []);
  let previous = plan.previousHeaderHash ?? NO_HASH;
  const records: XmlElement[] = [];
  for (const [index, event] of plan.events.entries()) {
    const body = bodyOf(event);
    const header = headerOf(event, plan, {
      sequence: plan.firstSequence + index,
      thumbprint,
      previous,
      bodyHash: partHash(empty, shell, body, cryptography),
    });
    previous = partHash(empty, shell, header, cryptography);
    const last = index === plan.events.length - 1;
    const signature = last
      ? [await signatureOf(empty, previous, plan.events.length, signer, cryptography)]
      : [];
    records.push({ ...shell, children: [header, body, ...signature] });
  }
  const time = formatInstant(plan.reportDate, plan.offsetMinutes ?? 0);
  const parts = [lr('reportDate', [time]), deviceOf(plan, thumbprint), ...records];
  // Space between records is in no hash.
  const children = parts.flatMap((part): XmlNode[] => [{ kind: 'text', text: '\n' }, part]);
  return writeXml(documentOf({ ...empty, children: [...children, { kind: 'text', text: '\n' }] }));
}

function deviceOf({ device }: LogPlan, thumbprint: string): XmlElement {
  const optional = (name: string, text: string | undefined) =>
    text === undefined ? undefined : dcml(name, [text]);
  return lr('reportingDevice', [
    dcml('PrimaryID', [thumbprint], { idtype: 'CertThumbprint' }),
    dcml('DeviceTypeID', [device.type]),
    dcml('DeviceSerial', [device.serial]),
    optional('ManufacturerName', device.manufacturer),
    optional('DeviceName', device.name),
    optional('ModelNumber', device.model),
  ]);
}

function headerOf(
  event: LogEvent,
  plan: LogPlan,
  chain: { sequence: number; thumbprint: string; previous: string; bodyHash: string },
): XmlElement {
  return lr('LogRecordHeader', [
    lr('EventID', [uuidUrn(event.eventId)]),
    lr('TimeStamp', [formatInstant(event.time, plan.offsetMinutes ?? 0)]),
    lr('EventSequence', [String(chain.sequence)]),
    lr('DeviceSourceID', [dcml('PrimaryID', [chain.thumbprint], { idtype: 'CertThumbprint' })]),
    lr('EventClass', [SECURITY_CLASS]),
    lr('EventType', [event.type], { scope: `${SECURITY_CLASS}#EventTypes` }),
    event.contentId === undefined ? undefined : lr('contentId', [uuidUrn(event.contentId)]),
    lr('previousHeaderHash', [chain.previous]),
    lr('recordBodyHash', [chain.bodyHash]),
  ]);
}

function bodyOf(event: LogEvent): XmlElement {
  const scope = `${SECURITY_CLASS}#EventSubTypes-${event.type.toLowerCase()}`;
  const list = (
    name: string,
    values: readonly LogValue[] | undefined,
    item: (each: LogValue) => XmlElement,
  ) => (values === undefined || values.length === 0 ? undefined : lr(name, values.map(item)));
  const named = (tag: string) => (each: LogValue) =>
    dcml(tag, [dcml('Name', [each.name]), dcml('Value', [each.value])]);
  return lr('LogRecordBody', [
    lr('EventID', [uuidUrn(event.eventId)]),
    lr('EventSubType', [event.subtype], { scope }),
    list('Parameters', event.parameters, named('Parameter')),
    list('Exceptions', event.exceptions, named('Exception')),
    list('ReferencedIDs', event.references, (each) =>
      lr('ReferencedID', [lr('IDName', [each.name]), lr('IDValue', [each.value])]),
    ),
  ]);
}

/** ST 430-4 7.3: the signature covers the hash of the header and who signs. */
async function signatureOf(
  root: XmlElement,
  headerHash: string,
  length: number,
  signer: LogSigner,
  cryptography: Cryptography,
): Promise<XmlElement> {
  const leaf = signer.chain[0]!;
  const authData = lr(
    'RecordAuthData',
    [
      lr('RecordHeaderHash', [headerHash]),
      lr('SignerCertInfo', [
        ds('X509IssuerName', [leaf.issuer.text]),
        ds('X509SerialNumber', [String(leaf.serial)]),
      ]),
    ],
    { Id: AUTH_DATA_ID },
  );
  const within = (part: XmlElement) => canonicalBytes({ ...root, children: [part] }, part);
  const method = (name: string, algorithm: string) => ds(name, [], { Algorithm: algorithm });
  const signedInfo = ds('SignedInfo', [
    method('CanonicalizationMethod', ALGORITHMS.c14n),
    method('SignatureMethod', ALGORITHMS.rsaSha256),
    ds(
      'Reference',
      [
        method('DigestMethod', ALGORITHMS.sha1),
        ds('DigestValue', [toBase64(digest(cryptography, 'sha1', within(authData)))]),
      ],
      { URI: `#${AUTH_DATA_ID}` },
    ),
  ]);
  const value = await cryptography.signRsa('sha256', signer.privateKey, within(signedInfo));
  const certificates = keyInfoOf(signer.chain).map((data) =>
    ds('X509Data', [
      ds('X509IssuerSerial', [
        ds('X509IssuerName', [data.issuerName ?? '']),
        ds('X509SerialNumber', [data.serialNumber ?? '']),
      ]),
      ...data.certificates.map((der) => ds('X509Certificate', [base64Lines(der)])),
    ]),
  );
  return lr('LogRecordSignature', [
    lr('HeaderPlacement', ['stop']),
    lr('SequenceLength', [String(length)]),
    authData,
    ds('Signature', [
      signedInfo,
      ds('SignatureValue', [base64Lines(value)]),
      ds('KeyInfo', certificates),
    ]),
  ]);
}
