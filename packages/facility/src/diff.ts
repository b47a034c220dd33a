import { equalBytes, finding, type Finding } from '@yinglian/core';
import type { Auditorium, Device, Facility, Suite } from './model.ts';
import { securityManagers } from './model.ts';

/** What became of a facility between two messages, in the words of somebody who makes keys. */
export type FacilityChange =
  | {
      readonly kind: 'changed_fact';
      readonly fact: string;
      readonly from: string | undefined;
      readonly to: string | undefined;
    }
  | { readonly kind: 'added_auditorium' | 'removed_auditorium'; readonly auditorium: string }
  | {
      /** Seats, the width of the screen, the date it was installed. */
      readonly kind: 'changed_auditorium';
      readonly auditorium: string;
      readonly fact: string;
      readonly from: string | undefined;
      readonly to: string | undefined;
    }
  | {
      /** Keys made for the old one do not open on the new one. */
      readonly kind: 'replaced_security_manager';
      readonly auditorium: string;
      readonly suite: number;
      readonly from: Device | undefined;
      readonly to: Device | undefined;
    }
  | {
      readonly kind: 'added_device' | 'removed_device' | 'changed_device';
      readonly auditorium: string | undefined;
      readonly device: Device;
    };

const FACTS = ['name', 'timeZone', 'circuit', 'annotation'] as const;

/** What the later message changes. Order: facts, auditoriums, suites, devices. */
export function diffFacilities(before: Facility, after: Facility): FacilityChange[] {
  const changes: FacilityChange[] = [];
  for (const fact of FACTS) {
    if (fact === 'annotation' || before[fact] === after[fact]) continue;
    changes.push({ kind: 'changed_fact', fact, from: before[fact], to: after[fact] });
  }
  for (const fact of ['kdmDelivery', 'dcpDelivery', 'contacts', 'addresses'] as const) {
    const [from, to] = [JSON.stringify(before[fact]), JSON.stringify(after[fact])];
    if (from !== to) changes.push({ kind: 'changed_fact', fact, from, to });
  }
  changes.push(...diffDevices(before.devices, after.devices, undefined));
  const left = new Map(before.auditoriums.map((each) => [each.name, each]));
  for (const auditorium of after.auditoriums) {
    const old = left.get(auditorium.name);
    left.delete(auditorium.name);
    if (old === undefined) changes.push({ kind: 'added_auditorium', auditorium: auditorium.name });
    else changes.push(...diffAuditoriums(old, auditorium));
  }
  for (const name of left.keys()) changes.push({ kind: 'removed_auditorium', auditorium: name });
  return changes;
}

function diffAuditoriums(before: Auditorium, after: Auditorium): FacilityChange[] {
  const changes: FacilityChange[] = [];
  const { name } = after;
  const count = Math.max(before.suites.length, after.suites.length);
  for (let index = 0; index < count; index++) {
    const [from, to] = [managerOf(before.suites[index]), managerOf(after.suites[index])];
    if (from === undefined && to === undefined) continue;
    if (from !== undefined && to !== undefined && sameDevice(from, to)) continue;
    changes.push({
      kind: 'replaced_security_manager',
      auditorium: name,
      suite: index + 1,
      from,
      to,
    });
  }
  const managers = new Set(
    changes.flatMap((each) =>
      each.kind === 'replaced_security_manager' ? [each.from, each.to] : [],
    ),
  );
  const all = (of: Auditorium) =>
    [...of.suites.flatMap((suite) => suite.devices), ...of.otherDevices].filter(
      (device) => !managers.has(device),
    );
  return [...diffHall(before, after), ...changes, ...diffDevices(all(before), all(after), name)];
}

/** What a hall is, beside its devices; their abilities are facts of theirs. */
function diffHall(before: Auditorium, after: Auditorium): FacilityChange[] {
  const facts = ({ seatingCapacity, screenWidth, installDate }: Auditorium) => ({
    seatingCapacity: seatingCapacity === undefined ? undefined : String(seatingCapacity),
    screenWidth: screenWidth && [screenWidth.value, screenWidth.unit ?? ''].join(' ').trim(),
    installDate,
  });
  const [old, now] = [facts(before), facts(after)];
  return (['seatingCapacity', 'screenWidth', 'installDate'] as const)
    .filter((fact) => old[fact] !== now[fact])
    .map((fact) => ({
      kind: 'changed_auditorium',
      auditorium: after.name,
      fact,
      from: old[fact],
      to: now[fact],
    }));
}

function managerOf(suite: Suite | undefined): Device | undefined {
  return suite === undefined ? undefined : securityManagers(suite)[0];
}

/** By identifier; without one by maker, model and serial. */
function deviceName(device: Device): string {
  const { identifier, manufacturer, model, serial } = device;
  if (identifier !== undefined) return `${identifier.kind} ${identifier.value}`;
  return JSON.stringify([device.type, manufacturer, model, serial]);
}

function sameDevice(a: Device, b: Device): boolean {
  const [mine, yours] = [a.chains[0]?.[0], b.chains[0]?.[0]];
  if (mine !== undefined && yours !== undefined) return equalBytes(mine.der, yours.der);
  return deviceName(a) === deviceName(b);
}

function diffDevices(
  before: readonly Device[],
  after: readonly Device[],
  auditorium: string | undefined,
): FacilityChange[] {
  const changes: FacilityChange[] = [];
  const left = new Map(before.map((device) => [deviceName(device), device]));
  for (const device of after) {
    const old = left.get(deviceName(device));
    left.delete(deviceName(device));
    if (old === undefined) changes.push({ kind: 'added_device', auditorium, device });
    else if (!sameFacts(old, device)) changes.push({ kind: 'changed_device', auditorium, device });
  }
  for (const device of left.values()) changes.push({ kind: 'removed_device', auditorium, device });
  return changes;
}

function sameFacts(a: Device, b: Device): boolean {
  const facts = (device: Device) => JSON.stringify({ ...device, chains: undefined });
  const leaves = (device: Device) => device.chains.map((chain) => chain[0]!);
  const [mine, yours] = [leaves(a), leaves(b)];
  return (
    facts(a) === facts(b) &&
    mine.length === yours.length &&
    mine.every((leaf, index) => equalBytes(leaf.der, yours[index]!.der))
  );
}

/** Whether a message may take the place of another: the same facility, and not an older one. */
export function checkSuccession(before: Facility, after: Facility): Finding[] {
  const findings: Finding[] = [];
  if (before.id !== after.id && !after.alternateIds.includes(before.id)) {
    const facts = { found: after.id, expected: before.id };
    findings.push(finding('mismatched_facility', 'error', { facts }));
  }
  if ((after.issueDate ?? Infinity) < (before.issueDate ?? -Infinity)) {
    findings.push(finding('outdated_facility_list', 'error'));
  }
  if (after.partial) findings.push(finding('partial_facility_list', 'note'));
  return findings;
}
