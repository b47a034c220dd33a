import { join } from 'node:path';
import type { Settings } from '../settings.ts';
import { openDiskStore } from './disk.ts';
import { openS3Store } from './s3.ts';
import type { ObjectStore } from './store.ts';

/**
 * The store that the settings name. Beside a working server its unfinished files must be left
 * alone; the server itself clears what the last run left.
 */
export function openObjects(
  { objectStore, dataFolder }: Pick<Settings, 'objectStore' | 'dataFolder'>,
  clear: 'clear' | 'beside' = 'clear',
): Promise<ObjectStore> {
  return objectStore.kind === 'disk'
    ? openDiskStore(join(dataFolder, 'objects'), clear)
    : openS3Store({ ...objectStore, cacheFolder: join(dataFolder, 'cache'), clear });
}
