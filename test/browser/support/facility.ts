import { writeFacilityList } from '@yinglian/facility';
import { makeMaker } from '../../../apps/server/test/halls/support.ts';

export type ListedCinema = {
  readonly code: string;
  readonly name: string;
  readonly circuit: string;
};

/** A facility list with a screen for each of these serials; days say how long certificates hold. */
export async function facilityList(
  cinema: ListedCinema,
  devices: readonly { readonly serial: string; readonly days?: number }[],
): Promise<Uint8Array> {
  const maker = await makeMaker();
  const chains = await Promise.all(
    devices.map(async ({ serial, days }) => (await maker.device(serial, days)).chain),
  );
  const written = writeFacilityList({
    dialect: 'st430-16',
    messageId: '0190f6b2-0000-7000-8000-000000000009',
    issueDate: Date.UTC(2026, 10, 1),
    partial: false,
    id: `urn:x-facilityID:cn:${cinema.code}`,
    alternateIds: [],
    name: cinema.name,
    timeZone: 'Asia/Shanghai',
    circuit: cinema.circuit,
    contacts: [],
    addresses: {},
    kdmDelivery: [],
    dcpDelivery: [],
    devices: [],
    auditoriums: chains.map((chain, index) => ({
      name: String(index + 1),
      otherDevices: [],
      suites: [{ devices: [{ type: 'SM', active: true, chains: [chain] }] }],
    })),
  });
  if (!written.ok) throw new Error(written.findings.map((each) => each.code).join(', '));
  return written.value;
}
