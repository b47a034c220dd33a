import type { FindingTexts } from '@yinglian/core';
import { FINDING_TEXTS } from '@yinglian/release';

/** What the lights of the board say, for mails that are written outside of any page. */
export const RELEASE_TEXTS: FindingTexts = FINDING_TEXTS;
