import type { XmlElement, XmlEvents, XmlNode, XmlStart } from '@yinglian/xml';

/** Nodes of one small element; a record has about thirty, its metadata may have some more. */
const SUBTREE_NODES_MAX = 50_000;

/** Where elements are handed over: a record, a frame of the list. */
export type Collector = {
  readonly events: XmlEvents;
  /** Elements that were too large to be kept, by name. */
  readonly oversized: readonly string[];
};

/** What the collector asks about the elements it passes. */
export type CollectorOptions = {
  /** Elements by depth (the root is 0) that are collected whole; others are only entered. */
  collects(start: XmlStart, path: readonly string[]): boolean;
  /** A collected element. */
  element(of: XmlElement, path: readonly string[]): void;
  /** The root, when it opens. */
  root(start: XmlStart): void;
};

type Open = Omit<XmlElement, 'children'> & { readonly children: XmlNode[] };

/**
 * Turns the events of a long document into a sequence of small trees: one record after the other,
 * none of them kept here.
 */
export function collectElements(options: CollectorOptions): Collector {
  const path: string[] = [];
  const open: Open[] = [];
  const oversized: string[] = [];
  let nodes = 0;
  const add = (node: XmlNode) => {
    if (++nodes <= SUBTREE_NODES_MAX) open.at(-1)!.children.push(node);
    else if (nodes === SUBTREE_NODES_MAX + 1) oversized.push(open[0]!.local);
  };
  return {
    oversized,
    events: {
      open: (start) => {
        if (path.length === 0) options.root(start);
        if (open.length > 0 || options.collects(start, path)) {
          const { line, ...named } = start;
          const element: Open = { kind: 'element', ...named, children: [], line, column: 1 };
          if (open.length > 0) add(element);
          else nodes = 0;
          open.push(element);
        }
        path.push(start.local);
      },
      text: (text) => {
        const parent = open.at(-1);
        if (parent === undefined) return;
        const last = parent.children.at(-1);
        if (last?.kind !== 'text') add({ kind: 'text', text });
        else parent.children[parent.children.length - 1] = { kind: 'text', text: last.text + text };
      },
      close: () => {
        path.pop();
        const closed = open.pop();
        if (closed !== undefined && open.length === 0) options.element(closed, path);
      },
    },
  };
}
