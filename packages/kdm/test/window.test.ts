import { formatInstant } from '@yinglian/core';
import {
  cinemaWindow,
  fileNamePart,
  formatKdmTime,
  kdmFileName,
  kdmMailSubject,
  kdmNameByPattern,
  kdmZipName,
  localTime,
  parseKdmTime,
  timeInZone,
} from '@yinglian/kdm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { value } from './fixtures.ts';

const shown = (text: string, zone: string, pass: 'first' | 'second' = 'first') => {
  const outcome = localTime(text, zone, pass);
  return outcome.ok ? formatKdmTime(outcome.value) : outcome.findings[0]!.code;
};

describe('windows', () => {
  it('[KD18] gives each end its own offset', () => {
    const window = value(
      cinemaWindow({
        opens: '2026-10-20T10:00',
        closes: '2026-10-30T10:00',
        timeZone: 'Europe/Paris',
      }),
    );
    expect(formatKdmTime(window.notBefore)).toBe('2026-10-20T10:00:00+02:00');
    expect(formatKdmTime(window.notAfter)).toBe('2026-10-30T10:00:00+01:00');
    expect(shown('2026-12-01T10:00', 'Asia/Shanghai')).toBe('2026-12-01T10:00:00+08:00');
    expect(shown('2026-12-01T10:00:30', 'Asia/Kolkata')).toBe('2026-12-01T10:00:30+05:30');
    expect(shown('2026-12-01T10:00', 'America/St_Johns')).toBe('2026-12-01T10:00:00-03:30');
    expect(shown('2026-01-01T00:00', 'Pacific/Kiritimati')).toBe('2026-01-01T00:00:00+14:00');
    expect(shown('2026-01-01T00:00', 'Asia/Kathmandu')).toBe('2026-01-01T00:00:00+05:45');
  });

  it('[KD18] opens at the first pass of a repeated hour and closes at the second', () => {
    // Clocks of Paris go back from 03:00 on 2026-10-25, those of Lord Howe by half an hour.
    expect(shown('2026-10-25T02:30', 'Europe/Paris', 'first')).toBe('2026-10-25T02:30:00+02:00');
    expect(shown('2026-10-25T02:30', 'Europe/Paris', 'second')).toBe('2026-10-25T02:30:00+01:00');
    expect(shown('2026-04-05T01:45', 'Australia/Lord_Howe', 'first')).toBe(
      '2026-04-05T01:45:00+11:00',
    );
    expect(shown('2026-04-05T01:45', 'Australia/Lord_Howe', 'second')).toBe(
      '2026-04-05T01:45:00+10:30',
    );
    expect(shown('2026-11-01T01:30', 'America/New_York', 'first')).toBe(
      '2026-11-01T01:30:00-04:00',
    );
    const window = cinemaWindow({
      opens: '2026-10-25T02:30',
      closes: '2026-10-25T02:30',
      timeZone: 'Europe/Paris',
    });
    expect(value(window).notAfter.instant - value(window).notBefore.instant).toBe(3_600_000);
  });

  it('[KD18] refuses hours that clocks skip, and what is no time', () => {
    expect(shown('2026-03-29T02:30', 'Europe/Paris')).toBe('skipped_local_time');
    expect(shown('2026-03-29T03:00', 'Europe/Paris')).toBe('2026-03-29T03:00:00+02:00');
    expect(shown('2026-03-08T02:00', 'America/New_York')).toBe('skipped_local_time');
    expect(shown('2011-12-30T12:00', 'Pacific/Apia')).toBe('skipped_local_time');
    for (const text of [
      '',
      '2026-02-30T10:00',
      '2026-01-01T24:00',
      '2026-01-01',
      '2026-01-01T10:00Z',
    ]) {
      expect(shown(text, 'Asia/Shanghai'), text).toBe('invalid_local_time');
    }
    for (const zone of ['', 'Nowhere/City', '+08:00', 'Asia/Shanghai; x']) {
      expect(shown('2026-01-01T10:00', zone), zone).toBe('unknown_time_zone');
    }
    const reversed = cinemaWindow({
      opens: '2026-01-02T10:00',
      closes: '2026-01-01T10:00',
      timeZone: 'Asia/Shanghai',
    });
    expect(reversed.findings.map((each) => each.code)).toEqual(['reversed_window']);
  });

  it('[KD18] finds every instant again from its clock', () => {
    const zones = [
      'Europe/Paris',
      'Asia/Shanghai',
      'America/New_York',
      'Australia/Lord_Howe',
      'Africa/Casablanca',
      'Pacific/Apia',
      'Asia/Tehran',
    ];
    fc.assert(
      fc.property(
        fc.integer({ min: 946_684_800, max: 2_208_988_800 }),
        fc.constantFrom(...zones),
        (seconds, zone) => {
          const time = timeInZone(seconds * 1000, zone);
          const clock = formatInstant(time.instant, time.offsetMinutes).slice(0, 19);
          const passes = (['first', 'second'] as const).map((pass) =>
            value(localTime(clock, zone, pass)),
          );
          expect(
            passes.some(
              (each) => each.instant === time.instant && each.offsetMinutes === time.offsetMinutes,
            ),
          ).toBe(true);
          expect(passes[0]!.instant).toBeLessThanOrEqual(passes[1]!.instant);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('[KD19] writes times of 25 characters', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4_102_444_800 }),
        fc.integer({ min: -840, max: 840 }),
        (seconds, offsetMinutes) => {
          const time = { instant: seconds * 1000, offsetMinutes };
          const text = formatKdmTime(time);
          expect(text).toMatch(/^.{19}[+-]\d\d:\d\d$/);
          expect(parseKdmTime(text)).toEqual(time);
        },
      ),
    );
    expect(formatKdmTime({ instant: 0, offsetMinutes: 0 })).toBe('1970-01-01T00:00:00+00:00');
    expect(() => formatKdmTime({ instant: 1, offsetMinutes: 0 })).toThrow();
    expect(parseKdmTime('2026-12-01T10:00:00')).toBeUndefined();
  });
});

