import type { Place } from '@yinglian/core';
import { qualifiedName, type XmlElement, type XmlNode } from './model.ts';

/**
 * Children that are elements; with `local`, those of that name; with `namespace`, those in it.
 * Order is that of the document.
 */
export function childElements(
  parent: XmlElement,
  local?: string,
  namespace?: string,
): XmlElement[] {
  const found: XmlElement[] = [];
  for (const child of parent.children) {
    if (child.kind !== 'element') continue;
    if (local !== undefined && child.local !== local) continue;
    if (namespace !== undefined && child.namespace !== namespace) continue;
    found.push(child);
  }
  return found;
}

/** The first such child. Where one only is allowed, count with {@link childElements}. */
export function childElement(
  parent: XmlElement,
  local: string,
  namespace?: string,
): XmlElement | undefined {
  for (const child of parent.children) {
    if (child.kind !== 'element' || child.local !== local) continue;
    if (namespace === undefined || child.namespace === namespace) return child;
  }
  return undefined;
}

/** Follows names downwards, each the first child of its name; undefined when one is missing. */
export function elementAt(
  parent: XmlElement,
  path: readonly string[],
  namespace?: string,
): XmlElement | undefined {
  let at: XmlElement | undefined = parent;
  for (const local of path) {
    if (at === undefined) return undefined;
    at = childElement(at, local, namespace);
  }
  return at;
}

/**
 * The text directly inside an element, white space kept. Comments inside are skipped, never cut
 * at: cutting there is how `admin<!-- -->.evil` was once read as `admin`.
 */
export function rawText(of: XmlElement): string {
  let text = '';
  for (const child of of.children) if (child.kind === 'text') text += child.text;
  return text;
}

/** {@link rawText} without white space at its ends, as schema types of the field collapse it. */
export function textOf(of: XmlElement): string {
  return rawText(of).replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
}

/** Text of the first child of that name, trimmed; undefined when there is no such child. */
export function childText(
  parent: XmlElement,
  local: string,
  namespace?: string,
): string | undefined {
  const child = childElement(parent, local, namespace);
  return child === undefined ? undefined : textOf(child);
}

/** Value of an attribute; without `namespace`, of one that has no prefix. */
export function attributeValue(of: XmlElement, local: string, namespace = ''): string | undefined {
  return of.attributes.find((each) => each.local === local && each.namespace === namespace)?.value;
}

/** The element and all below it, in document order. */
export function* elementsWithin(top: XmlElement): Generator<XmlElement, void, void> {
  yield top;
  for (const child of top.children) if (child.kind === 'element') yield* elementsWithin(child);
}

/** The elements from `root` down to `target`, both included; undefined when it is not below. */
export function pathTo(root: XmlElement, target: XmlElement): XmlElement[] | undefined {
  if (root === target) return [root];
  for (const child of root.children) {
    if (child.kind !== 'element') continue;
    const rest = pathTo(child, target);
    if (rest !== undefined) return [root, ...rest];
  }
  return undefined;
}

/** Where an element stands, for a finding: its name as written, line and column. */
export function placeOf(of: XmlElement): Place {
  const name = qualifiedName(of);
  return of.line === 0 ? { element: name } : { element: name, line: of.line, column: of.column };
}

/** A tree with one element replaced (or, with undefined, removed); the old tree is untouched. */
export function replaceElement(
  root: XmlElement,
  target: XmlElement,
  replacement: XmlElement | undefined,
): XmlElement {
  const children = root.children.flatMap((child): readonly XmlNode[] => {
    if (child === target) return replacement === undefined ? [] : [replacement];
    return child.kind === 'element' ? [replaceElement(child, target, replacement)] : [child];
  });
  return children.every((child, index) => child === root.children[index]) &&
    children.length === root.children.length
    ? root
    : { ...root, children };
}
