import { createMediaEngine } from '@yinglian/media';
import { openExhibition } from './exhibition/module.ts';
import type { LifeSource } from './film/face.ts';
import { openFilm } from './film/module.ts';
import type { Kernel } from './kernel/kernel.ts';
import type { HallModule } from './kernel/module.ts';
import { openProduction } from './production/module.ts';

/** The spine and the halls, in the order in which they build upon each other. */
export function openHalls(kernel: Kernel): HallModule[] {
  const lifeSources: LifeSource[] = [];
  const film = openFilm(kernel, lifeSources);
  const engine = createMediaEngine({ scratchFolder: kernel.objects.workFolder });
  const production = openProduction(kernel, engine);
  const exhibition = openExhibition(kernel);
  lifeSources.push(production.life, exhibition.life);
  return [film.module, production.module, exhibition.module];
}
