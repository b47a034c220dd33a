import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dueOf,
  type EntryRecord,
  moveEntry,
  publishedEntry,
  REGISTERS,
  standingOf,
  stationsOf,
} from '../src/index.ts';
import { codes, draftOf, enteredOf, keptOf, register, step, steps, taken } from './support.ts';

const RUNS = Number(process.env['YINGLIAN_REGISTER_RUNS'] ?? 150);
const failed = (on: string) => ({ on, grade: 'failed', passes: false });
const passed = (on: string) => ({ on, grade: 'good', passes: true });

describe('the life of an entry', () => {
  it('[RG6] the usual way: filed, checked, proposed, on notice, entered', () => {
    const entered = enteredOf('platform');
    expect(entered).toMatchObject({
      state: 'registered',
      registeredOn: '2026-06-10',
      validUntil: '2029-06-10',
    });
    const benchmark = draftOf('benchmark');
    const checked = steps('benchmark', benchmark, ['file'], ['pass_check']);
    expect(codes(step('benchmark', checked, 'propose'))).toEqual(['unselected_entry']);
  });

  it('[RG17] the way into each register is told from its flow, station by station', () => {
    const usual = ['draft', 'filed', 'checked', 'proposed', 'on_notice', 'registered'];
    for (const definition of REGISTERS) {
      const stations = stationsOf(definition);
      const wanted =
        definition.kind === 'talent'
          ? ['draft', 'filed', 'routed', 'recommended', 'registered']
          : usual;
      expect(stations, definition.kind).toEqual(wanted);
      for (const [place, to] of stations.slice(1).entries()) {
        const from = stations[place]!;
        const leads = definition.actions.some((each) => each.to === to && each.from.includes(from));
        expect(leads, `${from} → ${to}`).toBe(true);
      }
    }
    expect(stationsOf({ actions: [] })).toEqual(['draft']);
  });

  it('[RG6] on no random path is an entry registered or raised early, alone or contested', () => {
    const people = ['p', 'q', 'r'];
    fc.assert(
      fc.property(
        fc.constantFrom(...REGISTERS.map(({ kind }) => kind)),
        fc.array(
          fc.record({
            action: fc.nat(40),
            actor: fc.constantFrom(...people),
            day: fc.integer({ min: 0, max: 3 }),
            objections: fc.nat(1),
          }),
          { maxLength: 40 },
        ),
        (kind, moves) => {
          const { actions } = register(kind);
          let entry: EntryRecord = draftOf(kind, { selected: true });
          let date = 1;
          for (const move of moves) {
            date = Math.min(date + move.day, 28);
            const on = `2026-06-${String(date).padStart(2, '0')}`;
            const able = actions.filter(({ from }) => from.includes(entry.state));
            const action = able[move.action % Math.max(able.length, 1)];
            if (action === undefined) break;
            const until = `2026-06-${String(Math.min(date + 2, 28)).padStart(2, '0')}`;
            const before = { ...entry, openObjections: move.objections };
            const result = moveEntry(register(kind), before, {
              action: action.action,
              actor: move.actor,
              role: action.role,
              on,
              reason: '理由',
              until,
              level: 'nation',
            });
            if (!result.ok) continue;
            const after = result.value.entry;
            if (action.effect === 'raise' || action.action === 'enter') {
              expect(before.noticeUntil).not.toBeNull();
              expect(on > before.noticeUntil!).toBe(true);
              expect(before.openObjections).toBe(0);
              const published = after.steps.findLast((each) => each.action.startsWith('publish'));
              expect(published?.actor).not.toBe(move.actor);
            }
            entry = after;
          }
          if (entry.registeredOn !== null && kind !== 'talent') {
            expect(entry.steps.some((each) => each.action === 'publish')).toBe(true);
          }
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('[RG6] early, contested or by the same person it is refused by name', () => {
    const noticed = steps(
      'course',
      draftOf('course'),
      ['file'],
      ['pass_check'],
      ['propose'],
      ['publish', { until: '2026-06-08' }],
    );
    const enter = (more: object, entry = noticed) =>
      codes(step('course', entry, 'enter', { on: '2026-06-09', ...more }));
    expect(enter({ on: '2026-06-08' })).toEqual(['unfinished_notice']);
    expect(enter({}, { ...noticed, openObjections: 1 })).toEqual(['open_objection']);
    expect(enter({ actor: 'officer-publish' })).toEqual(['missing_second_person']);
    expect(enter({ role: 'officer' })).toEqual(['mismatched_case_role']);
    expect(enter({})).toEqual([]);
    const again = steps(
      'course',
      noticed,
      ['take_back', { on: '2026-06-07' }],
      ['propose', { on: '2026-06-07' }],
      ['publish', { on: '2026-06-07', until: '2026-06-12' }],
    );
    expect(enter({}, again)).toEqual(['unfinished_notice']);
  });

  it('[RG2] filing lists everything that is missing at once; a correction is asked once', () => {
    const bare = { ...draftOf('course'), fields: { course: '甲' }, documents: [] };
    const found = codes(step('course', bare, 'file'));
    expect(found[0]).toBe('incomplete_entry');
    expect(found.filter((code) => code === 'missing_field')).toHaveLength(7);
    expect(found.filter((code) => code === 'missing_document')).toHaveLength(2);
    const asked = steps(
      'course',
      draftOf('course'),
      ['file'],
      ['ask_correction', { until: '2026-06-05' }],
    );
    expect(codes(step('course', asked, 'correct', { on: '2026-06-06' }))).toEqual([
      'late_correction',
    ]);
    const reject = (on: string) => step('course', asked, 'reject', { on });
    expect(codes(reject('2026-06-05'))).toEqual(['unfinished_correction']);
    expect(taken(reject('2026-06-06')).state).toBe('refused');
    const corrected = steps('course', asked, ['correct', { on: '2026-06-05' }]);
    expect(codes(step('course', corrected, 'ask_correction', { on: '2026-06-05' }))).toEqual([
      'repeated_correction',
    ]);
  });

  it('[RG7] failed, warned, mended or withdrawn', () => {
    const entered = enteredOf('platform');
    expect(codes(step('platform', entered, 'warn', { on: '2027-06-10' }))).toEqual([
      'missing_failed_assessment',
    ]);
    const bad = { ...entered, assessments: [failed('2027-06-10')] };
    const warned = steps('platform', bad, ['warn', { on: '2027-06-11', until: '2027-09-01' }]);
    expect(standingOf(register('platform'), warned, '2027-06-12')).toBe('warned');
    const early = { on: '2027-09-01' };
    expect(codes(step('platform', warned, 'withdraw', early))).toEqual(['unfinished_remedy']);
    const late = steps('platform', warned, ['withdraw', { on: '2027-09-02' }]);
    expect(late).toMatchObject({ state: 'withdrawn', endedOn: '2027-09-02' });
    expect(standingOf(register('platform'), late, '2027-09-03')).toBe('ended');
    const twice = { ...warned, assessments: [...warned.assessments, failed('2027-08-01')] };
    expect(step('platform', twice, 'withdraw', { on: '2027-08-02' }).ok).toBe(true);
    expect(codes(step('platform', warned, 'reinstate', early))).toEqual([
      'missing_passed_assessment',
    ]);
    const mended = { ...warned, assessments: [...warned.assessments, passed('2027-08-01')] };
    expect(codes(step('platform', mended, 'withdraw', { on: '2027-10-01' }))).toEqual([
      'unfinished_remedy',
    ]);
    expect(steps('platform', mended, ['reinstate', early]).state).toBe('registered');
  });

  it('[RG8] levels only rise, with a notice and a new term', () => {
    const entered = enteredOf('platform');
    const asked = (level: string) =>
      step('platform', entered, 'ask_upgrade', { on: '2027-01-05', level });
    expect(codes(asked('city'))).toEqual(['invalid_level']);
    expect(codes(asked('province'))).toEqual(['invalid_level']);
    expect(codes(asked('moon'))).toEqual(['invalid_level']);
    const rising = steps('platform', taken(asked('nation')), [
      'publish_upgrade',
      { on: '2027-01-06', until: '2027-01-13' },
    ]);
    expect(standingOf(register('platform'), rising, '2027-01-10')).toBe('standing');
    expect(codes(step('platform', rising, 'upgrade', { on: '2027-01-13' }))).toEqual([
      'unfinished_notice',
    ]);
    const raised = steps('platform', rising, ['upgrade', { on: '2027-01-14' }]);
    expect(raised.fields['level']).toBe('nation');
    expect(raised).toMatchObject({ state: 'registered', validUntil: '2030-01-14' });
    const denied = steps('platform', rising, ['deny_upgrade', { on: '2027-01-10' }]);
    expect([denied.fields['level'], denied.levelAsked]).toEqual(['province', null]);
  });

  it('[RG9] a term that is over lapses by itself, and renewal needs a passed assessment', () => {
    const entered = enteredOf('platform');
    const at = (on: string, entry = entered) => standingOf(register('platform'), entry, on);
    expect([at('2026-06-09'), at('2026-06-10'), at('2029-06-10'), at('2029-06-11')]).toEqual([
      'none',
      'standing',
      'standing',
      'lapsed',
    ]);
    expect(codes(step('platform', entered, 'renew', { on: '2029-06-01' }))).toEqual([
      'missing_passed_assessment',
    ]);
    const good = { ...entered, assessments: [passed('2029-05-01')] };
    const renewed = steps('platform', good, ['renew', { on: '2029-06-01' }]);
    expect(at('2029-06-11', renewed)).toBe('standing');
    const first = enteredOf('first_of_kind');
    const sold = { ...first, fields: { ...first.fields, leaves_market_on: '2027-01-01' } };
    expect(standingOf(register('first_of_kind'), sold, '2027-01-02')).toBe('lapsed');
    expect(standingOf(register('first_of_kind'), sold, '2027-01-01')).toBe('standing');
  });

  it('[RG14] what is due is told ahead, and late as late', () => {
    const kept = keptOf('first_of_kind', {
      fields: {
        ...enteredOf('first_of_kind').fields,
        insurance: [
          {
            insurer: '某保险',
            policy: 'P1',
            kind: 'quality',
            insured_fen: '100',
            premium_fen: '1',
            from: '2026-01-01',
            to: '2027-05-01',
          },
        ],
      },
    });
    const what = (on: string) =>
      dueOf(register('first_of_kind'), kept, on).map(({ what: each, by, late }) => [
        each,
        by,
        late,
      ]);
    expect(what('2026-07-01')).toEqual([]);
    expect(what('2027-06-20')).toEqual([
      ['assessment', '2027-06-10', true],
      ['insurance', '2027-05-01', true],
    ]);
    expect(what('2029-05-01')).toContainEqual(['renewal', '2029-06-10', false]);
  });

  it('[RG15] a referral goes by consent, is routed by name, and decides nothing itself', () => {
    const draft = draftOf('talent');
    const silent = { ...draft, fields: { ...draft.fields, consent: false } };
    expect(codes(step('talent', silent, 'file'))).toEqual(['missing_consent']);
    const routed = steps('talent', draft, ['file'], ['route']);
    expect(codes(step('talent', routed, 'recommend', { actor: 'officer-route' }))).toEqual([
      'missing_second_person',
    ]);
    const reported = steps(
      'talent',
      routed,
      ['recommend'],
      ['report_refused', { on: '2026-07-01' }],
    );
    expect(reported).toMatchObject({ state: 'refused', registeredOn: null });
    expect(codes(step('talent', reported, 'forget', { on: '2028-07-01' }))).toEqual([
      'unfinished_keeping',
    ]);
    const forgotten = steps('talent', reported, ['forget', { on: '2028-07-02' }]);
    expect(Object.keys(forgotten.fields)).not.toContain('name');
    expect(JSON.stringify(forgotten.fields)).not.toContain('张某');
    const due = dueOf(
      register('talent'),
      { ...keptOf('talent', reported), ...reported },
      '2028-06-01',
    );
    expect(due).toEqual([
      { number: 'X-2026-0001', what: 'keeping', by: '2028-07-01', late: false },
    ]);
  });

  it('[RG12] the public view shows the published fields and no others', () => {
    for (const definition of REGISTERS) {
      const kept = keptOf('platform', { state: 'registered', fields: secrets(definition.fields) });
      const shown = publishedEntry(definition, kept, '2026-07-01')!;
      const text = JSON.stringify(shown);
      for (const field of definition.fields) {
        expect([field.name, text.includes(`秘${field.name}秘`)]).toEqual([
          field.name,
          field.published,
        ]);
      }
      expect(Object.keys(shown).sort()).toEqual([
        'fields',
        'number',
        'registeredOn',
        'standing',
        'validUntil',
      ]);
    }
    const left = keptOf('talent', { state: 'relinquished' });
    expect(publishedEntry(register('talent'), left, '2026-07-01')).toBeUndefined();
    expect(
      publishedEntry(register('course'), { ...keptOf('course'), registeredOn: null }, '2026-07-01'),
    ).toBeUndefined();
  });
});

function secrets(fields: readonly { readonly name: string }[]): Record<string, string> {
  return Object.fromEntries(fields.map(({ name }) => [name, `秘${name}秘`]));
}
