import type { EndpointGroup, EndpointShape, InputOf, RequestOf } from '@yinglian/contract';
import type { Context } from '../context.ts';

/** What a handler receives: the parsed parts of the request, and its bytes where it streams. */
export type HandlerRequest<Shape extends EndpointShape> = RequestOf<Shape> &
  (Shape['bytesIn'] extends true
    ? { readonly bytes: ReadableStream<Uint8Array>; readonly lengthBytes: number | undefined }
    : unknown);

/** What a handler gives: the input of the result's schema, a file, or events without end. */
export type HandlerAnswer<Shape extends EndpointShape> = Shape['bytesOut'] extends string
  ? Download
  : Shape extends { readonly events: infer Events }
    ? AsyncIterable<InputOf<Events>>
    : Shape extends { readonly result: infer Result }
      ? InputOf<Result>
      : void;

/** One line of a hall's routes: take the request apart, call the service. */
export type Handler<Shape extends EndpointShape> = (
  request: HandlerRequest<Shape>,
  context: Context,
  http: Http,
) => Promise<HandlerAnswer<Shape>>;

/** Handlers of a whole group of the contract; the compiler asks for every one. */
export type Handlers<Group extends EndpointGroup> = {
  readonly [Name in keyof Group]: Handler<Group[Name]>;
};

/** The little of HTTP that sessions need; other handlers have no use for it. */
export type Http = {
  readonly headers: Headers;
  readonly remoteAddress: string;
  setCookie(line: string): void;
  /**
   * Names the state that a `GET` answers with, as RFC 9110 8.8.3 writes it. True where the caller
   * has that state: it is told so, and whatever the handler gives is not sent.
   */
  isKnown(etag: string): boolean;
};

/** A file as an answer. With a size, ranges are honoured. */
export type Download = {
  readonly name: string;
  readonly mediaType: string;
  /** Shown in the browser instead of saved. Only for media types that carry no script. */
  readonly inline?: boolean | 'page';
  readonly sizeBytes?: number | undefined;
  /** Of the content, for caches. */
  readonly etag?: string;
  /** A local file with exactly these bytes, where there is one. */
  readonly path?: string | undefined;
  body(range?: {
    readonly first: number;
    readonly last: number;
  }): Promise<ReadableStream<Uint8Array> | Uint8Array>;
};

/** A download of bytes that are already in memory: a sheet, a document, a key. */
export function downloadBytes(name: string, mediaType: string, bytes: Uint8Array): Download {
  return {
    name,
    mediaType,
    sizeBytes: bytes.length,
    body: async (range) =>
      range === undefined ? bytes : bytes.subarray(range.first, range.last + 1),
  };
}

/** A group of the contract with its handlers, for the server to mount. */
export type MountedGroup = {
  readonly name: string;
  readonly group: EndpointGroup;
  readonly handlers: Readonly<Record<string, Handler<never>>>;
};

/** Pairs a group with its handlers: `mountGroup('film', contract.film, { list: …, … })`. */
export function mountGroup<Group extends EndpointGroup>(
  name: string,
  group: Group,
  handlers: Handlers<Group>,
): MountedGroup {
  return { name, group, handlers: handlers as unknown as MountedGroup['handlers'] };
}
