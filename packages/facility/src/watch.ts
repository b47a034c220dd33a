import { finding, type Finding, type InstantMs } from '@yinglian/core';

/** A media block's certificate as a screen's record keeps it. */
export type WatchedCertificate = {
  readonly thumbprint: string;
  readonly notBefore: InstantMs;
  readonly notAfter: InstantMs;
  readonly roles: readonly string[];
  readonly maker: string | undefined;
  /** Keys that are open still and made out to another certificate than this one. */
  readonly keysOfFormer: number;
};

/** What a certificate is compared with. */
export type WatchList = {
  readonly now: InstantMs;
  /** Thumbprints of the trusted-device list; undefined where nobody keeps one. */
  readonly trusted: ReadonlySet<string> | undefined;
  /** Makers of the trusted-device list, lower case; undefined where nobody keeps one. */
  readonly makers: ReadonlySet<string> | undefined;
  readonly warnDays: number;
};

/** A maker needs weeks for a new certificate, and a device that expires plays nothing. */
export const WATCH_WARN_DAYS = 60;

const MS_PER_DAY = 86_400_000;

/** What speaks against sending keys to a certificate, the gravest first. */
export function watchCertificate(
  certificate: WatchedCertificate | undefined,
  list: WatchList,
): Finding[] {
  if (certificate === undefined) return [finding('missing_watched_certificate', 'error')];
  const { thumbprint, notAfter, notBefore, roles, maker } = certificate;
  const findings: Finding[] = [];
  const day = (time: InstantMs) => new Date(time).toISOString().slice(0, 10);
  const days = Math.floor((notAfter - list.now) / MS_PER_DAY);
  if (notAfter <= list.now) {
    findings.push(finding('expired_certificate', 'error', { facts: { until: day(notAfter) } }));
  } else if (days < list.warnDays) {
    const facts = { until: day(notAfter), days };
    findings.push(finding('expiring_certificate', 'warning', { facts }));
  }
  if (notBefore > list.now) {
    findings.push(finding('early_certificate', 'error', { facts: { from: day(notBefore) } }));
  }
  if (!roles.includes(SECURITY_ROLE)) {
    const facts = { roles: [...roles] };
    findings.push(finding('mismatched_role', 'error', { facts, clause: 'ST 430-2 5.3.4' }));
  }
  if (list.trusted !== undefined && !list.trusted.has(thumbprint)) {
    findings.push(finding('untrusted_device', 'warning', { facts: { thumbprint } }));
  }
  const known = list.makers === undefined || list.makers.has((maker ?? '').toLowerCase());
  if (!known) findings.push(finding('unknown_maker', 'warning', { facts: { maker: maker ?? '' } }));
  if (certificate.keysOfFormer > 0) {
    const facts = { keys: certificate.keysOfFormer };
    findings.push(finding('replaced_certificate', 'error', { facts }));
  }
  return findings.toSorted((a, b) => rank(a) - rank(b));
}

/** Keys go to security managers (ST 430-2 5.3.4, ST 430-1). */
const SECURITY_ROLE = 'SM';

const rank = ({ severity }: Finding) => (severity === 'error' ? 0 : 1);
