import { describe, expect, it } from 'vitest';
import {
  divideRatio,
  multiplyRatio,
  negateRatio,
  parseRatio,
  ratio,
  sumRatios,
} from '@yinglian/core';
import { allocateExact } from '../src/index.ts';
import { fixture } from './support.ts';

describe('allocation cases of money libraries', () => {
  it('[ST24] floor to first, to the largest share and to the largest remainder', () => {
    const text = fixture('settle/alloc/alloc.json');
    if (text === undefined) return;
    type Case = {
      id: string;
      mode: string;
      amount_minor: string;
      ratios: string[];
      expected_minor: string[];
      step_minor?: number;
    };
    const tails = {
      FloorToFirst: 'first',
      FloorToLargestRatio: 'largest_weight',
      FloorToLargestRemainder: 'largest_remainder',
    } as const;
    let checked = 0;
    for (const each of JSON.parse(text) as Case[]) {
      if (!(each.mode in tails) || each.step_minor !== undefined) continue;
      const weights = each.ratios.map((ratio) => parseRatio(ratio)!);
      const total = sumRatios(weights);
      const parts = weights.map((weight) =>
        multiplyRatio(ratio(BigInt(each.amount_minor)), divideRatio(weight, total)),
      );
      const negative = each.amount_minor.startsWith('-');
      const magnitudes = negative ? parts.map(negateRatio) : parts;
      const amount = BigInt(each.amount_minor);
      const fen = allocateExact(
        magnitudes,
        negative ? -amount : amount,
        tails[each.mode as keyof typeof tails],
      );
      expect(
        fen.map((part) => String(negative ? -part : part)),
        each.id,
      ).toEqual(each.expected_minor);
      checked++;
    }
    expect(checked).toBeGreaterThan(20);
  });
});
