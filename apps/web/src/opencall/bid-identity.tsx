import type { BidIdentity } from '@yinglian/opencall';
import { useTranslation } from 'react-i18next';
import { ChoiceField, RowsField, TextField } from './fields.tsx';

const ROLES = ['lead', 'partner'] as const;

/** Who bids: reviewers never read this part, and what stands here is taken out of the rest. */
export function Consortium({
  identity,
  excludedMax,
  onChange,
}: {
  readonly identity: BidIdentity;
  readonly excludedMax: number;
  readonly onChange: (identity: BidIdentity) => void;
}) {
  const { t } = useTranslation('opencall');
  const put = (part: Partial<BidIdentity>) => onChange({ ...identity, ...part });
  return (
    <>
      <h3>{t('whoBids')}</h3>
      <p className="muted">{t('whoBidsText')}</p>
      <RowsField
        title={t('members')}
        hint={t('membersHint')}
        rows={identity.members}
        blank={() => ({ name: '', creditCode: null, role: 'partner' as const, share: '' })}
        onChange={(members) => put({ members: [...members] })}
        addLabel={t('addMember')}
        limit={20}
      >
        {(row, set) => (
          <>
            <TextField
              label={t('bidder')}
              required
              value={row.name}
              onChange={(name) => set({ ...row, name })}
            />
            <TextField
              label={t('creditCode')}
              maxLength={18}
              value={row.creditCode ?? ''}
              onChange={(code) =>
                set({ ...row, creditCode: code.trim() === '' ? null : code.trim() })
              }
            />
            <ChoiceField
              label={t('roleTitle')}
              value={row.role}
              choices={ROLES.map((each) => [each, t(`memberRole.${each}`)])}
              onChange={(role) => set({ ...row, role })}
            />
            <TextField
              label={t('memberShare')}
              required
              value={row.share}
              onChange={(share) => set({ ...row, share })}
            />
          </>
        )}
      </RowsField>
      <RowsField
        title={t('people')}
        hint={t('peopleHint')}
        rows={identity.people}
        blank={() => ({ name: '', employer: '', email: null })}
        onChange={(people) => put({ people: [...people] })}
        addLabel={t('addPerson')}
        limit={200}
      >
        {(row, set) => (
          <>
            <TextField
              label={t('personName')}
              required
              value={row.name}
              onChange={(name) => set({ ...row, name })}
            />
            <TextField
              label={t('employer')}
              required
              value={row.employer}
              onChange={(employer) => set({ ...row, employer })}
            />
            <TextField
              label={t('email')}
              type="email"
              value={row.email ?? ''}
              onChange={(email) => set({ ...row, email: email === '' ? null : email })}
            />
          </>
        )}
      </RowsField>
      <TextField
        label={t('aliases')}
        hint={t('aliasesHint')}
        value={identity.aliases.join('、')}
        onChange={(text) => put({ aliases: text === '' ? [] : text.split(/[、,，]/) })}
      />
      <TextField
        label={t('bidRecommendedBy')}
        hint={t('recommendedByHint')}
        value={identity.recommendedBy?.name ?? ''}
        onChange={(name) =>
          put({ recommendedBy: name === '' ? null : { name, creditCode: null } })
        }
      />
      <Relations identity={identity} excludedMax={excludedMax} put={put} />
    </>
  );
}

/** Experts who are to stay away: declared openly, and a bounded few at the bidder's wish. */
function Relations({
  identity,
  excludedMax,
  put,
}: {
  readonly identity: BidIdentity;
  readonly excludedMax: number;
  readonly put: (part: Partial<BidIdentity>) => void;
}) {
  const { t } = useTranslation('opencall');
  return (
    <>
      <RowsField
        title={t('declared')}
        hint={t('declaredHint')}
        rows={identity.declared}
        blank={() => ({ name: '', employer: '', relation: '' })}
        onChange={(declared) => put({ declared: [...declared] })}
        addLabel={t('addDeclared')}
        limit={50}
      >
        {(row, set) => (
          <>
            <TextField
              label={t('expert')}
              required
              value={row.name}
              onChange={(name) => set({ ...row, name })}
            />
            <TextField
              label={t('employer')}
              required
              value={row.employer}
              onChange={(employer) => set({ ...row, employer })}
            />
            <TextField
              label={t('relation')}
              value={row.relation}
              onChange={(relation) => set({ ...row, relation })}
            />
          </>
        )}
      </RowsField>
      <RowsField
        title={t('excluded')}
        hint={t('excludedHint', { count: excludedMax })}
        rows={identity.excluded}
        blank={() => ({ name: '', employer: '', reason: '' })}
        onChange={(excluded) => put({ excluded: [...excluded] })}
        addLabel={t('addExcluded')}
        limit={excludedMax}
      >
        {(row, set) => (
          <>
            <TextField
              label={t('expert')}
              required
              value={row.name}
              onChange={(name) => set({ ...row, name })}
            />
            <TextField
              label={t('employer')}
              required
              value={row.employer}
              onChange={(employer) => set({ ...row, employer })}
            />
            <TextField
              label={t('reason')}
              required
              value={row.reason}
              onChange={(reason) => set({ ...row, reason })}
            />
          </>
        )}
      </RowsField>
    </>
  );
}