describe('names', () => {
  const time = (text: string) => parseKdmTime(text)!;
  const parts = {
    title: 'Amélie & the Straße',
    contentType: 'FTR-1',
    language: 'FR-XX',
    audio: '51',
    opens: time('2026-12-01T00:30:00+08:00'),
    closes: time('2026-12-08T23:59:00+08:00'),
    facility: 'YLN1',
    packageType: 'OV',
    territory: 'CN',
  };

  it('[KD20] names files by the convention', () => {
    expect(kdmFileName({ ...parts, serial: 'IMB 123/456' })).toBe(
      'k_AmelietheStras_FTR-1_FR-XX_51_IMB123456_20261201_20261208_YLN_OV_CN.xml',
    );
    const zip = kdmZipName({ ...parts, theatre: 'Grand Théâtre de la Ville Lumière' });
    expect(zip).toBe(
      'k_AmelietheStras_FTR-1_FR-XX_51_GrandTheatredelaVill_20261201_20261208_YLN_OV_CN.zip',
    );
    expect(kdmMailSubject(zip)).toBe(zip.slice(0, -4));
    expect(
      kdmNameByPattern('KDM_%f_%c_%s_%b_%%', {
        film: 'My Film',
        cinema: 'Roxy',
        screen: '1',
        opens: parts.opens,
      }),
    ).toBe('KDM_My-Film_Roxy_1_20261201_%');
  });

  it('[KD20] lets nothing but letters, digits and hyphens through', () => {
    expect(fileNamePart('../../etc/passwd', 99)).toBe('etcpasswd');
    expect(fileNamePart('Łódź Ærø ½', 99)).toBe('LodzAEro');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(30), (text, length) => {
        const name = fileNamePart(text, length);
        expect(name).toMatch(/^[A-Za-z0-9-]*$/);
        expect(name.length).toBeLessThanOrEqual(length);
      }),
    );
  });
});
