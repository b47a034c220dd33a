import {
  accepted,
  type Finding,
  finding,
  type FolderReader,
  type Outcome,
  parseUuid,
  readWhole,
  refused,
  type Uuid,
} from '@yinglian/core';
import {
  childElement,
  childText,
  readXml,
  textOf,
  type XmlDocument,
  type XmlElement,
} from '@yinglian/xml';
import type { Rational } from '../mxf/property-types.ts';
import { type DocumentKind, type Standard, standardOf } from './namespaces.ts';

/** A document with its standard, ready to be read into a model. */
export type OpenedDocument = {
  readonly document: XmlDocument;
  readonly root: XmlElement;
  readonly standard: Standard;
};

/** Largest ASSETMAP, PKL or CPL taken: 16 MiB is some ten thousand assets. */
export const DOCUMENT_BYTES_MAX = 16 * 1024 * 1024;

/** Documents of ST 2067: a master package is judged by other rules. */
const MASTER_NAMESPACE = /\/(?:schemas|ns)\/2067-/;

/**
 * Parses a document and names its standard. A byte order mark is an error of SMPTE documents
 * (ST 429-7:2006 6, ST 429-9:2014 5: no mark), but reading goes on.
 */
export function openDocument(
  bytes: Uint8Array,
  kind: DocumentKind,
  rootName: string,
  file: string,
): Outcome<OpenedDocument> {
  const read = readXml(bytes, { bytes: DOCUMENT_BYTES_MAX });
  const findings: Finding[] = read.findings.map((each) => ({ ...each, at: { file, ...each.at } }));
  if (!read.ok) return { ok: false, findings };
  const document = read.value;
  const { root } = document;
  if (document.byteOrderMark) {
    findings.push(
      finding('unexpected_byte_order_mark', 'error', {
        at: { file },
        clause: 'ST 429-8:2007 5.2',
      }),
    );
  }
  if (root.local !== rootName) {
    return refused(
      ...findings,
      finding('unexpected_root_element', 'error', {
        facts: { element: root.local, expected: rootName },
        at: { file },
      }),
    );
  }
  const standard = standardOf(kind, root.namespace);
  if (standard === undefined) {
    const facts = { namespace: root.namespace };
    const at = { file };
    const unknown = MASTER_NAMESPACE.test(root.namespace)
      ? finding('unexpected_master_document', 'error', { facts, at })
      : finding('unknown_namespace', 'error', { facts, at });
    return refused(...findings, unknown);
  }
  return accepted({ document, root, standard }, findings);
}

/** The UUID in a child, or undefined; its form is the schema's business. */
export function uuidIn(parent: XmlElement, local: string): Uuid | undefined {
  const text = childText(parent, local);
  if (text === undefined) return undefined;
  const outcome = parseUuid(text);
  return outcome.ok ? outcome.value : undefined;
}

/** A whole number in a child; undefined when it is absent or none. */
export function countIn(parent: XmlElement, local: string): number | undefined {
  const text = childText(parent, local);
  return text !== undefined && /^\+?\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** `24 1`, and the `24/1` and `24` that some makers write. */
export function rationalIn(parent: XmlElement, local: string): Rational | undefined {
  return parseRational(childText(parent, local));
}

/** `24 1`, `24/1` or `24`; undefined for anything else. */
export function parseRational(text: string | undefined): Rational | undefined {
  const match = /^(\d{1,10})(?:\s*[\s/]\s*(\d{1,10}))?$/.exec(text ?? '');
  if (match === null) return undefined;
  const denominator = match[2] === undefined ? 1 : Number(match[2]);
  return denominator === 0 ? undefined : { numerator: Number(match[1]), denominator };
}

/** `24 1`, as documents write rates. */
export function rationalText({ numerator, denominator }: Rational): string {
  return `${numerator} ${denominator}`;
}

/** The text of a child or undefined when it is absent or empty. */
export function textIn(parent: XmlElement, local: string): string | undefined {
  const child = childElement(parent, local);
  const text = child === undefined ? '' : textOf(child);
  return text === '' ? undefined : text;
}

/** A whole document of a folder; undefined when it is absent or larger than documents are. */
export async function readDocument(
  folder: FolderReader,
  path: string,
): Promise<Uint8Array | undefined> {
  const source = await folder.open(path);
  if (source === undefined) return undefined;
  try {
    return source.sizeBytes > DOCUMENT_BYTES_MAX
      ? undefined
      : await readWhole(source, DOCUMENT_BYTES_MAX);
  } finally {
    await source.close?.();
  }
}

/** What stands in place of an id that a broken document does not have. */
export const NO_ID: Uuid = '00000000-0000-0000-0000-000000000000';
