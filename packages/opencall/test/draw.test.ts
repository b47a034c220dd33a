import { toHex } from '@yinglian/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cheapestFlow,
  type DrawInput,
  drawExperts,
  drawOrder,
  type Expert,
  findConflicts,
  poolDigest,
  seedCommitment,
  type Seat,
  verifyDraw,
} from '../src/index.ts';
import { newBid, RUNS, sealing, seeded } from './support.ts';

const hex = (n: number) => n.toString(16).padStart(64, '0');

async function newInput(over: Partial<DrawInput>, seed = 1): Promise<DrawInput> {
  const candidates = over.candidates ?? [];
  return {
    round: 'round-1',
    commitment: await seedCommitment(sealing, hex(seed)),
    poolDigest: await poolDigest(sealing, candidates),
    seed: hex(seed),
    salts: [hex(99)],
    candidates,
    panels: [{ code: 'P1', seats: [{ field: '*', count: 2 }] }],
    organisationMax: 100,
    regionMax: null,
    conflicts: [],
    recusals: [],
    ...over,
  };
}
const expert = (code: string, over: Partial<DrawInput['candidates'][number]> = {}) => ({
  code,
  fields: ['video'],
  organisation: `O-${code}`,
  region: '湖南',
  load: 1,
  ...over,
});
const experts = (count: number, over: Partial<DrawInput['candidates'][number]> = {}) =>
  Array.from({ length: count }, (_, at) => expert(`E${at}`, over));

async function draw(input: DrawInput) {
  const drawn = await drawExperts(sealing, input);
  if (!drawn.ok) throw new Error(JSON.stringify(drawn.findings));
  return drawn.value;
}
const pairs = (seats: readonly Seat[]) =>
  seats.map(({ panel, candidate }) => `${panel}/${candidate}`).toSorted();

/** Every way to seat people, the best by the words of the rule. */
function bruteForce(input: DrawInput, order: readonly string[]): string[] | undefined {
  const seats = input.panels.flatMap(({ code, seats: all }) =>
    all.flatMap(({ field, count }) =>
      Array.from({ length: count }, () => ({ panel: code, field })),
    ),
  );
  const barred = new Set(input.conflicts.map((each) => `${each.panel}/${each.candidate}`));
  let best: { repeated: number; places: number[]; names: string[] } | undefined;
  const visit = (at: number, taken: string[]): void => {
    if (at === seats.length) {
      const loads = new Map<string, number>();
      const held = (key: (code: string) => string) => {
        const counts = new Map<string, number>();
        for (const pair of taken) {
          const name = key(pair.split('/')[1]!);
          counts.set(name, (counts.get(name) ?? 0) + 1);
        }
        return Math.max(0, ...counts.values());
      };
      const known = (code: string) => input.candidates.find((each) => each.code === code)!;
      for (const pair of taken) {
        const code = pair.split('/')[1]!;
        loads.set(code, (loads.get(code) ?? 0) + 1);
      }
      if ([...loads].some(([code, load]) => load > known(code).load)) return;
      if (held((code) => known(code).organisation) > input.organisationMax) return;
      if (input.regionMax !== null && held((code) => known(code).region) > input.regionMax) return;
      // The n-th seat of one person weighs n − 1.
      const repeated = [...loads.values()].reduce((sum, load) => sum + (load * (load - 1)) / 2, 0);
      const places = taken.map((pair) => order.indexOf(pair)).toSorted((a, b) => a - b);
      const better =
        best === undefined ||
        repeated < best.repeated ||
        (repeated === best.repeated && isEarlier(places, best.places));
      if (better) best = { repeated, places, names: taken.toSorted() };
      return;
    }
    const { panel, field } = seats[at]!;
    for (const { code, fields } of input.candidates) {
      const pair = `${panel}/${code}`;
      if (barred.has(pair) || taken.includes(pair)) continue;
      if (field !== '*' && !fields.includes(field)) continue;
      visit(at + 1, [...taken, pair]);
    }
  };
  visit(0, []);
  return best?.names;
}

function isEarlier(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((place, index) => place !== b[index]);
  return at >= 0 && a[at]! < b[at]!;
}

const smallInput = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  people: fc.array(
    fc.record({
      fields: fc.uniqueArray(fc.constantFrom('video', 'audio', 'chip'), {
        minLength: 1,
        maxLength: 2,
      }),
      organisation: fc.integer({ min: 0, max: 3 }),
      load: fc.integer({ min: 0, max: 2 }),
    }),
    { minLength: 2, maxLength: 6 },
  ),
  panels: fc.array(
    fc.record({ video: fc.integer({ min: 0, max: 1 }), any: fc.integer({ min: 0, max: 2 }) }),
    { minLength: 1, maxLength: 2 },
  ),
  organisationMax: fc.integer({ min: 1, max: 3 }),
  regionMax: fc.option(fc.integer({ min: 1, max: 3 })),
  barred: fc.array(fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 5 })), {
    maxLength: 3,
  }),
});

