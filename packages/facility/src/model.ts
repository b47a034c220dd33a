import type { Certificate } from '@yinglian/certificates';
import type { InstantMs, Uuid } from '@yinglian/core';

/** Of ST 430-16:2017. */
export const FLM_NAMESPACE = 'http://www.smpte-ra.org/ns/430-16/2017/FLM';
/** Of the lists of ISDCF FLM-x. */
export const FLMX_NAMESPACE = 'http://isdcf.com/2010/06/FLM';
/** Of the lists of lists of ISDCF FLM-x. */
export const SITE_LIST_NAMESPACE = 'http://isdcf.com/2010/04/SiteList';

/**
 * - `st430-16`: SMPTE ST 430-16:2017, what is written here
 * - `flm-x`: ISDCF 2010, polled feeds
 * - `st430-7`: the older SMPTE form, in the envelope of ST 430-3
 */
export type FacilityDialect = 'st430-16' | 'flm-x' | 'st430-7';

/** A person or desk of the facility. */
export type Contact = {
  readonly name: string;
  readonly email?: string;
  readonly phone?: string;
  readonly kind?: string;
};

/** A postal address. */
export type Address = {
  readonly addressee?: string;
  readonly street?: string;
  readonly street2?: string;
  readonly city?: string;
  readonly province?: string;
  readonly postalCode?: string;
  /** ISO 3166 code of two letters. */
  readonly country?: string;
};

/** What an address is for. */
export const ADDRESS_KINDS = ['physical', 'shipping', 'billing'] as const;
/** One of {@link ADDRESS_KINDS}. */
export type AddressKind = (typeof ADDRESS_KINDS)[number];

/** How keys or packages reach the place: an address, a number, a URL, a medium. */
export type Delivery = {
  readonly kind: 'email' | 'modem' | 'network' | 'physical';
  readonly to: string;
};

/** What a device is called by. */
export type DeviceIdentifier = {
  /** `CertThumbprint`, `DeviceUID`, or whatever else was written. */
  readonly kind: string;
  readonly value: string;
};

/** One device, with the certificates it was listed with. */
export type Device = {
  /** `SM`, `LD`, `PR`, `TMS` and others (ST 433). */
  readonly type: string;
  readonly identifier?: DeviceIdentifier;
  readonly serial?: string;
  readonly manufacturer?: string;
  readonly model?: string;
  readonly installDate?: string;
  readonly active: boolean;
  readonly integrator?: string;
  readonly resolution?: string;
  /** One for each leaf that was carried, leaf first. Newer media blocks have two. */
  readonly chains: readonly (readonly Certificate[])[];
};

/** Devices that play together: one security manager and those it trusts. */
export type Suite = { readonly devices: readonly Device[] };

/** One screen of the facility. */
export type Auditorium = {
  /** Number or name, unique in the facility. */
  readonly name: string;
  readonly installDate?: string;
  /** As written, with its unit. */
  readonly screenWidth?: { readonly value: string; readonly unit?: string };
  readonly seatingCapacity?: number;
  readonly suites: readonly Suite[];
  readonly otherDevices: readonly Device[];
};

/** A facility list as read: facts only, nothing judged. */
export type Facility = {
  readonly dialect: FacilityDialect;
  readonly messageId?: Uuid;
  readonly issueDate?: InstantMs;
  readonly annotation?: string;
  /** Whether the sender says that this is not the whole facility (FLM-x). */
  readonly partial: boolean;
  /** As written, with its `urn:x-facilityID:`. */
  readonly id: string;
  readonly alternateIds: readonly string[];
  readonly name: string;
  /** IANA name. */
  readonly timeZone?: string;
  readonly circuit?: string;
  readonly contacts: readonly Contact[];
  readonly addresses: { readonly [Kind in AddressKind]?: Address };
  readonly kdmDelivery: readonly Delivery[];
  readonly dcpDelivery: readonly Delivery[];
  /** Devices of the house, such as its theatre management system. */
  readonly devices: readonly Device[];
  readonly auditoriums: readonly Auditorium[];
};

/** The device type that keys are made out to. */
export const SECURITY_MANAGER = 'SM';

/** Devices of a suite that are in use and are its security manager; exactly one is right. */
export function securityManagers(suite: Suite): Device[] {
  return suite.devices.filter((device) => device.active && device.type === SECURITY_MANAGER);
}

/** Every device of a facility with the auditorium it stands in. */
export function* devicesOf(facility: Facility): Generator<{
  readonly device: Device;
  readonly auditorium?: Auditorium;
  readonly suite?: Suite;
}> {
  for (const device of facility.devices) yield { device };
  for (const auditorium of facility.auditoriums) {
    for (const suite of auditorium.suites) {
      for (const device of suite.devices) yield { device, auditorium, suite };
    }
    for (const device of auditorium.otherDevices) yield { device, auditorium };
  }
}
