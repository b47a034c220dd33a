import { toHex, fromHex } from '../bytes.ts';
import { assert } from '../assert.ts';
import { accepted, finding, type Outcome, refused } from '../findings.ts';

/** A UUID in lower case with hyphens, without the `urn:uuid:` prefix (RFC 9562). */
export type Uuid = string;

const SHAPE = /^(?:urn:uuid:)?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/i;

/** Accepts a bare UUID or a URN, in either case. */
export function parseUuid(text: string): Outcome<Uuid> {
  const match = SHAPE.exec(text.trim());
  if (match === null) {
    return refused(finding('invalid_uuid', 'error', { facts: { text }, clause: 'RFC 9562' }));
  }
  return accepted(match[1]!.toLowerCase());
}

export function uuidUrn(uuid: Uuid): string {
  return `urn:uuid:${uuid}`;
}

export function uuidBytes(uuid: Uuid): Uint8Array {
  return fromHex(uuid.replaceAll('-', ''));
}

export function uuidFromBytes(bytes: Uint8Array): Uuid {
  assert(bytes.length === 16, 'a UUID has 16 bytes');
  const hex = toHex(bytes);
  return [8, 12, 16, 20]
    .reduceRight((text, at) => `${text.slice(0, at)}-${text.slice(at)}`, hex);
}

/** A version 4 UUID from 16 fresh (or seeded) bytes. */
export function uuidFromRandom(random: Uint8Array): Uuid {
  assert(random.length === 16, 'a UUID has 16 bytes');
  const bytes = random.slice();
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return uuidFromBytes(bytes);
}
