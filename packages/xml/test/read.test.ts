import { readFileSync } from 'node:fs';
import { concatBytes, encodeUtf8 } from '@yinglian/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attributeValue,
  canonicalDocument,
  childElement,
  childElements,
  childText,
  documentOf,
  element,
  elementAt,
  FINDING_TEXTS,
  indentElement,
  isXmlText,
  onlyXmlText,
  placeOf,
  rawText,
  readXml,
  replaceElement,
  textOf,
  writeXml,
} from '@yinglian/xml';
import { fixtureFiles, HAS_FIXTURES, parsed } from './fixtures.ts';

function codes(bytes: Uint8Array | string, limits = {}): string[] {
  const outcome = readXml(typeof bytes === 'string' ? encodeUtf8(bytes) : bytes, limits);
  return outcome.ok ? [] : outcome.findings.map((each) => each.code);
}

function utf16(text: string, bigEndian: boolean, mark = true): Uint8Array {
  const units = [...(mark ? '\ufeff' : ''), ...text].join('');
  const bytes = new Uint8Array(units.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < units.length; i++) view.setUint16(i * 2, units.charCodeAt(i), !bigEndian);
  return bytes;
}

describe('reading', () => {
  it('[XM1] keeps prefixes, declarations, order and positions', () => {
    const { root } = parsed(
      '<a:r xmlns:b="urn:b" xmlns:a="urn:a"\n z="1" b:y="2">\r\n  <b:c/>\n' +
        '<c xmlns="urn:d">&#x41;<![CDATA[<]]>&lt;</c></a:r>',
    );
    expect(root.prefix).toBe('a');
    expect(root.namespace).toBe('urn:a');
    expect(root.declarations).toEqual([
      { prefix: 'b', namespace: 'urn:b' },
      { prefix: 'a', namespace: 'urn:a' },
    ]);
    expect(root.attributes.map((each) => [each.prefix, each.local, each.value])).toEqual([
      ['', 'z', '1'],
      ['b', 'y', '2'],
    ]);
    expect(attributeValue(root, 'y', 'urn:b')).toBe('2');
    expect(attributeValue(root, 'y')).toBeUndefined();
    const [first, second] = childElements(root);
    expect(placeOf(first!)).toEqual({ element: 'b:c', line: 3, column: 3 });
    expect(placeOf(second!)).toEqual({ element: 'c', line: 4, column: 1 });
    expect(textOf(second!)).toBe('A<<');
    expect(second!.children).toHaveLength(1);
    expect(childElement(root, 'c', 'urn:d')).toBe(second);
    expect(elementAt(root, ['c', 'nothing'])).toBeUndefined();
  });

  it('[XM1] keeps comments and instructions outside the root', () => {
    const document = parsed('<?xml version="1.0"?><!--a--><?p q?><r/><!--b-->');
    expect(document.before).toEqual([
      { kind: 'comment', text: 'a' },
      { kind: 'instruction', target: 'p', data: 'q' },
    ]);
    expect(document.after).toEqual([{ kind: 'comment', text: 'b' }]);
  });

  it('[XM2] refuses document types and entities', () => {
    expect(codes('<!DOCTYPE r><r/>')).toEqual(['unexpected_document_type']);
    expect(codes('<!DOCTYPE r [<!ENTITY a "b">]><r>&a;</r>')).toEqual(['unexpected_document_type']);
    expect(codes('<!DOCTYPE r SYSTEM "http://example.com/r.dtd"><r/>')).toEqual([
      'unexpected_document_type',
    ]);
    expect(codes('<r>&nbsp;</r>')).toEqual(['malformed_xml']);
    expect(codes('<r>&constructor;</r>')).toEqual(['malformed_xml']);
    expect(textOf(parsed('<r>&lt;&gt;&amp;&apos;&quot;&#65;</r>').root)).toBe('<>&\'"A');
  });

  it('[XM3] reads UTF-8 and marked UTF-16 only', () => {
    const text = '<?xml version="1.0" encoding="UTF-16"?><r>影联𝄞</r>';
    for (const [bigEndian, encoding] of [
      [true, 'UTF-16BE'],
      [false, 'UTF-16LE'],
    ] as const) {
      const outcome = readXml(utf16(text, bigEndian));
      if (!outcome.ok) throw new Error(outcome.findings[0]!.code);
      expect(outcome.value.encoding).toBe(encoding);
      expect(textOf(outcome.value.root)).toBe('影联𝄞');
    }
    const marked = readXml(concatBytes(Uint8Array.of(0xef, 0xbb, 0xbf), encodeUtf8('<r/>')));
    expect(marked.ok && marked.value.byteOrderMark).toBe(true);
    expect(parsed('<r/>').byteOrderMark).toBe(false);
    expect(codes(utf16('<r/>', true, false))).not.toEqual([]);
    expect(codes(Uint8Array.of(0x3c, 0x72, 0x3e, 0xff, 0x3c))).toEqual(['invalid_text_encoding']);
    expect(codes('<?xml version="1.0" encoding="ISO-8859-1"?><r/>')).toEqual([
      'unexpected_text_encoding',
    ]);
    expect(codes('<?xml version="1.0" encoding="UTF-16"?><r/>')).toEqual([
      'mismatched_text_encoding',
    ]);
    expect(codes(utf16('<?xml version="1.0" encoding="UTF-8"?><r/>', true))).toEqual([
      'mismatched_text_encoding',
    ]);
    const later = readXml(encodeUtf8('<?xml version="1.1"?><r/>'));
    expect(later.findings.map((each) => each.code)).toEqual(['unexpected_xml_version']);
  });

  it('[XM4] has limits', () => {
    expect(codes('<r/>', { bytes: 3 })).toEqual(['excessive_document_size']);
    expect(codes('')).toEqual(['empty_document']);
    expect(codes(`${'<a>'.repeat(64)}${'</a>'.repeat(64)}`)).toEqual([]);
    expect(codes(`${'<a>'.repeat(65)}${'</a>'.repeat(65)}`)).toEqual(['excessive_element_depth']);
    const attributes = (count: number) =>
      `<r ${Array.from({ length: count }, (_, index) => `a${index}=""`).join(' ')}/>`;
    expect(codes(attributes(256))).toEqual([]);
    expect(codes(attributes(257))).toEqual(['excessive_attribute_count']);
    expect(codes('<r><a/><a/><a/></r>', { nodes: 4 })).toEqual([]);
    expect(codes('<r><a/><a/><a/></r>', { nodes: 3 })).toEqual(['excessive_element_count']);
  });

  it('[XM5] names the place of what is not well formed', () => {
    for (const text of [
      'text',
      '<a>',
      '<a></b>',
      '<a b="1" b="2"/>',
      '<a:b/>',
      '<a xmlns:x="u" xmlns:y="u" x:k="1" y:k="2"/>',
      '<a>&#0;</a>',
      '<a/><b/>',
      '<a b=1/>',
      '<a xmlns:xml="urn:other"/>',
      '<a xmlns:b=""/>',
      '<a xmlns:b="" b:c="1"/>',
      '<a xmlns:b=" urn:b"/>',
      '<a xmlns="urn:b\ufeff"/>',
      '<a>\u0001</a>',
    ]) {
      const outcome = readXml(encodeUtf8(text));
      expect(outcome.ok, text).toBe(false);
      expect(outcome.findings).toHaveLength(1);
      expect(outcome.findings[0]!.code, text).toBe('malformed_xml');
      expect(outcome.findings[0]!.at['line']).toBe(1);
    }
    const outcome = readXml(encodeUtf8('<a>\n<b>\n</a>'));
    expect(outcome.findings[0]!.at['line']).toBe(3);
  });

  it('[XM6] never throws, whatever the bytes', () => {
    const seed = encodeUtf8(
      '<?xml version="1.0"?><a xmlns="urn:a" b="c&amp;"><!--x--><b>t&#10;</b><![CDATA[y]]></a>',
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(seed.length - 1), fc.nat(255), fc.nat(3)), { maxLength: 6 }),
        (mutations) => {
          let bytes = [...seed];
          for (const [at, value, kind] of mutations) {
            if (kind === 0) bytes[at] = value;
            else if (kind === 1) bytes.splice(at, 1);
            else if (kind === 2) bytes.splice(at, 0, value);
            else bytes = bytes.slice(0, at);
          }
          const outcome = readXml(Uint8Array.from(bytes));
          expect(outcome.ok || outcome.findings.length === 1).toBe(true);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('[XM24] names the kind of a file that is no document at all', () => {
    const kinds: [string, string][] = [
      ['JPEG', '\u00ff\u00d8\u00ff\u00e0JFIF'],
      ['ZIP', 'PK\u0003\u0004'],
      ['PDF', '%PDF-1.7'],
      ['HTML', '<!DOCTYPE html><html><body><br></body></html>'],
      ['HTML', '\n<html lang="zh">'],
      ['PEM', '-----BEGIN CERTIFICATE-----\n'],
      ['WAVE', 'RIFF....WAVEfmt '],
    ];
    for (const [kind, text] of kinds) {
      const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
      const outcome = readXml(bytes);
      expect(outcome.findings.map(({ code, facts }) => [code, facts['kind']])).toEqual([
        ['unexpected_file_kind', kind],
      ]);
    }
    expect(codes('<htmlish/>')).toEqual([]);
  });

  it('[XM7] does not let a comment cut a text', () => {
    const { root } = parsed('<r><t> kdm@<!-- -->cinema.example </t></r>');
    expect(childText(root, 't')).toBe('kdm@cinema.example');
    expect(rawText(childElement(root, 't')!)).toBe(' kdm@cinema.example ');
  });

  it.runIf(HAS_FIXTURES)(
    '[XM5] finds the one broken document among those of a real test set',
    () => {
      const broken = fixtureFiles('clairmeta-data/XML', '.xml').filter(
        (path) => !readXml(readFileSync(path)).ok,
      );
      expect(broken.length).toBeGreaterThan(0);
      expect(broken.length).toBeLessThan(6);
    },
  );
});

const anyText = fc.string({ unit: 'binary', maxLength: 12 }).map(onlyXmlText);
const anyName = fc.constantFrom('a', 'b', 'p:a', 'p:b', 'q:c');
const NAMESPACES: Record<string, string> = { '': 'urn:d', p: 'urn:p', q: 'urn:p' };
const anyTree = fc
  .letrec((tie) => ({
    node: fc.oneof({ maxDepth: 4 }, anyText, tie('element')),
    element: fc
      .tuple(
        anyName,
        fc.dictionary(fc.constantFrom('x', 'y', 'z'), anyText),
        fc.array(tie('node'), { maxLength: 4 }),
      )
      .map(([name, attributes, children]) =>
        element(name, NAMESPACES[name.includes(':') ? name[0]! : '']!, {
          attributes,
          children: children as string[],
        }),
      ),
  }))
  .element.map((inner) =>
    documentOf(
      element('root', 'urn:d', {
        declarations: { '': 'urn:d', p: 'urn:p', q: 'urn:p' },
        children: [inner as ReturnType<typeof element>],
      }),
    ),
  );

describe('writing', () => {
  it('[XM8] comes back with the same canonical form', () => {
    fc.assert(
      fc.property(anyTree, (document) => {
        const outcome = readXml(writeXml(document));
        if (!outcome.ok) throw new Error(outcome.findings[0]!.code);
        expect(canonicalDocument(outcome.value)).toBe(canonicalDocument(document));
      }),
      { numRuns: 500 },
    );
  });

  it('[XM9] never writes what XML does not allow', () => {
    const bad = documentOf(element('r', '', { children: ['\u0000'] }));
    expect(() => writeXml(bad)).toThrow();
    expect(() => writeXml(documentOf(element('p:r', 'urn:p')))).toThrow();
    expect(() => writeXml(documentOf(element('r', 'urn:p')))).toThrow();
    expect(() => writeXml(documentOf(element('r', '', { attributes: { a: '\ud800' } })))).toThrow();
    expect(isXmlText('a\ud83d\ude00\t\n')).toBe(true);
    expect(isXmlText('\ufffe')).toBe(false);
    expect(onlyXmlText('a\u0000b\udc00')).toBe('ab');
  });

  it('[XM10] lays out elements, never text', () => {
    const tree = element('r', '', {
      children: [
        element('a', '', { children: ['x'] }),
        element('b', '', { children: [element('c', '')] }),
      ],
    });
    const text = new TextDecoder().decode(writeXml(documentOf(indentElement(tree))));
    expect(text).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<r>\n  <a>x</a>\n  <b>\n    <c/>\n  </b>\n</r>\n',
    );
    const mixed = element('r', '', { children: ['x', element('a', '')] });
    expect(indentElement(mixed)).toBe(mixed);
  });

  it('[XM10] replaces and removes one element and leaves the rest as it was', () => {
    const { root } = parsed('<r><a/><b><c/></b></r>');
    const c = elementAt(root, ['b', 'c'])!;
    const replaced = replaceElement(root, c, element('d', ''));
    expect(elementAt(replaced, ['b', 'd'])).toBeDefined();
    expect(replaced.children[0]).toBe(root.children[0]);
    expect(elementAt(replaceElement(root, c, undefined), ['b', 'c'])).toBeUndefined();
    expect(replaceElement(root, element('x', ''), undefined)).toBe(root);
  });

  it('[XM22] has a text in both languages for every code', () => {
    for (const [code, text] of Object.entries(FINDING_TEXTS)) {
      expect(code).toMatch(/^[a-z]+(_[a-z]+)+$/);
      expect(text.zh).not.toBe('');
      expect(text.en).not.toBe('');
    }
  });
});
