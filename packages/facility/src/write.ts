import {
  accepted,
  assert,
  finding,
  type Finding,
  formatInstant,
  type Outcome,
  refused,
  uuidUrn,
} from '@yinglian/core';
import {
  base64Lines,
  documentOf,
  element,
  indentElement,
  isXmlText,
  writeXml,
  XMLDSIG_NAMESPACE,
  type XmlElement,
} from '@yinglian/xml';
import {
  type Address,
  ADDRESS_KINDS,
  type Auditorium,
  type Contact,
  type Delivery,
  type Device,
  type Facility,
  FLM_NAMESPACE,
} from './model.ts';

type Child = XmlElement | undefined | false;

function part(name: string, children: readonly Child[], attributes = {}): XmlElement {
  return element(name, FLM_NAMESPACE, { children, attributes });
}

function text(name: string, content: string | undefined, attributes = {}): XmlElement | undefined {
  if (content === undefined || content === '') return undefined;
  return element(name, FLM_NAMESPACE, { children: [content], attributes });
}

/** A list element, left out when it has nothing to list. */
function list(name: string, children: readonly XmlElement[]): XmlElement | undefined {
  return children.length === 0 ? undefined : part(name, children);
}

/**
 * Writes a facility list as ST 430-16:2017, whatever dialect it was read from. Refused without the
 * facts that make it a message.
 */
export function writeFacilityList(facility: Facility): Outcome<Uint8Array> {
  const findings = missingFacts(facility);
  if (findings.length > 0) return refused(...findings);
  const { messageId, issueDate } = facility;
  assert(messageId !== undefined && issueDate !== undefined, 'checked above');
  const root = element('FacilityListMessage', FLM_NAMESPACE, {
    declarations: { '': FLM_NAMESPACE, ds: XMLDSIG_NAMESPACE },
    children: [
      text('MessageId', uuidUrn(messageId)),
      text('IssueDate', formatInstant(issueDate)),
      text('AnnotationText', facility.annotation),
      facilityInfo(facility),
      part('AuditoriumList', facility.auditoriums.map(auditoriumElement)),
    ],
  });
  return accepted(writeXml(documentOf(indentElement(root))));
}

function missingFacts(facility: Facility): Finding[] {
  const missing = [
    ['MessageId', facility.messageId === undefined],
    ['IssueDate', facility.issueDate === undefined],
    ['FacilityID', facility.id === ''],
    ['FacilityName', facility.name === ''],
    ['FacilityTimeZone', facility.timeZone === undefined],
  ] as const;
  const findings = missing.flatMap(([name, is]) =>
    is
      ? [finding('missing_facility_fact', 'error', { facts: { name }, clause: 'ST 430-16 6' })]
      : [],
  );
  // Certificates hold no text that is written; everything else comes from people and forms.
  const all = JSON.stringify(facility, (key, value: unknown) =>
    key === 'chains' ? undefined : value,
  );
  if (!isXmlText(unescape(all))) findings.push(finding('invalid_facility_text', 'error'));
  return findings;
}

/** JSON hides control characters behind escapes; they must be seen here. */
function unescape(json: string): string {
  return json.replace(/\\u([0-9a-f]{4})|\\[bf]/gi, (whole, code: string | undefined) =>
    code === undefined
      ? whole === '\\b'
        ? '\b'
        : '\f'
      : String.fromCharCode(Number.parseInt(code, 16)),
  );
}

function facilityInfo(facility: Facility): XmlElement {
  const capabilities = [
    list('KDMDeliveryMethodList', facility.kdmDelivery.map(deliveryElement)),
    list('DCPDeliveryMethodList', facility.dcpDelivery.map(deliveryElement)),
  ].filter((each) => each !== undefined);
  return part('FacilityInfo', [
    text('FacilityID', facility.id),
    list(
      'AlternateFacilityIDList',
      facility.alternateIds.map((id) => text('AlternateFacilityID', id)!),
    ),
    text('FacilityName', facility.name),
    text('FacilityTimeZone', facility.timeZone),
    text('Circuit', facility.circuit),
    list('ContactList', facility.contacts.map(contactElement)),
    list(
      'AddressList',
      ADDRESS_KINDS.flatMap((kind) => {
        const address = facility.addresses[kind];
        return address === undefined ? [] : [addressElement(kind, address)];
      }),
    ),
    list('DeviceList', facility.devices.map(deviceElement)),
    list('Capabilities', capabilities),
  ]);
}

function contactElement(contact: Contact): XmlElement {
  return part('Contact', [
    text('Name', contact.name),
    text('Phone1', contact.phone),
    text('Email', contact.email),
    text('Type', contact.kind),
  ]);
}

function addressElement(kind: string, address: Address): XmlElement {
  return part(kind[0]!.toUpperCase() + kind.slice(1), [
    text('Addressee', address.addressee),
    text('StreetAddress', address.street),
    text('StreetAddress2', address.street2),
    text('City', address.city),
    text('Province', address.province),
    text('PostalCode', address.postalCode),
    text('Country', address.country),
  ]);
}

const DELIVERY_NAMES = {
  email: ['Email', 'EmailAddress'],
  modem: ['Modem', 'PhoneNumber'],
  network: ['Network', 'URL'],
  physical: ['Physical', 'MediaType'],
} as const;

function deliveryElement({ kind, to }: Delivery): XmlElement {
  const [name, inner] = DELIVERY_NAMES[kind];
  return part('DeliveryMethod', [part(name, [text(inner, to)])]);
}

function auditoriumElement(auditorium: Auditorium): XmlElement {
  const { screenWidth, seatingCapacity, suites, otherDevices } = auditorium;
  return part('Auditorium', [
    text('AuditoriumNumberOrName', auditorium.name),
    text('AuditoriumInstallDate', auditorium.installDate),
    text('ScreenWidth', screenWidth?.value, { units: screenWidth?.unit }),
    text('SeatingCapacity', seatingCapacity === undefined ? undefined : String(seatingCapacity)),
    list(
      'SuiteList',
      suites.map((suite) => part('Suite', suite.devices.map(deviceElement))),
    ),
    list('NonSecurityDeviceList', otherDevices.map(deviceElement)),
  ]);
}

function deviceElement(device: Device): XmlElement {
  const { identifier, resolution } = device;
  return part('Device', [
    text('DeviceTypeID', device.type),
    text('DeviceIdentifier', identifier?.value, { idtype: identifier?.kind }),
    text('DeviceSerial', device.serial),
    text('Manufacturer', device.manufacturer),
    text('ModelNumber', device.model),
    text('InstallDate', device.installDate),
    text('IsActive', String(device.active)),
    text('Integrator', device.integrator),
    list('KeyInfoList', device.chains.map(keyInfoElement)),
    resolution !== undefined && part('Capabilities', [text('Resolution', resolution)]),
  ]);
}

function keyInfoElement(chain: Device['chains'][number]): XmlElement {
  const make = (name: string, children: readonly (XmlElement | string)[]) =>
    element(`ds:${name}`, XMLDSIG_NAMESPACE, { children });
  const certificates = chain.map(({ der }) => make('X509Certificate', [base64Lines(der)]));
  return make('KeyInfo', [make('X509Data', certificates)]);
}
