import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.ts';
import { framesFile } from '../frames-folder.ts';
import { cancelUpload, pauseUpload, resumeUpload, type Upload } from '../uploads.ts';
import { Progress } from './job.tsx';
import { ProblemNote } from './problem.tsx';
import { State } from './state.tsx';

/** One upload. After a reload the file must be chosen again; what arrived is not sent twice. */
export function UploadLine({ upload }: { upload: Upload }) {
  const { t } = useTranslation('kernel');
  const format = useFormat();
  const input = useRef<HTMLInputElement | null>(null);
  const share = upload.sizeBytes === 0 ? 1 : upload.offsetBytes / upload.sizeBytes;
  const isFolder = upload.purpose.kind === 'ingest' && upload.purpose.folder === true;
  const waitsForFile = upload.state === 'paused' && upload.file === undefined;
  return (
    <div className="job">
      <div className="job-head">
        <strong className="job-name">{upload.name}</strong>
        <State state={`upload_${upload.state}`} />
      </div>
      <Progress value={share} label={upload.name} />
      <div className="job-foot">
        <span>
          {format.bytes(upload.offsetBytes)} / {format.bytes(upload.sizeBytes)}
        </span>
        {upload.state === 'sending' ? (
          <button type="button" className="link-button" onClick={() => pauseUpload(upload.key)}>
            {t('pause')}
          </button>
        ) : null}
        {upload.state === 'paused' || upload.state === 'failed' ? (
          <button
            type="button"
            className="link-button"
            onClick={() => (waitsForFile ? input.current?.click() : resumeUpload(upload.key))}
          >
            {waitsForFile ? t('chooseAgain') : t('resume')}
          </button>
        ) : null}
        {upload.state === 'complete' ? null : (
          <button type="button" className="link-button" onClick={() => cancelUpload(upload.key)}>
            {t('cancel')}
          </button>
        )}
      </div>
      <input
        type="file"
        hidden
        aria-label={t('chooseAgain')}
        multiple={isFolder}
        ref={(element) => {
          input.current = element;
          element?.toggleAttribute('webkitdirectory', isFolder);
        }}
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          event.target.value = '';
          const file = isFolder ? framesFile(files) : files[0];
          if (file !== undefined) resumeUpload(upload.key, file);
        }}
      />
      {upload.fault === undefined ? null : <ProblemNote fault={upload.fault} />}
    </div>
  );
}
