import {
  type Cryptography,
  encodeUtf8,
  finding,
  type Finding,
  formatInstant,
  fromBase64,
  type InstantMs,
} from '@yinglian/core';
import {
  ASSUME_TRUST_THUMBPRINT,
  type Certificate,
  chainValidity,
  checkAuthorities,
  checkChain,
  checkLeaf,
  checkTime,
  rolesOf,
  SIGNS,
  thumbprintOf,
} from '@yinglian/certificates';
import { isXmlText } from '@yinglian/xml';
import { hasAuthenticator, isKeyType, type KdmWindow, listsDevices } from './model.ts';
import { CertificateMemory, sameList } from './memory.ts';
import type { KdmBatch, KdmRecipient } from './request.ts';

/**
 * Conditions of issue (ISDCF Doc 5 annex A, ST 430-1): what a media block would refuse must not
 * leave the house. Chains are judged as the field does; roles are warnings, because signer
 * certificates stand for devices in many test rooms.
 */

/** Reels have a picture and a sound key each; the longest composition seen has 40 reels. */
const KEYS_MAX = 512;
const TITLE_CHARACTERS_MAX = 1024;
const DEVICES_MAX = 256;
/** The 20 bytes of SHA-1. */
const THUMBPRINT_BYTES = 20;

/** What holds for every message of a batch. */
export async function checkBatch(batch: KdmBatch, cryptography: Cryptography): Promise<Finding[]> {
  const { signer, issueDate } = batch;
  const findings = checkChain(
    signer.chain,
    { ...SIGNS, at: issueDate.instant, roles: ['CS'] },
    cryptography,
  ).map(hardenTime);
  findings.push(...checkKeys(batch), ...checkTexts(batch));
  if (signer.chain.length > 0) findings.push(...(await checkSignerKey(batch, cryptography)));
  return findings;
}

/** An expired signer still plays, but nothing new may be signed with it: servers refuse that. */
function hardenTime(each: Finding): Finding {
  const outside = each.code === 'expired_certificate' || each.code === 'premature_certificate';
  return outside ? { ...each, severity: 'error' } : each;
}

async function checkSignerKey(batch: KdmBatch, cryptography: Cryptography): Promise<Finding[]> {
  const { chain, privateKey } = batch.signer;
  const probe = encodeUtf8('yinglian: does this key belong to its certificate?');
  const signature = await cryptography.signRsa('sha256', privateKey, probe).catch(() => undefined);
  const fits =
    signature !== undefined &&
    cryptography.verifyRsa('sha256', chain[0]!.key.info, probe, signature);
  if (fits) return [];
  return [
    finding('mismatched_signer_key', 'error', { at: { certificate: chain[0]!.subject.text } }),
  ];
}

function checkKeys(batch: KdmBatch): Finding[] {
  const findings: Finding[] = [];
  const ids = batch.keys.map((each) => each.keyId);
  if (ids.length === 0) findings.push(finding('missing_content_key', 'error'));
  if (ids.length > KEYS_MAX) {
    const facts = { count: ids.length, limit: KEYS_MAX };
    findings.push(finding('excessive_key_count', 'error', { facts }));
  }
  for (const [index, { keyId, keyType, key }] of batch.keys.entries()) {
    const at = { key: keyId };
    if (ids.indexOf(keyId) !== index) findings.push(finding('duplicate_key_id', 'error', { at }));
    if (!isKeyType(keyType)) {
      findings.push(finding('unknown_key_type', 'error', { facts: { keyType }, at }));
    }
    if (key.length !== 16) findings.push(finding('invalid_content_key', 'error', { at }));
  }
  for (const keyId of batch.cplKeyIds ?? []) {
    if (!ids.includes(keyId)) {
      findings.push(finding('missing_content_key', 'error', { at: { key: keyId } }));
    }
  }
  for (const keyId of batch.cplKeyIds === undefined ? [] : ids) {
    if (!batch.cplKeyIds!.includes(keyId)) {
      findings.push(finding('unexpected_content_key', 'error', { at: { key: keyId } }));
    }
  }
  return findings;
}

