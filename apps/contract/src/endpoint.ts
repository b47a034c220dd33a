import type { Permission } from './permissions.ts';
import type { ProblemCode } from './problems.ts';

/**
 * Read structurally from zod's own marker and not through `ZodType<Out, In>`: that bound makes the
 * compiler instantiate every schema anew and costs twenty times the checking time.
 */
export type AnySchema = { readonly _zod: { readonly output: unknown; readonly input: unknown } };
export type OutputOf<Schema> = Schema extends { readonly _zod: { readonly output: infer Out } }
  ? Out
  : undefined;
export type InputOf<Schema> = Schema extends { readonly _zod: { readonly input: infer In } }
  ? In
  : undefined;

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type Words = { readonly zh: string; readonly en: string };

/** One endpoint as data. A route of the server, a call of the client, an entry of OpenAPI. */
export type EndpointShape = {
  readonly method: Method;
  /** With `:name` for each part of `params`. */
  readonly path: string;
  readonly summary: Words;
  readonly permission: Permission;
  readonly params?: AnySchema;
  readonly query?: AnySchema;
  /** JSON request body. */
  readonly body?: AnySchema;
  /** The request body is bytes of any length, streamed. */
  readonly bytesIn?: boolean;
  /** JSON answer; absent where `bytesOut` is given, or where there is nothing to say (204). */
  readonly result?: AnySchema;
  /** The answer is a file of this media type (or of the file's own). */
  readonly bytesOut?: string;
  /** The answer is a stream of server-sent events, each `data` of this shape. */
  readonly events?: AnySchema;
  /** Creates something: the header `Idempotency-Key` makes a repeat answer as the first did. */
  readonly creates?: boolean;
  readonly errors?: readonly ProblemCode[];
};

/** Keeps the exact type of each schema while checking the shape. */
export function endpoint<const Shape extends EndpointShape>(shape: Shape): Shape {
  return shape;
}

export type EndpointGroup = { readonly [name: string]: EndpointShape };

/** What a caller gives: the inputs of the schemas. */
export type CallOf<Shape extends EndpointShape> = Part<'params', InputOf<Shape['params']>> &
  Part<'query', InputOf<Shape['query']>> &
  Part<'body', InputOf<Shape['body']>> &
  (Shape['bytesIn'] extends true ? { readonly bytes: BodyInit | Uint8Array } : unknown);

/** What a handler receives: the outputs of the schemas. */
export type RequestOf<Shape extends EndpointShape> = Part<'params', OutputOf<Shape['params']>> &
  Part<'query', OutputOf<Shape['query']>> &
  Part<'body', OutputOf<Shape['body']>>;

type Part<Name extends string, Value> = Value extends undefined
  ? unknown
  : { readonly [Key in Name]: Value };

/** What the caller receives. */
export type ResultOf<Shape extends EndpointShape> = OutputOf<Shape['result']>;