describe('the flow', () => {
  it('[OC16] finds the cheapest way where going back pays', () => {
    const edges = [
      { from: 0, to: 1, capacity: 1, cost: 1n },
      { from: 0, to: 2, capacity: 1, cost: 5n },
      { from: 1, to: 2, capacity: 1, cost: 1n },
      { from: 1, to: 3, capacity: 1, cost: 6n },
      { from: 2, to: 3, capacity: 1, cost: 1n },
    ];
    const one = cheapestFlow(4, edges, { source: 0, sink: 3, wanted: 1 });
    expect([one.amount, one.cost]).toEqual([1, 3n]);
    const two = cheapestFlow(4, edges, { source: 0, sink: 3, wanted: 9 });
    expect([two.amount, two.cost]).toEqual([2, 13n]);
    expect([...two.reached]).toEqual([0]);
  });
});

describe('the draw', () => {
  it('[OC16] equals brute force on small cases, and is infeasible where that is', async () => {
    let feasible = 0;
    await fc.assert(
      fc.asyncProperty(smallInput, async (given) => {
        const candidates = given.people.map((each, at) => {
          const organisation = `O${each.organisation}`;
          const region = `R${each.organisation % 2}`;
          return { code: `E${at}`, fields: each.fields, organisation, region, load: each.load };
        });
        const panels = given.panels.map((each, at) => ({
          code: `P${at}`,
          seats: [
            { field: 'video', count: each.video },
            { field: '*', count: each.any },
          ],
        }));
        const { organisationMax, regionMax } = given;
        const conflicts = given.barred.map(([panel, person]) => ({
          panel: `P${panel}`,
          candidate: `E${person}`,
          reasons: ['same_employer'],
        }));
        const input = await newInput(
          { candidates, panels, organisationMax, regionMax, conflicts },
          given.seed,
        );
        const best = bruteForce(input, await drawOrder(sealing, input));
        const drawn = await drawExperts(sealing, input);
        expect(drawn.ok).toBe(best !== undefined);
        if (drawn.ok) {
          feasible += 1;
          expect(pairs(drawn.value.seats)).toEqual(best);
        } else {
          expect(drawn.findings[0]?.code).toBe('infeasible_quota');
        }
      }),
      { numRuns: RUNS * 2 },
    );
    expect(feasible).toBeGreaterThan(RUNS / 4);
  });

  it('[OC15] seats every set equally often without quotas (chi-square, fixed seeds)', async () => {
    const counts = new Map<string, number>();
    const draws = 1_200;
    for (let seed = 1; seed <= draws; seed++) {
      const { seats } = await draw(await newInput({ candidates: experts(6) }, seed));
      const set = pairs(seats).join(' ');
      counts.set(set, (counts.get(set) ?? 0) + 1);
    }
    expect(counts.size).toBe(15);
    const expected = draws / 15;
    const square = [...counts.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    // 14 degrees of freedom: 36.1 is passed once in a thousand.
    expect(square).toBeLessThan(36.1);
    expect(square).toBeGreaterThan(2);
  });

  it('[OC14] does not depend on the order of lists, and replays from its file', async () => {
    const candidates = experts(9);
    const input = await newInput({ candidates, salts: [hex(1), hex(2)] }, 5);
    const { seats } = await draw(input);
    const turned = {
      ...input,
      candidates: candidates.toReversed(),
      salts: input.salts.toReversed(),
    };
    expect(pairs((await draw(turned)).seats)).toEqual(pairs(seats));
    const file = { schema: 'yinglian.opencall.draw/1', input, seats };
    expect((await verifyDraw(sealing, JSON.parse(JSON.stringify(file)))).ok).toBe(true);
  });

  it('[OC14] finds out another seed, pool, seat, salt or recusal', async () => {
    const input = await newInput({ candidates: experts(9) }, 5);
    const { seats } = await draw(input);
    const codes = async (over: Partial<DrawInput>, drawnSeats: readonly Seat[] = seats) => {
      const file = {
        schema: 'yinglian.opencall.draw/1',
        input: { ...input, ...over },
        seats: drawnSeats,
      };
      return (await verifyDraw(sealing, file)).findings.map((each) => each.code);
    };
    expect(await codes({ seed: hex(6) })).toContain('mismatched_seed');
    expect(await codes({ candidates: experts(8) })).toContain('mismatched_pool');
    const other = ['E0', 'E1', 'E2'].map((candidate) => ({ panel: 'P1', candidate, field: '*' }));
    expect(await codes({}, other.slice(0, 2))).toEqual(['mismatched_seats']);
    const salts = await Promise.all([3, 4, 5, 6, 7].map((salt) => codes({ salts: [hex(salt)] })));
    expect(salts.flat()).toContain('mismatched_seats');
    const seated = seats[0]!;
    const recusals = [{ panel: 'P1', candidate: seated.candidate, reason: 'late' }];
    expect(await codes({ recusals })).toEqual(['mismatched_seats']);
    const stranger = input.candidates.find(({ code }) =>
      seats.every((each) => each.candidate !== code),
    )!;
    const foreign = [{ panel: 'P1', candidate: stranger.code, reason: 'late' }];
    expect(await codes({ recusals: foreign })).toEqual(['foreign_recusal']);
  });

  it('[OC18] whoever stands down is replaced by the next in the same order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 0, max: 2 }),
        async (seed, at) => {
          const panels = [{ code: 'P1', seats: [{ field: '*', count: 3 }] }];
          const input = await newInput({ candidates: experts(7), panels }, seed);
          const { order, first } = await draw(input);
          const left = first[at]!.candidate;
          const recusals = [{ panel: 'P1', candidate: left, reason: 'late' }];
          const { seats, replaced } = await draw({ ...input, recusals });
          const next = order.map((pair) => pair.split('/')[1]!)[3];
          expect(replaced).toEqual([{ panel: 'P1', left, came: [next] }]);
          const stayed = first
            .filter((each) => each.candidate !== left)
            .map((each) => each.candidate);
          const now = seats.map((each) => each.candidate);
          expect(now).toEqual(expect.arrayContaining(stayed));
          expect(now).not.toContain(left);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('[OC17] says which limits hold the seats back', async () => {
    const candidates = [
      expert('A', { fields: ['audio'], organisation: 'O1' }),
      expert('B', { fields: ['audio'], organisation: 'O1' }),
      expert('C', { fields: ['video'], organisation: 'O2' }),
      expert('D', { fields: ['video'], organisation: 'O3' }),
    ];
    const panels = [
      {
        code: 'P1',
        seats: [
          { field: 'audio', count: 2 },
          { field: 'video', count: 1 },
        ],
      },
    ];
    const found = async (over: Partial<DrawInput>) => {
      const outcome = await drawExperts(sealing, await newInput({ candidates, panels, ...over }));
      return outcome.findings.map(({ code, facts }) => [
        code,
        facts['short'],
        facts['seats'],
        facts['limits'],
      ]);
    };
    expect(await found({ organisationMax: 2 })).toEqual([]);
    expect(await found({ organisationMax: 1 })).toEqual([
      ['infeasible_quota', 1, ['P1/audio'], ['organisation O1']],
    ]);
    const [[, short, , limits]] = (await found({ organisationMax: 2, regionMax: 1 })) as [
      unknown[],
    ];
    expect([short, limits]).toEqual([2, ['region 湖南']]);
    const barred = ['A', 'B'].map((candidate) => ({ panel: 'P1', candidate, reasons: ['x'] }));
    expect(await found({ organisationMax: 2, conflicts: barred })).toEqual([
      ['infeasible_quota', 2, ['P1/audio'], []],
    ]);
  });

  it('[OC28] refuses what no draw can be, and files from anywhere', async () => {
    const codes = async (over: Partial<DrawInput>) =>
      (
        await drawExperts(sealing, await newInput({ candidates: experts(3), ...over }))
      ).findings.map((each) => each.code);
    expect(await codes({ candidates: [expert('A/B')] })).toContain('invalid_draw_code');
    expect(await codes({ candidates: [expert('A'), expert('A')] })).toContain(
      'duplicate_draw_code',
    );
    const moved = [
      expert('A', { organisation: 'O' }),
      expert('B', { organisation: 'O', region: '北京' }),
    ];
    expect(await codes({ candidates: moved })).toContain('mismatched_region');
    const many = Array.from({ length: 100 }, (_, at) => ({ code: `P${at}`, seats: [] }));
    expect(await codes({ candidates: experts(100), panels: many })).toContain('excessive_draw');
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        expect((await verifyDraw(sealing, value)).ok).toBe(false);
      }),
      { numRuns: RUNS },
    );
  });

  it('[OC14] draws thirty seats among a thousand in reasonable time', async () => {
    const random = seeded(3);
    const candidates = Array.from({ length: 1_000 }, (_, at) =>
      expert(`E${at}`, {
        fields: [['video', 'audio', 'chip'][at % 3]!],
        organisation: `O${Math.floor(random() * 200)}`,
      }),
    );
    const regions = new Map(candidates.map((each) => [each.organisation, each.region]));
    expect(regions.size).toBeGreaterThan(100);
    const panels = [
      { code: 'P1', seats: ['video', 'audio', 'chip'].map((field) => ({ field, count: 10 })) },
    ];
    const { seats } = await draw(await newInput({ candidates, panels, organisationMax: 1 }));
    expect(seats).toHaveLength(30);
    const named = seats.map(({ candidate }) => candidates.find(({ code }) => code === candidate)!);
    expect(new Set(named.map(({ organisation }) => organisation)).size).toBe(30);
  });

  it('[OC14] its seed is the hash of all parts, which anybody can write down', async () => {
    const { createHash } = await import('node:crypto');
    const input = await newInput({ candidates: experts(4) }, 8);
    const text = JSON.stringify({
      poolDigest: input.poolDigest,
      round: 'round-1',
      salts: input.salts,
      schema: 'yinglian.opencall.seed/1',
      seed: input.seed,
    });
    const seed = toHex(createHash('sha256').update(text).digest());
    const keys = ['P1/E0', 'P1/E1', 'P1/E2', 'P1/E3'].map((pair) => ({
      pair,
      key: createHash('sha256').update(`${seed}\n${pair}`).digest('hex'),
    }));
    const order = keys.toSorted((a, b) => (a.key < b.key ? -1 : 1)).map(({ pair }) => pair);
    expect(await drawOrder(sealing, input)).toEqual(order);
  });
});

