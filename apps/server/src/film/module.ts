import { storedFileReader } from '../kernel/files/read.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { HallModule } from '../kernel/module.ts';
import type { LifeSource } from './life.ts';
import { filmRoutes } from './routes.ts';
import { createFilmService, type FilmService } from './service.ts';

/** The spine. `lifeSources` is filled by the halls as they open. */
export function openFilm(
  kernel: Kernel,
  lifeSources: readonly LifeSource[],
): { readonly module: HallModule; readonly service: FilmService } {
  const service = createFilmService(kernel);
  const readFile = storedFileReader(kernel);
  const routes = [filmRoutes({ ...kernel, service, readFile, lifeSources })];
  const duplicates = { film_eidr: 'duplicate_eidr' };
  return { service, module: { name: 'film', routes, duplicates } };
}
