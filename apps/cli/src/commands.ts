import type { Command } from 'commander';
import type { Environment } from './kernel/environment.ts';

/** Every group of commands; a group bears the name of its hall or of its format. */
export function registerCommands(_program: Command, _environment: Environment): void {}
