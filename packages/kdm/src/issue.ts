import {
  accepted,
  assert,
  concatBytes,
  type Cryptography,
  encodeUtf8,
  type Finding,
  hasErrors,
  type Outcome,
  type RandomBytes,
  refused,
  toBase64,
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
import { checkBatch, checkRecipient, RecipientJudge } from './conditions.ts';
import {
  ETM_NAMESPACE,
  forensicFlags,
  hasAuthenticator,
  KDM_MESSAGE_TYPE,
  KDM_NAMESPACE,
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
type WindowText = { readonly opens: string; readonly closes: string };

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
};

function issuerSerial(certificate: Certificate): string {
  return (
    `<ds:X509IssuerName>${escapeText(certificate.issuer.text)}</ds:X509IssuerName>` +
    `<ds:X509SerialNumber>${certificate.serial}</ds:X509SerialNumber>`
  );
}

function sharedParts(batch: KdmBatch, cryptography: Cryptography): SharedParts {
  const leaf = batch.signer.chain[0]!;
  const authenticator = batch.contentAuthenticator ?? thumbprintOf(leaf, cryptography);
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
    ending: encodeUtf8(
      `</ds:SignatureValue>\n<ds:KeyInfo>\n${certificates.join('')}</ds:KeyInfo>\n` +
        '</ds:Signature>\n</DCinemaSecurityMessage>\n',
    ),
    blocks: batch.keys.map((key) => keyBlockTemplate(context, key)),
  };
}

const HEAD = encodeUtf8(
  `<?xml version="1.0" encoding="UTF-8"?>\n<DCinemaSecurityMessage ${NAMESPACES}>\n`,
);

/** The tag of a signed part as it stands in the document, and as its canonical form repeats it. */
function partTags(
  name: string,
  id: string,
): { readonly plain: Uint8Array; readonly canonical: Uint8Array } {
  return {
    plain: encodeUtf8(`<${name} Id="${id}">`),
    canonical: encodeUtf8(`<${name} ${NAMESPACES} Id="${id}">`),
  };
}

const PUBLIC_TAGS = partTags('AuthenticatedPublic', PUBLIC_ID);
const PRIVATE_TAGS = partTags('AuthenticatedPrivate', PRIVATE_ID);
const BREAK = encodeUtf8('\n');
const SIGNED_INFO_TAG_LENGTH = `<ds:SignedInfo ${NAMESPACES}>`.length;
const SIGNATURE_TAGS = encodeUtf8('<ds:Signature>\n<ds:SignedInfo>');
const VALUE_TAG = encodeUtf8('\n<ds:SignatureValue>');

/** Writes the message as its own canonical form; no tree is ever built. */
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
  const window = {
    opens: formatKdmTime(recipient.window.notBefore),
    closes: formatKdmTime(recipient.window.notAfter),
  };
  const publicPart = publicContent(recipient, window, shared, ids, cryptography);
  const publicBytes = encodeUtf8(`${publicPart}</AuthenticatedPublic>`);
  const privateBytes = privateContent(recipient, window, shared, cryptography);
  // A part differs from its canonical form only in its own tag, so that it is encoded once.
  const digestOf = (tag: Uint8Array, content: Uint8Array) => {
    const hash = cryptography.hash('sha256');
    hash.update(tag);
    hash.update(content);
    return toBase64(hash.digest());
  };
  const signedInfo =
    `\n<ds:CanonicalizationMethod Algorithm="${ALGORITHMS.c14nWithComments}">` +
    `</ds:CanonicalizationMethod>\n` +
    `<ds:SignatureMethod Algorithm="${ALGORITHMS.rsaSha256}"></ds:SignatureMethod>\n` +
    reference(PUBLIC_ID, digestOf(PUBLIC_TAGS.canonical, publicBytes)) +
    reference(PRIVATE_ID, digestOf(PRIVATE_TAGS.canonical, privateBytes));
  // What is signed and what is sent begin with different tags and go on alike.
  const signedBytes = encodeUtf8(`<ds:SignedInfo ${NAMESPACES}>${signedInfo}</ds:SignedInfo>`);
  const value = await cryptography.signRsa('sha256', batch.signer.privateKey, signedBytes);
  const signatureLines = new Uint8Array(base64LinesLength(value.length));
  writeBase64Lines(signatureLines, 0, value);
  const bytes = concatBytes(
    HEAD,
    PUBLIC_TAGS.plain,
    publicBytes,
    BREAK,
    PRIVATE_TAGS.plain,
    privateBytes,
    BREAK,
    SIGNATURE_TAGS,
    signedBytes.subarray(SIGNED_INFO_TAG_LENGTH),
    VALUE_TAG,
    signatureLines,
    shared.ending,
  );
  return { messageId, bytes };
}

function reference(id: string, digest: string): string {
  return (
    `<ds:Reference URI="#${id}">\n` +
    `<ds:DigestMethod Algorithm="${ALGORITHMS.sha256}"></ds:DigestMethod>\n` +
    `<ds:DigestValue>${digest}</ds:DigestValue>\n</ds:Reference>\n`
  );
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
    `<NonCriticalExtensions></NonCriticalExtensions>\n`
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

/** The private part after its tag, from its first line break to its closing tag. */
function privateContent(
  recipient: KdmRecipient,
  window: WindowText,
  shared: SharedParts,
  cryptography: Cryptography,
): Uint8Array {
  const times = encodeUtf8(window.opens + window.closes);
  const publicKey = recipient.chain[0]!.key.info;
  const content = new Uint8Array(1 + shared.blocks.length * KEY_LENGTH + PRIVATE_END.length);
  content.set(BREAK);
  let at = 1;
  for (const template of shared.blocks) {
    const block = fillKeyBlock(template, times);
    const cipher = cryptography.encryptRsaOaep(publicKey, block);
    // The plain block is of no use any more; it should not wait for the collector.
    block.fill(0);
    assert(cipher.length === CIPHER_BYTES, 'a key of 2048 bits gives 256 bytes');
    content.set(KEY_BEGIN, at);
    at = writeBase64Lines(content, at + KEY_BEGIN.length, cipher);
    content.set(KEY_END, at);
    at += KEY_END.length;
  }
  content.set(PRIVATE_END, at);
  return content;
}
