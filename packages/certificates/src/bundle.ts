import {
  accepted,
  type Cryptography,
  type Finding,
  finding,
  type Outcome,
  refused,
  toBase64,
} from '@yinglian/core';
import { orderChain } from './chain.ts';
import { isSelfIssued, namesIssuer } from './check.ts';
import { allowsUsage, type Certificate, entityOf, isAuthority } from './model.ts';
import { NAME_ATTRIBUTES, nameValues } from './names.ts';
import { readCertificates } from './read.ts';

/** One file of a bundle; its path is for people and says more than its content at times. */
export type BundleFile = { readonly path: string; readonly bytes: Uint8Array };

/** What a device is called, as far as its certificate or the file's name tells. */
export type DeviceName = {
  readonly maker?: string;
  readonly model?: string;
  readonly serial?: string;
};

/** One end of a chain in a bundle: a device or a signer. */
export type BundleLeaf = DeviceName & {
  /** Leaf first, as far as the bundle has it. */
  readonly chain: readonly Certificate[];
  /** The file that the leaf was in. */
  readonly path: string;
};

/** What a bundle holds, sorted. */
export type CertificateBundle = {
  readonly leaves: readonly BundleLeaf[];
  /** Roots and intermediates, each once. */
  readonly authorities: readonly Certificate[];
};

/** Extensions that certificates come with; other files of a bundle are passed over in silence. */
const CERTIFICATE_FILE = /\.(?:pem|crt|cer|der|p7b|p7c|p7s|cert)$/i;
const NOT_CERTIFICATES = /\.(?:key|xml|pdf|jpe?g|png|docx?|xlsx?|html?|md|zip|sig|json)$/i;

/**
 * Sorts a maker's delivery into devices and authorities: files of any form in any folder, one chain
 * in one file or in many, the maker's authorities beside or above the devices. Chains are put
 * together over the whole bundle.
 */
export function readBundle(
  files: readonly BundleFile[],
  cryptography: Cryptography,
): Outcome<CertificateBundle> {
  const findings: Finding[] = [];
  const found = new Map<string, { certificate: Certificate; path: string }>();
  for (const { path, bytes } of files) {
    if (NOT_CERTIFICATES.test(path)) continue;
    const read = readCertificates(bytes);
    // A readme is no fault; a file that is named as a certificate and is none is one.
    if (!read.ok && !CERTIFICATE_FILE.test(path)) continue;
    findings.push(...placed(read.findings, path));
    for (const certificate of read.ok ? read.value : []) {
      const key = toBase64(certificate.signature);
      if (!found.has(key)) found.set(key, { certificate, path });
    }
  }
  const all = [...found.values()];
  const authorities = all
    .filter(({ certificate }) => isAuthority(certificate) || isSelfIssued(certificate))
    .map(({ certificate }) => certificate);
  const pool = authorities.slice(0, AUTHORITIES_MAX);
  const leaves = all
    .filter(({ certificate }) => !authorities.includes(certificate))
    .map(({ certificate, path }): BundleLeaf => {
      const near = pool.some((each) => namesIssuer(certificate, each));
      const chain = near
        ? orderChain([certificate, ...pool], cryptography, certificate)
        : undefined;
      const ordered = chain?.ok === true ? chain.value : [certificate];
      return { chain: ordered, path, ...deviceName(certificate, path) };
    });
  if (all.length === 0) return refused(...findings, finding('missing_certificate', 'error'));
  return accepted({ leaves, authorities }, findings);
}

/**
 * The leaves that keys are made out to. Of two certificates of one device the one that is for
 * signing only is left out; where it is all there is of a device, it stays, to be refused by name.
 */
export function leavesForKeys(leaves: readonly BundleLeaf[]): BundleLeaf[] {
  const forKeys = ({ chain }: BundleLeaf) => allowsUsage(chain[0]!, 'keyEncipherment');
  const served = new Set(leaves.filter(forKeys).map(({ serial }) => serial));
  return leaves.filter(
    (each) => forKeys(each) || each.serial === undefined || !served.has(each.serial),
  );
}

/** A production year's bundle has a few dozen authorities; more are nobody's honest chain. */
const AUTHORITIES_MAX = 400;

function placed(findings: readonly Finding[], file: string): Finding[] {
  return findings.map((each) => ({ ...each, at: { file, ...each.at } }));
}

/** Words of file names that name the kind of file and not the device. */
const FILE_WORDS =
  /^(?:cert|certificate|certs|chain|leaf|signed|sha256|sha1|pem|crt|cer|der|rsa|smpte|interop|dci|kdm|sm|spb|imb|mdi?|mic|fm|ld|le|pr|root|ca|public|device|ecd)$/i;

/**
 * Maker, model and serial of a device. ST 430-2 5.3.4 has them in the common name after the roles,
 * divided by dots (`SM MIC.maker.model.serial`); makers leave parts out, join model and serial with
 * a hyphen (`DCP2000-227183`), put the serial first, or tell it in the file's name only.
 */
export function deviceName(certificate: Certificate, path = ''): DeviceName {
  const labels = entityOf(certificate)
    .split(/[.\s/]+/)
    .filter((label) => label !== '');
  const organization = nameValues(certificate.subject, NAME_ATTRIBUTES.organization)[0];
  const at = labels.findLastIndex(isSerial);
  const joined = labels.map((label) => /^([A-Za-z]\w*?)-(\w*\d{3,}\w*)$/.exec(label));
  const pair = joined.find((match) => match !== null) ?? undefined;
  if (pair !== undefined && at < 0) {
    const maker = labels.find((label) => label !== pair[0]) ?? organization;
    return named(maker, pair[1], pair[2]);
  }
  if (at >= 0) {
    const others = labels.filter((_, index) => index !== at);
    const model = others.length > 1 ? others.at(-1) : others[0];
    const maker = others.length > 1 ? others[0] : organization;
    return named(maker, model, labels[at]);
  }
  return named(labels[0] ?? organization, labels[1], serialInPath(path));
}

function named(
  maker: string | undefined,
  model: string | undefined,
  serial: string | undefined,
): DeviceName {
  return {
    ...(maker === undefined ? {} : { maker }),
    ...(model === undefined ? {} : { model }),
    ...(serial === undefined ? {} : { serial }),
  };
}

/** Serials have three digits or more, or are long hexadecimal words; models have letters first. */
function isSerial(label: string): boolean {
  return (
    /^\d{3,}$/.test(label) ||
    /^[A-Za-z]{0,3}\d{4,}\w*$/.test(label) ||
    /^[0-9a-f]{8,}$/i.test(label)
  );
}

function serialInPath(path: string): string | undefined {
  const words = path
    .slice(path.lastIndexOf('/') + 1)
    .split(/[._\s-]+/)
    .filter((word) => !FILE_WORDS.test(word));
  return words.findLast(isSerial);
}
