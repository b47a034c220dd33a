import {
  accepted,
  type Cryptography,
  equalBytes,
  finding,
  type Finding,
  formatInstant,
  hasErrors,
  type InstantMs,
  type Outcome,
  type PrivateKeyBytes,
  refused,
  toBase64,
  type Uuid,
} from '@yinglian/core';
import {
  ASSUME_TRUST_THUMBPRINT,
  type Certificate,
  type CertificateProfile,
  chainValidity,
  checkSigner,
  nameMatchesText,
  thumbprintBytes,
  thumbprintOf,
} from '@yinglian/certificates';
import type { SignatureCover } from '@yinglian/xml';
import { hasStructureId, type KeyBlock, parseKdmTime, readKeyBlock } from './block.ts';
import { checkAuthenticator, isThumbprint } from './conditions.ts';
import {
  type ContentKey,
  type Formulation,
  isKeyType,
  keyTypeScope,
  PRIVATE_ID,
  PUBLIC_ID,
  readForensicFlags,
} from './model.ts';
import { formulationOf, type Kdm, type KdmIdentity, readKdm } from './read.ts';

/** What a message is judged against. Everything left out is not judged. */
export type KdmCheck = {
  /** A moment at which the message should open; left out, it is judged against itself alone. */
  readonly at?: InstantMs;
  readonly profile?: CertificateProfile;
  /** Roots a signer's chain must end in; left out, any complete chain will do. */
  readonly trustedRoots?: readonly Certificate[];
  /** The certificate of the device that should play. */
  readonly recipient?: Certificate;
  /** The composition that should play. */
  readonly cpl?: {
    readonly id: Uuid;
    readonly keyIds: readonly Uuid[];
    /** As in the composition; left out, titles are not compared. */
    readonly title?: string;
    /** Types by key id, for example MDIK; a key without one is not compared. */
    readonly keyTypes?: ReadonlyMap<Uuid, string>;
    /** Chain that signed it, leaf first: a ContentAuthenticator must be one of it. */
    readonly signer?: readonly Certificate[];
  };
  /** Of the recipient: opens the blocks and judges what is inside. */
  readonly privateKey?: PrivateKeyBytes;
};

/** What a message is, beside its findings. */
export type KdmReport = {
  readonly kdm: Kdm;
  readonly formulation: Formulation | undefined;
  /** Of the signer, leaf first; empty when it cannot be told. */
  readonly signerChain: readonly Certificate[];
  /** What the blocks hold, where a private key was given and opened them. */
  readonly keys: readonly ContentKey[];
  /** Of the blocks that were opened: Interop ones name no key type. */
  readonly blockForm: 'smpte' | 'interop' | undefined;
};

/**
 * Judges a key message as a media block should, and further: the signature over exactly its two
 * parts, the signer's chain, the recipient, the window against clocks and certificates, devices,
 * key list, the composition, and with a private key the inside of every block against the outside.
 * Errors are among the findings; only what is no key message at all is refused.
 */
export function checkKdm(
  bytes: Uint8Array,
  check: KdmCheck,
  cryptography: Cryptography,
): Outcome<KdmReport> {
  const read = readKdm(bytes);
  if (!read.ok) return read;
  const kdm = read.value;
  const findings = [...read.findings];
  const signer = judgeSigner(kdm, check, cryptography);
  findings.push(...signer.findings, ...checkParties(kdm, signer.chain, check));
  findings.push(...checkWindow(kdm, signer.chain, check));
  findings.push(...checkDevices(kdm, check, cryptography));
  findings.push(...checkKeyList(kdm), ...checkComposition(kdm, check));
  const opened = openBlocks(kdm, signer.chain[0], check.privateKey, cryptography);
  findings.push(...opened.findings);
  const report = {
    kdm,
    formulation: formulationOf(kdm),
    signerChain: signer.chain,
    keys: opened.keys,
    blockForm: opened.form,
  };
  return accepted(report, findings);
}

/** What a message is judged against before its keys are given. */
export type OpenKdmOptions = Omit<KdmCheck, 'privateKey'> & {
  /**
   * Codes of errors that the caller knows of and accepts, for example `incomplete_chain` of an old
   * message. Everything else that is an error keeps the keys closed.
   */
  readonly tolerate?: readonly string[];
};

/** The content keys of a message that holds in every respect; otherwise the reasons, and no key. */
export function openKdm(
  bytes: Uint8Array,
  privateKey: PrivateKeyBytes,
  options: OpenKdmOptions,
  cryptography: Cryptography,
): Outcome<KdmReport> {
  const outcome = checkKdm(bytes, { ...options, privateKey }, cryptography);
  const findings = outcome.findings.map((each) =>
    options.tolerate?.includes(each.code) === true && each.severity === 'error'
      ? { ...each, severity: 'warning' as const }
      : each,
  );
  if (!outcome.ok || hasErrors(findings)) return refused(...findings);
  if (outcome.value.keys.length === 0)
    return refused(...findings, finding('missing_content_key', 'error'));
  return accepted(outcome.value, findings);
}

