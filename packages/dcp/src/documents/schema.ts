import { type Finding, finding, isIsoDate, type Severity } from '@yinglian/core';
import { attributeValue, placeOf, textOf, XMLDSIG_NAMESPACE, type XmlElement } from '@yinglian/xml';

/**
 * The documents' schemas as data: which children, in which order, how often, of which type.
 * Only what XML Schema itself would refuse is judged here; meaning is judged elsewhere.
 */
export type ValueType =
  | 'text'
  | 'uuid'
  | 'date_time'
  | 'count'
  | 'positive'
  | 'rational'
  | 'aspect'
  | 'hash'
  | 'language'
  | 'uri'
  | 'boolean'
  | 'flag'
  | 'languages'
  | 'decimal';

/** One element of a schema: how often, of which type, with which children. */
export type ElementRule = {
  readonly name: string;
  /** Once exactly unless told. */
  readonly optional?: true;
  readonly many?: true;
  readonly type?: ValueType;
  readonly children?: readonly ElementRule[];
  /** Children of other namespaces may follow; those named here are checked as well. */
  readonly open?: readonly ElementRule[];
  /** The only namespaces that an element of an extension may have. */
  readonly namespaces?: readonly string[];
  /** Attributes that must be there. */
  readonly attributes?: readonly string[];
};

const PATTERNS: Record<ValueType, RegExp> = {
  text: /^/,
  uuid: /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
  date_time: /^-?\d{4,}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d{2}:\d{2})?$/,
  count: /^[+]?\d{1,15}$/,
  positive: /^[+]?0*[1-9]\d{0,14}$/,
  rational: /^\d{1,10}\s+\d{1,10}$/,
  // Interop writes a decimal; both are read, and which is right is judged with the standard.
  aspect: /^(\d{1,6}\s+\d{1,6}|\d{1,3}(\.\d{1,6})?)$/,
  hash: /^[A-Za-z0-9+/\s]+={0,2}\s*$/,
  language: /^[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*$/,
  // What calls itself a UUID must be one (RFC 9562); any other name is as good as the next.
  uri: /^(?!urn:uuid:)\S*$|^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  boolean: /^(true|false|1|0)$/,
  // Interop writes an empty element for what SMPTE says by a boolean, and makers of both mix them.
  flag: /^(true|false|1|0)?$/,
  languages: /^[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*(\s+[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*)*$/,
  decimal: /^[+-]?(\d+(\.\d*)?|\.\d+)$/,
};

/** Whether a text has the form of a type. */
export function hasForm(type: ValueType, text: string): boolean {
  if (!PATTERNS[type].test(text)) return false;
  return type !== 'date_time' || isIsoDate(text.slice(0, 10));
}

/** Findings kept of one document, so that a hostile one cannot fill the report. */
const FINDINGS_PER_DOCUMENT_MAX = 200;

/** Judges the form of a document from its root down. */
export function checkSchema(
  root: XmlElement,
  rule: ElementRule,
  clause: string,
  file: string,
): Finding[] {
  const findings: Finding[] = [];
  checkElement(root, rule, { namespace: root.namespace, clause, file, findings });
  return findings;
}

type Check = {
  readonly namespace: string;
  readonly clause: string;
  readonly file: string;
  readonly findings: Finding[];
};

function report(
  check: Check,
  code: string,
  at: XmlElement,
  facts: Record<string, string>,
  severity: Severity = 'error',
): void {
  if (check.findings.length >= FINDINGS_PER_DOCUMENT_MAX) return;
  const place = { file: check.file, ...placeOf(at) };
  check.findings.push(finding(code, severity, { facts, at: place, clause: check.clause }));
}

/**
 * RFC 9562 4.1 and 4.2: a version from 1 to 8 and the variant 10. Others have the form of a UUID
 * and nothing that keeps two makers from giving the same one; the one of zeros is nobody's.
 */
const PROPER_UUID = /-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

function checkElement(of: XmlElement, rule: ElementRule, check: Check): void {
  if (rule.type !== undefined) {
    const text = textOf(of);
    if (!hasForm(rule.type, text)) {
      report(check, 'invalid_value', of, {
        element: rule.name,
        value: text.slice(0, 100),
        type: rule.type,
      });
    } else if (rule.type === 'uuid' && !PROPER_UUID.test(text)) {
      report(check, 'unconventional_id', of, { element: rule.name, id: text }, 'warning');
    }
  }
  for (const name of rule.attributes ?? []) {
    if (attributeValue(of, name) === undefined) {
      report(check, 'missing_attribute', of, { element: rule.name, attribute: name });
    }
  }
  if (rule.children !== undefined) checkChildren(of, rule.children, rule, check);
}

/** Counts a child; the second of what may be there once is told. */
function countChild(
  child: XmlElement,
  rule: ElementRule,
  parent: XmlElement,
  counts: Map<string, number>,
  check: Check,
): void {
  const count = (counts.get(rule.name) ?? 0) + 1;
  counts.set(rule.name, count);
  if (count === 2 && rule.many !== true) {
    report(check, 'duplicate_element', child, { element: child.local, parent: parent.local });
  }
}

function checkChildren(
  of: XmlElement,
  rules: readonly ElementRule[],
  rule: ElementRule,
  check: Check,
): void {
  const counts = new Map<string, number>();
  let furthest = -1;
  for (const child of of.children) {
    if (child.kind === 'text' && child.text.trim() !== '') {
      report(check, 'unexpected_text', of, {
        element: of.local,
        text: child.text.trim().slice(0, 60),
      });
    }
    if (child.kind !== 'element') continue;
    const index = rules.findIndex((each) => each.name === child.local);
    const known = index >= 0 && sameNamespace(child, check.namespace);
    if (!known) {
      if (
        rule.open !== undefined &&
        (check.namespace === ANY || child.namespace !== check.namespace)
      ) {
        const nested = rule.open.find((each) => each.name === child.local);
        if (nested === undefined) continue;
        if (nested.namespaces?.includes(child.namespace) === false) {
          report(check, 'unknown_namespace', child, { namespace: child.namespace });
        }
        countChild(child, nested, of, counts, check);
        checkElement(child, nested, { ...check, namespace: ANY });
        continue;
      }
      report(check, 'unexpected_element', child, { element: child.local, parent: of.local });
      continue;
    }
    const expected = rules[index]!;
    if (index < furthest) {
      report(check, 'misplaced_element', child, { element: child.local, parent: of.local });
    }
    furthest = Math.max(furthest, index);
    countChild(child, expected, of, counts, check);
    checkElement(child, expected, check);
  }
  for (const expected of rules) {
    if (expected.optional === true || counts.has(expected.name)) continue;
    report(check, 'missing_element', of, { element: expected.name, parent: of.local });
  }
}

/** Extensions mix their namespace with that of the document (ST 429-10, ST 429-16). */
const ANY = '*';

/** The signature is in its own namespace; everything else in that of the document. */
function sameNamespace(child: XmlElement, namespace: string): boolean {
  if (namespace === ANY) return true;
  return child.namespace === (child.local === 'Signature' ? XMLDSIG_NAMESPACE : namespace);
}
