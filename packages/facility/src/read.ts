import {
  accepted,
  clipText,
  type Cryptography,
  finding,
  type Finding,
  type InstantMs,
  type Outcome,
  parseInstant,
  parseUuid,
  refused,
} from '@yinglian/core';
import {
  type Certificate,
  certificatesOfKeyInfo,
  isAuthority,
  orderChain,
} from '@yinglian/certificates';
import {
  attributeValue,
  childElement,
  childElements,
  childText,
  elementsWithin,
  placeOf,
  readKeyInfoCertificates,
  readXml,
  textOf,
  XMLDSIG_NAMESPACE,
  type XmlElement,
} from '@yinglian/xml';
import { checkListForm } from './form.ts';
import {
  type Address,
  ADDRESS_KINDS,
  type Auditorium,
  type Contact,
  type Delivery,
  type Device,
  type Facility,
  type FacilityDialect,
  FLM_NAMESPACE,
  FLMX_NAMESPACE,
  SITE_LIST_NAMESPACE,
  type Suite,
} from './model.ts';

const AUDITORIUMS_MAX = 500;
const DEVICES_MAX = 5000;
/** Of one device: two chains of four, twice over. Each pair is compared. */
const CERTIFICATES_MAX = 16;

/**
 * Reads a facility list of any of its three dialects. A document that is none is refused; what is
 * wrong inside comes as findings beside what could be read.
 */
export function readFacilityList(bytes: Uint8Array, cryptography: Cryptography): Outcome<Facility> {
  const outcome = readXml(bytes);
  if (!outcome.ok) return outcome;
  const { root } = outcome.value;
  // The older SMPTE form hides in the envelope of ST 430-3; its parts have the same names.
  const message = [...elementsWithin(root)].find(
    (each) => childElement(each, 'FacilityInfo') && childElement(each, 'AuditoriumList'),
  );
  if (message === undefined) {
    const facts = { name: clipText(root.local), namespace: clipText(root.namespace) };
    return refused(finding('unexpected_facility_root', 'error', { facts, clause: 'ST 430-16 5' }));
  }
  const reader = new Reader(dialectOf(message), cryptography);
  reader.findings.push(...outcome.findings, ...checkListForm(message));
  return accepted(reader.facility(root, message), reader.findings);
}

function dialectOf(message: XmlElement): FacilityDialect {
  if (message.namespace === FLM_NAMESPACE) return 'st430-16';
  // The namespace of ST 430-7 could not be confirmed: whatever is neither is taken for it.
  return message.namespace === FLMX_NAMESPACE ? 'flm-x' : 'st430-7';
}

/** Only what is there: optional facts stay out of the result instead of being undefined. */
function present<Shape extends object>(
  parts: Shape,
): { [Key in keyof Shape]: NonNullable<Shape[Key]> } {
  const entries = Object.entries(parts).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(entries) as { [Key in keyof Shape]: NonNullable<Shape[Key]> };
}

function listed(parent: XmlElement | undefined, list: string, item: string): XmlElement[] {
  const holder = parent && childElement(parent, list);
  return holder === undefined ? [] : childElements(holder, item);
}

class Reader {
  readonly findings: Finding[] = [];
  readonly #dialect: FacilityDialect;
  readonly #cryptography: Cryptography;
  #devices = 0;

  constructor(dialect: FacilityDialect, cryptography: Cryptography) {
    this.#dialect = dialect;
    this.#cryptography = cryptography;
  }

  facility(root: XmlElement, message: XmlElement): Facility {
    const info = childElement(message, 'FacilityInfo')!;
    const envelope = childElement(root, 'AuthenticatedPublic') ?? message;
    const issued = childText(envelope, 'IssueDate') ?? '';
    const messageId = parseUuid(childText(envelope, 'MessageId') ?? '');
    const capabilities = childElement(info, 'Capabilities') ?? info;
    const partial = childText(message, 'FLMPartial') ?? childText(info, 'FLMPartial');
    const auditoriums = listed(message, 'AuditoriumList', 'Auditorium');
    if (auditoriums.length > AUDITORIUMS_MAX) {
      const facts = { count: auditoriums.length, limit: AUDITORIUMS_MAX };
      this.findings.push(finding('excessive_auditorium_count', 'error', { facts }));
    }
    return {
      dialect: this.#dialect,
      ...present({ messageId: messageId.ok ? messageId.value : undefined }),
      ...present({ issueDate: this.instant(issued, envelope) }),
      ...present({ annotation: childText(envelope, 'AnnotationText') }),
      partial: isTrue(partial),
      id: childText(info, 'FacilityID') ?? '',
      alternateIds: listed(info, 'AlternateFacilityIDList', 'AlternateFacilityID').map(textOf),
      name: childText(info, 'FacilityName') ?? '',
      ...present({
        timeZone: childText(info, 'FacilityTimeZone'),
        circuit: childText(info, 'Circuit'),
      }),
      contacts: listed(info, 'ContactList', 'Contact').map(readContact),
      addresses: readAddresses(childElement(info, 'AddressList')),
      kdmDelivery: readDelivery(childElement(capabilities, 'KDMDeliveryMethodList')),
      dcpDelivery: readDelivery(childElement(capabilities, 'DCPDeliveryMethodList')),
      devices: this.devices(info, 'DeviceList'),
      auditoriums: auditoriums.slice(0, AUDITORIUMS_MAX).map((each) => this.auditorium(each)),
    };
  }

