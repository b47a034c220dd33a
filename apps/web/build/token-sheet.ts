import type { Plugin } from 'vite';
import { PALETTES, variablesOf } from '../src/kernel/tokens.ts';

/** Writes the tokens into the page as CSS variables, so that colour has one source. */
export function tokenSheet(): Plugin {
  const sheet = [
    `:root{color-scheme:light;${variablesOf(PALETTES.light)}}`,
    `:root[data-theme=dark]{color-scheme:dark;${variablesOf(PALETTES.dark)}}`,
  ].join('');
  return {
    name: 'yinglian-token-sheet',
    transformIndexHtml: () => [{ tag: 'style', children: sheet, injectTo: 'head-prepend' }],
  };
}
