import type { CommandGroup } from '../command.ts';
import { groupsCommand } from './groups-command.ts';

export const errorsGroup: CommandGroup = {
  name: 'errors',
  summary: 'Rejected rows: list, group, replay, ignore',
  commands: [groupsCommand],
};