  instant(text: string, at: XmlElement): InstantMs | undefined {
    if (text === '') return undefined;
    const outcome = readInstant(text);
    if (outcome.ok) return outcome.value;
    this.findings.push(...outcome.findings.map((each) => ({ ...each, at: placeOf(at) })));
    return undefined;
  }

  auditorium(of: XmlElement): Auditorium {
    const width = childElement(of, 'ScreenWidth');
    const seats = Number(childText(of, 'SeatingCapacity') ?? 'none');
    const name =
      childText(of, 'AuditoriumNumberOrName') ??
      childText(of, 'AuditoriumNumber') ??
      childText(of, 'AuditoriumName') ??
      '';
    const groups = listed(of, 'DeviceGroupList', 'DeviceGroup');
    // Feeds of FLM-x also list devices without a group around them.
    const loose = childElement(of, 'DeviceGroupList');
    const holders = [...listed(of, 'SuiteList', 'Suite'), ...groups];
    if (loose !== undefined && childElement(loose, 'Device')) holders.push(loose);
    const suites = holders.map((suite): Suite => ({ devices: this.devices(suite) }));
    return {
      name,
      ...present({ installDate: childText(of, 'AuditoriumInstallDate') }),
      ...(width === undefined
        ? {}
        : {
            screenWidth: {
              value: textOf(width),
              ...present({ unit: attributeValue(width, 'units') ?? attributeValue(width, 'unit') }),
            },
          }),
      ...(Number.isInteger(seats) && seats >= 0 ? { seatingCapacity: seats } : {}),
      suites,
      otherDevices: this.devices(of, 'NonSecurityDeviceList'),
    };
  }

  devices(parent: XmlElement, list?: string): Device[] {
    const elements =
      list === undefined ? childElements(parent, 'Device') : listed(parent, list, 'Device');
    this.#devices += elements.length;
    if (this.#devices > DEVICES_MAX) {
      this.findings.push(
        finding('excessive_device_count', 'error', { facts: { limit: DEVICES_MAX } }),
      );
      return [];
    }
    return elements.map((each) => this.device(each));
  }

  device(of: XmlElement): Device {
    const identifier = childElement(of, 'DeviceIdentifier');
    const capabilities = childElement(of, 'Capabilities') ?? of;
    const active = childText(of, 'IsActive');
    return {
      type: childText(of, 'DeviceTypeID') ?? '',
      ...(identifier === undefined
        ? {}
        : {
            identifier: {
              kind: attributeValue(identifier, 'idtype') ?? '',
              value: textOf(identifier),
            },
          }),
      ...present({
        serial: childText(of, 'DeviceSerial'),
        manufacturer: childText(of, 'Manufacturer') ?? childText(of, 'ManufacturerName'),
        model: childText(of, 'ModelNumber'),
        installDate: childText(of, 'InstallDate'),
        integrator: childText(of, 'Integrator'),
        resolution: childText(capabilities, 'Resolution'),
      }),
      // A device that is listed without a word is in use.
      active: active === undefined || isTrue(active),
      chains: this.chains(childElement(of, 'KeyInfoList')),
    };
  }

