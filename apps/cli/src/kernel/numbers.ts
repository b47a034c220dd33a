import { CommandFault, EXIT } from './exit-codes.ts';

/** A whole number that was typed; what is none is told with the option it was typed for. */
export function wholeNumber(text: string, option: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new CommandFault(`${option} ${text}`, EXIT.misused);
  return Number(text);
}
