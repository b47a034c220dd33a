import {
  accepted,
  assert,
  type Cryptography,
  digest,
  encodeUtf8,
  type Finding,
  hasErrors,
  type Outcome,
  type PublicKeyBytes,
  type RandomBytes,
  refused,
  type Uuid,
  uuidFromRandom,
  uuidUrn,
} from '@yinglian/core';
import {
  ASSUME_TRUST_THUMBPRINT,
  type Certificate,
  entityOf,
  thumbprintBytes,
  thumbprintOf,
} from '@yinglian/certificates';
import { ALGORITHMS, base64Lines, escapeText } from '@yinglian/xml';
import { base64LinesLength, writeBase64Lines } from './ascii.ts';
import { CIPHER_BYTES, fillKeyBlock, formatKdmTime, keyBlockTemplate } from './block.ts';
import { authenticatorOf, checkBatch, checkRecipient, RecipientJudge } from './conditions.ts';
import {
  ETM_NAMESPACE,
  forensicFlags,
  hasAuthenticator,
  KDM_MESSAGE_TYPE,
  KDM_NAMESPACE,
  type KdmWindow,
  keyTypeScope,
  listsDevices,
  PRIVATE_ID,
  PUBLIC_ID,
} from './model.ts';
import type { KdmBatch, KdmRecipient } from './request.ts';

/** A message ready to be sent. */
export type IssuedKdm = {
  readonly messageId: Uuid;
  /** The whole message, UTF-8. */
  readonly bytes: Uint8Array;
};

/** A batch whose common parts are checked and written. */
export type KdmIssuer = {
  /** Warnings and notes about the batch. */
  readonly findings: readonly Finding[];
  issue(recipient: KdmRecipient): Promise<Outcome<IssuedKdm>>;
};

/**
 * Prepares a batch: everything that does not depend on the recipient is checked and written once,
 * so that a message costs little more than its one RSA signature.
 */
export async function kdmIssuer(
  batch: KdmBatch,
  cryptography: Cryptography,
  random: RandomBytes,
): Promise<Outcome<KdmIssuer>> {
  const findings = await checkBatch(batch, cryptography);
  if (hasErrors(findings)) return refused(...findings);
  const judge = new RecipientJudge(batch, cryptography);
  const shared = sharedParts(batch, cryptography);
  return accepted(
    {
      findings,
      issue: async (recipient) => {
        const { leaf, findings: concerns } = checkRecipient(recipient, batch, judge);
        if (leaf === undefined || hasErrors(concerns)) return refused(...concerns);
        const known = { ...recipient, chain: [leaf] };
        return accepted(await writeKdm(known, batch, shared, cryptography, random), concerns);
      },
    },
    findings,
  );
}

/** One message on its own: {@link kdmIssuer} for a batch of one. */
export async function issueKdm(
  batch: KdmBatch,
  recipient: KdmRecipient,
  cryptography: Cryptography,
  random: RandomBytes,
): Promise<Outcome<IssuedKdm>> {
  const issuer = await kdmIssuer(batch, cryptography, random);
  if (!issuer.ok) return issuer;
  const outcome = await issuer.value.issue(recipient);
  const findings = [...issuer.findings, ...outcome.findings];
  return outcome.ok ? accepted(outcome.value, findings) : refused(...findings);
}

/** Signatures in flight at once: enough for every core, little enough to keep memory flat. */
const AHEAD = 16;

/** One result of {@link issueKdms}, with what it was made for. */
export type IssuedOne<Recipient extends KdmRecipient> = {
  readonly index: number;
  readonly recipient: Recipient;
  readonly outcome: Outcome<IssuedKdm>;
};

/**
 * Many messages, in order, a few ahead of the reader. The reader's pace is the pace: to stop, stop
 * reading; to resume, pass the recipients that are left.
 */
export async function* issueKdms<Recipient extends KdmRecipient>(
  issuer: KdmIssuer,
  recipients: Iterable<Recipient>,
  ahead: number = AHEAD,
): AsyncGenerator<IssuedOne<Recipient>, void, void> {
  const running: Promise<IssuedOne<Recipient>>[] = [];
  let index = 0;
  for (const recipient of recipients) {
    const at = index++;
    running.push(issuer.issue(recipient).then((outcome) => ({ index: at, recipient, outcome })));
    if (running.length >= ahead) yield await running.shift()!;
  }
  for (const each of running) yield await each;
}

const NAMESPACES =
  `xmlns="${ETM_NAMESPACE}" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" ` +
  'xmlns:enc="http://www.w3.org/2001/04/xmlenc#"';

/** A window as text, written once for the public part and all blocks. */
type WindowText = {
  readonly opens: string;
  readonly closes: string;
  /** Both, one after the other. */
  readonly bytes: Uint8Array;
};

