import type { CallOf, EndpointGroup, EndpointShape, ResultOf } from './endpoint.ts';
import { type Problem, problemSchema } from './problems.ts';

/** A refusal as the server worded it. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.problem = problem;
  }
}

export type ClientOptions = {
  /** `http://127.0.0.1:4300`, or empty for the page's own origin. */
  baseUrl: string;
  fetch?: typeof fetch;
  /** For example `authorization` with an API key. */
  headers?: Readonly<Record<string, string>>;
  /** Makes idempotency keys for calls that create; without it none are sent. */
  newKey?: () => string;
};

type Caller<Shape extends EndpointShape> = keyof CallOf<Shape> extends never
  ? (call?: { signal?: AbortSignal }) => Promise<Answer<Shape>>
  : (call: CallOf<Shape> & { signal?: AbortSignal }) => Promise<Answer<Shape>>;
type Answer<Shape extends EndpointShape> = Shape['bytesOut'] extends string
  ? Response
  : ResultOf<Shape>;

export type Client<Groups> = {
  readonly [Group in keyof Groups]: {
    readonly [Name in keyof Groups[Group]]: Groups[Group][Name] extends EndpointShape
      ? Caller<Groups[Group][Name]>
      : never;
  };
};

type LooseCall = {
  params?: Record<string, unknown>;
  query?: Record<string, unknown>;
  body?: unknown;
  bytes?: BodyInit;
  signal?: AbortSignal;
};

/** A typed client over any fetch. Answers of `bytesOut` endpoints are the Response itself. */
export function createClient<Groups extends Record<string, EndpointGroup>>(
  groups: Groups,
  options: ClientOptions,
): Client<Groups> {
  const built = Object.entries(groups).map(([group, endpoints]) => [
    group,
    Object.fromEntries(
      Object.entries(endpoints).map(([name, shape]) => [
        name,
        (call: LooseCall = {}) => request(shape, call, options),
      ]),
    ),
  ]);
  return Object.fromEntries(built) as Client<Groups>;
}

/** The address of an endpoint, for links, downloads and event streams. */
export function addressOf(
  shape: EndpointShape,
  call: { params?: Record<string, unknown>; query?: Record<string, unknown> } = {},
): string {
  const path = shape.path.replace(/:([A-Za-z]+)/g, (_, key: string) =>
    encodeURIComponent(String(call.params?.[key] ?? '')),
  );
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined && value !== null) query.set(key, String(value));
  }
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}

async function request(shape: EndpointShape, call: LooseCall, options: ClientOptions) {
  const headers: Record<string, string> = { accept: 'application/json', ...options.headers };
  if (call.body !== undefined) headers['content-type'] = 'application/json';
  if (call.bytes !== undefined) headers['content-type'] = 'application/octet-stream';
  if (shape.creates === true && options.newKey) headers['idempotency-key'] = options.newKey();
  const send = options.fetch ?? fetch;
  const response = await send(options.baseUrl + addressOf(shape, call), {
    method: shape.method,
    headers,
    body: call.bytes ?? (call.body === undefined ? null : JSON.stringify(call.body)),
    ...(call.signal === undefined ? {} : { signal: call.signal }),
  });
  if (!response.ok) throw new ProblemError(await readProblem(response));
  if (shape.bytesOut !== undefined) return response;
  if (response.status === 204) return undefined;
  return response.json();
}

async function readProblem(response: Response): Promise<Problem> {
  const answer: unknown = await response.json().catch(() => undefined);
  const parsed = problemSchema.safeParse(answer);
  if (parsed.success) return parsed.data;
  return {
    type: 'about:blank',
    title: response.statusText || 'no answer',
    status: response.status,
    code: response.status >= 500 ? 'unavailable' : 'unexpected',
  };
}
