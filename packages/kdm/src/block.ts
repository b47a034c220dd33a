import {
  assert,
  concatBytes,
  encodeUtf8,
  equalBytes,
  formatInstant,
  fromHex,
  parseInstant,
  type Uuid,
  uuidBytes,
  uuidFromBytes,
} from '@yinglian/core';
import type { KdmTime } from './model.ts';

/** ST 430-1 6.2.2: what tells a key block from anything else. */
export const STRUCTURE_ID = fromHex('f1dc124460169a0e85bc300642f866ab');

/** Bytes of a block with its key type. */
export const SMPTE_BLOCK_BYTES = 138;
/** Bytes of a block without the key type. */
export const INTEROP_BLOCK_BYTES = 134;
/** A block under RSA with 2048 bits. */
export const CIPHER_BYTES = 256;

const KEY_TYPE_BYTES = 4;
const TIME_CHARACTERS = 25;
const AT = Object.freeze({ signer: 16, cpl: 36, keyType: 52 });

/** The plain content of one EncryptedKey (ST 430-1 6.2.2). */
export type KeyBlock = {
  readonly structureId: Uint8Array;
  /** SHA-1 of the signer's certificate, 20 bytes. */
  readonly signerThumbprint: Uint8Array;
  readonly cplId: Uuid;
  /** As written, four characters; undefined in the form of Interop. */
  readonly keyType: string | undefined;
  readonly keyId: Uuid;
  /** As written, 25 characters. */
  readonly notBefore: string;
  readonly notAfter: string;
  readonly key: Uint8Array;
};

/** `2026-12-01T10:00:00+01:00`: 25 characters, whole seconds, never `Z`. */
export function formatKdmTime({ instant, offsetMinutes }: KdmTime): string {
  const text = formatInstant(instant, offsetMinutes);
  assert(text.length === TIME_CHARACTERS, 'a time of a key message has whole seconds');
  return text;
}

/** Undefined unless the time carries its offset. */
export function parseKdmTime(text: string): KdmTime | undefined {
  const outcome = parseInstant(text);
  if (!outcome.ok) return undefined;
  const offset = /([+-])(\d{2}):?(\d{2})$/.exec(text.trim());
  if (offset === null) return { instant: outcome.value, offsetMinutes: 0 };
  const minutes = Number(offset[2]) * 60 + Number(offset[3]);
  return { instant: outcome.value, offsetMinutes: offset[1] === '-' ? -minutes : minutes };
}

/** What all blocks of one composition and signer have in common. */
export type BlockContext = {
  readonly signerThumbprint: Uint8Array;
  readonly cplId: Uuid;
  readonly form: 'smpte' | 'interop';
};

/** What one block of a message holds. */
export type BlockContent = {
  readonly keyId: Uuid;
  readonly keyType: string;
  readonly key: Uint8Array;
};

/** Everything of a block but its window, which thousands of messages set one after the other. */
export function keyBlockTemplate(context: BlockContext, content: BlockContent): Uint8Array {
  assert(content.key.length === 16 && content.keyType.length === 4, 'key and type have their size');
  const block = concatBytes(
    STRUCTURE_ID,
    context.signerThumbprint,
    uuidBytes(context.cplId),
    encodeUtf8(context.form === 'smpte' ? content.keyType : ''),
    uuidBytes(content.keyId),
    new Uint8Array(2 * TIME_CHARACTERS),
    content.key,
  );
  const size = context.form === 'smpte' ? SMPTE_BLOCK_BYTES : INTEROP_BLOCK_BYTES;
  assert(block.length === size, 'a key block has its size');
  return block;
}

/**
 * A block from its template: the plain content of one EncryptedKey.
 *
 * @param window both times, 25 characters each, as bytes
 */
export function fillKeyBlock(template: Uint8Array, window: Uint8Array): Uint8Array {
  const block = template.slice();
  block.set(window, template.length - 16 - window.length);
  return block;
}

/** Undefined when the length is that of neither form. Nothing else is judged here. */
export function readKeyBlock(block: Uint8Array): KeyBlock | undefined {
  const interop = block.length === INTEROP_BLOCK_BYTES;
  if (!interop && block.length !== SMPTE_BLOCK_BYTES) return undefined;
  const id = AT.keyType + (interop ? 0 : KEY_TYPE_BYTES);
  const from = id + 16;
  const until = from + TIME_CHARACTERS;
  return {
    structureId: block.slice(0, AT.signer),
    signerThumbprint: block.slice(AT.signer, AT.cpl),
    cplId: uuidFromBytes(block.subarray(AT.cpl, AT.keyType)),
    keyType: interop ? undefined : latin(block.subarray(AT.keyType, id)),
    keyId: uuidFromBytes(block.subarray(id, from)),
    notBefore: latin(block.subarray(from, until)),
    notAfter: latin(block.subarray(until, until + TIME_CHARACTERS)),
    key: block.slice(until + TIME_CHARACTERS),
  };
}

/** Whether a block says that it is one. */
export function hasStructureId(block: KeyBlock): boolean {
  return equalBytes(block.structureId, STRUCTURE_ID);
}

/** Bytes that are no printable ASCII show as `?`, so that a wrong block cannot garble a report. */
function latin(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '?';
  return text;
}
