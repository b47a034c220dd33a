import { Outlet } from '@tanstack/react-router';
import { App, ConfigProvider, theme as antdTheme, type ThemeConfig } from 'antd';
import english from 'antd/locale/en_US';
import chinese from 'antd/locale/zh_CN';
import dayjs from 'dayjs';
import 'dayjs/locale/zh-cn';
import { Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Waiting } from './parts/page.tsx';
import { useTheme } from './theme.ts';
import { PALETTES } from './tokens.ts';

/** antd's tokens from ours; the ones named keep its own contrast faults away. */
function antdTokens(shown: 'light' | 'dark'): ThemeConfig {
  const palette = PALETTES[shown];
  const reduced = matchMedia('(prefers-reduced-motion: reduce)').matches;
  return {
    algorithm: shown === 'dark' ? antdTheme.darkAlgorithm : antdTheme.defaultAlgorithm,
    token: {
      colorPrimary: palette.teal,
      colorLink: palette.teal,
      colorInfo: palette.teal,
      colorSuccess: palette.green,
      colorWarning: palette.amber,
      colorError: palette.red,
      colorText: palette.ink,
      colorTextSecondary: palette.inkSoft,
      colorTextTertiary: palette.inkFaint,
      colorTextQuaternary: palette.inkFaint,
      colorTextDescription: palette.inkSoft,
      colorTextPlaceholder: palette.inkFaint,
      colorTextLightSolid: palette.onTeal,
      colorBgBase: palette.paper,
      colorBgContainer: palette.raised,
      colorBgElevated: palette.raised,
      colorBorder: palette.lineStrong,
      colorBorderSecondary: palette.line,
      colorSplit: palette.line,
      fontFamily: 'var(--sans)',
      borderRadius: 8,
      controlHeight: 38,
      motion: !reduced,
    },
    components: { Button: { primaryShadow: 'none', fontWeight: 500 } },
  };
}

/** A dialog stands above the whole page, so what opens from inside it must stay inside. */
function popupPlace(node?: HTMLElement): HTMLElement {
  return node?.closest('dialog') ?? document.body;
}

/** Where data is worked on: gives antd our colours, our language and the reader's calendar. */
export function Desk() {
  const { i18n } = useTranslation('kernel');
  const { shown } = useTheme();
  const isEnglish = i18n.language === 'en';
  dayjs.locale(isEnglish ? 'en' : 'zh-cn');
  return (
    <ConfigProvider
      locale={isEnglish ? english : chinese}
      theme={antdTokens(shown)}
      getPopupContainer={popupPlace}
    >
      <App component={false}>
        <Suspense fallback={<Waiting />}>
          <Outlet />
        </Suspense>
      </App>
    </ConfigProvider>
  );
}