type SharedParts = {
  readonly issued: string;
  readonly signer: string;
  readonly content: string;
  readonly authenticator: string;
  readonly keyIds: string;
  readonly forensic: string;
  /** KeyInfo and the end of the document, as bytes. */
  readonly ending: Uint8Array;
  /** One for each key, without the window. */
  readonly blocks: readonly Uint8Array[];
  /** Of a message without its public part. */
  readonly fixedLength: number;
  /** The window written last. */
  readonly last: { window: KdmWindow | undefined; text: WindowText | undefined };
};

function issuerSerial(certificate: Certificate): string {
  return (
    `<ds:X509IssuerName>${escapeText(certificate.issuer.text)}</ds:X509IssuerName>` +
    `<ds:X509SerialNumber>${certificate.serial}</ds:X509SerialNumber>`
  );
}

function sharedParts(batch: KdmBatch, cryptography: Cryptography): SharedParts {
  const leaf = batch.signer.chain[0]!;
  const authenticator = authenticatorOf(batch, cryptography);
  const flags = forensicFlags(batch.forensic ?? {});
  const keyIds = batch.keys.map(
    ({ keyId, keyType }) =>
      `<TypedKeyId>\n<KeyType scope="${keyTypeScope(keyType)}">${keyType}</KeyType>\n` +
      `<KeyId>${uuidUrn(keyId)}</KeyId>\n</TypedKeyId>\n`,
  );
  const forensic = flags.map((flag) => `<ForensicMarkFlag>${flag}</ForensicMarkFlag>\n`);
  const context = {
    signerThumbprint: thumbprintBytes(leaf, cryptography),
    cplId: batch.cplId,
    form: batch.standard,
  };
  const certificates = batch.signer.chain.map(
    (each) =>
      `<ds:X509Data>\n<ds:X509IssuerSerial>${issuerSerial(each)}</ds:X509IssuerSerial>\n` +
      `<ds:X509Certificate>${base64Lines(each.der)}</ds:X509Certificate>\n</ds:X509Data>\n`,
  );
  const ending = encodeUtf8(
    `</ds:SignatureValue>\n<ds:KeyInfo>\n${certificates.join('')}</ds:KeyInfo>\n` +
      '</ds:Signature>\n</DCinemaSecurityMessage>\n',
  );
  return {
    issued: `<IssueDate>${formatKdmTime(batch.issueDate)}</IssueDate>`,
    signer: `<Signer>${issuerSerial(leaf)}</Signer>`,
    content:
      `<CompositionPlaylistId>${uuidUrn(batch.cplId)}</CompositionPlaylistId>\n` +
      `<ContentTitleText>${escapeText(batch.contentTitle)}</ContentTitleText>`,
    authenticator: `<ContentAuthenticator>${authenticator}</ContentAuthenticator>\n`,
    keyIds: `<KeyIdList>\n${keyIds.join('')}</KeyIdList>`,
    forensic:
      flags.length === 0
        ? ''
        : `<ForensicMarkFlagList>\n${forensic.join('')}</ForensicMarkFlagList>\n`,
    ending,
    blocks: batch.keys.map((key) => keyBlockTemplate(context, key)),
    fixedLength: FRAME_LENGTH + batch.keys.length * KEY_LENGTH + ending.length,
    last: { window: undefined, text: undefined },
  };
}

const HEAD = encodeUtf8(
  `<?xml version="1.0" encoding="UTF-8"?>\n<DCinemaSecurityMessage ${NAMESPACES}>\n`,
);

/** The tags of the signed parts as they stand in the document, and as they are signed. */
const PUBLIC_TAG = encodeUtf8(`<AuthenticatedPublic Id="${PUBLIC_ID}">`);
const PRIVATE_TAG = encodeUtf8(`<AuthenticatedPrivate Id="${PRIVATE_ID}">`);
const CANONICAL_PUBLIC_TAG = `<AuthenticatedPublic ${NAMESPACES} Id="${PUBLIC_ID}">`;
const CANONICAL_PRIVATE_TAG = encodeUtf8(`<AuthenticatedPrivate ${NAMESPACES} Id="${PRIVATE_ID}">`);
const BREAK = encodeUtf8('\n');
/** What is signed and what is sent begin with different tags and go on alike. */
const SIGNED_INFO_TAG_LENGTH = `<ds:SignedInfo ${NAMESPACES}>`.length;
const SIGNATURE_TAGS = encodeUtf8('<ds:Signature>\n<ds:SignedInfo>');
const VALUE_TAG = encodeUtf8('\n<ds:SignatureValue>');
/** SHA-256 in base64: digests stand in the signed text in the place of this. */
const DIGEST_HOLE = '#'.repeat(44);
const SIGNED_INFO_TEXT =
  `<ds:SignedInfo ${NAMESPACES}>\n` +
  `<ds:CanonicalizationMethod Algorithm="${ALGORITHMS.c14nWithComments}">` +
  `</ds:CanonicalizationMethod>\n` +
  `<ds:SignatureMethod Algorithm="${ALGORITHMS.rsaSha256}"></ds:SignatureMethod>\n` +
  reference(PUBLIC_ID) +
  reference(PRIVATE_ID) +
  '</ds:SignedInfo>';