function judgeSigner(
  kdm: Kdm,
  check: KdmCheck,
  cryptography: Cryptography,
): { readonly findings: readonly Finding[]; readonly chain: readonly Certificate[] } {
  const { publicPart, privatePart } = kdm;
  if (publicPart === undefined || privatePart === undefined) return { findings: [], chain: [] };
  // Only direct children of the root count as the parts: that is what a player reads.
  const covers: SignatureCover[] = [
    { kind: 'element', id: PUBLIC_ID, element: publicPart },
    { kind: 'element', id: PRIVATE_ID, element: privatePart },
  ];
  const chainCheck = {
    roles: ['CS'],
    // ST 430-3 6.3: RSA with SHA-256 only.
    hashes: ['sha256'] as const,
    ...(kdm.issueDate === undefined ? {} : { at: kdm.issueDate.instant }),
    ...(check.profile === undefined ? {} : { profile: check.profile }),
    ...(check.trustedRoots === undefined ? {} : { trusted: check.trustedRoots }),
  };
  return checkSigner(kdm.document, covers, chainCheck, cryptography);
}

function identifies(identity: KdmIdentity, certificate: Certificate): boolean {
  const serial = identity.serialNumber.replace(/^0+(?=\d)/, '');
  return (
    serial === String(certificate.serial) &&
    nameMatchesText(certificate.issuer, identity.issuerName)
  );
}

function checkParties(kdm: Kdm, chain: readonly Certificate[], check: KdmCheck): Finding[] {
  const findings: Finding[] = [];
  const leaf = chain[0];
  if (kdm.signer !== undefined && leaf !== undefined && !identifies(kdm.signer, leaf)) {
    const facts = { issuer: kdm.signer.issuerName, serial: kdm.signer.serialNumber };
    const at = { certificate: leaf.subject.text };
    findings.push(
      finding('mismatched_signer_identity', 'error', { facts, at, clause: 'ST 430-3 6.1.5' }),
    );
  }
  const { recipient } = check;
  if (kdm.recipient === undefined || recipient === undefined) return findings;
  const same =
    identifies(kdm.recipient, recipient) &&
    nameMatchesText(recipient.subject, kdm.recipient.subjectName);
  if (!same) {
    const facts = { recipient: kdm.recipient.subjectName, serial: kdm.recipient.serialNumber };
    const at = { certificate: recipient.subject.text };
    findings.push(
      finding('mismatched_recipient', 'error', { facts, at, clause: 'ST 430-1 6.1.1' }),
    );
  }
  return findings;
}

/** Clocks of two houses may differ; a day covers every time zone as well. */
const CLOCK_TOLERANCE_MS = 86_400_000;

function checkWindow(kdm: Kdm, chain: readonly Certificate[], check: KdmCheck): Finding[] {
  const { notBefore, notAfter } = kdm;
  if (notBefore === undefined || notAfter === undefined) return [];
  const findings: Finding[] = [];
  const [from, until] = [notBefore.instant, notAfter.instant];
  const facts = { opens: formatKdmTimeSafely(notBefore), closes: formatKdmTimeSafely(notAfter) };
  if (from >= until) {
    findings.push(finding('reversed_window', 'error', { facts, clause: 'ST 430-1 6.1.5' }));
    return findings;
  }
  const outside = (certificates: readonly Certificate[]) => {
    const validity = chainValidity(certificates);
    return from < validity.from || until > validity.until ? validity : undefined;
  };
  const clause = 'ISDCF Doc 5 annex A';
  const signer = chain.length === 0 ? undefined : outside(chain);
  if (signer !== undefined) {
    const span = { from: formatInstant(signer.from), until: formatInstant(signer.until) };
    findings.push(finding('excessive_signer_window', 'warning', { facts: span, clause }));
  }
  const recipient = check.recipient && outside([check.recipient]);
  if (recipient !== undefined) {
    const span = { from: formatInstant(recipient.from), until: formatInstant(recipient.until) };
    findings.push(finding('excessive_recipient_window', 'warning', { facts: span, clause }));
  }
  if (kdm.issueDate !== undefined && check.at !== undefined) {
    const { instant } = kdm.issueDate;
    if (instant > check.at + CLOCK_TOLERANCE_MS) {
      const issued = formatKdmTimeSafely(kdm.issueDate);
      findings.push(finding('premature_message', 'warning', { facts: { issued } }));
    }
  }
  if (check.at !== undefined && check.at > until) {
    findings.push(finding('closed_window', 'warning', { facts }));
  }
  if (check.at !== undefined && check.at < from) {
    findings.push(finding('unopened_window', 'warning', { facts }));
  }
  return findings;
}

