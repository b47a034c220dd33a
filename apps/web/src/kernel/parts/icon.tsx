/** Strokes of our own, drawn on a grid of 20: one weight, round ends, no second colour. */
const PATHS = {
  film: 'M3 4h14v12H3zM6.5 4v12M13.5 4v12M3 8h3.5M3 12h3.5M13.5 8H17M13.5 12H17',
  production: 'M3 7h14v9H3zM3 7l2.2-3.4L17 4M7 4l-1.5 3M12 4l-1.5 3',
  distribution: 'M10 2.5l7 3.8v7.4l-7 3.8-7-3.8V6.300l7-3.8zM3 6.300l7 3.900 7-3.900M10 10.200v7.300',
  exhibition: 'M3 4h14v8H3zM6 16l1.500-4M14 16l-1.500-4M5 16.500h10',
  settlement: 'M10 3v14M6 3l4 6 4-6M6 10h8M6 13h8',
  organisation: 'M4 17V6l6-3 6 3v11M2.500 17h15M8 17v-4h4v4M7.500 8.500h.01M12.500 8.500h.01',
  search: 'M9 3.500a5.500 5.500 0 1 0 0 11 5.500 5.500 0 0 0 0-11zM13 13l4 4',
  jobs: 'M10 2.500a7.500 7.500 0 1 0 7.500 7.500M10 6v4l2.500 2',
  check: 'M4 10.500l4 4 8-9',
  cross: 'M5 5l10 10M15 5L5 15',
  warning: 'M10 3l7.500 13.500h-15zM10 8v4M10 14.300h.01',
  note: 'M10 2.500a7.500 7.500 0 1 0 0 15 7.500 7.500 0 0 0 0-15zM10 9.200V14M10 6.300h.01',
  download: 'M10 3v9M6 8.500l4 4 4-4M3.500 16.500h13',
  upload: 'M10 13V4M6 7.500l4-4 4 4M3.500 16.500h13',
  key: 'M7 8.500a3.500 3.500 0 1 0 0 3zM10.200 10H17.500M15 10v3M12.800 10v2',
  sun: 'M10 6.500a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7zM10 1.800v2M10 16.200v2M1.800 10h2M16.200 10h2'
    + 'M4.200 4.200l1.400 1.400M14.400 14.400l1.400 1.400M4.200 15.800l1.400-1.400M14.400 5.600l1.400-1.400',
  moon: 'M16 12A6.800 6.800 0 0 1 8 4a6.600 6.600 0 1 0 8 8z',
  globe: 'M10 2.500a7.500 7.500 0 1 0 0 15 7.500 7.500 0 0 0 0-15zM2.500 10h15M10 2.500c4.500 5 4.500 10 0 15'
    + 'M10 2.500c-4.500 5-4.500 10 0 15',
  person: 'M10 3.500a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM4 17c.5-3.600 2.800-5 6-5s5.500 1.400 6 5',
  plus: 'M10 4v12M4 10h12',
  arrow: 'M4 10h12M11 5l5 5-5 5',
  play: 'M6 4l10 6-10 6z',
  pause: 'M6.500 4v12M13.500 4v12',
  menu: 'M3 5.500h14M3 10h14M3 14.500h14',
  down: 'M5 8l5 5 5-5',
  right: 'M8 5l5 5-5 5',
  retry: 'M16 10a6 6 0 1 1-1.800-4.300M16.500 3v3.500H13',
  print: 'M6 7V3h8v4M6 14H3.500V7.500h13V14H14M6 11.500h8V17H6z',
  step: 'M13 4L6 10l7 6z',
} as const;
export type IconName = keyof typeof PATHS;

/** Decoration beside words; what it means is always written too. */
export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 20 20" fill="none"
      stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" strokeLinejoin="round"
      aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
