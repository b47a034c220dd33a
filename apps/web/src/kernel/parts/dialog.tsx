import { type ReactNode, useEffect, useId, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from './icon.tsx';

type DialogProps = {
  title: string;
  open: boolean;
  onClose: () => void;
  children: ReactNode;
  /** `side` comes in from the right as a drawer; `middle` stands above the page. */
  place?: 'middle' | 'side';
  actions?: ReactNode;
};

/** The platform's own dialog: it keeps the focus, closes with Escape and gives the focus back. */
export function Dialog({ title, open, onClose, children, place = 'middle', actions }: DialogProps) {
  const { t } = useTranslation('kernel');
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = element.current;
    if (dialog === null) return;
    if (open && !dialog.open) dialog.showModal();
    if (!open && dialog.open) dialog.close();
  }, [open]);
  return (
    <dialog
      ref={element}
      className={`dialog dialog-${place}`}
      aria-labelledby={titleId}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === element.current) onClose();
      }}
    >
      {open ? (
        <div className="dialog-body">
          <header className="dialog-head">
            <h2 id={titleId}>{title}</h2>
            <button type="button" className="button button-plain" onClick={onClose}>
              <Icon name="cross" />
              <span className="sr-only">{t('close')}</span>
            </button>
          </header>
          {children}
          {actions === undefined ? null : <footer className="dialog-actions">{actions}</footer>}
        </div>
      ) : null}
    </dialog>
  );
}
