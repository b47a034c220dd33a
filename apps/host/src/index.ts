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
export {
  createFileSink,
  type FileSinkOptions,
  folderReader,
  folderWriter,
  openFile,
  UnsafePathError,
} from './files.ts';
export { foldedPath, pathParts } from './paths.ts';
