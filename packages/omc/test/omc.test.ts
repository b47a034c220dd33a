import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import Ajv from 'ajv/dist/2019.js';
import { describe, expect, it } from 'vitest';
import { FRAME_RATES, parseEidr, parseIsan, renderFinding } from '@yinglian/core';
import {
  clip,
  entriesOf,
  external,
  gap,
  isJsonObject,
  range,
  readEdl,
  time,
  type Timeline,
  timeline,
  timelinesOf,
  timeWarp,
  track,
} from '@yinglian/timeline';
import { cutsOfOmc, FINDING_TEXTS, omcOfCut, readOmc, writeOmc } from '../src/index.ts';

const FIXTURES = join(import.meta.dirname, '../../../../shared/fixtures/collab/omc');
const SCHEMA = join(FIXTURES, 'schema/OMC-JSON-v2.8.schema.json');
const version = 'https://movielabs.com/omc/json/schema/v2.8';
const named = (value: string) => [{ identifierScope: 'test', identifierValue: value }];
const entity = (entityType: string, value: string, members: object = {}) => ({
  schemaVersion: version,
  entityType,
  identifier: named(value),
  ...members,
});

function graphOf(value: unknown) {
  const read = readOmc(JSON.stringify(value));
  if (!read.ok) throw new Error(read.findings.map(({ code }) => code).join());
  return { graph: read.value, codes: read.findings.map(({ code }) => code) };
}

function samples(): string[] {
  if (!existsSync(FIXTURES)) {
    console.log('skipped: the samples of OMC are not beside the project');
    return [];
  }
  return readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json') && !name.startsWith('schema'))
    .map((name) => join(FIXTURES, name));
}

