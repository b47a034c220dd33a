import {
  type Cryptography,
  finding,
  type Finding,
  formatInstant,
  type InstantMs,
  type Place,
} from '@yinglian/core';
import {
  allowsUsage,
  type Certificate,
  type CertificateProfile,
  checkChain,
  rolesOf,
  thumbprintByText,
  thumbprintOf,
} from '@yinglian/certificates';
import {
  type Auditorium,
  type Device,
  devicesOf,
  type Facility,
  securityManagers,
} from './model.ts';

/** How a facility list is judged. Everything left out is not judged. */
export type FacilityCheck = {
  /** A moment at which certificates should be valid. */
  readonly at?: InstantMs;
  readonly profile?: CertificateProfile;
  /** Roots of makers; left out, any complete chain will do. */
  readonly trustedRoots?: readonly Certificate[];
};

/** Types whose devices take part in security and have a certificate. */
const SECURITY_TYPES: readonly string[] = ['SM', 'LD', 'PR', 'SPB'];

/** Judges a facility list: what a key needs is there, and what it says of devices is true. */
export function checkFacility(
  facility: Facility,
  check: FacilityCheck,
  cryptography: Cryptography,
): Finding[] {
  const findings = [...checkInfo(facility), ...checkAuditoriums(facility)];
  findings.push(...checkIssueDate(facility, check), ...checkSerials(facility));
  const seen = new Map<string, string>();
  for (const { device, auditorium } of devicesOf(facility)) {
    findings.push(...checkDevice(device, placeOf(device, auditorium), check, cryptography));
    const name = device.identifier?.value ?? '';
    if (name === '' || !device.active) continue;
    const place = auditorium?.name ?? '';
    const other = seen.get(name);
    if (other !== undefined) {
      const facts = { identifier: name, auditoriums: [other, place] };
      // One certificate in two places is a copied line more often than a stolen key.
      const at = placeOf(device, auditorium);
      findings.push(finding('duplicate_device', 'warning', { facts, at }));
    }
    seen.set(name, place);
  }
  return findings;
}

/** Clocks of two houses may differ; a day covers every time zone as well. */
const CLOCK_TOLERANCE_MS = 86_400_000;

/** A message of tomorrow would be taken for the latest until tomorrow. */
function checkIssueDate({ issueDate }: Facility, { at }: FacilityCheck): Finding[] {
  if (issueDate === undefined || at === undefined || issueDate <= at + CLOCK_TOLERANCE_MS)
    return [];
  const facts = { issued: formatInstant(issueDate) };
  return [finding('premature_facility_list', 'warning', { facts, clause: 'ST 430-16 6' })];
}

/** Two boxes of one maker and model have two serials; with one, a line was copied. */
function checkSerials(facility: Facility): Finding[] {
  const findings: Finding[] = [];
  const seen = new Map<string, string>();
  for (const { device, auditorium } of devicesOf(facility)) {
    const { type, manufacturer, model, serial, active } = device;
    if (!active || serial === undefined) continue;
    const name = JSON.stringify([type, manufacturer, model, serial]);
    // The very same device twice is told by its identifier already.
    const identifier = device.identifier?.value ?? '';
    if (seen.has(name) && (identifier === '' || seen.get(name) !== identifier)) {
      const at = placeOf(device, auditorium);
      findings.push(finding('duplicate_device_serial', 'warning', { facts: { serial }, at }));
    }
    seen.set(name, identifier);
  }
  return findings;
}

function placeOf(device: Device, auditorium: Auditorium | undefined): Place {
  return {
    ...(auditorium === undefined ? {} : { auditorium: auditorium.name }),
    device: [device.type, device.model, device.serial].filter(Boolean).join(' '),
  };
}

function checkInfo(facility: Facility): Finding[] {
  const findings: Finding[] = [];
  const clause = 'ST 430-16 6';
  const missing = (name: string) =>
    findings.push(finding('missing_facility_fact', 'error', { facts: { name }, clause }));
  if (facility.id === '') missing('FacilityID');
  if (facility.name === '') missing('FacilityName');
  if (facility.dialect === 'st430-16' && facility.messageId === undefined) missing('MessageId');
  if (facility.issueDate === undefined && facility.dialect === 'st430-16') missing('IssueDate');
  if (facility.timeZone === undefined) {
    // Without it a window cannot be said in the cinema's own time.
    findings.push(finding('missing_time_zone', 'error', { clause }));
  } else if (!isTimeZone(facility.timeZone)) {
    const facts = { timeZone: facility.timeZone };
    findings.push(finding('unknown_time_zone', 'error', { facts, clause }));
  }
  if (facility.id !== '' && !/^urn:x-facilityID:[^:]+:.+$/.test(facility.id)) {
    findings.push(
      finding('unusual_facility_id', 'warning', { facts: { id: facility.id }, clause }),
    );
  }
  if (facility.partial) findings.push(finding('partial_facility_list', 'note'));
  if (facility.auditoriums.length === 0) findings.push(finding('missing_auditorium', 'error'));
  for (const { kind, to } of [...facility.kdmDelivery, ...facility.dcpDelivery]) {
    const wrong = to === '' || (kind === 'email' && !/^[^\s@<>,;]+@[^\s@<>,;]+$/.test(to));
    if (wrong)
      findings.push(finding('invalid_delivery_address', 'warning', { facts: { kind, to } }));
  }
  return findings;
}

