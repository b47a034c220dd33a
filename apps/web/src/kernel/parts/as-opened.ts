import { useState } from 'react';

/**
 * The record as it was when its form was opened. Live progress may bring a newer one meanwhile;
 * saving must still say what it was made from, or the other person's change would be lost unseen.
 */
export function useAsOpened<Row>(record: Row, open: boolean): Row {
  const [kept, setKept] = useState({ record, open });
  if (kept.open !== open) {
    const now = { record: open ? record : kept.record, open };
    setKept(now);
    return now.record;
  }
  return kept.record;
}
