import type { InstantMs, Uuid } from '@yinglian/core';
import { documentOf, type XmlDocument, type XmlElement, type XmlNode } from '@yinglian/xml';
import type { LogRecord, LogReport } from './model.ts';

/** Which records keep their bodies. What is left out asks nothing. */
export type LogFilter = {
  readonly from?: InstantMs;
  readonly until?: InstantMs;
  readonly types?: readonly string[];
  readonly subtypes?: readonly string[];
  readonly compositionId?: Uuid;
};

/** Whether a record is what a filter asks for. */
export function passesFilter({ header, body }: LogRecord, filter: LogFilter): boolean {
  const { from, until, types, subtypes, compositionId } = filter;
  if (from !== undefined && (header.time ?? -Infinity) < from) return false;
  if (until !== undefined && (header.time ?? Infinity) > until) return false;
  if (types !== undefined && !types.includes(header.type)) return false;
  if (subtypes !== undefined && !subtypes.includes(body?.subtype ?? '')) return false;
  return compositionId === undefined || compositionOf({ header, body }) === compositionId;
}

/** The composition a record speaks of, from its header or its references. */
export function compositionOf({
  header,
  body,
}: Pick<LogRecord, 'header' | 'body'>): string | undefined {
  const named = body?.references.find(({ name }) => /^CompositionI[dD]$/.test(name));
  return named?.value.replace(/^urn:uuid:/i, '').toLowerCase() ?? header.contentId;
}

/**
 * A report whose other bodies are taken out and whose headers stay, so that the chain and its
 * signatures still hold (ST 430-5 annex B): what a distributor may see of a cinema's log.
 */
export function filterLog(report: LogReport, filter: LogFilter): XmlDocument {
  const dropped = new Set<XmlElement>();
  for (const record of report.records) {
    if (record.body !== undefined && !passesFilter(record, filter))
      dropped.add(record.body.element);
  }
  const { root } = report.document;
  const children = root.children.map((child): XmlNode => {
    if (child.kind !== 'element') return child;
    const kept = child.children.filter((each) => each.kind !== 'element' || !dropped.has(each));
    return kept.length === child.children.length ? child : { ...child, children: kept };
  });
  return { ...documentOf(root), root: { ...root, children } };
}
