export * from './bundle.ts';
export * from './chain.ts';
export * from './check.ts';
export { FINDING_TEXTS } from './codes.ts';
export * from './make.ts';
export * from './model.ts';
export {
  type DistinguishedName,
  isPrintable,
  NAME_ATTRIBUTES,
  type NameAttribute,
  nameMatchesText,
  nameValues,
  sameName,
} from './names.ts';
export * from './pem.ts';
export { OIDS, readCertificate, readCertificates } from './read.ts';
export * from './signer.ts';
