import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../api.ts';

/** An organisation of the network, found by a part of its name. */
export function OrganisationPicker({ label, value, except = [], onChange }: {
  label: string;
  value: string | undefined;
  /** Those that are there already. */
  except?: readonly string[];
  onChange: (organisationId: string) => void;
}) {
  const { t } = useTranslation('kernel');
  const [search, setSearch] = useState('');
  const directory = useQuery(ask('organisations', 'list', {
    query: { limit: 50, ...(search === '' ? {} : { search }) },
  }));
  return (
    <Select showSearch={{ filterOption: false, onSearch: setSearch }} value={value ?? null}
      aria-label={label} placeholder={label} style={{ inlineSize: '100%' }}
      loading={directory.isFetching} onChange={(id) => {
        if (id !== null) onChange(id);
      }}
      options={(directory.data?.rows ?? []).filter(({ id }) => !except.includes(id))
        .map((each) => ({ value: each.id, label: `${each.name} (${t(`kind.${each.kind}`)})` }))} />
  );
}
