import { accepted, finding, type Outcome, refused } from '../findings.ts';
import { clipText } from '../text.ts';

/** 影院编码, GY/T 276-2013: 2 province + 2 city + 3 serial + 1 attribute. */
export type CinemaCode = {
  readonly text: string;
  readonly province: string;
  readonly city: string;
  readonly serial: string;
  readonly attribute: string;
};

/** 0 urban mobile team, 1 urban cinema, 5 rural team, 6 rural cinema. */
export const CINEMA_ATTRIBUTES: readonly string[] = ['0', '1', '5', '6'];

/** Checks the shape. An attribute without a documented meaning passes with a warning. */
export function parseCinemaCode(text: string): Outcome<CinemaCode> {
  const trimmed = text.trim();
  const clause = 'GY/T 276-2013';
  const match = /^(\d{2})(\d{2})(\d{3})(\d)$/.exec(trimmed);
  if (match === null) {
    const facts = { text: clipText(text) };
    return refused(finding('invalid_cinema_code', 'error', { facts, clause }));
  }
  const part = (group: number) => match[group]!;
  const [province, city, serial, attribute] = [part(1), part(2), part(3), part(4)];
  const known = CINEMA_ATTRIBUTES.includes(attribute);
  return accepted(
    { text: trimmed, province, city, serial, attribute },
    known
      ? []
      : [
          finding('unknown_cinema_attribute', 'warning', {
            facts: { text: trimmed, attribute },
            clause,
          }),
        ],
  );
}
