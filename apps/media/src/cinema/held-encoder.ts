import { type Finding, finding } from '@yinglian/core';
import type { XyzPlanes } from '@yinglian/dcp';
import { checkCinema, cinemaLimits } from '@yinglian/jpeg2000';
import { cinemaRules, type CinemaSettings } from './messages.ts';
import type { CinemaEncoder } from './port.ts';

/** A program that compresses; what it makes is believed only after it was judged. */
export type ForeignEncoder = {
  /** Undefined where the program cannot be brought down to so few bytes. */
  encode(planes: XyzPlanes, bytesMax: number): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
};

/** A picture that no attempt brought within the rules of digital cinema. */
export class HeldFault extends Error {
  readonly findings: readonly Finding[];
  constructor(findings: readonly Finding[]) {
    super(findings[0]!.code);
    this.findings = findings;
  }
}

/** Codes that fewer bytes can mend. */
const OF_THE_RATE = new Set(['excessive_frame_bytes', 'excessive_component_bytes']);
/** One colour can be over its cap by much; each attempt comes down by what was over. */
const ATTEMPTS_MAX = 4;
/** A little below what is allowed: programs meet a rate only nearly. */
const MARGIN = 0.98;

/** Holds a foreign encoder to the caps of DCI DCSS 4.4 and to the profile, picture by picture. */
export function heldEncoder(foreign: ForeignEncoder, settings: CinemaSettings): CinemaEncoder {
  const { encoder } = settings;
  const rules = cinemaRules(settings);
  return {
    async encode(planes) {
      const limit = cinemaLimits(rules).frameBytes;
      let aim = limit;
      let bytes = 0;
      for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
        const codestream = await foreign.encode(planes, aim);
        if (codestream === undefined) break;
        const wrong = checkCinema(codestream, rules).filter((each) => each.severity === 'error');
        if (wrong.length === 0) return { codestream, lowered: attempt > 0 };
        if (!wrong.every((each) => OF_THE_RATE.has(each.code))) {
          throw new HeldFault([
            finding('illegal_codestream', 'error', { facts: { encoder } }),
            ...wrong,
          ]);
        }
        bytes = codestream.length;
        aim = Math.floor(Math.min(aim, bytes) * MARGIN * Math.min(...wrong.map(shareAllowed)));
      }
      const facts = { encoder, bytes, limit };
      throw new HeldFault([finding('excessive_codestream', 'error', { facts })]);
    },
    close: () => foreign.close(),
  };
}

function shareAllowed({ facts }: Finding): number {
  return Number(facts['limit']) / Number(facts['bytes']);
}
