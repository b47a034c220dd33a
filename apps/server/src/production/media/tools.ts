import type { MediaEngine, MediaInput } from '@yinglian/media';
import type { Database } from '../../kernel/database/database.ts';
import type { RegisterFile } from '../../kernel/files/files.ts';
import type { JobRun } from '../../kernel/jobs/definition.ts';
import type { ObjectStore } from '../../kernel/objects/store.ts';
import type { Write } from '../../kernel/write.ts';
import type { Workshop } from './workshop.ts';

export type IngestParts = {
  readonly database: Database;
  readonly write: Write;
  readonly objects: ObjectStore;
  readonly registerFile: RegisterFile;
  readonly engine: MediaEngine;
};

/** What one run of the job works with. */
export type Tools = IngestParts & {
  readonly job: JobRun<{ assetId: string }>;
  readonly workshop: Workshop;
  readonly input: MediaInput;
  readonly sound: string | undefined;
};

/** Options of the engine that show the job's progress and end with it. */
export function watched({ job }: Tools) {
  return {
    signal: job.signal,
    onProgress: ({ share }: { readonly share: number | null }) => job.progress(share),
  };
}
