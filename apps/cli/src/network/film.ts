import type { Command } from 'commander';
import type { Environment } from '../kernel/environment.ts';
import { allRows } from '../kernel/remote.ts';

/** `yinglian film …`: the spine that everything hangs on. */
export function registerFilm(program: Command, environment: Environment): void {
  const film = program.command('film').description('films of the network 影片');
  film
    .command('list')
    .description('films one may see 列出影片')
    .action(async () => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const rows = await allRows((after) => client.film.list({ query: { limit: 500, after } }));
      terminal.answer(rows);
      terminal.table(
        ['id', terminal.words('片名', 'title'), terminal.words('编码', 'code')],
        rows.map((each) => [each.id, each.title, each.versions[0]?.filmCode ?? '']),
      );
    });
  film
    .command('create <title>')
    .description('register a film 登记影片')
    .option('--english <title>', 'English title 英文片名')
    .option('--code <filmCode>', 'film code of 12 characters 影片编码')
    .option('--year <year>', 'year 年份')
    .action(async (title: string, options: CreateCommand) => {
      const terminal = environment.terminal();
      const made = await environment.server().client.film.create({
        body: {
          title,
          titleEnglish: options.english ?? null,
          year: options.year === undefined ? null : Number(options.year),
          versions: [
            {
              format: '2D',
              filmCode: options.code ?? null,
              audioLanguage: 'zh',
              subtitleLanguages: [],
              runtimeSeconds: null,
            },
          ],
        },
      });
      terminal.answer(made);
      terminal.say(made.id);
    });
  film
    .command('life <film>')
    .description('how far a film has come 影片走到哪一步')
    .action(async (id: string) => {
      const terminal = environment.terminal();
      const life = await environment.server().client.film.life({ params: { id } });
      terminal.answer(life);
      terminal.table(
        [terminal.words('阶段', 'stage'), terminal.words('状态', 'state'), '#', ''],
        life.stages.map((each) => [each.stage, each.state, String(each.count), each.at ?? '']),
      );
    });
}

type CreateCommand = {
  readonly english?: string;
  readonly code?: string;
  readonly year?: string;
};
