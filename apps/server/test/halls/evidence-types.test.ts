import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { evidenceKind, refuseUnsafe } from '../../src/policy/evidence.ts';
import { readInvoice } from '../../src/policy/invoice.ts';
import { invoiceXml } from './policy-world.ts';

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
const pdf = (body: string) => bytes(`%PDF-1.7\n${body}\n%%EOF`);
/** A stream of objects as PDF 1.5 has them, compressed. */
const objects = (inside: string, packed = deflateSync(Buffer.from(inside, 'latin1'))) =>
  `7 0 obj <</Type /ObjStm /N 1 /First 4 /Filter /FlateDecode>>\nstream\n${packed.toString(
    'latin1',
  )}\nendstream\nendobj`;

describe('documents that people open', () => {
  it('[HP28] a PDF that runs something is refused, however it is written', () => {
    expect(evidenceKind(pdf('1 0 obj <</Type /Catalog>> endobj'))).toBe('pdf');
    for (const active of [
      '<</S /JavaScript /JS (app.alert(1))>>',
      '<</S /J#61vaScript>>',
      '<</OpenAction <</JS (x)>>>>',
      '<</S /Launch /F (cmd.exe)>>',
      '<</Type /EmbeddedFile>>',
      '<</XFA 5 0 R>>',
    ]) {
      expect(evidenceKind(pdf(`1 0 obj ${active} endobj`)), active).toBeUndefined();
    }
    expect(evidenceKind(pdf(objects('3 0 <</Type /Page>>')))).toBe('pdf');
    expect(evidenceKind(pdf(objects('3 0 <</S /Java#53cript>>')))).toBeUndefined();
    expect(evidenceKind(pdf(objects('', Buffer.from('no stream at all'))))).toBeUndefined();
    // A bomb is not inflated, and what cannot be looked into is refused.
    expect(evidenceKind(pdf(objects('0 '.repeat(8_000_000))))).toBeUndefined();
  });

  it('[HP28] many streams together are no bomb either, also where they fail on the way', () => {
    const began = process.cpuUsage();
    // Each stays below what one stream may hold; a kilobyte of file is a megabyte of memory.
    const large = deflateSync(Buffer.alloc(7 * 1024 * 1024, '0 '));
    const many = (packed: Buffer, count: number) => objects('', packed).repeat(count);
    expect(evidenceKind(pdf(many(large, 9)))).toBe('pdf');
    expect(evidenceKind(pdf(many(large, 1_000)))).toBeUndefined();
    const broken = Buffer.concat([large.subarray(0, -8), Buffer.from('no checksum')]);
    expect(evidenceKind(pdf(`<</Encrypt 9 0 R>>${many(broken, 1_000)}`))).toBeUndefined();
    // What is really encrypted fails at once and costs nothing.
    const encrypted = many(Buffer.from('no stream at all'), 1_000);
    expect(evidenceKind(pdf(`<</Encrypt 9 0 R>>${encrypted}`))).toBe('pdf');
    expect(process.cpuUsage(began).user / 1_000_000).toBeLessThan(20);
  });

  it('[HP28] a text of nothing but beginnings of formulas is read in one go', () => {
    const began = process.cpuUsage();
    for (const part of ['=', '=|', '"=|', '\t', '\t ', '=cmd|x']) {
      expect(evidenceKind(bytes(part.repeat(300_000))), part).toBe('text');
    }
    expect(process.cpuUsage(began).user / 1_000_000).toBeLessThan(5);
    for (const text of ['a\n\t =cmd|x!', '"+a|b!c"', ';\u000b@a|!', 'a\r-1|2!3']) {
      expect(evidenceKind(bytes(text)), text).toBeUndefined();
    }
    for (const text of ['a =b|c!', '=a|b,c!', '=a!b|', 'x\n=a|b\n!']) {
      expect(evidenceKind(bytes(text)), text).toBe('text');
    }
  });

  it('[HP28] chance does not make a picture of a page a program', () => {
    const scanned = `<</Subtype /Image>>\nstream\n${'x/JS<y'.repeat(1_000)}\nendstream`;
    expect(evidenceKind(pdf(scanned))).toBe('pdf');
    expect(evidenceKind(pdf('<</JSName 1>>'))).toBe('pdf');
  });

  it('[HP28] packages with programs, pages, scripts and formulas are refused', () => {
    const office = (part: string) => bytes(`PK\u0003\u0004[Content_Types].xml${part}`);
    expect(evidenceKind(office('word/document.xml'))).toBe('office');
    for (const part of ['word/vbaProject.bin', 'xl/VBAPROJECT.BIN', 'xl/macrosheets/sheet1.xml']) {
      expect(evidenceKind(office(part)), part).toBeUndefined();
    }
    expect(evidenceKind(bytes('PK\u0003\u0004virus.exe'))).toBeUndefined();
    for (const text of ['<html>', '#!/bin/sh', 'MZ\u0090', "a,=cmd|'/C calc'!A0", '', '\u0000']) {
      expect(evidenceKind(bytes(text)), text).toBeUndefined();
    }
    expect(evidenceKind(bytes('a,b\n1,-2'))).toBe('text');
  });

  it('[HP28] invoices in OFD, scans and sheets of this country are let in', () => {
    const part = (name: string) => {
      const head = Buffer.alloc(46);
      head.write('PK\u0001\u0002', 'latin1');
      head.writeUInt16LE(name.length, 28);
      return `${head.toString('latin1')}${name}`;
    };
    const ofd = (...names: readonly string[]) =>
      bytes(`PK\u0003\u0004${['OFD.xml', 'Doc_0/Document.xml', ...names].map(part).join('')}`);
    expect(evidenceKind(ofd('Doc_0/Res/seal.png'))).toBe('ofd');
    for (const name of ['Doc_0/Attachs/run.exe', 'Doc_0/Attachs/a.VBS']) {
      expect(evidenceKind(ofd(name)), name).toBeUndefined();
    }
    expect(evidenceKind(bytes('II*\u0000....'))).toBe('tiff');
    expect(evidenceKind(bytes('\u0000\u0000\u0000\u0018ftypheic'))).toBe('heic');
    expect(evidenceKind(bytes('\u0000\u0000\u0000\u0018ftypisom'))).toBeUndefined();
    // 发票 in GB 18030, and a formula in it.
    expect(evidenceKind(bytes('\u00b7\u00a2\u00c6\u00b1,1'))).toBe('text');
    expect(evidenceKind(bytes("\u00b7\u00a2,=cmd|'/C calc'!A0"))).toBeUndefined();
    expect(evidenceKind(bytes('\u00b7\u00a2\u0000'))).toBeUndefined();
  });

  it('[HP35] an electronic invoice in XML is read, and no other page of XML is let in', () => {
    const xml = invoiceXml('26537912570200055449', '19.19', '云南溯源科技有限公司');
    const file = (text: string) => new TextEncoder().encode(text);
    expect(evidenceKind(file(xml))).toBe('invoice');
    expect(readInvoice(file(xml))).toEqual({
      number: '26537912570200055449',
      issuedOn: '2026-02-28',
      fen: '1919',
      seller: { name: '绕城高速公路公司', taxNumber: '9153000077859986X2' },
      buyer: { name: '云南溯源科技有限公司', taxNumber: '915300007194052520' },
    });
    const safe = (name: string) => {
      try {
        refuseUnsafe({ name, mediaType: 'text/xml', bytes: file(xml) });
        return true;
      } catch {
        return false;
      }
    };
    expect(['发票.xml', '发票.XML', '发票.html', '发票.xml.hta'].map(safe)).toEqual([
      true,
      true,
      false,
      false,
    ]);
    const script = '<s:script xmlns:s="http://www.w3.org/1999/xhtml">alert(1)</s:script>';
    for (const wrong of [
      `<?xml-stylesheet href="x.xsl"?>${xml}`,
      xml.replace('</EInvoice>', `${script}</EInvoice>`),
      xml.replaceAll('EInvoice>', 'Invoice>'),
      xml.replace('19.19', 'much'),
      xml.replace('2026-02-28', '2026-02-30'),
      `<!DOCTYPE EInvoice [<!ENTITY a "b">]>${xml}`,
    ]) {
      expect(evidenceKind(file(wrong)), wrong.slice(0, 60)).toBeUndefined();
    }
  });

  it('[HP28] a name that a double click runs is refused, whatever is inside', () => {
    const named = (name: string) => {
      try {
        refuseUnsafe({ name, mediaType: 'text/plain', bytes: bytes('echo hello') });
        return true;
      } catch {
        return false;
      }
    };
    expect(['a.txt', '报告.csv', 'readme', 'a.js.txt'].map(named)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    for (const name of ['a.bat', 'a.txt.VBS', 'a.ps1 ', 'a.hta.', '合同.lnk', 'x.docm']) {
      expect(named(name), name).toBe(false);
    }
  });
});
