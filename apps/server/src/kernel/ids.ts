import { randomBytes } from 'node:crypto';
import { uuidFromBytes } from '@yinglian/core';

let latest = 0;

/** A version 7 UUID (RFC 9562 section 5.7): ids of later records sort after earlier ones. */
export function newId(): string {
  const bytes = new Uint8Array(randomBytes(16));
  // A clock that is set back must not put later records before earlier ones.
  latest = Math.max(latest, Date.now());
  let time = latest;
  for (let at = 5; at >= 0; at--) {
    bytes[at] = time % 256;
    time = Math.floor(time / 256);
  }
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return uuidFromBytes(bytes);
}
