export * from './asset-map.ts';
export { compositionDocument, isComposition, readComposition } from './composition.ts';
export * from './model.ts';
export {
  BV21_NAME,
  BV21_PROPERTY,
  BV21_SCOPE,
  BV21_VALUE,
  CPL_METADATA,
  NAMESPACES,
  type Standard,
  STANDARD_CONTENT,
  standardOf,
} from './namespaces.ts';
export { packingListDocument, type ReadDocument, readPackingList } from './packing-list.ts';
export { readDocument } from './reading.ts';
export { type PackageSigner, signPackageDocument } from './signing.ts';
