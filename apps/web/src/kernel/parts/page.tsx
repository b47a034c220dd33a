import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';

type PageProps = {
  title: string;
  /** Above the title: where one is, or what kind of thing this is. */
  kicker?: ReactNode;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  wide?: boolean;
};

/** A page: its title stands in the window's title too, and receives the focus on arrival. */
export function Page({ title, kicker, lead, actions, children, wide = false }: PageProps) {
  const { t } = useTranslation('kernel');
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${t('name')}`;
  }, [title, t]);
  useEffect(() => {
    // A page that changes under a screen reader must say so; a click with the mouse needs nothing.
    if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <article className={wide ? 'page page-wide' : 'page'}>
      <header className="page-head">
        <div>
          {kicker === undefined ? null : <p className="kicker">{kicker}</p>}
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {lead === undefined ? null : <p className="lead">{lead}</p>}
        </div>
        {actions === undefined ? null : <div className="page-actions">{actions}</div>}
      </header>
      {children}
    </article>
  );
}

/** A part of a page with a heading of its own. */
export function Section({
  title,
  actions,
  children,
  id,
}: {
  title: string;
  actions?: ReactNode;
  children: ReactNode;
  id?: string;
}) {
  return (
    <section className="section" id={id} aria-label={title}>
      <header className="section-head">
        <h2>{title}</h2>
        {actions === undefined ? null : <div className="page-actions">{actions}</div>}
      </header>
      {children}
    </section>
  );
}

/** Facts of one thing, label above value. */
export function Facts({ rows }: { rows: readonly (readonly [label: string, value: ReactNode])[] }) {
  return (
    <dl className="facts">
      {rows.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value ?? '—'}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Nothing here yet: says what belongs here and how it comes. */
export function Empty({
  title,
  children,
  action,
}: {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="empty">
      <svg width="72" height="48" viewBox="0 0 72 48" aria-hidden="true" focusable="false">
        <path d="M8 40 L60 8 L60 40 Z" fill="var(--amber-soft)" />
        <rect x="58" y="6" width="4" height="36" rx="2" fill="var(--line-strong)" />
        <circle cx="9" cy="40" r="5" fill="var(--lamp)" />
      </svg>
      <h3>{title}</h3>
      {children === undefined ? null : <p>{children}</p>}
      {action}
    </div>
  );
}

/** While an answer is on its way; silent for a moment, because most answers are quick. */
export function Waiting() {
  const { t } = useTranslation('kernel');
  return (
    <div className="waiting" role="status">
      <span>{t('waiting')}</span>
    </div>
  );
}
