/** The languages of the product: Chinese as written on the mainland, and English. */
export type Locale = 'zh-CN' | 'en';

/** Both languages, the first being the one that is shown when nothing else is known. */
export const LOCALES: readonly Locale[] = Object.freeze(['zh-CN', 'en'] as const);

/** Whether a text names one of the languages exactly. */
export function isLocale(text: string): text is Locale {
  return text === 'zh-CN' || text === 'en';
}

/**
 * The first language of a list of tags (RFC 5646, as in `Accept-Language` without weights) that
 * the product speaks; every kind of Chinese is met with zh-CN. Falls back to zh-CN.
 */
export function localeFor(tags: readonly string[]): Locale {
  for (const tag of tags) {
    const language = tag.trim().toLowerCase().split(/[-_]/, 1)[0];
    if (language === 'zh') return 'zh-CN';
    if (language === 'en') return 'en';
  }
  return 'zh-CN';
}
