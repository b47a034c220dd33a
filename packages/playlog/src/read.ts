import {
  accepted,
  clipText,
  type Finding,
  finding,
  type InstantMs,
  type Outcome,
  parseInstant,
  parseUuid,
  refused,
  type Uuid,
} from '@yinglian/core';
import {
  attributeValue,
  placeOf,
  readXml,
  textOf,
  XMLDSIG_NAMESPACE,
  type XmlElement,
} from '@yinglian/xml';
import {
  LOG_NAMESPACES,
  type LogDeviceId,
  type LogRecord,
  type LogRecordBody,
  type LogRecordHeader,
  type LogRecordSignature,
  type LogReport,
  type LogValue,
  type ReportingDevice,
} from './model.ts';

/** A month of a busy screen has some tens of thousands of records. */
const LOG_BYTES_MAX = 512 * 1024 * 1024;
const RECORDS_MAX = 1_000_000;
const VALUES_MAX = 2000;
const FINDINGS_MAX = 1000;

/**
 * Reads a log report, or a single log record, of ST 430-4. Makers spell the first letters of names
 * both ways and know several editions of the namespace, so names are compared without case.
 */
export function readLogReport(bytes: Uint8Array): Outcome<LogReport> {
  const read = readXml(bytes, { bytes: LOG_BYTES_MAX, nodes: 64_000_000 });
  if (!read.ok) return read;
  const { root } = read.value;
  const findings: Finding[] = [...read.findings];
  const single = named(root, 'LogRecordElement') || named(root, 'LogRecord');
  if (!single && !named(root, 'LogReport')) {
    const facts = { element: root.local, expected: 'LogReport' };
    return refused(...findings, finding('unexpected_root_element', 'error', { facts }));
  }
  if (!LOG_NAMESPACES.includes(root.namespace)) {
    const facts = { namespace: clipText(root.namespace) };
    findings.push(finding('unknown_log_namespace', 'warning', { facts, clause: 'ST 430-4 5.3' }));
  }
  const elements = single ? [root] : all(root, 'LogRecordElement', 'LogRecord');
  if (elements.length > RECORDS_MAX) {
    const facts = { count: elements.length, limit: RECORDS_MAX };
    return refused(...findings, finding('excessive_record_count', 'error', { facts }));
  }
  const add = (found: Finding) => {
    if (findings.length < FINDINGS_MAX) findings.push(found);
  };
  const records = elements.map((each, index) => readRecord(each, index, add));
  if (records.length === 0) findings.push(finding('empty_log', 'warning'));
  const date = childOf(root, 'reportDate');
  const reportDate = date === undefined ? undefined : instantOf(textOf(date))?.instant;
  if (!single && reportDate === undefined) {
    findings.push(finding('missing_report_date', 'warning', { clause: 'ST 430-4 7.4' }));
  }
  const device = readDevice(childOf(root, 'reportingDevice'));
  return accepted({ document: read.value, reportDate, device, records }, findings);
}

const named = (of: XmlElement, name: string) => of.local.toLowerCase() === name.toLowerCase();

function all(of: XmlElement, ...names: readonly string[]): XmlElement[] {
  return of.children.filter(
    (child): child is XmlElement =>
      child.kind === 'element' && names.some((name) => named(child, name)),
  );
}

function childOf(of: XmlElement | undefined, ...names: readonly string[]): XmlElement | undefined {
  return of === undefined ? undefined : all(of, ...names)[0];
}

function textIn(of: XmlElement | undefined, ...names: readonly string[]): string | undefined {
  const child = childOf(of, ...names);
  const text = child === undefined ? '' : textOf(child);
  return text === '' ? undefined : text;
}

function uuidIn(of: XmlElement | undefined, ...names: readonly string[]): Uuid | undefined {
  return uuidOf(textIn(of, ...names));
}

/** A UUID as text or URN; undefined for anything else. */
export function uuidOf(text: string | undefined): Uuid | undefined {
  const outcome = parseUuid(text ?? '');
  return outcome.ok ? outcome.value : undefined;
}

/** An instant and the offset it is written with. */
export function instantOf(
  text: string,
): { readonly instant: InstantMs; readonly offsetMinutes: number } | undefined {
  const outcome = parseInstant(text);
  if (!outcome.ok) return undefined;
  const sign = /([+-])(\d{2}):?(\d{2})$/.exec(text.trim());
  const minutes = sign === null ? 0 : Number(sign[2]) * 60 + Number(sign[3]);
  return { instant: outcome.value, offsetMinutes: sign?.[1] === '-' ? -minutes : minutes };
}

