import { useQuery } from '@tanstack/react-query';
import type { Permission } from '@yinglian/contract';
import { answers, api, ask } from './api.ts';
import { stopEvents } from './events.ts';

export const sessionQuestion = ask('session', 'get');

/** Who is here, for whom they act, and what they may do. */
export function useSession() {
  const { data } = useQuery(sessionQuestion);
  const permissions: readonly Permission[] = data?.permissions ?? [];
  return {
    user: data?.user ?? null,
    organisation: data?.organisation ?? null,
    organisations: data?.organisations ?? [],
    can: (permission: Permission) => permissions.includes(permission),
  };
}

type Session = Awaited<ReturnType<typeof api.session.get>>;

/** Another person or another organisation is here now: nothing told before may stay. */
export function beginSession(session: Session): void {
  stopEvents();
  answers.clear();
  answers.setQueryData(sessionQuestion.queryKey, session);
}

export async function signOut(): Promise<void> {
  await api.session.signOut();
  stopEvents();
  answers.clear();
}