const SIGNED_INFO = encodeUtf8(SIGNED_INFO_TEXT);
const PUBLIC_HOLE_AT = SIGNED_INFO_TEXT.indexOf(DIGEST_HOLE);
const PRIVATE_HOLE_AT = SIGNED_INFO_TEXT.lastIndexOf(DIGEST_HOLE);

function reference(id: string): string {
  return (
    `<ds:Reference URI="#${id}">\n` +
    `<ds:DigestMethod Algorithm="${ALGORITHMS.sha256}"></ds:DigestMethod>\n` +
    `<ds:DigestValue>${DIGEST_HOLE}</ds:DigestValue>\n</ds:Reference>\n`
  );
}

/**
 * Writes the message as its own canonical form, into one array; no tree is ever built. A part
 * differs from its canonical form only in its own tag: it is encoded once, hashed behind the tag
 * that is signed, and sent behind the other. The private part is hashed in its place, where its
 * longer tag reaches into that of the public part, which is therefore written after it.
 */
async function writeKdm(
  recipient: KdmRecipient,
  batch: KdmBatch,
  shared: SharedParts,
  cryptography: Cryptography,
  random: RandomBytes,
): Promise<IssuedKdm> {
  const messageId = recipient.messageId ?? uuidFromRandom(random(16));
  const deviceListId = recipient.deviceListId ?? uuidFromRandom(random(16));
  const ids = { messageId, deviceListId };
  const window = windowText(recipient, shared);
  const content = publicContent(recipient, window, shared, ids, cryptography);
  const publicPart = encodeUtf8(CANONICAL_PUBLIC_TAG + content);
  const publicBytes = publicPart.subarray(CANONICAL_PUBLIC_TAG.length);
  const bytes = new Uint8Array(shared.fixedLength + publicBytes.length);
  const publicAt = HEAD.length + PUBLIC_TAG.length;
  const publicEnd = publicAt + publicBytes.length;
  const privateAt = publicEnd + 1 + PRIVATE_TAG.length;
  const publicKey = recipient.chain[0]!.key.info;
  const privateEnd = writePrivate(bytes, privateAt, publicKey, window, shared, cryptography);
  const canonicalAt = privateAt - CANONICAL_PRIVATE_TAG.length;
  bytes.set(CANONICAL_PRIVATE_TAG, canonicalAt);
  const privateDigest = digest(cryptography, 'sha256', bytes.subarray(canonicalAt, privateEnd));
  bytes.set(HEAD);
  bytes.set(PUBLIC_TAG, HEAD.length);
  bytes.set(publicBytes, publicAt);
  bytes.set(BREAK, publicEnd);
  bytes.set(PRIVATE_TAG, publicEnd + 1);
  const signed = SIGNED_INFO.slice();
  writeBase64Lines(signed, PUBLIC_HOLE_AT, digest(cryptography, 'sha256', publicPart));
  writeBase64Lines(signed, PRIVATE_HOLE_AT, privateDigest);
  const value = await cryptography.signRsa('sha256', batch.signer.privateKey, signed);
  const signatureAt = privateEnd + 1;
  bytes.set(BREAK, privateEnd);
  bytes.set(SIGNATURE_TAGS, signatureAt);
  let at = signatureAt + SIGNATURE_TAGS.length;
  bytes.set(signed.subarray(SIGNED_INFO_TAG_LENGTH), at);
  at += signed.length - SIGNED_INFO_TAG_LENGTH;
  bytes.set(VALUE_TAG, at);
  assert(value.length === CIPHER_BYTES, 'a key of 2048 bits gives 256 bytes');
  at = writeBase64Lines(bytes, at + VALUE_TAG.length, value);
  bytes.set(shared.ending, at);
  assert(at + shared.ending.length === bytes.length, 'a message has the length it was given');
  return { messageId, bytes };
}

/** Messages of a batch mostly share their window, whose text is kept until another one comes. */
function windowText(recipient: KdmRecipient, shared: SharedParts): WindowText {
  const { last } = shared;
  if (last.window === recipient.window && last.text !== undefined) return last.text;
  const opens = formatKdmTime(recipient.window.notBefore);
  const closes = formatKdmTime(recipient.window.notAfter);
  last.window = recipient.window;
  last.text = { opens, closes, bytes: encodeUtf8(opens + closes) };
  return last.text;
}