  /** Certificates come in any order, often with copies, sometimes several leaves together. */
  chains(list: XmlElement | undefined): Certificate[][] {
    const infos = list === undefined ? [] : childElements(list, 'KeyInfo', XMLDSIG_NAMESPACE);
    infos.length = Math.min(infos.length, CERTIFICATES_MAX);
    const pool: Certificate[] = [];
    for (const info of infos) {
      const data = readKeyInfoCertificates(info);
      const read = data.ok
        ? certificatesOfKeyInfo(data.value)
        : { certificates: [], findings: data.findings };
      pool.push(...read.certificates);
      this.findings.push(...read.findings.map((each) => ({ ...each, at: placeOf(info) })));
    }
    if (pool.length > CERTIFICATES_MAX) {
      const facts = { count: pool.length, limit: CERTIFICATES_MAX };
      const at = placeOf(list!);
      this.findings.push(finding('excessive_certificate_count', 'error', { facts, at }));
      pool.length = CERTIFICATES_MAX;
    }
    const leaves = new Map(
      pool
        .filter((each) => !isAuthority(each))
        .map((each) => [String.fromCharCode(...each.signature), each]),
    );
    return [...leaves.values()].flatMap((leaf) => {
      const chain = orderChain(pool, this.#cryptography, leaf);
      if (!chain.ok) this.findings.push(...chain.findings);
      return chain.ok ? [[...chain.value]] : [];
    });
  }
}

function isTrue(text: string | undefined): boolean {
  return text === 'true' || text === '1';
}

function readContact(of: XmlElement): Contact {
  return {
    name: childText(of, 'Name') ?? '',
    ...present({
      email: childText(of, 'Email'),
      phone: childText(of, 'Phone1') ?? childText(of, 'Phone'),
      kind: childText(of, 'Type'),
    }),
  };
}

function readAddresses(list: XmlElement | undefined): Facility['addresses'] {
  const addresses: {
    -readonly [Kind in keyof Facility['addresses']]: Facility['addresses'][Kind];
  } = {};
  for (const kind of ADDRESS_KINDS) {
    const name = kind[0]!.toUpperCase() + kind.slice(1);
    const of = list && childElement(list, name);
    if (of !== undefined) addresses[kind] = readAddress(of);
  }
  return addresses;
}

function readAddress(of: XmlElement): Address {
  return present({
    addressee: childText(of, 'Addressee'),
    street: childText(of, 'StreetAddress'),
    street2: childText(of, 'StreetAddress2'),
    city: childText(of, 'City'),
    province: childText(of, 'Province'),
    postalCode: childText(of, 'PostalCode'),
    country: childText(of, 'Country'),
  });
}

/** Each way of delivery with the element that holds its address. */
const DELIVERY_PARTS = [
  ['email', 'Email', 'EmailAddress'],
  ['modem', 'Modem', 'PhoneNumber'],
  ['network', 'Network', 'URL'],
  ['physical', 'Physical', 'MediaType'],
] as const;

function readDelivery(list: XmlElement | undefined): Delivery[] {
  const methods = list === undefined ? [] : [list, ...childElements(list, 'DeliveryMethod')];
  return methods.flatMap((method) =>
    DELIVERY_PARTS.flatMap(([kind, name, part]) =>
      childElements(method, name).map((of): Delivery => ({ kind, to: childText(of, part) ?? '' })),
    ),
  );
}

/** Feeds write offsets as `+01:00`, `+0100` or `+01`. */
function readInstant(text: string): Outcome<InstantMs> {
  return parseInstant(text.replace(/([T ][^+-]*[+-]\d{2})$/, '$1:00'));
}

/** One facility of a site list. */
export type SiteLink = {
  /** As written: `urn:x-facilityID:…` or the bare id. */
  readonly id: string;
  readonly modified: InstantMs | undefined;
  /** Where the facility list is; nothing here ever fetches it. */
  readonly url: string;
};

/** The facilities of a circuit, each with where its list is. */
export type SiteList = {
  readonly originator: string | undefined;
  readonly systemName: string | undefined;
  readonly sites: readonly SiteLink[];
};

const XLINK_NAMESPACE = 'http://www.w3.org/1999/xlink';

/** Reads the list of a circuit's facilities (ISDCF FLM-x), each with the time it was changed. */
export function readSiteList(bytes: Uint8Array): Outcome<SiteList> {
  const outcome = readXml(bytes);
  if (!outcome.ok) return outcome;
  const { root } = outcome.value;
  if (root.local !== 'SiteList') {
    const facts = { name: clipText(root.local), namespace: clipText(root.namespace) };
    return refused(finding('unexpected_site_list_root', 'error', { facts, clause: 'ISDCF FLM-x' }));
  }
  const findings: Finding[] = [];
  if (root.namespace !== SITE_LIST_NAMESPACE) {
    const facts = { namespace: clipText(root.namespace) };
    findings.push(finding('unexpected_site_list_namespace', 'note', { facts }));
  }
  const sites = [...elementsWithin(root)]
    .filter((each) => each.local === 'Facility')
    .map((each): SiteLink => {
      const modified = readInstant(attributeValue(each, 'modified') ?? '');
      const url =
        attributeValue(each, 'href', XLINK_NAMESPACE) ?? attributeValue(each, 'href') ?? '';
      const at = placeOf(each);
      if (!modified.ok) findings.push(finding('missing_site_time', 'warning', { at }));
      if (url === '') findings.push(finding('missing_site_link', 'error', { at }));
      return {
        id: attributeValue(each, 'id') ?? '',
        modified: modified.ok ? modified.value : undefined,
        url,
      };
    });
  const list = {
    originator: childText(root, 'Originator'),
    systemName: childText(root, 'SystemName'),
    sites,
  };
  return accepted(list, findings);
}

/** Sites changed since a poll, and those that do not say when. */
export function sitesChangedSince(list: SiteList, since: InstantMs): SiteLink[] {
  return list.sites.filter((site) => site.modified === undefined || site.modified >= since);
}
