import {
  accepted,
  decodeText,
  type Finding,
  finding,
  type Outcome,
  refused,
  type TextEncoding,
  XML_BYTES_MAX,
  XML_DEPTH_MAX,
} from '@yinglian/core';
import { SaxesParser, type SaxesAttributeNS, type SaxesTagNS } from 'saxes';
import { foreignKind } from './kinds.ts';
import {
  type XmlAttribute,
  type XmlDeclaration,
  type XmlDocument,
  type XmlElement,
  type XmlEncoding,
  type XmlNode,
  XMLNS_NAMESPACE,
} from './model.ts';

/** Where reading stops with a finding. */
export type XmlLimits = {
  readonly bytes: number;
  readonly depth: number;
  readonly attributes: number;
  readonly nodes: number;
};

/** The largest facility lists seen have about a million nodes. */
const NODES_MAX = 4_000_000;
/** Far above any schema of the field; a start tag is held whole before it is handed over. */
const ATTRIBUTES_MAX = 256;

/** The limits that hold unless the caller sets others. */
export const XML_LIMITS: XmlLimits = Object.freeze({
  bytes: XML_BYTES_MAX,
  depth: XML_DEPTH_MAX,
  attributes: ATTRIBUTES_MAX,
  nodes: NODES_MAX,
});

/**
 * Reads a document strictly: namespaces well formed, no DOCTYPE, no entity but the five and
 * character references, UTF-8 or UTF-16 with its byte order mark. Nothing is fetched, ever.
 */
export function readXml(bytes: Uint8Array, limits: Partial<XmlLimits> = {}): Outcome<XmlDocument> {
  const bounds = { ...XML_LIMITS, ...limits };
  if (bytes.length > bounds.bytes) {
    const facts = { bytes: bytes.length, limit: bounds.bytes };
    return refused(finding('excessive_document_size', 'error', { facts }));
  }
  if (bytes.length === 0) return refused(finding('empty_document', 'error'));
  const kind = foreignKind(bytes);
  if (kind !== undefined)
    return refused(finding('unexpected_file_kind', 'error', { facts: { kind } }));
  const { encoding, markBytes } = sniff(bytes);
  const text = decodeText(bytes.subarray(markBytes), encoding.toLowerCase() as TextEncoding);
  if (text === undefined) {
    return refused(finding('invalid_text_encoding', 'error', { facts: { encoding } }));
  }
  return parse(text, { encoding, byteOrderMark: markBytes > 0 }, bounds);
}

function sniff(bytes: Uint8Array): { encoding: XmlEncoding; markBytes: number } {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf)
    return { encoding: 'UTF-8', markBytes: 3 };
  if (first === 0xff && second === 0xfe) return { encoding: 'UTF-16LE', markBytes: 2 };
  if (first === 0xfe && second === 0xff) return { encoding: 'UTF-16BE', markBytes: 2 };
  return { encoding: 'UTF-8', markBytes: 0 };
}

/** Leaves the parser from inside one of its handlers. */
class Refusal extends Error {
  readonly finding: Finding;
  constructor(because: Finding) {
    super(because.code);
    this.finding = because;
  }
}

type OpenElement = Omit<XmlElement, 'children'> & { readonly children: XmlNode[] };
type Source = Pick<XmlDocument, 'encoding' | 'byteOrderMark'>;

function parse(text: string, source: Source, limits: XmlLimits): Outcome<XmlDocument> {
  const parser = new SaxesParser({
    xmlns: true,
    position: true,
    defaultXMLVersion: '1.0',
    forceXMLVersion: true,
  });
  const tree = new TreeBuilder(text, parser, limits);
  const notes: Finding[] = [];
  let declared = false;
  parser.on('xmldecl', ({ version, encoding }) => {
    declared = true;
    if (encoding !== undefined) checkDeclaredEncoding(encoding, source.encoding);
    if (version !== undefined && version !== '1.0') {
      notes.push(finding('unexpected_xml_version', 'warning', { facts: { version } }));
    }
  });
  try {
    parser.write(text).close();
  } catch (error) {
    if (error instanceof Refusal) return refused(error.finding);
    const reason = String((error as Error).message).replace(/^\d+:\d+: /, '');
    const at = { line: parser.line, column: parser.columnIndex + 1 };
    return refused(
      finding('malformed_xml', 'error', { facts: { reason }, at, clause: 'XML 1.0 2.1' }),
    );
  }
  return accepted({ ...tree.finish(), ...source, declared }, notes);
}

function checkDeclaredEncoding(declared: string, actual: XmlEncoding): void {
  const name = declared.toUpperCase();
  if (name !== 'UTF-8' && name !== 'US-ASCII' && !/^UTF-16(?:LE|BE)?$/.test(name)) {
    throw new Refusal(finding('unexpected_text_encoding', 'error', { facts: { declared } }));
  }
  const wide = name.startsWith('UTF-16');
  if (wide !== actual.startsWith('UTF-16') || (name.length > 6 && wide && name !== actual)) {
    const facts = { declared, encoding: actual };
    throw new Refusal(
      finding('mismatched_text_encoding', 'error', { facts, clause: 'XML 1.0 4.3.3' }),
    );
  }
}

type Parser = SaxesParser<{ xmlns: true }>;

