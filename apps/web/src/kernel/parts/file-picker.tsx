import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from './icon.tsx';

/** Choose a file or drop it; the whole area is the label of the platform's own input. */
export function FilePicker({
  accept,
  onChoose,
  busy = false,
  label,
}: {
  accept?: string;
  onChoose: (file: File) => void;
  busy?: boolean;
  label?: string;
}) {
  const { t } = useTranslation('kernel');
  const id = useId();
  const [over, setOver] = useState(false);
  return (
    <div
      className={over ? 'picker picker-over' : 'picker'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const file = event.dataTransfer.files[0];
        if (file !== undefined && !busy) onChoose(file);
      }}
    >
      <input
        id={id}
        className="sr-only"
        type="file"
        accept={accept}
        disabled={busy}
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = '';
          if (file !== undefined) onChoose(file);
        }}
      />
      <label htmlFor={id}>
        <Icon name="upload" size={22} />
        <span>{busy ? t('waiting') : (label ?? t('chooseFile'))}</span>
        <small>{t('orDrop')}</small>
      </label>
    </div>
  );
}

/** Choose a folder: all files in it, as the platform lists them. */
export function FolderPicker({
  label,
  onChoose,
}: {
  label: string;
  onChoose: (files: readonly File[]) => void;
}) {
  const id = useId();
  return (
    <p className="picker-folder">
      <input
        id={id}
        className="sr-only"
        type="file"
        multiple
        ref={(input) => input?.setAttribute('webkitdirectory', '')}
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          event.target.value = '';
          if (files.length > 0) onChoose(files);
        }}
      />
      <label htmlFor={id} className="link-button">
        {label}
      </label>
    </p>
  );
}
