import { READ_BYTES_MAX } from './limits.ts';

/** Ports through which packages reach bytes: a disk, an object store, an upload, a browser File. */
export type ByteSource = {
  readonly sizeBytes: number;
  /** The whole path of a file of this machine, for work that is done in another thread. */
  readonly filePath?: string;
  /**
   * Bytes from `offset`; shorter than `length` only at the end of the source.
   * The returned array may be a view that the next read overwrites only if the caller says so.
   */
  read(offset: number, length: number): Promise<Uint8Array>;
  /**
   * Fills `target` from `offset` and returns how many bytes it got; fewer only at the end. For
   * those who read a whole file and would otherwise make gigabytes of garbage. Optional.
   */
  readInto?(offset: number, target: Uint8Array): Promise<number>;
  close?(): Promise<void>;
};

/** Bytes going out in order. `patch` rewrites bytes already written (headers, final lengths). */
export type ByteSink = {
  write(bytes: Uint8Array): Promise<void>;
  patch(offset: number, bytes: Uint8Array): Promise<void>;
  /** Makes what was written durable and visible. */
  close(): Promise<void>;
  /** Leaves nothing behind. */
  abort(): Promise<void>;
};

/** One file of a folder; `path` is relative to the folder, its parts divided by `/`. */
export type FolderEntry = { readonly path: string; readonly sizeBytes: number };

/** A folder read by relative paths with `/`; implementations refuse paths that escape. */
export type FolderReader = {
  list(): Promise<readonly FolderEntry[]>;
  open(path: string): Promise<ByteSource | undefined>;
};

/** A folder written by relative paths with `/`; implementations refuse paths that escape. */
export type FolderWriter = {
  create(path: string): Promise<ByteSink>;
};

/**
 * Whether a path names a file inside a folder on every system: relative, `/` between parts, no
 * empty part, no `.` or `..`, no backslash, no colon (a drive or a stream on Windows), no control
 * character. Every implementation of the folder ports asks this first.
 */
export function isFolderPath(path: string): boolean {
  // eslint-disable-next-line no-control-regex -- control characters are what is being refused.
  if (path.length === 0 || /[\\:\u0000-\u001f\u007f]/.test(path)) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** A source over bytes already in memory; reads are views of them, not copies. */
export function memorySource(bytes: Uint8Array): ByteSource {
  return {
    sizeBytes: bytes.length,
    read: async (offset, length) => {
      if (offset < 0 || length < 0) throw new RangeError('a read has no negative offset or length');
      return bytes.subarray(offset, Math.min(bytes.length, offset + length));
    },
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
    create: async (path) => {
      if (!isFolderPath(path)) throw new RangeError(`path escapes its folder: ${path}`);
      return memorySink((bytes) => void files.set(path, bytes));
    },
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
      if (offset < 0 || offset + bytes.length > sizeBytes) {
        throw new RangeError('patch beyond what was written');
      }
      buffer.set(bytes, offset);
    },
    close: async () => done(buffer.slice(0, sizeBytes)),
    abort: async () => {
      buffer = new Uint8Array(0);
      sizeBytes = 0;
    },
  };
}

/**
 * The whole of a source that is known to be small; `limitBytes` says how small. Throws a
 * RangeError beyond the limit, and when the source ends before the size it claimed.
 */
export async function readWhole(source: ByteSource, limitBytes: number): Promise<Uint8Array> {
  const size = source.sizeBytes;
  if (size > limitBytes) {
    throw new RangeError(`source of ${size} bytes exceeds the limit of ${limitBytes}`);
  }
  if (size <= READ_BYTES_MAX) return expectLength(await source.read(0, size), size);
  const whole = new Uint8Array(size);
  for (let at = 0; at < size; at += READ_BYTES_MAX) {
    const length = Math.min(READ_BYTES_MAX, size - at);
    whole.set(expectLength(await source.read(at, length), length), at);
  }
  return whole;
}

function expectLength(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length === length) return bytes;
  throw new RangeError(`source ended after ${bytes.length} of ${length} bytes`);
}

const HEX = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));

/** Bytes as lower-case hexadecimal digits, RFC 4648 section 8. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const value of bytes) text += HEX[value];
  return text;
}

/** Hexadecimal digits of either case to bytes. Throws a TypeError for anything else. */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0) throw new TypeError('text is not hex');
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = (hexDigit(text, 2 * i) << 4) | hexDigit(text, 2 * i + 1);
  }
  return bytes;
}

function hexDigit(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 0x20;
  if (letter >= 97 && letter <= 102) return letter - 87;
  throw new TypeError('text is not hex');
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Two characters for every 12 bits: half as many look-ups, which key messages are made of. */
const BASE64_PAIRS = Array.from(
  { length: 4096 },
  (_, bits) => BASE64[bits >> 6]! + BASE64[bits & 63]!,
);

/** RFC 4648 section 4, with padding and without line breaks. */
export function toBase64(bytes: Uint8Array): string {
  const whole = bytes.length - (bytes.length % 3);
  let text = '';
  for (let i = 0; i < whole; i += 3) {
    const group = (bytes[i]! << 16) | (bytes[i + 1]! << 8) | bytes[i + 2]!;
    text += BASE64_PAIRS[group >> 12]! + BASE64_PAIRS[group & 4095]!;
  }
  if (bytes.length === whole) return text;
  const group = (bytes[whole]! << 16) | ((bytes[whole + 1] ?? 0) << 8);
  const last = bytes.length - whole === 1 ? '=' : BASE64[(group >> 6) & 63]!;
  return `${text}${BASE64_PAIRS[group >> 12]!}${last}=`;
}

const SKIPPED = 0xfe;
const PADDING = 0xfd;
const FOREIGN = 0xff;
const BASE64_VALUE = base64Values();

function base64Values(): Uint8Array {
  const values = new Uint8Array(128).fill(FOREIGN);
  for (let value = 0; value < BASE64.length; value++) values[BASE64.charCodeAt(value)] = value;
  for (const space of ' \t\r\n\f\v') values[space.charCodeAt(0)] = SKIPPED;
  values['='.charCodeAt(0)] = PADDING;
  return values;
}

/**
 * RFC 4648 section 4; white space is skipped, as XML signatures wrap their lines, and padding may
 * be absent. Throws a TypeError for anything else, also for unused bits that are not zero
 * (section 3.5), so that one value has one text.
 */
export function fromBase64(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((text.length * 3) / 4));
  let size = 0;
  let digits = 0;
  let padding = 0;
  let group = 0;
  for (let i = 0; i < text.length; i++) {
    const value = BASE64_VALUE[text.charCodeAt(i)] ?? FOREIGN;
    if (value === SKIPPED) continue;
    if (value === PADDING) {
      padding += 1;
      continue;
    }
    if (value === FOREIGN || padding > 0) throw new TypeError('text is not base64');
    group = ((group << 6) | value) & 0xffffff;
    digits += 1;
    if (digits % 4 === 1) continue;
    // After the 2nd, 3rd and 4th digit of a group, 4, 2 and 0 bits wait for the next byte.
    bytes[size++] = (group >> (((4 - (digits % 4)) % 4) * 2)) & 0xff;
  }
  const open = digits % 4;
  const unusedBits = open === 2 ? group & 0x0f : open === 3 ? group & 0x03 : 0;
  const padded = padding === 0 || (open > 1 && padding === 4 - open);
  if (open === 1 || unusedBits !== 0 || !padded) throw new TypeError('text is not base64');
  return bytes.slice(0, size);
}

/** Whether two arrays hold the same bytes; the time taken tells nothing about where they differ. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}

/** The parts one after another, in a new array. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
