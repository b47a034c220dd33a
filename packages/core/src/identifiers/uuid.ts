import { assert } from '../assert.ts';
import { concatBytes, fromHex, toHex } from '../bytes.ts';
import { type Cryptography, digest } from '../cryptography.ts';
import { accepted, finding, type Outcome, refused } from '../findings.ts';
import { clipText, encodeUtf8 } from '../text.ts';

/** A UUID in lower case with hyphens, without the `urn:uuid:` prefix (RFC 9562). */
export type Uuid = string;

const SHAPE = /^(?:urn:uuid:)?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/i;

/** Accepts a bare UUID or a URN, in either case. */
export function parseUuid(text: string): Outcome<Uuid> {
  const match = SHAPE.exec(text.trim());
  if (match === null) {
    const facts = { text: clipText(text) };
    return refused(finding('invalid_uuid', 'error', { facts, clause: 'RFC 9562 section 4' }));
  }
  return accepted(match[1]!.toLowerCase());
}

/** `urn:uuid:…`, as packages and key messages write it (RFC 9562 section 4). */
export function uuidUrn(uuid: Uuid): string {
  return `urn:uuid:${uuid}`;
}

/** The 16 bytes in network order. */
export function uuidBytes(uuid: Uuid): Uint8Array {
  return fromHex(uuid.replaceAll('-', ''));
}

/** Any 16 bytes as a UUID; version and variant are left as they are. */
export function uuidFromBytes(bytes: Uint8Array): Uuid {
  assert(bytes.length === 16, 'a UUID has 16 bytes');
  const hex = toHex(bytes);
  const middle = `${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}`;
  return `${hex.slice(0, 8)}-${middle}-${hex.slice(20)}`;
}

/** A version 4 UUID from 16 fresh (or seeded) bytes. */
export function uuidFromRandom(random: Uint8Array): Uuid {
  assert(random.length === 16, 'a UUID has 16 bytes');
  return marked(random, 4);
}

/** Name spaces of RFC 9562 section 6.6. */
export const UUID_NAMESPACES: Readonly<Record<'dns' | 'url' | 'oid' | 'x500', Uuid>> =
  Object.freeze({
    dns: '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
    url: '6ba7b811-9dad-11d1-80b4-00c04fd430c8',
    oid: '6ba7b812-9dad-11d1-80b4-00c04fd430c8',
    x500: '6ba7b814-9dad-11d1-80b4-00c04fd430c8',
  });

/**
 * A version 5 UUID: the same name in the same name space is the same id for ever and for
 * everybody (RFC 9562 section 5.5). A text is hashed as UTF-8.
 */
export function uuidFromName(
  cryptography: Cryptography,
  namespace: Uuid,
  name: string | Uint8Array,
): Uuid {
  const nameBytes = typeof name === 'string' ? encodeUtf8(name) : name;
  const hash = digest(cryptography, 'sha1', concatBytes(uuidBytes(namespace), nameBytes));
  return marked(hash.subarray(0, 16), 5);
}

/** Sets version and variant (RFC 9562 sections 4.1 and 4.2) in a copy. */
function marked(source: Uint8Array, version: number): Uuid {
  const bytes = source.slice();
  bytes[6] = (bytes[6]! & 0x0f) | (version << 4);
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return uuidFromBytes(bytes);
}
