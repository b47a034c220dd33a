/**
 * Starts work ahead and takes its results in order: files are hashed many at a time, records are
 * written one after the other. At most `window` results wait.
 */
export type Pipeline<Result> = {
  /** Adds work; waits while too much is under way. */
  push(work: () => Promise<Result>): Promise<void>;
  /** Waits for everything. */
  drain(): Promise<void>;
};

/** A pipeline whose results go to `take`, in the order of `push`. */
export function orderedPipeline<Result>(
  window: number,
  take: (result: Result) => Promise<void>,
): Pipeline<Result> {
  const queue: Promise<Result>[] = [];
  const takeFirst = async () => take(await queue.shift()!);
  return {
    push: async (work) => {
      const started = work();
      // A fault is told when its turn comes; until then nobody else may call it unhandled.
      started.catch(() => undefined);
      queue.push(started);
      while (queue.length > window) await takeFirst();
    },
    drain: async () => {
      while (queue.length > 0) await takeFirst();
    },
  };
}
