import i18next, { type BackendModule, type ResourceKey } from 'i18next';
import { initReactI18next } from 'react-i18next';

export type Language = 'zh-CN' | 'en';

const KEY = 'yinglian.language';
const catalogues = import.meta.glob<{ default: ResourceKey }>('/src/*/locale/*.json');

const backend: BackendModule = {
  type: 'backend',
  init: () => undefined,
  read(language, namespace, done) {
    const load = catalogues[`/src/${namespace}/locale/${language}.json`];
    if (load === undefined) {
      done(new Error(`no catalogue ${namespace} in ${language}`), false);
      return;
    }
    load().then(
      (module) => done(null, module.default),
      (fault: unknown) => done(fault as Error, false),
    );
  },
};

/** Begins in the language of last time, or the first one the browser asks for that we speak. */
export async function beginLanguage(): Promise<void> {
  i18next.on('languageChanged', (language) => {
    document.documentElement.lang = language;
  });
  await i18next
    .use(backend)
    .use(initReactI18next)
    .init({
      lng: firstLanguage(),
      fallbackLng: false,
      load: 'currentOnly',
      ns: ['kernel'],
      defaultNS: 'kernel',
      interpolation: { escapeValue: false },
      returnNull: false,
      react: { useSuspense: true },
    });
}

function firstLanguage(): Language {
  const stored = localStorage.getItem(KEY);
  if (stored === 'zh-CN' || stored === 'en') return stored;
  for (const tag of navigator.languages) {
    if (/^zh\b/i.test(tag)) return 'zh-CN';
    if (/^en\b/i.test(tag)) return 'en';
  }
  return 'zh-CN';
}

/** The language on screen. */
export function currentLanguage(): Language {
  return i18next.language === 'en' ? 'en' : 'zh-CN';
}

/** Whether somebody chose a language on this machine, which then wins over the account's. */
export function isLanguageChosen(): boolean {
  return localStorage.getItem(KEY) !== null;
}

/** Changes every word on the page in place; nothing that was typed is lost. */
export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(KEY, language);
  await i18next.changeLanguage(language);
}
