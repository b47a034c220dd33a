import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

/** What whoever objected keeps: with it the answer is found without signing in. */
export function ObjectionReceipt({ token }: { token: string | null }) {
  const { t } = useTranslation('policy');
  if (token === null) return null;
  return (
    <div className="panel stack" role="status">
      <p>{t('receiptKept')}</p>
      <p><code className="objection-token">{token}</code></p>
      <p><Link to="/policy/objections">{t('ownObjections')}</Link></p>
    </div>
  );
}
