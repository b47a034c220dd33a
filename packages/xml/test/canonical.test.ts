// Table: examples of the recommendations, which must stay as they are printed there.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  canonicalDocument,
  canonicalElement,
  childElement,
  elementAt,
  readXml,
} from '@yinglian/xml';
import { encodeUtf8 } from '@yinglian/core';
import { fixtureFiles, HAS_FIXTURES, parsed } from './fixtures.ts';

describe('canonical form', () => {
  it('[XM11] orders namespaces and attributes, keeps white space, drops what is superfluous', () => {
    // Canonical XML 1.0, example 3.3, without its document type.
    const document = parsed(`<doc>
   <e1   />
   <e2   ></e2>
   <e3   name = "elem3"   id="elem3"   />
   <e4   name="elem4"   id="elem4"   ></e4>
   <e5 a:attr="out" b:attr="sorted" attr2="all" attr="I'm"
      xmlns:b="http://www.ietf.org"
      xmlns:a="http://www.w3.org"
      xmlns="http://example.org"/>
   <e6 xmlns="" xmlns:a="http://www.w3.org">
      <e7 xmlns="http://www.ietf.org">
         <e8 xmlns="" xmlns:a="http://www.w3.org">
            <e9 xmlns="" xmlns:a="http://www.ietf.org" attr="default"/>
         </e8>
      </e7>
   </e6>
</doc>`);
    expect(canonicalDocument(document)).toBe(`<doc>
   <e1></e1>
   <e2></e2>
   <e3 id="elem3" name="elem3"></e3>
   <e4 id="elem4" name="elem4"></e4>
   <e5 xmlns="http://example.org" xmlns:a="http://www.w3.org" xmlns:b="http://www.ietf.org" attr="I'm" attr2="all" b:attr="sorted" a:attr="out"></e5>
   <e6 xmlns:a="http://www.w3.org">
      <e7 xmlns="http://www.ietf.org">
         <e8 xmlns="">
            <e9 xmlns:a="http://www.ietf.org" attr="default"></e9>
         </e8>
      </e7>
   </e6>
</doc>`);
  });

  it('[XM11] replaces characters as the recommendation says', () => {
    // Canonical XML 1.0, example 3.4, the parts that need no document type.
    const document = parsed(`<doc>
   <text>First line&#x0d;&#10;Second line</text>
   <value>&#x32;</value>
   <compute><![CDATA[value>"0" && value<"10" ?"valid":"error"]]></compute>
   <compute expr='value>"0" &amp;&amp; value&lt;"10" ?"valid":"error"'>valid</compute>
   <norm attr=' &apos;   &#x20;&#13;&#xa;&#9;   &apos; '/>
</doc>`);
    expect(canonicalDocument(document)).toBe(`<doc>
   <text>First line&#xD;
Second line</text>
   <value>2</value>
   <compute>value&gt;"0" &amp;&amp; value&lt;"10" ?"valid":"error"</compute>
   <compute expr="value>&quot;0&quot; &amp;&amp; value&lt;&quot;10&quot; ?&quot;valid&quot;:&quot;error&quot;">valid</compute>
   <norm attr=" '    &#xD;&#xA;&#x9;   ' "></norm>
</doc>`);
  });

  it('[XM11] keeps comments only when asked, and breaks lines outside the root', () => {
    const document = parsed(
      '<?xml version="1.0"?>\n<?xml-stylesheet   href="doc.xsl" ?>\n<!-- 1 --><doc>Hello<!-- 2 --></doc>\n<?pi?>\n<!-- 3 -->',
    );
    expect(canonicalDocument(document)).toBe(
      '<?xml-stylesheet href="doc.xsl" ?>\n<doc>Hello</doc>\n<?pi?>',
    );
    expect(canonicalDocument(document, { comments: true })).toBe(
      '<?xml-stylesheet href="doc.xsl" ?>\n<!-- 1 -->\n<doc>Hello<!-- 2 --></doc>\n<?pi?>\n<!-- 3 -->',
    );
  });

  it('[XM11] sorts names by code points, not by UTF-16 units', () => {
    const { root } = parsed('<r \u{10000}="1" \uf900="2" a="3"/>');
    expect(canonicalElement(root, root)).toBe('<r a="3" \uf900="2" \u{10000}="1"></r>');
  });

  it('[XM12] keeps unused namespaces and inherited xml attributes of a part', () => {
    const { root } = parsed(
      '<r xmlns="urn:d" xmlns:u="urn:u" xml:lang="zh" xml:space="preserve"><m xml:lang="en" xmlns:v="urn:v"><p Id="x"/></m></r>',
    );
    const part = elementAt(root, ['m', 'p'])!;
    expect(canonicalElement(root, part)).toBe(
      '<p xmlns="urn:d" xmlns:u="urn:u" xmlns:v="urn:v" Id="x" xml:lang="en" xml:space="preserve"></p>',
    );
  });

  it('[XM12] does not undeclare a default namespace that nobody declared', () => {
    const { root } = parsed('<p:r xmlns:p="urn:p"><c xmlns=""/></p:r>');
    expect(canonicalElement(root, childElement(root, 'c')!)).toBe('<c xmlns:p="urn:p"></c>');
  });

  it('[XM13] keeps used prefixes only, and those on the list', () => {
    // Exclusive XML Canonicalization 1.0, section 2.2.
    const { root } = parsed(
      '<n2:pdu xmlns:n1="http://a" xmlns:n2="http://foo" xmlns:n3="http://far" xml:lang="fr" xml:space="retain"><n1:elem2 xmlns:n1="http://example.net" xml:lang="en"><n3:stuff xmlns:n3="ftp://example.org"/></n1:elem2></n2:pdu>',
    );
    const part = childElement(root, 'elem2')!;
    expect(canonicalElement(root, part, { exclusive: true })).toBe(
      '<n1:elem2 xmlns:n1="http://example.net" xml:lang="en"><n3:stuff xmlns:n3="ftp://example.org"></n3:stuff></n1:elem2>',
    );
    expect(canonicalElement(root, part, { exclusive: true, inclusivePrefixes: ['n2'] })).toBe(
      '<n1:elem2 xmlns:n1="http://example.net" xmlns:n2="http://foo" xml:lang="en"><n3:stuff xmlns:n3="ftp://example.org"></n3:stuff></n1:elem2>',
    );
  });

  it.runIf(HAS_FIXTURES)('[XM14] is a fixed point for real documents', () => {
    const files = [...fixtureFiles('node-cpl', '.xml'), ...fixtureFiles('generated', '.xml')];
    let checked = 0;
    for (const file of files) {
      const outcome = readXml(readFileSync(file));
      if (!outcome.ok) continue;
      const text = canonicalDocument(outcome.value, { comments: true });
      const again = readXml(encodeUtf8(text));
      if (!again.ok) throw new Error(file);
      expect(canonicalDocument(again.value, { comments: true })).toBe(text);
      checked++;
    }
    expect(checked).toBeGreaterThan(60);
  });
});
