import { finding, type Finding, type InstantMs } from '@yinglian/core';

/** One show and what it needs to start. */
export type ShowFacts = {
  readonly startsAt: InstantMs;
  readonly endsAt: InstantMs;
  /** `foreign`: a film of houses outside this network, of which nothing is known here. */
  readonly package: 'verified' | 'arriving' | 'missing' | 'withdrawn' | 'unknown' | 'foreign';
  readonly encrypted: boolean;
  /** The media block of the screen now; null where the register knows none. */
  readonly device: { readonly thumbprint: string; readonly certificateUntil: InstantMs } | null;
  readonly keys: readonly ShowKey[];
};

/** A key of the screen for the show's package. */
export type ShowKey = {
  readonly thumbprint: string;
  readonly notBefore: InstantMs;
  readonly notAfter: InstantMs;
  /** Whether the site said that it holds the key. */
  readonly received: boolean;
};

/** `green` is ready, `amber` needs a look before the show, `red` will not start. */
export type Light = 'green' | 'amber' | 'red';

/** The lights of a show: package ✓ key ✓ window ✓, and the reasons of those that are not green. */
export type ShowReadiness = {
  readonly package: Light;
  readonly key: Light;
  readonly window: Light;
  readonly worst: Light;
  readonly findings: readonly Finding[];
};

/** A key whose window ends this soon after the show leaves no room for a late start. */
export const LATE_START_MS = 30 * 60_000;

/** Judges whether a show will start. The same facts always give the same answer: no clock. */
export function judgeShow(show: ShowFacts): ShowReadiness {
  if (show.package === 'foreign') return notOurs();
  const findings: Finding[] = [];
  const packageLight = judgePackage(show, findings);
  const [key, window] = show.encrypted ? judgeKeys(show, findings) : (['green', 'green'] as const);
  return { package: packageLight, key, window, worst: worst(packageLight, key, window), findings };
}

/** Nothing is wrong as far as is known here, and nobody is alarmed; the finding says why. */
function notOurs(): ShowReadiness {
  const findings = [finding('unjudged_show', 'note')];
  return { package: 'green', key: 'green', window: 'green', worst: 'green', findings };
}

function judgePackage(show: ShowFacts, findings: Finding[]): Light {
  switch (show.package) {
    case 'verified':
      return 'green';
    case 'arriving':
      findings.push(finding('arriving_package', 'warning'));
      return 'amber';
    case 'unknown':
      findings.push(finding('unknown_package_place', 'warning'));
      return 'amber';
    case 'withdrawn':
      findings.push(finding('withdrawn_package', 'error'));
      return 'red';
    case 'foreign':
    case 'missing':
      findings.push(finding('missing_site_package', 'error'));
      return 'red';
  }
}

function judgeKeys(show: ShowFacts, findings: Finding[]): readonly [key: Light, window: Light] {
  const { device } = show;
  if (device === null) {
    findings.push(finding('missing_screen_certificate', 'error'));
    return ['red', 'red'];
  }
  if (show.keys.length === 0) {
    findings.push(finding('missing_key', 'error'));
    return ['red', 'red'];
  }
  const fitting = show.keys.filter((key) => key.thumbprint === device.thumbprint);
  if (fitting.length === 0) {
    findings.push(finding('replaced_device', 'error'));
    return ['red', 'red'];
  }
  const covering = fitting.filter(
    (key) => key.notBefore <= show.startsAt && show.endsAt <= key.notAfter,
  );
  if (covering.length === 0) {
    findings.push(windowFault(show, fitting));
    return ['green', 'red'];
  }
  const received = covering.some((key) => key.received);
  if (!received) findings.push(finding('unconfirmed_key', 'warning'));
  const roomy = covering.some((key) => show.endsAt + LATE_START_MS <= key.notAfter);
  if (!roomy) findings.push(finding('narrow_window', 'warning'));
  if (device.certificateUntil < show.endsAt) {
    findings.push(finding('expired_screen_certificate', 'warning'));
  }
  return [received ? 'green' : 'amber', roomy ? 'green' : 'amber'];
}

function windowFault(show: ShowFacts, keys: readonly ShowKey[]): Finding {
  const starting = keys.some(
    (key) => key.notBefore <= show.startsAt && show.startsAt < key.notAfter,
  );
  if (starting) return finding('early_window_end', 'error');
  const later = keys.some((key) => key.notBefore > show.startsAt);
  return finding(later ? 'late_window_start' : 'expired_key', 'error');
}

const RANK: Readonly<Record<Light, number>> = { green: 0, amber: 1, red: 2 };

/** The worst of some lights; green for none. */
export function worst(...lights: readonly Light[]): Light {
  return lights.reduce((a, b) => (RANK[b] > RANK[a] ? b : a), 'green');
}

/** The order of the board: red first, then what starts sooner. Stable for equal shows. */
export function boardOrder<Show extends { readonly worst: Light; readonly startsAt: InstantMs }>(
  shows: readonly Show[],
): Show[] {
  return shows.toSorted((a, b) => RANK[b.worst] - RANK[a.worst] || a.startsAt - b.startsAt);
}