function publicContent(
  recipient: KdmRecipient,
  window: WindowText,
  shared: SharedParts,
  ids: { readonly messageId: Uuid; readonly deviceListId: Uuid },
  cryptography: Cryptography,
): string {
  const leaf = recipient.chain[0]!;
  const { annotation, formulation } = recipient;
  const note =
    annotation === undefined ? '' : `<AnnotationText>${escapeText(annotation)}</AnnotationText>\n`;
  return (
    `\n<MessageId>${uuidUrn(ids.messageId)}</MessageId>\n` +
    `<MessageType>${KDM_MESSAGE_TYPE}</MessageType>\n${note}` +
    `${shared.issued}\n${shared.signer}\n` +
    `<RequiredExtensions>\n<KDMRequiredExtensions xmlns="${KDM_NAMESPACE}">\n` +
    `<Recipient>\n<X509IssuerSerial>${issuerSerial(leaf)}</X509IssuerSerial>\n` +
    `<X509SubjectName>${escapeText(leaf.subject.text)}</X509SubjectName>\n</Recipient>\n` +
    `${shared.content}\n${hasAuthenticator(formulation) ? shared.authenticator : ''}` +
    `<ContentKeysNotValidBefore>${window.opens}</ContentKeysNotValidBefore>\n` +
    `<ContentKeysNotValidAfter>${window.closes}</ContentKeysNotValidAfter>\n` +
    `${deviceInfo(recipient, ids.deviceListId, cryptography)}\n${shared.keyIds}\n` +
    `${shared.forensic}</KDMRequiredExtensions>\n</RequiredExtensions>\n` +
    `<NonCriticalExtensions></NonCriticalExtensions>\n</AuthenticatedPublic>`
  );
}

function deviceInfo(recipient: KdmRecipient, listId: Uuid, cryptography: Cryptography): string {
  const thumbprints = listsDevices(recipient.formulation)
    ? (recipient.trustedDevices ?? []).map((device) =>
        typeof device === 'string' ? device : thumbprintOf(device, cryptography),
      )
    : [ASSUME_TRUST_THUMBPRINT];
  const description = recipient.deviceListDescription ?? entityOf(recipient.chain[0]!);
  return (
    `<AuthorizedDeviceInfo>\n<DeviceListIdentifier>${uuidUrn(listId)}</DeviceListIdentifier>\n` +
    `<DeviceListDescription>${escapeText(description)}</DeviceListDescription>\n<DeviceList>\n` +
    thumbprints.map((each) => `<CertificateThumbprint>${each}</CertificateThumbprint>\n`).join('') +
    '</DeviceList>\n</AuthorizedDeviceInfo>'
  );
}

const KEY_BEGIN = encodeUtf8(
  `<enc:EncryptedKey>\n<enc:EncryptionMethod Algorithm="${ALGORITHMS.rsaOaepMgf1p}">` +
    `<ds:DigestMethod Algorithm="${ALGORITHMS.sha1}"></ds:DigestMethod>` +
    '</enc:EncryptionMethod>\n<enc:CipherData><enc:CipherValue>',
);
const KEY_END = encodeUtf8('</enc:CipherValue></enc:CipherData>\n</enc:EncryptedKey>\n');
const PRIVATE_END = encodeUtf8('</AuthenticatedPrivate>');
const KEY_LENGTH = KEY_BEGIN.length + base64LinesLength(CIPHER_BYTES) + KEY_END.length;

/** What surrounds the public part, the keys and the ending of every message. */
const FRAME_LENGTH =
  HEAD.length +
  PUBLIC_TAG.length +
  BREAK.length +
  PRIVATE_TAG.length +
  BREAK.length +
  PRIVATE_END.length +
  BREAK.length +
  SIGNATURE_TAGS.length +
  (SIGNED_INFO.length - SIGNED_INFO_TAG_LENGTH) +
  VALUE_TAG.length +
  base64LinesLength(CIPHER_BYTES);

/** Writes the private part after its tag, from its line break to its closing tag; its end. */
function writePrivate(
  target: Uint8Array,
  begin: number,
  publicKey: PublicKeyBytes,
  window: WindowText,
  shared: SharedParts,
  cryptography: Cryptography,
): number {
  target.set(BREAK, begin);
  let at = begin + BREAK.length;
  for (const template of shared.blocks) {
    const block = fillKeyBlock(template, window.bytes);
    const cipher = cryptography.encryptRsaOaep(publicKey, block);
    // The plain block is of no use any more; it should not wait for the collector.
    block.fill(0);
    assert(cipher.length === CIPHER_BYTES, 'a key of 2048 bits gives 256 bytes');
    target.set(KEY_BEGIN, at);
    at = writeBase64Lines(target, at + KEY_BEGIN.length, cipher);
    target.set(KEY_END, at);
    at += KEY_END.length;
  }
  target.set(PRIVATE_END, at);
  return at + PRIVATE_END.length;
}
