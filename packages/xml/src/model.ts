/**
 * A document as data: frozen in spirit, without parents, so that a tree can be built, shared and
 * rewritten by making new nodes. Prefixes and declarations are kept exactly, because signatures
 * cover them.
 */

export type XmlNode = XmlElement | XmlText | XmlComment | XmlInstruction;

/** Text with its references resolved; CDATA is text. */
export type XmlText = { readonly kind: 'text'; readonly text: string };
/** What stands between `<!--` and `-->`. */
export type XmlComment = { readonly kind: 'comment'; readonly text: string };
/** A processing instruction. */
export type XmlInstruction = {
  readonly kind: 'instruction';
  readonly target: string;
  readonly data: string;
};

/** An attribute that is no declaration. */
export type XmlAttribute = {
  /** Empty for an attribute without prefix. */
  readonly prefix: string;
  readonly local: string;
  /** Empty for an attribute without prefix: the default namespace does not reach attributes. */
  readonly namespace: string;
  readonly value: string;
};

/** `xmlns:prefix="namespace"`; the prefix is empty for `xmlns="namespace"`. */
export type XmlDeclaration = { readonly prefix: string; readonly namespace: string };

/** An element with all below it. */
export type XmlElement = {
  readonly kind: 'element';
  readonly prefix: string;
  readonly local: string;
  /** Empty when the element is in no namespace. */
  readonly namespace: string;
  readonly declarations: readonly XmlDeclaration[];
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlNode[];
  /** Of the `<`, counted from 1 in UTF-16 units; 0 in an element that was built. */
  readonly line: number;
  readonly column: number;
};

/** Encodings that are read. */
export type XmlEncoding = 'UTF-8' | 'UTF-16LE' | 'UTF-16BE';

/** A whole document. */
export type XmlDocument = {
  readonly root: XmlElement;
  /** Comments and instructions before and after the root. */
  readonly before: readonly (XmlComment | XmlInstruction)[];
  readonly after: readonly (XmlComment | XmlInstruction)[];
  readonly encoding: XmlEncoding;
  /** Whether the bytes began with a byte order mark, which SMPTE documents may not. */
  readonly byteOrderMark: boolean;
  /** Whether there was an XML declaration. */
  readonly declared: boolean;
};

/** The namespace that `xml:` is bound to without a declaration. */
export const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';
/** The namespace of declarations themselves. */
export const XMLNS_NAMESPACE = 'http://www.w3.org/2000/xmlns/';
/** Of XML signatures. */
export const XMLDSIG_NAMESPACE = 'http://www.w3.org/2000/09/xmldsig#';
/** Of XML encryption. */
export const XMLENC_NAMESPACE = 'http://www.w3.org/2001/04/xmlenc#';

/** What {@link element} puts into an element. */
export type ElementContent = {
  readonly declarations?: Readonly<Record<string, string>>;
  /** Attributes without namespace, by name. */
  readonly attributes?: Readonly<Record<string, string | undefined>>;
  /** Strings become text; `undefined` and `false` are left out, so that options read well. */
  readonly children?: readonly (XmlNode | string | undefined | false)[];
};

/**
 * Builds an element. `name` may carry a prefix (`ds:Signature`); the caller declares prefixes where
 * they belong, the writer asserts that every prefix is bound.
 */
export function element(name: string, namespace: string, content: ElementContent = {}): XmlElement {
  const [prefix, local] = splitName(name);
  const declarations = Object.entries(content.declarations ?? {}).map(
    ([declared, uri]): XmlDeclaration => ({ prefix: declared, namespace: uri }),
  );
  const attributes = Object.entries(content.attributes ?? {}).flatMap(
    ([attribute, value]): XmlAttribute[] =>
      value === undefined ? [] : [{ prefix: '', local: attribute, namespace: '', value }],
  );
  const children = (content.children ?? []).flatMap((child): XmlNode[] => {
    if (child === undefined || child === false) return [];
    return [typeof child === 'string' ? { kind: 'text', text: child } : child];
  });
  return {
    kind: 'element',
    prefix,
    local,
    namespace,
    declarations,
    attributes,
    children,
    line: 0,
    column: 0,
  };
}

/** A document of UTF-8 with a declaration, as every SMPTE document is. */
export function documentOf(root: XmlElement): XmlDocument {
  return { root, before: [], after: [], encoding: 'UTF-8', byteOrderMark: false, declared: true };
}

/** The name as written, with its prefix. */
export function qualifiedName(of: { readonly prefix: string; readonly local: string }): string {
  return of.prefix === '' ? of.local : `${of.prefix}:${of.local}`;
}

/** A name as written, divided at its colon. */
export function splitName(name: string): [prefix: string, local: string] {
  const colon = name.indexOf(':');
  return colon < 0 ? ['', name] : [name.slice(0, colon), name.slice(colon + 1)];
}
