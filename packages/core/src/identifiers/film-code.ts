import { accepted, finding, type Finding, type Outcome, refused } from '../findings.ts';
import { clipText } from '../text.ts';

/**
 * 影片编码 / 排次号: 3 country + 1 version + 4 licence serial + 4 year. Letters occur in both
 * cases: the code is kept as given and compared without regard to case.
 */
export type FilmCode = {
  readonly text: string;
  readonly country: string;
  readonly version: string;
  readonly serial: string;
  readonly year: string;
};

const SHAPE = /^([0-9]{3})([0-9A-Za-z])([0-9]{4})([0-9]{4})$/;
/** Version characters with a documented meaning; others pass with a warning. */
export const FILM_VERSION_CHARACTERS: Readonly<Record<string, string>> = Object.freeze({
  '1': '2D',
  '2': '3D',
  '3': 'IMAX',
  '4': 'IMAX',
  '8': 'CGS',
});
/** The year of the first Chinese film, Dingjun Mountain (定军山). */
const FIRST_YEAR = 1905;

/** Checks the shape. An unknown version character or an early year passes with a warning. */
export function parseFilmCode(text: string): Outcome<FilmCode> {
  const trimmed = text.trim();
  const match = SHAPE.exec(trimmed);
  if (match === null) {
    return refused(finding('invalid_film_code', 'error', { facts: { text: clipText(text) } }));
  }
  const part = (group: number) => match[group]!;
  const [country, version, serial, year] = [part(1), part(2), part(3), part(4)];
  const findings: Finding[] = [];
  if (FILM_VERSION_CHARACTERS[version] === undefined) {
    const facts = { text: trimmed, version };
    findings.push(finding('unknown_film_version', 'warning', { facts }));
  }
  if (Number(year) < FIRST_YEAR) {
    findings.push(finding('unexpected_film_year', 'warning', { facts: { text: trimmed, year } }));
  }
  return accepted({ text: trimmed, country, version, serial, year }, findings);
}

/** The form under which two codes are the same. */
export function filmCodeKey(text: string): string {
  return text.trim().toUpperCase();
}
