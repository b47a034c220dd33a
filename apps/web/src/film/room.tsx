import { useQuery } from '@tanstack/react-query';
import { ROOM_HALLS } from '@yinglian/contract';
import { Checkbox } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { OrganisationPicker } from '../kernel/parts/organisation-picker.tsx';
import { Empty, Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';

type RoomHall = (typeof ROOM_HALLS)[number];
type Member = { organisationId: string; organisationName: string; halls: RoomHall[] };

/** The organisations around one film, and what each of them sees. */
export function Room({ filmId, ownerId }: { filmId: string; ownerId: string }) {
  const { t } = useTranslation('film');
  const kernel = useTranslation('kernel').t;
  const { can, organisation } = useSession();
  const room = useQuery(ask('rooms', 'get', { params: { id: filmId } }));
  const [chosen, setChosen] = useState<Member | 'new' | null>(null);
  const owns = organisation?.id === ownerId && can('film.write');
  const members = room.data?.members ?? [];
  return (
    <Section title={t('room.title')} actions={owns ? (
      <button type="button" className="button" onClick={() => setChosen('new')}>
        <Icon name="plus" />{t('room.admit')}
      </button>
    ) : undefined}>
      <ProblemNote fault={room.error} />
      {members.length === 0 && room.isSuccess ? (
        <Empty title={t('room.none')}>{t('room.noneText')}</Empty>
      ) : null}
      <ul className="room">
        {members.map((each) => (
          <li key={each.organisationId} className="panel">
            <small>{kernel(`kind.${each.kind}`, { defaultValue: each.kind })}</small>
            <h3>{each.organisationName}</h3>
            <p>{each.halls.map((hall) => kernel(`hall.${hall}`)).join(' · ')}</p>
            {owns && each.organisationId !== ownerId ? (
              <button type="button" className="link-button" onClick={() => setChosen(each)}>
                {kernel('edit')}
              </button>
            ) : null}
          </li>
        ))}
      </ul>
      {chosen === null ? null : (
        <Admission filmId={filmId} member={chosen === 'new' ? undefined : chosen}
          present={members.map((each) => each.organisationId)}
          onClose={() => setChosen(null)} />
      )}
    </Section>
  );
}

function Admission({ filmId, member, present, onClose }: {
  filmId: string; member: Member | undefined; present: readonly string[]; onClose: () => void;
}) {
  const { t } = useTranslation('film');
  const kernel = useTranslation('kernel').t;
  const [organisationId, setOrganisationId] = useState(member?.organisationId);
  const [halls, setHalls] = useState<RoomHall[]>(member?.halls ?? []);
  const [fault, setFault] = useState<unknown>(null);
  const act = async (work: (id: string) => Promise<unknown>) => {
    if (organisationId === undefined) return;
    try {
      await work(organisationId);
      await forget('rooms');
      onClose();
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <Dialog title={member?.organisationName ?? t('room.admit')} open onClose={onClose} actions={
      <>
        {member === undefined ? null : (
          <button type="button" className="button" onClick={() => void act((id) =>
            api.rooms.dismiss({ params: { id: filmId, organisationId: id } }))}>
            {t('room.dismiss')}
          </button>
        )}
        <button type="button" className="button button-first"
          disabled={organisationId === undefined || halls.length === 0}
          onClick={() => void act((id) => api.rooms.admit({
            params: { id: filmId, organisationId: id }, body: { halls },
          }))}>
          {kernel('save')}
        </button>
      </>
    }>
      {member === undefined ? (
        <OrganisationPicker label={t('room.organisation')} value={organisationId}
          except={present} onChange={setOrganisationId} />
      ) : null}
      <p>{t('room.sees')}</p>
      <Checkbox.Group value={halls} onChange={(values) => setHalls(values)}
        options={ROOM_HALLS.map((value) => ({ value, label: kernel(`hall.${value}`) }))} />
      <ProblemNote fault={fault} />
    </Dialog>
  );
}
