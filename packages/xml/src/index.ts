export * from './algorithms.ts';
export * from './canonical.ts';
export { FINDING_TEXTS } from './codes.ts';
export * from './events.ts';
export { foreignKind } from './kinds.ts';
export * from './model.ts';
export * from './query.ts';
export { readXml, XML_LIMITS, type XmlLimits } from './read.ts';
export * from './sign.ts';
export * from './signature.ts';
export * from './verify.ts';
export {
  escapeAttribute,
  escapeText,
  indentElement,
  isXmlText,
  onlyXmlText,
  writeXml,
} from './write.ts';
