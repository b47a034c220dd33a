import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  applyEvent,
  type Comparison,
  DECISIONS,
  type Drawing,
  FINDING_TEXTS,
  frameAt,
  judgeAct,
  mentionedIn,
  openedRoom,
  outlineOf,
  pathText,
  type Point,
  readDrawing,
  readShape,
  recordBytes,
  type ApprovalRecord,
  type RoomAct,
  type RoomEvent,
  type RoomState,
  type Shape,
  SHAPE_KINDS,
  thinned,
  threadsOf,
  wrapText,
  writeNoteSheet,
  jpegSize,
} from '../src/index.ts';

const RUNS = Number(process.env['YINGLIAN_REVIEW_RUNS'] ?? 25);

const part = fc.double({ min: 0, max: 1, noNaN: true });
const shape: fc.Arbitrary<Shape> = fc.constantFrom(...SHAPE_KINDS).chain((kind) =>
  fc.record({
    id: fc.uuid(),
    kind: fc.constant(kind),
    points: fc.array(
      fc.tuple(part, part),
      kind === 'pen'
        ? { minLength: 1, maxLength: 40 }
        : kind === 'text'
          ? { minLength: 1, maxLength: 1 }
          : { minLength: 2, maxLength: 2 },
    ),
    colour: fc.constantFrom('#ff0000', '#00FF80', '#123abc'),
    width: fc.double({ min: 0.001, max: 0.2, noNaN: true }),
    ...(kind === 'text' ? { text: fc.string({ minLength: 1 }).map((each) => `字${each}`) } : {}),
  }),
) as fc.Arbitrary<Shape>;

