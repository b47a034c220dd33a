export { loadHashing, openHash } from './hashing/algorithms.ts';
export { diskTree } from './hashing/disk-tree.ts';
export { type HashedFile, hashFile } from './hashing/hash-file.ts';
export { type HashPool, openHashPool } from './hashing/pool.ts';
export { type HashJournal, openHashJournal } from './hashing/journal.ts';
export { type ExaminerCrewOptions, openExaminerCrew } from './judging/crew.ts';
export type {
  OffloadedFile,
  OffloadOptions,
  OffloadProgress,
  OffloadResult,
} from './offload/model.ts';
export { runOffload } from './offload/offload.ts';
