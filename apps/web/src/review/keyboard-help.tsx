import { useTranslation } from 'react-i18next';
import { Dialog } from '../kernel/parts/dialog.tsx';

const KEYS = [
  ['space', 'Space'],
  ['j', 'J'],
  ['k', 'K'],
  ['l', 'L'],
  ['frame', '← →'],
  ['second', 'Shift ← →'],
  ['notes', '↑ ↓'],
  ['ends', 'Home End'],
  ['i', 'I'],
  ['o', 'O'],
  ['x', 'X'],
  ['n', 'N'],
  ['pen', 'P'],
  ['arrow', 'A'],
  ['line', 'E'],
  ['box', 'B'],
  ['ellipse', 'C'],
  ['text', 'T'],
  ['undo', 'Ctrl Z'],
  ['zoom', '+ − 0'],
  ['false', 'F'],
  ['areas', 'G'],
  ['scrub', 'S'],
  ['naming', 'M'],
  ['escape', 'Esc'],
  ['help', '?'],
] as const;

/** What each key does in the review room. */
export function KeyboardHelp({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation('review');
  return (
    <Dialog title={t('keys')} open={open} onClose={onClose}>
      <dl className="key-list">
        {KEYS.map(([name, key]) => (
          <div key={name}>
            <dt>
              {key.split(' ').map((each) => (
                <kbd key={each}>{each}</kbd>
              ))}
            </dt>
            <dd>{t(`key.${name}`)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