describe('graphs', () => {
  it('[OM1] entities inside others become entities of their own', () => {
    const slate = entity('Slate', 's1', { slateUID: '6B-1' });
    const context = entity('Context', 'c1', { has: { Slate: [slate] } });
    const asset = entity('Asset', 'a1', {
      name: 'A006',
      Context: [context],
      customData: [{ domain: 'x', value: entity('Asset', 'hidden') }],
    });
    for (const root of [asset, [asset], { Asset: [asset] }]) {
      const { graph, codes } = graphOf(root);
      expect(codes).toEqual([]);
      expect(graph.entities.map((each) => each.entityType)).toEqual(['Asset', 'Context', 'Slate']);
      expect(graph.entities[0]!.members).toMatchObject({
        name: 'A006',
        Context: [{ identifier: named('c1') }],
        customData: [{ value: { entityType: 'Asset' } }],
      });
    }
  });

  it('[OM2] one identifier is one entity, and contradictions are told', () => {
    const both = [...named('p1'), { identifierScope: 'studio', identifierValue: '77' }];
    const { graph, codes } = graphOf([
      entity('Participant', 'p1', { name: null, Context: [{ identifier: named('c1') }] }),
      { ...entity('Participant', 'p1'), identifier: both, name: 'Keira' },
      { ...entity('Participant', 'x'), identifier: both.slice(1), name: 'Kira', Context: [] },
      entity('Participant', 'p1', { Context: [{ identifier: named('c2') }] }),
      entity('Context', 'c1'),
      entity('Context', 'c2'),
    ]);
    expect(graph.entities).toHaveLength(3);
    expect(graph.entities[0]!.members).toEqual({
      name: 'Keira',
      Context: [{ identifier: named('c1') }, { identifier: named('c2') }],
    });
    expect(graph.entities[0]!.identifiers).toHaveLength(2);
    expect(codes).toEqual(['conflicting_member']);
    expect(graphOf([entity('Task', 't'), entity('Slate', 't')]).codes).toEqual([
      'mismatched_entity_type',
    ]);
  });

  it('[OM3] keeps what it does not know, and says what is missing', () => {
    const { identifier: _, ...nameless } = entity('Slate', 'x', { slateUID: '1' });
    const { graph, codes } = graphOf([
      entity('Asset', 'a', { Context: [{ ...nameless }] }),
      entity('Hologram', 'h', { light: 3 }),
      { ...entity('Asset', 'b'), schemaVersion: 'https://movielabs.com/omc/json/schema/v9.0' },
      { entityType: 'Asset', identifier: named('c') },
      { ...entity('Asset', 'd'), identifier: [{ identifierScope: 'test' }, ...named('d')] },
      { name: 'nothing' },
      7,
    ]);
    expect(codes.toSorted()).toEqual([
      'invalid_omc_identifier',
      'missing_entity_type',
      'missing_entity_type',
      'missing_identifier',
      'missing_schema_version',
      'unknown_entity_type',
      'unknown_schema_version',
    ]);
    expect(JSON.stringify(graph.entities[0]!.members)).toContain('slateUID');
    for (const text of ['3', '"a"', '{}', '{"a":[]}', 'null']) {
      expect(readOmc(text)).toMatchObject({
        ok: false,
        findings: [{ code: 'unexpected_omc_root' }],
      });
    }
    expect(graphOf({ Asset: [], Assets: [] }).codes).toEqual(['unexpected_omc_member']);
  });

  it('[OM4] references lead to entities of their kind', () => {
    const { codes } = graphOf([
      entity('Slate', 's', { CreativeWork: { identifier: named('t') } }),
      entity('Task', 't', { Context: [{ identifier: named('gone') }] }),
      entity('Context', 'c', { ForEntity: [{ identifier: named('t') }] }),
    ]);
    expect(codes).toEqual(['mismatched_reference_type', 'dangling_reference']);
  });

  it('[OM5] reading what was written gives the same graph', () => {
    const files = samples();
    for (const path of files) {
      const read = readOmc(readFileSync(path, 'utf8'));
      expect(read.ok, path).toBe(true);
      if (!read.ok) continue;
      expect(
        read.findings.filter(({ severity }) => severity === 'error'),
        path,
      ).toEqual([]);
      for (const form of ['list', 'kinds'] as const) {
        const again = readOmc(writeOmc(read.value, form));
        const order = (graph: typeof read.value) =>
          Object.fromEntries(
            graph.entities.map((each) => [JSON.stringify(each.identifiers, plain), each]),
          );
        expect(again.ok && order(again.value), path).toEqual(
          order({ entities: read.value.entities.map((e) => ({ ...e, schemaVersion: version })) }),
        );
      }
    }
    const text = writeOmc(graphOf([entity('Slate', 's', { recordingFPS: 29.97 })]).graph);
    expect(text).toContain('29.97');
  });

  it('[OM6] nothing throws', () => {
    const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
    for (const text of ['', '[', '{"entityType":"Asset"', deep, '\u0000', '[[[1]]]']) {
      expect(readOmc(text).findings.length).toBeGreaterThan(0);
    }
    const whole = JSON.stringify([
      entity('Asset', 'a', { Context: [entity('Context', 'c', { has: { Slate: [null, 1] } })] }),
      entity('Composition', 'k', { compositionType: 'sequence', includes: { Asset: {} } }),
    ]);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.string({ maxLength: 3 }), (at, put) => {
        const read = readOmc(whole.slice(0, at) + put + whole.slice(at + put.length));
        if (read.ok) cutsOfOmc(read.value);
      }),
      { numRuns: 300 },
    );
  });

  it('[OM3] every finding has its words', () => {
    for (const [code, text] of Object.entries(FINDING_TEXTS)) {
      expect(text.zh, code).toMatch(/\p{Script=Han}/u);
      expect(text.en, code).not.toMatch(/\p{Script=Han}/u);
    }
    const read = readOmc('[{"name":1}]');
    expect(renderFinding(read.findings[0]!, FINDING_TEXTS, 'en')).not.toContain('?');
  });
});

const plain = (_: string, value: unknown) => (typeof value === 'bigint' ? Number(value) : value);

