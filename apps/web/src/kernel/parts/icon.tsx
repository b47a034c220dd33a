/** Strokes of our own, drawn on a grid of 20: one weight, round ends, no second colour. */
const PATHS = {
  film: 'M3 4h14v12H3zM6.5 4v12M13.5 4v12M3 8h3.5M3 12h3.5M13.5 8H17M13.5 12H17',
  production: 'M3 7h14v9H3zM3 7l2.2-3.4L17 4M7 4l-1.5 3M12 4l-1.5 3',
  distribution: 'M10 2.5l7 3.8v7.4l-7 3.8-7-3.8V6.3l7-3.8zM3 6.3l7 3.9 7-3.9M10 10.2v7.3',
  exhibition: 'M3 4h14v8H3zM6 16l1.5-4M14 16l-1.5-4M5 16.5h10',
  settlement: 'M10 3v14M6 3l4 6 4-6M6 10h8M6 13h8',
  policy: 'M3 8l7-5 7 5M4 8h12M5.5 8v6M10 8v6M14.5 8v6M3 16.5h14',
  organisation: 'M4 17V6l6-3 6 3v11M2.5 17h15M8 17v-4h4v4M7.5 8.5h.01M12.5 8.5h.01',
  search: 'M9 3.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM13 13l4 4',
  jobs: 'M10 2.5a7.5 7.5 0 1 0 7.5 7.5M10 6v4l2.5 2',
  check: 'M4 10.5l4 4 8-9',
  cross: 'M5 5l10 10M15 5L5 15',
  warning: 'M10 3l7.5 13.5h-15zM10 8v4M10 14.3h.01',
  note: 'M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15zM10 9.2V14M10 6.3h.01',
  download: 'M10 3v9M6 8.5l4 4 4-4M3.5 16.5h13',
  upload: 'M10 13V4M6 7.5l4-4 4 4M3.5 16.5h13',
  key: 'M7 8.5a3.5 3.5 0 1 0 0 3zM10.2 10H17.5M15 10v3M12.8 10v2',
  sun:
    'M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM10 1.8v2M10 16.2v2M1.8 10h2M16.2 10h2' +
    'M4.2 4.2l1.4 1.4M14.4 14.4l1.4 1.4M4.2 15.8l1.4-1.4M14.4 5.6l1.4-1.4',
  moon: 'M16 12A6.8 6.8 0 0 1 8 4a6.6 6.6 0 1 0 8 8z',
  globe:
    'M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15zM2.5 10h15M10 2.5c4.5 5 4.5 10 0 15' +
    'M10 2.5c-4.5 5-4.5 10 0 15',
  person: 'M10 3.5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM4 17c.5-3.6 2.8-5 6-5s5.5 1.4 6 5',
  plus: 'M10 4v12M4 10h12',
  arrow: 'M4 10h12M11 5l5 5-5 5',
  play: 'M6 4l10 6-10 6z',
  pause: 'M6.5 4v12M13.5 4v12',
  menu: 'M3 5.5h14M3 10h14M3 14.5h14',
  down: 'M5 8l5 5 5-5',
  right: 'M8 5l5 5-5 5',
  retry: 'M16 10a6 6 0 1 1-1.8-4.3M16.5 3v3.5H13',
  print: 'M6 7V3h8v4M6 14H3.5V7.5h13V14H14M6 11.5h8V17H6z',
  step: 'M13 4L6 10l7 6z',
} as const;
export type IconName = keyof typeof PATHS;

/** Decoration beside words; what it means is always written too. */
export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
