import type { Instrument } from '../model.ts';
import { FACTS } from './facts.ts';
import { MEASURES } from './measures.ts';
import { PARAMETERS } from './parameters.ts';
import { RULES } from './rules.ts';

/** 湘政办发〔2023〕55号 as rules. Its text is in the public domain of official documents. */
export const HUNAN_2023_55: Instrument = {
  schema: 'yinglian.policy/1',
  code: 'hunan-2023-55',
  number: '湘政办发〔2023〕55号',
  registration: 'HNPR—2023—01031',
  title: {
    zh: '湖南省加快音视频产业高质量发展的政策措施',
    en: 'Measures of Hunan Province for the audio and video industry',
  },
  issuer: '湖南省人民政府办公厅',
  jurisdiction: 'province',
  source: {
    publicity: '此件主动公开',
    sha256: 'c6ff4f67debc9197bd2ba06c5a6a0b14ab132b57607999c1c4c516d19487d0e4',
    characters: 3016,
  },
  validity: {
    fromParameter: 'A1',
    from: [
      { value: 'promulgated', date: '2023-12-27' },
      { value: 'printed', date: '2023-12-28' },
      { value: 'online', date: '2023-12-29' },
    ],
    toParameter: 'A2',
    to: [
      { value: 'inclusive', date: '2028-12-27' },
      { value: 'civil', date: '2028-12-28' },
    ],
  },
  measures: MEASURES,
  facts: FACTS,
  parameters: PARAMETERS,
  rules: RULES,
};
