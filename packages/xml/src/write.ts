import { assert, encodeUtf8 } from '@yinglian/core';
import {
  qualifiedName,
  XML_NAMESPACE,
  type XmlDocument,
  type XmlElement,
  type XmlNode,
} from './model.ts';

/** Text as it stands between tags. A carriage return is kept as a reference, or readers lose it. */
export function escapeText(text: string): string {
  if (!/[&<>\r]/.test(text)) return text;
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#xD;');
}

/** Text as it stands between double quotes. */
export function escapeAttribute(text: string): string {
  if (!/[&<"\t\n\r]/.test(text)) return text;
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\t', '&#x9;')
    .replaceAll('\n', '&#xA;')
    .replaceAll('\r', '&#xD;');
}

/** What XML 1.0 (2.2) allows as a character; nothing else can be written, even as a reference. */
// eslint-disable-next-line no-control-regex
const FORBIDDEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Whether a text can stand in a document at all. */
export function isXmlText(text: string): boolean {
  return !FORBIDDEN.test(text);
}

/** The text with what cannot stand in a document taken out. */
export function onlyXmlText(text: string): string {
  return isXmlText(text) ? text : text.replace(new RegExp(FORBIDDEN.source, 'g'), '');
}

/**
 * The document as UTF-8, always with its declaration, nothing added and nothing reordered: what was
 * read comes back with the same canonical form.
 */
export function writeXml(document: XmlDocument): Uint8Array {
  const parts = ['<?xml version="1.0" encoding="UTF-8"?>\n'];
  for (const node of document.before) parts.push(writeNode(node, new Map()), '\n');
  parts.push(
    writeElement(
      document.root,
      new Map([
        ['', ''],
        ['xml', XML_NAMESPACE],
      ]),
    ),
  );
  for (const node of document.after) parts.push('\n', writeNode(node, new Map()));
  parts.push('\n');
  return encodeUtf8(parts.join(''));
}

type Scope = ReadonlyMap<string, string>;

function writeNode(node: XmlNode, scope: Scope): string {
  switch (node.kind) {
    case 'text':
      assert(isXmlText(node.text), 'text holds only characters XML allows');
      return escapeText(node.text);
    case 'comment':
      assert(!/--|-$/.test(node.text), 'a comment holds no double hyphen');
      return `<!--${node.text}-->`;
    case 'instruction':
      assert(!node.data.includes('?>'), 'an instruction does not hold its own end');
      return `<?${node.target}${node.data === '' ? '' : ` ${node.data}`}?>`;
    default:
      return writeElement(node, scope);
  }
}

function writeElement(of: XmlElement, outer: Scope): string {
  const scope = scopeInside(of, outer);
  assert((scope.get(of.prefix) ?? '') === of.namespace, `prefix of ${qualifiedName(of)} is bound`);
  let tag = `<${qualifiedName(of)}`;
  for (const { prefix, namespace } of of.declarations) {
    tag += ` xmlns${prefix === '' ? '' : `:${prefix}`}="${escapeAttribute(namespace)}"`;
  }
  for (const attribute of of.attributes) {
    const bound = attribute.prefix === '' ? '' : scope.get(attribute.prefix);
    assert(bound === attribute.namespace, `prefix of ${qualifiedName(attribute)} is bound`);
    assert(isXmlText(attribute.value), 'an attribute holds only characters XML allows');
    tag += ` ${qualifiedName(attribute)}="${escapeAttribute(attribute.value)}"`;
  }
  if (of.children.length === 0) return `${tag}/>`;
  const inside = of.children.map((child) => writeNode(child, scope)).join('');
  return `${tag}>${inside}</${qualifiedName(of)}>`;
}

/** Prefixes bound inside an element, given those bound around it. */
export function scopeInside(of: XmlElement, outer: Scope): Scope {
  if (of.declarations.length === 0) return outer;
  const scope = new Map(outer);
  for (const { prefix, namespace } of of.declarations) scope.set(prefix, namespace);
  return scope;
}

/**
 * The same tree laid out for people: elements that hold only elements get a line each. Elements
 * with text are left alone. White space is content: lay out before signing, never after.
 */
export function indentElement(of: XmlElement, level = 0): XmlElement {
  const only = of.children.filter((child) => child.kind !== 'text' || child.text.trim() !== '');
  if (only.length === 0 || only.some((child) => child.kind === 'text')) return of;
  const line = (depth: number): XmlNode => ({ kind: 'text', text: `\n${'  '.repeat(depth)}` });
  const children = only.flatMap((child) => [
    line(level + 1),
    child.kind === 'element' ? indentElement(child, level + 1) : child,
  ]);
  return { ...of, children: [...children, line(level)] };
}
