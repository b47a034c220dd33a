import { useTranslation } from 'react-i18next';
import { answers, api, ask } from '../api.ts';
import { chooseLanguage, currentLanguage, type Language } from '../language.ts';
import { useSession } from '../session.ts';
import { chooseTheme, themeChoice, type ThemeChoice, useTheme } from '../theme.ts';
import { Menu } from './menu.tsx';

const THEMES: readonly ThemeChoice[] = ['system', 'light', 'dark'];

/** Language and light, each changed in place; with a session they travel to other machines. */
export function Preferences() {
  const { t } = useTranslation('kernel');
  const { choice, shown } = useTheme();
  const { user } = useSession();
  const remember = () => {
    if (user === null) return;
    const body = { language: currentLanguage(), theme: themeChoice() };
    answers.setQueryData(ask('settings', 'get').queryKey, { ...body, saved: true });
    // What could not be stored on the server still holds on this machine.
    api.settings.put({ body }).catch(() => undefined);
  };
  const other: Language = currentLanguage() === 'en' ? 'zh-CN' : 'en';
  const speak = () => void chooseLanguage(other).then(remember);
  return (
    <>
      <button
        type="button"
        className="bar-button"
        lang={other}
        onClick={speak}
        aria-label={other === 'en' ? 'English' : '中文'}
      >
        <span className="language-name">{other === 'en' ? 'English' : '中文'}</span>
        <span className="language-sign" aria-hidden="true">
          {other === 'en' ? 'EN' : '中'}
        </span>
      </button>
      <Menu label={t('theme.label')} icon={shown === 'dark' ? 'moon' : 'sun'} end>
        {THEMES.map((each) => (
          <button
            key={each}
            type="button"
            className="menu-item"
            aria-pressed={choice === each}
            onClick={() => {
              chooseTheme(each);
              remember();
            }}
          >
            {t(`theme.${each}`)}
          </button>
        ))}
      </Menu>
    </>
  );
}