const EDL = [
  'TITLE: REEL 1 V3',
  'FCM: NON-DROP FRAME',
  '',
  '001  A001C003 V     C        01:02:03:04 01:02:05:04 01:00:00:00 01:00:02:00',
  '* FROM CLIP NAME: A001C003_0101.MXF',
  '* LOC: 01:00:01:00 RED     SQ01_SH0010',
  '002  A002C001 V     D    012 03:00:00:00 03:00:01:00 01:00:02:00 01:00:03:00',
  '* TO CLIP NAME: A002C001_0101.MXF',
  '003  A001C003 A     C        01:02:03:04 01:02:06:04 01:00:00:00 01:00:03:00',
  '',
].join('\n');

function cutOfEdl(): Timeline {
  const read = readEdl(new TextEncoder().encode(EDL), { rate: FRAME_RATES['25'] });
  if (!read.ok) throw new Error('the edit list cannot be read');
  return timelinesOf(read.value)[0]!;
}

function uses(of: Timeline) {
  return entriesOf(of, FRAME_RATES['25'], []).map((each) => ({
    name: each.name,
    reel: each.reel,
    department: each.department,
    track: each.track,
    source: [each.sourceIn, each.sourceOut],
    record: [each.recordIn, each.recordOut],
    speed: each.speed,
    enabled: each.enabled,
  }));
}

