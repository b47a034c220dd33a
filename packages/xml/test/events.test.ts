import { encodeUtf8 } from '@yinglian/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openXmlFeed, readXml, type XmlElement } from '../src/index.ts';

/** The document as one line for each thing told, text pieces joined. */
function told(text: string, cuts: readonly number[]): { lines: readonly string[]; code?: string } {
  const lines: string[] = [];
  let gathered = '';
  const flush = () => {
    if (gathered !== '') lines.push(`text ${gathered}`);
    gathered = '';
  };
  const feed = openXmlFeed({
    open: ({ local, namespace, attributes }) => {
      flush();
      const values = attributes.map(({ local: name, value }) => `${name}=${value}`).join();
      lines.push(`open ${namespace} ${local} ${values}`);
    },
    text: (piece) => void (gathered += piece),
    close: () => {
      flush();
      lines.push('close');
    },
  });
  const places = [
    0,
    ...cuts.map((each) => each % (text.length + 1)).sort((a, b) => a - b),
    text.length,
  ];
  places.forEach((place, i) => i > 0 && feed.write(text.slice(places[i - 1], place)));
  const stopped = feed.end();
  return { lines, ...(stopped === undefined ? {} : { code: stopped.code }) };
}

function linesOf(of: XmlElement): readonly string[] {
  const attributes = of.attributes.map(({ local, value }) => `${local}=${value}`).join();
  const inside = of.children.flatMap((child) =>
    child.kind === 'element' ? linesOf(child) : child.kind === 'text' ? [`text ${child.text}`] : [],
  );
  return [`open ${of.namespace} ${of.local} ${attributes}`, ...inside, 'close'];
}

const GOOD =
  '<?xml version="1.0"?>\n<a xmlns="urn:x" b="1 &amp; 2">' +
  '<c>影片 &#x1F3AC; &lt;<![CDATA[<raw>]]></c>\r\n<d/></a>';
const BAD: readonly (readonly [string, string])[] = [
  ['<!DOCTYPE a><a/>', 'unexpected_document_type'],
  ['<a>&nbsp;</a>', 'malformed_xml'],
  ['<a><b></a>', 'malformed_xml'],
  ['<x:a/>', 'malformed_xml'],
  ['<a>'.repeat(80), 'excessive_element_depth'],
  ['', 'malformed_xml'],
];

describe('reading piece by piece', () => {
  it('[XM23] says what the tree says, wherever it is cut', () => {
    const tree = readXml(encodeUtf8(GOOD));
    if (!tree.ok) throw new Error('the document is good');
    const expected = linesOf(tree.value.root);
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 6 }), (cuts) => {
        expect(told(GOOD, cuts)).toEqual({ lines: expected });
      }),
      { numRuns: 100 },
    );
  });

  it.each(BAD)('[XM23] refuses %s', (text, code) => {
    expect(told(text, []).code).toBe(code);
  });
});
