import { assert, encodeUtf8 } from '@yinglian/core';
import {
  qualifiedName,
  XML_NAMESPACE,
  type XmlAttribute,
  type XmlDocument,
  type XmlElement,
  type XmlNode,
} from './model.ts';
import { pathTo } from './query.ts';
import { escapeAttribute, escapeText, scopeInside } from './write.ts';

/** Which canonical form, and of what. */
export type CanonicalOptions = {
  /** Inclusive (Canonical XML 1.0) keeps all namespaces in scope; exclusive only those used. */
  readonly exclusive?: boolean;
  readonly comments?: boolean;
  /** Exclusive only: prefixes to treat as inclusive does; the empty string is the default one. */
  readonly inclusivePrefixes?: readonly string[];
  /** An element left out with all below it: the enveloped signature. */
  readonly without?: XmlElement;
};

type Scope = ReadonlyMap<string, string>;
const NO_SCOPE: Scope = new Map();

/**
 * Canonical XML 1.0 or Exclusive XML Canonicalization 1.0 of a whole document, as UTF-8 text.
 * Clauses: REC-xml-c14n-20010315 section 2.3, REC-xml-exc-c14n-20020718 section 3.
 */
export function canonicalDocument(
  document: Pick<XmlDocument, 'root' | 'before' | 'after'>,
  options: CanonicalOptions = {},
): string {
  const outside = (node: XmlNode) => outsideNode(node, options.comments === true);
  const before = document.before.map(outside).filter((text) => text !== '');
  const after = document.after.map(outside).filter((text) => text !== '');
  const root = canonicalTree(document.root, NO_SCOPE, NO_SCOPE, options);
  return [...before.map((text) => `${text}\n`), root, ...after.map((text) => `\n${text}`)].join('');
}

function outsideNode(node: XmlNode, comments: boolean): string {
  if (node.kind === 'comment') return comments ? `<!--${lineEnds(node.text)}-->` : '';
  return node.kind === 'instruction' ? instructionText(node.target, node.data) : '';
}

/**
 * The same of one element with all below it, where it stands in its document: inclusive keeps the
 * namespaces and `xml:` attributes it inherits, also the unused ones.
 *
 * @param root the root of the document that `target` is in
 */
export function canonicalElement(
  root: XmlElement,
  target: XmlElement,
  options: CanonicalOptions = {},
): string {
  const path = pathTo(root, target);
  assert(path !== undefined, 'the element is in the tree');
  let scope: Scope = NO_SCOPE;
  const inherited = new Map<string, XmlAttribute>();
  for (const ancestor of path!.slice(0, -1)) {
    scope = scopeInside(ancestor, scope);
    for (const attribute of ancestor.attributes) {
      if (attribute.namespace === XML_NAMESPACE) inherited.set(attribute.local, attribute);
    }
  }
  if (options.exclusive === true) return canonicalTree(target, scope, NO_SCOPE, options);
  for (const own of target.attributes) {
    if (own.namespace === XML_NAMESPACE) inherited.delete(own.local);
  }
  const apex =
    inherited.size === 0
      ? target
      : { ...target, attributes: [...target.attributes, ...inherited.values()] };
  return canonicalTree(apex, scope, NO_SCOPE, options);
}

/** {@link canonicalElement} as the bytes that are hashed or signed. */
export function canonicalBytes(
  root: XmlElement,
  target: XmlElement,
  options: CanonicalOptions = {},
): Uint8Array {
  return encodeUtf8(canonicalElement(root, target, options));
}

/**
 * @param outer what is bound around the element in its document
 * @param rendered what the output already says around it
 */
function canonicalTree(
  of: XmlElement,
  outer: Scope,
  rendered: Scope,
  options: CanonicalOptions,
): string {
  const scope = scopeInside(of, outer);
  const wanted = options.exclusive === true ? usedPrefixes(of, scope, options) : scope.keys();
  const fresh: [prefix: string, namespace: string][] = [];
  for (const prefix of wanted) {
    if (prefix === 'xml') continue;
    const namespace = scope.get(prefix) ?? '';
    if ((rendered.get(prefix) ?? '') !== namespace) fresh.push([prefix, namespace]);
  }
  fresh.sort(([a], [b]) => byCodePoints(a, b));
  const name = qualifiedName(of);
  let text = `<${name}`;
  for (const [prefix, namespace] of fresh) {
    text += ` xmlns${prefix === '' ? '' : `:${prefix}`}="${escapeAttribute(namespace)}"`;
  }
  const attributes = of.attributes.length > 1 ? [...of.attributes].sort(byName) : of.attributes;
  for (const each of attributes) {
    text += ` ${qualifiedName(each)}="${escapeAttribute(each.value)}"`;
  }
  text += '>';
  const inner = fresh.length === 0 ? rendered : new Map([...rendered, ...fresh]);
  for (const child of of.children) {
    if (child === options.without) continue;
    text += childText(child, scope, inner, options);
  }
  return `${text}</${name}>`;
}

function childText(
  child: XmlNode,
  scope: Scope,
  rendered: Scope,
  options: CanonicalOptions,
): string {
  switch (child.kind) {
    case 'text':
      return escapeText(child.text);
    case 'comment':
      return options.comments === true ? `<!--${lineEnds(child.text)}-->` : '';
    case 'instruction':
      return instructionText(child.target, child.data);
    default:
      return canonicalTree(child, scope, rendered, options);
  }
}

function instructionText(target: string, data: string): string {
  return `<?${target}${data === '' ? '' : ` ${lineEnds(data)}`}?>`;
}

/** Carriage returns cannot be references inside comments and instructions; readers gave us none. */
function lineEnds(text: string): string {
  return text.replace(/\r\n?/g, '\n');
}

/** Exclusive section 1.1: a prefix is visibly used by its element or by one of its attributes. */
function usedPrefixes(of: XmlElement, scope: Scope, options: CanonicalOptions): Set<string> {
  const used = new Set([of.prefix]);
  for (const { prefix } of of.attributes) if (prefix !== '') used.add(prefix);
  for (const prefix of options.inclusivePrefixes ?? []) if (scope.has(prefix)) used.add(prefix);
  return used;
}

/** Section 2.2: by namespace, then by local name; those without a namespace come first. */
function byName(a: XmlAttribute, b: XmlAttribute): number {
  return byCodePoints(a.namespace, b.namespace) || byCodePoints(a.local, b.local);
}

/** Order by code points, which differs from that of UTF-16 units above U+FFFF. */
function byCodePoints(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = a.charCodeAt(i) - b.charCodeAt(i);
    if (difference === 0) continue;
    return isSurrogate(a, i) === isSurrogate(b, i) ? difference : isSurrogate(a, i) ? 1 : -1;
  }
  return a.length - b.length;
}

function isSurrogate(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xd800 && unit <= 0xdfff;
}