function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function checkAuditoriums(facility: Facility): Finding[] {
  const findings: Finding[] = [];
  const names = new Set<string>();
  for (const auditorium of facility.auditoriums) {
    const at = { auditorium: auditorium.name };
    if (auditorium.name === '') findings.push(finding('missing_auditorium_name', 'error', { at }));
    if (names.has(auditorium.name)) findings.push(finding('duplicate_auditorium', 'error', { at }));
    names.add(auditorium.name);
    for (const [index, suite] of auditorium.suites.entries()) {
      const count = securityManagers(suite).length;
      if (count === 1) continue;
      const code = count === 0 ? 'missing_security_manager' : 'duplicate_security_manager';
      const place = { ...at, suite: index + 1 };
      findings.push(finding(code, 'error', { facts: { count }, at: place, clause: 'ST 430-16 7' }));
    }
  }
  return findings;
}

/** Of the certificates of a media block one must be for keys. */
const NEEDED = { usages: ['keyEncipherment'] } as const;

function checkDevice(
  device: Device,
  at: Place,
  check: FacilityCheck,
  cryptography: Cryptography,
): Finding[] {
  const findings: Finding[] = [];
  const secure = SECURITY_TYPES.includes(device.type);
  if (device.type === '') findings.push(finding('missing_device_type', 'error', { at }));
  if (secure && device.active && device.chains.length === 0) {
    const severity = device.type === 'SM' ? 'error' : 'warning';
    findings.push(finding('missing_device_certificate', severity, { at }));
  }
  findings.push(...checkIdentifier(device, at, cryptography));
  const forKeys = device.chains.some(([leaf]) => allowsUsage(leaf!, 'keyEncipherment'));
  for (const chain of device.chains) {
    const { trustedRoots, ...rest } = check;
    const roles = secure ? { roles: [device.type] } : {};
    const usages = forKeys || device.type !== 'SM' ? {} : NEEDED;
    const trusted = trustedRoots === undefined ? {} : { trusted: trustedRoots };
    const found = checkChain(chain, { ...rest, ...roles, ...usages, ...trusted }, cryptography);
    findings.push(...found.map((each) => ({ ...each, at: { ...each.at, ...at } })));
  }
  return findings;
}

function checkIdentifier(device: Device, at: Place, cryptography: Cryptography): Finding[] {
  const { identifier, chains } = device;
  if (identifier?.kind !== 'CertThumbprint' || chains.length === 0) return [];
  const leaves = chains.map((chain) => chain[0]!);
  if (leaves.some((leaf) => thumbprintOf(leaf, cryptography) === identifier.value)) return [];
  const facts = {
    identifier: identifier.value,
    found: leaves.map((leaf) => thumbprintOf(leaf, cryptography)),
  };
  const other = leaves.some((leaf) => thumbprintByText(leaf, cryptography) === identifier.value);
  const code = other ? 'unusual_device_thumbprint' : 'mismatched_device_thumbprint';
  const clause = 'ST 430-2 5.4';
  return [finding(code, other ? 'warning' : 'error', { facts, at, clause })];
}

/** Who gets the keys of a suite, and what a formulation that lists devices lists. */
export type SuiteKeys = {
  readonly auditorium: string;
  /** From 1. */
  readonly suite: number;
  readonly device: Device;
  /** Of the certificate that keys are made out to, leaf first. */
  readonly chain: readonly Certificate[];
  /** The other active devices of the suite that take part in security. */
  readonly trustedDevices: readonly (Certificate | string)[];
};

/**
 * The recipients of keys in a facility: the one security manager of each suite. Suites without
 * exactly one, or without its certificate, are left out; {@link checkFacility} says why.
 */
export function suiteKeys(facility: Facility): SuiteKeys[] {
  return facility.auditoriums.flatMap((auditorium) =>
    auditorium.suites.flatMap((suite, index): SuiteKeys[] => {
      const [device, ...others] = securityManagers(suite);
      const chain = device && keyChain(device);
      if (device === undefined || others.length > 0 || chain === undefined) return [];
      const trustedDevices = suite.devices
        .filter((each) => each !== device && each.active && SECURITY_TYPES.includes(each.type))
        .flatMap((each): (Certificate | string)[] => {
          const leaf = keyChain(each)?.[0];
          if (leaf !== undefined) return [leaf];
          return each.identifier?.kind === 'CertThumbprint' ? [each.identifier.value] : [];
        });
      return [{ auditorium: auditorium.name, suite: index + 1, device, chain, trustedDevices }];
    }),
  );
}

/** Of two certificates of a media block the one for keys: by usage, then by role. */
function keyChain(device: Device): readonly Certificate[] | undefined {
  const usable = device.chains.filter(([leaf]) => allowsUsage(leaf!, 'keyEncipherment'));
  return usable.find(([leaf]) => rolesOf(leaf!).includes(device.type)) ?? usable[0];
}
