import {
  type Certificate,
  certificatesOfKeyInfo,
  type ChainCheck,
  checkChain,
  nameMatchesText,
  orderChain,
  SIGNS,
  thumbprintOf,
} from '@yinglian/certificates';
import {
  type Cryptography,
  type Facts,
  type Finding,
  finding,
  hasErrors,
  type Place,
} from '@yinglian/core';
import { attributeValue, readSignature, verifySignature, type XmlElement } from '@yinglian/xml';
import { hashReading, partHash, USUAL_READING } from './hashes.ts';
import {
  EVENT_SUBTYPES,
  type EventType,
  type LogProof,
  type LogRecord,
  type LogReport,
} from './model.ts';

/** What a report is judged against. Everything left out is not judged. */
export type LogCheck = ChainCheck & {
  /** Certificates known from elsewhere, for signatures that carry none. */
  readonly known?: readonly Certificate[];
  /** Hash of the last header of the report before this one. */
  readonly previousHeaderHash?: string;
  /** Thumbprint that the reporting device is known by, from a facility list. */
  readonly deviceThumbprint?: string;
};

/** What was found, and what is proven. */
export type LogVerdict = { readonly findings: readonly Finding[]; readonly proof: LogProof };

/** A broken chain breaks at every record after it: the first ones say enough. */
const FINDINGS_PER_CODE_MAX = 20;

/**
 * Judges a report: every body against its hash, every header against the next one's, every
 * signature over the header of its record with the signer's chain, order of numbers and times. A
 * record is proven where a right signature stands at it or after it and no link between them is
 * broken (ST 430-5 7.3).
 */
export function checkLog(
  report: LogReport,
  check: LogCheck,
  cryptography: Cryptography,
): LogVerdict {
  const work = new LogWork(report, check, cryptography);
  return work.run();
}

class LogWork {
  readonly #report: LogReport;
  readonly #check: LogCheck;
  readonly #cryptography: Cryptography;
  readonly #root: XmlElement;
  readonly #findings: Finding[] = [];
  readonly #counts = new Map<string, number>();
  /** The record whose header's hash a record carries; undefined where the chain is broken. */
  readonly #links: (number | undefined)[] = [];
  readonly #bodies: boolean[] = [];
  readonly #signed: boolean[] = [];
  #signer: readonly Certificate[] = [];
  #lastHeaderHash: string | undefined;

  constructor(report: LogReport, check: LogCheck, cryptography: Cryptography) {
    this.#report = report;
    this.#check = check;
    this.#cryptography = cryptography;
    this.#root = report.document.root;
  }

