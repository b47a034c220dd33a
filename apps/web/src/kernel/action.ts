import { useState } from 'react';
import { forget, type GroupName } from './api.ts';

/** Does something once at a time, keeps what went wrong, and has what changed asked for again. */
export function useAction(...groups: GroupName[]) {
  const [fault, setFault] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const act = async (work: () => Promise<unknown>, then?: () => void) => {
    setBusy(true);
    try {
      await work();
      setFault(null);
      then?.();
    } catch (caught) {
      setFault(caught);
    } finally {
      // What was refused may have been out of date on screen.
      await forget(...groups);
      setBusy(false);
    }
  };
  return { act, busy, fault, setFault };
}