const person: Expert = {
  name: '李专家',
  fields: ['video'],
  region: '湖南',
  employer: { name: '独立研究所', creditCode: null },
  titles: ['研究员'],
  email: 'li@inst.cn',
  history: [],
  works: [],
  kin: [],
  holdings: [],
  funding: [],
};
const on = '2026-06-01';
const conflicts = (over: Partial<Expert>, bid = newBid()) =>
  findConflicts({ ...person, ...over }, bid.identity, { on }).map((each) => each.code);
const named = (name: string, to = '2025-01-01') => ({ name, creditCode: null, to });

describe('conflicts of interest', () => {
  it.each<[Partial<Expert>, string[]]>([
    [{}, []],
    [{ employer: { name: '湘江大学', creditCode: null } }, ['same_employer']],
    [{ employer: { name: '长沙星河科技有限责任公司 ', creditCode: null } }, ['same_employer']],
    [{ employer: { name: '已更名公司', creditCode: '91430100MA4L0X0X0X' } }, ['same_employer']],
    [{ employer: { name: '长沙星河科技有限公司', creditCode: '91430100MA4L0X0X0Y' } }, []],
    [{ name: '王 小明' }, ['named_in_bid']],
    [{ history: [named('湘江大学', '2023-06-01')] }, ['former_employer']],
    [{ history: [named('湘江大学', '2023-05-31')] }, []],
    [{ kin: [{ name: '李某', employer: '长沙星河科技有限公司' }] }, ['kin_in_bid']],
    [{ kin: [{ name: '王小明', employer: '别处' }] }, ['kin_in_bid']],
    [{ holdings: [{ name: '长沙星河科技有限公司', creditCode: null }] }, ['holding_in_bidder']],
    [{ funding: [named('湘江大学')] }, ['funded_by_bidder']],
    [{ funding: [named('湘江大学', '2020-01-01')] }, []],
    [{ email: 'li@xju.edu.cn' }, ['same_mail_domain']],
  ])('[OC13] %j', (over, expected) => {
    expect(conflicts(over)).toEqual(expected);
  });

  it('[OC13] finds work in common by people and by organisations', () => {
    const work = {
      kind: 'paper' as const,
      title: '解码',
      on: '2025-01-01',
      people: ['李专家', '王小明'],
      organisations: ['独立研究所'],
    };
    expect(conflicts({ works: [work] })).toEqual(['shared_work']);
    expect(conflicts({ works: [{ ...work, on: '2020-01-01' }] })).toEqual([]);
    expect(conflicts({ works: [{ ...work, people: [], organisations: ['湘江大学'] }] })).toEqual([
      'shared_work',
    ]);
    const public_ = newBid({
      identity: { people: [{ name: '甲', employer: '乙', email: 'a@qq.com' }] },
    });
    expect(conflicts({ email: 'b@qq.com' }, public_)).toEqual([]);
  });

  it('[OC13] heeds what the bidder declares and asks for', () => {
    const declared = [{ name: '李专家', employer: '独立研究所', relation: '博士导师' }];
    const excluded = [{ name: '李专家', employer: '独立研究所', reason: '竞争' }];
    expect(conflicts({}, newBid({ identity: { declared } }))).toEqual(['declared_relation']);
    expect(conflicts({}, newBid({ identity: { excluded } }))).toEqual(['excluded_by_bidder']);
    const another = [{ ...declared[0]!, employer: '另一研究所' }];
    expect(conflicts({}, newBid({ identity: { declared: another } }))).toEqual([]);
  });
});