  run(): LogVerdict {
    const { records } = this.#report;
    const seen = new Set<string>();
    for (const [index, record] of records.entries()) {
      const at = { record: index + 1 };
      this.#checkEvent(record, at, seen);
      this.#bodies.push(this.#checkBody(record, at));
      this.#links.push(this.#checkLink(records[index - 1], record, index, at));
      this.#signed.push(this.#checkSignature(record, index, at));
    }
    const last = records.at(-1);
    if (last !== undefined) this.#lastHeaderHash = this.#headerHash(last);
    const proven = this.#proven();
    this.#tellUnsigned(proven);
    this.#checkDevice();
    return {
      findings: this.#findings,
      proof: { proven, signer: this.#signer, lastHeaderHash: this.#lastHeaderHash },
    };
  }

  #add(code: string, severity: Finding['severity'], at: Place, facts: Facts = {}, clause?: string) {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count > FINDINGS_PER_CODE_MAX) return;
    this.#findings.push(
      finding(code, severity, { at, facts, ...(clause === undefined ? {} : { clause }) }),
    );
  }

  #headerHash(record: LogRecord): string {
    return partHash(this.#root, record.element, record.header.element, this.#cryptography);
  }

  #checkEvent(record: LogRecord, at: Place, seen: Set<string>): void {
    const { header, body } = record;
    const id = header.eventId;
    if (id !== undefined && seen.has(id)) {
      this.#add('duplicate_event_id', 'error', at, { id }, 'ST 430-4 7.1');
    }
    if (id !== undefined) seen.add(id);
    if (body === undefined) return;
    if (body.eventId !== undefined && id !== undefined && body.eventId !== id) {
      const facts = { id: body.eventId, expected: id };
      this.#add('mismatched_event_id', 'error', at, facts, 'ST 430-4 7.2');
    }
    const known = Object.hasOwn(EVENT_SUBTYPES, header.type)
      ? EVENT_SUBTYPES[header.type as EventType]
      : undefined;
    if (known === undefined) {
      const facts = { type: header.type };
      this.#add('unknown_event_type', 'warning', at, facts, 'ST 430-5 8.2');
    } else if (!known.includes(body.subtype)) {
      const facts = { type: header.type, subtype: body.subtype };
      this.#add('unknown_event_subtype', 'warning', at, facts, 'ST 430-5 8.3');
    }
  }

  #checkBody(record: LogRecord, at: Place): boolean {
    const { header, body, element } = record;
    // A filter takes bodies and leaves headers, so that the chain stays whole.
    if (body === undefined) return true;
    if (header.recordBodyHash === undefined) {
      this.#add('missing_body_hash', 'error', at, {}, 'ST 430-5 7.2.2.6');
      return false;
    }
    const reading = hashReading(
      this.#root,
      element,
      body.element,
      header.recordBodyHash,
      this.#cryptography,
    );
    return this.#judgeReading(reading, 'mismatched_body_hash', at);
  }

  #judgeReading(reading: string | undefined, code: string, at: Place): boolean {
    if (reading === undefined) this.#add(code, 'error', at, {}, 'ST 430-5 7.2.2.6');
    else if (reading !== USUAL_READING) {
      this.#add('unusual_record_hash', 'warning', at, { reading }, 'ST 430-4 7.1');
    }
    return reading !== undefined;
  }

  #checkLink(
    before: LogRecord | undefined,
    record: LogRecord,
    index: number,
    at: Place,
  ): number | undefined {
    const { header } = record;
    const hash = header.previousHeaderHash;
    if (before === undefined) {
      const expected = this.#check.previousHeaderHash;
      if (expected !== undefined && hash !== expected) {
        this.#add('mismatched_previous_report', 'error', at, {}, 'ST 430-5 7.3');
      }
      return undefined;
    }
    this.#checkOrder(before, record, at);
    if (hash === undefined) {
      this.#add('missing_header_hash', 'error', at, {}, 'ST 430-5 7.2.2.6');
      return undefined;
    }
    const linked = (reading: string | undefined, target: number) =>
      this.#judgeReading(reading, 'mismatched_header_hash', at) ? target : undefined;
    const direct = this.#linkReading(before, hash);
    if (direct !== undefined) return linked(direct, index - 1);
    // A security manager that reports for other devices may weave their own chains together.
    for (let back = index - 2; back >= 0 && back >= index - WOVEN_MAX; back--) {
      const earlier = this.#report.records[back]!;
      if (earlier.header.source?.value !== header.source?.value) continue;
      const reading = this.#linkReading(earlier, hash);
      if (reading !== undefined) return linked(reading, back);
      break;
    }
    return linked(undefined, index);
  }

  #linkReading(before: LogRecord, hash: string): string | undefined {
    return hashReading(this.#root, before.element, before.header.element, hash, this.#cryptography);
  }

  #checkOrder(before: LogRecord, record: LogRecord, at: Place): void {
    const [a, b] = [before.header, record.header];
    if (a.time !== undefined && b.time !== undefined && b.time < a.time) {
      this.#add('decreasing_record_time', 'warning', at, {}, 'ST 430-5 7.2.2.2');
    }
    if (a.source?.value !== b.source?.value) return;
    if (a.sequence === undefined || b.sequence === undefined || b.sequence === a.sequence + 1)
      return;
    const facts = { sequence: b.sequence, expected: a.sequence + 1 };
    const code = b.sequence > a.sequence ? 'missing_record' : 'decreasing_record_sequence';
    this.#add(code, 'error', at, facts, 'ST 430-5 7.2.2.3');
  }

  #checkSignature(record: LogRecord, index: number, at: Place): boolean {
    const { signature } = record;
    if (signature === undefined) return false;
    const before = this.#findings.length;
    const clause = 'ST 430-4 7.3';
    if (signature.authData === undefined || signature.signature === undefined) {
      this.#add('incomplete_log_signature', 'error', at, {}, clause);
      return false;
    }
    const own = this.#headerReading(record, signature.headerHash);
    if (!this.#judgeReading(own, 'mismatched_signed_header', at)) return false;
    const length = signature.sequenceLength;
    if (
      length !== undefined &&
      (length < 1 || length > index + 1) &&
      signature.placement !== 'start'
    ) {
      this.#add(
        'mismatched_sequence_length',
        'warning',
        at,
        { length, records: index + 1 },
        clause,
      );
    }
    const read = readSignature(signature.signature);
    if (!read.ok) {
      this.#take(read.findings, at);
      return false;
    }
    const carried = certificatesOfKeyInfo(read.value.keyInfo);
    this.#take(carried.findings, at);
    const chain = this.#signerChain(carried.certificates, record);
    if (chain === undefined) {
      this.#add('missing_certificate', 'error', at, {}, clause);
      return false;
    }
    const id = attributeValue(signature.authData, 'Id') ?? '';
    // Only this record is looked at: others may use the same Id for their own data.
    const small = { ...this.#report.document, root: { ...this.#root, children: [record.element] } };
    const document = this.#root === record.element ? this.#report.document : small;
    const cover = { kind: 'element' as const, id, element: signature.authData };
    const options = { covers: [cover], publicKey: chain[0]!.key.info };
    this.#take(verifySignature(document, read.value, options, this.#cryptography), at);
    this.#take(this.#chainFindings(chain), at);
    this.#checkIdentity(signature, chain[0]!, at);
    const right = !hasErrors(this.#findings.slice(before));
    if (right) this.#signer = chain;
    return right;
  }

  #headerReading(record: LogRecord, hash: string | undefined): string | undefined {
    if (hash === undefined) return undefined;
    return this.#linkReading(record, hash);
  }

  #signerChain(
    carried: readonly Certificate[],
    { signature }: LogRecord,
  ): readonly Certificate[] | undefined {
    const known = this.#check.known ?? [];
    const pool = [...carried, ...known];
    const named = pool.find((each) => String(each.serial) === signature?.serialNumber);
    const leaf = carried[0] ?? named;
    if (leaf === undefined) return undefined;
    const ordered = orderChain([leaf, ...pool], this.#cryptography, leaf);
    return ordered.ok ? ordered.value : [leaf];
  }

  /** A report signs many records with one chain, which is judged once. */
  readonly #judged = new Map<string, readonly Finding[]>();

  #chainFindings(chain: readonly Certificate[]): readonly Finding[] {
    const key = chain.map((each) => `${each.issuer.text} ${each.serial}`).join('\n');
    if (this.#judged.has(key)) return [];
    const {
      known: _known,
      previousHeaderHash: _hash,
      deviceThumbprint: _device,
      ...rest
    } = this.#check;
    const findings = checkChain(chain, { ...SIGNS, ...rest }, this.#cryptography).map((each) =>
      // Devices send their leaf alone; whom to trust is the reader's business.
      each.code === 'incomplete_chain' && rest.trusted === undefined
        ? { ...each, severity: 'warning' as const }
        : each,
    );
    this.#judged.set(key, findings);
    return findings;
  }

  #checkIdentity(
    signature: NonNullable<LogRecord['signature']>,
    leaf: Certificate,
    at: Place,
  ): void {
    const { issuerName, serialNumber } = signature;
    const serial = serialNumber === undefined || serialNumber === String(leaf.serial);
    const name = issuerName === undefined || nameMatchesText(leaf.issuer, issuerName);
    if (!serial || !name) this.#add('mismatched_log_signer', 'warning', at, {}, 'ST 430-4 7.3');
  }

  #take(findings: readonly Finding[], at: Place): void {
    for (const each of findings) {
      this.#add(each.code, each.severity, { ...at, ...each.at }, each.facts, each.clause);
    }
  }

  /** From each right signature backwards as long as the links hold. */
  #proven(): boolean[] {
    const reached = this.#report.records.map(() => false);
    for (const [index, signed] of this.#signed.entries()) {
      if (!signed) continue;
      for (let at: number | undefined = index; at !== undefined && !reached[at];) {
        reached[at] = true;
        at = this.#links[at];
      }
    }
    return reached.map((each, index) => each && this.#bodies[index]!);
  }

  #tellUnsigned(proven: readonly boolean[]): void {
    const count = proven.filter((each) => !each).length;
    if (count === 0) return;
    const facts = { count, records: proven.length };
    this.#add('unproven_records', 'warning', {}, facts, 'ST 430-5 7.3');
  }

  #checkDevice(): void {
    const leaf = this.#signer[0];
    const wanted = this.#check.deviceThumbprint;
    if (leaf === undefined) return;
    const thumbprint = thumbprintOf(leaf, this.#cryptography);
    const { id } = this.#report.device;
    if (id?.kind === 'CertThumbprint' && id.value !== thumbprint) {
      const facts = { device: id.value, signer: thumbprint };
      this.#add('mismatched_reporting_device', 'warning', {}, facts, 'ST 430-5 7.2.2.4');
    }
    if (wanted !== undefined && wanted !== thumbprint) {
      this.#add('foreign_log_signer', 'error', {}, { expected: wanted, signer: thumbprint });
    }
  }
}

/** Records of other devices between two of one device. */
const WOVEN_MAX = 64;
