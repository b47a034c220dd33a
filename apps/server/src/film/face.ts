/** What the halls may use of the spine. */
export type { LifeSource } from './life.ts';
export { type FilmRecord, readFilms } from './repository.ts';
export { type FilmService, offerPoster } from './service.ts';
