import { useTranslation } from 'react-i18next';
import { Dialog } from '../kernel/parts/dialog.tsx';

const KEYS = [
  ['space', 'Space'], ['j', 'J'], ['k', 'K'], ['l', 'L'], ['frame', '← →'],
  ['second', 'Shift ← →'], ['ends', 'Home End'], ['i', 'I'], ['o', 'O'], ['x', 'X'], ['n', 'N'],
  ['help', '?'],
] as const;

/** What each key does in the review room. */
export function KeyboardHelp({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation('production');
  return (
    <Dialog title={t('keys')} open={open} onClose={onClose}>
      <dl className="key-list">
        {KEYS.map(([name, key]) => (
          <div key={name}>
            <dt>{key.split(' ').map((each) => <kbd key={each}>{each}</kbd>)}</dt>
            <dd>{t(`key.${name}`)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