/** Collects what the parser says into a tree, and stops it at the first limit. */
class TreeBuilder {
  readonly #text: string;
  readonly #parser: Parser;
  readonly #limits: XmlLimits;
  readonly #open: OpenElement[] = [];
  readonly #before: XmlDocument['before'][number][] = [];
  readonly #after: XmlDocument['after'][number][] = [];
  #root: XmlElement | undefined;
  #nodes = 0;
  #attributes = 0;
  #start = { line: 0, column: 0 };
  /** Where lines were last counted up to, so that the whole count is one pass. */
  #counted = { offset: 0, line: 1, lineStart: 0 };

  constructor(text: string, parser: Parser, limits: XmlLimits) {
    this.#text = text;
    this.#parser = parser;
    this.#limits = limits;
    parser.on('doctype', () => this.#refuse('unexpected_document_type', {}));
    parser.on('opentagstart', () => this.#beginTag());
    parser.on('attribute', () => this.#countAttribute());
    parser.on('opentag', (tag) => this.#openElement(tag));
    parser.on('closetag', () => this.#closeElement());
    parser.on('text', (part) => this.#addText(part));
    parser.on('cdata', (part) => this.#addText(part));
    parser.on('comment', (part) => this.#addNode({ kind: 'comment', text: part }));
    parser.on('processinginstruction', ({ target, body }) =>
      this.#addNode({ kind: 'instruction', target, data: body }),
    );
  }

  /** Only after the parser has closed without error, when there is a root. */
  finish(): Pick<XmlDocument, 'root' | 'before' | 'after'> {
    if (this.#root === undefined) this.#refuse('empty_document', {});
    return { root: this.#root!, before: this.#before, after: this.#after };
  }

  #refuse(code: string, facts: Record<string, number>): never {
    const at = { line: this.#parser.line, column: this.#parser.columnIndex + 1 };
    throw new Refusal(finding(code, 'error', { facts, at }));
  }

  #beginTag(): void {
    // The name cannot contain `<`, so the last one before the parser's place opened this tag.
    this.#start = this.#place(this.#text.lastIndexOf('<', this.#parser.position - 1));
    this.#attributes = 0;
  }

  #place(offset: number): { line: number; column: number } {
    const counted = this.#counted;
    for (;;) {
      const next = this.#text.indexOf('\n', counted.offset);
      if (next < 0 || next >= offset) break;
      counted.line++;
      counted.lineStart = counted.offset = next + 1;
    }
    counted.offset = Math.max(counted.offset, offset);
    return { line: counted.line, column: offset - counted.lineStart + 1 };
  }

  #countAttribute(): void {
    const limit = this.#limits.attributes;
    if (++this.#attributes > limit) this.#refuse('excessive_attribute_count', { limit });
  }

  #countNode(): void {
    const limit = this.#limits.nodes;
    if (++this.#nodes > limit) this.#refuse('excessive_element_count', { limit });
  }

  #openElement(tag: SaxesTagNS): void {
    const limit = this.#limits.depth;
    if (this.#open.length >= limit) this.#refuse('excessive_element_depth', { limit });
    this.#countNode();
    const { declarations, attributes } = separate(Object.values(tag.attributes));
    if (declarations.some(({ namespace }) => namespace !== namespace.trim())) {
      // The parser trims it for names, signatures cover it untrimmed: two readers, two meanings.
      throw new Error('a namespace begins or ends with white space');
    }
    const { prefix, local, uri } = tag;
    const opened: OpenElement = {
      kind: 'element',
      prefix,
      local,
      namespace: uri,
      declarations,
      attributes,
      children: [],
      ...this.#start,
    };
    this.#open.at(-1)?.children.push(opened);
    if (this.#open.length === 0) this.#root = opened;
    this.#open.push(opened);
  }

  #closeElement(): void {
    this.#open.pop();
  }

  #addText(text: string): void {
    const parent = this.#open.at(-1);
    if (parent === undefined || text === '') return;
    const last = parent.children.at(-1);
    if (last?.kind === 'text') {
      // CDATA is another spelling of text: one node, as the canonical form has it.
      parent.children[parent.children.length - 1] = { kind: 'text', text: last.text + text };
      return;
    }
    this.#countNode();
    parent.children.push({ kind: 'text', text });
  }

  #addNode(node: XmlDocument['before'][number]): void {
    this.#countNode();
    const parent = this.#open.at(-1);
    if (parent !== undefined) parent.children.push(node);
    else (this.#root === undefined ? this.#before : this.#after).push(node);
  }
}

const NO_DECLARATIONS: readonly XmlDeclaration[] = Object.freeze([]);
const NO_ATTRIBUTES: readonly XmlAttribute[] = Object.freeze([]);

/** The attributes of a start tag, namespace declarations apart. */
export function separate(all: readonly SaxesAttributeNS[]): {
  declarations: readonly XmlDeclaration[];
  attributes: readonly XmlAttribute[];
} {
  if (all.length === 0) return { declarations: NO_DECLARATIONS, attributes: NO_ATTRIBUTES };
  const declarations: XmlDeclaration[] = [];
  const attributes: XmlAttribute[] = [];
  for (const { name, prefix, local, uri, value } of all) {
    if (uri === XMLNS_NAMESPACE) {
      declarations.push({ prefix: name === 'xmlns' ? '' : local, namespace: value });
    } else {
      attributes.push({ prefix, local, namespace: uri, value });
    }
  }
  return { declarations, attributes };
}