/** Messages of others may have fractions of a second, which ours never have. */
function formatKdmTimeSafely(time: NonNullable<Kdm['notBefore']>): string {
  return formatInstant(time.instant, time.offsetMinutes);
}

function checkDevices(kdm: Kdm, check: KdmCheck, cryptography: Cryptography): Finding[] {
  const { devices } = kdm;
  if (devices === undefined) return [];
  const findings: Finding[] = [];
  const clause = 'ST 430-1 6.1.6';
  if (devices.length === 0) findings.push(finding('empty_device_list', 'error', { clause }));
  for (const [index, thumbprint] of devices.entries()) {
    if (devices.indexOf(thumbprint) !== index) {
      findings.push(finding('duplicate_device', 'warning', { facts: { thumbprint }, clause }));
    }
    if (isThumbprint(thumbprint)) continue;
    findings.push(finding('invalid_thumbprint', 'error', { facts: { thumbprint }, clause }));
  }
  if (devices.length > 1 && devices.includes(ASSUME_TRUST_THUMBPRINT)) {
    findings.push(finding('unexpected_assume_trust', 'error', { clause: 'ISDCF Doc 5' }));
  }
  const own = check.recipient && thumbprintOf(check.recipient, cryptography);
  if (own !== undefined && devices.includes(own)) {
    const facts = { thumbprint: own };
    findings.push(
      finding('unexpected_recipient_thumbprint', 'note', { facts, clause: 'ISDCF Doc 5' }),
    );
  }
  const authenticator = kdm.contentAuthenticator;
  if (authenticator !== undefined && !isThumbprint(authenticator)) {
    const facts = { thumbprint: authenticator };
    findings.push(finding('invalid_thumbprint', 'error', { facts, clause: 'ST 430-1 6.1.4' }));
  } else if (authenticator !== undefined) {
    findings.push(...checkAuthenticator(authenticator, check.cpl?.signer, cryptography));
  }
  return findings;
}

function checkKeyList(kdm: Kdm): Finding[] {
  const findings: Finding[] = [];
  const ids = kdm.keyIds.map((each) => each.keyId);
  const clause = 'ST 430-1 6.1.7';
  for (const [index, { keyId, keyType, scope }] of kdm.keyIds.entries()) {
    const at = { key: keyId };
    if (ids.indexOf(keyId) !== index) {
      findings.push(finding('duplicate_key_id', 'error', { at, clause }));
    }
    if (!isKeyType(keyType)) {
      findings.push(finding('unknown_key_type', 'warning', { facts: { keyType }, at, clause }));
    } else if (scope !== undefined && scope !== keyTypeScope(keyType)) {
      findings.push(finding('unexpected_key_scope', 'warning', { facts: { scope }, at, clause }));
    }
  }
  if (kdm.ciphers.length < ids.length) {
    const facts = { listed: ids.length, blocks: kdm.ciphers.length };
    findings.push(finding('missing_key_block', 'error', { facts, clause: 'ST 430-1 6.2' }));
  }
  if (kdm.ciphers.length > ids.length) {
    const facts = { listed: ids.length, blocks: kdm.ciphers.length };
    findings.push(finding('unexpected_key_block', 'error', { facts, clause: 'ST 430-1 6.2' }));
  }
  if (ids.length === 0) findings.push(finding('empty_key_list', 'error', { clause }));
  for (const flag of readForensicFlags(kdm.forensicFlags).unknown) {
    findings.push(finding('unknown_forensic_flag', 'note', { facts: { flag } }));
  }
  return findings;
}

function checkComposition(kdm: Kdm, check: KdmCheck): Finding[] {
  const { cpl } = check;
  if (cpl === undefined) return [];
  const findings: Finding[] = [];
  if (kdm.cplId !== undefined && kdm.cplId !== cpl.id) {
    const facts = { found: kdm.cplId, expected: cpl.id };
    findings.push(finding('mismatched_composition', 'error', { facts, clause: 'ST 430-1 6.1.2' }));
  }
  const listed = kdm.keyIds.map((each) => each.keyId);
  for (const keyId of cpl.keyIds.filter((each) => !listed.includes(each))) {
    findings.push(finding('missing_content_key', 'error', { at: { key: keyId } }));
  }
  for (const keyId of listed.filter((each) => !cpl.keyIds.includes(each))) {
    findings.push(finding('unexpected_content_key', 'warning', { at: { key: keyId } }));
  }
  for (const { keyId, keyType } of kdm.keyIds) {
    const expected = cpl.keyTypes?.get(keyId);
    if (expected === undefined || expected === keyType || !isKeyType(keyType)) continue;
    const facts = { found: keyType, expected };
    const at = { key: keyId };
    findings.push(finding('mismatched_key_type', 'error', { facts, at, clause: 'ST 430-1 6.1.7' }));
  }
  if (cpl.title !== undefined && kdm.contentTitle !== undefined && kdm.contentTitle !== cpl.title) {
    const facts = { found: kdm.contentTitle, expected: cpl.title };
    findings.push(
      finding('mismatched_content_title', 'warning', { facts, clause: 'ST 430-1 6.1.3' }),
    );
  }
  return findings;
}

