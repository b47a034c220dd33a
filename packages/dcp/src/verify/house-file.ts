import { accepted, type Finding, finding, type Outcome, refused } from '@yinglian/core';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { SOUNDFIELDS } from '../mxf/channels.ts';
import { type Profile, PROFILE_NAMES } from './profile.ts';

/** Numbers and words are the same in a list of YAML: `[24, 48]`, `["51"]`. */
const word = z.union([z.string(), z.number()]).transform(String);
const list = (item: z.ZodType<string, string | number>) => z.array(item).min(1).max(100);
const rate = word.pipe(z.string().regex(/^\d{1,6}(?:\/\d{1,6})?$/));
const size = z.string().regex(/^\d{1,5}x\d{1,5}$/);
const soundfield = word.pipe(z.enum(Object.keys(SOUNDFIELDS)));
const language = z.string().regex(/^[A-Za-z]{2,3}(?:-[A-Za-z0-9-]{1,40})?$/);
const span = z
  .strictObject({ least: z.number().optional(), most: z.number().optional() })
  .refine(({ least = -Infinity, most = Infinity }) => least <= most, { error: 'least > most' });

const limits = z.strictObject({
  pictureMbitPeak: z.number().positive().optional(),
  pictureMbitAverage: z.number().positive().optional(),
  frameRates: list(rate).optional(),
  pictureSizes: list(size).optional(),
  soundfields: list(soundfield).optional(),
  integratedLufs: span.optional(),
  leqM: span.optional(),
  truePeakDbtp: span.optional(),
  minutes: span.optional(),
  encryption: z.enum(['required', 'forbidden']).optional(),
  signature: z.enum(['required']).optional(),
  naming: z.enum(['required']).optional(),
  markers: list(z.string().regex(/^[A-Z]{4}$/)).optional(),
  soundLanguages: list(language).optional(),
  textLanguages: list(language).optional(),
});

const severity = z.enum(['error', 'warning', 'note', 'success', 'ignored']);
const profile = z.strictObject({
  base: z.enum(PROFILE_NAMES).default('auto'),
  name: z.string().min(1).max(80).optional(),
  severities: z.record(z.string().regex(/^[a-z]+(?:_[a-z]+)*$/), severity).optional(),
  limits: limits.optional(),
});

const CHARACTERS_MAX = 100_000;

/** A house profile from YAML or JSON; what it does not know refuses it. */
export function readHouseProfile(text: string): Outcome<Profile> {
  let data: unknown;
  try {
    if (text.length > CHARACTERS_MAX) throw new Error(`> ${CHARACTERS_MAX}`);
    data = parseYaml(text, { maxAliasCount: 10, logLevel: 'error' });
  } catch (error) {
    return refused(wrong('', (error as Error).message.split('\n')[0]!));
  }
  const parsed = profile.safeParse(data);
  if (parsed.success) return accepted(parsed.data);
  const { issues } = parsed.error;
  return refused(...issues.map(({ path, message }) => wrong(path.map(String).join('.'), message)));
}

function wrong(path: string, problem: string): Finding {
  return finding('invalid_house_profile', 'error', { facts: { path, problem }, at: { path } });
}
