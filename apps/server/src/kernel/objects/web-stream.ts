/**
 * Bytes of an async iterable as a web stream that is read as it is asked for. `Readable.toWeb` of
 * Node 20 throws out of nowhere when the receiver goes away, which would end the server.
 */
export function webStream(source: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await iterator.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      // What the source says to its early end concerns nobody any more.
      await iterator.return?.().catch(() => undefined);
    },
  });
}
