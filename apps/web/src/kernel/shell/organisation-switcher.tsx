import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '../api.ts';
import { beginSession, useSession } from '../session.ts';
import { Menu } from './menu.tsx';

/** For whom one acts. What is seen belongs to that organisation, so the page begins anew. */
export function OrganisationSwitcher() {
  const { t, i18n } = useTranslation('kernel');
  const { organisation, organisations } = useSession();
  const navigate = useNavigate();
  const choose = async (organisationId: string) => {
    beginSession(await api.session.chooseOrganisation({ body: { organisationId } }));
    await navigate({ to: '/films', search: {} });
  };
  const name =
    i18n.language === 'en' ? (organisation?.nameEnglish ?? organisation?.name) : organisation?.name;
  return (
    <Menu
      label={t('organisationSwitcher')}
      icon="organisation"
      end
      text={<span className="bar-organisation">{name}</span>}
    >
      {organisations.map((each) => (
        <button
          key={each.id}
          type="button"
          className="menu-item"
          aria-pressed={each.id === organisation?.id}
          onClick={() => void choose(each.id)}
        >
          {each.name} <small>{t(`kind.${each.kind}`, { defaultValue: each.kind })}</small>
        </button>
      ))}
      <Link to="/organisation/new" className="menu-item menu-foot">
        {t('newOrganisation')}
      </Link>
    </Menu>
  );
}
