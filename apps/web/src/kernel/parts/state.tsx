import { useTranslation } from 'react-i18next';

/** Every state of every record, by how it should look: shape and colour together. */
const LOOKS = {
  done: [
    'done',
    'ready',
    'accepted',
    'passed',
    'imported',
    'agreed',
    'issued',
    'valid',
    'upload_complete',
    'arrival_sealed',
  ],
  running: [
    'running',
    'ingesting',
    'building',
    'checking',
    'queued',
    'retrying',
    'open',
    'upload_sending',
    'arrival_open',
    'arrival_sealing',
  ],
  late: ['late', 'warning', 'disputed', 'expired', 'checked', 'upload_paused'],
  failed: ['failed', 'missing', 'error', 'refused', 'upload_failed', 'arrival_faulty'],
} as const;
const SHAPES = {
  done: <path d="M2.5 6.5l2.5 2.5 4.5-5.5" />,
  running: <path d="M6 2a4 4 0 1 1-3.46 2" />,
  late: <path d="M6 1.5L10.5 6 6 10.5 1.5 6z" />,
  failed: <path d="M3 3l6 6M9 3L3 9" />,
  plain: <circle cx="6" cy="6" r="3.5" />,
};
type Look = keyof typeof SHAPES;

function lookOf(state: string): Look {
  for (const [look, states] of Object.entries(LOOKS)) {
    if ((states as readonly string[]).includes(state)) return look as Look;
  }
  return 'plain';
}

/** The state of a record as shape, colour and word. */
export function State({ state }: { state: string }) {
  const { t } = useTranslation('kernel');
  const look = lookOf(state);
  return (
    <span className={`state state-${look}`}>
      <svg
        width="12"
        height="12"
        viewBox="0 0 12 12"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.7"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
      >
        {SHAPES[look]}
      </svg>
      {t(`state.${state}`, { defaultValue: state })}
    </span>
  );
}
