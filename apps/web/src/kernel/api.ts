import { queryOptions, QueryClient } from '@tanstack/react-query';
import {
  type Client,
  type Contract,
  contract,
  createClient,
  ProblemError,
} from '@yinglian/contract';

/** The API on the page's own origin. */
export const api: Client<Contract> = createClient(contract, { baseUrl: '', newKey: newUuid });

/** A random UUID, version 4; `crypto.randomUUID` is missing on plain HTTP, as cinemas use it. */
export function newUuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  // RFC 9562 5.4: version 4 and the variant in their places.
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (each) => each.toString(16).padStart(2, '0')).join('');
  return [8, 12, 16, 20, 32].map((end, i) => hex.slice([0, 8, 12, 16, 20][i], end)).join('-');
}

type Groups = Client<Contract>;
/** The name of a group of the API. */
export type GroupName = keyof Groups;
type Callable = (call: never) => Promise<unknown>;
type CallFor<Ask> = Ask extends (...call: infer Calls) => unknown ? Calls[0] : never;
type AnswerFor<Ask> = Ask extends (...call: never[]) => Promise<infer Answer> ? Answer : never;

/**
 * A question to the API as query options. Its key begins with group and name, so that everything a
 * group has told can be thrown away at once when something in it has changed.
 */
export function ask<Group extends keyof Groups, Name extends keyof Groups[Group] & string>(
  group: Group,
  name: Name,
  call?: Omit<NonNullable<CallFor<Groups[Group][Name]>>, 'signal'>,
) {
  return queryOptions({
    queryKey: [group, name, call ?? {}],
    queryFn: ({ signal }) => {
      const caller = api[group][name] as unknown as Callable;
      return caller({ ...call, signal } as never) as Promise<AnswerFor<Groups[Group][Name]>>;
    },
  });
}

const STALE_AFTER_MS = 10_000;
const RETRIES_MAX = 2;

/** Answers of the API kept while pages come and go. */
export const answers = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: STALE_AFTER_MS,
      // A refusal will be the same when asked again; only a server out of reach may come back.
      retry: (count, fault) =>
        !(fault instanceof ProblemError && fault.problem.status < 500) && count < RETRIES_MAX,
    },
  },
});

/** Throws away what was told about these groups; pages that show them ask again. */
export function forget(...groups: (keyof Groups)[]): Promise<void[]> {
  return Promise.all(groups.map((group) => answers.invalidateQueries({ queryKey: [group] })));
}
