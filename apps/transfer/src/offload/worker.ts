import { serveCrew } from '../hashing/crew.ts';
import { copyFile, type CopyRequest, type CopyResult } from './copy-file.ts';

serveCrew<CopyRequest, CopyResult>(
  (request, { cancelled, onBytes }) => copyFile(request, { cancelled, onBytes }),
  true,
);