function readDevice(of: XmlElement | undefined): ReportingDevice {
  return {
    id: deviceIdIn(of),
    type: textIn(of, 'DeviceTypeID', 'DeviceType'),
    serial: textIn(of, 'DeviceSerial', 'SerialNumber'),
    manufacturer: textIn(of, 'ManufacturerName', 'Manufacturer'),
    name: textIn(of, 'DeviceName'),
    model: textIn(of, 'ModelNumber'),
  };
}

function deviceIdIn(of: XmlElement | undefined, ...names: string[]): LogDeviceId | undefined {
  const wanted = names.length > 0 ? names : ['DeviceIdentifier', 'PrimaryID'];
  const child = childOf(of, ...wanted);
  if (child === undefined) return undefined;
  const inner = childOf(child, 'PrimaryID') ?? child;
  const value = textOf(inner);
  if (value === '') return undefined;
  const kind = attributeValue(inner, 'idtype') ?? attributeValue(inner, 'idType') ?? '';
  return { kind, value };
}

function readRecord(of: XmlElement, index: number, add: (found: Finding) => void): LogRecord {
  const at = { record: index + 1, ...placeOf(of) };
  const headerElement = childOf(of, 'LogRecordHeader');
  if (headerElement === undefined) {
    add(finding('missing_record_header', 'error', { at, clause: 'ST 430-4 7.4' }));
  }
  const header = readHeader(headerElement ?? of);
  if (headerElement !== undefined) {
    const need: [string, unknown][] = [
      ['EventID', header.eventId],
      ['TimeStamp', header.time],
      ['EventSequence', header.sequence],
      ['EventType', header.type === '' ? undefined : header.type],
      ['DeviceSourceID', header.source],
    ];
    for (const [element, value] of need) {
      if (value !== undefined) continue;
      const facts = { element };
      add(finding('missing_record_fact', 'error', { at, facts, clause: 'ST 430-4 7.1' }));
    }
  }
  const body = childOf(of, 'LogRecordBody');
  const signature = childOf(of, 'LogRecordSignature');
  return {
    element: of,
    header,
    body: body && readBody(body),
    signature: signature && readSignatureOf(signature),
  };
}

function readHeader(of: XmlElement): LogRecordHeader {
  const time = instantOf(textIn(of, 'TimeStamp') ?? '');
  const source = childOf(of, 'DeviceSourceID', 'DeviceSourceId');
  const sequence = textIn(of, 'EventSequence');
  return {
    element: of,
    eventId: uuidIn(of, 'EventID'),
    time: time?.instant,
    offsetMinutes: time?.offsetMinutes,
    sequence: /^\d{1,15}$/.test(sequence ?? '') ? Number(sequence) : undefined,
    source: deviceIdIn(source, 'PrimaryID') ?? deviceIdIn(of, 'DeviceSourceID'),
    secondarySource: deviceIdIn(source, 'SecondaryID'),
    eventClass: textIn(of, 'EventClass') ?? '',
    type: textIn(of, 'EventType') ?? '',
    contentId: uuidIn(of, 'contentID', 'contentId'),
    previousHeaderHash: textIn(of, 'previousHeaderHash'),
    recordBodyHash: textIn(of, 'recordBodyHash'),
  };
}

function readBody(of: XmlElement): LogRecordBody {
  const values = (list: string, item: string): LogValue[] =>
    all(childOf(of, list) ?? NOTHING, item)
      .slice(0, VALUES_MAX)
      .map((each) => ({
        name: textIn(each, 'Name', 'IDName') ?? '',
        value: textIn(each, 'Value', 'IDValue') ?? '',
      }));
  return {
    element: of,
    eventId: uuidIn(of, 'EventID'),
    subtype: textIn(of, 'EventSubType') ?? '',
    parameters: values('Parameters', 'Parameter'),
    exceptions: values('Exceptions', 'Exception'),
    references: values('ReferencedIDs', 'ReferencedID'),
  };
}

const NOTHING: XmlElement = Object.freeze({
  kind: 'element',
  prefix: '',
  local: '',
  namespace: '',
  declarations: [],
  attributes: [],
  children: [],
  line: 0,
  column: 0,
});

function readSignatureOf(of: XmlElement): LogRecordSignature {
  const authData = childOf(of, 'RecordAuthData');
  const signer = childOf(authData, 'SignerCertInfo');
  const length = textIn(of, 'SequenceLength');
  return {
    element: of,
    placement: textIn(of, 'HeaderPlacement')?.toLowerCase(),
    sequenceLength: /^\d{1,9}$/.test(length ?? '') ? Number(length) : undefined,
    authData,
    headerHash: textIn(authData, 'RecordHeaderHash'),
    issuerName: textIn(signer, 'X509IssuerName'),
    serialNumber: textIn(signer, 'X509SerialNumber'),
    signature: all(of, 'Signature').find((each) => each.namespace === XMLDSIG_NAMESPACE),
  };
}
