import { useTranslation } from 'react-i18next';
import { Icon } from '../kernel/parts/icon.tsx';

/** How ready something is; by shape and word as well as by colour. */
export type Light = 'green' | 'amber' | 'red';

const ICONS = { red: 'cross', amber: 'warning', green: 'check', unjudged: 'film' } as const;

/** A light with its word for those who do not see its colour; none: another house's film. */
export function LightMark({ light: given }: { light: Light | null }) {
  const { t } = useTranslation('exhibition');
  const light = given ?? 'unjudged';
  return (
    <span className={`ready ready-${light}`}>
      <Icon name={ICONS[light]} size={14} />
      <span className="sr-only">{t(`light.${light}`)}</span>
    </span>
  );
}
