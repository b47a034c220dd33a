import { BENCHMARK } from './kinds/benchmark.ts';
import { FIRST_OF_KIND } from './kinds/first-of-kind.ts';
import { PLATFORM } from './kinds/platform.ts';
import { COURSE, TALENT, TRAINING_BODY } from './kinds/talent.ts';
import type { RegisterDefinition } from './model.ts';

/** The registers that measures rest on, in the order of the measures. */
export const REGISTERS: readonly RegisterDefinition[] = Object.freeze([
  PLATFORM,
  FIRST_OF_KIND,
  BENCHMARK,
  COURSE,
  TRAINING_BODY,
  TALENT,
]);

/** The definition of a kind. */
export function registerOf(kind: string): RegisterDefinition | undefined {
  return REGISTERS.find((each) => each.kind === kind);
}

/** `SFBG-2026-0007`: prefix, year of entry and its place in that year. */
export function entryNumber(register: RegisterDefinition, year: number, place: number): string {
  return `${register.prefix}-${year}-${String(place).padStart(4, '0')}`;
}
