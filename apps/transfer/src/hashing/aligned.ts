/** As much of WebAssembly as this needs; Node's own types leave it to the browser's. */
declare const WebAssembly: {
  readonly Memory: new (descriptor: { initial: number; maximum: number }) => {
    readonly buffer: ArrayBuffer;
  };
};

const PAGE_BYTES = 65_536;

/**
 * A buffer that begins on a page, as reading past the cache demands (open(2), O_DIRECT). Memory of
 * WebAssembly is the one kind of which JavaScript knows where it begins.
 */
export function alignedBuffer(bytes: number): Uint8Array {
  const pages = Math.ceil(bytes / PAGE_BYTES);
  const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages });
  return new Uint8Array(buffer, 0, bytes);
}
