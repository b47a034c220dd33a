import { createHash, webcrypto } from 'node:crypto';
import type { Bid, Indicator, Milestone, Sealing } from '../src/index.ts';
import { webSealing } from '../src/index.ts';

/** The port as an app makes it; hashes are taken from OpenSSL, which is quicker one by one. */
export const sealing: Sealing = {
  ...webSealing(webcrypto.subtle, (length) => webcrypto.getRandomValues(new Uint8Array(length))),
  sha256: async (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
};

/** More random cases than a quick run takes. */
export const RUNS = Number(process.env['YINGLIAN_OPENCALL_RUNS'] ?? 60);

/** Numbers that look random and are the same in every run. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export const indicator = (over: Partial<Indicator> = {}): Indicator => ({
  code: 'I1',
  name: '8K 解码帧率',
  unit: 'fps',
  operator: 'at_least',
  threshold: '60',
  upper: null,
  method: '按 GY/T 307 码流连续解码 10 分钟，取最低值',
  ...over,
});

export const milestone = (over: Partial<Milestone> = {}): Milestone => ({
  code: 'M1',
  title: '样机',
  due: '2027-06-30',
  indicators: [indicator()],
  share: '1',
  ...over,
});

export function newBid(
  over: {
    readonly identity?: Partial<Bid['identity']>;
    readonly proposal?: Partial<Bid['proposal']>;
  } = {},
): Bid {
  return {
    identity: {
      members: [
        {
          name: '长沙星河科技有限公司',
          creditCode: '91430100MA4L0X0X0X',
          role: 'lead',
          share: '3/5',
        },
        { name: '湘江大学', creditCode: null, role: 'partner', share: '40%' },
      ],
      people: [{ name: '王小明', employer: '湘江大学', email: 'wang@xju.edu.cn' }],
      aliases: ['银梭'],
      excluded: [],
      declared: [],
      ...over.identity,
    },
    proposal: {
      title: '超高清解码器',
      summary: '流水线解码',
      approach: '并行熵解码',
      risks: '功耗',
      milestones: [milestone()],
      requestedFen: '300000000',
      ownFen: '100000000',
      ...over.proposal,
    },
    integrity: true,
  };
}