describe('cuts', () => {
  const eidr = parseEidr('10.5240/EA73-79D7-1B2B-B378-3A73-M');
  const isan = parseIsan('ISAN 0000-0000-D07A-0090-Q-0000-0000-X');
  const options = {
    scope: 'studio.example',
    title: '长路',
    ...(eidr.ok ? { eidr: eidr.value } : {}),
    ...(isan.ok ? { isan: isan.value } : {}),
  };

  it('[OM7] a cut becomes work, media, shots and composition', () => {
    const { graph } = omcOfCut(cutOfEdl(), options);
    const count = (type: string) => graph.entities.filter((e) => e.entityType === type).length;
    expect([count('CreativeWork'), count('Composition')]).toEqual([1, 1]);
    const work = graph.entities.find((each) => each.entityType === 'CreativeWork')!;
    expect(work.identifiers.map(({ scope }) => scope)).toEqual(['studio.example', 'eidr', 'isan']);
    const shots = graph.entities.filter(({ members }) => {
      const functional = members['assetFC'];
      return isJsonObject(functional) && functional['functionalType'] === 'shot.editorial';
    });
    expect(shots[0]!.members['assetFC']).toMatchObject({
      functionalProperties: {
        timing: {
          sourceStart: '01:02:03:04',
          sourceEnd: '01:02:05:04',
          recordStart: '01:00:00:00',
          duration: '00:00:02:00',
        },
      },
    });
    expect(omcOfCut(cutOfEdl(), options).graph).toEqual(graph);
    expect(graphOf(JSON.parse(writeOmc(graph))).codes).toEqual([]);
  });

  it('[OM8] what is written is valid under the schema', () => {
    if (!existsSync(SCHEMA)) {
      console.log('skipped: the schema of OMC is not beside the project');
      return;
    }
    const ajv = new Ajv.default({ strict: false, allErrors: true });
    const valid = ajv.compile(JSON.parse(readFileSync(SCHEMA, 'utf8')) as object);
    for (const form of ['list', 'kinds'] as const) {
      const { graph } = omcOfCut(cutOfEdl(), options);
      expect(valid(JSON.parse(writeOmc(graph, form))), JSON.stringify(valid.errors)).toBe(true);
    }
    const { graph } = omcOfCut(withTake(), options);
    expect(graph.entities.some((each) => each.entityType === 'Slate')).toBe(true);
    expect(valid(JSON.parse(writeOmc(graph))), JSON.stringify(valid.errors)).toBe(true);
    const broken = JSON.parse(writeOmc(graph)) as { identifier?: unknown }[];
    delete broken[0]!.identifier;
    expect(valid(broken)).toBe(false);
  });

  it('[OM9] a cut that was written comes back frame for frame', () => {
    const { graph, findings } = omcOfCut(cutOfEdl(), options);
    expect(findings.map(({ code }) => code)).toContain('uncarried_omc_treatment');
    const back = cutsOfOmc(graphOf(JSON.parse(writeOmc(graph))).graph);
    expect(back.ok && uses(back.value[0]!)).toEqual(uses(cutOfEdl()));
    const shot = fc.record({
      media: fc.nat(3),
      from: fc.nat(100_000),
      length: fc.integer({ min: 1, max: 500 }),
      space: fc.nat(3),
      speed: fc.constantFrom(1, 1, 2, -1),
    });
    fc.assert(
      fc.property(
        fc.array(fc.array(shot, { minLength: 1, maxLength: 5 }), { maxLength: 3 }),
        (of) => {
          const cut = timeline(
            of.map((shots) => track({ children: shots.flatMap(itemsOf) })),
            { name: 'random', globalStart: time(90_000, FRAME_RATES['25']) },
          );
          const made = graphOf(JSON.parse(writeOmc(omcOfCut(cut, options).graph))).graph;
          const read = cutsOfOmc(made);
          expect(read.ok && uses(read.value[0]!)).toEqual(uses(cut));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('[OM10] timecodes of others are read at the rate that is given', () => {
    const timing = (start: string, end: string) => ({
      sourceStart: '10:00:00:00',
      recordStart: start,
      recordEnd: end,
    });
    const shot = (name: string, given: object) =>
      entity('Asset', name, {
        name,
        assetFC: { functionalType: 'shot', functionalProperties: { timing: given } },
      });
    const { graph } = graphOf([
      entity('Composition', 'k', {
        name: 'Reel 1',
        compositionType: 'sequence.editorial',
        includes: {
          Asset: ['a', 'b', 'c', 'd'].map((each) => ({ identifier: named(each) })),
        },
      }),
      shot('a', timing('01:00:00:00', '01:00:02:00')),
      shot('b', timing('01:00:01:12', '01:00:03:00')),
      shot('c', timing('soon', 'later')),
    ]);
    const read = cutsOfOmc(graph, { rate: FRAME_RATES['30'] });
    expect(read.findings.map(({ code }) => code)).toEqual([
      'missing_shot_timing',
      'overlapping_shots',
    ]);
    const [cut] = read.ok ? read.value : [];
    const entries = entriesOf(cut!, FRAME_RATES['30'], []);
    expect(entries.map(({ name, recordIn, recordOut }) => [name, recordIn, recordOut])).toEqual([
      ['a', 108_000, 108_060],
      ['b', 108_042, 108_090],
    ]);
    expect(cutsOfOmc({ entities: [] })).toMatchObject({
      findings: [{ code: 'missing_omc_composition' }],
    });
  });
});

function itemsOf(of: {
  media: number;
  from: number;
  length: number;
  space: number;
  speed: number;
}) {
  const rate = FRAME_RATES['25'];
  const effects = of.speed === 1 ? [] : [timeWarp(of.speed)];
  // Played backward, there is room before the first frame for all that is used.
  const start = of.speed < 0 ? of.from + of.length : of.from;
  const sourceRange = range(start, of.length, rate);
  const media = { DEFAULT_MEDIA: external(`file:///cards/A00${of.media}.mxf`) };
  const made = clip({ name: `A00${of.media}`, sourceRange, media, effects });
  return of.space === 0 ? [made] : [gap(time(of.space, rate)), made];
}

function withTake(): Timeline {
  const rate = FRAME_RATES['25'];
  const ALE = {
    Scene: '6B',
    Take: '1',
    Camroll: 'A006',
    Soundroll: 'S006',
    'Shoot Date': '2022-07-23',
    Camera: 'A',
    FPS: '25',
  };
  const sourceRange = range(100, 50, rate);
  return timeline([
    track({ children: [clip({ name: 'A006C001', metadata: { ALE }, sourceRange })] }),
  ]);
}
