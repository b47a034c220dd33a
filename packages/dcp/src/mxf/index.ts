export * from './channels.ts';
export { type CodestreamHead, readCodestreamHead } from './codestream-head.ts';
export {
  type EncryptedTriplet,
  encryptedElementBytes,
  micKey,
  parseTriplet,
  type TripletEncryptor,
  tripletEncryptor,
  type TripletOpener,
  tripletOpener,
  type TrackEncryption,
} from './encryption.ts';
export type { TrackFileIdentity } from './header.ts';
export { type IndexTable } from './index-table.ts';
export { CODING_ATMOS, type Label, type LabelSet, sameLabel } from './labels.ts';
export {
  type HeaderFault,
  type HeaderMetadata,
  type MetadataSet,
  parseHeaderMetadata,
} from './metadata.ts';
export {
  type PartitionKind,
  type PartitionPack,
  parsePartition,
  type RandomIndexEntry,
} from './partition.ts';
export type { PropertyValue, Rational } from './property-types.ts';
export * from './reader.ts';
export * from './scanner.ts';
export * from './track-file.ts';
export { layoutOfSound, readResources, rewrapTrackFile, type RewrapOptions } from './rewrap.ts';
export * from './unwrap.ts';
export type {
  EncryptionToWrite,
  Frames,
  TimedTextResource,
  TrackFileOptions,
  TrackFileSummary,
  WriterPorts,
} from './track-file-writer.ts';
export * from './writer.ts';