type Opened = Pick<KdmReport, 'keys'> & {
  readonly findings: readonly Finding[];
  readonly form: KdmReport['blockForm'];
};

function openBlocks(
  kdm: Kdm,
  signer: Certificate | undefined,
  privateKey: PrivateKeyBytes | undefined,
  cryptography: Cryptography,
): Opened {
  if (privateKey === undefined) return { findings: [], keys: [], form: undefined };
  const findings: Finding[] = [];
  const keys: ContentKey[] = [];
  const forms = new Set<'smpte' | 'interop'>();
  const thumbprint = signer && thumbprintBytes(signer, cryptography);
  for (const [index, cipher] of kdm.ciphers.entries()) {
    const at = { block: index + 1 };
    const plain = cryptography.decryptRsaOaep(privateKey, cipher);
    const block = plain && readKeyBlock(plain);
    plain?.fill(0);
    if (block === undefined) {
      const code = plain === undefined ? 'unopened_key_block' : 'invalid_block_size';
      findings.push(finding(code, 'error', { at, clause: 'ST 430-1 6.2.2' }));
      continue;
    }
    findings.push(...checkBlock(kdm, block, index, thumbprint));
    forms.add(block.keyType === undefined ? 'interop' : 'smpte');
    if (keys.some((each) => each.keyId === block.keyId)) {
      findings.push(finding('duplicate_key_id', 'error', { at: { ...at, key: block.keyId } }));
    }
    const listed = kdm.keyIds.find((each) => each.keyId === block.keyId);
    const keyType = block.keyType ?? listed?.keyType ?? '';
    if (isKeyType(keyType)) keys.push({ keyId: block.keyId, keyType, key: block.key });
  }
  if (forms.size > 1) {
    findings.push(finding('mismatched_block_forms', 'error', { clause: 'ST 430-1 6.2.2' }));
  }
  for (const { keyId } of kdm.keyIds) {
    const missing = kdm.ciphers.length > 0 && !keys.some((each) => each.keyId === keyId);
    if (missing) findings.push(finding('missing_content_key', 'error', { at: { key: keyId } }));
  }
  return { findings, keys, form: [...forms][0] };
}

/** The inside of a block against the outside of the message. */
function checkBlock(
  kdm: Kdm,
  block: KeyBlock,
  index: number,
  signerThumbprint: Uint8Array | undefined,
): Finding[] {
  const findings: Finding[] = [];
  const at = { block: index + 1, key: block.keyId };
  const report = (
    code: string,
    facts: Finding['facts'] = {},
    severity: 'error' | 'warning' = 'error',
  ) => findings.push(finding(code, severity, { facts, at, clause: 'ST 430-1 6.2.2' }));
  if (!hasStructureId(block)) report('mismatched_structure_id');
  if (block.key.every((byte) => byte === block.key[0])) report('weak_content_key', {}, 'warning');
  if (signerThumbprint !== undefined && !equalBytes(block.signerThumbprint, signerThumbprint)) {
    const found = toBase64(block.signerThumbprint);
    report('mismatched_signer_thumbprint', { found, expected: toBase64(signerThumbprint) });
  }
  if (kdm.cplId !== undefined && block.cplId !== kdm.cplId) {
    report('mismatched_block_composition', { found: block.cplId, expected: kdm.cplId });
  }
  const listed = kdm.keyIds.findIndex((each) => each.keyId === block.keyId);
  if (listed < 0) report('unlisted_block_key');
  else {
    // Players find a key by its id, so that another order is only a sign of careless making.
    if (listed !== index) report('misplaced_key_block', { expected: listed + 1 }, 'warning');
    const { keyType } = kdm.keyIds[listed]!;
    if (block.keyType !== undefined && block.keyType !== keyType) {
      report('mismatched_block_key_type', { found: block.keyType, expected: keyType });
    }
  }
  for (const end of ['notBefore', 'notAfter'] as const) {
    const inner = parseKdmTime(block[end]);
    if (inner === undefined) report('invalid_block_time', { text: block[end] });
    else if (kdm[end] !== undefined && inner.instant !== kdm[end].instant) {
      report('mismatched_block_window', {
        end,
        found: block[end],
        expected: formatKdmTimeSafely(kdm[end]),
      });
    }
  }
  return findings;
}
