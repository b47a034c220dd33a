/**
 * node-av uses `Promise.withResolvers` (ES2024) although it allows Node 20, where it is missing;
 * without it whole jobs end quietly with an empty file. This module is imported before node-av.
 */
type Resolvers = {
  promise: Promise<unknown>;
  resolve: (value: unknown) => void;
  reject: (reason?: unknown) => void;
};

const target = Promise as unknown as { withResolvers?: () => Resolvers };
target.withResolvers ??= function withResolvers(): Resolvers {
  let resolve: Resolvers['resolve'] = () => {};
  let reject: Resolvers['reject'] = () => {};
  const promise = new Promise((onDone, onFault) => {
    resolve = onDone;
    reject = onFault;
  });
  return { promise, resolve, reject };
};