function checkTexts(batch: KdmBatch): Finding[] {
  const { contentTitle, contentAuthenticator, forensic } = batch;
  const findings: Finding[] = [];
  if (!isText(contentTitle) || contentTitle === '') {
    findings.push(finding('invalid_content_title', 'error', { clause: 'ST 430-1 6.1.3' }));
  }
  if (contentAuthenticator !== undefined && !isThumbprint(contentAuthenticator)) {
    const facts = { thumbprint: contentAuthenticator };
    findings.push(finding('invalid_thumbprint', 'error', { facts, clause: 'ST 430-1 6.1.4' }));
  }
  if (!isKdmTime(batch.issueDate)) {
    findings.push(finding('invalid_issue_date', 'error', { clause: 'ST 430-3 6.1.4' }));
  }
  const channel = typeof forensic?.audio === 'object' ? forensic.audio.aboveChannel : 1;
  if (!Number.isInteger(channel) || channel < 1 || channel > 99) {
    findings.push(finding('invalid_marking_channel', 'error', { facts: { channel } }));
  }
  return findings;
}

function isText(text: string): boolean {
  return text.length <= TITLE_CHARACTERS_MAX && isXmlText(text);
}

/** Whether a text is base64 of 20 bytes. */
export function isThumbprint(text: string): boolean {
  try {
    return fromBase64(text).length === THUMBPRINT_BYTES;
  } catch {
    return false;
  }
}

/** The ContentAuthenticator that messages of a batch carry where their formulation has one. */
export function authenticatorOf(batch: KdmBatch, cryptography: Cryptography): string {
  const signer = batch.cplSigner?.[0] ?? batch.signer.chain[0]!;
  return batch.contentAuthenticator ?? thumbprintOf(signer, cryptography);
}

/** A player asks that the ContentAuthenticator be of the chain that signed the composition. */
export function checkAuthenticator(
  thumbprint: string,
  cplSigner: readonly Certificate[] | undefined,
  cryptography: Cryptography,
): Finding[] {
  if (cplSigner === undefined || cplSigner.length === 0) return [];
  const known = cplSigner.map((each) => thumbprintOf(each, cryptography));
  if (known.includes(thumbprint)) return [];
  const facts = { found: thumbprint, expected: known[0]! };
  const clause = 'ST 430-1 6.1.4';
  return [finding('mismatched_content_authenticator', 'error', { facts, clause })];
}

const RECIPIENT_ROLES: readonly string[] = ['SM'];
const LEAF_CHECK = { roles: RECIPIENT_ROLES, usages: ['keyEncipherment'] } as const;

/** Sets of authorities one batch remembers; makers have a handful each. */
const AUTHORITIES_MAX = 4096;

/**
 * Judges recipients of one batch and remembers what it found of the authorities above them, which
 * are few, while media blocks are many.
 */
export class RecipientJudge {
  readonly cryptography: Cryptography;
  /** Of the batch's signer: what no window may reach beyond. */
  readonly signerValidity: ReturnType<typeof chainValidity>;
  readonly #batch: KdmBatch;
  #authenticator: readonly Finding[] | undefined;
  readonly #unremembered: Cryptography;
  readonly #memory: CertificateMemory;
  readonly #check: Parameters<typeof checkLeaf>[2] & { readonly at: InstantMs };
  readonly #findings = new Map<Certificate | undefined, AuthorityFindings[]>();

