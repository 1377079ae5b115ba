import type { CommandGroup } from '../command.ts';
import { groupsCommand } from './groups-command.ts';
import { ignoreCommand } from './ignore-command.ts';
import { listCommand } from './list-command.ts';
import { replayCommand } from './replay-command.ts';

export const errorsGroup: CommandGroup = {
  name: 'errors',
  summary: 'Rejected rows: list, group, replay, ignore',
  commands: [listCommand, groupsCommand, replayCommand, ignoreCommand],
};