describe('drawings', () => {
  it('[RVW1] reads a drawing onto the grid, and once more to the same', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(shape, { selector: (each) => each.id, maxLength: 8 }),
        (shapes) => {
          const read = readDrawing({ shapes, other: 1 });
          if (!read.ok) throw new Error(JSON.stringify(read.findings));
          expect(read.value.shapes).toHaveLength(shapes.length);
          for (const each of read.value.shapes.flatMap((one) => one.points)) {
            expect(Math.abs(each[0] * 1e5 - Math.round(each[0] * 1e5))).toBeLessThan(1e-6);
          }
          const again = readDrawing(JSON.parse(JSON.stringify(read.value)));
          expect(again.ok && again.value).toEqual(read.value);
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('[RVW2] refuses what is no drawing, with the place of the shape', () => {
    const good = {
      id: 'a',
      kind: 'box',
      points: [
        [0, 0],
        [1, 1],
      ],
      colour: '#ff0000',
      width: 0.01,
    };
    const wrong: [Record<string, unknown>, string][] = [
      [{ id: '' }, 'id'],
      [{ kind: 'laser' }, 'kind'],
      [{ points: [[0, 0]] }, 'points'],
      [
        {
          points: [
            [0, Number.NaN],
            [0, 0],
          ],
        },
        'points',
      ],
      [{ points: 'x' }, 'points'],
      [{ colour: 'red' }, 'colour'],
      [{ width: 0 }, 'width'],
      [{ width: 9 }, 'width'],
      [{ kind: 'text', points: [[0, 0]] }, 'text'],
    ];
    for (const [change, what] of wrong) {
      const read = readDrawing({ shapes: [good, { ...good, id: 'b', ...change }] });
      expect(read.ok).toBe(false);
      expect(read.findings[0]).toMatchObject({ facts: { part: what }, at: { shape: 1 } });
    }
    expect(readDrawing({ shapes: [good, good] }).findings[0]?.code).toBe('repeated_shape');
    const many = { shapes: Array.from({ length: 501 }, (_, i) => ({ ...good, id: `s${i}` })) };
    expect(readDrawing(many).findings[0]?.code).toBe('excessive_shapes');
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(typeof readDrawing(value).ok).toBe('boolean');
        expect(typeof readShape(value).ok).toBe('boolean');
      }),
      { numRuns: RUNS },
    );
  });

  it('[RVW3] thins a stroke without moving it', () => {
    const straight: Point[] = Array.from({ length: 500 }, (_, i) => [i / 500, i / 1000]);
    expect(thinned(straight)).toEqual([straight[0], straight.at(-1)]);
    fc.assert(
      fc.property(fc.array(fc.tuple(part, part), { minLength: 2, maxLength: 80 }), (points) => {
        const kept = thinned(points, 0.01);
        expect(kept[0]).toEqual(points[0]);
        expect(kept.at(-1)).toEqual(points.at(-1));
        for (const point of points) {
          const nearest = Math.min(
            ...kept.slice(1).map((to, index) => distance(point, kept[index]!, to)),
            Math.hypot(point[0] - kept[0]![0], point[1] - kept[0]![1]),
          );
          expect(nearest).toBeLessThanOrEqual(0.0100001);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('[RVW4] outlines every kind, to the scale of the surface', () => {
    const base = { id: 'a', colour: '#ff0000', width: 0.01 };
    const points: Point[] = [
      [0.25, 0.5],
      [0.75, 1],
    ];
    const text = (kind: Shape['kind'], width: number) =>
      pathText(outlineOf({ ...base, kind, points }, { width, height: width / 2 }));
    expect(text('line', 100)).toBe('M25 25L75 50');
    expect(text('box', 100)).toBe('M25 25L75 25L75 50L25 50Z');
    expect(text('pen', 200)).toBe('M50 50L150 100');
    expect(text('ellipse', 100)).toMatch(/^M75 37\.5C.*Z$/);
    expect(text('arrow', 100).split('M')).toHaveLength(3);
    expect(text('text', 100)).toBe('');
    const dot = outlineOf(
      { ...base, kind: 'pen', points: [[0.5, 0.5]] },
      { width: 10, height: 10 },
    );
    expect(pathText(dot)).toBe('M5 5L5 5');
  });
});

function distance(point: Point, from: Point, to: Point): number {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = dx * dx + dy * dy;
  const along =
    length === 0
      ? 0
      : Math.max(0, Math.min(1, ((point[0] - from[0]) * dx + (point[1] - from[1]) * dy) / length));
  return Math.hypot(point[0] - from[0] - along * dx, point[1] - from[1] - along * dy);
}

const comparison: Comparison = { assetId: 'b', mode: 'wipe', offset: -3, share: 0.5 };
const act: fc.Arbitrary<RoomAct> = fc.oneof(
  fc.record({
    kind: fc.constant('control' as const),
    frame: fc.nat(1000),
    speed: fc.constantFrom(0, 1),
  }),
  fc.record({
    kind: fc.constant('show' as const),
    assetId: fc.constantFrom('a', 'b'),
    compare: fc.constantFrom(null, comparison),
  }),
  fc.record({ kind: fc.constant('hand' as const), to: fc.constantFrom('p', 'q') }),
  fc.record({ kind: fc.constant('draw' as const), shape, frame: fc.nat(50) }),
  fc.record({ kind: fc.constant('erase' as const), shapes: fc.array(fc.uuid(), { maxLength: 2 }) }),
  fc.record({ kind: fc.constant('clear' as const), frame: fc.constantFrom(null, 1, 2) }),
  fc.record({
    kind: fc.constant('note' as const),
    note: fc.record({ id: fc.constantFrom('n', 'm'), version: fc.nat(5) }),
  }),
);
const events = fc
  .array(act, { maxLength: 40 })
  .map((acts): RoomEvent[] =>
    acts.map((each, index) => ({ seq: index + 1, at: index * 10, by: 'p', act: each })),
  );
const fold = (list: readonly RoomEvent[], from: RoomState = openedRoom('p', 'a', 0)) =>
  list.reduce(applyEvent, from);

describe('rooms', () => {
  it('[RVW5] applies each event once, however often it comes', () => {
    fc.assert(
      fc.property(events, fc.nat(40), (list, again) => {
        const once = fold(list);
        expect(fold(list.slice(Math.max(0, list.length - again)), once)).toBe(once);
        expect(once.seq).toBe(list.length);
      }),
      { numRuns: RUNS },
    );
  });

  it('[RVW6] gives who came late what the others have', () => {
    fc.assert(
      fc.property(events, fc.nat(40), (list, cut) => {
        const late = JSON.parse(JSON.stringify(fold(list.slice(0, cut)))) as RoomState;
        expect(fold(list.slice(Math.max(0, cut - 3)), late)).toEqual(fold(list));
      }),
      { numRuns: RUNS },
    );
  });

  it('[RVW7] lets the lead lead, and hands it over', () => {
    const room = openedRoom('p', 'a', 0);
    const guest = { by: 'q', hostIsHere: true };
    for (const kind of ['control', 'show', 'hand', 'clear', 'close'] as const) {
      const wanted = { kind, frame: 1, speed: 0, assetId: 'a', compare: null, to: 'q' } as RoomAct;
      expect(judgeAct(room, wanted, guest)?.code).toBe('missing_lead');
      expect(judgeAct(room, wanted, { by: 'p', hostIsHere: true })).toBeUndefined();
    }
    expect(judgeAct(room, { kind: 'take' }, guest)?.code).toBe('present_host');
    expect(judgeAct(room, { kind: 'take' }, { by: 'q', hostIsHere: false })).toBeUndefined();
    const handed = applyEvent(room, { seq: 1, at: 1, by: 'p', act: { kind: 'hand', to: 'q' } });
    expect(handed.host).toBe('q');
    const taken = applyEvent(handed, { seq: 2, at: 1, by: 'p', act: { kind: 'take' } });
    expect(taken.host).toBe('p');
    const shown = fold([
      { seq: 1, at: 1000, by: 'p', act: { kind: 'control', frame: 48, speed: 1 } },
      { seq: 2, at: 2000, by: 'p', act: { kind: 'show', assetId: 'b', compare: comparison } },
    ]);
    expect(shown).toMatchObject({ assetId: 'b', compare: comparison, control: { speed: 0 } });
  });

  it('[RVW8] erases one’s own, and nothing in a closed room', () => {
    const mine: Shape = {
      id: 's',
      kind: 'line',
      points: [
        [0, 0],
        [1, 1],
      ],
      colour: '#ff0000',
      width: 0.01,
    };
    const drawn = fold([
      { seq: 1, at: 0, by: 'q', act: { kind: 'draw', shape: mine, frame: 7 } },
      { seq: 2, at: 0, by: 'q', act: { kind: 'draw', shape: mine, frame: 8 } },
    ]);
    expect(drawn.shapes).toEqual([{ shape: mine, by: 'q', assetId: 'a', frame: 7 }]);
    const erase: RoomAct = { kind: 'erase', shapes: ['s'] };
    expect(judgeAct(drawn, erase, { by: 'r', hostIsHere: true })?.code).toBe('foreign_shape');
    expect(judgeAct(drawn, erase, { by: 'q', hostIsHere: true })).toBeUndefined();
    expect(judgeAct(drawn, erase, { by: 'p', hostIsHere: true })).toBeUndefined();
    const closed = applyEvent(drawn, { seq: 3, at: 0, by: 'p', act: { kind: 'close' } });
    expect(judgeAct(closed, erase, { by: 'q', hostIsHere: true })?.code).toBe('closed_room');
    const full = { ...drawn, shapes: Array.from({ length: 5000 }, () => drawn.shapes[0]!) };
    expect(
      judgeAct(full, { kind: 'draw', shape: mine, frame: 1 }, { by: 'q', hostIsHere: true })?.code,
    ).toBe('excessive_shapes');
  });

  it('[RVW9] follows a running film and stays inside', () => {
    const control = { frame: 100, speed: 2, at: 1000 };
    expect(frameAt(control, 2000, 25)).toBe(150);
    expect(frameAt(control, 2000, 24000 / 1001)).toBe(147);
    expect(frameAt(control, 9_999_000, 25, 480)).toBe(479);
    expect(frameAt({ ...control, speed: -4 }, 9000, 25)).toBe(0);
    expect(frameAt({ ...control, speed: 0 }, 9000, 25)).toBe(100);
    expect(frameAt(control, 2000, null)).toBe(100);
  });
});

describe('remarks', () => {
  it('[RVW10] orders remarks by frame and answers by age, and loses none', () => {
    const note = fc.record({
      id: fc.uuid(),
      frame: fc.nat(20),
      createdAt: fc.constantFrom('a', 'b', 'c'),
      parent: fc.option(fc.nat(10), { nil: null }),
    });
    fc.assert(
      fc.property(fc.uniqueArray(note, { selector: (each) => each.id, maxLength: 12 }), (given) => {
        const notes = given.map(({ parent, ...each }) => ({
          ...each,
          parentId: parent === null ? null : (given[parent]?.id ?? 'gone'),
        }));
        const roots = notes.filter(
          (each) =>
            each.parentId === null ||
            each.parentId === each.id ||
            !notes.some((other) => other.id === each.parentId),
        );
        const threads = threadsOf(notes);
        expect(threads.map((each) => each.note.frame)).toEqual(
          roots.map((each) => each.frame).toSorted((a, b) => a - b),
        );
        for (const { replies } of threads) {
          const ages = replies.map((each) => each.createdAt);
          expect(ages).toEqual(ages.toSorted());
        }
      }),
      { numRuns: RUNS },
    );
    expect(
      threadsOf([
        { id: '2', parentId: '9', frame: 3, createdAt: 'a' },
        { id: '1', parentId: null, frame: 5, createdAt: 'a' },
        { id: '3', parentId: '1', frame: 0, createdAt: 'b' },
      ]),
    ).toMatchObject([{ note: { id: '2' } }, { note: { id: '1' }, replies: [{ id: '3' }] }]);
  });

  it('[RVW11] finds who is spoken to', () => {
    const people = [
      { id: 'a', name: '王小' },
      { id: 'b', name: '王小明' },
      { id: 'c', name: 'Ann Lee' },
    ];
    expect(mentionedIn('@王小明 看一下，@ann lee too', people)).toEqual(['b', 'c']);
    expect(mentionedIn('@王小，@@王小 a@b', people)).toEqual(['a']);
    expect(mentionedIn('王小明', people)).toEqual([]);
  });

  it('[RVW12] signs the facts and not their order', () => {
    const record: ApprovalRecord = {
      kind: 'yinglian.approval',
      format: 1,
      id: '1',
      decision: 'approved',
      text: '好',
      asset: {
        id: 'a',
        title: 't',
        original: 'sha256:00',
        watched: null,
        frames: 24,
        frameRate: '24',
      },
      reviewer: { id: 'u', name: '王', organisation: '星河' },
      decidedAt: '2026-01-01T00:00:00.000Z',
      replaces: null,
    };
    const turned = Object.fromEntries(Object.entries(record).toReversed()) as ApprovalRecord;
    expect(recordBytes(turned)).toEqual(recordBytes(record));
    const others: ApprovalRecord[] = [
      { ...record, decision: 'changes' },
      { ...record, text: '' },
      { ...record, replaces: '0' },
      { ...record, asset: { ...record.asset, original: 'sha256:01' } },
      { ...record, reviewer: { ...record.reviewer, name: '李' } },
    ];
    const texts = new Set([record, ...others].map((each) => String(recordBytes(each))));
    expect(texts.size).toBe(6);
    expect(DECISIONS).toContain('approved');
  });
});

/** The smallest head of a JPEG that says a size. */
const JPEG = new Uint8Array([
  0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xc0, 0, 11, 8, 0, 90, 0, 160, 3, 1, 0x22, 0, 0,
]);

describe('sheets', () => {
  it('[RVW20] sets remarks with pictures and drawings on pages', () => {
    expect(jpegSize(JPEG)).toEqual({ width: 160, height: 90 });
    expect(jpegSize(JPEG.subarray(0, 12))).toBeUndefined();
    expect(jpegSize(new Uint8Array(40))).toBeUndefined();
    const drawing: Drawing = {
      shapes: [
        {
          id: 'a',
          kind: 'arrow',
          points: [
            [0, 0],
            [0.5, 0.5],
          ],
          colour: '#ff0000',
          width: 0.01,
        },
        {
          id: 'b',
          kind: 'text',
          points: [[0.2, 0.3]],
          colour: '#00ff00',
          width: 0.05,
          text: '这里 here',
        },
        {
          id: 'c',
          kind: 'ellipse',
          points: [
            [0, 0],
            [1, 1],
          ],
          colour: '#0000ff',
          width: 0.01,
        },
      ],
    };
    const notes = Array.from({ length: 12 }, (_, index) => ({
      heading: `01:00:00:${index} 王小明 (Ann)`,
      lines: ['脸太暗。Please \\ lift it (a stop).'],
      picture: { jpeg: JPEG, width: 160, height: 90 },
      shapes: index === 0 ? drawing.shapes : [],
    }));
    const pdf = writeNoteSheet({ title: '审片意见', subtitle: 'Reel 1', notes });
    const text = Array.from(pdf, (each) => String.fromCharCode(each)).join('');
    expect(text.startsWith('%PDF-1.4')).toBe(true);
    const table = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)?.[1]);
    const [, count] = /^xref\n0 (\d+)\n/.exec(text.slice(table)) ?? [];
    const places = [...text.slice(table).matchAll(/^(\d{10}) 00000 n $/gm)].map((each) =>
      Number(each[1]),
    );
    expect(places).toHaveLength(Number(count) - 1);
    for (const [index, at] of places.entries())
      expect(text.startsWith(`${index + 1} 0 obj`, at)).toBe(true);
    expect(text.match(/\/DCTDecode/g)).toHaveLength(12);
    expect(Number(/\/Count (\d+)/.exec(text)?.[1])).toBeGreaterThan(1);
    expect(text).toContain('1 0 0 RG');
    expect(text).toContain('<8fd991cc>');
    expect(text).toContain('\\(a stop\\)');
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (words) => {
        const flat = (each: string): string => each.replace(/\s+/g, '');
        expect(flat(wrapText(words, 10, 120).join(''))).toBe(flat(words));
      }),
      { numRuns: RUNS },
    );
    expect(wrapText('a'.repeat(200), 10, 100).length).toBeGreaterThan(10);
  });

  it('[RVW21] words every code in both languages', () => {
    for (const [code, words] of Object.entries(FINDING_TEXTS)) {
      expect(code).toMatch(/^[a-z]+(_[a-z]+)+$/);
      expect(words.zh).toMatch(/\p{Script=Han}/u);
      expect(words.en.length).toBeGreaterThan(8);
    }
  });
});
