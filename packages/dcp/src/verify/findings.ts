import {
  type Facts,
  type Finding,
  finding,
  FINDINGS_MAX,
  type Place,
  type Severity,
} from '@yinglian/core';
import { type Profile, severityBy } from './profile.ts';
import { HOUSE_RULE, type RuleCode, RULES, type Rule } from './rules.ts';

/** Collects findings by the rules of a profile; frame findings are gathered, not repeated. */
export class FindingCollector {
  readonly #profile: Profile;
  readonly #findings: Finding[] = [];
  readonly #frames = new Map<string, FrameFinding>();
  #bv21: boolean;
  #dropped = 0;

  constructor(profile: Profile) {
    this.#profile = profile;
    this.#bv21 = profile.base === 'bv21';
  }

  /** Set once it is known what the package claims. */
  set bv21(applies: boolean) {
    this.#bv21 = applies;
  }

  get bv21(): boolean {
    return this.#bv21;
  }

  /** Findings that were not kept because there were too many. */
  get dropped(): number {
    return this.#dropped;
  }

  add(code: RuleCode, at: Place, facts: Facts = {}): void {
    const rule: Rule = RULES[code];
    if (rule.bv21 === true && !this.#bv21) return;
    this.#push(code, rule.severity, rule.clause, at, facts);
  }

  /**
   * Where Bv2.1 has a rule and the standard of the file has none: the same limit by house rule, as
   * a warning. Under Bv2.1 its own rule speaks.
   */
  addByHouse(code: RuleCode, at: Place, facts: Facts = {}): void {
    if (this.#bv21) this.add(code, at, facts);
    else this.#push(code, 'warning', HOUSE_RULE, at, facts);
  }

  /** A finding of another package, placed in a file of this one. */
  take(findings: readonly Finding[], at: Place = {}): void {
    for (const each of findings) {
      this.#push(each.code, each.severity, each.clause, { ...at, ...each.at }, each.facts);
    }
  }

  /** Findings that another collector of this profile has kept, and how many it has not. */
  adopt(findings: readonly Finding[], dropped: number): void {
    const room = FINDINGS_MAX - this.#findings.length;
    this.#findings.push(...findings.slice(0, room));
    this.#dropped += dropped + Math.max(0, findings.length - room);
  }

  /** The same code in the same file becomes one finding with its first frame and their number. */
  addFrame(code: RuleCode, file: Place, frame: number, facts: Facts = {}): void {
    const rule: Rule = RULES[code];
    if (rule.bv21 === true && !this.#bv21) return;
    this.takeFrame(finding(code, rule.severity, { clause: rule.clause, facts }), file, frame);
  }

  takeFrame(each: Finding, file: Place, frame: number): void {
    const key = `${each.code} ${file['file'] ?? ''} ${file['asset'] ?? ''}`;
    const known = this.#frames.get(key);
    if (known === undefined) {
      this.#frames.set(key, { first: each, file, frame, last: frame, count: 1 });
    } else {
      // A frame with the same fault in three components is one frame.
      if (known.last !== frame) known.count++;
      known.last = frame;
    }
  }

  /** Moves the gathered frame findings to the list. */
  endFile(): void {
    for (const { first, file, frame, last, count } of this.#frames.values()) {
      this.#push(
        first.code,
        first.severity,
        first.clause,
        { ...file, ...first.at, frame },
        count === 1 ? first.facts : { ...first.facts, frames: count, lastFrame: last },
      );
    }
    this.#frames.clear();
  }

  all(): readonly Finding[] {
    return this.#findings;
  }

  #push(
    code: string,
    severity: Severity,
    clause: string | undefined,
    at: Place,
    facts: Facts,
  ): void {
    const wanted = severityBy(this.#profile, code) ?? severity;
    if (wanted === 'ignored') return;
    if (this.#findings.length >= FINDINGS_MAX) {
      this.#dropped++;
      return;
    }
    this.#findings.push(
      finding(code, wanted, {
        at,
        facts,
        ...(clause === undefined ? {} : { clause }),
      }),
    );
  }
}

type FrameFinding = {
  readonly first: Finding;
  readonly file: Place;
  readonly frame: number;
  last: number;
  count: number;
};
