import { type Finding, finding, XML_DEPTH_MAX } from '@yinglian/core';
import { SaxesParser } from 'saxes';
import type { XmlAttribute, XmlDeclaration } from './model.ts';
import { separate, XML_LIMITS, type XmlLimits } from './read.ts';

/** An element as its start tag says it. */
export type XmlStart = {
  readonly prefix: string;
  readonly local: string;
  readonly namespace: string;
  readonly declarations: readonly XmlDeclaration[];
  readonly attributes: readonly XmlAttribute[];
  /** The line its start tag ends in, counted from 1. */
  readonly line: number;
};

/** What a reader of a document that is too long for a tree is told, in document order. */
export type XmlEvents = {
  open(start: XmlStart): void;
  /** Text may come in several pieces. */
  text(text: string): void;
  close(): void;
};

/** A document read piece by piece. After the first finding everything else is ignored. */
export type XmlFeed = {
  /** More text of the document; the finding that ends the reading, if there is one. */
  write(text: string): Finding | undefined;
  /** No more text. */
  end(): Finding | undefined;
};

/** Characters between two tags that are handed over at once; longer text comes in pieces. */
const TEXT_CHARACTERS_MAX = 1 << 20;

/**
 * The strict reading of {@link readXml} without a tree: for lists of millions of files. No DOCTYPE,
 * no entity but the five, depth and attributes bounded. The caller decodes; its handlers may throw
 * nothing.
 */
export function openXmlFeed(events: XmlEvents, limits: Partial<XmlLimits> = {}): XmlFeed {
  const bounds = { ...XML_LIMITS, depth: XML_DEPTH_MAX, ...limits };
  const parser = new SaxesParser({
    xmlns: true,
    position: true,
    defaultXMLVersion: '1.0',
    forceXMLVersion: true,
  });
  let stopped: Finding | undefined;
  let depth = 0;
  let attributes = 0;
  const place = () => ({ line: parser.line, column: parser.columnIndex + 1 });
  const stop = (code: string, facts: Record<string, number>): never => {
    stopped = finding(code, 'error', { facts, at: place() });
    throw new Error(code);
  };
  parser.on('doctype', () => stop('unexpected_document_type', {}));
  parser.on('opentagstart', () => void (attributes = 0));
  parser.on('attribute', () => {
    const limit = bounds.attributes;
    if (++attributes > limit) stop('excessive_attribute_count', { limit });
  });
  parser.on('opentag', (tag) => {
    if (++depth > bounds.depth) stop('excessive_element_depth', { limit: bounds.depth });
    const { prefix, local, uri } = tag;
    const parts = separate(Object.values(tag.attributes));
    events.open({ prefix, local, namespace: uri, ...parts, line: parser.line });
  });
  parser.on('closetag', () => {
    depth -= 1;
    events.close();
  });
  parser.on('text', (text) => void (depth > 0 && events.text(text)));
  parser.on('cdata', (text) => events.text(text));
  const guarded = (act: () => void): Finding | undefined => {
    if (stopped !== undefined) return stopped;
    try {
      act();
    } catch (error) {
      const reason = String((error as Error).message).replace(/^\d+:\d+: /, '');
      stopped ??= finding('malformed_xml', 'error', {
        facts: { reason },
        at: place(),
        clause: 'XML 1.0 2.1',
      });
    }
    return stopped;
  };
  return {
    write: (text) => {
      for (let at = 0; at < text.length && stopped === undefined; at += TEXT_CHARACTERS_MAX) {
        guarded(() => void parser.write(text.slice(at, at + TEXT_CHARACTERS_MAX)));
      }
      return stopped;
    },
    end: () => guarded(() => void parser.close()),
  };
}
