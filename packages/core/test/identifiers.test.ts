import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  filmCodeKey,
  mod3736,
  type Outcome,
  parseCinemaCode,
  parseEidr,
  parseFilmCode,
  parseIsan,
  parseUuid,
  UUID_NAMESPACES,
  uuidBytes,
  uuidFromBytes,
  uuidFromName,
  uuidFromRandom,
  uuidUrn,
} from '../src/index.ts';
import { nodeCryptography } from './node-cryptography.ts';

const codes = (outcome: Outcome<unknown>) => outcome.findings.map((each) => each.code);
const HUGE = '10.5240/' + 'F'.repeat(1_000_000);

describe('check character', () => {
  const body = () =>
    fc
      .array(fc.constantFrom(...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'), {
        minLength: 2,
        maxLength: 24,
      })
      .map((list) => list.join(''));

  it('[CO22] finds every single wrong character', () => {
    const change = fc.integer({ min: 1, max: 35 });
    fc.assert(
      fc.property(body(), fc.nat(), change, (text, seed, by) => {
        const at = seed % text.length;
        const value = (Number.parseInt(text[at]!, 36) + by) % 36;
        const wrong = text.slice(0, at) + value.toString(36).toUpperCase() + text.slice(at + 1);
        expect(mod3736(wrong)).not.toBe(mod3736(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('[CO22] finds all but 1 in 630 swaps of different neighbours', () => {
    const alphabet = [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
    let swaps = 0;
    let missed = 0;
    // One leading character brings the algorithm into each of its 36 states, so this is every swap.
    for (const lead of alphabet) {
      for (const a of alphabet) {
        for (const b of alphabet) {
          if (a === b) continue;
          swaps += 1;
          if (mod3736(lead + a + b) === mod3736(lead + b + a)) missed += 1;
        }
      }
    }
    expect([swaps, missed]).toEqual([45_360, 72]);
  });

  it('[CO22] is undefined for foreign characters', () => {
    expect(mod3736('12-34')).toBeUndefined();
    expect(mod3736('影')).toBeUndefined();
  });
});

describe('EIDR', () => {
  const canonical = '10.5240/7791-8534-2C23-9030-8610-5';

  it.each([
    canonical,
    canonical.toLowerCase(),
    `doi:${canonical}`,
    `https://doi.org/${canonical}`,
    `http://dx.doi.org/${canonical}`,
    'urn:eidr:10.5240:7791-8534-2C23-9030-8610-5',
    ` ${canonical}\n`,
  ])('[CO23] %s is brought to its canonical form', (text) => {
    expect(parseEidr(text)).toMatchObject({ ok: true, value: canonical });
  });

  it('[CO23] another published id', () => {
    expect(parseEidr('10.5240/EA73-79D7-1B2B-B378-3A73-M').ok).toBe(true);
  });

  it('[CO23] a wrong check character is refused and the right one named', () => {
    const outcome = parseEidr('10.5240/7791-8534-2C23-9030-8610-6');
    expect(codes(outcome)).toEqual(['mismatched_check_character']);
    expect(outcome.findings[0]!.facts['expected']).toBe('5');
  });

  it.each([
    '',
    '10.5239/7791-8534-2C23-9030-8610-5',
    '10.5240/77918534-2C23-9030-8610-5',
    '10.5240/7791-8534-2C23-9030-861G-5',
    '10.5240/7791-8534-2C23-9030-8610-5-5',
    HUGE,
  ])('[CO23] what is not an id is refused (%#)', (text) => {
    const outcome = parseEidr(text);
    expect(codes(outcome)).toEqual(['invalid_eidr']);
    expect(String(outcome.findings[0]!.facts['text']).length).toBeLessThan(200);
  });
});

describe('ISAN', () => {
  const printed = 'ISAN 0000-0000-D07A-0090-Q-0000-0000-X';

  it.each([
    printed,
    '0000-0000-D07A-0090-Q-0000-0000-X',
    '0000-0000-D07A-0090-0000-0000',
    'urn:isan:0000-0000-d07a-0090-q-0000-0000-x',
    'ISAN:00000000D07A0090Q00000000X',
    '00000000D07A009000000000',
    '00000000D07A0090Q00000000',
    '00000000D07A009000000000X',
  ])('[CO24] %s is read', (text) => {
    expect(parseIsan(text)).toEqual({
      ok: true,
      value: { root: '00000000D07A', episode: '0090', version: '00000000', text: printed },
      findings: [],
    });
  });

  it('[CO24] a work without a version', () => {
    const expected = { root: '000000018947', episode: '0000', text: 'ISAN 0000-0001-8947-0000-8' };
    for (const text of ['0000-0001-8947-0000', '0000000189470000', '0000-0001-8947-0000-8']) {
      expect(parseIsan(text)).toEqual({ ok: true, value: expected, findings: [] });
    }
    expect(parseIsan('0000-0001-8947-0000-8-0000-0000-D').ok).toBe(true);
  });

  it.each([
    ['0000-0000-D07A-0090-R', 'Q'],
    ['0000-0000-D07A-0090-Q-0000-0000-Y', 'X'],
    ['00000000D07A0090R00000000X', 'Q'],
  ])('[CO24] %s has a wrong check character', (text, expected) => {
    const outcome = parseIsan(text);
    expect(codes(outcome)).toEqual(['mismatched_check_character']);
    expect(outcome.findings[0]!.facts['expected']).toBe(expected);
  });

  it.each(['', '0000-0000-D07A', '0000-0000-D07A-0090-Q-0000', 'G'.repeat(16), HUGE])(
    '[CO24] what is not an ISAN is refused (%#)',
    (text) => {
      expect(codes(parseIsan(text))).toEqual(['invalid_isan']);
    },
  );

  it('[CO24] printing and reading are inverse', () => {
    const digits = fc.string({
      unit: fc.constantFrom(...'0123456789ABCDEF'),
      minLength: 24,
      maxLength: 24,
    });
    fc.assert(
      fc.property(digits, (text) => {
        const outcome = parseIsan(text);
        if (!outcome.ok) throw new Error('24 digits are an ISAN');
        expect(parseIsan(outcome.value.text)).toEqual(outcome);
        const { root, episode, version } = outcome.value;
        expect(`${root}${episode}${version}`).toBe(text);
      }),
    );
  });
});

describe('film and cinema codes', () => {
  it('[CO25] parts of a film code', () => {
    expect(parseFilmCode(' 001200292015 ')).toEqual({
      ok: true,
      value: { text: '001200292015', country: '001', version: '2', serial: '0029', year: '2015' },
      findings: [],
    });
    expect(filmCodeKey('001c04352019')).toBe(filmCodeKey(' 001C04352019'));
    const kept = parseFilmCode('001c04352019');
    expect(kept).toMatchObject({ ok: true, value: { text: '001c04352019' } });
  });

  it('[CO25] unknown versions and early years pass with a warning, wrong shapes do not', () => {
    expect(codes(parseFilmCode('051X00622015'))).toEqual(['unknown_film_version']);
    expect(codes(parseFilmCode('001100291904'))).toEqual(['unexpected_film_year']);
    for (const text of ['', '00110029201', '0011002920155', '001-00292015', HUGE]) {
      expect(codes(parseFilmCode(text))).toEqual(['invalid_film_code']);
    }
  });

  it('[CO26] parts of a cinema code', () => {
    expect(parseCinemaCode('43014301')).toEqual({
      ok: true,
      value: { text: '43014301', province: '43', city: '01', serial: '430', attribute: '1' },
      findings: [],
    });
    expect(codes(parseCinemaCode('43014303'))).toEqual(['unknown_cinema_attribute']);
    for (const text of ['', '4301430', '430143011', '4301430A', '４３０１４３０１', HUGE]) {
      expect(codes(parseCinemaCode(text))).toEqual(['invalid_cinema_code']);
    }
  });
});

describe('UUID', () => {
  const bytes = () => fc.uint8Array({ minLength: 16, maxLength: 16 });

  it('[CO27] text and bytes are inverse, case and prefix do not matter', () => {
    fc.assert(
      fc.property(bytes(), (value) => {
        const uuid = uuidFromBytes(value);
        expect(uuidBytes(uuid)).toEqual(new Uint8Array(value));
        expect(parseUuid(uuidUrn(uuid).toUpperCase())).toMatchObject({ ok: true, value: uuid });
        expect(parseUuid(uuid)).toMatchObject({ ok: true, value: uuid });
      }),
    );
  });

  it('[CO27] other texts are refused', () => {
    const good = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
    for (const text of ['', good.slice(1), `${good}0`, good.replaceAll('-', ''), `{${good}}`]) {
      expect(codes(parseUuid(text))).toEqual(['invalid_uuid']);
    }
    expect(() => uuidFromBytes(new Uint8Array(15))).toThrow('16 bytes');
  });

  it('[CO28] random bytes give version 4 and leave the rest as it was', () => {
    fc.assert(
      fc.property(bytes(), (value) => {
        const before = value.slice();
        const uuid = uuidFromRandom(value);
        expect(uuid).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
        expect(value).toEqual(before);
      }),
    );
  });

  it('[CO28] names give version 5 as RFC 9562 appendix A.4 prints it', () => {
    const name = (text: string) => uuidFromName(nodeCryptography, UUID_NAMESPACES.dns, text);
    expect(name('www.example.com')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
    expect(name('影联')).toBe(
      uuidFromName(nodeCryptography, UUID_NAMESPACES.dns, new TextEncoder().encode('影联')),
    );
    expect(name('a')).not.toBe(uuidFromName(nodeCryptography, UUID_NAMESPACES.url, 'a'));
  });
});
