import { type FindingTexts, joinTexts } from '@yinglian/core';
import { FINDING_TEXTS as own } from '../codes.ts';
import { FINDING_TEXTS as boxoffice } from '@yinglian/boxoffice';
import { FINDING_TEXTS as certificates } from '@yinglian/certificates';
import { FINDING_TEXTS as core } from '@yinglian/core';
import { FINDING_TEXTS as dcp } from '@yinglian/dcp';
import { FINDING_TEXTS as facility } from '@yinglian/facility';
import { FINDING_TEXTS as host } from '@yinglian/host';
import { FINDING_TEXTS as imf } from '@yinglian/imf';
import { FINDING_TEXTS as jpeg2000 } from '@yinglian/jpeg2000';
import { FINDING_TEXTS as kdm } from '@yinglian/kdm';
import { FINDING_TEXTS as ledger } from '@yinglian/ledger';
import { FINDING_TEXTS as media } from '@yinglian/media';
import { FINDING_TEXTS as mhl } from '@yinglian/mhl';
import { FINDING_TEXTS as omc } from '@yinglian/omc';
import { FINDING_TEXTS as opencall } from '@yinglian/opencall';
import { FINDING_TEXTS as policy } from '@yinglian/policy';
import { FINDING_TEXTS as reconciliation } from '@yinglian/reconciliation';
import { FINDING_TEXTS as register } from '@yinglian/register';
import { FINDING_TEXTS as release } from '@yinglian/release';
import { FINDING_TEXTS as offload } from '@yinglian/offload';
import { FINDING_TEXTS as playlog } from '@yinglian/playlog';
import { FINDING_TEXTS as review } from '@yinglian/review';
import { FINDING_TEXTS as screening } from '@yinglian/screening';
import { FINDING_TEXTS as settlement } from '@yinglian/settlement';
import { FINDING_TEXTS as timeline } from '@yinglian/timeline';
import { FINDING_TEXTS as xml } from '@yinglian/xml';

/** All wordings; where two packages word one code alike, the later one here speaks. */
export const ALL_TEXTS: FindingTexts = joinTexts(
  core,
  xml,
  host,
  imf,
  certificates,
  jpeg2000,
  media,
  mhl,
  offload,
  facility,
  timeline,
  omc,
  playlog,
  review,
  screening,
  boxoffice,
  policy,
  opencall,
  register,
  reconciliation,
  ledger,
  release,
  settlement,
  kdm,
  dcp,
  own,
);
