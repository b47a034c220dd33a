import { expect } from 'vitest';
import { makeChain } from '@yinglian/certificates';
import { decodeUtf8, encodeUtf8, uuidFromRandom } from '@yinglian/core';
import { generateRsaKey, nodeCryptography, seededRandomBytes } from '@yinglian/host';
import {
  checkLog,
  type EventType,
  type LogCheck,
  type LogEvent,
  type LogPlan,
  readLogReport,
  writeLogReport,
} from '../src/index.ts';

const random = seededRandomBytes('playlog');
export const id = () => uuidFromRandom(random(16));
export const NOW = Date.UTC(2026, 11, 1, 11, 0);
export const MINUTE = 60_000;
export const DAY = 86_400_000;

async function makeDevice(name: string) {
  const key = await generateRsaKey();
  const made = await makeChain(
    {
      organization: 'maker.example',
      organizationUnit: 'maker.example',
      name,
      roles: ['SM'],
      notBefore: NOW - 100 * DAY,
      notAfter: NOW + 3000 * DAY,
      serials: { root: 1n, intermediate: 2n, leaf: 47n },
    },
    { root: key, intermediate: key, leaf: key },
    nodeCryptography,
  );
  if (!made.ok) throw new Error('no chain');
  return { chain: made.value, privateKey: key.privateKey };
}
export const device = makeDevice('maker.IMB.1234');
export const other = makeDevice('maker.IMB.9999');

export const FILM = id();
export const TRACKS = { picture: id(), sound: id() };

export const event = (
  minutes: number,
  subtype: string,
  more: Partial<LogEvent> = {},
  type: EventType = 'Playout',
): LogEvent => ({
  eventId: id(),
  time: NOW + minutes * MINUTE,
  type,
  subtype,
  contentId: FILM,
  references: [{ name: 'CompositionID', value: `urn:uuid:${FILM}` }],
  ...more,
});

export const frames = (
  minutes: number,
  track: string,
  first: number,
  last: number,
  more: Partial<LogEvent> = {},
) =>
  event(minutes, 'FrameSequencePlayed', {
    parameters: [
      { name: 'FirstFrame', value: String(first) },
      { name: 'LastFrame', value: String(last) },
    ],
    references: [
      { name: 'CompositionID', value: `urn:uuid:${FILM}` },
      { name: 'TrackFileID', value: `urn:uuid:${track}` },
    ],
    ...more,
  });

export const show = (at: number): LogEvent[] => [
  event(at, 'CPLStart'),
  frames(at + 50, TRACKS.picture, 0, 71_999),
  frames(at + 50, TRACKS.sound, 0, 71_999),
  frames(at + 100, TRACKS.picture, 72_000, 143_999),
  event(at + 100, 'CPLEnd'),
  event(at + 101, 'PlayoutComplete'),
];

export const plan = (events: readonly LogEvent[], more: Partial<LogPlan> = {}): LogPlan => ({
  reportDate: NOW + DAY,
  offsetMinutes: 480,
  device: { type: 'SM', serial: '1234', model: 'IMB <&> "1"' },
  firstSequence: 100,
  events,
  ...more,
});

export const EVENTS = [event(-5, 'KDMKeysReceived', {}, 'Key'), ...show(0), ...show(150)];

export async function written(events = EVENTS, more: Partial<LogPlan> = {}) {
  return writeLogReport(plan(events, more), await device, nodeCryptography);
}

export function read(bytes: Uint8Array) {
  const outcome = readLogReport(bytes);
  if (!outcome.ok) throw new Error(outcome.findings.map((each) => each.code).join());
  return outcome;
}

export const judged = (bytes: Uint8Array, check: LogCheck = {}) =>
  checkLog(read(bytes).value, { at: NOW + DAY, ...check }, nodeCryptography);
export const codes = (findings: readonly { code: string }[]) => findings.map((each) => each.code);

export const text = (bytes: Uint8Array) => decodeUtf8(bytes)!;
export const edited = async (change: (xml: string) => string) => {
  const before = text(await written());
  const after = change(before);
  expect(after).not.toBe(before);
  return encodeUtf8(after);
};
export const recordsIn = (xml: string) =>
  xml.match(/<lr:LogRecordElement>.*?<\/lr:LogRecordElement>/gs)!;
