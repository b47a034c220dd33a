import { type ReactNode, useEffect, useRef } from 'react';
import { Icon, type IconName } from '../parts/icon.tsx';

/**
 * A button that opens a small panel. `details` gives the keyboard and the state for nothing; what
 * is added is that it closes when somebody looks elsewhere.
 */
export function Menu({
  label,
  icon,
  text,
  children,
  end = false,
}: {
  label: string;
  icon?: IconName;
  text?: ReactNode;
  children: ReactNode;
  end?: boolean;
}) {
  const element = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = (event: Event) => {
      const inside = event.target instanceof Node && element.current?.contains(event.target);
      if (inside === true && !(event instanceof KeyboardEvent)) return;
      if (event instanceof KeyboardEvent && event.key !== 'Escape') return;
      if (element.current !== null) element.current.open = false;
    };
    document.addEventListener('pointerdown', close);
    document.addEventListener('focusin', close);
    document.addEventListener('keydown', close);
    return () => {
      document.removeEventListener('pointerdown', close);
      document.removeEventListener('focusin', close);
      document.removeEventListener('keydown', close);
    };
  }, []);
  return (
    <details ref={element} className={end ? 'menu menu-end' : 'menu'}>
      <summary aria-label={label} title={label}>
        {icon === undefined ? null : <Icon name={icon} />}
        {text}
      </summary>
      <div
        className="menu-panel"
        onClick={() => {
          if (element.current !== null) element.current.open = false;
        }}
      >
        {children}
      </div>
    </details>
  );
}
