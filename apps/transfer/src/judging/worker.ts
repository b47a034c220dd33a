import { type AssetOrder, examineAlone, type ExaminedAsset } from '@yinglian/dcp';
import { nodeCryptography, openFile } from '@yinglian/host';
import { type CrewWork, serveCrew } from '../hashing/crew.ts';

/** A track file to be examined. */
export type ExamineRequest = { readonly path: string; readonly order: AssetOrder };

/** What was found out, or why the file could not be read to its end. */
export type ExamineResult =
  | { readonly examined: ExaminedAsset }
  | { readonly fault: string; readonly errno: string | undefined };

async function examine({ path, order }: ExamineRequest, crew: CrewWork): Promise<ExamineResult> {
  const source = await openFile(path);
  const signal = {
    get aborted() {
      return crew.cancelled();
    },
    throwIfAborted: () => {
      if (crew.cancelled()) throw new Error('cancelled');
    },
  };
  let seen = 0;
  try {
    const examined = await examineAlone(source, order, nodeCryptography, {
      signal,
      onProgress: ({ done }) => {
        crew.onBytes(done - seen);
        seen = done;
      },
    });
    return { examined };
  } finally {
    await source.close?.();
  }
}

serveCrew<ExamineRequest, ExamineResult>(
  (request, crew) =>
    examine(request, crew).catch((error: NodeJS.ErrnoException) => ({
      fault: error.message,
      errno: error.code,
    })),
  false,
);