  constructor(batch: KdmBatch, cryptography: Cryptography) {
    this.#memory = batch.memory ?? new CertificateMemory();
    this.cryptography = this.#memory.over(cryptography);
    this.#unremembered = cryptography;
    this.#batch = batch;
    this.signerValidity = chainValidity(batch.signer.chain);
    this.#check = {
      at: batch.issueDate.instant,
      roles: RECIPIENT_ROLES,
      ...(batch.trustedRoots === undefined ? {} : { trusted: batch.trustedRoots }),
    };
  }

  /** The chain as it is remembered, whose keys are read already, and what is wrong with it. */
  judge(chain: readonly Certificate[]): {
    readonly leaf: Certificate;
    readonly findings: readonly Finding[];
  } {
    const authorities: Certificate[] = [];
    for (let i = 1; i < chain.length; i++) authorities.push(this.#memory.recognise(chain[i]!));
    const above = this.#authorities(authorities);
    // Its signature is proved with its form and remembered with it, not a second time by itself.
    const { leaf, findings: lasting } = this.#memory.judgeLeaf(chain[0]!, authorities, (each) =>
      checkLeaf(each, authorities, LEAF_CHECK, this.#unremembered),
    );
    return { leaf, findings: [...lasting, ...checkTime(leaf, this.#check.at), ...above] };
  }

  /** What is wrong with the ContentAuthenticator, which is the same in every message. */
  authenticatorFindings(): readonly Finding[] {
    const { cplSigner } = this.#batch;
    return (this.#authenticator ??= checkAuthenticator(
      authenticatorOf(this.#batch, this.cryptography),
      cplSigner,
      this.cryptography,
    ));
  }

  #authorities(authorities: readonly Certificate[]): readonly Finding[] {
    const known = this.#findings.get(authorities[0]) ?? [];
    const same = known.find((each) => sameList(each.authorities, authorities));
    if (same !== undefined) return same.findings;
    if (this.#findings.size >= AUTHORITIES_MAX) this.#findings.clear();
    const findings = checkAuthorities(authorities, this.#check, this.cryptography);
    this.#findings.set(authorities[0], [{ authorities, findings }, ...known.slice(0, 3)]);
    return findings;
  }
}

type AuthorityFindings = {
  readonly authorities: readonly Certificate[];
  readonly findings: readonly Finding[];
};

/** What holds for one message of a batch; with the leaf whose key is read already. */
export function checkRecipient(
  recipient: KdmRecipient,
  batch: KdmBatch,
  judge: RecipientJudge,
): { readonly leaf: Certificate | undefined; readonly findings: readonly Finding[] } {
  if (recipient.chain.length === 0) {
    return { leaf: undefined, findings: [finding('missing_recipient_certificate', 'error')] };
  }
  const { leaf, findings: found } = judge.judge(recipient.chain);
  const findings = found.map((each) => {
    const alone = each.code === 'incomplete_chain' && batch.recipientTrust === 'leaf';
    return alone ? { ...each, severity: 'warning' as const } : each;
  });
  findings.push(...checkWindow(recipient.window, batch, leaf, judge));
  findings.push(...checkFormulation(recipient, batch));
  if (hasAuthenticator(recipient.formulation)) findings.push(...judge.authenticatorFindings());
  findings.push(...checkDevices(recipient, judge.cryptography));
  const { annotation = '', deviceListDescription = '' } = recipient;
  if (!isText(annotation)) findings.push(finding('invalid_annotation', 'error'));
  if (!isText(deviceListDescription)) findings.push(finding('invalid_annotation', 'error'));
  return { leaf, findings };
}

/** Offsets in use reach from -12 to +14 hours; times of key blocks have whole seconds. */
function isKdmTime({ instant, offsetMinutes }: KdmWindow['notBefore']): boolean {
  return (
    instant % 1000 === 0 && Number.isInteger(offsetMinutes) && Math.abs(offsetMinutes) <= 14 * 60
  );
}

function checkWindow(
  window: KdmWindow,
  batch: KdmBatch,
  leaf: Certificate,
  judge: RecipientJudge,
): Finding[] {
  const findings: Finding[] = [];
  const from = window.notBefore.instant;
  const until = window.notAfter.instant;
  const clause = 'ISDCF Doc 5 annex A';
  if (!isKdmTime(window.notBefore) || !isKdmTime(window.notAfter)) {
    return [finding('invalid_window_time', 'error', { clause: 'ST 430-1 6.1.5' })];
  }
  if (from >= until) {
    const facts = { opens: formatInstant(from), closes: formatInstant(until) };
    findings.push(finding('reversed_window', 'error', { facts, clause: 'ST 430-1 6.1.5' }));
  }
  if (until <= batch.issueDate.instant) {
    const facts = { closes: formatInstant(until) };
    findings.push(finding('closed_window', 'warning', { facts }));
  }
  if (from < leaf.notBefore || until > leaf.notAfter) {
    const facts = { from: formatInstant(leaf.notBefore), until: formatInstant(leaf.notAfter) };
    findings.push(finding('excessive_recipient_window', 'error', { facts, clause }));
  }
  const signer = judge.signerValidity;
  if (from < signer.from || until > signer.until) {
    const facts = { from: formatInstant(signer.from), until: formatInstant(signer.until) };
    findings.push(finding('excessive_signer_window', 'error', { facts, clause }));
  }
  return findings;
}

function checkFormulation(recipient: KdmRecipient, batch: KdmBatch): Finding[] {
  const { formulation, trustedDevices = [], remoteDevices = 0 } = recipient;
  const findings: Finding[] = [];
  const clause = 'ISDCF Doc 5';
  if (batch.standard === 'interop' && hasAuthenticator(formulation)) {
    findings.push(finding('unexpected_formulation', 'error', { facts: { formulation }, clause }));
  }
  const lists = listsDevices(formulation);
  if (lists && trustedDevices.length === 0) {
    findings.push(finding('missing_trusted_device', 'error', { facts: { formulation }, clause }));
  }
  if (!lists && trustedDevices.length > 0) {
    findings.push(
      finding('unexpected_trusted_device', 'error', { facts: { formulation }, clause }),
    );
  }
  if (!lists && remoteDevices > 1) {
    const facts = { formulation, remoteDevices };
    findings.push(finding('missing_device_list', 'error', { facts, clause }));
  }
  return findings;
}

const DEVICE_ROLES: readonly string[] = ['LD', 'PR'];

function checkDevices(recipient: KdmRecipient, cryptography: Cryptography): Finding[] {
  const devices = recipient.trustedDevices ?? [];
  if (devices.length === 0) return [];
  const findings: Finding[] = [];
  const clause = 'ISDCF Doc 5 annex A';
  if (devices.length > DEVICES_MAX) {
    const facts = { count: devices.length, limit: DEVICES_MAX };
    return [finding('excessive_device_count', 'error', { facts })];
  }
  const own = thumbprintOf(recipient.chain[0]!, cryptography);
  const seen = new Set<string>();
  for (const device of devices) {
    const thumbprint = typeof device === 'string' ? device : thumbprintOf(device, cryptography);
    const facts = { thumbprint };
    if (!isThumbprint(thumbprint)) findings.push(finding('invalid_thumbprint', 'error', { facts }));
    if (thumbprint === ASSUME_TRUST_THUMBPRINT) {
      findings.push(finding('unexpected_assume_trust', 'error', { clause }));
    }
    if (thumbprint === own) {
      findings.push(finding('unexpected_recipient_thumbprint', 'note', { facts, clause }));
    }
    if (seen.has(thumbprint)) findings.push(finding('duplicate_device', 'warning', { facts }));
    seen.add(thumbprint);
    if (
      typeof device !== 'string' &&
      !rolesOf(device).some((role) => DEVICE_ROLES.includes(role))
    ) {
      const roles = rolesOf(device);
      const at = { certificate: device.subject.text };
      findings.push(finding('mismatched_device_role', 'warning', { facts: { roles }, at, clause }));
    }
  }
  return findings;
}
