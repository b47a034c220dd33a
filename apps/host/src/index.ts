export { ARCHIVE_LIMITS, type ArchiveFile, type ArchiveLimits, readArchive } from './archive.ts';
export { FINDING_TEXTS } from './codes.ts';
export {
  generateRsaKey,
  nodeCryptography,
  publicKeyOf,
  randomBytes,
  readPrivateKey,
  RSA_BITS,
  type RsaKeyPair,
  seededRandomBytes,
} from './cryptography.ts';
export { verifyEd25519 } from './ed25519.ts';
export {
  createFileSink,
  type FileSinkOptions,
  folderReader,
  folderWriter,
  openFile,
  UnsafePathError,
} from './files.ts';
export { foldedPath, pathParts } from './paths.ts';
export {
  looksLikeWorkbook,
  readWorkbook,
  type WorkbookCell,
  type WorkbookRows,
  type WorkbookSheet,
  type WorkbookValue,
  writeWorkbook,
} from './workbook.ts';
