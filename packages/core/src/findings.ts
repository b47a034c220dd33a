/**
 * What was found in somebody's input: a code and facts, no sentence. Wording lives in the
 * catalogues at the edge (zh-CN and en), so that one engine speaks to everybody.
 */
export type Finding = {
  /** `adjective_noun`, from a closed list of the package, for example `mismatched_hash`. */
  readonly code: string;
  readonly severity: Severity;
  /** Values the wording may use. Amounts are decimal strings, never floats. */
  readonly facts: Facts;
  /** Where: file, line, row, column, reel, frame, asset; only what is known. */
  readonly at: Place;
  /** The clause of the standard or the rule of a SPEC, for example `ST 429-7:2006 6.9`. */
  readonly clause?: string;
};

/**
 * - `error`: the thing will be refused, or is wrong.
 * - `warning`: it works today; somebody should look.
 * - `note`: worth knowing.
 * - `success`: a check that was made and held, kept so that a report can say what was checked.
 */
export type Severity = 'error' | 'warning' | 'note' | 'success';

/** One value of a finding. Amounts are decimal strings; lists are of short texts. */
export type Fact = string | number | boolean | null | readonly string[];
/** The values of a finding by name; the wording refers to them as `{name}`. */
export type Facts = { readonly [name: string]: Fact };
/** Where a finding stands, coarse to fine: `{ file, line }`, `{ sheet, row, column }` … */
export type Place = { readonly [part: string]: string | number };

/** The order in which people want to read findings. */
export const SEVERITY_ORDER: readonly Severity[] = ['error', 'warning', 'note', 'success'];

/** What {@link finding} takes besides code and severity. */
export type FindingOptions = { facts?: Facts; at?: Place; clause?: string };

/** Makes a finding; the result is frozen so that it can be shared between reports. */
export function finding(code: string, severity: Severity, options: FindingOptions = {}): Finding {
  return Object.freeze({
    code,
    severity,
    facts: Object.freeze({ ...options.facts }),
    at: Object.freeze({ ...options.at }),
    ...(options.clause === undefined ? {} : { clause: options.clause }),
  });
}

/** Whether any of them refuses the thing. */
export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some((each) => each.severity === 'error');
}

/** A result that may be refused. `findings` also carries warnings and notes of a good result. */
export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value; readonly findings: readonly Finding[] }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/** A good result, with what is worth knowing about it. */
export function accepted<Value>(value: Value, findings: readonly Finding[] = []): Outcome<Value> {
  return { ok: true, value, findings };
}

/** A refusal; it says why, with at least one finding of severity `error`. */
export function refused<Value = never>(...findings: readonly Finding[]): Outcome<Value> {
  return { ok: false, findings };
}
