import { accepted, type Outcome, uuidUrn } from '@yinglian/core';
import {
  childElement,
  childElements,
  childText,
  documentOf,
  element,
  indentElement,
  type XmlDocument,
  type XmlElement,
} from '@yinglian/xml';
import type { PackedAsset, PackingList } from './model.ts';
import { NAMESPACES } from './namespaces.ts';
import { countIn, NO_ID, openDocument, textIn, uuidIn } from './reading.ts';
import { checkSchema, type ElementRule } from './schema.ts';

/** Where the form of a packing list is laid down. */
export const PACKING_LIST_CLAUSE = 'ST 429-8:2007 6';

/** ST 429-8:2007 6; Interop has the same shape. */
const RULE: ElementRule = {
  name: 'PackingList',
  children: [
    { name: 'Id', type: 'uuid' },
    { name: 'AnnotationText', optional: true },
    { name: 'IconId', optional: true, type: 'uuid' },
    { name: 'IssueDate', type: 'date_time' },
    { name: 'Issuer' },
    { name: 'Creator' },
    { name: 'GroupId', optional: true, type: 'uuid' },
    {
      name: 'AssetList',
      children: [
        {
          name: 'Asset',
          many: true,
          children: [
            { name: 'Id', type: 'uuid' },
            { name: 'AnnotationText', optional: true },
            { name: 'Hash', type: 'hash' },
            { name: 'Size', type: 'positive' },
            { name: 'Type' },
            { name: 'OriginalFileName', optional: true },
          ],
        },
      ],
    },
    { name: 'Signer', optional: true },
    { name: 'Signature', optional: true },
  ],
};

/** A model and the document it was read from, for its signature. */
export type ReadDocument<Model> = { readonly model: Model; readonly document: XmlDocument };

/** Reads a PKL; the document comes along for its signature. */
export function readPackingList(
  bytes: Uint8Array,
  file: string,
): Outcome<ReadDocument<PackingList>> {
  const opened = openDocument(bytes, 'packingList', 'PackingList', file);
  if (!opened.ok) return opened;
  const { root, standard, document } = opened.value;
  const list = childElement(root, 'AssetList');
  const model: PackingList = {
    standard,
    id: uuidIn(root, 'Id') ?? NO_ID,
    annotation: textIn(root, 'AnnotationText'),
    issueDate: childText(root, 'IssueDate') ?? '',
    issuer: textIn(root, 'Issuer'),
    creator: textIn(root, 'Creator'),
    groupId: uuidIn(root, 'GroupId'),
    assets: list === undefined ? [] : childElements(list, 'Asset').map(readAsset),
    signed: childElement(root, 'Signature') !== undefined,
  };
  return accepted({ model, document }, [
    ...opened.findings,
    ...checkSchema(root, RULE, PACKING_LIST_CLAUSE, file),
  ]);
}

function readAsset(of: XmlElement): PackedAsset {
  return {
    id: uuidIn(of, 'Id') ?? NO_ID,
    annotation: textIn(of, 'AnnotationText'),
    hash: (childText(of, 'Hash') ?? '').replace(/\s+/g, ''),
    sizeBytes: countIn(of, 'Size') ?? 0,
    type: childText(of, 'Type') ?? '',
    originalFileName: textIn(of, 'OriginalFileName'),
  };
}

/** The document of a PKL, not yet signed. */
export function packingListDocument(list: PackingList): XmlDocument {
  const namespace = NAMESPACES[list.standard].packingList;
  const leaf = (name: string, text: string | undefined) =>
    text === undefined ? undefined : element(name, namespace, { children: [text] });
  return documentOf(
    indentElement(
      element('PackingList', namespace, {
        declarations: { '': namespace },
        children: [
          leaf('Id', uuidUrn(list.id)),
          leaf('AnnotationText', list.annotation),
          leaf('IssueDate', list.issueDate),
          leaf('Issuer', list.issuer ?? ''),
          leaf('Creator', list.creator ?? ''),
          leaf('GroupId', list.groupId === undefined ? undefined : uuidUrn(list.groupId)),
          element('AssetList', namespace, {
            children: list.assets.map((asset) =>
              element('Asset', namespace, {
                children: [
                  leaf('Id', uuidUrn(asset.id)),
                  leaf('AnnotationText', asset.annotation),
                  leaf('Hash', asset.hash),
                  leaf('Size', String(asset.sizeBytes)),
                  leaf('Type', asset.type),
                  leaf('OriginalFileName', asset.originalFileName),
                ],
              }),
            ),
          }),
        ],
      }),
    ),
  );
}
