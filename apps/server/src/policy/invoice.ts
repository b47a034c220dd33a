import type { policyInvoiceSchema } from '@yinglian/contract';
import { isIsoDate, parseYuan } from '@yinglian/core';
import { childText, elementAt, elementsWithin, readXml, type XmlElement } from '@yinglian/xml';
import type { z } from 'zod';

/** What an electronic invoice in XML (数电票) says of itself. */
export type Invoice = z.output<typeof policyInvoiceSchema>;

/** Bytes of one invoice in XML; one of thousands of lines has a part of it. */
const INVOICE_BYTES_MAX = 5 * 1024 * 1024;
/** Signatures stand in their own namespace (XMLDSig); elements of pages would run in a browser. */
const SIGNATURE_NAMESPACE = 'http://www.w3.org/2000/09/xmldsig#';

/**
 * Reads an invoice as the tax bureau hands it out; undefined for every other document, and for one
 * that brings style sheets or elements of pages with it.
 */
export function readInvoice(bytes: Uint8Array): Invoice | undefined {
  const read = readXml(bytes, { bytes: INVOICE_BYTES_MAX });
  if (!read.ok) return undefined;
  const { root, before, after } = read.value;
  const instructed = [...before, ...after].some(({ kind }) => kind === 'instruction');
  if (root.local !== 'EInvoice' || instructed || !isStill(root)) return undefined;
  const at = (...path: readonly string[]) => {
    const parent = elementAt(root, path.slice(0, -1));
    return parent === undefined ? '' : (childText(parent, path.at(-1)!) ?? '');
  };
  const number = at('TaxSupervisionInfo', 'InvoiceNumber') || at('Header', 'EIid');
  const issuedOn = at('TaxSupervisionInfo', 'IssueTime').slice(0, 10);
  const fen = parseYuan(at('EInvoiceData', 'BasicInformation', 'TotalTax-includedAmount'));
  const party = (side: 'Seller' | 'Buyer') => ({
    name: at('EInvoiceData', `${side}Information`, `${side}Name`).slice(0, 200),
    taxNumber: at('EInvoiceData', `${side}Information`, `${side}IdNum`).slice(0, 50),
  });
  const [seller, buyer] = [party('Seller'), party('Buyer')];
  if (!/^\d{8,30}$/.test(number) || !isIsoDate(issuedOn) || fen === undefined) return undefined;
  if (seller.name === '' || buyer.name === '') return undefined;
  return { number, issuedOn, fen: String(fen), seller, buyer };
}

/** Whether nothing in it stands in a namespace that a browser would run. */
function isStill(root: XmlElement): boolean {
  const own = new Set([root.namespace, '', SIGNATURE_NAMESPACE]);
  if (/w3\.org\/(?:1999|2000\/svg)/.test(root.namespace)) return false;
  for (const each of elementsWithin(root)) if (!own.has(each.namespace)) return false;
  return true;
}
