/** Ports through which packages reach bytes: a disk, an object store, an upload, a browser File. */

export type ByteSource = {
  readonly sizeBytes: number;
  /**
   * Bytes from `offset`; shorter than `length` only at the end of the source.
   * The returned array may be a view that the next read overwrites only if the caller says so.
   */
  read(offset: number, length: number): Promise<Uint8Array>;
  close?(): Promise<void>;
};

/** Bytes going out in order. `patch` rewrites bytes already written (headers with final lengths). */
export type ByteSink = {
  write(bytes: Uint8Array): Promise<void>;
  patch(offset: number, bytes: Uint8Array): Promise<void>;
  /** Makes what was written durable and visible. */
  close(): Promise<void>;
  /** Leaves nothing behind. */
  abort(): Promise<void>;
};

export type FolderEntry = { readonly path: string; readonly sizeBytes: number };

/** A folder read by relative paths with `/`; implementations refuse paths that escape. */
export type FolderReader = {
  list(): Promise<readonly FolderEntry[]>;
  open(path: string): Promise<ByteSource | undefined>;
};

export type FolderWriter = {
  create(path: string): Promise<ByteSink>;
};

/** A source over bytes already in memory. */
export function memorySource(bytes: Uint8Array): ByteSource {
  return {
    sizeBytes: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, Math.min(bytes.length, offset + length)),
  };
}

/** A folder in memory, both readable and writable: for tests, previews and small packages. */
export function memoryFolder(
  files: Map<string, Uint8Array> = new Map(),
): FolderReader & FolderWriter & { readonly files: Map<string, Uint8Array> } {
  return {
    files,
    list: async () => [...files].map(([path, bytes]) => ({ path, sizeBytes: bytes.length })),
    open: async (path) => {
      const bytes = files.get(path);
      return bytes === undefined ? undefined : memorySource(bytes);
    },
    create: async (path) => memorySink((bytes) => void files.set(path, bytes)),
  };
}

const FIRST_CAPACITY_BYTES = 4096;

/** A sink that collects in memory and hands the whole over on `close`. */
export function memorySink(done: (bytes: Uint8Array) => void): ByteSink {
  let buffer = new Uint8Array(FIRST_CAPACITY_BYTES);
  let sizeBytes = 0;
  return {
    write: async (bytes) => {
      if (sizeBytes + bytes.length > buffer.length) {
        const grown = new Uint8Array(Math.max(buffer.length * 2, sizeBytes + bytes.length));
        grown.set(buffer.subarray(0, sizeBytes));
        buffer = grown;
      }
      buffer.set(bytes, sizeBytes);
      sizeBytes += bytes.length;
    },
    patch: async (offset, bytes) => {
      if (offset + bytes.length > sizeBytes) throw new RangeError('patch beyond what was written');
      buffer.set(bytes, offset);
    },
    close: async () => done(buffer.slice(0, sizeBytes)),
    abort: async () => {
      buffer = new Uint8Array(0);
      sizeBytes = 0;
    },
  };
}

/** The whole of a source that is known to be small; `limitBytes` says how small. */
export async function readWhole(source: ByteSource, limitBytes: number): Promise<Uint8Array> {
  if (source.sizeBytes > limitBytes) {
    throw new RangeError(`source of ${source.sizeBytes} bytes exceeds the limit of ${limitBytes}`);
  }
  return source.read(0, source.sizeBytes);
}

const HEX = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));

export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const value of bytes) text += HEX[value];
  return text;
}

export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) throw new TypeError('text is not hex');
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** RFC 4648 section 4, with padding. */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const group = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += BASE64[group >> 18]! + BASE64[(group >> 12) & 63]!;
    text += left > 1 ? BASE64[(group >> 6) & 63]! : '=';
    text += left > 2 ? BASE64[group & 63]! : '=';
  }
  return text;
}

const BASE64_VALUE = new Map([...BASE64].map((char, value) => [char, value]));

/** RFC 4648 section 4; white space is skipped, as XML signatures wrap their lines. */
export function fromBase64(text: string): Uint8Array {
  const clean = text.replace(/\s+/g, '');
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/.test(clean)) {
    throw new TypeError('text is not base64');
  }
  const digits = clean.replace(/=+$/, '');
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let group = 0;
  let bits = 0;
  let at = 0;
  for (const char of digits) {
    group = ((group << 6) | BASE64_VALUE.get(char)!) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (group >> bits) & 0xff;
    }
  }
  return bytes;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
