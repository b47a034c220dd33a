/**
 * Colour, in two moods. The pair is cinema's own: the teal of night and the amber of the lamp.
 * Every text colour keeps 4.5:1 and every mark 3:1 against each surface it stands on (WCAG 2.2
 * 1.4.3, 1.4.11); the browser tests measure it.
 */
export type Palette = {
  readonly paper: string;
  readonly raised: string;
  readonly sunken: string;
  readonly line: string;
  readonly lineStrong: string;
  readonly ink: string;
  readonly inkSoft: string;
  readonly inkFaint: string;
  readonly teal: string;
  readonly tealHover: string;
  readonly tealSoft: string;
  readonly onTeal: string;
  readonly amber: string;
  readonly amberSoft: string;
  readonly lamp: string;
  readonly green: string;
  readonly greenSoft: string;
  readonly red: string;
  readonly redSoft: string;
  readonly shade: string;
};

/** The two palettes, by the name that stands in `data-theme`. */
export const PALETTES: Readonly<Record<'light' | 'dark', Palette>> = {
  light: {
    paper: '#f8f8f5',
    raised: '#ffffff',
    sunken: '#efefea',
    line: '#dfdfd8',
    lineStrong: '#8a8c88',
    ink: '#14191d',
    inkSoft: '#4a5258',
    inkFaint: '#5c646a',
    teal: '#0b5566',
    tealHover: '#0e6b80',
    tealSoft: '#e2f0f2',
    onTeal: '#ffffff',
    amber: '#8a4b00',
    amberSoft: '#fdf1dc',
    lamp: '#c87400',
    green: '#1d6b2e',
    greenSoft: '#e6f4e6',
    red: '#a3160f',
    redSoft: '#fdeae7',
    shade: 'rgb(20 25 29 / 0.08)',
  },
  dark: {
    paper: '#0e1316',
    raised: '#161d21',
    sunken: '#0a0e10',
    line: '#283238',
    lineStrong: '#6b7980',
    ink: '#eef2f2',
    inkSoft: '#b9c3c7',
    inkFaint: '#9aa6ab',
    teal: '#6cc6d6',
    tealHover: '#8ed8e5',
    tealSoft: '#12313a',
    onTeal: '#06181d',
    amber: '#f6bd63',
    amberSoft: '#33260f',
    lamp: '#f6b44b',
    green: '#7fcf8b',
    greenSoft: '#142c19',
    red: '#ff9d92',
    redSoft: '#3a1714',
    shade: 'rgb(0 0 0 / 0.4)',
  },
};

/** A palette as the declarations of a CSS rule: `--paper:#f8f8f5;--raised:…`. */
export function variablesOf(palette: Palette): string {
  return Object.entries(palette)
    .map(([name, value]) => `--${dashed(name)}:${value}`)
    .join(';');
}

function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (each) => `-${each.toLowerCase()}`);
}
