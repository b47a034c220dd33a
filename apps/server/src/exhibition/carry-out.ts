import { assert } from '@yinglian/core';
import type { Work } from '../kernel/write.ts';
import type { DeviceCertificate } from './certificates.ts';
import { bringForward, sayFacts, type SubjectKind } from './facts/repository.ts';
import type { PlannedCinema, PlannedScreen } from './plan.ts';
import { insertCinema, insertCircuit, insertScreen, installDevice } from './repository.ts';

export type CarryOutParts = {
  readonly newId: () => string;
  /** Who keeps what is registered. */
  readonly keeperId: string;
  readonly readCertificate: (pem: string) => DeviceCertificate;
  readonly record: (
    work: Work,
    kind: string,
    id: string,
    action: string,
    facts: Record<string, string | number>,
  ) => void;
  /** Whose words the facts of the plan are. */
  readonly sourceId: string;
  readonly at: Date;
  readonly userId: string | null;
};

/** Registers everything of a plan that was judged, inside one transaction. */
export async function carryOut(
  work: Work,
  parts: CarryOutParts,
  plan: readonly PlannedCinema[],
): Promise<void> {
  const circuits = new Map<string, string>();
  for (const each of plan) {
    const cinemaId = each.known?.id ?? (await addCinema(work, parts, each, circuits));
    const { name, province, city, address, email, equipment, taxpayer, timeZone } = each.cinema;
    const said = { province, city, address, email, equipment, taxpayer };
    await sayOf(work, parts, 'cinema', cinemaId, {
      name,
      ...given(said),
      // A sheet tells no clock: what stands there then is a guess of ours.
      ...(each.tellsClock ? { timeZone } : {}),
      ...(each.circuit === null ? {} : { circuit: each.circuit }),
    });
    for (const screen of each.screens) await addScreen(work, parts, cinemaId, screen);
  }
}

/** What a file leaves empty it does not speak of. */
function given(facts: Readonly<Record<string, string | null>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(facts).filter((entry): entry is [string, string] => entry[1] !== null),
  );
}

async function sayOf(
  work: Work,
  { sourceId, at, userId, newId, record }: CarryOutParts,
  subjectKind: SubjectKind,
  subjectId: string,
  facts: Readonly<Record<string, string>>,
  endsOthers = false,
): Promise<void> {
  await sayFacts(work.transaction, {
    subjectKind,
    subjectId,
    facts,
    sourceId,
    validFrom: at,
    at,
    userId,
    newId,
    endsOthers,
  });
  const changed = await bringForward(work.transaction, subjectKind, subjectId, at);
  if (changed.length === 0) return;
  const by = { facts: changed.join(' '), source: sourceId };
  record(work, subjectKind, subjectId, 'exhibition.facts_merged', by);
}

async function addCinema(
  work: Work,
  { newId, keeperId, record }: CarryOutParts,
  { cinema, circuit, circuitId, oddities }: PlannedCinema,
  circuits: Map<string, string>,
): Promise<string> {
  let of = circuitId ?? (circuit === null ? null : (circuits.get(circuit) ?? null));
  if (of === null && circuit !== null) {
    of = newId();
    const fields = { id: of, keeperId, name: circuit, code: null, organisationId: null };
    await insertCircuit(work.transaction, fields);
    record(work, 'circuit', of, 'exhibition.circuit_created', { name: circuit });
    circuits.set(circuit, of);
  }
  const id = newId();
  const fields = { ...cinema, circuitId: of, findings: [...oddities] };
  await insertCinema(work.transaction, { id, keeperId, ...fields });
  record(work, 'cinema', id, 'exhibition.cinema_created', { name: cinema.name });
  return id;
}

async function addScreen(
  work: Work,
  parts: CarryOutParts,
  cinemaId: string,
  { known, certificate, maker, model, serial, ...screen }: PlannedScreen,
): Promise<void> {
  const { newId, readCertificate, record } = parts;
  const screenId = known?.id ?? newId();
  if (known === undefined) {
    await insertScreen(work.transaction, { id: screenId, cinemaId, ...screen });
    record(work, 'screen', screenId, 'exhibition.screen_created', { name: screen.name });
  }
  await sayOf(work, parts, 'screen', screenId, {
    ...(screen.seats === null ? {} : { seats: String(screen.seats) }),
    ...(screen.tellsFormats ? { formats: screen.formats.join('/') } : {}),
  });
  if (certificate === null) return;
  const device = readCertificate(certificate);
  await sayOf(work, parts, 'screen', screenId, { mediaBlock: device.thumbprint }, true);
  const id = newId();
  await installDevice(work.transaction, {
    ...device,
    id,
    screenId,
    kind: 'media_block',
    maker: maker ?? device.maker,
    model: model ?? device.model,
    serial: serial ?? device.serial,
  });
  const facts = { device: id, thumbprint: device.thumbprint };
  record(work, 'screen', screenId, 'exhibition.device_installed', facts);
}

/** The certificate that was judged readable before. */
export function certain(
  read: { readonly ok: true; readonly value: DeviceCertificate } | { readonly ok: false },
): DeviceCertificate {
  assert(read.ok, 'a judged certificate can be read');
  return read.value;
}
