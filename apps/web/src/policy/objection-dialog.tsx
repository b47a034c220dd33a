import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../kernel/action.ts';
import type { GroupName } from '../kernel/api.ts';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';

/** Objects to what is on notice; the receipt that comes back is its maker's to keep. */
export function ObjectionDialog({ subject, group, send, onMade, onClose }: {
  /** What is objected to; null while the dialog is closed. */
  subject: string | null;
  group: GroupName;
  send: (id: string, text: string) => Promise<{ readonly token: string }>;
  onMade: (token: string) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation('policy');
  const [text, setText] = useState('');
  const { act, busy, fault } = useAction(group, 'policyDesk');
  const make = () => act(
    async () => onMade((await send(subject ?? '', text)).token),
    () => {
      setText('');
      onClose();
    },
  );
  return (
    <Dialog title={t('object')} open={subject !== null} onClose={onClose} actions={
      <button type="button" className="button button-first"
        disabled={busy || text.trim().length < 5} onClick={() => void make()}>{t('send')}</button>
    }>
      <label className="field">
        <span>{t('objectionText')}</span>
        <textarea className="input" rows={6} value={text}
          onChange={({ target }) => setText(target.value)} />
      </label>
      <ProblemNote fault={fault} />
    </Dialog>
  );
}
