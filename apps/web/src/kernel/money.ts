import { formatYuan, parseYuan } from '@yinglian/core';

/** What was typed as yuan, in fen; undefined while it is no amount. Exact: nothing is rounded. */
export function fenOf(text: string): string | undefined {
  const fen = parseYuan(text);
  return fen === undefined || fen < 0n ? undefined : String(fen);
}

/** Fen as a person writes yuan, exactly. */
export const yuanOf = (fen: string): string => formatYuan(BigInt(fen));
